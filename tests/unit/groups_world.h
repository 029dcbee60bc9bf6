/* A group in small: a board with the tables it is made of, and a clock that tests move.
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The group is called nfs: VI_1, the resource r0, a mount and a service, policy witness. Tests
 * change the rows, and say them with groups_world_say(). The jobs do what they are told at once, as
 * far as rows go, only when a test says so.
 */
#ifndef HA_GROUPS_WORLD_H
#define HA_GROUPS_WORLD_H

#include "lib/settings.h"
#include "lib/settings_group.h"
#include "lib/settings_vrrp.h"
#include "subagent/board.h"
#include "subagent/changes.h"
#include "subagent/groups/facts.h"
#include "subagent/groups/group.h"
#include "subagent/groups/groups.h"
#include "subagent/sources/drbd/rows.h"
#include "subagent/sources/nfs/rows.h"
#include "subagent/sources/peer/rows.h"
#include "subagent/sources/vrrp/rows.h"
#include "subagent/sources/witness/rows.h"

#define GROUPS_START 1000000
#define GROUPS_WALL INT64_C(1700000000000)

enum { WORLD_VRRP, WORLD_DRBD, WORLD_MOUNT, WORLD_SERVICE, WORLD_MEMBERS };

struct groups_world {
	struct settings settings;
	struct settings_groups list;
	struct settings_group group;
	struct settings_member members[3];
	struct board board;
	struct changes changes;
	struct groups groups;
	struct instant when;

	/* As the sources say them. */
	struct vrrp_row keepalived;
	struct vrrp_instance_row instance;
	struct vrrp_router_row router;
	struct peer_vrrp_row peer_vrrp;
	struct drbd_resource_row resource;
	struct drbd_volume_row volume;
	struct drbd_peer_row drbd_peer;
	struct drbd_peer_volume_row peer_volume;
	struct group_member_row member[WORLD_MEMBERS];
	struct peer_group_row peer;
	struct witness_row witness;

	struct group_work work;     /* what the jobs say */
	bool prompt;                /* they are busy as soon as they have started something */
	bool absent;                /* they start nothing */
	unsigned int started;       /* how often they were asked to, */
	struct group_intent intent; /* and to do what at last */
};

extern struct groups_world net;

/* Set-up and tear-down functions of cmocka. At first the group is here, and all is well. */
int groups_world_make(void **state);
int groups_world_remove(void **state);

/* All is well, and the group is active on this node, or on the other. Nothing is said yet. */
void groups_world_active(void);
void groups_world_standby(void);

/* The other node died: nothing more is heard of it from now on. */
void groups_world_bury(void);

/* Say all rows as they are; those of the peer and the witness are confirmed now. Then the hub has
 * its turn. */
void groups_world_say(void);

/* One row as its source says it; the hub completes it. */
void groups_world_put(const struct table *table, const void *row);

/* Say them, and answer for the others, every tenth of a second. */
void groups_world_pass(int64_t milliseconds);

/* The facts as they are on the board now, with work and lease. */
const struct group_facts *groups_world_facts(void);

/* The rows that are published. */
const struct group_row *groups_world_row(void);
const struct group_member_row *groups_world_member(int which);

#endif
