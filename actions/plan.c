/* What a job does, step after step.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "actions/plan.h"

#include <assert.h>
#include <string.h>

#include "lib/address.h"
#include "lib/memory.h"
#include "lib/settings.h"
#include "lib/settings_bond.h"
#include "lib/settings_group.h"
#include "lib/settings_ipvs.h"
#include "lib/settings_vrrp.h"
#include "mib/ha-agentx-mib.h"

static void begin(struct plan *plan)
{
	memset(plan, 0, sizeof(*plan));
}

static void add(struct plan *plan, enum plan_kind kind, const struct step *step)
{
	assert(plan->count < PLAN_STEPS_MAX);
	plan->steps[plan->count++] = (struct plan_step){ kind, *step };
}

/* Do it, and see that it is done. */
static void plan_one(struct plan *plan, const struct step *step)
{
	begin(plan);
	add(plan, PLAN_EXECUTE, step);
	add(plan, PLAN_VERIFY, step);
	plan->undo_end = plan->count;
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

void plan_vrrp_hold(struct plan *plan, size_t instance, uint32_t until, bool taken_over)
{
	const struct step step = { .verb = STEP_VRRP_HOLD, .subject = instance, .value = until };

	plan_one(plan, &step);
	if (taken_over) {
		plan->steps[1].kind = PLAN_VERIFY_PEER;
		plan->undo = UNDO_UNVERIFIED;
	}
}

void plan_vrrp_release(struct plan *plan, size_t instance)
{
	const struct step step = { .verb = STEP_VRRP_RELEASE, .subject = instance };

	plan_one(plan, &step);
}

/* ---- groups ---- */

static const struct settings_group *group_at(const struct settings *settings, size_t group)
{
	return &settings->groups->groups[group];
}

/* The step that starts or stops a member; a resource is promoted or demoted by a verb of its own.
 */
static void add_member(struct plan *plan, const struct settings *settings, size_t group,
		       size_t position, enum step_verb verb, enum step_verb drbd)
{
	const struct settings_member *member = &group_at(settings, group)->members[position];
	struct step step = { .verb = verb, .subject = group, .part = position };

	if (member->kind == haGroupMemberKind_drbd)
		step = (struct step){ .verb = drbd, .subject = member->resource };
	add(plan, PLAN_EXECUTE, &step);
}

/* The same for every resource of the group, and nothing else. */
static void add_resources(struct plan *plan, const struct settings *settings, size_t group,
			  enum plan_kind kind, enum step_verb verb)
{
	const struct settings_group *its = group_at(settings, group);

	for (size_t i = 0; i < its->members_count; i++) {
		const struct step step = { .verb = verb, .subject = its->members[i].resource };

		if (its->members[i].kind == haGroupMemberKind_drbd)
			add(plan, kind, &step);
	}
}

static void add_instance(struct plan *plan, const struct settings *settings, size_t group,
			 enum plan_kind kind, enum step_verb verb)
{
	const struct step step = { .verb = verb, .subject = group_at(settings, group)->instance };

	add(plan, kind, &step);
}

/* The roles are verified last: a source may need its time to see them, and nothing that comes
 * before needs more than the word of the executor, who has read them back. */
static void add_start(struct plan *plan, const struct settings *settings, size_t group,
		      enum step_verb promote)
{
	for (size_t i = 0; i < group_at(settings, group)->members_count; i++)
		add_member(plan, settings, group, i, STEP_MEMBER_START, promote);
	add_resources(plan, settings, group, PLAN_VERIFY, promote);
}

static void add_stop(struct plan *plan, const struct settings *settings, size_t group)
{
	for (size_t i = group_at(settings, group)->members_count; i-- > 0;)
		add_member(plan, settings, group, i, STEP_MEMBER_STOP, STEP_DRBD_SECONDARY);
	add_resources(plan, settings, group, PLAN_VERIFY, STEP_DRBD_SECONDARY);
}

/* Without a mount there is nothing to look for. */
static void add_look(struct plan *plan, const struct settings *settings, size_t group)
{
	const struct step step = { .verb = STEP_GROUP_LOOK, .subject = group };

	if (settings_group_has(group_at(settings, group), haGroupMemberKind_mount))
		add(plan, PLAN_EXECUTE, &step);
}

void plan_group_promote(struct plan *plan, const struct settings *settings, size_t group,
			bool alone, bool fence)
{
	const struct step step = { .verb = STEP_GROUP_FENCE, .subject = group };

	begin(plan);
	plan->undo = UNDO_FAILED;
	if (fence)
		add(plan, PLAN_EXECUTE, &step);
	add_start(plan, settings, group, alone ? STEP_DRBD_PRIMARY_ALONE : STEP_DRBD_PRIMARY);
	plan->undo_end = plan->count;
}

void plan_group_demote(struct plan *plan, const struct settings *settings, size_t group)
{
	begin(plan);
	add_stop(plan, settings, group);
}

/* From the hold on, which tells the other node to take over, nobody can call it back: only that it
 * does not take over can. When it has, nothing is taken from it again. */
void plan_group_switchover(struct plan *plan, const struct settings *settings, size_t group,
			   bool look)
{
	begin(plan);
	plan->undo = UNDO_FAILED;
	if (look)
		add_look(plan, settings, group);
	plan->undo_begin = plan->count;
	add_stop(plan, settings, group);
	plan->point_of_no_return = plan->count;
	add_instance(plan, settings, group, PLAN_EXECUTE, STEP_VRRP_HOLD);
	add_instance(plan, settings, group, PLAN_VERIFY_PEER, STEP_VRRP_HOLD);
	add_resources(plan, settings, group, PLAN_VERIFY_PEER, STEP_DRBD_SECONDARY);
	plan->undo_end = plan->count;
	add_instance(plan, settings, group, PLAN_EXECUTE, STEP_VRRP_RELEASE);
	add_instance(plan, settings, group, PLAN_VERIFY, STEP_VRRP_RELEASE);
}

void plan_group_check(struct plan *plan, const struct settings *settings, size_t group)
{
	begin(plan);
	add_look(plan, settings, group);
}

void plan_group_retake(struct plan *plan, const struct settings *settings, size_t group, bool alone)
{
	begin(plan);
	add_instance(plan, settings, group, PLAN_EXECUTE, STEP_VRRP_RELEASE);
	add_start(plan, settings, group, alone ? STEP_DRBD_PRIMARY_ALONE : STEP_DRBD_PRIMARY);
	add_instance(plan, settings, group, PLAN_VERIFY_BACK, STEP_VRRP_RELEASE);
}

void plan_group_ask(struct plan *plan, size_t group)
{
	const struct step step = { .verb = STEP_VERBS, .subject = group };

	begin(plan);
	add(plan, PLAN_ASK, &step);
}

void plan_group_hold(struct plan *plan, const struct settings *settings, size_t group)
{
	plan_vrrp_hold(plan, group_at(settings, group)->instance, 0, false);
}

void plan_group_release(struct plan *plan, const struct settings *settings, size_t group)
{
	plan_vrrp_release(plan, group_at(settings, group)->instance);
}

void plan_group_suspend(struct plan *plan, const struct settings *settings, size_t group)
{
	begin(plan);
	add_resources(plan, settings, group, PLAN_EXECUTE, STEP_DRBD_SUSPEND);
}

void plan_group_resume(struct plan *plan, const struct settings *settings, size_t group)
{
	begin(plan);
	add_resources(plan, settings, group, PLAN_EXECUTE, STEP_DRBD_RESUME);
}

/* ---- words ---- */

int32_t plan_role_of(const struct step *step)
{
	return step->verb == STEP_DRBD_SECONDARY ? HaDrbdRole_secondary : HaDrbdRole_primary;
}

static void print_role(const struct settings *settings, const struct plan_step *step, char *text,
		       size_t size)
{
	const char *name = settings->resources[step->step.subject].name;
	bool primary = plan_role_of(&step->step) == HaDrbdRole_primary;

	if (step->kind == PLAN_VERIFY_PEER)
		text_print(text, size, "see that %s is Primary on another node", name);
	else
		text_print(text, size, "see that %s is %s", name,
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

static void print_instance(const struct settings_instance *instance, const struct plan_step *step,
			   char *text, size_t size)
{
	bool hold = step->step.verb == STEP_VRRP_HOLD;

	if (step->kind == PLAN_VERIFY_PEER)
		text_print(text, size, "see that another node has taken over %s", instance->name);
	else if (step->kind == PLAN_VERIFY_BACK)
		text_print(text, size, "see that %s is master again", instance->name);
	else
		text_print(text, size, "see that %s %s", instance->name,
			   hold ? "is given away" : "takes part");
}

static void print_verification(const struct settings *settings, const struct plan_step *plan_step,
			       char *text, size_t size)
{
	const struct step *step = &plan_step->step;

	switch (step->verb) {
	case STEP_DRBD_PRIMARY:
	case STEP_DRBD_PRIMARY_ALONE:
	case STEP_DRBD_SECONDARY:
		print_role(settings, plan_step, text, size);
		break;
	case STEP_BOND_ACTIVE_PORT:
		print_port(&settings->bond->bonds[step->subject], step, text, size);
		break;
	case STEP_IPVS_WEIGHT:
		print_weight(&settings->ipvs->services[step->subject], step, text, size);
		break;
	case STEP_VRRP_HOLD:
	case STEP_VRRP_RELEASE:
		print_instance(&settings->vrrp->instances[step->subject], plan_step, text, size);
		break;
	case STEP_MEMBER_START:
	case STEP_MEMBER_STOP:
	case STEP_DRBD_SUSPEND:
	case STEP_DRBD_RESUME:
	case STEP_GROUP_FENCE:
	case STEP_GROUP_LOOK:
	case STEP_VERBS:
		break;
	}
}

void plan_print(const struct settings *settings, const struct plan_step *step, char *text,
		size_t size)
{
	if (step->kind == PLAN_EXECUTE)
		step_print(settings, &step->step, text, size);
	else if (step->kind == PLAN_ASK)
		text_print(text, size, "ask the other node to hand over %s",
			   group_at(settings, step->step.subject)->name);
	else
		print_verification(settings, step, text, size);
}
