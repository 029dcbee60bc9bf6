/* The tables of haBond: rows as they are published.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_BOND_ROWS_H
#define HA_BOND_ROWS_H

#include <stdint.h>

#include "lib/table.h"

struct bond_row {
	struct row head;
	char name[16];
	int32_t configured; /* enum TruthValue */
	int32_t index;
	struct octets address;
	int32_t mode;
	int32_t admin_up; /* enum HaAnswer */
	int32_t oper;
	int32_t redundancy;
	struct moment redundancy_time;
	int32_t monitoring;
	uint32_t interval, up_delay, down_delay; /* milliseconds */
	char arp_targets[256];
	char active[16];
	int32_t active_index; /* of the active port's interface, in no column: for events */
	struct moment active_time;
	uint32_t active_changes;
	char primary[16];
	int32_t reselect;
	uint32_t ports, ports_up, min_links;
	uint32_t speed;
	int32_t lacp_rate, ad_select;
	uint32_t aggregator, aggregator_ports, actor_key, partner_key;
	struct octets partner_system;
};

struct bond_port_row {
	struct row head;
	char bond[16];
	char name[16];
	int32_t configured; /* enum TruthValue */
	int32_t index;
	int32_t link;
	struct moment link_time;
	int32_t carrier; /* enum HaAnswer */
	int32_t use;
	uint32_t speed;
	int32_t duplex;
	uint32_t failures;
	struct octets address;
	uint32_t queue;
	uint32_t problems; /* BITS */
	uint32_t aggregator;
	uint32_t actor_state; /* BITS */
	uint32_t actor_key;
	uint32_t partner_state; /* BITS */
	struct octets partner_system;
	uint32_t partner_system_priority, partner_key, partner_port, partner_port_priority;
};

extern const struct table bond_table;
extern const struct table bond_port_table;

/* All of them, ended by NULL. */
extern const struct table *const bond_tables[];

#endif
