/* What the peer is to the groups of this node, from what its agent says.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/peer/group.h"

#include "lib/memory.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/sources/peer/book.h"
#include "subagent/sources/peer/rows.h"

#define AGE_BIT (UINT64_C(1) << mib_objects[mib_haGroupPeerNodeAge].arc)

/* The book's causes are these, too. */
#define SAME(cause) ((int)haVrrpPeerCause_##cause == (int)haGroupPeerNodeCause_##cause)
_Static_assert(SAME(other) && SAME(unknown) && SAME(none) && SAME(unreachable) &&
		       SAME(authenticationFailed) && SAME(notUnderstood) && SAME(noAgent) &&
		       SAME(ownNode) && SAME(rowNotFresh),
	       "the causes of haVrrpPeerCause and haGroupPeerNodeCause");

static void forget_values(struct peer_group_row *row)
{
	row->role = HaServiceRole_unknown;
	row->switch_ready = HaAnswer_unknown;
	row->maintenance = HaAnswer_unknown;
	row->policy = haGroupPeerNodeFencingPolicy_unknown;
	row->behind = HaAnswer_unknown;
	row->blockers = 0;
	row->members = 0;
	row->members_failed = 0;
	TEXT_PUT(row->active, "");
	TEXT_PUT(row->role_text, "");
	TEXT_PUT(row->nfs_scope, "");
	row->nfs_versions = 0;
}

static void begin(void *row, const char *name)
{
	struct peer_group_row *own = row;

	forget_values(own);
	TEXT_PUT(own->group, name);
}

static bool is_known(const void *said)
{
	const struct peer_asked_group_row *row = said;

	return row->role && row->role != HaServiceRole_unknown &&
	       row->head.state == HaRowState_fresh;
}

/* A TruthValue that may not have come. */
static int32_t answer_of(int32_t truth)
{
	return truth == TruthValue_true  ? HaAnswer_yes :
	       truth == TruthValue_false ? HaAnswer_no :
					   HaAnswer_unknown;
}

static void take_nfs(struct peer_group_row *own, const struct peer_nfs_row *nfs)
{
	bool serves =
		nfs && (nfs->nfs_state == haNfsState_running || nfs->nfs_state == haNfsState_grace);

	TEXT_PUT(own->nfs_scope, serves ? nfs->scope : "");
	own->nfs_versions = serves ? nfs->versions : 0;
}

static int32_t take(void *row, const void *said, const struct peer_said *all)
{
	const struct peer_asked_group_row *theirs = said;
	struct peer_group_row *own = row;

	own->role = theirs->role;
	own->switch_ready = theirs->switch_ready ? theirs->switch_ready : HaAnswer_unknown;
	own->maintenance = answer_of(theirs->maintenance);
	own->policy = theirs->policy ? theirs->policy : haGroupPeerNodeFencingPolicy_unknown;
	own->behind = theirs->behind ? theirs->behind : HaAnswer_unknown;
	own->blockers = theirs->blockers;
	own->members = theirs->members;
	own->members_failed = theirs->members_failed;
	TEXT_PUT(own->active, theirs->active);
	TEXT_PUT(own->role_text, theirs->role_text);
	take_nfs(own, all->nfs);
	return haGroupPeerNodeCause_none;
}

/* Groups are those of its configuration, which it knows from its first moment on. */
static int32_t absent(const struct peer_said *all)
{
	(void)all;
	return haGroupPeerNodeCause_noSuchGroup;
}

static void lose(void *row)
{
	forget_values(row);
}

static void show(void *row, const struct peer_standing *standing, const char *node)
{
	struct peer_group_row *own = row;

	own->head.state = standing->state;
	own->head.absent = standing->confirmed ? 0 : AGE_BIT;
	own->answers = standing->good;
	own->cause = standing->cause;
	own->age.since = standing->confirmed;
	TEXT_PUT(own->node, node);
}

const struct peer_kind peer_group_kind = {
	.table = &peer_group_table,
	.moving = offsetof(struct peer_group_row, age),
	.only_expected = true,
	.missing = haGroupPeerNodeCause_noSuchGroup,
	.begin = begin,
	.known = is_known,
	.take = take,
	.absent = absent,
	.lose = lose,
	.show = show,
};
