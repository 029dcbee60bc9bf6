/* The hub: takes the rows of the sources, derives alarms and jobs, feeds the line.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/hub.h"

#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/frame.h"
#include "lib/log.h"
#include "lib/loop.h"
#include "lib/settings.h"
#include "lib/settings_group.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/agent.h"
#include "subagent/board.h"
#include "subagent/changes.h"
#include "subagent/children.h"
#include "subagent/counters.h"
#include "subagent/desk.h"
#include "subagent/groups/groups.h"
#include "subagent/groups/work.h"
#include "subagent/history.h"
#include "subagent/jobs.h"
#include "subagent/source.h"
#include "subagent/tables.h"

/* The watchdog is told when it may wait this much longer, milliseconds. */
#define GUARD_STEP 100

/* The source that talks to the agent of the other node; milliseconds after which it is to ask again
 * where a group is. */
#define PEER "peer"
#define SEEK_INTERVAL 200

/* The keeper is told on the grid of the sources' pulses, which wake the hub, or so much later when
 * there is no source, milliseconds. */
#define SIGN_INTERVAL 2000
#define SIGN_SLACK 500

/* Frames taken from one child in one turn: then the others have their turn, too. */
#define FRAMES_A_TURN 256

struct hub {
	const struct settings *settings;
	int keeper;
	int64_t next_sign; /* of life, to the keeper (clock_now()) */
	bool ended;
	int sockets[ROLES_MAX]; /* to the children, by number; -1 for none */
	struct board board;
	struct changes changes;
	struct children children;
	struct jobs jobs;
	struct groups groups;
	int64_t guarded[SETTINGS_GROUPS_MAX]; /* until when, as the watchdog was told */
	uint32_t looked;   /* newest event at which the peer was to be looked at */
	int64_t looked_at; /* clock_now() of that */
	struct counters counters;
	struct history history;
	struct desk desk;
	bool rows_came;   /* of a source, in this turn */
	bool undelivered; /* the line waits for this verdict */
	struct verdict verdict;
};

/* What a descriptor's call is told: which child it is of. */
struct seat {
	struct hub *hub;
	unsigned int number;
};

static struct instant instant_now(void)
{
	return (struct instant){ clock_now(), clock_wall() };
}

/* ---- the keeper ---- */

/* A keeper that stands still reads nothing, and must not hold up the hub, too: the sign is left out
 * when there is no room for it. */
static void sign_life(struct hub *hub, int64_t now)
{
	struct pollfd keeper = { .fd = hub->keeper, .events = POLLOUT };

	if (now >= hub->next_sign) {
		if (poll(&keeper, 1, 0) > 0)
			frame_send(hub->keeper, FRAME_ALIVE, ROLE_HUB, NULL, 0);
		hub->next_sign = (now / SIGN_INTERVAL + 1) * SIGN_INTERVAL;
	}
	loop_wake(hub->next_sign + SIGN_SLACK);
}

/* ---- orders ---- */

static void order_start(void *keeper, unsigned int number)
{
	struct hub *hub = keeper;

	frame_send(hub->keeper, FRAME_START, number, NULL, 0);
}

static void order_kill(void *keeper, unsigned int number)
{
	struct hub *hub = keeper;

	frame_send(hub->keeper, FRAME_KILL, number, NULL, 0);
}

static bool order_step(void *executor, size_t slot, const struct step_order *order)
{
	const struct hub *hub = executor;
	int fd = hub->sockets[roster_executor(slot)];

	return fd >= 0 && frame_send(fd, FRAME_STEP, 0, order, sizeof(*order)) == FRAME_OK;
}

static void abandon_executor(void *executor, size_t slot)
{
	order_kill(executor, roster_executor(slot));
}

static bool is_present(void *executor, size_t slot)
{
	const struct hub *hub = executor;

	return hub->sockets[roster_executor(slot)] >= 0;
}

/* ---- watchdog and peer ---- */

static void order_guard(struct hub *hub, size_t group, int64_t until)
{
	struct guard_order order = { .group = (uint32_t)group, .until = until };
	int fd = hub->sockets[ROLE_WATCHDOG];

	if (fd >= 0 && frame_send(fd, FRAME_GUARD, 0, &order, sizeof(order)) == FRAME_OK)
		hub->guarded[group] = until;
}

static void guard_groups(struct hub *hub, int64_t now)
{
	for (size_t i = 0; i < hub->settings->groups->count; i++) {
		int64_t until = groups_guard_until(&hub->groups, i, now);

		if (hub->settings->groups->groups[i].watchdog &&
		    (!until != !hub->guarded[i] || until >= hub->guarded[i] + GUARD_STEP))
			order_guard(hub, i, until);
	}
}

