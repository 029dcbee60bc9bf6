/* What a job does, step after step.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_PLAN_H
#define HA_PLAN_H

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
};

/* The plan that gives a DRBD resource (its position in the settings) the role `role` (enum
 * HaDrbdRole) on this node. */
void plan_drbd_role(struct plan *plan, size_t resource, int32_t role, int forced);

/* The role that a step leads to, enum HaDrbdRole. */
int32_t plan_role_of(const struct step *step);

/* A few words for the step's row. */
void plan_print(const struct settings *settings, const struct plan_step *step, char *text,
		size_t size);

#endif
