/* Whether a DRBD resource may take a role now, judged from the rows on the board.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/requests/drbd_guard.h"

#include <string.h>

#include "lib/memory.h"
#include "lib/table.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/board.h"
#include "subagent/requests/finding.h"
#include "subagent/sources/drbd/rows.h"

/* The next row of a table that belongs to the resource, from *position on; NULL at the end. All
 * dependent tables begin with the resource's name. */
static const void *next_of(const struct board *board, unsigned int entry, const char *resource,
			   size_t *position)
{
	const struct rows *rows = board_rows(board, entry);
	const struct column *name = table_column(rows->table, mib_haDrbdResourceName);

	while (*position < rows->count) {
		const struct entry *candidate = rows->entries[(*position)++];

		if (!candidate->gone && !strcmp(table_text(name, candidate->row), resource))
			return candidate->row;
	}
	return NULL;
}

static const struct drbd_resource_row *find_resource(const struct board *board, const char *name)
{
	struct drbd_resource_row key = { .head.state = 0 };

	TEXT_PUT(key.name, name);
	return board_row(board, mib_haDrbdResourceEntry, &key);
}

int32_t guard_drbd_role_now(const struct board *board, const char *resource)
{
	const struct drbd_resource_row *row = find_resource(board, resource);

	return row && row->head.state == HaRowState_fresh ? row->role : HaDrbdRole_unknown;
}

bool guard_drbd_peer_is_primary(const struct board *board, const char *resource)
{
	const struct drbd_peer_row *peer;
	size_t position = 0;

	while ((peer = next_of(board, mib_haDrbdPeerEntry, resource, &position)))
		if (peer->head.state == HaRowState_fresh && peer->role == HaDrbdRole_primary)
			return true;
	return false;
}

static void judge_resource(const struct drbd_resource_row *row, const char *name,
			   struct finding *finding)
{
	if (!row)
		finding_put(finding, HaReason_noSubject, "there is no resource %s", name);
	else if (row->head.state == HaRowState_missing)
		finding_put(finding, HaReason_notUp, "%s is not up: drbdadm up %s", name, name);
	else if (row->head.state != HaRowState_fresh)
		finding_put(finding, HaReason_factsStale,
			    "what is known of %s is not current: see haSourceTable", name);
	else if (row->role != HaDrbdRole_primary && row->role != HaDrbdRole_secondary)
		finding_put(finding, HaReason_factsStale, "the role of %s is not known", name);
}

static void judge_volumes_for_primary(const struct board *board, const char *name,
				      struct finding *finding)
{
	const struct drbd_volume_row *row;
	size_t position = 0;
	unsigned int count = 0;

	for (; (row = next_of(board, mib_haDrbdVolumeEntry, name, &position)); count++) {
		if (row->disk != HaDrbdDisk_upToDate)
			finding_put(finding, HaReason_notUpToDate,
				    "%s/%u is %s on this node, not upToDate", name, row->number,
				    mib_label_of(HaDrbdDisk_labels, row->disk));
		if (row->quorum == HaAnswer_no)
			finding_put(finding, HaReason_noQuorum,
				    "%s/%u has no quorum: bring back enough nodes", name,
				    row->number);
	}
	if (count == 0)
		finding_put(finding, HaReason_notUpToDate, "%s has no volume here", name);
}

static void judge_peer(const struct drbd_peer_row *row, const char *name, bool forced,
		       struct finding *finding)
{
	bool connected = row->connection == HaDrbdConnection_connected;

	if (row->role == HaDrbdRole_primary)
		finding_put(finding, HaReason_peerPrimary,
			    "%s is Primary on %s: make it Secondary there first", name, row->name);
	else if (connected && row->role != HaDrbdRole_secondary)
		finding_put(finding, HaReason_peerRoleUnknown, "the role of %s on %s is not known",
			    name, row->name);
	if (!connected && !forced)
		finding_put(finding, HaReason_notConnected,
			    "%s is not connected with %s (%s): it may be Primary there", name,
			    row->name, mib_label_of(HaDrbdConnection_labels, row->connection));
}