/* Who ends in order leaves nothing to be reset. */
static void release_guards(struct hub *hub)
{
	for (size_t i = 0; i < hub->settings->groups->count; i++)
		if (hub->settings->groups->groups[i].watchdog)
			order_guard(hub, i, 0);
}

/* What has happened here may have happened there, too; and what has gone from here is looked for
 * there until it has arrived. */
static void look_at_peer(struct hub *hub, int64_t now)
{
	bool seeks = groups_seek(&hub->groups, now);
	int number = roster_find(PEER);

	if (number < 0 || hub->sockets[number] < 0)
		return;
	if (seeks)
		loop_wake(now + SEEK_INTERVAL);
	if (hub->looked == hub->changes.events.newest &&
	    !(seeks && now >= hub->looked_at + SEEK_INTERVAL))
		return;
	hub->looked = hub->changes.events.newest;
	hub->looked_at = now;
	frame_send(hub->sockets[number], FRAME_LOOK, 0, NULL, 0);
}

static bool ask_peer(void *peer, const struct ask *ask)
{
	const struct hub *hub = peer;
	int number = roster_find(PEER);

	return number >= 0 && hub->sockets[number] >= 0 &&
	       frame_send(hub->sockets[number], FRAME_ASK, 0, ask, sizeof(*ask)) == FRAME_OK;
}

static void keep_job(void *keeper, const struct job_row *row)
{
	history_keep(keeper, row);
}

/* ---- what the line is told ---- */

static bool pass_entry(void *reader, const struct table *table, const struct entry *entry)
{
	const struct hub *hub = reader;

	return frame_send(hub->sockets[ROLE_LINE], entry->gone ? FRAME_GONE : FRAME_ROW,
			  table->entry, entry->row, table->size) == FRAME_OK;
}

/* The verdict goes behind the rows that the SET has changed: whoever has got the answer reads them,
 * and why it was refused. False while the line's socket is full. */
static bool pass_news(struct hub *hub)
{
	int fd = hub->sockets[ROLE_LINE];

	if (fd < 0)
		return true;
	if (!board_offer(&hub->board, pass_entry, hub))
		return false;
	if (hub->undelivered)
		hub->undelivered = frame_send(fd, FRAME_VERDICT, 0, &hub->verdict,
					      sizeof(hub->verdict)) == FRAME_AGAIN;
	return !hub->undelivered;
}

/* ---- what children say ---- */

/* The table of a frame of rows, if this child may fill it and the row is one of this table. */
static const struct table *table_of(const struct hub *hub, unsigned int number,
				    const struct frame *frame)
{
	const struct source *source = hub->children.child[number].source;

	for (size_t i = 0; source && source->tables[i]; i++) {
		const struct table *table = source->tables[i];
		bool row = frame->head.type == FRAME_ROW || frame->head.type == FRAME_GONE;

		if (table->entry == frame->head.table &&
		    (!row ||
		     (frame->head.length == table->size && table_sound(table, &frame->body))))
			return table;
	}
	return NULL;
}

static bool take_row(struct hub *hub, const struct table *table, struct frame *frame,
		     const struct instant *when)
{
	struct row *row = &frame->body.row;

	if (frame->head.type == FRAME_GONE) {
		changes_remove(&hub->changes, table, row, when);
	} else if (frame->head.type == FRAME_BEGIN) {
		changes_begin(&hub->changes, table);
	} else if (frame->head.type == FRAME_END) {
		changes_end(&hub->changes, table, when);
	} else {
		if (row->state != HaRowState_fresh && row->state != HaRowState_missing &&
		    row->state != HaRowState_stale)
			return false;
		jobs_amend(&hub->jobs, table, row);
		groups_amend(&hub->groups, table, row, when);
		changes_put(&hub->changes, table, row, when);
	}
	return true;
}

static bool take_source(struct hub *hub, unsigned int number, struct frame *frame,
			const struct instant *when)
{
	const struct table *table;

	if (frame->head.type == FRAME_PULSE) {
		if (!mib_label_of(haSourceState_labels, frame->body.pulse.state) ||
		    !mib_label_of(haSourceReason_labels, frame->body.pulse.reason))
			return false;
		children_pulse(&hub->children, number, &frame->body.pulse, when);
		return true;
	}
	if (frame->head.type == FRAME_ANSWER && (int)number == roster_find(PEER)) {
		jobs_answer(&hub->jobs, &frame->body.answer, when);
		return true;
	}
	if (frame->head.type > FRAME_END || !(table = table_of(hub, number, frame)))
		return false;
	hub->rows_came = true;
	return take_row(hub, table, frame, when);
}

