/* What is known of one group: its address, disks, members, its peer and its jobs, in one struct.
 *
 * It is read off the board and nowhere else; a row that is not fresh gives `unknown'. Texts are the
 * rows' and the settings', valid until the board changes.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_FACTS_H
#define HA_FACTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/settings_group.h"
#include "subagent/groups/follow.h"
#include "subagent/groups/lease.h"

struct board;
struct settings;

/* A DRBD resource of the group; what is said of its peers is said of the worst of them. */
struct group_resource {
	const char *name;
	int32_t up;              /* enum HaAnswer */
	int32_t role, peer_role; /* enum HaDrbdRole; of the peer: Primary before unknown */
	int32_t connected;       /* enum HaAnswer: with every peer there is, and there is one */
	const char *peer;        /* of which peer_role is said */
	const char *lost;        /* the first that is not connected, */
	int32_t connection;      /* and its enum HaDrbdConnection */
	int32_t disk, peer_disk; /* enum HaDrbdDisk: of the first volume that is not UpToDate */
	uint32_t volume;         /* its number */
	bool syncing, target;    /* replication is not established; this node is the one behind */
	bool verifying;
	bool split_brain;
	bool no_quorum;
	uint32_t suspended;  /* BITS of haDrbdResourceSuspended */
	const char *mounted; /* where a volume is mounted outside of the group, NULL: nowhere */
};

struct group_vrrp {
	int32_t state; /* enum HaVrrpState; stop where keepalived, or the instance, is gone */
	int32_t held, hold_effective; /* enum HaAnswer */
	int32_t consistency;          /* enum haVrrpInstanceConsistency */
	bool gone;                    /* keepalived does not run */
	bool nopreempt;               /* once backup, it stays so while there is a master */
	bool linked;                  /* its interface works */
	bool other_master;            /* another router advertises it */
	struct age heard;             /* its last advert */
	int32_t peer_healthy;         /* enum HaAnswer: haVrrpPeerHealthy */
	int32_t peer_cause;           /* enum haVrrpPeerCause */
};

/* Members but the VRRP instance, by state. */
struct group_members {
	unsigned int total, started, stopped, failed, moving, unknown;
	/* The first that is not started, the first that runs; NULL: there is none. */
	const struct settings_member *not_started, *running;
	/* The first that failed, a resource only when it is the only one; and how, or "". */
	const struct settings_member *failure;
	const char *error;
};

/* What the other node's agent says. */
struct group_peer {
	bool configured;  /* there is a section `peer' */
	int32_t answers;  /* enum HaAnswer */
	const char *node; /* "" before it has answered */
	int32_t role;     /* enum HaServiceRole, also an old one */
	const char *role_text;
	int32_t ready;       /* enum HaAnswer: its haGroupSwitchReady */
	uint32_t blockers;   /* HaSwitchBlockers */
	int32_t maintenance; /* enum HaAnswer, also an old one */
	int32_t policy;      /* enum haGroupFencingPolicy */
	uint32_t members;
	const char *active;   /* the node that it believes active */
	struct age confirmed; /* when it said so */
	int64_t overdue;      /* clock_now() from which on the next answer is; 0: none was given */
	bool missing;         /* it answers, and does not have the group */
	bool behind;          /* it has said that its data is, and still answers */
};

struct group_facts {
	const struct settings_group *settings;
	const char *node; /* this one */
	const char *instance;
	bool actions; /* requests are allowed at all */
	bool drbd;    /* it has a resource */
	struct group_vrrp vrrp;
	struct group_members members;
	struct group_peer peer;
	int32_t witness;           /* enum haGroupWitness */
	uint32_t nfs_problems;     /* HaNfsProblems: of the server and the group's exports */
	const char *nfs_text;      /* what the server's are, in sentences; "" */
	char nfs_differences[200]; /* of the exports from those of the other node, likewise */

	size_t resources_count;
	struct group_resource resources[SETTINGS_MEMBERS_MAX];
	/* Of all resources together. */
	bool disks_known; /* every row is there and fresh, or missing */
	bool any_primary, all_primary;
	bool any_peer_primary;
	bool all_connected; /* and the role of the peer is known */

	/* Put in by whoever calls. */
	struct group_work work;
	struct lease_standing lease;
	uint32_t cool_down_left; /* seconds */
	bool active, conflict;   /* by role.h: this node serves the group; facts contradict */
};

/* All but the last part. `group' is the position in the settings. */
void facts_collect(struct group_facts *facts, const struct settings *settings, size_t group,
		   const struct board *board);

/* Whether anything of the group runs here, as far as can be seen; whether it is known that nothing
 * does, or that nothing that does could write; and whether all of it runs. */
bool facts_runs(const struct group_facts *facts);
bool facts_rests(const struct group_facts *facts);
bool facts_whole(const struct group_facts *facts);

/* Whether the address is here, enum HaAnswer. */
int32_t facts_address(const struct group_facts *facts);

/* Whether the other node has said since `since' (clock_now()) that it serves the group. */
bool facts_peer_serves(const struct group_facts *facts, int64_t since);

/* Whether every resource is connected, and the data is the same on both nodes. */
bool facts_synced(const struct group_facts *facts);

/* Whether the peer, which may well be seen, does not become Primary before it has the data of this
 * node: it has said so, or DRBD knows. */
bool facts_newest_here(const struct group_facts *facts);

/* The state of the member that the resource is, enum haGroupMemberState. */
int32_t facts_resource_state(const struct group_resource *resource);

#endif
