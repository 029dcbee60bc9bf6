/* Keeps quiet about what a volume passes through while its resource is taken down or brought up.
 *
 * `drbdadm down' disconnects, detaches and destroys in one call of the kernel: each volume is
 * Failed (DRBD 8.4) or Detaching (9), then Diskless, then gone. `drbdadm up' makes it Diskless and
 * attaches the disk with the next call. Of what is Primary or connected nothing is held: a disk
 * that fails there is told at once.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/drbd/damp.h"

#include "mib/ha-agentx-mib.h"
#include "subagent/sources/drbd/objects.h"

/* How long a volume may take from losing its disk to its end, milliseconds: some, of which each
 * volume of the resource takes a part. */
#define DOWN_TIME 80

/* How long one that is new may have no disk. */
#define UP_TIME 1000

/* Nothing uses it, and no peer is connected. */
static bool is_idle(const struct drbd_resource *resource)
{
	if (resource->row.role != HaDrbdRole_secondary)
		return false;
	for (struct drbd_node *node = resource->peers; node; node = node->next) {
		int32_t connection = drbd_peer_of(node)->row.connection;

		if (node->up && connection != HaDrbdConnection_standAlone &&
		    connection != HaDrbdConnection_disconnecting)
			return false;
	}
	return true;
}

static bool is_lost(int32_t disk)
{
	return disk == HaDrbdDisk_failed || disk == HaDrbdDisk_detaching ||
	       disk == HaDrbdDisk_diskless;
}

/* It had a disk when it was reported last, or was not there, and has none now. */
static bool has_no_disk_now(const struct drbd_volume *volume)
{
	return volume->node.up && is_lost(volume->row.disk) && !is_lost(volume->said.disk);
}

static void damp_volume(struct drbd_volume *volume, bool idle, int64_t now)
{
	bool is_new = !volume->said.disk || volume->said.disk == HaDrbdDisk_unknown;
	int64_t time = !is_new ? DOWN_TIME : volume->created ? UP_TIME : 0;
	struct drbd_node *node = &volume->node;

	if (!idle || !has_no_disk_now(volume))
		volume->held_until = 0;
	else if (!volume->held_until)
		volume->held_until = now + time;
	node->held = volume->held_until > now;
}

int64_t drbd_damp(struct drbd_resource *resource, int64_t now)
{
	bool idle = is_idle(resource);
	int64_t first = 0;

	for (struct drbd_node *node = resource->volumes; node; node = node->next) {
		struct drbd_volume *volume = drbd_volume_of(node);

		damp_volume(volume, idle, now);
		if (node->held && (!first || volume->held_until < first))
			first = volume->held_until;
	}
	return first;
}
