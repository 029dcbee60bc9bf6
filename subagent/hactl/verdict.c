/* What DRBD is told of a peer that it does not see any more, judged from the rows of the hub.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/hactl/verdict.h"

#include <string.h>

#include "lib/memory.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/board.h"
#include "subagent/groups/rows.h"
#include "subagent/sources/drbd/rows.h"

/* The group that the resource is a member of. */
static const struct group_row *find_group(const struct board *board, const char *resource)
{
	const struct rows *rows = board_rows(board, mib_haGroupMemberEntry);

	for (size_t i = 0; i < rows->count; i++) {
		const struct group_member_row *member = (const void *)rows->entries[i]->row;
		struct group_row key = { .head.state = 0 };

		if (member->kind != haGroupMemberKind_drbd || strcmp(member->name, resource))
			continue;
		TEXT_PUT(key.name, member->group);
		return board_row(board, mib_haGroupEntry, &key);
	}
	return NULL;
}

static const struct drbd_resource_row *find_resource(const struct board *board, const char *name)
{
	struct drbd_resource_row key = { .head.state = 0 };

	TEXT_PUT(key.name, name);
	return board_row(board, mib_haDrbdResourceEntry, &key);
}

static void decide(struct verdict_view *view, enum verdict_status status, const char *why)
{
	view->status = status;
	TEXT_PUT(view->why, why);
}

/* Under the policies that know how to be certain. */
static void judge_certain(const struct group_row *group, bool patient, struct verdict_view *view)
{
	bool fence = group->policy == haGroupFencingPolicy_fence;

	if (!view->primary && group->behind == HaAnswer_yes) {
		decide(view, VERDICT_NONE,
		       "this node does not go on before it has the data of its peer");
	} else if (group->peer_fenced == HaAnswer_yes) {
		decide(view, fence ? VERDICT_FENCED : VERDICT_OUTDATED,
		       "the peer is off, or cannot take over before it has this node's data");
	} else {
		decide(view, VERDICT_NONE,
		       "it is not certain that the peer does not write, and will not take over");
		view->shoot = fence && !(patient && group->peer_reachable == HaAnswer_yes &&
					 !group->peer_silent);
	}
}

static void judge_group(const struct group_row *group, bool patient, struct verdict_view *view)
{
	switch (group->policy) {
	case haGroupFencingPolicy_never:
		decide(view, VERDICT_UNREACHABLE,
		       "the policy is never: the peer does not take over by itself");
		break;
	case haGroupFencingPolicy_always:
		decide(view, VERDICT_UNREACHABLE,
		       "the policy is always: a peer that is not seen is taken for dead");
		break;
	default:
		judge_certain(group, patient, view);
	}
}

/* What an agent has said is believed for longer than a lease lasts. */
static bool may_be_active(const struct group_row *group)
{
	return group->peer_reachable == HaAnswer_yes && !group->peer_stopped &&
	       (group->peer_role == HaServiceRole_active ||
		group->peer_role == HaServiceRole_degraded);
}

/* A hub that has just started does not know of the resources and of the members of its groups yet.
 */
void verdict_judge(const struct board *board, const char *resource, bool patient,
		   struct verdict_view *view)
{
	const struct drbd_resource_row *own = find_resource(board, resource);
	const struct group_row *group = find_group(board, resource);

	memset(view, 0, sizeof(*view));
	view->known = own && own->head.state == HaRowState_fresh;
	view->primary = view->known && own->role == HaDrbdRole_primary;
	view->connected = view->known && own->peers && own->peers_connected == own->peers;
	if (!view->known) {
		decide(view, VERDICT_NONE, "the agent does not know the state of this resource");
		return;
	}
	if (!group) {
		decide(view, VERDICT_NONE, "the agent knows of no group with this resource");
		return;
	}
	TEXT_PUT(view->group, group->name);
	if (own->role == HaDrbdRole_secondary && may_be_active(group))
		decide(view, VERDICT_NONE, "the peer's agent said lately that it is active");
	else if (group->head.state != HaRowState_fresh)
		decide(view, VERDICT_NONE, "what is known of the group is not current");
	else
		judge_group(group, patient, view);
}
