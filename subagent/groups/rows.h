/* The tables of haGroup that are about this node: rows as they are published.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_GROUP_ROWS_H
#define HA_GROUP_ROWS_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/table.h"

/* haGroupTable, which the hub fills; from zeroed memory. */
struct group_row {
	struct row head;
	char name[33];
	int32_t role; /* enum HaServiceRole */
	struct moment role_time;
	char role_text[256];
	int32_t engine; /* enum haGroupEngine */
	char active_node[256];
	char peer[256];
	int32_t peer_role;                  /* enum HaServiceRole */
	int32_t peer_reachable, peer_ready; /* enum HaAnswer */
	struct age peer_age;
	int32_t switch_ready; /* enum HaAnswer */
	uint32_t blockers;    /* HaSwitchBlockers: bit N for HaSwitchBlockers_... = N */
	char blockers_text[256];
	int32_t maintenance; /* enum TruthValue */
	struct moment maintenance_ends;
	int32_t policy, witness, watchdog; /* enum haGroupFencingPolicy, and so on */
	uint32_t watchdog_timeout;         /* milliseconds */
	uint32_t members, members_failed;
	char instance[65];
	uint32_t cool_down_left; /* seconds */
	uint32_t switches;
	struct moment last_switch;
	uint32_t last_job;
	int32_t last_result;         /* enum haGroupLastSwitchResult */
	int32_t last_reason;         /* enum HaReason */
	uint32_t last_duration;      /* milliseconds */
	int32_t behind, peer_fenced; /* enum HaAnswer */
	/* In no column: */
	int32_t served;        /* enum HaAnswer: whether any node has it active */
	bool peer_silent;      /* an answer of its agent is overdue */
	bool peer_stopped;     /* it has been silent for so long that it serves no more, whatever
				* it said last */
	int32_t newest;        /* the peer does not become Primary before it has the data of this
				* node */
	bool whole, idle;      /* all of it runs here, with the address; nothing of it does */
	int32_t wanted;        /* enum group_aim: what is to be done here by itself, */
	bool alone, fence;     /* if it is a promotion, how; see follow.h */
	int32_t wanted_reason; /* enum HaReason: why nothing else is, */
	char wanted_text[160]; /* and in words */
};

/* haGroupMemberTable; filled from zeroed memory. The source `member' has a row for each member of
 * each group, the VRRP instance, too; it fills head.state, group, kind, name, and what it can see
 * of member_state and error; `unknown' and an empty error where it cannot. The hub puts the rest
 * into it before it is published. */
struct group_member_row {
	struct row head;
	char group[33];
	int32_t kind; /* enum haGroupMemberKind */
	char name[65];
	uint32_t order; /* from 1; the VRRP instance has 0, for it is not started by the group */
	int32_t wanted; /* enum haGroupMemberWanted */
	int32_t member_state; /* enum haGroupMemberState */
	struct moment state_time;
	char error[256];
	struct moment error_time;
	char settings[256]; /* as settings_member_print() has them */
};

extern const struct table group_table;
extern const struct table group_member_table;

#endif
