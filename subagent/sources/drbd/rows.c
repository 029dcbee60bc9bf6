/* The tables of haDrbd: columns, subjects, and how bad each state is.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/drbd/rows.h"

#include "lib/memory.h"
#include "mib/ha-agentx-mib.h"

static const struct level row_levels[] = {
	ALARM(HaRowState, missing, major, drbdResourceDown),
	{ .value = LEVELS_END },
};

static const struct watch row_watch = {
	.notification = mib_haDrbdRowStateChange,
	.levels = row_levels,
};

static const struct watch role_watch = {
	.notification = mib_haDrbdRoleChange,
	.counts = true,
};

static const struct level suspended_levels[] = {
	{ 0, HaSeverity_cleared, 0 },
	{ LEVEL_OTHERWISE, HaSeverity_critical, HaAlarmType_drbdSuspended },
	{ .value = LEVELS_END },
};

static const struct watch suspended_watch = {
	.notification = mib_haDrbdSuspendedChange,
	.levels = suspended_levels,
};

static const struct level split_brain_levels[] = {
	ALARM(haDrbdResourceSplitBrain, suspected, major, drbdSplitBrain),
	ALARM(haDrbdResourceSplitBrain, detected, critical, drbdSplitBrain),
	ALARM(haDrbdResourceSplitBrain, resolving, warning, drbdSplitBrain),
	{ .value = LEVELS_END },
};

static const struct watch split_brain_watch = {
	.notification = mib_haDrbdSplitBrainDetected,
	.cleared_notification = mib_haDrbdSplitBrainResolved,
	.levels = split_brain_levels,
};

/* Attaching, detaching and negotiating pass within moments and raise nothing. */
static const struct level disk_levels[] = {
	ALARM(HaDrbdDisk, other, warning, drbdNotUpToDate),
	ALARM(HaDrbdDisk, diskless, critical, drbdDiskless),
	{ HaDrbdDisk_attaching, HaSeverity_info, 0 },
	{ HaDrbdDisk_detaching, HaSeverity_info, 0 },
	ALARM(HaDrbdDisk, failed, critical, drbdDiskless),
	{ HaDrbdDisk_negotiating, HaSeverity_info, 0 },
	ALARM(HaDrbdDisk, inconsistent, major, drbdNotUpToDate),
	ALARM(HaDrbdDisk, outdated, major, drbdNotUpToDate),
	ALARM(HaDrbdDisk, dUnknown, warning, drbdNotUpToDate),
	ALARM(HaDrbdDisk, consistent, warning, drbdNotUpToDate),
	{ .value = LEVELS_END },
};

/* A client has no disk and is not meant to have one. */
static bool is_client(const void *row)
{
	const struct drbd_volume_row *volume = row;

	return volume->disk == HaDrbdDisk_diskless && volume->client == HaAnswer_yes;
}

static bool is_peer_client(const void *row)
{
	const struct drbd_peer_volume_row *volume = row;

	return volume->disk == HaDrbdDisk_diskless && volume->client == HaAnswer_yes;
}

static const struct watch disk_watch = {
	.notification = mib_haDrbdDiskChange,
	.counts = true,
	.levels = disk_levels,
	.excused = is_client,
};

static const struct level quorum_levels[] = {
	ALARM(HaAnswer, no, critical, drbdQuorumLost),
	{ .value = LEVELS_END },
};

static const struct watch quorum_watch = {
	.notification = mib_haDrbdQuorumChange,
	.levels = quorum_levels,
};

/* The passing states keep the alarm of connecting, which they alternate with while a peer is away.
 */
static const struct level connection_levels[] = {
	ALARM(HaDrbdConnection, connected, cleared, drbdDisconnected),
	ALARM(HaDrbdConnection, standAlone, major, drbdStandAlone),
	{ LEVEL_OTHERWISE, HaSeverity_major, HaAlarmType_drbdDisconnected },
	{ .value = LEVELS_END },
};

static const struct watch connection_watch = {
	.notification = mib_haDrbdConnectionChange,
	.counts = true,
	.levels = connection_levels,
};

/* While not connected, replication is off: the connection has raised its own alarm. */
static const struct level replication_levels[] = {
	ALARM(HaDrbdReplication, other, warning, drbdResyncing),
	{ HaDrbdReplication_off, HaSeverity_info, 0 },
	ALARM(HaDrbdReplication, startingSyncS, warning, drbdResyncing),
	ALARM(HaDrbdReplication, startingSyncT, warning, drbdResyncing),
	ALARM(HaDrbdReplication, wfBitMapS, warning, drbdResyncing),
	ALARM(HaDrbdReplication, wfBitMapT, warning, drbdResyncing),
	ALARM(HaDrbdReplication, wfSyncUUID, warning, drbdResyncing),
	ALARM(HaDrbdReplication, syncSource, warning, drbdResyncing),
	ALARM(HaDrbdReplication, syncTarget, warning, drbdResyncing),
	{ HaDrbdReplication_verifyS, HaSeverity_info, 0 },
	{ HaDrbdReplication_verifyT, HaSeverity_info, 0 },
	ALARM(HaDrbdReplication, pausedSyncS, warning, drbdResyncing),
	ALARM(HaDrbdReplication, pausedSyncT, warning, drbdResyncing),
	ALARM(HaDrbdReplication, ahead, major, drbdPeerNotUpToDate),
	ALARM(HaDrbdReplication, behind, major, drbdNotUpToDate),
	{ .value = LEVELS_END },
};

