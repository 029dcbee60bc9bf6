/* The NFS source: the kernel's server, its exports and clients, and what is beside it.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/nfs/source.h"

#include <errno.h>
#include <linux/capability.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/etab.h"
#include "lib/frame.h"
#include "lib/loop.h"
#include "lib/memory.h"
#include "lib/settings.h"
#include "lib/settings_nfs.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/report.h"
#include "subagent/source.h"
#include "subagent/sources/nfs/clients.h"
#include "subagent/sources/nfs/daemons.h"
#include "subagent/sources/nfs/exports.h"
#include "subagent/sources/nfs/hygiene.h"
#include "subagent/sources/nfs/rows.h"
#include "subagent/sources/nfs/scope.h"
#include "subagent/sources/nfs/server.h"
#include "subagent/watched_files.h"

#define SERVER_FOLDER "/proc/fs/nfsd"
#define RECOVERY_FOLDER "/var/lib/nfs/v4recovery" /* the kernel's default */
#define MOUNTINFO "/proc/self/mountinfo"
#define TEXT_MAX (1 << 20) /* octets of a file; what is beyond is not seen */

/* Nothing tells of a server that starts or stops: it is looked at, milliseconds. */
#define INTERVAL 1000

/* From one question for the scope to the next, while there is no answer. */
#define SCOPE_PAUSE 10000

struct nfs {
	const struct settings *settings;
	struct nfs_server server;
	struct nfs_daemons daemons;
	struct nfs_exports exports;
	struct watched_files *files; /* etab */
	int64_t next;                /* clock_now() of the next look */
	uint32_t rejected, collect_time;
	struct nfs_row row;
	char scope[256];   /* "" until it is known */
	int64_t scope_due; /* clock_now() at which it is asked for again */
	char etab[TEXT_MAX], mountinfo[TEXT_MAX];
};

static bool read_text(const char *path, char *text)
{
	FILE *file = fopen(path, "re");
	size_t length = file ? fread(text, 1, TEXT_MAX - 1, file) : 0;

	if (file)
		fclose(file);
	text[length] = '\0';
	return file != NULL;
}

/* ---- one look ---- */

/* The kernel takes nfsdcld when it runs, else the folder when that is there, else it starts a
 * program for each question (Linux's fs/nfsd/nfs4recover.c, nfsd4_client_tracking_init()). */
static void find_tracking(const struct nfs_daemons *daemons, struct nfs_row *row)
{
	if (nfs_daemon_runs(daemons, NFS_CLD)) {
		row->tracking = haNfsTracking_nfsdcld;
		nfs_daemons_storage(daemons, row->tracking_path, sizeof(row->tracking_path));
	} else if (access(RECOVERY_FOLDER, F_OK) == 0) {
		row->tracking = haNfsTracking_recoveryDir;
		TEXT_PUT(row->tracking_path, RECOVERY_FOLDER);
	} else {
		row->tracking = haNfsTracking_unknown;
	}
}

static int32_t is_mirrored(struct nfs *nfs, const char *path)
{
	char point[256], resource[65];

	if (!*path)
		return HaAnswer_unknown;
	nfs_find_mirror(nfs->settings, nfs->mountinfo, path, point, sizeof(point), resource,
			sizeof(resource));
	return *resource ? HaAnswer_yes : HaAnswer_no;
}

/* It is what it was at the start of the server: asked once after each. Without version 4.1 there is
 * none. */
static void find_scope(struct nfs *nfs, struct nfs_row *row)
{
	bool serves = row->nfs_state == haNfsState_running || row->nfs_state == haNfsState_grace;

	if (!serves) {
		TEXT_PUT(nfs->scope, "");
		nfs->scope_due = 0;
	} else if (!*nfs->scope && row->versions & UINT32_C(1) << haNfsVersions_v41 &&
		   clock_now() >= nfs->scope_due) {
		nfs_scope_ask(nfs->scope, sizeof(nfs->scope));
		nfs->scope_due = clock_now() + SCOPE_PAUSE;
	}
	TEXT_PUT(row->scope, nfs->scope);
	if (!*row->scope)
		row->head.absent |= UINT64_C(1) << mib_objects[mib_haNfsScope].arc;
}

static int32_t runs(const struct nfs *nfs, enum nfs_daemon which)
{
	return nfs_daemon_runs(&nfs->daemons, which) ? HaAnswer_yes : HaAnswer_no;
}

