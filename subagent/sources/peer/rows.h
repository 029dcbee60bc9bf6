/* The tables of the peer: what is published of it, and what is asked of its agent.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_PEER_ROWS_H
#define HA_PEER_ROWS_H

#include <stdint.h>

#include "lib/table.h"

/* haVrrpPeerTable; filled from zeroed memory. What stands from `age' on moves all the time. */
struct peer_vrrp_row {
	struct row head;
	struct moment state_time;
	int32_t vrrp_state, reason;
	uint32_t priority, addresses_present;
	int32_t held, healthy, cause;
	char instance[65];
	char node[256];
	struct age age;
};

/* haGroupPeerTable; as above. */
struct peer_group_row {
	struct row head;
	int32_t answers, cause; /* enum haGroupPeerNodeCause */
	int32_t role;           /* enum HaServiceRole */
	int32_t switch_ready, maintenance, policy, behind;
	uint32_t blockers, members, members_failed;
	char group[33];
	char node[256];
	char active[256];
	char role_text[256];
	char nfs_scope[256]; /* "" and 0 while its server does not run */
	uint32_t nfs_versions;
	struct age age;
};

/* haGroupPeerMemberTable; as above. */
struct peer_member_row {
	struct row head;
	char group[33];
	int32_t kind; /* enum haGroupMemberKind */
	char name[65];
	char settings[256];
	int32_t alike; /* enum HaAnswer */
};

extern const struct table peer_vrrp_table, peer_group_table, peer_member_table;

/* All that are published, ended by NULL. */
extern const struct table *const peer_tables[];

/* ---- what is asked: of each table only the columns that are needed ---- */

struct peer_agent_row {
	struct row head;
	char node[256];
};

struct peer_keepalived_row {
	struct row head;
	int32_t keepalived; /* enum haVrrpKeepalivedState */
};

struct peer_instance_row {
	struct row head;
	struct moment state_time;
	int32_t vrrp_state, reason;
	uint32_t priority, addresses_present;
	int32_t held;
	char name[65];
};

struct peer_asked_group_row {
	struct row head;
	int32_t role, switch_ready, maintenance, policy, behind;
	uint32_t blockers, members, members_failed;
	char name[33];
	char active[256];
	char role_text[256];
};

struct peer_nfs_row {
	struct row head;
	int32_t nfs_state;
	uint32_t versions;
	char scope[256];
};

struct peer_asked_member_row {
	struct row head;
	char group[33];
	int32_t kind;
	char name[65];
	char settings[256];
};

extern const struct table peer_agent_table;      /* scalars */
extern const struct table peer_keepalived_table; /* scalars */
extern const struct table peer_nfs_table;        /* scalars */
extern const struct table peer_instance_table;
extern const struct table peer_asked_group_table;
extern const struct table peer_asked_member_table;

/* All that are asked for, ended by NULL; where there are no groups only the first ones are. */
extern const struct table *const peer_asked[];
extern const struct table *const peer_asked_groups[];

/* What is asked for once in a while. */
extern const struct table *const peer_asked_members[];

#endif
