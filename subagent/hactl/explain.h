/* Why a group is what it is: all that there is to say, in lines.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_EXPLAIN_H
#define HA_EXPLAIN_H

struct arguments;

/* The command; its status is success when a switchover would be accepted. */
int explain_group(const struct arguments *arguments);

#endif