static const struct watch replication_watch = {
	.notification = mib_haDrbdReplicationChange,
	.counts = true,
	.levels = replication_levels,
};

/* DUnknown is what a disconnected peer's disk is called: the connection has raised its own alarm.
 */
static const struct level peer_disk_levels[] = {
	ALARM(HaDrbdDisk, other, warning, drbdPeerNotUpToDate),
	ALARM(HaDrbdDisk, diskless, major, drbdPeerNotUpToDate),
	{ HaDrbdDisk_attaching, HaSeverity_info, 0 },
	{ HaDrbdDisk_detaching, HaSeverity_info, 0 },
	ALARM(HaDrbdDisk, failed, major, drbdPeerNotUpToDate),
	{ HaDrbdDisk_negotiating, HaSeverity_info, 0 },
	ALARM(HaDrbdDisk, inconsistent, major, drbdPeerNotUpToDate),
	ALARM(HaDrbdDisk, outdated, major, drbdPeerNotUpToDate),
	{ HaDrbdDisk_dUnknown, HaSeverity_info, 0 },
	ALARM(HaDrbdDisk, consistent, warning, drbdPeerNotUpToDate),
	{ .value = LEVELS_END },
};

static const struct watch peer_disk_watch = {
	.notification = mib_haDrbdPeerDiskChange,
	.levels = peer_disk_levels,
	.excused = is_peer_client,
};

static const struct column scalars_columns[] = {
	COLUMN(drbd_scalars_row, haDrbdKernelVersion, kernel_version),
	COLUMN(drbd_scalars_row, haDrbdUtilsVersion, utils_version),
	COLUMN(drbd_scalars_row, haDrbdResources, resources),
	COLUMN(drbd_scalars_row, haDrbdSplitBrains, split_brains),
};

