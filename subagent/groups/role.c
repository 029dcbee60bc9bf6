/* What this node is to a group: a state machine over what its facts show.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/groups/role.h"

#include "lib/memory.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/groups/facts.h"
#include "subagent/groups/ready.h"

/* ---- events ---- */

static bool takes(const struct group_work *work)
{
	return work->busy &&
	       (work->verb == HaJobVerb_groupPromote || work->verb == HaJobVerb_groupTakeover ||
		(work->verb == HaJobVerb_groupSwitchover && work->rolling_back));
}

static bool hands(const struct group_work *work)
{
	return work->busy && !takes(work) &&
	       (work->verb == HaJobVerb_groupDemote || work->verb == HaJobVerb_groupSwitchover);
}

/* What is known may do: one member that is not started says enough. */
static bool is_blind(const struct group_facts *facts)
{
	const struct group_members *members = &facts->members;
	int32_t address = facts_address(facts);

	if (address == HaAnswer_unknown || !facts->disks_known)
		return true;
	if (!members->unknown)
		return false;
	return address == HaAnswer_yes ? members->started + members->unknown == members->total :
					 !facts_runs(facts);
}

/* What the peer's agent said is old by the time it is read: it counts when it was said so much
 * later than this node has the group that nobody moves any more. */
static bool is_twice(const struct role *role, const struct group_facts *facts,
		     const struct group_intent *intent)
{
	bool mine = role->state == GROUP_ACTIVE || role->state == GROUP_DEGRADED;
	bool was = role->state == GROUP_CONFLICT && role->event == GROUP_TWICE;

	if (facts->any_primary && facts->any_peer_primary)
		return true;
	/* One that gives way claims nothing. */
	if (facts_address(facts) != HaAnswer_yes || intent->denied)
		return false;
	return facts->vrrp.consistency == haVrrpInstanceConsistency_twoMasters ||
	       (mine && facts_peer_serves(facts, role->since + facts->settings->takeover)) ||
	       (was && facts_peer_serves(facts, role->since));
}

static enum group_event see_address(const struct group_facts *facts)
{
	bool here =
		facts->drbd ? facts->all_primary : facts->members.started || facts->members.failed;

	return here ? GROUP_FLAWED : GROUP_SPLIT;
}

static enum group_event see(const struct role *role, const struct group_facts *facts,
			    const struct group_intent *intent)
{
	bool address = facts_address(facts) == HaAnswer_yes;

	if (facts->work.maintenance)
		return GROUP_MAINTAINED;
	if (hands(&facts->work))
		return GROUP_HANDS;
	if (is_twice(role, facts, intent))
		return GROUP_TWICE;
	if (address && facts_whole(facts) && !intent->denied)
		return GROUP_WHOLE;
	if (takes(&facts->work))
		return GROUP_TAKES;
	if (is_blind(facts))
		return GROUP_BLIND;
	if (intent->denied)
		return GROUP_DENIED;
	if (address)
		return see_address(facts);
	return facts_runs(facts) ? GROUP_REST : GROUP_IDLE;
}

/* ---- state x event ---- */

typedef enum group_state role_cell(const struct role *role, const struct group_facts *facts,
				   int64_t now);

#define GO(name, to)                                                                               \
	static enum group_state name(const struct role *role, const struct group_facts *facts,     \
				     int64_t now)                                                  \
	{                                                                                          \
		(void)role;                                                                        \
		(void)facts;                                                                       \
		(void)now;                                                                         \
		return to;                                                                         \
	}

GO(keep, role->state)
GO(unknown, GROUP_UNKNOWN)
GO(standby, GROUP_STANDBY)
GO(taking, GROUP_TAKING)
GO(active, GROUP_ACTIVE)
GO(degraded, GROUP_DEGRADED)
GO(handing, GROUP_HANDING)
GO(failed, GROUP_FAILED)
GO(conflict, GROUP_CONFLICT)
GO(maintenance, GROUP_MAINTENANCE)

