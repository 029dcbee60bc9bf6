/* Requests of groups: haActionGroupTable, haForceGroupTable; and what groups do without one.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/requests/group.h"

#include <string.h>

#include "actions/plan.h"
#include "lib/memory.h"
#include "lib/settings.h"
#include "lib/settings_group.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/board.h"
#include "subagent/groups/follow.h"
#include "subagent/groups/rows.h"
#include "subagent/job_rows.h"
#include "subagent/jobs.h"
#include "subagent/requests/finding.h"
#include "subagent/requests/group_facts.h"

/* An executor that has ended is started again within a second, and needs some to read the
 * configuration. */
#define EXECUTOR_PATIENCE 5000

static const struct column action_columns[] = {
	COLUMN(action_group_row, haGroupName, name),
	COLUMN(action_group_row, haActionGroupRequest, request),
	COLUMN(action_group_row, haActionGroupExpectedActive, expected),
	COLUMN(action_group_row, haActionGroupMinutes, minutes),
	COLUMN(action_group_row, haActionGroupAllowed, allowed),
	COLUMN(action_group_row, haActionGroupLastJob, last_job),
};

static const struct column force_columns[] = {
	COLUMN(force_group_row, haGroupName, name),
	COLUMN(force_group_row, haForceGroupRequest, request),
	COLUMN(force_group_row, haForceGroupExpectedActive, expected),
};

const struct table action_group_table =
	TABLE(action_group_row, haActionGroupEntry, action_columns, NULL);
const struct table force_group_table =
	TABLE(force_group_row, haForceGroupEntry, force_columns, NULL);

static const struct request_verb verbs[] = {
	{ haActionGroupRequest_switchover, HaJobVerb_groupSwitchover },
	{ haActionGroupRequest_check, HaJobVerb_groupCheck },
	{ haActionGroupRequest_maintenance, HaJobVerb_groupMaintenance },
	{ haActionGroupRequest_resume, HaJobVerb_groupResume },
	{ haActionGroupRequest_cancel, HaJobVerb_groupCancel },
	{ haActionGroupRequest_promote, HaJobVerb_groupPromote },
	{ haActionGroupRequest_demote, HaJobVerb_groupDemote },
	{ .verb = 0 },
};

static const struct request_verb force_verbs[] = {
	{ haForceGroupRequest_switchover, HaJobVerb_groupSwitchover },
	{ haForceGroupRequest_takeover, HaJobVerb_groupTakeover },
	{ .verb = 0 },
};

static const struct request_verb own_verbs[] = {
	{ .verb = HaJobVerb_groupHold },
	{ .verb = HaJobVerb_groupRelease },
	{ .verb = HaJobVerb_groupSuspend },
	{ .verb = HaJobVerb_groupUnsuspend },
	{ .verb = 0 },
};

bool request_moves_group(int32_t verb)
{
	return verb == HaJobVerb_groupSwitchover || verb == HaJobVerb_groupTakeover ||
	       verb == HaJobVerb_groupPromote || verb == HaJobVerb_groupDemote;
}

static bool has_resource(const struct settings_group *group, size_t resource)
{
	for (size_t i = 0; i < group->members_count; i++)
		if (group->members[i].kind == haGroupMemberKind_drbd &&
		    group->members[i].resource == resource)
			return true;
	return false;
}

size_t group_of_resource(const struct settings *settings, size_t resource)
{
	size_t group = 0;

	while (group < settings->groups->count &&
	       !has_resource(&settings->groups->groups[group], resource))
		group++;
	return group;
}

size_t group_of_instance(const struct settings *settings, size_t instance)
{
	size_t group = 0;

	while (group < settings->groups->count &&
	       settings->groups->groups[group].instance != instance)
		group++;
	return group;
}

bool group_is_switchable(const struct settings *settings, size_t group)
{
	return group < settings->groups->count && settings->groups->groups[group].switchable;
}

size_t group_slot(const struct settings *settings, size_t group)
{
	return group < settings->groups->count ? JOB_SLOT_GROUP + group : JOB_SLOT_PLAIN;
}

void request_of_group(const struct settings *settings, size_t group, struct request *request)
{
	struct action_group_row key = { .head.state = 0 };

	TEXT_PUT(key.name, settings->groups->groups[group].name);
	request_of_row(settings, &request_group, &key, request);
}

static void find(const struct settings *settings, const void *key, struct request *request)
{
	const struct action_group_row *row = key;

	for (size_t i = 0; i < settings->groups->count; i++)
		if (!strcmp(settings->groups->groups[i].name, row->name)) {
			request->allowed = settings->groups->groups[i].switchable;
			request->subject = i;
		}
}

