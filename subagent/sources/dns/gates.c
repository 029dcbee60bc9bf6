/* Gates: verdicts on several servers, each kept in a file that keepalived tracks.
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * keepalived takes a file that is missing, empty or no number for 0, which is healthy: so the file
 * is never there half written, and never left to others.
 */
#include "subagent/sources/dns/gates.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/file.h"
#include "lib/log.h"
#include "lib/loop.h"
#include "lib/memory.h"
#include "lib/settings_dns.h"
#include "lib/table.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/report.h"
#include "subagent/sources/dns/rows.h"
#include "subagent/watched_files.h"

#define RETRY_INTERVAL 1000 /* milliseconds */

/* Milliseconds between two repairs of a file: somebody else may want another content as badly. */
#define REPAIR_INTERVAL 50

#define CONTENT_MAX 16

struct gate {
	const struct settings_gate *settings;
	struct dns_gate_row row;
	struct dns_gate_row said; /* as it was last reported */
	size_t watched;           /* number of its file */
	int64_t written;          /* clock_now(), 0: never */
	int64_t retry;            /* when the file is to be looked at again, 0: when it changes */
};

struct dns_gates {
	dns_gates_ask *ask;
	void *argument;
	struct watched_files *files;
	struct gate *gates;
	size_t count;
};

/* ---- the file ---- */

static int number_for(const struct settings_gate *settings, int32_t state)
{
	if (state != haDnsGateState_closed)
		return 0;
	return settings->weight ? settings->weight : 1;
}

/* What stands in the file, ended by a NUL; false when it cannot be read. */
static bool read_file(const char *path, char *content, struct stat *facts)
{
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	ssize_t length;

	if (fd < 0)
		return false;
	length = fstat(fd, facts) < 0 || !S_ISREG(facts->st_mode) ? -1 :
								    read(fd, content, CONTENT_MAX);
	close(fd);
	if (length < 0 || length == CONTENT_MAX)
		return false;
	content[length] = '\0';
	return true;
}

static void explain(char *text, size_t size, int error)
{
	const char *what = strerror(error);

	if (error == ENOENT)
		text_print(text, size, "%s: make the folder of the file, before keepalived starts",
			   what);
	else if (error == EACCES || error == EPERM)
		text_print(text, size, "%s: let user %u write in the folder of the file", what,
			   (unsigned int)geteuid());
	else if (error == EROFS)
		text_print(text, size,
			   "%s: put the file elsewhere, or name its folder in ReadWritePaths= of "
			   "the unit",
			   what);
	else
		text_put(text, size, what);
}

static void fail(struct gate *gate, const char *error)
{
	struct dns_gate_row *row = &gate->row;

	if (strcmp(row->error, error) != 0)
		log_warning("gate %s: %s: %s", row->name, gate->settings->file, error);
	row->file_state = haDnsGateFileState_failed;
	TEXT_PUT(row->error, error);
	gate->retry = clock_now() + RETRY_INTERVAL;
}

static void succeed(struct gate *gate)
{
	gate->row.file_state = haDnsGateFileState_written;
	TEXT_PUT(gate->row.error, "");
}

static void write_file(struct gate *gate, const char *content)
{
	char text[sizeof(gate->row.error)];

	if (!file_replace(gate->settings->file, content, strlen(content), 0644)) {
		explain(text, sizeof(text), errno);
		fail(gate, text);
		return;
	}
	gate->written = clock_now();
	gate->row.file_time.wall = clock_wall();
	succeed(gate);
}

/* Whether something stands in the file's place that is not ours to touch. */
static bool is_foreign(struct gate *gate)
{
	struct stat facts;

	if (lstat(gate->settings->file, &facts) < 0 || S_ISREG(facts.st_mode))
		return false;
	fail(gate, S_ISLNK(facts.st_mode) ? "a symbolic link is in its place: remove it" :
					    "what is in its place is no regular file: remove it");
	return true;
}

static void check_file(struct gate *gate, bool at_once)
{
	int64_t possible = gate->written + REPAIR_INTERVAL;
	char wanted[CONTENT_MAX], found[CONTENT_MAX];
	struct stat facts;

	gate->retry = 0;
	if (is_foreign(gate))
		return;
	TEXT_PRINT(wanted, "%d\n", number_for(gate->settings, gate->row.gate_state));
	if (read_file(gate->settings->file, found, &facts) && !strcmp(found, wanted))
		succeed(gate);
	else if (at_once || !gate->written || clock_now() >= possible)
		write_file(gate, wanted);
	else
		gate->retry = possible;
}

/* ---- the verdict ---- */

