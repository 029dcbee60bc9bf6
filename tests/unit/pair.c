/* A healthy DRBD resource in rows, for tests to spoil.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "tests/unit/pair.h"

#include "lib/memory.h"
#include "mib/ha-agentx-mib.h"
#include "tests/unit/world.h"

static void add_volume(struct pair *pair, uint32_t number)
{
	struct drbd_volume_row *volume = &pair->volume[number];
	struct drbd_peer_volume_row *peer = &pair->peer_volume[number];

	*volume = (struct drbd_volume_row){
		.head.state = HaRowState_fresh,
		.number = number,
		.minor = number,
		.disk = HaDrbdDisk_upToDate,
		.client = HaAnswer_no,
		.quorum = HaAnswer_yes,
		.open = HaAnswer_no,
	};
	*peer = (struct drbd_peer_volume_row){
		.head.state = HaRowState_fresh,
		.node_id = 1,
		.volume = number,
		.peer_name = "n2",
		.replication = HaDrbdReplication_established,
		.disk = HaDrbdDisk_upToDate,
		.client = HaAnswer_no,
	};
	TEXT_PUT(volume->resource, pair->resource.name);
	TEXT_PUT(peer->resource, pair->resource.name);
}

struct pair pair_healthy(const char *name)
{
	struct pair pair = {
		.resource = {
			.head.state = HaRowState_fresh, .role = HaDrbdRole_secondary,
			.split_brain = haDrbdResourceSplitBrain_none,
		},
		.peer = {
			.head.state = HaRowState_fresh, .node_id = 1, .name = "n2",
			.connection = HaDrbdConnection_connected, .role = HaDrbdRole_secondary,
		},
	};

	TEXT_PUT(pair.resource.name, name);
	TEXT_PUT(pair.peer.resource, name);
	for (uint32_t i = 0; i < PAIR_VOLUMES; i++)
		add_volume(&pair, i);
	return pair;
}

void pair_say(const struct pair *pair)
{
	changes_put(&world.changes, &drbd_resource_table, &pair->resource, &world.when);
	changes_put(&world.changes, &drbd_peer_table, &pair->peer, &world.when);
	for (uint32_t i = 0; i < PAIR_VOLUMES; i++) {
		changes_put(&world.changes, &drbd_volume_table, &pair->volume[i], &world.when);
		changes_put(&world.changes, &drbd_peer_volume_table, &pair->peer_volume[i],
			    &world.when);
	}
}
