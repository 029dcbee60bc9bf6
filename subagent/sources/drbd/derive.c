/* What follows from what the kernel told and the configuration expects.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/drbd/derive.h"

#include <string.h>

#include "lib/memory.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/sources/drbd/config.h"
#include "subagent/sources/drbd/mounts.h"
#include "subagent/sources/drbd/objects.h"

#define ABSENT(object) (UINT64_C(1) << mib_objects[mib_##object].arc)

static int32_t truth(bool answer)
{
	return answer ? TruthValue_true : TruthValue_false;
}

const struct drbd_expected_peer *drbd_peer_expected(const struct drbd_resource *resource,
						    const struct drbd_peer *peer,
						    unsigned int kernel_major)
{
	const struct drbd_expected_peer *expected =
		resource->expected ? resource->expected->peers : NULL;

	if (kernel_major == DRBD_SINGLE_PEER)
		return peer->node.key == 0 ? expected : NULL;
	for (; expected; expected = expected->next)
		if (expected->numbered ? expected->node_id == peer->node.key :
					 !strcmp(expected->name, peer->kernel_name))
			return expected;
	return NULL;
}

static const struct drbd_expected_volume *volume_expected(const struct drbd_resource *resource,
							  uint32_t number)
{
	const struct drbd_expected_volume *expected =
		resource->expected ? resource->expected->volumes : NULL;

	while (expected && expected->number != number)
		expected = expected->next;
	return expected;
}

static bool is_syncing(int32_t replication)
{
	return (replication >= HaDrbdReplication_startingSyncS &&
		replication <= HaDrbdReplication_syncTarget) ||
	       replication == HaDrbdReplication_pausedSyncS ||
	       replication == HaDrbdReplication_pausedSyncT;
}

static bool is_running(int32_t replication)
{
	return replication == HaDrbdReplication_syncSource ||
	       replication == HaDrbdReplication_syncTarget;
}

/* DRBD 8.4 says Connected from the first octet of the handshake; the role of the peer comes with
 * its end. */
static bool is_joined(const struct drbd_peer *peer)
{
	return peer->node.up && peer->row.connection == HaDrbdConnection_connected &&
	       peer->row.role != HaDrbdRole_unknown;
}

static bool is_established(const struct drbd_peer *peer)
{
	for (const struct drbd_path *path = peer->paths; path; path = path->next)
		if (path->established)
			return true;
	return false;
}

static bool is_talking(const struct drbd_peer *peer)
{
	if (peer->row.connection == HaDrbdConnection_connected)
		return !peer->joined;
	return peer->row.connection == HaDrbdConnection_connecting && is_established(peer);
}

/* The last moment of equal data is the one before it ends, so it is taken when a line ends it. */
static void follow_peer_volume(const struct drbd_resource *resource, const struct drbd_peer *peer,
			       struct drbd_peer_volume *volume,
			       const struct drbd_surroundings *around)
{
	const struct drbd_peer_volume_row *row = &volume->row;
	struct drbd_node *own = drbd_node_find(resource->volumes, volume->node.key);
	bool in_sync = peer->joined && row->replication == HaDrbdReplication_established &&
		       row->disk == HaDrbdDisk_upToDate && row->out_of_sync == 0 && own &&
		       drbd_volume_of(own)->row.disk == HaDrbdDisk_upToDate;

	if (volume->in_sync != in_sync || (in_sync && around->dumped))
		volume->row.last_in_sync.wall = around->wall;
	volume->in_sync = in_sync;
	if (!is_running(row->replication) || row->resync_suspended)
		drbd_progress_stop(&volume->progress);
	else if (volume->fresh)
		drbd_progress_note(&volume->progress, around->now, row->out_of_sync);
	volume->fresh = false;
}

static void follow_volumes(const struct drbd_resource *resource, struct drbd_peer *peer,
			   struct drbd_split_facts *facts, const struct drbd_surroundings *around)
{
	bool any = false, all = true;

	for (struct drbd_node *node = peer->volumes; node; node = node->next) {
		struct drbd_peer_volume *volume = drbd_peer_volume_of(node);

		follow_peer_volume(resource, peer, volume, around);
		if (!node->up)
			continue;
		any = true;
		all = all && volume->row.replication == HaDrbdReplication_established;
		facts->syncing = facts->syncing || is_syncing(volume->row.replication);
	}
	facts->equal = any && all;
}

