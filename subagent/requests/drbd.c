/* Requests for the role of a DRBD resource: haActionDrbdTable, haForceDrbdTable.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/requests/drbd.h"

#include "actions/plan.h"
#include "lib/memory.h"
#include "lib/settings.h"
#include "lib/settings_group.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/requests/drbd_guard.h"
#include "subagent/requests/finding.h"
#include "subagent/requests/group.h"

static const struct column action_columns[] = {
	COLUMN(action_drbd_row, haDrbdResourceName, name),
	COLUMN(action_drbd_row, haActionDrbdRequest, request),
	COLUMN(action_drbd_row, haActionDrbdAllowed, allowed),
	COLUMN(action_drbd_row, haActionDrbdLastJob, last_job),
};

static const struct column force_columns[] = {
	COLUMN(force_drbd_row, haDrbdResourceName, name),
	COLUMN(force_drbd_row, haForceDrbdRequest, request),
};

const struct table action_drbd_table =
	TABLE(action_drbd_row, haActionDrbdEntry, action_columns, NULL);
const struct table force_drbd_table = TABLE(force_drbd_row, haForceDrbdEntry, force_columns, NULL);

/* haForceDrbdRequest has the same values. */
static const struct request_verb verbs[] = {
	{ haActionDrbdRequest_primary, HaJobVerb_drbdPrimary },
	{ haActionDrbdRequest_secondary, HaJobVerb_drbdSecondary },
	{ .verb = 0 },
};

static int32_t role_of(const struct request *request)
{
	return request->verb == HaJobVerb_drbdPrimary ? HaDrbdRole_primary : HaDrbdRole_secondary;
}

/* What belongs to a group is not done beside a job of the group. */
static size_t slot(const struct request *request)
{
	return group_slot(request->settings,
			  group_of_resource(request->settings, request->subject));
}

static void find(const struct settings *settings, const void *key, struct request *request)
{
	const struct action_drbd_row *row = key;
	int position = settings_find_resource(settings, row->name);

	if (position < 0)
		return;
	request->subject = (size_t)position;
	/* Of what belongs to a group the group is to be asked; it can be forced. */
	request->allowed =
		settings->resources[position].switchable ||
		(request->forced &&
		 group_is_switchable(settings, group_of_resource(settings, request->subject)));
}

static void guard(const struct board *board, const struct request *request, struct finding *finding)
{
	guard_drbd_role(board, request->name, role_of(request), request->forced, finding);
}

static void plan(const struct request *request, struct plan *plan)
{
	plan_drbd_role(plan, request->subject, role_of(request), request->forced);
}

static bool reached(const struct board *board, const struct request *request,
		    const struct plan_step *step)
{
	(void)step;
	return guard_drbd_role_now(board, request->name) == role_of(request);
}

static int64_t patience(const struct board *board, const struct request *request,
			const struct plan_step *step)
{
	(void)board;
	(void)request;
	(void)step;
	return PLAN_VERIFY_DEADLINE;
}

static void explain(const struct board *board, const struct request *request,
		    const struct plan_step *step, struct finding *finding)
{
	(void)step;
	if (guard_drbd_role_now(board, request->name) == HaDrbdRole_unknown)
		finding_put(finding, HaReason_factsStale,
			    "the tool succeeded, but the source cannot tell the role; look at "
			    "haSourceTable");
	finding_put(finding, HaReason_roleNotReached,
		    "the tool succeeded, and yet DRBD does not report the role");
}

static void tell(const struct request *request, char *text, size_t size)
{
	text_print(text, size, "%s is %s on this node", request->name,
		   role_of(request) == HaDrbdRole_primary ? "Primary" : "Secondary");
}

const struct request_kind request_drbd = {
	.table = &action_drbd_table,
	.force_table = &force_drbd_table,
	.facts = mib_haDrbdResourceEntry,
	.request = mib_haActionDrbdRequest,
	.force_request = mib_haForceDrbdRequest,
	.allowed = mib_haActionDrbdAllowed,
	.last_job = mib_haActionDrbdLastJob,
	.verbs = verbs,
	.force_verbs = verbs,
	.find = find,
	.slot = slot,
	.guard = guard,
	.plan = plan,
	.reached = reached,
	.patience = patience,
	.explain = explain,
	.tell = tell,
	.noun = "resource",
	.aim = "role",
};
