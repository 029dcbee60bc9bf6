/* hactl: what a person types.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <errno.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "config.h"
#include "lib/clock.h"
#include "lib/frame.h"
#include "lib/log.h"
#include "lib/memory.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/board.h"
#include "subagent/hactl/client.h"
#include "subagent/hactl/dns_check.h"
#include "subagent/hactl/print.h"
#include "subagent/jobs.h"
#include "subagent/tables.h"

/* A job ends by its own deadlines; this is for a hub that does not. */
#define JOB_PATIENCE 120000

struct arguments {
	const char *socket;
	bool json, force;
	/* What follows the command, ended by NULL; of a command that reads its options itself, that
	 * and the command. */
	char **words;
	int count;
};

static int hub_of(const struct arguments *arguments)
{
	int fd = client_connect(arguments->socket);

	if (fd < 0)
		log_fatal("%s: %s; is ha-agentxd running?", arguments->socket, strerror(errno));
	return fd;
}

static void fetch(const struct arguments *arguments, int fd, struct board *board)
{
	board_open(board, tables_all());
	if (!client_fetch(fd, board))
		log_fatal("%s: the hub does not answer", arguments->socket);
}

/* ---- tables ---- */

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
static const uint16_t bond_columns[] = {
	mib_haBondName,    mib_haBondRowState,   mib_haBondRedundancy,
	mib_haBondMode,    mib_haBondMonitoring, mib_haBondActivePort,
	mib_haBondPortsUp, mib_haBondPorts,      0,
};
static const uint16_t bond_port_columns[] = {
	mib_haBondName,
	mib_haBondPortName,
	mib_haBondPortRowState,
	mib_haBondPortLink,
	mib_haBondPortUse,
	mib_haBondPortSpeed,
	mib_haBondPortLinkFailures,
	mib_haBondPortProblems,
	0,
};
static const uint16_t virtual_service_columns[] = {
	mib_haIpvsServiceText,
	mib_haIpvsServiceRowState,
	mib_haIpvsServiceState,
	mib_haIpvsServiceScheduler,
	mib_haIpvsServiceRealsActive,
	mib_haIpvsServiceReals,
	mib_haIpvsServiceActiveConnections,
	0,
};
static const uint16_t real_server_columns[] = {
	mib_haIpvsRealText,
	mib_haIpvsRealRowState,
	mib_haIpvsRealState,
	mib_haIpvsRealForwarding,
	mib_haIpvsRealWeight,
	mib_haIpvsRealActiveConnections,
	mib_haIpvsRealInactiveConnections,
	0,
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

struct view {
	const char *title;
	uint16_t entry;
	const uint16_t *columns;
};

static const struct view status_views[] = {
	{ "SOURCES", mib_haSourceEntry, source_columns },
	{ "RESOLVER", mib_haDns, resolver_columns },
	{ "NAME SERVERS", mib_haDnsServerEntry, server_columns },
	{ "ZONES", mib_haDnsZoneEntry, zone_columns },
	{ "GATES", mib_haDnsGateEntry, gate_columns },
	{ "BONDS", mib_haBondEntry, bond_columns },
	{ "BOND PORTS", mib_haBondPortEntry, bond_port_columns },
	{ "IPVS SERVICES", mib_haIpvsServiceEntry, virtual_service_columns },
	{ "IPVS REAL SERVERS", mib_haIpvsRealEntry, real_server_columns },
	{ "DRBD RESOURCES", mib_haDrbdResourceEntry, resource_columns },
	{ "DRBD VOLUMES", mib_haDrbdVolumeEntry, volume_columns },
	{ "DRBD PEERS", mib_haDrbdPeerEntry, peer_columns },
	{ "DRBD REPLICATION", mib_haDrbdPeerVolumeEntry, peer_volume_columns },
	{ "ALARMS", mib_haAlarmEntry, alarm_columns },
	{ .title = NULL },
};
static const struct view alarm_views[] = {
	{ NULL, mib_haAlarmEntry, alarm_columns },
	{ .entry = 0 },
};
static const struct view event_views[] = {
	{ NULL, mib_haEventEntry, event_columns },
	{ .entry = 0 },
};
static const struct view job_views[] = {
	{ NULL, mib_haActionEntry, job_columns },
	{ .entry = 0 },
};

static void print_views(const struct board *board, const struct view *views)
{
	for (; views->entry; views++) {
		const struct rows *rows = board_rows(board, views->entry);

		if (rows->count == 0)
			continue;
		if (views->title)
			printf("%s\n", views->title);
		print_text(rows, views->columns);
		if (views->title)
			putchar('\n');
	}
}

static int run_views(const struct arguments *arguments, const struct view *views)
{
	uint16_t entries[16] = { 0 };
	struct board board;
	int fd = hub_of(arguments);

	for (size_t i = 0; views[i].entry; i++)
		entries[i] = views[i].entry;
	fetch(arguments, fd, &board);
	if (arguments->json)
		print_json(&board, entries);
	else
		print_views(&board, views);
	board_close(&board);
	close(fd);
	return EXIT_SUCCESS;
}

static int run_status(const struct arguments *arguments)
{
	return run_views(arguments, status_views);
}

static int run_alarms(const struct arguments *arguments)
{
	return run_views(arguments, alarm_views);
}

static int run_events(const struct arguments *arguments)
{
	return run_views(arguments, event_views);
}

static int run_jobs(const struct arguments *arguments)
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

static int run_show(const struct arguments *arguments)
{
	uint16_t entries[64] = { 0 };
	struct board board;
	int fd = hub_of(arguments);
	size_t count = 0;

	fetch(arguments, fd, &board);
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

/* ---- requests ---- */

static bool is_ended(int32_t state)
{
	return state >= HaJobState_succeeded;
}

/* Look at the job until it has ended; what became of it. */
static struct job_row follow(const struct arguments *arguments, int fd, uint32_t number)
{
	struct job_row job = { .job = number };
	int64_t deadline = clock_now() + JOB_PATIENCE;
	char said[sizeof(job.step_text)] = "";

	while (clock_now() < deadline) {
		struct board board;
		const struct job_row *row;

		fetch(arguments, fd, &board);
		row = board_row(&board, mib_haActionEntry, &job);
		if (row)
			job = *row;
		board_close(&board);
		if (!row || is_ended(job.state))
			return job;
		if (!arguments->json && strcmp(said, job.step_text)) {
			TEXT_PUT(said, job.step_text);
			printf("%s\n", said);
			fflush(stdout);
		}
		nanosleep(&(struct timespec){ .tv_nsec = 50000000 }, NULL);
	}
	return job;
}

static void print_job(const struct job_row *job)
{
	static const struct table *const tables[] = { &job_table, NULL };
	struct board board;

	board_open(&board, tables);
	board_put(&board, &job_table, job);
	print_json(&board, NULL);
	board_close(&board);
}

static void fill_request(const struct arguments *arguments, int32_t request, struct set *set)
{
	struct action_drbd_row row = { .request = request };

	memset(set, 0, sizeof(*set));
	set->count = 1;
	TEXT_PUT(row.name, arguments->words[0]);
	set->changes[0].object =
		arguments->force ? mib_haForceDrbdRequest : mib_haActionDrbdRequest;
	set->changes[0].number = request;
	set->changes[0].index_length =
		(uint16_t)table_index(&action_drbd_table, &row, set->changes[0].index);
}

static int request_role(const struct arguments *arguments, int32_t request)
{
	struct verdict verdict;
	struct job_row job;
	struct set set;
	int fd;

	if (!arguments->words[0] || arguments->words[1])
		log_fatal("name one DRBD resource");
	fd = hub_of(arguments);
	fill_request(arguments, request, &set);
	if (!client_ask(fd, &set, &verdict))
		log_fatal("%s: the hub does not answer", arguments->socket);
	if (verdict.error)
		log_fatal("refused: %s", verdict.message);
	job = follow(arguments, fd, verdict.job);
	close(fd);
	if (arguments->json)
		print_job(&job);
	else if (job.state == HaJobState_succeeded)
		printf("%s\n", job.message);
	if (job.state == HaJobState_succeeded)
		return EXIT_SUCCESS;
	log_fatal("job %u: %s: %s%s%s", verdict.job, mib_label_of(HaJobState_labels, job.state),
		  job.message, job.kernel[0] ? "; the kernel said: " : "", job.kernel);
}

static int run_primary(const struct arguments *arguments)
{
	return request_role(arguments, haActionDrbdRequest_primary);
}

static int run_secondary(const struct arguments *arguments)
{
	return request_role(arguments, haActionDrbdRequest_secondary);
}

/* ---- the command line ---- */

static int run_dns_check(const struct arguments *arguments)
{
	return dns_check_run(arguments->count, arguments->words, arguments->json);
}

static const struct command {
	const char *name;
	int (*run)(const struct arguments *arguments);
	const char *help;
	bool own_options; /* reads the options behind its name itself */
} commands[] = {
	{ "status", run_status, "everything on one screen", false },
	{ "alarms", run_alarms, "what is wrong now", false },
	{ "events", run_events, "what has happened", false },
	{ "jobs", run_jobs, "the last requests and what became of them", false },
	{ "show", run_show, "[TABLE...]: tables of the MIB, all columns", false },
	{ "primary", run_primary, "RESOURCE: make this node Primary", false },
	{ "secondary", run_secondary, "RESOURCE: make this node Secondary", false },
	{ "dns-check", run_dns_check, "ADDRESS NAME [...]: ask a name server, see dns-check --help",
	  true },
};

static void print_usage(FILE *stream)
{
	fputs("Usage: hactl [-s SOCKET] [--json] [--force] COMMAND [...]\n", stream);
	for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++)
		fprintf(stream, "  %-10s %s\n", commands[i].name, commands[i].help);
}

static const struct option long_options[] = {
	{ "json", no_argument, NULL, 'j' },         { "force", no_argument, NULL, 'f' },
	{ "socket", required_argument, NULL, 's' }, { "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },      { NULL, 0, NULL, 0 },
};

static void take_options(int count, char **words, const char *letters, struct arguments *arguments)
{
	int option;

	while ((option = getopt_long(count, words, letters, long_options, NULL)) != -1) {
		if (option == 'j') {
			arguments->json = true;
		} else if (option == 'f') {
			arguments->force = true;
		} else if (option == 's') {
			arguments->socket = optarg;
		} else if (option == 'V') {
			puts("hactl " PACKAGE_VERSION);
			exit(EXIT_SUCCESS);
		} else {
			print_usage(option == 'h' ? stdout : stderr);
			exit(option == 'h' ? EXIT_SUCCESS : EXIT_FAILURE);
		}
	}
}

static const struct command *find_command(const char *name)
{
	for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++)
		if (!strcmp(name, commands[i].name))
			return &commands[i];
	print_usage(stderr);
	exit(EXIT_FAILURE);
}

int main(int count, char **words)
{
	struct arguments arguments = { .socket = "/run/ha-agentx/hub" };
	const struct command *command;

	log_open("hactl");
	take_options(count, words, "+jfs:hV", &arguments); /* + is: up to the command */
	command = find_command(words[optind] ? words[optind] : "status");
	arguments.count = count - optind;
	arguments.words = words + optind;
	if (arguments.count > 0 && !command->own_options) {
		arguments.words[0] = words[0]; /* names the program in complaints */
		optind = 0;                    /* begin anew */
		take_options(arguments.count, arguments.words, "jfs:hV", &arguments);
		arguments.words += optind;
	}
	return command->run(&arguments);
}
