/* Virtual services as people write them.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_IPVS_TEXT_H
#define HA_IPVS_TEXT_H

#include <stddef.h>

struct ipvs_key;

/* "tcp 192.0.2.100:53", "udp [2001:db8::1]:53", "fwmark 7", "fwmark 7 ipv6". */
void ipvs_text_service(const struct ipvs_key *key, char *text, size_t size);

#endif