static void follow_peer(const struct drbd_resource *resource, struct drbd_peer *peer,
			const struct drbd_surroundings *around)
{
	struct drbd_split_facts facts = {
		.wall = around->wall,
		.primary = resource->row.role == HaDrbdRole_primary,
		.connection = peer->row.connection,
		.before = peer->connection_before,
		.dumped = around->dumped,
	};
	bool joined = is_joined(peer);

	if (joined != peer->joined)
		peer->row.connection_time.wall = around->wall;
	peer->joined = facts.joined = joined;
	facts.talking = is_talking(peer);
	follow_volumes(resource, peer, &facts, around);
	if (peer->node.up)
		drbd_split_follow(&peer->split, &facts);
	peer->connection_before = peer->row.connection;
}

void drbd_resource_follow(struct drbd_resource *resource, const struct drbd_surroundings *around)
{
	if (resource->row.role != resource->role_before)
		resource->row.role_time.wall = around->wall;
	resource->role_before = resource->row.role;
	for (struct drbd_node *node = resource->peers; node; node = node->next)
		follow_peer(resource, drbd_peer_of(node), around);
}

static void derive_device(struct drbd_volume *volume, const struct drbd_expected_volume *expected)
{
	struct drbd_volume_row *row = &volume->row;

	if (!volume->node.up && expected)
		row->minor = expected->minor;
	if (expected && expected->device[0])
		TEXT_PUT(row->device, expected->device);
	else
		TEXT_PRINT(row->device, "/dev/drbd%u", row->minor);
}

/* DRBD 8.4 does not tell the backing device: then it is the configured one, while there is a disk.
 */
static void derive_disk(struct drbd_volume *volume, const struct drbd_expected_volume *expected,
			unsigned int kernel_major)
{
	struct drbd_volume_row *row = &volume->row;
	bool told = volume->node.up && kernel_major != DRBD_SINGLE_PEER;

	if (told)
		return;
	if (expected && row->disk != HaDrbdDisk_diskless)
		TEXT_PUT(row->backing_device, expected->disk);
	else
		TEXT_PUT(row->backing_device, "");
}

/* Only newer drbd-utils tell whether a device is open; a mount shows it, too. */
static void derive_open(struct drbd_volume *volume, const struct drbd_mounts *mounts)
{
	struct drbd_volume_row *row = &volume->row;

	TEXT_PUT(row->mount_point, volume->node.up ? drbd_mounts_find(mounts, row->minor) : "");
	if (row->mount_point[0])
		row->open = HaAnswer_yes;
	else
		row->open = volume->open_told ? volume->open_told : HaAnswer_unknown;
}

static void derive_volume(struct drbd_resource *resource, struct drbd_volume *volume,
			  const struct drbd_surroundings *around)
{
	const struct drbd_expected_volume *expected = volume_expected(resource, volume->node.key);

	volume->node.shown = resource->node.shown && (volume->node.up || expected);
	derive_device(volume, expected);
	derive_disk(volume, expected, around->kernel_major);
	derive_open(volume, around->mounts);
	if (volume->node.shown) {
		resource->row.volumes++;
		resource->row.volumes_up_to_date += volume->row.disk == HaDrbdDisk_upToDate;
	}
}

static void derive_progress(struct drbd_resource *resource, struct drbd_peer_volume *volume)
{
	struct drbd_node *own = drbd_node_find(resource->volumes, volume->node.key);
	uint64_t size = own ? drbd_volume_of(own)->row.size : 0;
	struct drbd_peer_volume_row *row = &volume->row;
	uint64_t derived = ABSENT(haDrbdPeerVolumeResyncDone) | ABSENT(haDrbdPeerVolumeResyncRate) |
			   ABSENT(haDrbdPeerVolumeResyncTimeLeft);

	if (row->head.absent & ABSENT(haDrbdPeerVolumeOutOfSync)) {
		row->head.absent |= derived;
		return;
	}
	row->head.absent &= ~derived;
	row->resync_done = drbd_progress_done(size, row->out_of_sync);
	row->resync_rate = drbd_progress_rate(&volume->progress);
	row->resync_time_left = row->out_of_sync ? drbd_progress_left(&volume->progress) : 0;
}

