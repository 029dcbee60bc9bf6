/* What hactl asks for: one request each, followed to the end of its job.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/hactl/ask.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/frame.h"
#include "lib/log.h"
#include "lib/memory.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/board.h"
#include "subagent/groups/follow.h"
#include "subagent/groups/rows.h"
#include "subagent/hactl/arguments.h"
#include "subagent/hactl/client.h"
#include "subagent/hactl/print.h"
#include "subagent/jobs.h"
#include "subagent/requests/bond.h"
#include "subagent/requests/drbd.h"
#include "subagent/requests/group.h"
#include "subagent/requests/ipvs.h"
#include "subagent/requests/vrrp.h"

/* A job ends by its own deadlines; this is for a hub that does not. */
#define JOB_PATIENCE 120000

/* ---- the job ---- */

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

		arguments_fetch(arguments, fd, &board);
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

static void print_row(const struct table *table, const void *row)
{
	const struct table *const tables[] = { table, NULL };
	struct board board;

	board_open(&board, tables);
	board_put(&board, table, row);
	print_json(&board, NULL);
	board_close(&board);
}

static int tell_end(const struct arguments *arguments, const struct job_row *job)
{
	if (arguments->json)
		print_row(&job_table, job);
	else if (job->state == HaJobState_succeeded)
		printf("%s\n", job->message);
	if (job->state == HaJobState_succeeded)
		return EXIT_SUCCESS;
	log_fatal("job %u: %s: %s%s%s", job->job, mib_label_of(HaJobState_labels, job->state),
		  job->message, job->kernel[0] ? "; the kernel said: " : "", job->kernel);
}

/* ---- the request ---- */

/* A change of the same row as the first one. */
static struct set_change *add_change(struct set *set, uint16_t object)
{
	struct set_change *change = &set->changes[set->count++];

	*change = set->changes[0];
	change->object = object;
	return change;
}

/* Most that is for a time is for seconds; what is for longer is for minutes. */
static void add_time(const struct arguments *arguments, const struct request_kind *kind,
		     struct set *set)
{
	bool minutes = kind->seconds_unit == 60;
	const char *given = minutes ? arguments->minutes : arguments->seconds;
	unsigned long number;
	char *end;

	if (minutes ? arguments->seconds : arguments->minutes)
		log_fatal("--%s is not for this", minutes ? "seconds" : "minutes");
	if (!given)
		return;
	number = strtoul(given, &end, 10);
	if (!kind->seconds || *end || end == given || number > UINT32_MAX)
		log_fatal("--%s %s: not a number, or not for this", minutes ? "minutes" : "seconds",
			  given);
	add_change(set, kind->seconds)->number = (int64_t)number;
}

static int send_set(const struct arguments *arguments, int fd, struct set *set)
{
	struct verdict verdict;
	struct job_row job;

	if (!client_ask(fd, set, &verdict))
		log_fatal("%s: the hub does not answer", arguments->socket);
	if (verdict.error)
		log_fatal("refused: %s", verdict.message);
	job = follow(arguments, fd, verdict.job);
	close(fd);
	return tell_end(arguments, &job);
}

/* Whether the column of forced requests has it, too: by its label, for numbers differ. */
static bool can_be_forced(const struct request_kind *kind, int32_t value)
{
	const char *label, *forced;

	if (!kind->force_table)
		return false;
	label = mib_label_of(mib_objects[kind->request].labels, value);
	forced = mib_label_of(mib_objects[kind->force_request].labels, value);
	return label && forced && !strcmp(label, forced);
}

static void check_force(const struct arguments *arguments, const struct request_kind *kind,
			int32_t value)
{
	if (arguments->force && !can_be_forced(kind, value))
		log_fatal("--force: there is nothing to force here");
}

/* Ask for `value' of the row of `kind' that has the index of `row', and wait for what becomes of
 * it.
 */