#define RESOURCE(name, member) COLUMN(drbd_resource_row, haDrbdResource##name, member)
#define WATCHED_RESOURCE(name, member, watch)                                                      \
	WATCHED_COLUMN(drbd_resource_row, haDrbdResource##name, member, watch)

static const struct column resource_columns[] = {
	RESOURCE(Name, name),
	WATCHED_RESOURCE(RowState, head.state, &row_watch),
	RESOURCE(LastChange, head.changed),
	RESOURCE(Transitions, head.transitions),
	RESOURCE(Configured, configured),
	WATCHED_RESOURCE(Role, role, &role_watch),
	RESOURCE(RoleTime, role_time),
	WATCHED_RESOURCE(Suspended, suspended, &suspended_watch),
	RESOURCE(WriteOrdering, write_ordering),
	RESOURCE(MayPromote, may_promote),
	RESOURCE(PromotionScore, promotion_score),
	RESOURCE(AutoPromote, auto_promote),
	RESOURCE(ForceIoFailures, force_io_failures),
	WATCHED_RESOURCE(SplitBrain, split_brain, &split_brain_watch),
	RESOURCE(SplitBrainTime, split_brain_time),
	RESOURCE(SplitBrainPeer, split_brain_peer),
	RESOURCE(Volumes, volumes),
	RESOURCE(VolumesUpToDate, volumes_up_to_date),
	RESOURCE(Peers, peers),
	RESOURCE(PeersConnected, peers_connected),
};

#define VOLUME(name, member) COLUMN(drbd_volume_row, haDrbdVolume##name, member)
#define WATCHED_VOLUME(name, member, watch)                                                        \
	WATCHED_COLUMN(drbd_volume_row, haDrbdVolume##name, member, watch)

static const struct column volume_columns[] = {
	COLUMN(drbd_volume_row, haDrbdResourceName, resource),
	VOLUME(Number, number),
	WATCHED_VOLUME(RowState, head.state, &watch_quiet),
	VOLUME(LastChange, head.changed),
	VOLUME(Transitions, head.transitions),
	VOLUME(Minor, minor),
	WATCHED_VOLUME(Device, device, &watch_quiet),
	WATCHED_VOLUME(BackingDevice, backing_device, &watch_quiet),
	VOLUME(MountPoint, mount_point),
	WATCHED_VOLUME(Disk, disk, &disk_watch),
	VOLUME(Client, client),
	WATCHED_VOLUME(Quorum, quorum, &quorum_watch),
	VOLUME(Open, open),
	VOLUME(Blocked, blocked),
	VOLUME(Size, size),
	VOLUME(Read, read),
	VOLUME(Written, written),
	VOLUME(AlWrites, al_writes),
	VOLUME(BmWrites, bm_writes),
	VOLUME(UpperPending, upper_pending),
	VOLUME(LowerPending, lower_pending),
	VOLUME(AlSuspended, al_suspended),
};

#define PEER(name, member) COLUMN(drbd_peer_row, haDrbdPeer##name, member)
#define WATCHED_PEER(name, member, watch)                                                          \
	WATCHED_COLUMN(drbd_peer_row, haDrbdPeer##name, member, watch)

static const struct column peer_columns[] = {
	COLUMN(drbd_peer_row, haDrbdResourceName, resource),
	PEER(NodeId, node_id),
	WATCHED_PEER(RowState, head.state, &watch_quiet),
	PEER(LastChange, head.changed),
	PEER(Transitions, head.transitions),
	PEER(Configured, configured),
	PEER(Name, name),
	WATCHED_PEER(Connection, connection, &connection_watch),
	PEER(ConnectionTime, connection_time),
	WATCHED_PEER(Role, role, &watch_quiet),
	PEER(Protocol, protocol),
	PEER(Congested, congested),
	PEER(Tls, tls),
	PEER(ApInFlight, ap_in_flight),
	PEER(RsInFlight, rs_in_flight),
	PEER(LocalAddress, local_address),
	PEER(RemoteAddress, remote_address),
	PEER(Paths, paths),
	WATCHED_PEER(PathsEstablished, paths_established, &watch_quiet),
};

#define PEER_VOLUME(name, member) COLUMN(drbd_peer_volume_row, haDrbdPeerVolume##name, member)
#define WATCHED_PEER_VOLUME(name, member, watch)                                                   \
	WATCHED_COLUMN(drbd_peer_volume_row, haDrbdPeerVolume##name, member, watch)

static const struct column peer_volume_columns[] = {
	COLUMN(drbd_peer_volume_row, haDrbdResourceName, resource),
	COLUMN(drbd_peer_volume_row, haDrbdPeerNodeId, node_id),
	COLUMN(drbd_peer_volume_row, haDrbdVolumeNumber, volume),
	WATCHED_PEER_VOLUME(RowState, head.state, &watch_quiet),
	PEER_VOLUME(LastChange, head.changed),
	PEER_VOLUME(Transitions, head.transitions),
	PEER_VOLUME(PeerName, peer_name),
	WATCHED_PEER_VOLUME(Replication, replication, &replication_watch),
	WATCHED_PEER_VOLUME(Disk, disk, &peer_disk_watch),
	PEER_VOLUME(Client, client),
	WATCHED_PEER_VOLUME(ResyncSuspended, resync_suspended, &watch_quiet),
	PEER_VOLUME(OutOfSync, out_of_sync),
	PEER_VOLUME(Received, received),
	PEER_VOLUME(Sent, sent),
	PEER_VOLUME(Pending, pending),
	PEER_VOLUME(Unacked, unacked),
	PEER_VOLUME(ResyncDone, resync_done),
	PEER_VOLUME(ResyncRate, resync_rate),
	PEER_VOLUME(ResyncTimeLeft, resync_time_left),
	PEER_VOLUME(LastInSync, last_in_sync),
};

static void name_volume(const void *row, char *text, size_t size)
{
	const struct drbd_volume_row *volume = row;

	text_print(text, size, "%s/%u", volume->resource, volume->number);
}

static void name_peer(const void *row, char *text, size_t size)
{
	const struct drbd_peer_row *peer = row;

	text_print(text, size, "%s:%s", peer->resource, peer->name);
}

static void name_peer_volume(const void *row, char *text, size_t size)
{
	const struct drbd_peer_volume_row *volume = row;

	text_print(text, size, "%s/%u:%s", volume->resource, volume->volume, volume->peer_name);
}

const struct table drbd_scalars_table = TABLE(drbd_scalars_row, haDrbd, scalars_columns, NULL);
const struct table drbd_resource_table =
	TABLE(drbd_resource_row, haDrbdResourceEntry, resource_columns, NULL);
const struct table drbd_volume_table =
	TABLE(drbd_volume_row, haDrbdVolumeEntry, volume_columns, name_volume);
const struct table drbd_peer_table = TABLE(drbd_peer_row, haDrbdPeerEntry, peer_columns, name_peer);
const struct table drbd_peer_volume_table =
	TABLE(drbd_peer_volume_row, haDrbdPeerVolumeEntry, peer_volume_columns, name_peer_volume);

const struct table *const drbd_tables[] = {
	&drbd_scalars_table, &drbd_resource_table,    &drbd_volume_table,
	&drbd_peer_table,    &drbd_peer_volume_table, NULL,
};
