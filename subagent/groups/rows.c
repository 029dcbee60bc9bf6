/* The tables of haGroup that are about this node: columns, subjects, and how bad each state is.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/groups/rows.h"

#include "lib/memory.h"
#include "lib/settings_group.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/groups/ready.h"

/* Of the alarm that no node is active, which is raised by hand (group.c). */
static const struct watch active_watch = { .reason = mib_haGroupRoleText };

/* ---- groups ---- */

static const struct level role_levels[] = {
	ALARM(HaServiceRole, degraded, major, groupDegraded),
	ALARM(HaServiceRole, failed, critical, groupFailed),
	ALARM(HaServiceRole, conflict, critical, groupConflict),
	{ .value = LEVELS_END },
};

static const struct watch role_watch = {
	.notification = mib_haGroupRoleChange,
	.counts = true,
	.levels = role_levels,
	.reason = mib_haGroupRoleText,
};

static const struct level ready_levels[] = {
	ALARM(HaAnswer, no, warning, groupNotReady),
	{ .value = LEVELS_END },
};

static bool is_passing(const void *row)
{
	return ready_is_passing(((const struct group_row *)row)->blockers);
}

static const struct watch ready_watch = {
	.notification = mib_haGroupReadyChange,
	.levels = ready_levels,
	.excused = is_passing,
	.reason = mib_haGroupSwitchBlockersText,
};

static const struct level peer_levels[] = {
	ALARM(HaAnswer, no, warning, groupPeerUnreachable),
	{ .value = LEVELS_END },
};

static const struct watch peer_watch = {
	.notification = mib_haGroupPeerChange,
	.levels = peer_levels,
};

static const struct level maintenance_levels[] = {
	ALARM(TruthValue, true, warning, groupMaintenance),
	{ .value = LEVELS_END },
};

static const struct watch maintenance_watch = {
	.notification = mib_haGroupMaintenanceChange,
	.levels = maintenance_levels,
};

/* ---- members ---- */

static const struct level member_levels[] = {
	ALARM(haGroupMemberState, failed, warning, groupDegraded),
	{ .value = LEVELS_END },
};

/* Their own tables tell of them, and raise alarms. */
static bool is_told_elsewhere(const struct group_member_row *member)
{
	return member->kind == haGroupMemberKind_vrrp || member->kind == haGroupMemberKind_drbd;
}

/* That members start and stop tells the role of the group. */
static bool is_usual(const void *row, const void *before)
{
	const struct group_member_row *member = row, *old = before;

	return is_told_elsewhere(member) || (member->member_state != haGroupMemberState_failed &&
					     old->member_state != haGroupMemberState_failed);
}

/* That a program has failed is no matter where it need not run. */
static bool is_unneeded(const void *row)
{
	const struct group_member_row *member = row;

	return is_told_elsewhere(member) ||
	       (member->wanted == haGroupMemberWanted_stopped && settings_is_program(member->kind));
}

static const struct watch member_watch = {
	.notification = mib_haGroupMemberChange,
	.counts = true,
	.levels = member_levels,
	.excused = is_unneeded,
	.known = is_usual,
	.reason = mib_haGroupMemberLastError,
};

/* ---- columns ---- */

static const struct column group_columns[] = {
	COLUMN(group_row, haGroupName, name),
	WATCHED_COLUMN(group_row, haGroupRowState, head.state, &watch_quiet),
	COLUMN(group_row, haGroupLastChange, head.changed),
	COLUMN(group_row, haGroupTransitions, head.transitions),
	WATCHED_COLUMN(group_row, haGroupRole, role, &role_watch),
	COLUMN(group_row, haGroupRoleTime, role_time),
	COLUMN(group_row, haGroupRoleText, role_text),
	COLUMN(group_row, haGroupEngine, engine),
	WATCHED_COLUMN(group_row, haGroupActiveNode, active_node, &active_watch),
	COLUMN(group_row, haGroupPeer, peer),
	COLUMN(group_row, haGroupPeerRole, peer_role),
	WATCHED_COLUMN(group_row, haGroupPeerReachable, peer_reachable, &peer_watch),
	COLUMN(group_row, haGroupPeerReady, peer_ready),
	COLUMN(group_row, haGroupPeerAge, peer_age),
	WATCHED_COLUMN(group_row, haGroupSwitchReady, switch_ready, &ready_watch),
	COLUMN(group_row, haGroupSwitchBlockers, blockers),
	COLUMN(group_row, haGroupSwitchBlockersText, blockers_text),
	WATCHED_COLUMN(group_row, haGroupMaintenance, maintenance, &maintenance_watch),
	COLUMN(group_row, haGroupMaintenanceEnds, maintenance_ends),
	COLUMN(group_row, haGroupFencingPolicy, policy),
	COLUMN(group_row, haGroupWitness, witness),
	COLUMN(group_row, haGroupWatchdog, watchdog),
	COLUMN(group_row, haGroupWatchdogTimeout, watchdog_timeout),
	COLUMN(group_row, haGroupMembers, members),
	COLUMN(group_row, haGroupMembersFailed, members_failed),
	COLUMN(group_row, haGroupVrrpInstance, instance),
	COLUMN(group_row, haGroupCoolDownLeft, cool_down_left),
	COLUMN(group_row, haGroupSwitches, switches),
	COLUMN(group_row, haGroupLastSwitchTime, last_switch),
	COLUMN(group_row, haGroupLastSwitchJob, last_job),
	COLUMN(group_row, haGroupLastSwitchResult, last_result),
	COLUMN(group_row, haGroupLastSwitchReason, last_reason),
	COLUMN(group_row, haGroupLastSwitchDuration, last_duration),
	COLUMN(group_row, haGroupDataBehind, behind),
	COLUMN(group_row, haGroupPeerFenced, peer_fenced),
};

static const struct column member_columns[] = {
	COLUMN(group_member_row, haGroupName, group),
	COLUMN(group_member_row, haGroupMemberKind, kind),
	COLUMN(group_member_row, haGroupMemberName, name),
	WATCHED_COLUMN(group_member_row, haGroupMemberRowState, head.state, &watch_quiet),
	COLUMN(group_member_row, haGroupMemberLastChange, head.changed),
	COLUMN(group_member_row, haGroupMemberTransitions, head.transitions),
	COLUMN(group_member_row, haGroupMemberOrder, order),
	WATCHED_COLUMN(group_member_row, haGroupMemberWanted, wanted, &watch_quiet),
	WATCHED_COLUMN(group_member_row, haGroupMemberState, member_state, &member_watch),
	COLUMN(group_member_row, haGroupMemberStateTime, state_time),
	COLUMN(group_member_row, haGroupMemberLastError, error),
	COLUMN(group_member_row, haGroupMemberLastErrorTime, error_time),
	COLUMN(group_member_row, haGroupMemberSettings, settings),
};

static void call_member(const void *row, char *text, size_t size)
{
	const struct group_member_row *member = row;

	text_print(text, size, "%s/%s", member->group, member->name);
}

const struct table group_table = TABLE(group_row, haGroupEntry, group_columns, NULL);
const struct table group_member_table =
	TABLE(group_member_row, haGroupMemberEntry, member_columns, call_member);