static int ask(const struct arguments *arguments, int fd, const struct request_kind *kind,
	       const void *row, int32_t value, const char *text)
{
	struct set set = { .count = 1 };

	check_force(arguments, kind, value);
	set.changes[0].object = arguments->force ? kind->force_request : kind->request;
	set.changes[0].number = value;
	TEXT_PUT(set.changes[0].text, text);
	set.changes[0].index_length = (uint16_t)table_index(kind->table, row, set.changes[0].index);
	add_time(arguments, kind, &set);
	return send_set(arguments, fd, &set);
}

/* A request about what has a name. */
static int ask_by_name(const struct arguments *arguments, const struct request_kind *kind,
		       int32_t value, const char *text)
{
	_Alignas(struct row) unsigned char row[ROW_SIZE_MAX] = { 0 };
	const struct column *name =
		table_column(kind->table, *mib_objects[kind->table->entry].list);

	text_put((char *)row + name->offset, name->size, arguments->words[0]);
	return ask(arguments, arguments_hub(arguments), kind, row, value, text);
}

static int ask_one_name(const struct arguments *arguments, const struct request_kind *kind,
			int32_t value)
{
	if (arguments->count != 1)
		log_fatal("name one %s", kind->noun);
	return ask_by_name(arguments, kind, value, "");
}

int ask_primary(const struct arguments *arguments)
{
	return ask_one_name(arguments, &request_drbd, haActionDrbdRequest_primary);
}

int ask_secondary(const struct arguments *arguments)
{
	return ask_one_name(arguments, &request_drbd, haActionDrbdRequest_secondary);
}

int ask_hold(const struct arguments *arguments)
{
	return ask_one_name(arguments, &request_vrrp, haActionVrrpRequest_hold);
}

int ask_release(const struct arguments *arguments)
{
	return ask_one_name(arguments, &request_vrrp, haActionVrrpRequest_release);
}

int ask_active_port(const struct arguments *arguments)
{
	if (arguments->count != 2)
		log_fatal("name one bond and its port");
	return ask_by_name(arguments, &request_bond, 0, arguments->words[1]);
}

/* ---- real servers: found by what they are called ---- */

/* All words but the last are the service: its protocol may be a word of its own. */
static void join_words(const struct arguments *arguments, char *text, size_t size)
{
	int last = arguments->count - 1;

	text_put(text, size, "");
	for (int i = 0; i < last; i++) {
		size_t used = strlen(text);

		text_print(text + used, size - used, "%s%s", i ? " " : "", arguments->words[i]);
	}
	text_print(text + strlen(text), size - strlen(text), " -> %s", arguments->words[last]);
}

/* Whether a row is called so, with its protocol or without. */
static bool is_called(const struct rows *rows, size_t position, const char *wanted)
{
	char text[256];
	const char *blank;

	table_subject(rows->table, rows->entries[position]->row, text, sizeof(text));
	blank = strchr(text, ' ');
	return !strcmp(text, wanted) || (blank && !strcmp(blank + 1, wanted));
}

static const struct entry *find_server(const struct board *board, const char *wanted)
{
	const struct rows *rows = board_rows(board, mib_haActionIpvsEntry);
	const struct entry *found = NULL;

	for (size_t i = 0; i < rows->count; i++) {
		if (!is_called(rows, i, wanted))
			continue;
		if (found)
			log_fatal("there are several %s: name the protocol, too", wanted);
		found = rows->entries[i];
	}
	if (!found)
		log_fatal("there is no %s: see hactl show haIpvsRealTable", wanted);
	return found;
}

static int ask_server(const struct arguments *arguments, int32_t value)
{
	struct action_ipvs_row row;
	struct board board;
	char wanted[256];
	int fd;

	if (arguments->count < 2)
		log_fatal("name one service and its server");
	join_words(arguments, wanted, sizeof(wanted));
	fd = arguments_hub(arguments);
	arguments_fetch(arguments, fd, &board);
	row = *(const struct action_ipvs_row *)find_server(&board, wanted)->row;
	board_close(&board);
	return ask(arguments, fd, &request_ipvs, &row, value, "");
}

int ask_drain(const struct arguments *arguments)
{
	return ask_server(arguments, haActionIpvsRequest_drain);
}

