/* The hub: takes the rows of the sources, derives alarms and jobs, feeds the line.
 *
 * This is the shell around its pure parts (board, changes, children, jobs): sockets and clock.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_HUB_H
#define HA_HUB_H

struct settings;

/* Work until the keeper, at the other end of the socket, goes away, or loop_ended(). */
void hub_run(const struct settings *settings, int keeper);

#endif
