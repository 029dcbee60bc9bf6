/* Whether a VRRP instance may be held or released now, judged from the rows on the board.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/requests/vrrp_guard.h"

#include <string.h>

#include "mib/ha-agentx-mib.h"
#include "subagent/board.h"
#include "subagent/requests/finding.h"
#include "subagent/requests/request.h"
#include "subagent/sources/peer/rows.h"
#include "subagent/sources/vrrp/rows.h"

#define USUAL_INTERVAL 1000

static const struct vrrp_instance_row *find_instance(const struct board *board,
						     const uint32_t *index, size_t length)
{
	return request_row_of(board, mib_haVrrpInstanceEntry, index, length);
}

static const struct vrrp_instance_row *instance_of(const struct board *board,
						   const struct request *request)
{
	return find_instance(board, request->index, request->index_length);
}

/* ---- what is in the way ---- */

static void judge_instance(const struct vrrp_instance_row *row, const char *name,
			   struct finding *finding)
{
	if (!row)
		finding_put(finding, HaReason_noSubject, "there is no instance %s", name);
	else if (row->head.state == HaRowState_missing)
		finding_put(finding, HaReason_notUp, "keepalived does not have %s", name);
	else if (row->head.state != HaRowState_fresh || row->vrrp_state == HaVrrpState_unknown)
		finding_put(finding, HaReason_factsStale,
			    "what is known of %s is not current: see haSourceTable", name);
	else if (row->vrrp_state == HaVrrpState_stop || row->vrrp_state == HaVrrpState_deleted)
		finding_put(finding, HaReason_notUp, "keepalived does not run %s", name);
}

static void judge_file(const struct vrrp_instance_row *row, const char *name,
		       struct finding *finding)
{
	if (row->hold_effective == HaAnswer_no)
		finding_put(finding, HaReason_notUp,
			    "the hold file of %s would have no effect: keepalived must track it "
			    "with weight 0, and its folder must be there",
			    name);
	else if (row->hold_effective != HaAnswer_yes)
		finding_put(finding, HaReason_factsStale,
			    "whether keepalived tracks the hold file of %s is not known", name);
}

static void judge_peer(const struct board *board, const struct request *request,
		       struct finding *finding)
{
	const struct peer_vrrp_row *peer =
		request_row_of(board, mib_haVrrpPeerEntry, request->index, request->index_length);

	if (!peer)
		finding_put(finding, HaReason_noHealthyPeer,
			    "no peer is known that has %s: configure one in the section peer",
			    request->name);
	else if (peer->head.state != HaRowState_fresh || peer->healthy != HaAnswer_yes)
		finding_put(finding, HaReason_noHealthyPeer,
			    "%s would not be taken over by %s: %s, row %s", request->name,
			    peer->node[0] ? peer->node : "the peer",
			    mib_label_of(haVrrpPeerCause_labels, peer->cause),
			    mib_label_of(HaRowState_labels, peer->head.state));
}

void guard_vrrp_hold(const struct board *board, const struct request *request,
		     struct finding *finding)
{
	const struct vrrp_instance_row *row = instance_of(board, request);

	finding_open(finding);
	judge_instance(row, request->name, finding);
	if (finding->reason != HaReason_none)
		return;
	if (row->held == HaAnswer_yes && !request->seconds && !row->hold_ends.wall)
		finding_put(finding, HaReason_nothingToDo, "%s is held already", request->name);
	judge_file(row, request->name, finding);
	if (!request->forced)
		judge_peer(board, request, finding);
}

/* It is released even where keepalived is gone: it shall not find a hold when it starts. */
void guard_vrrp_release(const struct board *board, const struct request *request,
			struct finding *finding)
{
	const struct vrrp_instance_row *row = instance_of(board, request);

	finding_open(finding);
	if (!row)
		finding_put(finding, HaReason_noSubject, "there is no instance %s", request->name);
	else if (row->head.state != HaRowState_fresh && row->head.state != HaRowState_missing)
		finding_put(finding, HaReason_factsStale,
			    "what is known of %s is not current: see haSourceTable", request->name);
	else if (row->held == HaAnswer_no && !request->promised)
		finding_put(finding, HaReason_nothingToDo, "%s is not held", request->name);
}

/* ---- how it is ---- */

int32_t guard_vrrp_state(const struct board *board, const struct request *request)
{
	const struct vrrp_instance_row *row = instance_of(board, request);

	return row && row->head.state == HaRowState_fresh ? row->vrrp_state : HaVrrpState_unknown;
}

/* That the file has no effect says nothing of what is in it. */
int32_t guard_vrrp_held(const struct board *board, const uint32_t *index, size_t length)
{
	const struct vrrp_instance_row *row = find_instance(board, index, length);

	if (!row || (row->head.state != HaRowState_fresh && row->head.state != HaRowState_missing))
		return HaAnswer_unknown;
	return row->held;
}

/* An instance on an interface of its own (use_vmac) is heard on the one below: the source tells by
 * name whose router it is. */
static bool is_other_master(const struct vrrp_router_row *router,
			    const struct vrrp_instance_row *instance)
{
	return router->head.state == HaRowState_fresh && router->own != TruthValue_true &&
	       router->router_state == haVrrpRouterState_advertising &&
	       router->vrid == instance->vrid && router->type == instance->address_type &&
	       (!strcmp(router->interface, instance->interface) ||
		!strcmp(router->instance, instance->name));
}

bool guard_vrrp_is_taken_over(const struct board *board, const struct request *request)
{
	const struct vrrp_instance_row *instance = instance_of(board, request);
	const struct rows *routers = board_rows(board, mib_haVrrpRouterEntry);

	for (size_t i = 0; instance && routers && i < routers->count; i++)
		if (!routers->entries[i]->gone &&
		    is_other_master(routers->entries[i]->row, instance))
			return true;
	return false;
}

int64_t guard_vrrp_interval(const struct board *board, const struct request *request)
{
	const struct vrrp_instance_row *row = instance_of(board, request);

	return row && row->interval ? row->interval : USUAL_INTERVAL;
}
