/* The network on one screen, a line each: what several tables say of a thing, side by side.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_OVERVIEW_H
#define HA_OVERVIEW_H

struct board;

/* Which node serves each group, and whether the other one could. */
void overview_groups(const struct board *board);

/* Who holds the virtual addresses, who claims to, and who would take over. */
void overview_vrrp(const struct board *board);

/* Which cable or switch is gone. */
void overview_bonds(const struct board *board);

/* Which real server is out. */
void overview_services(const struct board *board);

#endif
