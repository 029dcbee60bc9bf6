/* Who has been seen when: what the board tells a lease.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/groups/seen.h"

#include <string.h>

#include "lib/rows.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/board.h"
#include "subagent/groups/facts.h"
#include "subagent/groups/lease.h"
#include "subagent/sources/witness/rows.h"

/* An age that does not grow young tells nothing new: so a row need not be fresh. */
static void take(struct lease *lease, const struct witness_row *row, int64_t now)
{
	size_t witness = witness_position(lease->group, row);

	if (!row->age.since)
		return;
	if (row->kind == haGroupWitnessKind_peer)
		lease_take_peer(lease, row->age.since, now);
	else if (witness != SIZE_MAX)
		lease_take_witness(lease, witness, row->age.since, now);
}

static void take_witnesses(struct lease *lease, const struct board *board, int64_t now)
{
	const struct rows *rows = board_rows(board, mib_haGroupWitnessEntry);

	for (size_t i = 0; i < rows->count; i++) {
		const struct witness_row *row = rows->entries[i]->row;

		if (!rows->entries[i]->gone && !strcmp(row->group, lease->group->name))
			take(lease, row, now);
	}
}

/* The rows of a connection that is being lost come one after the other: that nothing is known of
 * the peer's disk may be the first. */
static bool is_connected(const struct group_facts *facts)
{
	for (size_t i = 0; i < facts->resources_count; i++)
		if (facts->resources[i].connected == HaAnswer_yes &&
		    facts->resources[i].peer_disk != HaDrbdDisk_dUnknown)
			return true;
	return false;
}

/* Since the nodes were parted the peer has said that it does not go on with the data that both
 * have.
 */
static bool has_yielded(const struct seen *seen, const struct group_facts *facts)
{
	return facts->peer.behind && facts->peer.confirmed.since > seen->synced;
}

/* A Secondary that went with the same data cannot have written since, unless it says that it is
 * active now; while this node is Primary itself, its own data does not stay the same either. */
static void take_data(struct seen *seen, struct lease *lease, const struct group_facts *facts,
		      int64_t now)
{
	bool synced = facts_synced(facts);
	struct lease_standing standing;

	if (synced) {
		seen->clean = !facts->any_peer_primary && !facts->any_primary;
		seen->synced = now;
	} else if (is_connected(facts) || facts->any_primary || facts_peer_serves(facts, 0)) {
		seen->clean = false;
	}
	if (!synced && seen->clean && has_yielded(seen, facts))
		lease_take_yielded(lease);
	else if (synced || (seen->clean && !lease->sole))
		lease_take_synced(lease, now);
	lease_judge(lease, now, &standing);
	if (facts->all_primary && standing.holds && !standing.must_stop)
		lease_take_written(lease, now);
}

void seen_yield(struct seen *seen, struct lease *lease, const struct group_facts *facts)
{
	if (!seen->clean || facts->peer.answers != HaAnswer_yes ||
	    facts->settings->policy == haGroupFencingPolicy_always)
		return;
	seen->clean = false;
	lease_yield(lease);
}

void seen_feed(struct seen *seen, struct lease *lease, const struct group_facts *facts,
	       const struct board *board, int64_t now)
{
	if (facts->vrrp.heard.since)
		lease_hear_peer(lease, facts->vrrp.heard.since);
	if (facts->peer.confirmed.since)
		lease_take_peer(lease, facts->peer.confirmed.since, now);
	if (facts->peer.behind)
		lease_take_behind(lease, facts->peer.confirmed.since);
	take_witnesses(lease, board, now);
	lease_take_fenced(lease, facts->work.fenced);
	take_data(seen, lease, facts, now);
	if (facts->vrrp.state != HaVrrpState_unknown)
		lease_take_links(lease, facts->vrrp.linked, now);
}