static bool is_over(const struct role *role, const struct group_facts *facts, int64_t now)
{
	return now - role->begun >= facts->settings->takeover;
}

static bool has_failed(const struct group_facts *facts, int32_t verb)
{
	const struct group_work *work = &facts->work;

	return work->last_job && work->last_verb == verb &&
	       work->last_state != HaJobState_succeeded;
}

/* What is tried again after it failed shows as failed until it works. */
static enum group_state retake(const struct role *role, const struct group_facts *facts,
			       int64_t now)
{
	(void)now;
	return has_failed(facts, HaJobVerb_groupPromote) ? role->state : GROUP_TAKING;
}

static enum group_state rehand(const struct role *role, const struct group_facts *facts,
			       int64_t now)
{
	(void)now;
	return has_failed(facts, HaJobVerb_groupDemote) ? role->state : GROUP_HANDING;
}

static enum group_state wait_members(const struct role *role, const struct group_facts *facts,
				     int64_t now)
{
	return is_over(role, facts, now) ? GROUP_DEGRADED : GROUP_TAKING;
}

static enum group_state wait_disks(const struct role *role, const struct group_facts *facts,
				   int64_t now)
{
	if (!is_over(role, facts, now))
		return GROUP_TAKING;
	return has_failed(facts, HaJobVerb_groupPromote) ? GROUP_FAILED : GROUP_CONFLICT;
}

static enum group_state wait_rest(const struct role *role, const struct group_facts *facts,
				  int64_t now)
{
	return is_over(role, facts, now) ? GROUP_CONFLICT : GROUP_HANDING;
}

static role_cell *const cells[GROUP_STATES][GROUP_EVENTS] = {
	[GROUP_UNKNOWN] = {
		[GROUP_MAINTAINED] = maintenance, [GROUP_TAKES] = taking, [GROUP_HANDS] = handing,
		[GROUP_BLIND] = keep, [GROUP_TWICE] = conflict, [GROUP_WHOLE] = active,
		[GROUP_FLAWED] = degraded, [GROUP_SPLIT] = taking, [GROUP_DENIED] = failed,
		[GROUP_REST] = handing, [GROUP_IDLE] = standby,
	},
	/* A switchover that is asked for on a standby hands nothing over here. */
	[GROUP_STANDBY] = {
		[GROUP_MAINTAINED] = maintenance, [GROUP_TAKES] = taking, [GROUP_HANDS] = keep,
		[GROUP_BLIND] = unknown, [GROUP_TWICE] = conflict, [GROUP_WHOLE] = active,
		[GROUP_FLAWED] = taking, [GROUP_SPLIT] = taking, [GROUP_DENIED] = failed,
		[GROUP_REST] = handing, [GROUP_IDLE] = keep,
	},
	[GROUP_TAKING] = {
		[GROUP_MAINTAINED] = maintenance, [GROUP_TAKES] = keep, [GROUP_HANDS] = handing,
		[GROUP_BLIND] = unknown, [GROUP_TWICE] = conflict, [GROUP_WHOLE] = active,
		[GROUP_FLAWED] = wait_members, [GROUP_SPLIT] = wait_disks, [GROUP_DENIED] = failed,
		[GROUP_REST] = handing, [GROUP_IDLE] = standby,
	},
	[GROUP_ACTIVE] = {
		[GROUP_MAINTAINED] = maintenance, [GROUP_TAKES] = degraded, [GROUP_HANDS] = handing,
		[GROUP_BLIND] = unknown, [GROUP_TWICE] = conflict, [GROUP_WHOLE] = keep,
		[GROUP_FLAWED] = degraded, [GROUP_SPLIT] = taking, [GROUP_DENIED] = failed,
		[GROUP_REST] = handing, [GROUP_IDLE] = standby,
	},
	[GROUP_DEGRADED] = {
		[GROUP_MAINTAINED] = maintenance, [GROUP_TAKES] = keep, [GROUP_HANDS] = handing,
		[GROUP_BLIND] = unknown, [GROUP_TWICE] = conflict, [GROUP_WHOLE] = active,
		[GROUP_FLAWED] = keep, [GROUP_SPLIT] = taking, [GROUP_DENIED] = failed,
		[GROUP_REST] = handing, [GROUP_IDLE] = standby,
	},
	[GROUP_HANDING] = {
		[GROUP_MAINTAINED] = maintenance, [GROUP_TAKES] = taking, [GROUP_HANDS] = keep,
		[GROUP_BLIND] = unknown, [GROUP_TWICE] = conflict, [GROUP_WHOLE] = active,
		[GROUP_FLAWED] = taking, [GROUP_SPLIT] = taking, [GROUP_DENIED] = failed,
		[GROUP_REST] = wait_rest, [GROUP_IDLE] = standby,
	},
	[GROUP_FAILED] = {
		[GROUP_MAINTAINED] = maintenance, [GROUP_TAKES] = retake, [GROUP_HANDS] = rehand,
		[GROUP_BLIND] = unknown, [GROUP_TWICE] = conflict, [GROUP_WHOLE] = active,
		[GROUP_FLAWED] = degraded, [GROUP_SPLIT] = retake, [GROUP_DENIED] = keep,
		[GROUP_REST] = rehand, [GROUP_IDLE] = standby,
	},
	[GROUP_CONFLICT] = {
		[GROUP_MAINTAINED] = maintenance, [GROUP_TAKES] = retake, [GROUP_HANDS] = rehand,
		[GROUP_BLIND] = unknown, [GROUP_TWICE] = keep, [GROUP_WHOLE] = active,
		[GROUP_FLAWED] = degraded, [GROUP_SPLIT] = keep, [GROUP_DENIED] = failed,
		[GROUP_REST] = keep, [GROUP_IDLE] = standby,
	},
	[GROUP_MAINTENANCE] = {
		[GROUP_MAINTAINED] = keep, [GROUP_TAKES] = taking, [GROUP_HANDS] = handing,
		[GROUP_BLIND] = unknown, [GROUP_TWICE] = conflict, [GROUP_WHOLE] = active,
		[GROUP_FLAWED] = degraded, [GROUP_SPLIT] = taking, [GROUP_DENIED] = failed,
		[GROUP_REST] = handing, [GROUP_IDLE] = standby,
	},
};

