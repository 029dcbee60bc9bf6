/* What a group should do by itself now.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/groups/follow.h"

#include <stdarg.h>
#include <stdio.h>

#include "lib/memory.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/groups/facts.h"

/* Milliseconds beyond `takeover' that a peer which is Primary still has to hand over, before the
 * address is given back to it. */
#define HAND_OVER_TIME 10000

/* Milliseconds after which DRBD has noticed that it is not connected any more. */
#define CONNECTED_TIME 15000

/* ---- words and times ---- */

static void say(struct group_intent *intent, int32_t reason, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* The first that is said stands. */
static void say(struct group_intent *intent, int32_t reason, const char *format, ...)
{
	va_list arguments;

	if (intent->text[0])
		return;
	intent->reason = reason;
	va_start(arguments, format);
	vsnprintf(intent->text, sizeof(intent->text), format, arguments);
	va_end(arguments);
}

static void wake(struct follow *follow, int64_t when, int64_t now)
{
	if (when > now && (!follow->wake || when < follow->wake))
		follow->wake = when;
}

static const char *node_of(const struct group_facts *facts)
{
	return facts->peer.node[0] ? facts->peer.node : "the peer";
}

/* By ourselves: what an operator has suspended he resumes. */
static bool is_suspended(const struct follow *follow, const struct group_facts *facts)
{
	if (follow->suspended)
		return true;
	if (!facts->work.suspended)
		return false;
	for (size_t i = 0; i < facts->resources_count; i++)
		if (facts->resources[i].suspended & 1U << haDrbdResourceSuspended_user)
			return true;
	return false;
}

/* ---- may this node take over: one resource, and all ---- */

/* In ascending order of how much it is in the way. */
enum verdict {
	MAY,           /* connected, and all is well */
	MAY_ALONE,     /* without the peer, when the policy allows it */
	NOT_YET,       /* it may pass at any moment */
	NOT_WITH_PEER, /* the peer is Primary, and should be handing over */
	NOT_HERE       /* this node has not the data */
};

static enum verdict judge_disk(const struct group_resource *resource, struct group_intent *intent)
{
	if (resource->disk == HaDrbdDisk_upToDate)
		return MAY;
	say(intent, HaReason_notUpToDate, "%s/%u is %s on this node, not upToDate", resource->name,
	    resource->volume, mib_label_of(HaDrbdDisk_labels, resource->disk));
	return resource->disk == HaDrbdDisk_attaching || resource->disk == HaDrbdDisk_negotiating ||
			       resource->disk == HaDrbdDisk_unknown ?
		       NOT_YET :
		       NOT_HERE;
}

/* A peer that is Primary and has gone is called connected for seconds: where the lease says that it
 * has stopped, a try makes DRBD ask it, and refuse when it answers. */
static enum verdict judge_peer(const struct group_facts *facts,
			       const struct group_resource *resource, struct group_intent *intent)
{
	bool silent =
		facts->settings->policy == haGroupFencingPolicy_witness && facts->lease.may_promote;

	if (resource->peer_role == HaDrbdRole_primary && silent)
		return MAY_ALONE;
	if (resource->peer_role == HaDrbdRole_primary) {
		say(intent, HaReason_peerPrimary, "%s is Primary on %s still", resource->name,
		    resource->peer);
		return NOT_WITH_PEER;
	}
	if (resource->connected != HaAnswer_yes)
		return MAY_ALONE;
	if (resource->peer_role == HaDrbdRole_secondary)
		return MAY;
	say(intent, HaReason_peerRoleUnknown, "the role of %s on %s is not known", resource->name,
	    resource->peer);
	return NOT_YET;
}

static enum verdict judge_resource(const struct group_facts *facts,
				   const struct group_resource *resource,
				   struct group_intent *intent)
{
	enum verdict disk;

	if (resource->up == HaAnswer_no) {
		say(intent, HaReason_notUp, "%s is not up: drbdadm up %s", resource->name,
		    resource->name);
		return NOT_YET;
	}
	if (resource->split_brain) {
		say(intent, HaReason_splitBrain, "%s has an open split brain: resolve it first",
		    resource->name);
		return NOT_HERE;
	}
	if (resource->suspended || resource->no_quorum) {
		say(intent, resource->suspended ? HaReason_ioSuspended : HaReason_noQuorum, "%s %s",
		    resource->name,
		    resource->suspended ? "has its I/O suspended" : "has no quorum");
		return NOT_YET;
	}
	disk = judge_disk(resource, intent);
	return disk == MAY ? judge_peer(facts, resource, intent) : disk;
}

static bool is_newest_there(const struct group_facts *facts)
{
	return facts->lease.behind && facts->settings->policy != haGroupFencingPolicy_always &&
	       facts->peer.answers == HaAnswer_yes && !facts->peer.behind;
}

/* What the policy says of a node that does not see its peer. */
static enum verdict judge_alone(const struct group_facts *facts, struct group_intent *intent)
{
	bool always = facts->settings->policy == haGroupFencingPolicy_always;
	const struct lease_standing *lease = &facts->lease;
	bool newest = facts_newest_here(facts);
	enum verdict verdict = NOT_YET;

	if (facts->peer.maintenance == HaAnswer_yes) {
		say(intent, HaReason_maintenance, "the group is in maintenance on %s",
		    node_of(facts));
	} else if (!newest && is_newest_there(facts)) {
		say(intent, HaReason_notUpToDate, "%s answers, and may have data that is not here",
		    node_of(facts));
		verdict = NOT_HERE;
	} else if (!newest && !lease->may_promote) {
		say(intent, HaReason_notFenced, "%s",
		    lease->why[0] ? lease->why : "the peer may be active");
	} else if (!newest && lease->behind && !always) {
		say(intent, HaReason_notUpToDate, "%s",
		    lease->why[0] ? lease->why : "the peer may have written what is not here");
	} else {
		verdict = MAY_ALONE;
	}
	return verdict;
}

/* The worst that is in the way of all resources that are not Primary yet. */
static enum verdict judge(const struct follow *follow, const struct group_facts *facts,
			  struct group_intent *intent)
{
	enum verdict worst = MAY;

	if (facts_peer_serves(facts, follow->master_since ? follow->master_since : 1)) {
		say(intent, HaReason_peerPrimary, "%s says that it serves the group",
		    node_of(facts));
		return NOT_WITH_PEER;
	}
	for (size_t i = 0; i < facts->resources_count; i++) {
		enum verdict verdict;

		if (facts->resources[i].role == HaDrbdRole_primary)
			continue;
		verdict = judge_resource(facts, &facts->resources[i], intent);
		if (verdict > worst)
			worst = verdict;
	}
	if (worst == MAY_ALONE)
		return judge_alone(facts, intent);
	if (worst == MAY && !facts->lease.holds && !facts->lease.may_promote) {
		say(intent, HaReason_notFenced, "%s",
		    facts->lease.why[0] ? facts->lease.why : "neither peer nor witness answers");
		return NOT_YET;
	}
	return worst;
}

/* ---- the address is here ---- */

static void give_back(const struct group_facts *facts, struct group_intent *intent)
{
	intent->denied = true;
	if (facts->vrrp.hold_effective == HaAnswer_yes && facts->vrrp.held != HaAnswer_yes)
		intent->aim = AIM_HOLD;
}

/* What may pass is waited for; a lease that will come has its own time, but does not come while the
 * peer is there. */
static void wait(struct follow *follow, const struct group_facts *facts, enum verdict verdict,
		 struct group_intent *intent, int64_t now)
{
	int64_t patience = follow->master_since + facts->settings->takeover, end = patience;
	int64_t promote_at = facts->lease.promote_at;
	bool leased = intent->reason == HaReason_notFenced && promote_at > now &&
		      facts->peer.answers != HaAnswer_yes;

	if (verdict == NOT_WITH_PEER)
		end += HAND_OVER_TIME;
	if (facts->peer.answers == HaAnswer_yes && facts->peer.role == HaServiceRole_transition &&
	    verdict == NOT_WITH_PEER)
		end += HAND_OVER_TIME;
	wake(follow, patience, now);
	wake(follow, promote_at, now);
	if (leased)
		end += facts->settings->takeover;
	wake(follow, end, now);
	if (now >= end)
		give_back(facts, intent);
	else if (now >= patience)
		intent->denied = true;
}

static void promote(const struct group_facts *facts, enum verdict verdict,
		    struct group_intent *intent)
{
	intent->aim = AIM_PROMOTE;
	intent->reason = HaReason_none;
	intent->alone = verdict == MAY_ALONE;
	intent->fence = intent->alone && facts->lease.fence_first && !facts_newest_here(facts);
	TEXT_PRINT(intent->text, "%s is master%s", facts->instance,
		   intent->fence ? ", and the peer is to be fenced" :
		   intent->alone ? ", and the peer is not seen" :
				   "");
}

/* The disks are here. */
static void repair(const struct group_facts *facts, struct group_intent *intent)
{
	const struct group_members *members = &facts->members;

	for (size_t i = 0; i < facts->resources_count; i++)
		if (facts->resources[i].suspended || facts->resources[i].no_quorum) {
			say(intent, HaReason_ioSuspended, "I/O of %s is suspended",
			    facts->resources[i].name);
			return;
		}
	if (members->unknown + members->started == members->total)
		return;
	promote(facts, MAY, intent);
	intent->repair = members->started > facts->resources_count || members->failed;
}

static void serve(struct follow *follow, const struct group_facts *facts,
		  struct group_intent *intent, int64_t now)
{
	enum verdict verdict;

	if (facts_whole(facts))
		return;
	if (!facts->disks_known) {
		say(intent, HaReason_factsStale, "the state of the DRBD resources is not known");
		return;
	}
	if (facts->drbd && facts->all_primary) {
		repair(facts, intent);
		return;
	}
	verdict = judge(follow, facts, intent);
	if (verdict == NOT_HERE)
		give_back(facts, intent);
	else if (verdict >= NOT_YET)
		wait(follow, facts, verdict, intent, now);
	else
		promote(facts, verdict, intent);
}

/* ---- the address is not here ---- */

/* Whether the other node has it: then there is nothing that a release could disturb, unless this
 * one would take the address away again, and had not the disks for it. */
static bool is_served_there(const struct group_facts *facts)
{
	bool there = facts->vrrp.other_master &&
		     (facts->any_peer_primary || facts_peer_serves(facts, 1));

	if (!there || facts->vrrp.nopreempt)
		return there;
	for (size_t i = 0; i < facts->resources_count; i++)
		if (facts->resources[i].connected != HaAnswer_yes ||
		    facts->resources[i].disk != HaDrbdDisk_upToDate)
			return false;
	return true;
}

/* A hold that a job of ours has left, or made because nothing could be served here. */
static void end_hold(struct follow *follow, const struct group_facts *facts,
		     struct group_intent *intent, int64_t now)
{
	enum verdict verdict = judge(follow, facts, intent);

	if (verdict <= MAY_ALONE || is_served_there(facts)) {
		intent->aim = AIM_RELEASE;
		intent->reason = HaReason_none;
		TEXT_PUT(intent->text, "nothing is in the way of the group any more");
		return;
	}
	intent->denied = true;
	wake(follow, facts->lease.promote_at, now);
}

static void leave(struct follow *follow, const struct group_facts *facts,
		  struct group_intent *intent, int64_t now)
{
	if (facts_runs(facts)) {
		intent->aim = AIM_DEMOTE;
		TEXT_PRINT(intent->text, "%s is %s", facts->instance,
			   facts->vrrp.gone ? "gone with keepalived" :
					      mib_label_of(HaVrrpState_labels, facts->vrrp.state));
	} else if (facts->work.own_hold && facts->vrrp.held == HaAnswer_yes) {
		end_hold(follow, facts, intent, now);
	}
}

/* ---- it has to stop, whatever VRRP says ---- */

/* Connected and Secondary is what DRBD says of a peer for seconds after it has lost it; its agent
 * must have said since then that it serves nothing, or that time must be over. */
static bool is_safe_again(const struct follow *follow, const struct group_facts *facts, int64_t now)
{
	const struct group_peer *peer = &facts->peer;
	bool asked = peer->answers == HaAnswer_yes && peer->confirmed.since >= follow->stopping;

	if (!facts->all_connected || facts->any_peer_primary || facts_peer_serves(facts, 0))
		return false;
	return asked || now - follow->stopping >= CONNECTED_TIME;
}

static void explain_stop(const struct group_facts *facts, bool suspended,
			 struct group_intent *intent)
{
	if (suspended)
		say(intent, HaReason_ioSuspended,
		    "I/O is suspended, for the peer may have taken over: restart this machine if "
		    "it has");
	else
		say(intent, HaReason_peerUnreachable, "%s",
		    facts->lease.why[0] ? facts->lease.why : "the lease of this node is over");
}

/* A machine that stood still does not know how old its rows are: it suspends first. */
static void stop(struct follow *follow, const struct group_facts *facts,
		 struct group_intent *intent, int64_t now)
{
	bool late = now >= facts->lease.stop_by, suspended = is_suspended(follow, facts);
	bool primary = facts->any_primary || (facts->drbd && !facts->disks_known);

	if (!follow->stopping)
		follow->stopping = now;
	intent->origin = haActionOrigin_lease;
	if (is_safe_again(follow, facts, now)) {
		intent->forgiven = true;
		intent->aim = suspended ? AIM_RESUME : AIM_NOTHING;
		return;
	}
	explain_stop(facts, suspended, intent);
	intent->denied = late || suspended;
	wake(follow, facts->lease.stop_by, now);
	wake(follow, follow->stopping + CONNECTED_TIME, now);
	if (!suspended && primary && (late || follow->jumped))
		intent->aim = AIM_SUSPEND;
	else if (!suspended && !facts->work.busy)
		intent->aim = AIM_DEMOTE;
}

/* ---- all of it ---- */

/* It was suspended in an earlier life, or the lease has come back since. Where nothing is Primary
 * no write is held back: a machine that stood still while it started has suspended it in vain. */
static void resume(struct follow *follow, const struct group_facts *facts,
		   struct group_intent *intent, int64_t now)
{
	if (!follow->stopping)
		follow->stopping = now;
	if (facts_rests(facts) || is_safe_again(follow, facts, now)) {
		intent->aim = AIM_RESUME;
		return;
	}
	explain_stop(facts, true, intent);
	intent->denied = true;
	wake(follow, follow->stopping + CONNECTED_TIME, now);
}

static void follow_edges(struct follow *follow, int32_t state, int64_t now)
{
	bool other = state == HaVrrpState_backup || state == HaVrrpState_fault ||
		     state == HaVrrpState_stop;

	if (state == HaVrrpState_master && !follow->master_since) {
		follow->master_since = now;
		follow->other_since = 0;
		follow->tried = AIM_NOTHING;
	} else if (other && !follow->other_since) {
		follow->other_since = now;
		follow->master_since = 0;
		follow->tried = AIM_NOTHING;
	}
}

/* A job that only holds or releases does nothing to what keeps the group from being served. */
static bool is_holding(const struct group_facts *facts)
{
	return facts->work.verb == HaJobVerb_groupHold ||
	       facts->work.verb == HaJobVerb_groupRelease;
}

static void choose(struct follow *follow, const struct group_facts *facts,
		   struct group_intent *intent, int64_t now)
{
	if (facts->work.maintenance)
		return;
	if (!facts->lease.must_stop && !is_suspended(follow, facts))
		follow->stopping = 0;
	if (facts->lease.must_stop && !facts_rests(facts))
		stop(follow, facts, intent, now);
	else if (facts->work.busy && !is_holding(facts))
		return;
	else if (is_suspended(follow, facts))
		resume(follow, facts, intent, now);
	else if (follow->master_since && facts->vrrp.state == HaVrrpState_master)
		serve(follow, facts, intent, now);
	else if (follow->other_since && facts_address(facts) == HaAnswer_no &&
		 facts->vrrp.state != HaVrrpState_init)
		leave(follow, facts, intent, now);
}

/* The same again only after its pause, which is counted from the end of its job. */
static void damp(struct follow *follow, const struct group_facts *facts,
		 struct group_intent *intent, int64_t now)
{
	bool same = intent->aim == follow->tried;

	if (facts->work.busy && follow->tried != AIM_NOTHING)
		follow->next_try = now + follow->pause;
	if (intent->aim == AIM_NOTHING || !same || now >= follow->next_try)
		return;
	wake(follow, follow->next_try, now);
	intent->aim = AIM_NOTHING;
}

static bool is_settled(const struct group_facts *facts, const struct group_intent *intent)
{
	return intent->aim == AIM_NOTHING && !intent->denied && !facts->work.busy &&
	       !intent->text[0];
}

void follow_decide(struct follow *follow, const struct group_facts *facts, int64_t now,
		   struct group_intent *intent)
{
	*intent = (struct group_intent){
		.aim = AIM_NOTHING,
		.reason = HaReason_none,
		.origin = haActionOrigin_vrrp,
	};
	follow->wake = 0;
	follow_edges(follow, facts->vrrp.state, now);
	if (facts_rests(facts))
		follow->jumped = follow->suspended = false;
	choose(follow, facts, intent, now);
	if (facts->work.busy && intent->aim != AIM_SUSPEND && intent->aim != AIM_RESUME)
		intent->aim = AIM_NOTHING;
	if (is_settled(facts, intent))
		follow->tried = AIM_NOTHING;
	intent->wanted = intent->aim;
	damp(follow, facts, intent, now);
}

void follow_started(struct follow *follow, const struct group_intent *intent, int64_t now)
{
	int64_t limit = intent->repair ? FOLLOW_REPAIR_PAUSE_MAX : FOLLOW_PAUSE_MAX;
	bool again = intent->aim == follow->tried;

	follow->pause = again ? 2 * follow->pause : FOLLOW_PAUSE_MIN;
	if (follow->pause > limit)
		follow->pause = limit;
	follow->tried = intent->aim;
	follow->next_try = now + follow->pause;
	if (intent->aim == AIM_SUSPEND)
		follow->suspended = true;
	if (intent->aim == AIM_RESUME)
		follow->suspended = follow->jumped = false;
}

void follow_jumped(struct follow *follow)
{
	follow->jumped = true;
}
