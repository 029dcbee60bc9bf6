/* Why the state of an instance has changed, as far as it can be told from what was so around it.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/vrrp/reason.h"

#include "mib/ha-agentx-mib.h"

/* keepalived does not say which tracker it was: scripts, processes and the other members of a sync
 * group cannot be told apart. */
static int32_t why_fault(const struct vrrp_change *change)
{
	if (change->held)
		return haVrrpInstanceReason_operator;
	if (!change->running)
		return haVrrpInstanceReason_trackInterface;
	if (change->tracked)
		return haVrrpInstanceReason_trackFile;
	return haVrrpInstanceReason_unknown;
}

static int32_t why_master(const struct vrrp_change *change)
{
	if (change->resigned)
		return haVrrpInstanceReason_peerResigned;
	if (change->outranked)
		return haVrrpInstanceReason_peerPriority;
	return haVrrpInstanceReason_peerSilent;
}

/* What led into FAULT has gone when it leaves it. */
static int32_t why_backup(const struct vrrp_change *change)
{
	switch (change->from) {
	case HaVrrpState_fault:
		return change->before;
	case HaVrrpState_master:
		return change->weighed ? haVrrpInstanceReason_trackFile :
					 haVrrpInstanceReason_peerPriority;
	default:
		return haVrrpInstanceReason_started;
	}
}

int32_t vrrp_reason(const struct vrrp_change *change)
{
	if (change->gone)
		return haVrrpInstanceReason_keepalivedGone;
	switch (change->to) {
	case HaVrrpState_fault:
		return why_fault(change);
	case HaVrrpState_stop:
		return haVrrpInstanceReason_keepalivedGone;
	case HaVrrpState_init:
	case HaVrrpState_deleted:
		return haVrrpInstanceReason_started;
	default:
		break;
	}
	if (change->started)
		return haVrrpInstanceReason_started;
	if (!change->from)
		return haVrrpInstanceReason_none;
	if (change->to == HaVrrpState_master)
		return why_master(change);
	if (change->to == HaVrrpState_backup)
		return why_backup(change);
	return haVrrpInstanceReason_unknown;
}
