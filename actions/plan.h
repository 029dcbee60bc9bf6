/* What a job does, step after step.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_PLAN_H
#define HA_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "actions/step.h"
#include "lib/settings_group.h"

struct settings;

/* A switchover of a group of nothing but resources: each is demoted, that is verified, and then
 * that it is Primary on the other node; five steps are of the group itself. */
#define PLAN_STEPS_MAX (3 * SETTINGS_MEMBERS_MAX + 8)

/* How long a verification may take, milliseconds. */
#define PLAN_VERIFY_DEADLINE 5000

enum plan_kind {
	PLAN_EXECUTE, /* the executor does the step */
	PLAN_ASK,     /* the other node does it all: the peer's agent is asked */
	/* The facts show, seen by a source and not by the doer of the step, that it has worked; */
	PLAN_VERIFY,
	PLAN_VERIFY_PEER, /* that another node has got what the step gave away, or given it away; */
	PLAN_VERIFY_BACK  /* that this node has got back what the step released */
};

struct plan_step {
	enum plan_kind kind;
	struct step step;
};

/* When what was done is taken back, with all that came before it. */
enum plan_undo {
	UNDO_NEVER,
	UNDO_UNVERIFIED, /* when it was done and cannot be verified */
	UNDO_FAILED      /* when anything has failed */
};

struct plan {
	size_t count;
	size_t point_of_no_return; /* before this step it can be cancelled */
	enum plan_undo undo;
	/* A step before the first, or from the second on, is never taken back. */
	size_t undo_begin, undo_end;
	struct plan_step steps[PLAN_STEPS_MAX];
};

/* Each fills a plan anew. The plan that gives a DRBD resource (its position in the settings) the
 * role `role` (enum HaDrbdRole) on this node. */
void plan_drbd_role(struct plan *plan, size_t resource, int32_t role, int forced);

/* The plan that makes a port of a bond, both by their positions, the active one. */
void plan_bond_port(struct plan *plan, size_t bond, size_t port);

/* The plan that gives a server of a service the weight. */
void plan_ipvs_weight(struct plan *plan, size_t service, size_t server, uint32_t weight);

/* The plan that has an instance take no part; `until' is the second since 1970 at which that ends,
 * 0 for never, for whoever finds the hold after a restart: the kernel and keepalived end nothing by
 * themselves. `taken_over': another node must take over, or else it is to be taken back. */
void plan_vrrp_hold(struct plan *plan, size_t instance, uint32_t until, bool taken_over);
void plan_vrrp_release(struct plan *plan, size_t instance);

/* Plans of groups, each by its position in the settings. They ask for everything, also for what may
 * be so already: the executor says so, and the step is skipped.
 *
 * Promote and start the members. `alone': although a resource has lost its peer; `fence': after the
 * group's program has reported the peer off. A failure is to be taken back. */
void plan_group_promote(struct plan *plan, const struct settings *settings, size_t group,
			bool alone, bool fence);
/* Stop the members backwards, and demote. */
void plan_group_demote(struct plan *plan, const struct settings *settings, size_t group);
/* Demote, give the address away, see that the other node has both, and take part again. A failure
 * is to be taken back. `look': see first that nobody else uses its mounts; when somebody does,
 * nothing has been done. */
void plan_group_switchover(struct plan *plan, const struct settings *settings, size_t group,
			   bool look);
/* Do no more than that. */
void plan_group_check(struct plan *plan, const struct settings *settings, size_t group);
/* What takes that back: take part again, promote and start, and see that the address is back. */
void plan_group_retake(struct plan *plan, const struct settings *settings, size_t group,
		       bool alone);
/* Have the other node do that. */
void plan_group_ask(struct plan *plan, size_t group);
/* Give the address away, and take part again. */
void plan_group_hold(struct plan *plan, const struct settings *settings, size_t group);
void plan_group_release(struct plan *plan, const struct settings *settings, size_t group);
/* Have the I/O of all resources wait, and go on. */
void plan_group_suspend(struct plan *plan, const struct settings *settings, size_t group);
void plan_group_resume(struct plan *plan, const struct settings *settings, size_t group);

/* The role that a step leads to, enum HaDrbdRole. */
int32_t plan_role_of(const struct step *step);

/* A few words for the step's row. */
void plan_print(const struct settings *settings, const struct plan_step *step, char *text,
		size_t size);

#endif
