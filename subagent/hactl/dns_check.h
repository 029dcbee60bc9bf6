/* hactl dns-check: asks a name server once and judges the answer, without the daemon.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_DNS_CHECK_COMMAND_H
#define HA_DNS_CHECK_COMMAND_H

#include <stdbool.h>

/* `words` are those of the command line from the command on. The exit status is returned: that of
 * a Nagios plugin (0 to 3), or what keepalived understands (0, 1) when it is asked for; so is that
 * of a command line that is wrong. */
int dns_check_run(int count, char **words, bool json);

#endif
