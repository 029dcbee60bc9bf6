/* Requests to hold and release a VRRP instance: haActionVrrpTable, haForceVrrpTable.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/requests/vrrp.h"

#include <string.h>

#include "actions/plan.h"
#include "lib/memory.h"
#include "lib/settings.h"
#include "lib/settings_group.h"
#include "lib/settings_vrrp.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/requests/finding.h"
#include "subagent/requests/group.h"
#include "subagent/requests/vrrp_guard.h"
#include "subagent/sources/vrrp/rows.h"

/* Milliseconds that an advert of the new master may be late. */
#define TAKEOVER_MARGIN 2000

static const struct column action_columns[] = {
	COLUMN(action_vrrp_row, haVrrpInstanceName, name),
	COLUMN(action_vrrp_row, haActionVrrpRequest, request),
	COLUMN(action_vrrp_row, haActionVrrpSeconds, seconds),
	COLUMN(action_vrrp_row, haActionVrrpAllowed, allowed),
	COLUMN(action_vrrp_row, haActionVrrpLastJob, last_job),
};

static const struct column force_columns[] = {
	COLUMN(force_vrrp_row, haVrrpInstanceName, name),
	COLUMN(force_vrrp_row, haForceVrrpRequest, request),
};

const struct table action_vrrp_table =
	TABLE(action_vrrp_row, haActionVrrpEntry, action_columns, NULL);
const struct table force_vrrp_table = TABLE(force_vrrp_row, haForceVrrpEntry, force_columns, NULL);

/* haForceVrrpRequest has the same values. */
static const struct request_verb verbs[] = {
	{ haActionVrrpRequest_hold, HaJobVerb_vrrpHold },
	{ haActionVrrpRequest_release, HaJobVerb_vrrpRelease },
	{ .verb = 0 },
};

static bool is_hold(const struct request *request)
{
	return request->verb == HaJobVerb_vrrpHold;
}

static void find(const struct settings *settings, const void *key, struct request *request)
{
	const struct action_vrrp_row *row = key;
	const struct settings_vrrp *vrrp = settings->vrrp;

	for (size_t i = 0; i < vrrp->instances_count; i++)
		if (!strcmp(vrrp->instances[i].name, row->name)) {
			request->allowed =
				vrrp->instances[i].switchable ||
				group_is_switchable(settings, group_of_instance(settings, i));
			request->subject = i;
		}
}

/* What a group follows is not changed beside a job of the group. */
static size_t slot(const struct request *request)
{
	return group_slot(request->settings,
			  group_of_instance(request->settings, request->subject));
}

static void guard(const struct board *board, const struct request *request, struct finding *finding)
{
	const struct settings_groups *groups = request->settings->groups;
	size_t group = group_of_instance(request->settings, request->subject);

	finding_open(finding);
	if (is_hold(request) && !request->forced && group < groups->count)
		finding_put(finding, HaReason_notAllowed,
			    "%s belongs to the group %s: move the group instead", request->name,
			    groups->groups[group].name);
	else if (is_hold(request))
		guard_vrrp_hold(board, request, finding);
	else
		guard_vrrp_release(board, request, finding);
}

/* Nobody is told to take back what was forced. */
static void plan(const struct request *request, struct plan *plan)
{
	uint32_t until = (uint32_t)(request->asked / 1000 + request->seconds);

	if (!is_hold(request)) {
		plan_vrrp_release(plan, request->subject);
		return;
	}
	plan_vrrp_hold(plan, request->subject, request->seconds ? until : 0, !request->forced);
}

static void undo(const struct board *board, struct request *request, struct plan *plan)
{
	(void)board;
	request->verb = HaJobVerb_vrrpRelease;
	request->seconds = 0;
	plan_vrrp_release(plan, request->subject);
}

static int32_t state(const struct board *board, const struct request *request)
{
	return guard_vrrp_state(board, request);
}

