/* What the hub remembers of one group, and the rows made of it.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/groups/group.h"

#include <string.h>

#include "lib/memory.h"
#include "lib/settings_member.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/changes.h"

/* Milliseconds beyond a takeover after which it is an alarm that no node serves the group. */
#define NOT_SERVED_GRACE 5000

/* ---- where it is ---- */

enum group_place group_place(const struct group *group)
{
	const struct group_facts *facts = &group->facts;

	if (facts->active)
		return PLACE_HERE;
	if (facts_peer_serves(facts, 0))
		return PLACE_THERE;
	if (group->role.state == GROUP_UNKNOWN || group->role.state == GROUP_CONFLICT ||
	    (facts->peer.answers != HaAnswer_yes && facts->vrrp.other_master))
		return PLACE_UNKNOWN;
	return PLACE_NOWHERE;
}

static int32_t result_of(int32_t state)
{
	switch (state) {
	case HaJobState_succeeded:
		return haGroupLastSwitchResult_succeeded;
	case HaJobState_rolledBack:
		return haGroupLastSwitchResult_rolledBack;
	default:
		return haGroupLastSwitchResult_failed;
	}
}

/* A job that only starts again what had failed moves nothing. */
static void count_jobs(struct group_switches *switches, const struct group_work *work, bool active)
{
	bool first = !switches->begun && work->last_job;

	if (work->busy && !(work->verb == HaJobVerb_groupPromote && active))
		switches->job = work->job;
	if (work->last_job == switches->seen)
		return;
	switches->seen = work->last_job;
	switches->begun = true;
	if (!first && work->last_job != switches->job)
		return;
	switches->last_job = work->last_job;
	switches->time.wall = work->last_wall;
	switches->result = result_of(work->last_state);
	switches->reason = work->last_reason;
	if (switches->result == haGroupLastSwitchResult_succeeded)
		switches->moved = work->last_wall;
}

/* When the group was last seen in this place: the peer says that once in a while. */
static int64_t seen_at(const struct group *group, enum group_place place,
		       const struct instant *when)
{
	int64_t confirmed = group->facts.peer.confirmed.since;

	return place == PLACE_THERE && confirmed ? confirmed : when->now;
}

/* It is here or there. */
static void count_place(struct group *group, enum group_place place, const struct instant *when)
{
	struct group_switches *switches = &group->switches;
	bool moved = switches->last != PLACE_UNKNOWN && place != switches->last;
	int64_t away = switches->left ? seen_at(group, place, when) - switches->left : 0;

	if ((moved || switches->unserved) && away >= 0)
		switches->duration = (uint32_t)away;
	switches->last = place;
	switches->unserved = switches->left = 0;
	if (!moved)
		return;
	switches->count++;
	switches->moved = when->wall;
	/* A job of this node that has ended since it was served last is what has moved it. */
	if (switches->last_job && switches->time.wall >= when->wall - away)
		return;
	switches->time.wall = when->wall;
	switches->last_job = 0;
	switches->result = haGroupLastSwitchResult_succeeded;
	switches->reason = HaReason_none;
}

void group_count(struct group *group, const struct instant *when)
{
	struct group_switches *switches = &group->switches;
	enum group_place place = group_place(group);

	if (place != switches->last && !switches->left)
		switches->left = seen_at(group, switches->last, when);
	if (place == PLACE_HERE || place == PLACE_THERE)
		count_place(group, place, when);
	else if (place == PLACE_NOWHERE && !switches->unserved)
		switches->unserved = when->now;
	count_jobs(switches, &group->facts.work, group->facts.active);
}

/* ---- members ---- */

static int32_t wanted_of(const struct group *group)
{
	bool address = facts_address(&group->facts) == HaAnswer_yes;

	switch (group->role.state) {
	case GROUP_TAKING:
	case GROUP_ACTIVE:
	case GROUP_DEGRADED:
		return haGroupMemberWanted_started;
	case GROUP_STANDBY:
	case GROUP_HANDING:
		return haGroupMemberWanted_stopped;
	case GROUP_FAILED:
	case GROUP_CONFLICT:
		return address ? haGroupMemberWanted_started : haGroupMemberWanted_stopped;
	default:
		return haGroupMemberWanted_unknown;
	}
}