static bool is_active_elsewhere(const struct group_row *row, const struct request *request)
{
	return row->active_node[0] && strcmp(request->settings->node, row->active_node) != 0;
}

/* The node that has the group hands it over. */
static bool passes(const struct board *board, const struct request *request)
{
	const struct group_row *row = request_row(board, request);

	return row && request->verb == HaJobVerb_groupSwitchover && !request->forced &&
	       is_active_elsewhere(row, request);
}

/* As the group would do it by itself. */
static void prepare(const struct board *board, struct request *request)
{
	const struct group_row *row = request_row(board, request);

	if (!row || request->verb != HaJobVerb_groupPromote)
		return;
	request->alone = row->alone;
	request->fence = row->fence;
}

/* A check and a cancellation are for the time while the group's job runs, and I/O must be suspended
 * even where that hangs. */
static size_t slot(const struct request *request)
{
	if (request->passed)
		return JOB_SLOT_PASSED;
	switch (request->verb) {
	case HaJobVerb_groupCheck:
	case HaJobVerb_groupCancel:
	case HaJobVerb_groupSuspend:
	case HaJobVerb_groupUnsuspend:
		return JOB_SLOT_ASIDE;
	default:
		return JOB_SLOT_GROUP + request->subject;
	}
}

/* ---- what is in the way ---- */

/* Of what is in the way of a switchover the first decides on the reason. */
static const struct {
	int32_t blocker; /* a bit of HaSwitchBlockers */
	int32_t reason;  /* enum HaReason */
	bool yields;     /* a forced one goes on all the same */
} blockers[] = {
	{ HaSwitchBlockers_actionsDisabled, HaReason_actionsDisabled, false },
	{ HaSwitchBlockers_notAllowed, HaReason_notAllowed, true },
	{ HaSwitchBlockers_jobRunning, HaReason_busy, false },
	{ HaSwitchBlockers_maintenance, HaReason_maintenance, true },
	{ HaSwitchBlockers_coolDown, HaReason_coolDown, true },
	{ HaSwitchBlockers_peerUnreachable, HaReason_peerUnreachable, true },
	{ HaSwitchBlockers_peerNotStandby, HaReason_peerNotReady, true },
	{ HaSwitchBlockers_peerNotReady, HaReason_peerNotReady, true },
	{ HaSwitchBlockers_factsStale, HaReason_factsStale, false },
	{ HaSwitchBlockers_drbdDown, HaReason_notUp, false },
	{ HaSwitchBlockers_drbdNotConnected, HaReason_notConnected, false },
	{ HaSwitchBlockers_drbdNotUpToDate, HaReason_notUpToDate, false },
	{ HaSwitchBlockers_drbdPeerNotUpToDate, HaReason_peerNotUpToDate, false },
	{ HaSwitchBlockers_drbdPeerPrimary, HaReason_peerPrimary, false },
	{ HaSwitchBlockers_drbdResyncing, HaReason_resyncRunning, false },
	{ HaSwitchBlockers_drbdVerifying, HaReason_verifyRunning, false },
	{ HaSwitchBlockers_drbdSplitBrain, HaReason_splitBrain, false },
	{ HaSwitchBlockers_drbdSuspended, HaReason_ioSuspended, false },
	{ HaSwitchBlockers_drbdNoQuorum, HaReason_noQuorum, false },
	{ HaSwitchBlockers_keepalivedGone, HaReason_notUp, false },
	{ HaSwitchBlockers_memberFailed, HaReason_groupNotReady, true },
	{ HaSwitchBlockers_mountHeld, HaReason_heldOpen, false },
	{ HaSwitchBlockers_nfsProblems, HaReason_groupNotReady, true },
	{ HaSwitchBlockers_configDiffers, HaReason_groupNotReady, true },
};

static void judge_blockers(const struct group_row *row, bool forced, struct finding *finding)
{
	uint32_t left = row->blockers;

	for (size_t i = 0; i < sizeof(blockers) / sizeof(*blockers); i++) {
		uint32_t bit = UINT32_C(1) << blockers[i].blocker;

		if (row->blockers & bit && !(forced && blockers[i].yields))
			finding_put(finding, blockers[i].reason, "%s", row->blockers_text);
		if (forced && blockers[i].yields)
			left &= ~bit;
	}
	if (left || (!forced && row->switch_ready != HaAnswer_yes))
		finding_put(finding, HaReason_groupNotReady, "%s",
			    row->blockers_text[0] ? row->blockers_text :
						    "whether it is ready is not known yet");
}