static void take_client(void *argument, const void *row)
{
	const struct nfs_client_row *client = row;
	uint32_t *count = argument;

	if (!strcmp(client->name, NFS_SCOPE_OWNER))
		return; /* that was ourselves */
	report_row(&nfs_client_table, row);
	++*count;
}

static uint32_t report_clients(struct nfs *nfs)
{
	uint32_t count = 0;

	report_begin(&nfs_client_table);
	nfs_clients_look(SERVER_FOLDER "/clients", take_client, &count, &nfs->rejected);
	report_end(&nfs_client_table);
	return count;
}

static void report_exports(const struct nfs *nfs)
{
	report_begin(&nfs_export_table);
	for (size_t i = 0; i < nfs->exports.count; i++)
		report_row(&nfs_export_table, &nfs->exports.rows[i]);
	report_end(&nfs_export_table);
}

static void look(struct nfs *nfs)
{
	int64_t now = clock_now();
	struct nfs_row row = { .head.state = HaRowState_fresh };

	read_text(MOUNTINFO, nfs->mountinfo);
	read_text(ETAB_PATH, nfs->etab);
	nfs_server_look(&nfs->server, now, clock_wall(), &row);
	if (row.nfs_state != nfs->row.nfs_state)
		nfs_daemons_hurry(&nfs->daemons);
	nfs_daemons_look(&nfs->daemons, now);
	nfs_exports_take(&nfs->exports, nfs->settings, nfs->etab, nfs->mountinfo, clock_wall());
	find_scope(nfs, &row);
	find_tracking(&nfs->daemons, &row);
	row.tracking_mirrored = is_mirrored(nfs, row.tracking_path);
	row.mountd = runs(nfs, NFS_MOUNTD);
	row.statd = runs(nfs, NFS_STATD);
	row.exports = nfs->exports.exported;
	nfs_hygiene_judge(nfs->settings, &nfs->exports, nfs->mountinfo, &row);
	row.clients = report_clients(nfs);
	report_exports(nfs);
	report_row(&nfs_table, &row);
	nfs->row = row;
	nfs->collect_time = (uint32_t)(clock_now() - now) * 1000;
}

/* ---- the process ---- */

/* A machine that is no NFS server, and is not meant to be one, has no trouble. */
static void tell_pulse(const struct nfs *nfs)
{
	struct pulse pulse = { .state = haSourceState_running, .reason = haSourceReason_none };

	if (nfs->row.nfs_state == haNfsState_unknown) {
		pulse.state = haSourceState_unavailable;
		pulse.reason = haSourceReason_permissionDenied;
		TEXT_PUT(pulse.error, "cannot read " SERVER_FOLDER);
	} else if (nfs->row.nfs_state == haNfsState_notInstalled && !nfs->exports.count &&
		   nfs->settings->nfs_watch == WATCH_AUTO) {
		pulse.state = haSourceState_off;
	}
	pulse.collect_time = nfs->collect_time;
	pulse.rejected_lines = nfs->rejected;
	report_pulse(&pulse);
}

static void run(const struct settings *settings)
{
	static struct nfs nfs;

	nfs.settings = settings;
	nfs.server =
		(struct nfs_server){ .folder = SERVER_FOLDER, .filesystems = "/proc/filesystems" };
	nfs_daemons_open(&nfs.daemons);
	nfs.files = watched_files_open();
	watched_files_add(nfs.files, ETAB_PATH);
	while (!loop_ended() && !report_lost()) {
		if (watched_files_take(nfs.files, 0) || clock_now() >= nfs.next) {
			look(&nfs);
			nfs.next = clock_now() + INTERVAL;
		}
		tell_pulse(&nfs);
		watched_files_watch(nfs.files);
		loop_wake(nfs.next);
		loop_turn();
	}
	watched_files_close(nfs.files);
	nfs_daemons_close(&nfs.daemons);
	nfs_exports_free(&nfs.exports);
}

static bool is_wanted(const struct settings *settings)
{
	return settings->nfs_watch != WATCH_NO;
}

/* The files of the server are root's alone. */
const struct source nfs_source = {
	.name = "nfs",
	.tables = nfs_tables,
	.capabilities = UINT64_C(1) << CAP_DAC_READ_SEARCH,
	.wanted = is_wanted,
	.run = run,
};