static void answer_set(struct hub *hub, const struct set *set, const struct instant *when)
{
	groups_follow(&hub->groups, when);
	jobs_set(&hub->jobs, set, &hub->verdict, when);
	hub->undelivered = true;
	pass_news(hub);
}

static void take_sent(struct hub *hub, const struct sent *sent, const struct instant *when)
{
	hub->changes.events.notified = sent->sequence;
	if (sent->first_lost)
		events_tell_lost(&hub->changes.events, sent->first_lost, sent->last_lost, when);
	storm_run(&hub->changes.events.storm, sent->reason == haSourceReason_none, when->now);
	children_connected(&hub->children, sent->reason, when);
}

static bool take_line(struct hub *hub, const struct frame *frame, const struct instant *when)
{
	if (frame->head.type == FRAME_SET && frame->body.set.count <= SET_CHANGES_MAX) {
		answer_set(hub, &frame->body.set, when);
	} else if (frame->head.type == FRAME_SENT) {
		take_sent(hub, &frame->body.sent, when);
	} else {
		return false;
	}
	return true;
}

static bool take_executor(struct hub *hub, unsigned int number, const struct frame *frame,
			  const struct instant *when)
{
	if (frame->head.type != FRAME_RESULT)
		return false;
	jobs_result(&hub->jobs, roster_slot(number), &frame->body.result, when);
	return true;
}

static bool take_watchdog(struct hub *hub, const struct frame *frame, const struct instant *when)
{
	const struct guard_note *note = &frame->body.guarded;

	if (frame->head.type != FRAME_GUARDED || note->group >= hub->settings->groups->count ||
	    !mib_label_of(haGroupWatchdog_labels, note->state))
		return false;
	if (note->error[0])
		log_warning("watchdog: %.*s", (int)sizeof(note->error), note->error);
	groups_take_guard(&hub->groups, note->group, note->state, note->timeout, when);
	return true;
}

static bool take_child(struct hub *hub, unsigned int number, struct frame *frame,
		       const struct instant *when)
{
	if (number == ROLE_LINE)
		return take_line(hub, frame, when);
	if (roster_is_executor(number))
		return take_executor(hub, number, frame, when);
	if (number == ROLE_WATCHDOG)
		return take_watchdog(hub, frame, when);
	return take_source(hub, number, frame, when);
}

static void hang_up(struct hub *hub, unsigned int number)
{
	if (hub->sockets[number] >= 0)
		close(hub->sockets[number]);
	hub->sockets[number] = -1;
	if (number != ROLE_LINE)
		return;
	hub->undelivered = false;
	storm_run(&hub->changes.events.storm, false, clock_now());
	board_follow(&hub->board, false);
}

static void child_ready(void *argument, short events)
{
	const struct seat *seat = argument;
	struct hub *hub = seat->hub;
	struct instant when = instant_now();
	enum frame_outcome outcome = FRAME_OK;
	struct frame frame;

	(void)events;
	for (int i = 0; i < FRAMES_A_TURN && outcome == FRAME_OK && hub->sockets[seat->number] >= 0;
	     i++) {
		outcome = frame_receive(hub->sockets[seat->number], &frame, NULL);
		if (outcome == FRAME_OK) {
			children_heard(&hub->children, seat->number, &when);
			if (!take_child(hub, seat->number, &frame, &when))
				outcome = FRAME_BROKEN;
		}
	}
	if (outcome == FRAME_BROKEN)
		children_broke(&hub->children, seat->number, &when);
	if (outcome == FRAME_BROKEN || outcome == FRAME_CLOSED)
		hang_up(hub, seat->number);
}

/* ---- what the keeper says ---- */

static void greet_line(struct hub *hub)
{
	struct sent sent = { .sequence = hub->changes.events.notified };

	frame_send(hub->sockets[ROLE_LINE], FRAME_SENT, 0, &sent, sizeof(sent));
	board_follow(&hub->board, true);
}

static void child_started(struct hub *hub, unsigned int number, const struct frame *frame, int fd,
			  const struct instant *when)
{
	hang_up(hub, number);
	hub->sockets[number] = fd;
	frame_nonblocking(fd);
	children_started(&hub->children, number, &frame->body.note, when);
	if (number == ROLE_LINE)
		greet_line(hub);
	if (number == ROLE_WATCHDOG)
		memset(hub->guarded, 0, sizeof(hub->guarded));
	if (roster_is_executor(number))
		jobs_executor_came(&hub->jobs, roster_slot(number), when);
}

