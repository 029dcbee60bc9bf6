/* What hactl shows: status, alarms, events, jobs, and any table.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/hactl/views.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "lib/log.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/board.h"
#include "subagent/hactl/arguments.h"
#include "subagent/hactl/colour.h"
#include "subagent/hactl/overview.h"
#include "subagent/hactl/print.h"

/* Erase all, and go to the first line (ECMA-48, 8.3.39 and 8.3.57). */
#define CLEAR_SCREEN "\033[2J\033[H"

static const uint16_t source_columns[] = {
	mib_haSourceName,     mib_haSourceState, mib_haSourceReason,    mib_haSourceAge,
	mib_haSourceRestarts, mib_haSourceRows,  mib_haSourceLastError, 0,
};
static const uint16_t resource_columns[] = {
	mib_haDrbdResourceName,       mib_haDrbdResourceRowState,
	mib_haDrbdResourceRole,       mib_haDrbdResourceSuspended,
	mib_haDrbdResourceSplitBrain, mib_haDrbdResourceVolumesUpToDate,
	mib_haDrbdResourceVolumes,    mib_haDrbdResourcePeersConnected,
	mib_haDrbdResourcePeers,      0,
};
static const uint16_t volume_columns[] = {
	mib_haDrbdResourceName,
	mib_haDrbdVolumeNumber,
	mib_haDrbdVolumeRowState,
	mib_haDrbdVolumeDisk,
	mib_haDrbdVolumeDevice,
	mib_haDrbdVolumeMountPoint,
	0,
};
static const uint16_t peer_columns[] = {
	mib_haDrbdResourceName,   mib_haDrbdPeerName, mib_haDrbdPeerRowState,
	mib_haDrbdPeerConnection, mib_haDrbdPeerRole, 0,
};
static const uint16_t peer_volume_columns[] = {
	mib_haDrbdResourceName,
	mib_haDrbdPeerVolumePeerName,
	mib_haDrbdVolumeNumber,
	mib_haDrbdPeerVolumeReplication,
	mib_haDrbdPeerVolumeDisk,
	mib_haDrbdPeerVolumeOutOfSync,
	mib_haDrbdPeerVolumeResyncDone,
	mib_haDrbdPeerVolumeResyncTimeLeft,
	0,
};
static const uint16_t server_columns[] = {
	mib_haDnsServerName,       mib_haDnsServerRowState,
	mib_haDnsServerState,      mib_haDnsServerReason,
	mib_haDnsServerRcode,      mib_haDnsServerLatency,
	mib_haDnsServerLatencyP95, mib_haDnsServerFailures,
	mib_haDnsServerLastGood,   0,
};
static const uint16_t zone_columns[] = {
	mib_haDnsZoneName,      mib_haDnsServerName,
	mib_haDnsZoneState,     mib_haDnsZoneSerial,
	mib_haDnsZoneLag,       mib_haDnsZoneReference,
	mib_haDnsZoneSecurity,  mib_haDnsZoneSignatureState,
	mib_haDnsZoneAgreement, 0,
};
static const uint16_t gate_columns[] = {
	mib_haDnsGateName,
	mib_haDnsGateState,
	mib_haDnsGateServersUp,
	mib_haDnsGateNeeded,
	mib_haDnsGateFileState,
	mib_haDnsGateFile,
	0,
};
static const uint16_t resolver_columns[] = {
	mib_haResolverFile,           mib_haResolverState,
	mib_haResolverServers,        mib_haResolverServersIgnored,
	mib_haResolverExpectedTime,   mib_haResolverWorstTime,
	mib_haResolverLookupsPerHour, 0,
};
static const uint16_t alarm_columns[] = {
	mib_haAlarmTime,
	mib_haAlarmSeverity,
	mib_haAlarmText,
	0,
};
static const uint16_t event_columns[] = {
	mib_haEventSequence, mib_haEventTime, mib_haEventSeverity, mib_haEventText, 0,
};
static const uint16_t job_columns[] = {
	mib_haActionJob,     mib_haActionVerb,    mib_haActionSubject,
	mib_haActionOrigin,  mib_haActionState,   mib_haActionReason,
	mib_haActionElapsed, mib_haActionMessage, 0,
};

/* A part of the screen: some columns of a table, or what `print' makes of several. */
struct view {
	const char *title;
	uint16_t entry;
	const uint16_t *columns;
	void (*print)(const struct board *board);
};

