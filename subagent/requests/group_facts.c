/* What the facts say of the steps of a group's job: its resources, and its VRRP instance.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/requests/group_facts.h"

#include "actions/plan.h"
#include "lib/memory.h"
#include "lib/settings.h"
#include "lib/settings_group.h"
#include "lib/settings_vrrp.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/board.h"
#include "subagent/requests/drbd_guard.h"
#include "subagent/requests/finding.h"
#include "subagent/requests/request.h"
#include "subagent/requests/vrrp.h"
#include "subagent/requests/vrrp_guard.h"

/* Milliseconds that the source of the other node's disks may be late. */
#define PEER_MARGIN 2000

/* A request about an instance, for those who judge instances. */
static void request_of_instance(const struct settings *settings, size_t instance,
				struct request *request)
{
	struct action_vrrp_row key = { .head.state = 0 };

	TEXT_PUT(key.name, settings->vrrp->instances[instance].name);
	request_of_row(settings, &request_vrrp, &key, request);
	request->verb = HaJobVerb_vrrpHold;
}

static const char *resource_of(const struct request *request, const struct plan_step *step)
{
	return request->settings->resources[step->step.subject].name;
}

/* ---- takeover ---- */

static void judge_resources(const struct board *board, const struct request *request,
			    const struct settings_group *group, struct finding *finding)
{
	for (size_t i = 0; i < group->members_count; i++) {
		struct finding one;

		if (group->members[i].kind != haGroupMemberKind_drbd)
			continue;
		guard_drbd_role(board,
				request->settings->resources[group->members[i].resource].name,
				HaDrbdRole_primary, true, &one);
		if (one.reason != HaReason_none && one.reason != HaReason_nothingToDo)
			finding_put(finding, one.reason, "%s", one.message);
	}
}

void group_judge_takeover(const struct board *board, const struct request *request,
			  struct finding *finding)
{
	const struct settings_group *group = &request->settings->groups->groups[request->subject];
	struct request instance;
	int32_t state;

	request_of_instance(request->settings, group->instance, &instance);
	state = guard_vrrp_state(board, &instance);
	if (state != HaVrrpState_master)
		finding_put(finding, HaReason_groupNotReady,
			    "%s is %s here: the address is needed, too; have the other node give "
			    "it away",
			    instance.name, mib_label_of(HaVrrpState_labels, state));
	judge_resources(board, request, group, finding);
}

/* ---- roles ---- */

/* Nothing is given away that the other node could not take: it may have been lost meanwhile. */
static void judge_peers(const struct board *board, const struct request *request,
			const struct plan_step *step, struct finding *finding)
{
	if (request->verb == HaJobVerb_groupSwitchover && step->step.verb == STEP_DRBD_SECONDARY &&
	    step->kind == PLAN_VERIFY)
		guard_drbd_peers(board, resource_of(request, step), finding);
}

static bool is_role_reached(const struct board *board, const struct request *request,
			    const struct plan_step *step)
{
	const char *resource = resource_of(request, step);
	struct finding finding;

	if (step->kind == PLAN_VERIFY_PEER)
		return guard_drbd_peer_is_primary(board, resource);
	finding_open(&finding);
	judge_peers(board, request, step, &finding);
	return finding.reason == HaReason_none &&
	       guard_drbd_role_now(board, resource) == plan_role_of(&step->step);
}

static void explain_role(const struct board *board, const char *resource,
			 const struct plan_step *step, struct finding *finding)
{
	if (step->kind == PLAN_VERIFY_PEER)
		finding_put(finding, HaReason_notTakenOver, "no other node has made %s Primary",
			    resource);
	else if (guard_drbd_role_now(board, resource) == HaDrbdRole_unknown)
		finding_put(finding, HaReason_factsStale,
			    "the tool succeeded, but the source cannot tell the role of %s; look "
			    "at haSourceTable",
			    resource);
	else
		finding_put(finding, HaReason_roleNotReached,
			    "the tool succeeded, and yet DRBD does not report the role of %s",
			    resource);
}

/* ---- the address ---- */

static bool is_address_reached(const struct board *board, const struct request *instance,
			       const struct plan_step *step)
{
	int32_t held = guard_vrrp_held(board, instance->index, instance->index_length);
	int32_t state = guard_vrrp_state(board, instance);

	if (step->kind == PLAN_VERIFY_BACK)
		return held == HaAnswer_no && state == HaVrrpState_master;
	if (step->step.verb == STEP_VRRP_RELEASE)
		return held == HaAnswer_no &&
		       (state == HaVrrpState_master || state == HaVrrpState_backup);
	return held == HaAnswer_yes && state == HaVrrpState_fault &&
	       (step->kind != PLAN_VERIFY_PEER || guard_vrrp_is_taken_over(board, instance));
}

static void explain_address(const struct board *board, const struct request *instance,
			    const struct plan_step *step, struct finding *finding)
{
	bool fault = guard_vrrp_state(board, instance) == HaVrrpState_fault;

	if (guard_vrrp_state(board, instance) == HaVrrpState_unknown)
		finding_put(finding, HaReason_factsStale,
			    "the hold file is written, but the source cannot tell the state of %s; "
			    "look at haSourceTable",
			    instance->name);
	else if (step->kind == PLAN_VERIFY_PEER && fault)
		finding_put(finding, HaReason_notTakenOver, "no other node has taken over %s",
			    instance->name);
	else if (step->step.verb == STEP_VRRP_HOLD)
		finding_put(finding, HaReason_roleNotReached,
			    "the hold file is written, and yet keepalived does not give %s away",
			    instance->name);
	else if (fault)
		finding_put(finding, HaReason_roleNotReached,
			    "%s is released, and yet keepalived reports fault: see "
			    "haVrrpInstanceReason",
			    instance->name);
	else
		finding_put(finding, HaReason_roleNotReached,
			    "%s is released, and yet keepalived is not master", instance->name);
}

/* ---- a step ---- */

static bool is_about_address(const struct plan_step *step)
{
	return step->step.verb == STEP_VRRP_HOLD || step->step.verb == STEP_VRRP_RELEASE;
}

bool group_reached(const struct board *board, const struct request *request,
		   const struct plan_step *step)
{
	struct request instance;

	if (!is_about_address(step))
		return is_role_reached(board, request, step);
	request_of_instance(request->settings, step->step.subject, &instance);
	return is_address_reached(board, &instance, step);
}

/* A node becomes master when the adverts have been missing for long enough; the role of a resource
 * is its first step then. */
int64_t group_patience(const struct board *board, const struct request *request,
		       const struct plan_step *step)
{
	struct request instance;

	if (is_about_address(step)) {
		request_of_instance(request->settings, step->step.subject, &instance);
		return request_vrrp.patience(board, &instance, step);
	}
	return step->kind == PLAN_VERIFY_PEER ? request->settings->drbd_deadline + PEER_MARGIN :
						PLAN_VERIFY_DEADLINE;
}

void group_explain(const struct board *board, const struct request *request,
		   const struct plan_step *step, struct finding *finding)
{
	struct request instance;

	if (is_about_address(step)) {
		request_of_instance(request->settings, step->step.subject, &instance);
		explain_address(board, &instance, step, finding);
	} else {
		judge_peers(board, request, step, finding);
		explain_role(board, resource_of(request, step), step, finding);
	}
}
