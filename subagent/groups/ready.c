/* Whether a switchover would be accepted now, and why not.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/groups/ready.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "lib/memory.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/groups/facts.h"

#define BIT(name) (1U << HaSwitchBlockers_##name)

/* Those of a standby's blockers that its peer has found, and that this node sees for itself. */
#define SEEN_HERE                                                                                  \
	(BIT(factsStale) | BIT(drbdNotConnected) | BIT(drbdNotUpToDate) |                          \
	 BIT(drbdPeerNotUpToDate) | BIT(drbdPeerPrimary) | BIT(drbdResyncing) |                    \
	 BIT(drbdVerifying) | BIT(drbdSplitBrain) | BIT(peerNotReady))

#define DIFFERENCES                                                                                \
	(1U << HaNfsProblems_fsidDiffers | 1U << HaNfsProblems_scopeDiffers |                      \
	 1U << HaNfsProblems_versionsDiffer | 1U << HaNfsProblems_exportsDiffer)

static const char *node_of(const struct group_facts *facts)
{
	return facts->peer.node[0] ? facts->peer.node : "the peer";
}

/* The same twice is said once. */
static void block(struct group_ready *ready, uint32_t blocker, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static void block(struct group_ready *ready, uint32_t blocker, const char *format, ...)
{
	char sentence[200];
	va_list arguments;

	if (ready->blockers & blocker)
		return;
	va_start(arguments, format);
	vsnprintf(sentence, sizeof(sentence), format, arguments);
	va_end(arguments);
	ready->blockers |= blocker;
	text_add(ready->text, sizeof(ready->text), sentence);
}

/* The last blocker is in the way of this node's taking over, too. */
static void block_own(struct group_ready *ready, uint32_t blocker, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static void block_own(struct group_ready *ready, uint32_t blocker, const char *format, ...)
{
	char sentence[200];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(sentence, sizeof(sentence), format, arguments);
	va_end(arguments);
	block(ready, blocker, "%s", sentence);
	if (ready->own_blockers & blocker)
		return;
	ready->own_blockers |= blocker;
	text_add(ready->own_text, sizeof(ready->own_text), sentence);
}

/* ---- this node ---- */

static void judge_times(const struct group_facts *facts, struct group_ready *ready)
{
	if (!facts->actions)
		block(ready, BIT(actionsDisabled), "the configuration allows no requests at all");
	else if (!facts->settings->switchable)
		block(ready, BIT(notAllowed), "set switchable for this group to allow it");
	if (facts->work.busy)
		block(ready, BIT(jobRunning), "job %u is running: wait for its end",
		      facts->work.job);
	if (facts->work.maintenance)
		block(ready, BIT(maintenance), "it is in maintenance: request resume first");
	if (facts->cool_down_left)
		block(ready, BIT(coolDown), "wait for another %u s after the last switchover",
		      facts->cool_down_left);
}

static void judge_vrrp(const struct group_facts *facts, struct group_ready *ready)
{
	const struct group_vrrp *vrrp = &facts->vrrp;
	int32_t how = vrrp->consistency;

	if (vrrp->state == HaVrrpState_stop)
		block_own(ready, BIT(keepalivedGone),
			  vrrp->gone ? "keepalived does not run here: start it" :
				       "keepalived does not have %s here: see its configuration",
			  facts->instance);
	else if (facts_address(facts) == HaAnswer_unknown)
		block_own(ready, BIT(factsStale), "the state of %s is not known: see haSourceTable",
			  facts->instance);
	else if (vrrp->state == HaVrrpState_fault)
		block_own(ready, BIT(vrrpConflict), "%s is in FAULT here: %s", facts->instance,
			  vrrp->held == HaAnswer_yes ? "it is held, release it" :
						       "see haVrrpInstanceReason");
	if (how > haVrrpInstanceConsistency_pending)
		block(ready, BIT(vrrpConflict), "%s: %s, see haVrrpInstanceConsistency",
		      facts->instance, mib_label_of(haVrrpInstanceConsistency_labels, how));
	if (vrrp->hold_effective == HaAnswer_no)
		block(ready, BIT(holdNotEffective),
		      "keepalived would not obey the hold file: track it with weight 0");
	else if (vrrp->hold_effective == HaAnswer_unknown && vrrp->state != HaVrrpState_stop)
		block(ready, BIT(factsStale),
		      "whether keepalived tracks the hold file is not known");
}

static void judge_members(const struct group_facts *facts, struct group_ready *ready)
{
	const struct group_members *members = &facts->members;

	if (members->failure && members->failure->kind != haGroupMemberKind_drbd)
		block_own(ready, BIT(memberFailed), "%s has failed%s%s: repair it",
			  members->failure->name, members->error[0] ? ": " : "", members->error);
	else if (members->unknown)
		block_own(ready, BIT(factsStale), "%u members are not known: see haSourceTable",
			  members->unknown);
	else if (facts->active && members->not_started &&
		 members->not_started->kind != haGroupMemberKind_drbd)
		block(ready, BIT(memberFailed), "%s is not started: start it",
		      members->not_started->name);
	else if (!facts->active && facts_address(facts) == HaAnswer_no && members->running)
		block(ready, BIT(memberFailed), "%s runs here and should not: stop it",
		      members->running->name);
}

/* On a standby they are as they are while nothing is mounted and exported, but for what differs
 * from the other node. */
static void judge_nfs(const struct group_facts *facts, struct group_ready *ready)
{
	uint32_t problems = facts->nfs_problems;
	const char *text = facts->nfs_text, *differences = facts->nfs_differences;

	if (!facts->active)
		problems &= DIFFERENCES;
	if (!problems)
		return;
	if (!facts->active && differences[0])
		text = "";
	if (problems & 1U << HaNfsProblems_bindMount)
		block(ready, BIT(mountHeld),
		      "a bind mount would prevent unmounting: see "
		      "haNfsProblemsText");
	if (!differences[0] && !text[0])
		text = "see haNfsExportProblems";
	block(ready, BIT(nfsProblems), "NFS: %s%s%s", differences,
	      differences[0] && text[0] ? "; " : "", text);
}

/* ---- DRBD ---- */

static void judge_disks(const struct group_facts *facts, const struct group_resource *resource,
			struct group_ready *ready)
{
	const char *name = resource->name;

	if (resource->disk != HaDrbdDisk_upToDate)
		block_own(ready, BIT(drbdNotUpToDate), "%s/%u is %s here: wait for the resync",
			  name, resource->volume, mib_label_of(HaDrbdDisk_labels, resource->disk));
	if (resource->connected == HaAnswer_yes && resource->peer_disk != HaDrbdDisk_upToDate)
		block(ready, BIT(drbdPeerNotUpToDate), "%s is %s on %s: wait for the resync", name,
		      mib_label_of(HaDrbdDisk_labels, resource->peer_disk), resource->peer);
	if (resource->syncing)
		block(ready, BIT(drbdResyncing), "%s is being resynchronised: wait for its end",
		      name);
	if (resource->verifying)
		block(ready, BIT(drbdVerifying), "%s is being verified: wait for its end", name);
	if (resource->peer_role == HaDrbdRole_primary && facts->active)
		block(ready, BIT(drbdPeerPrimary), "%s is Primary on %s: make it Secondary there",
		      name, resource->peer);
	if (resource->mounted)
		block(ready, BIT(mountHeld), "%s is mounted on %s, too: unmount that", name,
		      resource->mounted);
}

static void judge_resource(const struct group_facts *facts, const struct group_resource *resource,
			   struct group_ready *ready)
{
	const char *name = resource->name;

	if (resource->up == HaAnswer_no) {
		block_own(ready, BIT(drbdDown), "%s is not up: drbdadm up %s", name, name);
		return;
	}
	if (resource->up != HaAnswer_yes || resource->role == HaDrbdRole_unknown) {
		block_own(ready, BIT(factsStale), "the state of %s is not known: see haSourceTable",
			  name);
		return;
	}
	if (resource->split_brain)
		block_own(ready, BIT(drbdSplitBrain), "%s has an open split brain: resolve it",
			  name);
	if (resource->connected != HaAnswer_yes)
		block_own(ready, BIT(drbdNotConnected), "%s is not connected with %s (%s)", name,
			  resource->lost,
			  mib_label_of(HaDrbdConnection_labels, resource->connection));
	if (resource->suspended)
		block_own(ready, BIT(drbdSuspended), "I/O of %s is suspended: drbdadm resume-io",
			  name);
	if (resource->no_quorum)
		block_own(ready, BIT(drbdNoQuorum), "%s has no quorum: bring back enough nodes",
			  name);
	judge_disks(facts, resource, ready);
}

/* ---- the other node ---- */

static void judge_standby(const struct group_facts *facts, struct group_ready *ready)
{
	const struct group_peer *peer = &facts->peer;

	if (peer->role == HaServiceRole_standbyCold)
		block(ready, BIT(peerNotReady), "%s could not take over: %s", node_of(facts),
		      peer->role_text);
	else if (peer->role != HaServiceRole_standbyHot)
		block(ready, BIT(peerNotStandby), "%s is %s: %s", node_of(facts),
		      mib_label_of(HaServiceRole_labels, peer->role), peer->role_text);
}

/* Where the other one is active it alone knows what stands in its way. */
static void judge_active(const struct group_facts *facts, struct group_ready *ready)
{
	const struct group_peer *peer = &facts->peer;
	uint32_t others = peer->blockers & ~SEEN_HERE;

	if (peer->ready == HaAnswer_yes)
		return;
	for (uint32_t bit = 0; bit < 32; bit++)
		if (others & 1U << bit)
			block(ready, 1U << bit, "%s says: %s", node_of(facts),
			      mib_label_of(HaSwitchBlockers_labels, (int32_t)bit));
	if (!ready->blockers)
		block(ready, BIT(peerNotReady), "%s says that it is not ready", node_of(facts));
}

static void judge_settings(const struct group_facts *facts, struct group_ready *ready)
{
	const struct group_peer *peer = &facts->peer;

	if (peer->missing)
		block(ready, BIT(configDiffers), "%s does not have this group: configure it there",
		      node_of(facts));
	else if (peer->answers == HaAnswer_yes &&
		 (peer->policy != facts->settings->policy ||
		  peer->members != facts->settings->members_count + 1))
		block(ready, BIT(configDiffers), "%s has another %s of this group", node_of(facts),
		      peer->policy != facts->settings->policy ? "fencing policy" :
								"list of members");
}

static void judge_peer(const struct group_facts *facts, struct group_ready *ready)
{
	const struct group_peer *peer = &facts->peer;

	if (!peer->configured)
		block(ready, BIT(peerUnreachable), "no peer is configured: see the section peer");
	else if (peer->answers == HaAnswer_unknown)
		block(ready, BIT(factsStale), "how %s is, is not known yet", node_of(facts));
	judge_settings(facts, ready);
	if (!peer->configured || peer->missing || peer->answers == HaAnswer_unknown)
		return;
	if (peer->answers != HaAnswer_yes)
		block(ready, BIT(peerUnreachable), "the agent of %s does not answer: see %s",
		      node_of(facts), "haGroupPeerNodeCause");
	else if (facts->active)
		judge_standby(facts, ready);
	else if (facts_peer_serves(facts, 0))
		judge_active(facts, ready);
	if (facts->vrrp.peer_cause == haVrrpPeerCause_keepalivedGone)
		block(ready, BIT(keepalivedGone), "keepalived does not run on %s: start it there",
		      node_of(facts));
}

/* ---- all of it ---- */

void ready_judge(const struct group_facts *facts, struct group_ready *ready)
{
	memset(ready, 0, sizeof(*ready));
	if (facts->conflict)
		block_own(ready, BIT(conflict),
			  "the facts contradict each other: see haGroupRoleText");
	judge_times(facts, ready);
	judge_vrrp(facts, ready);
	for (size_t i = 0; i < facts->resources_count; i++)
		judge_resource(facts, &facts->resources[i], ready);
	judge_members(facts, ready);
	judge_nfs(facts, ready);
	judge_peer(facts, ready);
	if (!facts->active && !facts_peer_serves(facts, 0) &&
	    !(ready->blockers & (BIT(factsStale) | BIT(conflict))))
		block(ready, BIT(notActive), "no node that is seen has it active");
	ready->ready = !ready->blockers                   ? HaAnswer_yes :
		       ready->blockers & ~BIT(factsStale) ? HaAnswer_no :
							    HaAnswer_unknown;
}

bool ready_is_passing(uint32_t blockers)
{
	const uint32_t passing = BIT(actionsDisabled) | BIT(notAllowed) | BIT(jobRunning) |
				 BIT(maintenance) | BIT(coolDown);

	return !(blockers & ~passing);
}