enum group_state role_next(const struct role *role, enum group_event event,
			   const struct group_facts *facts, int64_t now)
{
	return cells[role->state][event](role, facts, now);
}

void role_look(struct role *role, const struct group_facts *facts,
	       const struct group_intent *intent, int64_t now)
{
	enum group_event event = see(role, facts, intent);
	enum group_state next;
	int64_t end;

	if (event != role->event || !role->begun)
		role->begun = now;
	role->event = event;
	next = role_next(role, event, facts, now);
	if (next != role->state) {
		role->state = next;
		role->since = now;
	}
	end = role->begun + facts->settings->takeover;
	role->wake = (next == GROUP_TAKING || next == GROUP_HANDING) && end > now ? end : 0;
}

/* ---- words ---- */

int32_t role_value(const struct role *role, const struct group_ready *ready)
{
	static const int32_t values[GROUP_STATES] = {
		[GROUP_UNKNOWN] = HaServiceRole_unknown,
		[GROUP_TAKING] = HaServiceRole_transition,
		[GROUP_ACTIVE] = HaServiceRole_active,
		[GROUP_DEGRADED] = HaServiceRole_degraded,
		[GROUP_HANDING] = HaServiceRole_transition,
		[GROUP_FAILED] = HaServiceRole_failed,
		[GROUP_CONFLICT] = HaServiceRole_conflict,
		[GROUP_MAINTENANCE] = HaServiceRole_maintenance,
	};

	if (role->state == GROUP_STANDBY)
		return ready->own_blockers ? HaServiceRole_standbyCold : HaServiceRole_standbyHot;
	return values[role->state];
}

static const char *name_of(const struct settings_member *member)
{
	return member ? member->name : "something of it";
}

