/* The hub's jobs in small: a board with the tables of the network, an executor that is asked and
 * answers when told to, and a clock that tests move.
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * bond0 with eth0 and eth1 is in mode active-backup and uses eth0; tcp 192.0.2.100:53 has the
 * servers 192.0.2.2:53 and 192.0.2.3:53 with the weight 3; VI_1 is master here, and its peer n2 is
 * healthy. The settings make them switchable. bond1, udp 192.0.2.100:53 and VI_2 are not.
 *
 * The groups `nfs' (VI_3, r0, a mount, a service) and `mail' (VI_4, r1, a mount, a service) are
 * active here, and can be moved; `off' is not switchable, and nowhere.
 */
#ifndef HA_JOBS_WORLD_H
#define HA_JOBS_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/frame.h"
#include "lib/settings.h"
#include "subagent/board.h"
#include "subagent/changes.h"
#include "subagent/jobs.h"
#include "subagent/groups/rows.h"
#include "subagent/requests/bond.h"
#include "subagent/requests/group.h"
#include "subagent/requests/ipvs.h"
#include "subagent/requests/vrrp.h"
#include "subagent/sources/bond/rows.h"
#include "subagent/sources/ipvs/rows.h"
#include "subagent/sources/peer/rows.h"
#include "subagent/sources/vrrp/rows.h"
#include "tests/unit/pair.h"

#define JOBS_WALL INT64_C(1700000000000)

#define JOBS_GROUPS 2
#define JOBS_MEMBERS 3 /* of each: resource, mount, service */

struct jobs_group {
	struct group_row row;
	struct vrrp_instance_row instance;
	struct vrrp_router_row router; /* of the other node */
	struct pair disks;
	bool started[JOBS_MEMBERS]; /* as the executor left it; that of the resource is its role */
	bool peer_takes;            /* the other node takes over as soon as it can */
};

struct jobs_world {
	struct settings settings;
	struct board board;
	struct changes changes;
	struct jobs jobs;
	struct instant when;
	/* As their sources say them; jobs_world_say() says them all. */
	struct bond_row bond;
	struct bond_port_row port[2];
	struct ipvs_real_row real[2];
	struct vrrp_instance_row instance;
	struct vrrp_router_row router; /* of the other node: silent */
	struct peer_vrrp_row peer;
	/* The executor. */
	bool absent;
	unsigned int orders, abandoned;
	struct step_order order; /* the last */
	struct step step;        /* and what it says */
	size_t slot;             /* and whose it is */
	struct step_order given[JOB_SLOTS];
	struct jobs_group group[JOBS_GROUPS];
	/* The source peer. */
	unsigned int asked;
	struct ask ask; /* the last */
};

extern struct jobs_world hub;

/* Set-up and tear-down functions of cmocka. */
int jobs_world_make(void **state);
int jobs_world_remove(void **state);

/* The agent ends and starts again; its state folder, if any, is kept. What the sources said is said
 * again. */
void jobs_world_restart(char *folder);

/* Say all rows, and have the hub settle. */
void jobs_world_say(void);
void jobs_world_pass(int64_t milliseconds);

/* A SET of a request with its lock; of forced ones that of the other subtree. `key' is a row of the
 * kind's table. */
struct set jobs_world_set(uint16_t object, const void *key, int32_t value, const char *text);
void jobs_world_add_seconds(struct set *set, uint16_t object, uint32_t seconds);

/* Run it: all phases of one that is accepted, then the number of its job; or just the first, of one
 * that is refused for this reason. */
uint32_t jobs_world_obey(struct set *set);
void jobs_world_refuse(struct set *set, uint16_t error, uint16_t which, int32_t reason);

/* The executor that has got the last order answers, or that of a slot. */
void jobs_world_answer(int32_t reason);
void jobs_world_answer_in(size_t slot, int32_t reason);

const struct job_row *jobs_world_job(uint32_t number);
const struct job_step_row *jobs_world_step(uint32_t job, uint32_t number);

/* The job is over so, and the slot is free. */
void jobs_world_expect(uint32_t job, int32_t state, int32_t reason, const char *message);

struct action_bond_row jobs_world_bond(const char *name);
struct action_ipvs_row jobs_world_server(unsigned int number); /* 2 or 3 */
struct action_vrrp_row jobs_world_instance(const char *name);

#endif