static bool is_verifying(int32_t replication)
{
	return replication == HaDrbdReplication_verifyS || replication == HaDrbdReplication_verifyT;
}

static void judge_peer_volume(const struct drbd_peer_volume_row *row, const char *name,
			      struct finding *finding)
{
	const char *disk = mib_label_of(HaDrbdDisk_labels, row->disk);
	bool client = row->disk == HaDrbdDisk_diskless && row->client == HaAnswer_yes;

	if (is_verifying(row->replication))
		finding_put(finding, HaReason_verifyRunning,
			    "%s/%u is being verified: wait for its end", name, row->volume);
	else if (row->replication != HaDrbdReplication_established)
		finding_put(finding, HaReason_resyncRunning,
			    "replication of %s/%u with %s is %s: wait for its end", name,
			    row->volume, row->peer_name,
			    mib_label_of(HaDrbdReplication_labels, row->replication));
	else if (row->disk != HaDrbdDisk_upToDate && !client)
		finding_put(finding, HaReason_peerNotUpToDate, "%s/%u is %s on %s, not upToDate",
			    name, row->volume, disk, row->peer_name);
}

static void judge_peers_for_primary(const struct board *board, const char *name, bool forced,
				    struct finding *finding)
{
	const struct drbd_peer_row *peer;
	const struct drbd_peer_volume_row *volume;
	size_t position = 0;
	unsigned int count = 0;

	for (; (peer = next_of(board, mib_haDrbdPeerEntry, name, &position)); count++)
		judge_peer(peer, name, forced, finding);
	if (count == 0 && !forced)
		finding_put(finding, HaReason_notConnected,
			    "%s has no peer here: it may be Primary elsewhere", name);
	position = 0;
	while (!forced && (volume = next_of(board, mib_haDrbdPeerVolumeEntry, name, &position)))
		judge_peer_volume(volume, name, finding);
}

void guard_drbd_peers(const struct board *board, const char *resource, struct finding *finding)
{
	judge_peers_for_primary(board, resource, false, finding);
}

static void judge_primary(const struct board *board, const struct drbd_resource_row *row,
			  bool forced, struct finding *finding)
{
	if (row->split_brain == haDrbdResourceSplitBrain_detected ||
	    row->split_brain == haDrbdResourceSplitBrain_suspected)
		finding_put(finding, HaReason_splitBrain,
			    "%s has an open split brain: resolve it first", row->name);
	if (row->suspended)
		finding_put(finding, HaReason_ioSuspended, "I/O of %s is suspended", row->name);
	judge_volumes_for_primary(board, row->name, finding);
	judge_peers_for_primary(board, row->name, forced, finding);
}

/* Whoever has it open must let go by himself: nobody's data is taken away from under him. */
static void judge_secondary(const struct board *board, const char *name, struct finding *finding)
{
	const struct drbd_volume_row *row;
	size_t position = 0;

	while ((row = next_of(board, mib_haDrbdVolumeEntry, name, &position))) {
		if (row->mount_point[0])
			finding_put(finding, HaReason_mounted,
				    "%s/%u is mounted on %s: unmount it first", name, row->number,
				    row->mount_point);
		if (row->open == HaAnswer_yes)
			finding_put(finding, HaReason_heldOpen, "%s/%u is held open", name,
				    row->number);
	}
}

void guard_drbd_role(const struct board *board, const char *resource, int32_t role, bool forced,
		     struct finding *finding)
{
	const struct drbd_resource_row *row = find_resource(board, resource);

	finding_open(finding);
	judge_resource(row, resource, finding);
	if (finding->reason != HaReason_none)
		return;
	if (row->role == role)
		finding_put(finding, HaReason_nothingToDo, "%s is %s on this node already",
			    resource, role == HaDrbdRole_primary ? "Primary" : "Secondary");
	else if (role == HaDrbdRole_primary)
		judge_primary(board, row, forced, finding);
	else
		judge_secondary(board, resource, finding);
}