static int32_t instance_state(const struct group_vrrp *vrrp)
{
	switch (vrrp->state) {
	case HaVrrpState_master:
		return haGroupMemberState_started;
	case HaVrrpState_init:
	case HaVrrpState_backup:
		return haGroupMemberState_stopped;
	case HaVrrpState_fault:
		return vrrp->held == HaAnswer_yes ? haGroupMemberState_stopped :
						    haGroupMemberState_failed;
	case HaVrrpState_stop:
		return haGroupMemberState_failed;
	default:
		return haGroupMemberState_unknown;
	}
}

/* The VRRP instance is none of them. */
static void complete_settings(const struct group_facts *facts, struct group_member_row *row)
{
	const struct settings_group *settings = facts->settings;

	row->order = 0;
	TEXT_PUT(row->settings, "");
	for (size_t i = 0; i < settings->members_count; i++) {
		const struct settings_member *member = &settings->members[i];

		if (member->kind != row->kind || strcmp(member->name, row->name) != 0)
			continue;
		row->order = (uint32_t)i + 1;
		settings_member_print(member, facts->node, row->settings, sizeof(row->settings));
	}
}

/* What only the tables of other sources say. */
static void complete_state(const struct group *group, struct group_member_row *row)
{
	const struct group_facts *facts = &group->facts;

	if (row->kind == haGroupMemberKind_vrrp)
		row->member_state = instance_state(&facts->vrrp);
	for (size_t i = 0; i < facts->resources_count; i++)
		if (row->kind == haGroupMemberKind_drbd &&
		    !strcmp(facts->resources[i].name, row->name))
			row->member_state = facts_resource_state(&facts->resources[i]);
}

void group_amend(const struct group *group, struct group_member_row *row,
		 const struct group_member_row *old, const struct instant *when)
{
	complete_settings(&group->facts, row);
	row->wanted = wanted_of(group);
	complete_state(group, row);
	if (old && old->member_state == row->member_state)
		row->state_time = old->state_time;
	else if (!row->state_time.wall || old)
		row->state_time.wall = when->wall;
	if (!row->error[0] && old) {
		TEXT_PUT(row->error, old->error);
		row->error_time = old->error_time;
	} else if (row->error[0] && !row->error_time.wall) {
		row->error_time.wall =
			old && !strcmp(old->error, row->error) ? old->error_time.wall : when->wall;
	}
}

/* ---- the group ---- */

/* Not the ones that are on their way. */
static uint32_t count_failed(const struct group *group)
{
	const struct group_members *members = &group->facts.members;

	switch (group->role.state) {
	case GROUP_ACTIVE:
	case GROUP_DEGRADED:
		return members->failed + members->stopped;
	case GROUP_STANDBY:
		return members->failed + members->started;
	default:
		return members->failed;
	}
}

static void fill_peer(struct group_row *row, const struct group_peer *peer)
{
	const uint64_t no_age = UINT64_C(1) << mib_objects[mib_haGroupPeerAge].arc;

	TEXT_PUT(row->peer, peer->node);
	row->peer_role = peer->role;
	row->peer_reachable = peer->configured ? peer->answers : HaAnswer_no;
	row->peer_ready = peer->answers != HaAnswer_yes          ? HaAnswer_unknown :
			  peer->role == HaServiceRole_standbyHot ? HaAnswer_yes :
								   HaAnswer_no;
	row->peer_age = peer->confirmed;
	row->head.absent = peer->confirmed.since ? 0 : no_age;
}

static void fill_switches(struct group_row *row, const struct group *group)
{
	const struct group_switches *switches = &group->switches;

	row->cool_down_left = group->facts.cool_down_left;
	row->switches = switches->count;
	row->last_switch = switches->time;
	row->last_job = switches->last_job;
	row->last_result = switches->result ? switches->result : haGroupLastSwitchResult_none;
	row->last_reason = switches->reason ? switches->reason : HaReason_none;
	row->last_duration = switches->duration;
}

static void fill_settings(struct group_row *row, const struct group_facts *facts)
{
	const struct settings_group *settings = facts->settings;

	TEXT_PUT(row->name, settings->name);
	TEXT_PUT(row->instance, facts->instance);
	row->engine = haGroupEngine_vrrp;
	row->policy = settings->policy;
	row->members = (uint32_t)settings->members_count + 1;
}