int ask_restore(const struct arguments *arguments)
{
	return ask_server(arguments, haActionIpvsRequest_restore);
}

/* ---- groups ---- */

static void read_group(const struct arguments *arguments, int fd, struct group_row *group)
{
	const struct group_row *row;
	struct board board;

	if (arguments->count != 1)
		log_fatal("name one group");
	*group = (struct group_row){ .head.state = 0 };
	TEXT_PUT(group->name, arguments->words[0]);
	arguments_fetch(arguments, fd, &board);
	row = board_row(&board, mib_haGroupEntry, group);
	if (!row)
		log_fatal("there is no group %s", arguments->words[0]);
	*group = *row;
	board_close(&board);
}

/* What moves a group names the node that is believed active: here that is what the group says
 * itself. Should that change in between, the request is refused. */
static int ask_to_move(const struct arguments *arguments, int32_t value)
{
	const struct request_kind *kind = &request_group;
	struct action_group_row key = { .head.state = 0 };
	int fd = arguments_hub(arguments);
	struct set set = { .count = 1 };
	struct group_row group;

	read_group(arguments, fd, &group);
	TEXT_PUT(key.name, group.name);
	set.changes[0].object = arguments->force ? kind->force_request : kind->request;
	set.changes[0].index_length =
		(uint16_t)table_index(kind->table, &key, set.changes[0].index);
	TEXT_PUT(add_change(&set, arguments->force ? kind->force_expected : kind->expected)->text,
		 group.active_node);
	set.changes[0].number = value;
	add_time(arguments, kind, &set);
	return send_set(arguments, fd, &set);
}

int ask_switchover(const struct arguments *arguments)
{
	return ask_to_move(arguments, arguments->force ? (int32_t)haForceGroupRequest_switchover :
							 (int32_t)haActionGroupRequest_switchover);
}

int ask_takeover(const struct arguments *arguments)
{
	if (!arguments->force)
		log_fatal("a takeover asks nobody, and makes a split brain when the other node is "
			  "not dead: be certain that it is off, and say --force");
	return ask_to_move(arguments, haForceGroupRequest_takeover);
}

/* ---- what notify scripts of keepalived may ask for ---- */

/* Milliseconds. A script may be faster than what this node hears of its VRRP state; and a node that
 * has the address may have to wait for the other one. */
#define FOLLOW_PATIENCE 3000
#define TAKEOVER_PATIENCE 30000
#define FOLLOW_PAUSE 100

struct following {
	const struct arguments *arguments;
	int fd;
	int32_t request; /* enum haActionGroupRequest */
	int32_t verb;    /* enum HaJobVerb of the same */
	int64_t begun;
	struct group_row group; /* as last read, */
	bool master;            /* whether this node then had its address, */
	uint32_t job;           /* and the running job that does it already; 0: none */
};

static uint32_t find_job(const struct board *board, const struct following *following)
{
	const struct rows *rows = board_rows(board, mib_haActionEntry);

	for (size_t i = rows->count; i-- > 0;) {
		const struct job_row *job = rows->entries[i]->row;

		if (job->verb == following->verb && !is_ended(job->state) &&
		    !strcmp(job->subject, following->group.name))
			return job->job;
	}
	return 0;
}

static void look(struct following *following)
{
	struct group_member_row key = { .kind = haGroupMemberKind_vrrp };
	const struct group_member_row *instance;
	const struct group_row *row;
	struct board board;

	arguments_fetch(following->arguments, following->fd, &board);
	row = board_row(&board, mib_haGroupEntry, &following->group);
	if (!row)
		log_fatal("there is no group %s", following->group.name);
	following->group = *row;
	TEXT_PUT(key.group, row->name);
	TEXT_PUT(key.name, row->instance);
	instance = board_row(&board, mib_haGroupMemberEntry, &key);
	following->master = instance && instance->member_state == haGroupMemberState_started;
	following->job = find_job(&board, following);
	board_close(&board);
}

static bool is_promotion(const struct following *following)
{
	return following->verb == HaJobVerb_groupPromote;
}

