/* What a job does, step after step.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_PLAN_H
#define HA_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "actions/step.h"

struct settings;

#define PLAN_STEPS_MAX 8

/* How long a verification may take, milliseconds. */
#define PLAN_VERIFY_DEADLINE 5000

enum plan_kind {
	PLAN_EXECUTE, /* the executor does the step */
	PLAN_VERIFY /* the facts show that the step has worked, seen by its source, not its doer */
};

struct plan_step {
	enum plan_kind kind;
	struct step step;
};

struct plan {
	size_t count;
	struct plan_step steps[PLAN_STEPS_MAX];
	bool has_undo;
	struct step undo; /* what takes it back when it was done and cannot be verified */
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
 * themselves. When nobody takes over, the instance is released again. */
void plan_vrrp_hold(struct plan *plan, size_t instance, uint32_t until);
void plan_vrrp_release(struct plan *plan, size_t instance);

/* The role that a step leads to, enum HaDrbdRole. */
int32_t plan_role_of(const struct step *step);

/* A few words for the step's row. */
void plan_print(const struct settings *settings, const struct plan_step *step, char *text,
		size_t size);

#endif
