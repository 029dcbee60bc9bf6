/* Judges whether the peer would take an instance over, from what its agent says.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/peer/vrrp.h"

#include "lib/memory.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/sources/peer/book.h"
#include "subagent/sources/peer/rows.h"

#define AGE_BIT (UINT64_C(1) << mib_objects[mib_haVrrpPeerAge].arc)

static void begin(void *row, const char *name)
{
	struct peer_vrrp_row *own = row;

	own->vrrp_state = HaVrrpState_unknown;
	own->reason = haVrrpPeerReason_unknown;
	own->held = HaAnswer_unknown;
	TEXT_PUT(own->instance, name);
}

/* A row that its own agent does not vouch for says nothing about the peer as it is now. */
static bool is_known(const void *said)
{
	const struct peer_instance_row *row = said;

	return table_has(table_column(&peer_instance_table, mib_haVrrpInstanceState), row) &&
	       row->vrrp_state != HaVrrpState_unknown &&
	       (row->head.state == HaRowState_fresh || row->head.state == HaRowState_missing);
}

static int32_t judge(const struct peer_instance_row *row, int32_t keepalived)
{
	if (keepalived == haVrrpKeepalivedState_stopped ||
	    keepalived == haVrrpKeepalivedState_notInstalled)
		return haVrrpPeerCause_keepalivedGone;
	if (row->head.state == HaRowState_missing)
		return haVrrpPeerCause_noSuchInstance;
	if (row->held == HaAnswer_yes)
		return haVrrpPeerCause_held;
	if (row->vrrp_state == HaVrrpState_fault)
		return haVrrpPeerCause_fault;
	if (row->vrrp_state == HaVrrpState_backup || row->vrrp_state == HaVrrpState_master)
		return haVrrpPeerCause_none;
	return haVrrpPeerCause_notReady;
}

static int32_t take(void *row, const void *said, const struct peer_said *all)
{
	const struct peer_instance_row *theirs = said;
	struct peer_vrrp_row *own = row;

	own->state_time = theirs->state_time;
	own->vrrp_state = theirs->vrrp_state;
	own->reason = theirs->reason ? theirs->reason : haVrrpPeerReason_unknown;
	own->priority = theirs->priority;
	own->addresses_present = theirs->addresses_present;
	own->held = theirs->held ? theirs->held : HaAnswer_unknown;
	return judge(theirs, all->keepalived);
}

static int32_t absent(const struct peer_said *all)
{
	switch (all->keepalived) {
	case haVrrpKeepalivedState_unknown:
	case haVrrpKeepalivedState_other:
		return haVrrpPeerCause_rowNotFresh;
	case haVrrpKeepalivedState_running:
		return haVrrpPeerCause_noSuchInstance;
	default:
		return haVrrpPeerCause_keepalivedGone;
	}
}

static void lose(void *row)
{
	struct peer_vrrp_row *own = row;

	own->vrrp_state = HaVrrpState_unknown;
	own->held = HaAnswer_unknown;
}

static void show(void *row, const struct peer_standing *standing, const char *node)
{
	struct peer_vrrp_row *own = row;

	own->head.state = standing->state;
	own->head.absent = standing->confirmed ? 0 : AGE_BIT;
	own->healthy = standing->good;
	own->cause = standing->cause;
	own->age.since = standing->confirmed;
	TEXT_PUT(own->node, node);
}

const struct peer_kind peer_vrrp_kind = {
	.table = &peer_vrrp_table,
	.moving = offsetof(struct peer_vrrp_row, age),
	.missing = haVrrpPeerCause_noSuchInstance,
	.begin = begin,
	.known = is_known,
	.take = take,
	.absent = absent,
	.lose = lose,
	.show = show,
};