static const struct view status_views[] = {
	{ "SOURCES", mib_haSourceEntry, source_columns, NULL },
	{ "GROUPS", mib_haGroupEntry, NULL, overview_groups },
	{ "VRRP", mib_haVrrpInstanceEntry, NULL, overview_vrrp },
	{ "BONDS", mib_haBondEntry, NULL, overview_bonds },
	{ "VIRTUAL SERVICES", mib_haIpvsServiceEntry, NULL, overview_services },
	{ "RESOLVER", mib_haDns, resolver_columns, NULL },
	{ "NAME SERVERS", mib_haDnsServerEntry, server_columns, NULL },
	{ "ZONES", mib_haDnsZoneEntry, zone_columns, NULL },
	{ "GATES", mib_haDnsGateEntry, gate_columns, NULL },
	{ "DRBD RESOURCES", mib_haDrbdResourceEntry, resource_columns, NULL },
	{ "DRBD VOLUMES", mib_haDrbdVolumeEntry, volume_columns, NULL },
	{ "DRBD PEERS", mib_haDrbdPeerEntry, peer_columns, NULL },
	{ "DRBD REPLICATION", mib_haDrbdPeerVolumeEntry, peer_volume_columns, NULL },
	{ "ALARMS", mib_haAlarmEntry, alarm_columns, NULL },
	{ .title = NULL },
};
static const struct view alarm_views[] = {
	{ NULL, mib_haAlarmEntry, alarm_columns, NULL },
	{ .entry = 0 },
};
static const struct view event_views[] = {
	{ NULL, mib_haEventEntry, event_columns, NULL },
	{ .entry = 0 },
};
static const struct view job_views[] = {
	{ NULL, mib_haActionEntry, job_columns, NULL },
	{ .entry = 0 },
};

/* What the overviews are made of, beside the tables that they are titled by. */
static const uint16_t details[] = {
	mib_haVrrp,
	mib_haVrrpAddressEntry,
	mib_haVrrpRouterEntry,
	mib_haVrrpPeerEntry,
	mib_haBondPortEntry,
	mib_haIpvsRealEntry,
	mib_haActionIpvsEntry,
	mib_haActionVrrpEntry,
	mib_haGroupMemberEntry,
};

static void print_view(const struct board *board, const struct view *view)
{
	const struct rows *rows = board_rows(board, view->entry);

	if (!rows || rows->count == 0)
		return;
	if (view->title)
		printf("%s\n", view->title);
	if (view->print)
		view->print(board);
	else
		print_text(rows, view->columns);
	if (view->title)
		putchar('\n');
}

static int run_views(const struct arguments *arguments, const struct view *views)
{
	uint16_t entries[32] = { 0 };
	struct board board;
	size_t count = 0;
	int fd;

	if (arguments->count)
		log_fatal("%s: nothing can be named here", arguments->words[0]);
	fd = arguments_hub(arguments);
	for (; views[count].entry; count++)
		entries[count] = views[count].entry;
	for (size_t i = 0; views == status_views && i < sizeof(details) / sizeof(*details); i++)
		entries[count++] = details[i];
	arguments_fetch(arguments, fd, &board);
	if (arguments->json)
		print_json(&board, entries);
	for (; !arguments->json && views->entry; views++)
		print_view(&board, views);
	board_close(&board);
	close(fd);
	return EXIT_SUCCESS;
}

int views_status(const struct arguments *arguments)
{
	return run_views(arguments, status_views);
}

/* The screen anew in every second, or one JSON object after the other, until the hub goes away or
 * somebody has seen enough. */
int views_watch(const struct arguments *arguments)
{
	struct timespec pause = { .tv_sec = 1 };

	if (arguments->seconds)
		pause.tv_sec = strtol(arguments->seconds, NULL, 10);
	if (pause.tv_sec < 1)
		log_fatal("watch wants --seconds of at least 1");
	for (;;) {
		if (colour_is_terminal() && !arguments->json)
			fputs(CLEAR_SCREEN, stdout);
		run_views(arguments, status_views);
		fflush(stdout);
		nanosleep(&pause, NULL);
	}
}

int views_alarms(const struct arguments *arguments)
{
	return run_views(arguments, alarm_views);
}

int views_events(const struct arguments *arguments)
{
	return run_views(arguments, event_views);
}

int views_jobs(const struct arguments *arguments)
{
	return run_views(arguments, job_views);
}

/* The entry of a table by any of its names: haDrbdResourceTable, haDrbdResourceEntry. */
static uint16_t entry_of(const struct board *board, const char *name)
{
	int id = mib_find(name);

	if (id >= 0 && mib_objects[id].kind == MIB_KIND_TABLE)
		for (unsigned int entry = 0; entry < mib_count; entry++)
			if (mib_objects[entry].kind == MIB_KIND_ENTRY &&
			    mib_objects[entry].parent == id)
				id = (int)entry;
	if (id < 0 || !board_rows(board, (unsigned int)id))
		log_fatal("%s is no table that is served", name);
	return (uint16_t)id;
}

int views_show(const struct arguments *arguments)
{
	uint16_t entries[64] = { 0 };
	struct board board;
	int fd = arguments_hub(arguments);
	size_t count = 0;

	arguments_fetch(arguments, fd, &board);
	for (; count < 63 && arguments->words[count]; count++)
		entries[count] = entry_of(&board, arguments->words[count]);
	if (arguments->json)
		print_json(&board, count ? entries : NULL);
	for (size_t i = 0; !arguments->json && i < (count ? count : board.count); i++)
		print_text(count ? board_rows(&board, entries[i]) : &board.tables[i], NULL);
	board_close(&board);
	close(fd);
	return EXIT_SUCCESS;
}