static bool is_late(const struct following *following)
{
	bool waits = is_promotion(following) && following->master;

	return clock_now() - following->begun > (waits ? TAKEOVER_PATIENCE : FOLLOW_PATIENCE);
}

/* Whether the group wants it by itself; else a request would be refused. */
static bool is_wanted(const struct following *following)
{
	return following->group.wanted ==
	       (is_promotion(following) ? (int32_t)AIM_PROMOTE : (int32_t)AIM_DEMOTE);
}

static bool is_there(const struct following *following)
{
	return is_promotion(following) ? following->group.whole : following->group.idle;
}

static int tell_there(const struct following *following)
{
	close(following->fd);
	if (following->arguments->json)
		print_row(&group_table, &following->group);
	else
		printf(is_promotion(following) ? "%s is active on this node\n" :
						 "nothing of %s runs on this node\n",
		       following->group.name);
	return EXIT_SUCCESS;
}

/* Ask for it; false: it is refused, and that may pass. */
static bool ask_to_follow(struct following *following)
{
	struct action_group_row key = { .head.state = 0 };
	struct set set = { .count = 1 };
	struct verdict verdict;

	TEXT_PUT(key.name, following->group.name);
	set.changes[0].object = request_group.request;
	set.changes[0].number = following->request;
	set.changes[0].index_length =
		(uint16_t)table_index(request_group.table, &key, set.changes[0].index);
	if (!client_ask(following->fd, &set, &verdict))
		log_fatal("%s: the hub does not answer", following->arguments->socket);
	following->job = verdict.job;
	if (verdict.error && is_late(following))
		log_fatal("refused: %s", verdict.message);
	return !verdict.error;
}

/* A job that was running already may have begun before the state changed: so it is looked again. */
static int follow_vrrp(const struct arguments *arguments, int32_t request, int32_t verb)
{
	struct following following = {
		.arguments = arguments,
		.fd = arguments_hub(arguments),
		.request = request,
		.verb = verb,
		.begun = clock_now(),
	};
	struct job_row job;

	if (arguments->count != 1)
		log_fatal("name one group");
	if (arguments->force)
		log_fatal("--force: there is nothing to force here");
	TEXT_PUT(following.group.name, arguments->words[0]);
	for (;;) {
		look(&following);
		if (following.job) {
			follow(arguments, following.fd, following.job);
		} else if (is_there(&following)) {
			return tell_there(&following);
		} else if ((is_wanted(&following) || is_late(&following)) &&
			   ask_to_follow(&following)) {
			job = follow(arguments, following.fd, following.job);
			close(following.fd);
			return tell_end(arguments, &job);
		}
		nanosleep(&(struct timespec){ .tv_nsec = FOLLOW_PAUSE * 1000000L }, NULL);
	}
}

int ask_promote(const struct arguments *arguments)
{
	return follow_vrrp(arguments, haActionGroupRequest_promote, HaJobVerb_groupPromote);
}

int ask_demote(const struct arguments *arguments)
{
	return follow_vrrp(arguments, haActionGroupRequest_demote, HaJobVerb_groupDemote);
}

/* ---- what leaves a group where it is ---- */

static int ask_group(const struct arguments *arguments, int32_t value)
{
	struct action_group_row key = { .head.state = 0 };
	struct group_row group;
	int fd;

	check_force(arguments, &request_group, value);
	fd = arguments_hub(arguments);
	read_group(arguments, fd, &group);
	TEXT_PUT(key.name, group.name);
	return ask(arguments, fd, &request_group, &key, value, "");
}

int ask_check(const struct arguments *arguments)
{
	return ask_group(arguments, haActionGroupRequest_check);
}

int ask_maintenance(const struct arguments *arguments)
{
	return ask_group(arguments, haActionGroupRequest_maintenance);
}

int ask_resume(const struct arguments *arguments)
{
	return ask_group(arguments, haActionGroupRequest_resume);
}

int ask_cancel(const struct arguments *arguments)
{
	return ask_group(arguments, haActionGroupRequest_cancel);
}