static void explain_unknown(const struct group_facts *facts, char *text, size_t size)
{
	const char *what = facts->instance;

	if (facts_address(facts) != HaAnswer_unknown)
		what = !facts->disks_known ? "the DRBD resources" : "the members";
	text_print(text, size, "how it is with %s is not known: see haSourceTable", what);
}

static void explain_transition(const struct role *role, const struct group_facts *facts,
			       const struct group_intent *intent, char *text, size_t size)
{
	const struct group_members *members = &facts->members;
	bool taking = role->state == GROUP_TAKING;

	if (facts->work.busy)
		text_print(text, size, "job %u %s over", facts->work.job,
			   taking ? "takes" : "hands");
	else if (intent->text[0])
		text_put(text, size, intent->text);
	else if (taking)
		text_print(text, size, "the address is here, and %s is not yet",
			   name_of(members->not_started));
	else
		text_print(text, size, "the address has gone, and %s is still here",
			   name_of(members->running));
}

static void explain_flaw(const struct group_facts *facts, char *text, size_t size)
{
	const struct group_members *members = &facts->members;

	if (members->failure && members->error[0])
		text_print(text, size, "%s has failed: %s", members->failure->name, members->error);
	else if (members->failure)
		text_print(text, size, "%s has failed", members->failure->name);
	else
		text_print(text, size, "%s is not started", name_of(members->not_started));
}

static void explain_failure(const struct group_facts *facts, const struct group_intent *intent,
			    char *text, size_t size)
{
	if (intent->denied || !facts->work.last_job)
		text_put(text, size, intent->text);
	else
		text_print(text, size, "job %u has failed: %s", facts->work.last_job,
			   facts->work.last_text);
}

static void explain_conflict(const struct role *role, const struct group_facts *facts, char *text,
			     size_t size)
{
	const char *node = facts->peer.node[0] ? facts->peer.node : "the peer";
	const struct group_members *members = &facts->members;

	if (facts->any_primary && facts->any_peer_primary)
		text_print(text, size, "a resource is Primary here and on %s", node);
	else if (facts->vrrp.consistency == haVrrpInstanceConsistency_twoMasters)
		text_print(text, size, "%s has two masters", facts->instance);
	else if (role->event == GROUP_TWICE)
		text_print(text, size, "%s says that it serves the group, too", node);
	else if (facts_address(facts) == HaAnswer_yes)
		text_print(text, size, "the address is here, and %s is not",
			   name_of(members->not_started));
	else
		text_print(text, size, "the address is not here, and %s is",
			   name_of(members->running));
}

static void explain_standby(const struct group_facts *facts, const struct group_ready *ready,
			    char *text, size_t size)
{
	const char *node = facts->peer.node[0] ? facts->peer.node : "the peer";

	if (ready->own_blockers)
		text_put(text, size, ready->own_text);
	else if (facts_peer_serves(facts, 0))
		text_print(text, size, "%s serves the group; this node could take over", node);
	else
		text_put(text, size, "this node could take over");
}

void role_explain(const struct role *role, const struct group_facts *facts,
		  const struct group_intent *intent, const struct group_ready *ready, char *text,
		  size_t size)
{
	switch (role->state) {
	case GROUP_UNKNOWN:
	case GROUP_STATES:
		explain_unknown(facts, text, size);
		break;
	case GROUP_STANDBY:
		explain_standby(facts, ready, text, size);
		break;
	case GROUP_TAKING:
	case GROUP_HANDING:
		explain_transition(role, facts, intent, text, size);
		break;
	case GROUP_ACTIVE:
		text_print(text, size, "%s and all %u other members are here", facts->instance,
			   facts->members.total);
		break;
	case GROUP_DEGRADED:
		explain_flaw(facts, text, size);
		break;
	case GROUP_FAILED:
		explain_failure(facts, intent, text, size);
		break;
	case GROUP_CONFLICT:
		explain_conflict(role, facts, text, size);
		break;
	case GROUP_MAINTENANCE:
		text_put(text, size, "nothing is done by itself until maintenance ends");
		break;
	}
}