/* The operator may believe another node active than he would switch. */
static void judge_expected(const struct group_row *row, const struct request *request,
			   struct finding *finding)
{
	if (!row->active_node[0])
		finding_put(finding, HaReason_groupNotReady,
			    "%s is active on no node, as far as is known", request->name);
	else if (!request->expected[0])
		finding_put(finding, HaReason_unexpectedActive,
			    "write the active node, which is %s, as the expected one in the same "
			    "SET",
			    row->active_node);
	else if (strcmp(request->expected, row->active_node) != 0)
		finding_put(finding, HaReason_unexpectedActive, "%s is active on %s, not on %s",
			    request->name, row->active_node, request->expected);
}

static void judge_switchover(const struct group_row *row, const struct request *request,
			     struct finding *finding)
{
	judge_expected(row, request, finding);
	if (row->head.state != HaRowState_fresh)
		finding_put(finding, HaReason_factsStale,
			    "what is known of %s is not current: see haSourceTable", request->name);
	if (!request->passed && is_active_elsewhere(row, request))
		finding_put(finding, HaReason_peerNotReady,
			    "%s is active on %s: ask the agent of that node", request->name,
			    row->active_node);
	judge_blockers(row, request->forced, finding);
}

/* Whether there is a job that a cancellation can end: as it says itself. */
static void judge_cancel(const struct board *board, const struct request *request,
			 struct finding *finding)
{
	const struct rows *jobs = board_rows(board, mib_haActionEntry);

	for (size_t i = jobs->count; i-- > 0;) {
		const struct job_row *job = jobs->entries[i]->row;

		if (!jobs->entries[i]->gone && job->cancellable == TruthValue_true &&
		    request_kind_of_verb(job->verb) == request->kind &&
		    !strcmp(job->subject, request->name))
			return;
	}
	finding_put(finding, HaReason_nothingToCancel,
		    "no job of %s is running, or it is past the point of no return", request->name);
}

/* A request does no more than the group would do by itself, a moment later at the most. */
static void judge_following(const struct group_row *row, const struct request *request,
			    struct finding *finding)
{
	bool promote = request->verb == HaJobVerb_groupPromote;
	int32_t aim = promote ? AIM_PROMOTE : AIM_DEMOTE;
	bool there = promote ? row->whole : row->idle;

	if (row->maintenance == TruthValue_true)
		finding_put(finding, HaReason_maintenance,
			    "%s is in maintenance: request resume first", request->name);
	else if (there)
		finding_put(finding, HaReason_nothingToDo,
			    promote ? "%s is active on this node" :
				      "nothing of %s runs on this node",
			    request->name);
	else if (row->wanted != aim ||
		 (promote && (row->alone != request->alone || row->fence != request->fence)))
		finding_put(finding, row->wanted_reason, "%s", row->wanted_text);
}

/* What is done without a request was judged by whoever wants it. */
static void guard(const struct board *board, const struct request *request, struct finding *finding)
{
	const struct group_row *row = request_row(board, request);

	finding_open(finding);
	if (!row)
		finding_put(finding, HaReason_noSubject, "there is no group %s", request->name);
	else if (request->verb == HaJobVerb_groupSwitchover)
		judge_switchover(row, request, finding);
	else if (request->verb == HaJobVerb_groupTakeover)
		group_judge_takeover(board, request, finding);
	else if (request->verb == HaJobVerb_groupCancel)
		judge_cancel(board, request, finding);
	else if (!request->own && (request->verb == HaJobVerb_groupPromote ||
				   request->verb == HaJobVerb_groupDemote))
		judge_following(row, request, finding);
	else if (request->verb == HaJobVerb_groupResume && !request->promised)
		finding_put(finding, HaReason_nothingToDo, "%s is not in maintenance",
			    request->name);
}

/* ---- the job ---- */

static void plan(const struct request *request, struct plan *plan)
{
	const struct settings *settings = request->settings;
	size_t group = request->subject;

	memset(plan, 0, sizeof(*plan));
	switch (request->verb) {
	case HaJobVerb_groupSwitchover:
		if (request->passed)
			plan_group_ask(plan, group);
		else
			plan_group_switchover(plan, settings, group, !request->forced);
		break;
	case HaJobVerb_groupCheck:
		plan_group_check(plan, settings, group);
		break;
	case HaJobVerb_groupTakeover:
		/* What serves in need is not taken back because something else does not. */
		plan_group_promote(plan, settings, group, true, false);
		plan->undo = UNDO_NEVER;
		break;
	case HaJobVerb_groupPromote:
		plan_group_promote(plan, settings, group, request->alone, request->fence);
		break;
	case HaJobVerb_groupDemote:
		plan_group_demote(plan, settings, group);
		break;
	case HaJobVerb_groupHold:
		plan_group_hold(plan, settings, group);
		break;
	case HaJobVerb_groupRelease:
		plan_group_release(plan, settings, group);
		break;
	case HaJobVerb_groupSuspend:
		plan_group_suspend(plan, settings, group);
		break;
	case HaJobVerb_groupUnsuspend:
		plan_group_resume(plan, settings, group);
		break;
	default:
		break;
	}
}

