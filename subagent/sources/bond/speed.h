/* Speed and duplex of a port, which rtnetlink does not tell.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_BOND_SPEED_H
#define HA_BOND_SPEED_H

struct bond_link;

/* Ask the kernel by ethtool's ioctl(2), on any socket of the network's namespace. What it does not
 * know of the link stays unknown. */
void bond_speed_read(int socket, struct bond_link *link);

#endif
