/* The tables of haNfs: columns, subjects, and how bad each state is.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/nfs/rows.h"

#include <stdbool.h>

#include "lib/memory.h"
#include "mib/ha-agentx-mib.h"

static const struct level state_levels[] = {
	ALARM(haNfsState, stopped, major, nfsStopped),
	ALARM(haNfsState, notMounted, major, nfsStopped),
	ALARM(haNfsState, notInstalled, major, nfsStopped),
	{ .value = LEVELS_END },
};

/* A standby, or a machine that is no server: nothing is exported that nobody serves. */
static bool has_nothing_to_serve(const void *row)
{
	return ((const struct nfs_row *)row)->exports == 0;
}

static const struct watch state_watch = {
	.notification = mib_haNfsStateChange,
	.counts = true,
	.levels = state_levels,
	.excused = has_nothing_to_serve,
};

static const struct level problems_levels[] = {
	{ 0, HaSeverity_cleared, 0 },
	{ LEVEL_OTHERWISE, HaSeverity_warning, HaAlarmType_nfsProblem },
	{ .value = LEVELS_END },
};

static const struct watch problems_watch = {
	.notification = mib_haNfsProblemsChange,
	.levels = problems_levels,
};

static const struct watch export_watch = {
	.notification = mib_haNfsExportChange,
	.counts = true,
};

static const struct column columns[] = {
	WATCHED_COLUMN(nfs_row, haNfsState, nfs_state, &state_watch),
	COLUMN(nfs_row, haNfsStateTime, state_time),
	COLUMN(nfs_row, haNfsLastChange, head.changed),
	COLUMN(nfs_row, haNfsTransitions, head.transitions),
	COLUMN(nfs_row, haNfsThreads, threads),
	COLUMN(nfs_row, haNfsVersions, versions),
	COLUMN(nfs_row, haNfsScope, scope),
	COLUMN(nfs_row, haNfsGraceTime, grace_time),
	COLUMN(nfs_row, haNfsLeaseTime, lease_time),
	COLUMN(nfs_row, haNfsGraceLeft, grace_left),
	COLUMN(nfs_row, haNfsTracking, tracking),
	COLUMN(nfs_row, haNfsTrackingPath, tracking_path),
	COLUMN(nfs_row, haNfsTrackingMirrored, tracking_mirrored),
	COLUMN(nfs_row, haNfsMountdRunning, mountd),
	COLUMN(nfs_row, haNfsStatdRunning, statd),
	COLUMN(nfs_row, haNfsExports, exports),
	COLUMN(nfs_row, haNfsClients, clients),
	WATCHED_COLUMN(nfs_row, haNfsProblems, problems, &problems_watch),
	COLUMN(nfs_row, haNfsProblemsText, problems_text),
};

static const struct column export_columns[] = {
	COLUMN(nfs_export_row, haNfsExportPath, path),
	COLUMN(nfs_export_row, haNfsExportClient, client),
	WATCHED_COLUMN(nfs_export_row, haNfsExportRowState, head.state, &watch_quiet),
	COLUMN(nfs_export_row, haNfsExportLastChange, head.changed),
	COLUMN(nfs_export_row, haNfsExportTransitions, head.transitions),
	WATCHED_COLUMN(nfs_export_row, haNfsExportState, export_state, &export_watch),
	COLUMN(nfs_export_row, haNfsExportStateTime, state_time),
	COLUMN(nfs_export_row, haNfsExportFsid, fsid),
	COLUMN(nfs_export_row, haNfsExportFsidFixed, fsid_fixed),
	COLUMN(nfs_export_row, haNfsExportReadOnly, read_only),
	COLUMN(nfs_export_row, haNfsExportSync, sync),
	COLUMN(nfs_export_row, haNfsExportOptions, options),
	COLUMN(nfs_export_row, haNfsExportDrbdResource, resource),
	COLUMN(nfs_export_row, haNfsExportMountPoint, mount_point),
	COLUMN(nfs_export_row, haNfsExportGroupName, group),
	WATCHED_COLUMN(nfs_export_row, haNfsExportProblems, problems, &watch_quiet),
};

static const struct column client_columns[] = {
	COLUMN(nfs_client_row, haNfsClientId, id),
	WATCHED_COLUMN(nfs_client_row, haNfsClientRowState, head.state, &watch_quiet),
	COLUMN(nfs_client_row, haNfsClientLastChange, head.changed),
	COLUMN(nfs_client_row, haNfsClientAddressType, address_type),
	COLUMN(nfs_client_row, haNfsClientAddress, address),
	COLUMN(nfs_client_row, haNfsClientPort, port),
	COLUMN(nfs_client_row, haNfsClientName, name),
	COLUMN(nfs_client_row, haNfsClientMinorVersion, minor_version),
	WATCHED_COLUMN(nfs_client_row, haNfsClientStatus, status, &watch_quiet),
	WATCHED_COLUMN(nfs_client_row, haNfsClientCallback, callback, &watch_quiet),
	COLUMN(nfs_client_row, haNfsClientRenewAge, renew_age),
	COLUMN(nfs_client_row, haNfsClientStates, states),
};

static void call_server(const void *row, char *text, size_t size)
{
	(void)row;
	text_put(text, size, "nfs");
}

/* As exportfs(8) writes it. */
static void call_export(const void *row, char *text, size_t size)
{
	const struct nfs_export_row *export = row;

	text_print(text, size, "%s:%s", export->client, export->path);
}

const struct table nfs_table = TABLE(nfs_row, haNfs, columns, call_server);
const struct table nfs_export_table =
	TABLE(nfs_export_row, haNfsExportEntry, export_columns, call_export);
const struct table nfs_client_table = TABLE(nfs_client_row, haNfsClientEntry, client_columns, NULL);

const struct table *const nfs_tables[] = { &nfs_table, &nfs_export_table, &nfs_client_table, NULL };
