/* What /proc/net/bonding tells of LACP and netlink does not: who is at the other end of a port.
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The kernel writes these lines only for a reader with CAP_NET_ADMIN.
 */
#ifndef HA_BOND_LACP_H
#define HA_BOND_LACP_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/table.h"

/* Numbers of IEEE 802.1AX, of 16 bits. */
struct bond_lacp {
	bool told; /* whether the rest is there */
	uint32_t actor_key;
	struct octets partner_system;
	uint32_t partner_system_priority;
	uint32_t partner_key;
	uint32_t partner_port;
	uint32_t partner_port_priority;
};

/* What the text says of the port with this name. */
void bond_lacp_read(struct bond_lacp *lacp, const char *text, const char *port);

#endif
