/* haGroupWitnessTable: columns, and what a person calls a row.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/witness/rows.h"

#include <string.h>

#include "lib/address.h"
#include "lib/settings_group.h"
#include "mib/ha-agentx-mib.h"

/* What it means for the group, the group's row says: here a change is no event. */
static const struct watch state_watch = { .counts = true };

static const struct column columns[] = {
	COLUMN(witness_row, haGroupName, group),
	COLUMN(witness_row, haGroupWitnessAddressType, type),
	COLUMN(witness_row, haGroupWitnessAddress, address),
	WATCHED_COLUMN(witness_row, haGroupWitnessRowState, head.state, &watch_quiet),
	COLUMN(witness_row, haGroupWitnessLastChange, head.changed),
	COLUMN(witness_row, haGroupWitnessTransitions, head.transitions),
	WATCHED_COLUMN(witness_row, haGroupWitnessState, witness_state, &state_watch),
	COLUMN(witness_row, haGroupWitnessStateTime, state_time),
	COLUMN(witness_row, haGroupWitnessRoundTrip, round_trip),
	COLUMN(witness_row, haGroupWitnessSent, sent),
	COLUMN(witness_row, haGroupWitnessReceived, received),
	COLUMN(witness_row, haGroupWitnessAge, age),
	COLUMN(witness_row, haGroupWitnessKind, kind),
};

size_t witness_position(const struct settings_group *group, const struct witness_row *row)
{
	for (size_t i = 0; i < group->witnesses_count; i++) {
		struct octets octets = { 0 };
		int32_t type = address_octets(&group->witnesses[i], &octets);

		if (row->kind == haGroupWitnessKind_witness && row->type == type &&
		    row->address.length == octets.length &&
		    !memcmp(row->address.octet, octets.octet, octets.length))
			return i;
	}
	return SIZE_MAX;
}

const struct table witness_table = TABLE(witness_row, haGroupWitnessEntry, columns, NULL);

const struct table *const witness_tables[] = { &witness_table, NULL };