static void derive_peer_volume(struct drbd_resource *resource, const struct drbd_peer *peer,
			       struct drbd_peer_volume *volume, bool expected)
{
	volume->node.shown =
		peer->node.shown &&
		(volume->node.up || (expected && volume_expected(resource, volume->node.key)));
	TEXT_PUT(volume->row.peer_name, peer->row.name);
	derive_progress(resource, volume);
}

/* The first path that is established, else the first. */
static const struct drbd_path *best_path(const struct drbd_peer *peer)
{
	const struct drbd_path *path = peer->paths;

	while (path && !path->established)
		path = path->next;
	return path ? path : peer->paths;
}

/* DRBD 8.4 does not tell its path: then it is the configured one. */
static void derive_paths(struct drbd_peer *peer, const struct drbd_expected_peer *expected)
{
	const struct drbd_path *best = best_path(peer);
	struct drbd_peer_row *row = &peer->row;

	row->paths = best || !expected ? 0 : expected->paths;
	row->paths_established = row->paths && peer->joined;
	for (const struct drbd_path *path = peer->paths; path; path = path->next) {
		row->paths++;
		row->paths_established += path->established;
	}
	TEXT_PUT(row->local_address, best ? best->local : "");
	TEXT_PUT(row->remote_address, best ? best->remote : "");
	if (!best && expected) {
		TEXT_PUT(row->local_address, expected->local_address);
		TEXT_PUT(row->remote_address, expected->remote_address);
	}
}

static void derive_split(struct drbd_resource *resource, const struct drbd_peer *peer)
{
	struct drbd_resource_row *row = &resource->row;

	row->split_brain = drbd_split_worse(row->split_brain, peer->split.state);
	if (peer->split.found > row->split_brain_time.wall) {
		row->split_brain_time.wall = peer->split.found;
		TEXT_PUT(row->split_brain_peer, peer->row.name);
	}
}

static void derive_peer(struct drbd_resource *resource, struct drbd_peer *peer,
			const struct drbd_surroundings *around)
{
	const struct drbd_expected_peer *expected =
		drbd_peer_expected(resource, peer, around->kernel_major);

	peer->node.shown = resource->node.shown && (peer->node.up || expected);
	peer->row.configured = truth(expected != NULL);
	peer->row.protocol = expected ? expected->protocol : haDrbdPeerProtocol_unknown;
	TEXT_PUT(peer->row.name, expected ? expected->name : peer->kernel_name);
	derive_paths(peer, expected);
	derive_split(resource, peer);
	for (struct drbd_node *node = peer->volumes; node; node = node->next)
		derive_peer_volume(resource, peer, drbd_peer_volume_of(node), expected != NULL);
	if (peer->node.shown) {
		resource->row.peers++;
		resource->row.peers_connected += peer->joined;
	}
}

static int32_t auto_promote(const struct drbd_resource *resource, unsigned int kernel_major)
{
	if (kernel_major == DRBD_SINGLE_PEER)
		return HaAnswer_no;
	return resource->expected ? resource->expected->auto_promote : HaAnswer_unknown;
}

void drbd_resource_derive(struct drbd_resource *resource, const struct drbd_surroundings *around)
{
	struct drbd_resource_row *row = &resource->row;

	resource->node.shown = resource->node.up || resource->expected;
	row->configured = truth(resource->expected != NULL);
	row->auto_promote = auto_promote(resource, around->kernel_major);
	row->split_brain = resource->node.up ? haDrbdResourceSplitBrain_none :
					       haDrbdResourceSplitBrain_unknown;
	row->volumes = row->volumes_up_to_date = row->peers = row->peers_connected = 0;
	for (struct drbd_node *node = resource->volumes; node; node = node->next)
		derive_volume(resource, drbd_volume_of(node), around);
	for (struct drbd_node *node = resource->peers; node; node = node->next)
		derive_peer(resource, drbd_peer_of(node), around);
}

bool drbd_resource_is_busy(const struct drbd_resource *resource)
{
	for (struct drbd_node *node = resource->peers; node; node = node->next)
		for (struct drbd_node *below = drbd_peer_of(node)->volumes; below;
		     below = below->next) {
			int32_t replication = drbd_peer_volume_of(below)->row.replication;

			if (replication >= HaDrbdReplication_startingSyncS &&
			    replication <= HaDrbdReplication_verifyT)
				return true;
		}
	return false;
}
