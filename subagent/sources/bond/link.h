/* What one RTM_NEWLINK says of a bond or of a port of one.
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * libnl's own code for bonds reads no port attributes and no LACP. An attribute that is missing or
 * of a length that no kernel has is as if it had not been sent; of two that are the same the last
 * one counts.
 */
#ifndef HA_BOND_LINK_H
#define HA_BOND_LINK_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/table.h"

struct nlmsghdr;

/* A number that the kernel did not tell. */
#define BOND_UNTOLD UINT32_MAX

#define BOND_NAME_SIZE 16 /* IFNAMSIZ */

/* Attributes IFLA_BOND_*, in the kernel's numbers. Interfaces are told by their index, 0 or
 * BOND_UNTOLD for none; times are milliseconds. */
struct bond_facts {
	uint32_t mode;
	uint32_t active, primary, reselect;
	uint32_t miimon, arp_interval, up_delay, down_delay, use_carrier;
	uint32_t min_links;
	uint32_t lacp_rate, ad_select;
	uint32_t aggregator, actor_key, partner_key; /* IFLA_BOND_AD_INFO_* */
	struct octets partner_system;
	char arp_targets[256];
};

/* Attributes IFLA_BOND_SLAVE_*. */
struct bond_port_facts {
	uint32_t state, mii_status;
	uint32_t failures;
	struct octets address; /* its own */
	uint32_t queue;
	uint32_t aggregator, actor_state, partner_state;
};

struct bond_link {
	char name[BOND_NAME_SIZE];
	uint32_t index;
	bool is_bond;
	uint32_t master;  /* index of the bond that it is a port of; 0: it is not */
	bool admin_up;    /* IFF_UP */
	uint32_t oper;    /* IF_OPER_* of linux/if.h */
	uint32_t carrier; /* 0, 1 or BOND_UNTOLD */
	struct octets address;
	struct bond_facts bond;
	struct bond_port_facts port;
	/* Of a port; the parser leaves them, for the message does not tell. */
	uint32_t speed;  /* Mbit/s; 0: not known */
	uint32_t duplex; /* DUPLEX_* of linux/ethtool.h */
};

/* A link of which nothing is known. */
void bond_link_clear(struct bond_link *link);

/* Whether the message is an RTM_NEWLINK about a link of this machine, not about a bridge's view of
 * it, that has a name. Most links are neither bond nor port. The message lies in memory of the
 * length that its header says. */
bool bond_link_read(struct bond_link *link, const struct nlmsghdr *message);

/* The index of the link that an RTM_DELLINK takes away; 0 when it is none. */
uint32_t bond_link_gone(const struct nlmsghdr *message);

#endif
