/* What a job does, step after step.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "actions/plan.h"

#include "lib/address.h"
#include "lib/memory.h"
#include "lib/settings.h"
#include "lib/settings_bond.h"
#include "lib/settings_ipvs.h"
#include "lib/settings_vrrp.h"
#include "mib/ha-agentx-mib.h"

/* Do it, and see that it is done. */
static void plan_one(struct plan *plan, const struct step *step)
{
	*plan = (struct plan){
		.count = 2,
		.steps = { { PLAN_EXECUTE, *step }, { PLAN_VERIFY, *step } },
	};
}

void plan_drbd_role(struct plan *plan, size_t resource, int32_t role, int forced)
{
	struct step step = { .verb = STEP_DRBD_SECONDARY, .subject = resource };

	if (role == HaDrbdRole_primary)
		step.verb = forced ? STEP_DRBD_PRIMARY_ALONE : STEP_DRBD_PRIMARY;
	plan_one(plan, &step);
}

void plan_bond_port(struct plan *plan, size_t bond, size_t port)
{
	const struct step step = { .verb = STEP_BOND_ACTIVE_PORT, .subject = bond, .part = port };

	plan_one(plan, &step);
}

void plan_ipvs_weight(struct plan *plan, size_t service, size_t server, uint32_t weight)
{
	const struct step step = {
		.verb = STEP_IPVS_WEIGHT,
		.subject = service,
		.part = server,
		.value = weight,
	};

	plan_one(plan, &step);
}

void plan_vrrp_hold(struct plan *plan, size_t instance, uint32_t until)
{
	const struct step step = { .verb = STEP_VRRP_HOLD, .subject = instance, .value = until };

	plan_one(plan, &step);
	plan->has_undo = true;
	plan->undo = (struct step){ .verb = STEP_VRRP_RELEASE, .subject = instance };
}

void plan_vrrp_release(struct plan *plan, size_t instance)
{
	const struct step step = { .verb = STEP_VRRP_RELEASE, .subject = instance };

	plan_one(plan, &step);
}

int32_t plan_role_of(const struct step *step)
{
	return step->verb == STEP_DRBD_SECONDARY ? HaDrbdRole_secondary : HaDrbdRole_primary;
}

static void print_role(const struct settings *settings, const struct step *step, char *text,
		       size_t size)
{
	bool primary = plan_role_of(step) == HaDrbdRole_primary;

	text_print(text, size, "see that %s is %s", settings->resources[step->subject].name,
		   primary ? "Primary" : "Secondary");
}

static void print_port(const struct settings_expected_bond *bond, const struct step *step,
		       char *text, size_t size)
{
	text_print(text, size, "see that %s uses %s", bond->name, bond->ports[step->part]);
}

static void print_weight(const struct settings_ipvs_service *service, const struct step *step,
			 char *text, size_t size)
{
	char server[ADDRESS_TEXT_MAX];

	address_print_port(&service->servers[step->part], server, sizeof(server));
	text_print(text, size, "see that %s of %s has the weight %u", server, service->title,
		   step->value);
}

static void print_instance(const struct settings_instance *instance, const struct step *step,
			   char *text, size_t size)
{
	if (step->verb == STEP_VRRP_HOLD)
		text_print(text, size, "see that another node has taken over %s", instance->name);
	else
		text_print(text, size, "see that %s takes part", instance->name);
}

static void print_verification(const struct settings *settings, const struct step *step, char *text,
			       size_t size)
{
	switch (step->verb) {
	case STEP_DRBD_PRIMARY:
	case STEP_DRBD_PRIMARY_ALONE:
	case STEP_DRBD_SECONDARY:
		print_role(settings, step, text, size);
		break;
	case STEP_BOND_ACTIVE_PORT:
		print_port(&settings->bond->bonds[step->subject], step, text, size);
		break;
	case STEP_IPVS_WEIGHT:
		print_weight(&settings->ipvs->services[step->subject], step, text, size);
		break;
	case STEP_VRRP_HOLD:
	case STEP_VRRP_RELEASE:
		print_instance(&settings->vrrp->instances[step->subject], step, text, size);
		break;
	case STEP_VERBS:
		break;
	}
}

void plan_print(const struct settings *settings, const struct plan_step *step, char *text,
		size_t size)
{
	if (step->kind == PLAN_EXECUTE)
		step_print(settings, &step->step, text, size);
	else
		print_verification(settings, &step->step, text, size);
}