static void fill_role(struct group_row *row, const struct group *group, const struct instant *when)
{
	int32_t role = role_value(&group->role, &group->ready);
	enum group_place place = group_place(group);

	if (row->role != role)
		row->role_time.wall = when->wall;
	row->role = role;
	role_explain(&group->role, &group->facts, &group->intent, &group->ready, row->role_text,
		     sizeof(row->role_text));
	TEXT_PUT(row->active_node, place == PLACE_HERE  ? group->facts.node :
				   place == PLACE_THERE ? group->facts.peer.node :
							  "");
	row->served = place == PLACE_UNKNOWN ? HaAnswer_unknown :
		      place == PLACE_NOWHERE ? HaAnswer_no :
					       HaAnswer_yes;
}

/* What the group does by itself is what it can be asked for, too. */
static void fill_wanted(struct group_row *row, const struct group *group)
{
	const struct group_facts *facts = &group->facts;
	const struct group_intent *intent = &group->intent;
	bool address = facts_address(facts) == HaAnswer_yes;

	row->whole = address && facts_whole(facts) && !facts->work.busy;
	row->idle = facts_rests(facts) && !facts->work.busy;
	row->wanted = intent->wanted;
	row->alone = intent->alone;
	row->fence = intent->fence;
	row->wanted_reason = HaReason_groupNotReady;
	if (intent->reason != HaReason_none && intent->text[0]) {
		row->wanted_reason = intent->reason;
		TEXT_PUT(row->wanted_text, intent->text);
	} else if (!facts_runs(facts) && !facts_rests(facts)) {
		row->wanted_reason = HaReason_factsStale;
		TEXT_PUT(row->wanted_text,
			 "whether anything of it runs here is not known: see haSourceTable");
	} else {
		TEXT_PRINT(row->wanted_text, "%s is %s here%s", facts->instance,
			   mib_label_of(HaVrrpState_labels, facts->vrrp.state),
			   address ? ": what is stopped would be started again" : "");
	}
}

/* Only a lease ends by silence. */
static bool has_stopped(const struct group_facts *facts)
{
	return facts->settings->policy == haGroupFencingPolicy_witness && facts->lease.may_promote;
}

/* Whether this node does not become Primary before it has the peer's data. One that is Primary, or
 * does not know, promises nothing. */
static bool promises(const struct group_facts *facts)
{
	return facts->drbd && facts->disks_known && !facts->any_primary && !facts->active &&
	       facts->lease.behind;
}

static void fill(struct group *group, const struct instant *when)
{
	struct group_row *row = &group->row;
	const struct group_facts *facts = &group->facts;

	row->head.state = HaRowState_fresh;
	fill_settings(row, facts);
	fill_peer(row, &facts->peer);
	fill_role(row, group, when);
	fill_switches(row, group);
	fill_wanted(row, group);
	row->switch_ready = group->ready.ready;
	row->blockers = group->ready.blockers;
	TEXT_PUT(row->blockers_text, group->ready.text);
	row->maintenance = facts->work.maintenance ? TruthValue_true : TruthValue_false;
	row->maintenance_ends.wall = facts->work.maintenance ? facts->work.maintenance_ends : 0;
	row->behind = promises(facts) ? HaAnswer_yes : HaAnswer_no;
	row->peer_fenced = facts->lease.alone ? HaAnswer_yes : HaAnswer_no;
	row->peer_silent = when->now >= facts->peer.overdue;
	row->peer_stopped = has_stopped(facts);
	row->newest = facts_newest_here(facts);
	row->witness = facts->lease.witness;
	row->watchdog = group->watchdog;
	row->watchdog_timeout = group->watchdog_timeout;
	row->members_failed = count_failed(group);
}

static const struct level not_served = { HaAnswer_no, HaSeverity_critical,
					 HaAlarmType_groupNotServed };

/* It is about two nodes, and so about none of the roles of this one. */
static void judge_service(struct group *group, struct changes *changes, const struct instant *when)
{
	const struct group_row *row = &group->row;
	int64_t grace = group->facts.settings->takeover + NOT_SERVED_GRACE;
	bool over = group->switches.unserved && when->now - group->switches.unserved >= grace;
	struct happening happening = {
		.table = &group_table,
		.column = table_column(&group_table, mib_haGroupActiveNode),
		.row = row,
	};

	if (row->served == HaAnswer_unknown || row->maintenance == TruthValue_true)
		return;
	alarms_judge(&changes->alarms, &happening,
		     row->served == HaAnswer_no && over ? &not_served : NULL, when);
}

void group_show(struct group *group, struct changes *changes, const struct instant *when)
{
	fill(group, when);
	changes_put(changes, &group_table, &group->row, when);
	judge_service(group, changes, when);
}