/* Who was master must have been followed by somebody. */
static bool reached(const struct board *board, const struct request *request,
		    const struct plan_step *step)
{
	(void)step;
	if (!is_hold(request))
		return guard_vrrp_held(board, request->index, request->index_length) ==
			       HaAnswer_no &&
		       guard_vrrp_state(board, request) != HaVrrpState_fault;
	return guard_vrrp_held(board, request->index, request->index_length) == HaAnswer_yes &&
	       guard_vrrp_state(board, request) == HaVrrpState_fault &&
	       (request->forced || request->before != HaVrrpState_master ||
		guard_vrrp_is_taken_over(board, request));
}

/* Three adverts and the skew time, which is one advert, or a second in version 2, at most. */
static int64_t patience(const struct board *board, const struct request *request,
			const struct plan_step *step)
{
	int64_t interval = guard_vrrp_interval(board, request);
	int64_t takeover = 3 * interval + (interval > 1000 ? interval : 1000) + TAKEOVER_MARGIN;

	(void)step;
	return is_hold(request) && takeover > PLAN_VERIFY_DEADLINE ? takeover :
								     PLAN_VERIFY_DEADLINE;
}

static void explain_hold(const struct board *board, const struct request *request,
			 struct finding *finding)
{
	if (guard_vrrp_held(board, request->index, request->index_length) != HaAnswer_yes ||
	    guard_vrrp_state(board, request) != HaVrrpState_fault)
		finding_put(finding, HaReason_roleNotReached,
			    "the hold file is written, and yet keepalived does not give %s away",
			    request->name);
	else
		finding_put(finding, HaReason_notTakenOver, "no other node has taken over %s",
			    request->name);
}

static void explain(const struct board *board, const struct request *request,
		    const struct plan_step *step, struct finding *finding)
{
	(void)step;
	if (guard_vrrp_state(board, request) == HaVrrpState_unknown)
		finding_put(finding, HaReason_factsStale,
			    "the hold file is written, but the source cannot tell the state; look "
			    "at haSourceTable");
	else if (is_hold(request))
		explain_hold(board, request, finding);
	else
		finding_put(finding, HaReason_roleNotReached,
			    "%s is released, and yet keepalived reports fault: see "
			    "haVrrpInstanceReason",
			    request->name);
}

static void tell(const struct request *request, char *text, size_t size)
{
	char how_long[32] = "";

	if (request->seconds)
		TEXT_PRINT(how_long, " for %u s", request->seconds);
	if (!is_hold(request))
		text_print(text, size, "%s takes part again", request->name);
	else if (request->before == HaVrrpState_master && !request->forced)
		text_print(text, size, "%s is held%s, and another node has taken over",
			   request->name, how_long);
	else
		text_print(text, size, "%s is held%s", request->name, how_long);
}

static uint32_t remember(const struct board *board, const struct request *request)
{
	(void)board;
	(void)request;
	return 0;
}

static int32_t holds(const struct board *board, const struct promise *promise)
{
	return guard_vrrp_held(board, promise->index, promise->index_length);
}

static int64_t ends(const void *row)
{
	const struct vrrp_instance_row *instance = row;
	bool held = instance->head.state == HaRowState_fresh && instance->held == HaAnswer_yes;

	return held ? instance->hold_ends.wall : 0;
}

const struct request_kind request_vrrp = {
	.table = &action_vrrp_table,
	.force_table = &force_vrrp_table,
	.facts = mib_haVrrpInstanceEntry,
	.request = mib_haActionVrrpRequest,
	.force_request = mib_haForceVrrpRequest,
	.seconds = mib_haActionVrrpSeconds,
	.allowed = mib_haActionVrrpAllowed,
	.last_job = mib_haActionVrrpLastJob,
	.verbs = verbs,
	.force_verbs = verbs,
	.find = find,
	.slot = slot,
	.guard = guard,
	.plan = plan,
	.undo = undo,
	.state = state,
	.reached = reached,
	.patience = patience,
	.explain = explain,
	.tell = tell,
	.noun = "instance",
	.aim = "state",
	.opens = HaJobVerb_vrrpHold,
	.closes = HaJobVerb_vrrpRelease,
	.remember = remember,
	.holds = holds,
	.outlives_boot = true,
	.ends = ends,
};