/* What was being given away is taken again; what was being taken is not kept by halves, or the
 * other node could not have it. */
static void undo(const struct board *board, struct request *request, struct plan *plan)
{
	const struct group_row *row = request_row(board, request);

	if (request->verb == HaJobVerb_groupSwitchover)
		plan_group_retake(plan, request->settings, request->subject, row && row->newest);
	else
		plan_group_demote(plan, request->settings, request->subject);
}

/* A check does nothing, but find out: first what the facts say. */
static void find_out(const struct board *board, const struct request *request,
		     struct finding *finding)
{
	const struct group_row *row = request_row(board, request);

	if (request->verb != HaJobVerb_groupCheck)
		return;
	if (!row)
		finding_put(finding, HaReason_noSubject, "there is no group %s", request->name);
	else
		judge_blockers(row, false, finding);
}

static void tell_maintenance(const struct request *request, char *text, size_t size)
{
	text_print(text, size, "%s is in maintenance for %u minutes: nothing is done by itself",
		   request->name, request->seconds / 60);
}

static void tell(const struct request *request, char *text, size_t size)
{
	static const struct {
		int32_t verb;
		const char *format;
	} sentences[] = {
		{ HaJobVerb_groupSwitchover, "%s is active on the other node" },
		{ HaJobVerb_groupTakeover, "%s is active on this node" },
		{ HaJobVerb_groupPromote, "%s is active on this node" },
		{ HaJobVerb_groupDemote, "nothing of %s runs on this node" },
		{ HaJobVerb_groupHold, "the address of %s is given away" },
		{ HaJobVerb_groupRelease, "this node takes part in %s again" },
		{ HaJobVerb_groupSuspend, "nothing more is written to the disks of %s" },
		{ HaJobVerb_groupUnsuspend, "the disks of %s are written to again" },
		{ HaJobVerb_groupCheck, "a switchover of %s would be accepted now" },
		{ HaJobVerb_groupResume, "%s is in maintenance no more" },
		{ HaJobVerb_groupCancel, "the job of %s is being taken back" },
	};

	if (request->verb == HaJobVerb_groupMaintenance)
		tell_maintenance(request, text, size);
	if (request->passed) {
		text_print(text, size, "%s was handed over by the other node", request->name);
		return;
	}
	for (size_t i = 0; i < sizeof(sentences) / sizeof(*sentences); i++)
		if (sentences[i].verb == request->verb)
			text_print(text, size, sentences[i].format, request->name);
}

/* ---- maintenance is a promise ---- */

static uint32_t usual(const struct request *request)
{
	const struct settings_groups *groups = request->settings->groups;

	return request->subject < groups->count ?
		       60 * groups->groups[request->subject].maintenance :
		       0;
}

static uint32_t remember(const struct board *board, const struct request *request)
{
	(void)board;
	(void)request;
	return 0;
}

/* Nothing but the promise makes it so. */
static int32_t holds(const struct board *board, const struct promise *promise)
{
	(void)board;
	(void)promise;
	return HaAnswer_yes;
}

const struct request_kind request_group = {
	.table = &action_group_table,
	.force_table = &force_group_table,
	.facts = mib_haGroupEntry,
	.request = mib_haActionGroupRequest,
	.force_request = mib_haForceGroupRequest,
	.seconds = mib_haActionGroupMinutes,
	.seconds_unit = 60,
	.expected = mib_haActionGroupExpectedActive,
	.force_expected = mib_haForceGroupExpectedActive,
	.allowed = mib_haActionGroupAllowed,
	.last_job = mib_haActionGroupLastJob,
	.verbs = verbs,
	.force_verbs = force_verbs,
	.own_verbs = own_verbs,
	.find = find,
	.slot = slot,
	.prepare = prepare,
	.passes = passes,
	.executor_patience = EXECUTOR_PATIENCE,
	.guard = guard,
	.plan = plan,
	.find_out = find_out,
	.undo = undo,
	.reached = group_reached,
	.patience = group_patience,
	.explain = group_explain,
	.tell = tell,
	.noun = "group",
	.aim = "group",
	.cancels = HaJobVerb_groupCancel,
	.opens = HaJobVerb_groupMaintenance,
	.closes = HaJobVerb_groupResume,
	.usual = usual,
	.remember = remember,
	.holds = holds,
	.outlives_boot = true,
};
