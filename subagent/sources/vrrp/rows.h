/* The tables of haVrrp: rows as they are published.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_VRRP_ROWS_H
#define HA_VRRP_ROWS_H

#include <stddef.h>
#include <stdint.h>

#include "lib/table.h"

/* What stands before the first figure is told as soon as it changes; ages and counters, which move
 * all the time, in their turn. All rows are filled from zeroed memory. */

struct vrrp_row {
	struct row head;
	int32_t keepalived; /* enum haVrrpKeepalivedState */
	struct moment time;
	char version[65];
	uint32_t pid;
	int32_t expected; /* enum TruthValue, in no column: it ran, or something needs it */
};

struct vrrp_instance_row {
	struct row head;
	char name[65];
	int32_t vrrp_state, wanted; /* enum HaVrrpState */
	struct moment state_time;
	int32_t origin, reason;
	uint32_t vrid, version;
	int32_t address_type;
	char interface[16];
	int32_t index;
	char sync_group[65];
	uint32_t base_priority, effective_priority;
	int32_t nopreempt;
	uint32_t interval; /* milliseconds */
	int32_t master_type;
	struct octets master;
	uint32_t master_priority;
	struct moment master_time;
	int32_t consistency;
	struct moment consistency_time;
	uint32_t addresses, present, masters;
	char hold[256];
	int32_t hold_effective, held; /* enum HaAnswer */
	struct moment hold_ends;
	struct age age; /* of the state: the first figure */
	uint64_t sent, received, errors;
};

struct vrrp_address_row {
	struct row head;
	char name[65];
	int32_t type;
	struct octets value;
	int32_t address_state;
	struct moment state_time;
	uint32_t prefix_length;
	char interface[16], present_interface[16];
	int32_t excluded; /* enum TruthValue */
	int32_t moving;   /* enum TruthValue, in no column: it changed because its instance did */
};

struct vrrp_router_row {
	struct row head;
	char interface[16];
	uint32_t vrid;
	int32_t type;
	struct octets address;
	int32_t router_state;
	struct moment state_time;
	int32_t own; /* enum TruthValue */
	char instance[65];
	uint32_t version, priority, interval;
	int32_t auth_type;
	uint32_t addresses;
	uint32_t mismatch;        /* BITS */
	struct moment last_heard; /* the first figure */
	struct age age;
	uint64_t adverts;
	uint32_t lost, resignations, errors;
};

/* The octets of a row before its figures. */
#define VRRP_INSTANCE_STATES offsetof(struct vrrp_instance_row, age)
#define VRRP_ROUTER_STATES offsetof(struct vrrp_router_row, last_heard)

extern const struct table vrrp_table; /* scalars */
extern const struct table vrrp_instance_table;
extern const struct table vrrp_address_table;
extern const struct table vrrp_router_table;

/* All of them, ended by NULL. */
extern const struct table *const vrrp_tables[];

#endif