static void child_exited(struct hub *hub, unsigned int number, const struct frame *frame,
			 const struct instant *when)
{
	hang_up(hub, number);
	children_exited(&hub->children, number, &frame->body.note, when);
	if (number == ROLE_LINE)
		jobs_sender_lost(&hub->jobs, when);
	if ((int)number == roster_find(PEER))
		jobs_peer_lost(&hub->jobs, when);
	if (roster_is_executor(number))
		jobs_executor_lost(&hub->jobs, roster_slot(number), when);
}

static void keeper_ready(void *argument, short events)
{
	struct hub *hub = argument;
	struct instant when = instant_now();
	struct frame frame;
	int fd = -1;

	(void)events;
	if (frame_receive(hub->keeper, &frame, &fd) != FRAME_OK ||
	    frame.head.table >= hub->children.count)
		hub->ended = true;
	else if (frame.head.type == FRAME_STARTED && fd >= 0)
		child_started(hub, frame.head.table, &frame, fd, &when);
	else if (frame.head.type == FRAME_EXITED)
		child_exited(hub, frame.head.table, &frame, &when);
}

/* ---- the process ---- */

static void open_hub(struct hub *hub, const struct settings *settings, int keeper)
{
	struct instant when = instant_now();

	memset(hub, 0, sizeof(*hub));
	hub->settings = settings;
	hub->keeper = keeper;
	memset(hub->sockets, -1, sizeof(hub->sockets));
	counters_open(&hub->counters, settings);
	board_open(&hub->board, tables_all());
	changes_open(&hub->changes, &hub->board, hub->counters.event, settings->events);
	storm_limit(&hub->changes.events.storm, settings->burst, settings->rate);
	agent_open(&hub->changes, settings, &when);
	children_open(&hub->children, &hub->changes, settings, &when);
	hub->children.start = order_start;
	hub->children.kill = order_kill;
	hub->children.keeper = hub;
	groups_open(&hub->groups, &hub->changes, settings, &when);
	jobs_open(&hub->jobs, &hub->changes, settings, hub->counters.job, &when);
	hub->jobs.execute = order_step;
	hub->jobs.abandon = abandon_executor;
	hub->jobs.present = is_present;
	hub->jobs.executor = hub;
	hub->jobs.ask = ask_peer;
	hub->jobs.peer = hub;
	hub->jobs.keep = keep_job;
	hub->jobs.keeper = &hub->history;
	history_open(&hub->history, settings, &hub->jobs, &when);
	work_connect(&hub->groups, &hub->jobs);
	desk_open(&hub->desk, settings, &hub->board, &hub->jobs);
}

static void close_hub(struct hub *hub)
{
	release_guards(hub);
	desk_close(&hub->desk);
	for (unsigned int number = 0; number < ROLES_MAX; number++)
		hang_up(hub, number);
	changes_close(&hub->changes);
	board_close(&hub->board);
	counters_close(&hub->counters);
	history_close(&hub->history);
	jobs_close(&hub->jobs);
	groups_close(&hub->groups);
}

static void watch(struct hub *hub, struct seat *seats)
{
	loop_watch(hub->keeper, POLLIN, keeper_ready, hub);
	for (unsigned int number = 0; number < hub->children.count; number++) {
		seats[number] = (struct seat){ hub, number };
		loop_watch(hub->sockets[number], POLLIN, child_ready, &seats[number]);
	}
	desk_watch(&hub->desk);
}

/* Everything that follows from what came in, once a turn. */
static void settle(struct hub *hub)
{
	struct instant when = instant_now();

	loop_wake(children_tick(&hub->children, &when));
	groups_follow(&hub->groups, &when);
	if (hub->rows_came)
		jobs_follow(&hub->jobs, &when);
	hub->rows_came = false;
	loop_wake(groups_tick(&hub->groups, &when));
	guard_groups(hub, when.now);
	jobs_facts(&hub->jobs, &when);
	loop_wake(jobs_tick(&hub->jobs, &when));
	loop_wake(changes_tick(&hub->changes, &when));
	agent_count(&hub->changes, &when);
	look_at_peer(hub, when.now);
	counters_keep(&hub->counters, hub->changes.events.newest, hub->jobs.last_job);
	if (!pass_news(hub))
		loop_watch(hub->sockets[ROLE_LINE], POLLOUT, NULL, NULL);
	sign_life(hub, when.now);
}

void hub_run(const struct settings *settings, int keeper)
{
	static struct hub hub;
	struct seat seats[ROLES_MAX];

	open_hub(&hub, settings, keeper);
	while (!hub.ended && !loop_ended()) {
		settle(&hub);
		watch(&hub, seats);
		loop_turn();
	}
	close_hub(&hub);
}