static int32_t judge(const struct dns_gates *gates, struct gate *gate)
{
	const struct settings_gate *settings = gate->settings;
	uint32_t up = 0, unknown = 0;

	for (size_t i = 0; i < settings->servers_count; i++) {
		int32_t state = gates->ask(gates->argument, settings, settings->servers[i]);

		up += state == haDnsServerState_up || state == haDnsServerState_degraded;
		unknown += state == haDnsServerState_unknown;
	}
	gate->row.servers_up = up;
	if (up >= settings->needed)
		return haDnsGateState_open;
	if (up + unknown < settings->needed)
		return haDnsGateState_closed;
	return gate->row.gate_state;
}

static bool change_state(struct gate *gate, int32_t state)
{
	struct dns_gate_row *row = &gate->row;

	if (state == row->gate_state)
		return false;
	row->gate_state = state;
	row->state_time.wall = clock_wall();
	log_info("gate %s: %s, %u of %u servers are up", row->name,
		 state == haDnsGateState_open ? "open" : "closed", row->servers_up, row->servers);
	return true;
}

static bool is_news(const struct gate *gate)
{
	const struct table *table = &dns_gate_table;

	for (size_t i = 0; i < table->columns_count; i++)
		if (table_differs(&table->columns[i], &gate->row, &gate->said))
			return true;
	return false;
}

static void report(struct gate *gate)
{
	report_row(&dns_gate_table, &gate->row);
	gate->said = gate->row;
}

/* Called for every answer of every server: most of the time there is nothing to compare. */
static void judge_gate(struct dns_gates *gates, struct gate *gate)
{
	bool changed = change_state(gate, judge(gates, gate));
	bool touched = watched_files_take(gates->files, gate->watched);

	if (changed || touched || (gate->retry && clock_now() >= gate->retry))
		check_file(gate, changed);
	else if (gate->row.servers_up == gate->said.servers_up)
		return;
	if (is_news(gate))
		report(gate);
}

/* ---- all of them ---- */

static void remember_state(struct gate *gate)
{
	struct dns_gate_row *row = &gate->row;
	char content[CONTENT_MAX], *end;
	struct stat facts;
	long number;

	row->gate_state = haDnsGateState_open;
	row->state_time.wall = clock_wall();
	if (!read_file(gate->settings->file, content, &facts))
		return;
	number = strtol(content, &end, 10);
	if (end == content || end[strspn(end, " \n")])
		return;
	row->file_time.wall = facts.st_mtim.tv_sec * 1000 + facts.st_mtim.tv_nsec / 1000000;
	if (number != number_for(gate->settings, haDnsGateState_closed) && number != 0)
		return;
	row->state_time = row->file_time;
	if (number)
		row->gate_state = haDnsGateState_closed;
}

static void open_gate(struct gate *gate, const struct settings_gate *settings)
{
	struct dns_gate_row *row = &gate->row;

	gate->settings = settings;
	row->head.state = HaRowState_fresh;
	TEXT_PUT(row->name, settings->name);
	TEXT_PUT(row->file, settings->file);
	row->rule = settings->rule;
	row->needed = settings->needed;
	row->servers = (uint32_t)settings->servers_count;
	row->weight = settings->weight;
	row->file_state = haDnsGateFileState_unknown;
	remember_state(gate);
}

struct dns_gates *dns_gates_open(const struct settings_dns *settings, dns_gates_ask *ask,
				 void *argument)
{
	struct dns_gates *gates = memory_new(1, sizeof(*gates));

	gates->ask = ask;
	gates->argument = argument;
	gates->files = watched_files_open();
	gates->count = settings->gates_count;
	gates->gates = memory_new(gates->count ? gates->count : 1, sizeof(*gates->gates));
	for (size_t i = 0; i < gates->count; i++) {
		open_gate(&gates->gates[i], &settings->gates[i]);
		gates->gates[i].watched = watched_files_add(gates->files, settings->gates[i].file);
	}
	return gates;
}

void dns_gates_close(struct dns_gates *gates)
{
	watched_files_close(gates->files);
	free(gates->gates);
	free(gates);
}

void dns_gates_judge(struct dns_gates *gates)
{
	for (size_t i = 0; i < gates->count; i++)
		judge_gate(gates, &gates->gates[i]);
}

void dns_gates_watch(struct dns_gates *gates)
{
	watched_files_watch(gates->files);
	for (size_t i = 0; i < gates->count; i++)
		loop_wake(gates->gates[i].retry);
}

void dns_gates_report(struct dns_gates *gates)
{
	for (size_t i = 0; i < gates->count; i++)
		report(&gates->gates[i]);
}
