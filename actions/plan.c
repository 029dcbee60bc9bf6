/* What a job does, step after step.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "actions/plan.h"

#include "lib/memory.h"
#include "lib/settings.h"
#include "mib/ha-agentx-mib.h"

void plan_drbd_role(struct plan *plan, size_t resource, int32_t role, int forced)
{
	struct step step = { .resource = resource, .verb = STEP_DRBD_SECONDARY };

	if (role == HaDrbdRole_primary)
		step.verb = forced ? STEP_DRBD_PRIMARY_ALONE : STEP_DRBD_PRIMARY;
	plan->count = 2;
	plan->steps[0] = (struct plan_step){ PLAN_EXECUTE, step };
	plan->steps[1] = (struct plan_step){ PLAN_VERIFY, step };
}

int32_t plan_role_of(const struct step *step)
{
	return step->verb == STEP_DRBD_SECONDARY ? HaDrbdRole_secondary : HaDrbdRole_primary;
}

void plan_print(const struct settings *settings, const struct plan_step *step, char *text,
		size_t size)
{
	if (step->kind == PLAN_EXECUTE)
		step_print(settings, &step->step, text, size);
	else
		text_print(text, size, "see that %s is %s",
			   settings->resources[step->step.resource].name,
			   plan_role_of(&step->step) == HaDrbdRole_primary ? "Primary" :
									     "Secondary");
}
