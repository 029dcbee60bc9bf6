/* haGroupWitnessTable: whom the groups ask whether this node is cut off.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_WITNESS_ROWS_H
#define HA_WITNESS_ROWS_H

#include <stddef.h>
#include <stdint.h>

#include "lib/table.h"

struct settings_group;

/* Filled from zeroed memory. What stands from `round_trip' on moves with every answer. */
struct witness_row {
	struct row head;
	char group[33];
	int32_t type;
	struct octets address;
	int32_t kind;          /* enum haGroupWitnessKind */
	int32_t witness_state; /* enum haGroupWitnessState */
	struct moment state_time;
	uint32_t round_trip; /* microseconds */
	uint32_t sent, received;
	struct age age; /* clock_now() at which the request was sent that was answered last */
};

/* Position of a row of the kind witness among the witnesses of the group's settings; SIZE_MAX when
 * it is none of them. */
size_t witness_position(const struct settings_group *group, const struct witness_row *row);

extern const struct table witness_table;

/* All of them, ended by NULL. */
extern const struct table *const witness_tables[];

#endif
