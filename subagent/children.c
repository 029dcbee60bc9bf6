/* Supervises the children of the keeper: who runs, who is silent, whose rows are stale.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/children.h"

#include <string.h>
#include <sys/wait.h>

#include "lib/frame.h"
#include "lib/memory.h"
#include "lib/settings.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/board.h"
#include "subagent/changes.h"
#include "subagent/source.h"

/* A source pulses every two seconds; the line may wait on the master agent for some. */
#define SOURCE_SILENCE 4000
#define LINE_SILENCE 27000
/* For so long it is only doubted after that: each says a word with its next pulse. */
#define DOUBT 3000
/* The first have the processor for themselves until they are heard, or for so long. */
#define HEAD_START 500
#define PAUSE_FIRST 100
#define PAUSE_MAX 10000

static uint32_t count_rows(const struct children *children, const struct child *child)
{
	uint32_t count = 0;

	for (size_t i = 0; child->source && child->source->tables[i]; i++) {
		const struct rows *rows =
			board_rows(children->changes->board, child->source->tables[i]->entry);

		for (size_t r = 0; r < rows->count; r++)
			count += !rows->entries[r]->gone;
	}
	return count;
}

static void publish(struct children *children, struct child *child, const struct instant *when)
{
	child->row.head.state = HaRowState_fresh;
	child->row.rows = count_rows(children, child);
	changes_put(children->changes, &source_table, &child->row, when);
}

static void set_state(struct child *child, int32_t state, int32_t reason)
{
	child->row.state = state;
	child->row.reason = reason;
}

static void set_error(struct child *child, const char *text, const struct instant *when)
{
	if (!*text || !strcmp(child->row.error, text))
		return;
	TEXT_PUT(child->row.error, text);
	child->row.error_time.wall = when->wall;
}

static bool is_wanted(const struct settings *settings, unsigned int number)
{
	const struct source *source = roster_role(number).source;

	if (source)
		return source->wanted(settings);
	return number != ROLE_EXECUTOR || settings_allow_actions(settings);
}

/* A watchdog that runs is to be fed again soon. */
static bool is_first(const struct child *child, unsigned int number)
{
	return number == ROLE_WATCHDOG || (child->source && child->source->first);
}

void children_open(struct children *children, struct changes *changes,
		   const struct settings *settings, const struct instant *when)
{
	memset(children, 0, sizeof(*children));
	children->changes = changes;
	children->settings = settings;
	children->count = roster_count();
	children->opened = when->now;
	for (unsigned int number = ROLE_EXECUTOR; number < children->count; number++) {
		struct child *child = &children->child[number];

		if (!roster_has(settings, number))
			continue;
		child->source = roster_role(number).source;
		child->wanted = is_wanted(settings, number);
		child->awaited = child->wanted && child->source && child->source->first;
		child->pause = PAUSE_FIRST;
		child->stale_since = when->now;
		roster_name(settings, number, child->row.name, sizeof(child->row.name));
		set_state(child, child->wanted ? haSourceState_starting : haSourceState_off,
			  child->wanted ? haSourceReason_none : haSourceReason_disabled);
		publish(children, child, when);
	}
}

/* Show all rows of a source as stale or as unknown, or as current again. */
static void show(struct children *children, struct child *child, int state)
{
	for (size_t i = 0; child->source && child->source->tables[i]; i++) {
		if (state == HaRowState_fresh)
			board_show(children->changes->board, child->source->tables[i]);
		else
			board_hide(children->changes->board, child->source->tables[i], state);
	}
}

static void become_stale(struct children *children, struct child *child, const struct instant *when)
{
	if (!child->stale_since) {
		child->stale_since = when->now;
		child->forgotten = false;
	}
	show(children, child, child->forgotten ? HaRowState_unknown : HaRowState_stale);
}

static void become_current(struct children *children, struct child *child)
{
	if (child->stale_since)
		show(children, child, HaRowState_fresh);
	child->stale_since = 0;
	child->forgotten = false;
}

void children_started(struct children *children, unsigned int number, const struct child_note *note,
		      const struct instant *when)
{
	struct child *child = &children->child[number];

	child->running = true;
	child->killed = false;
	child->started = when->now;
	silence_break(&child->silence, when->now);
	child->row.pid = (uint32_t)note->pid;
	child->row.age.since = when->now;
	/* One that is started again is in back-off until it says a word: alarms do not flap. */
	if (!child->row.restarts)
		set_state(child, haSourceState_starting, haSourceReason_none);
	if (roster_is_root(number))
		set_state(child, haSourceState_running, haSourceReason_none);
	publish(children, child, when);
}

static void describe_exit(struct child *child, int status, const struct instant *when)
{
	char text[64];

	if (WIFSIGNALED(status))
		TEXT_PRINT(text, "killed by signal %d", WTERMSIG(status));
	else
		TEXT_PRINT(text, "ended with status %d", WEXITSTATUS(status));
	if (child->killed)
		return;
	set_state(child, haSourceState_backoff,
		  WIFSIGNALED(status) ? haSourceReason_killed : haSourceReason_exited);
	set_error(child, text, when);
}

void children_exited(struct children *children, unsigned int number, const struct child_note *note,
		     const struct instant *when)
{
	struct child *child = &children->child[number];

	if (when->now - child->started > PAUSE_MAX)
		child->pause = PAUSE_FIRST;
	child->start_at = when->now + child->pause;
	child->pause = child->pause * 2 > PAUSE_MAX ? PAUSE_MAX : child->pause * 2;
	child->running = false;
	child->row.restarts++;
	child->row.pid = 0;
	child->unknown_before = child->row.unknown_words;
	child->rejected_before = child->row.rejected_lines;
	describe_exit(child, note->status, when);
	become_stale(children, child, when);
	publish(children, child, when);
}

void children_heard(struct children *children, unsigned int number, const struct instant *when)
{
	silence_break(&children->child[number].silence, when->now);
	children->child[number].awaited = false;
}

/* A source that finds its system absent says so in its rows: they are missing, not stale. */
static bool is_vouched_for(const struct pulse *pulse)
{
	return pulse->state == haSourceState_running ||
	       pulse->reason == haSourceReason_kernelModuleMissing ||
	       pulse->reason == haSourceReason_unreachable ||
	       pulse->reason == haSourceReason_authenticationFailed;
}

void children_pulse(struct children *children, unsigned int number, const struct pulse *pulse,
		    const struct instant *when)
{
	struct child *child = &children->child[number];
	char error[sizeof(pulse->error) + 1];

	if (child->killed)
		return;
	text_put_part(error, sizeof(error), pulse->error,
		      strnlen(pulse->error, sizeof(pulse->error)));
	set_state(child, pulse->state, pulse->reason);
	set_error(child, error, when);
	child->row.age.since = when->now;
	child->row.collect_time = pulse->collect_time;
	child->row.unknown_words = child->unknown_before + pulse->unknown_words;
	child->row.rejected_lines = child->rejected_before + pulse->rejected_lines;
	if (is_vouched_for(pulse))
		become_current(children, child);
	else
		become_stale(children, child, when);
	publish(children, child, when);
}

static void end(struct children *children, unsigned int number, int32_t state, int32_t reason,
		const char *text, const struct instant *when)
{
	struct child *child = &children->child[number];

	child->killed = true;
	set_state(child, state, reason);
	set_error(child, text, when);
	become_stale(children, child, when);
	publish(children, child, when);
	children->kill(children->keeper, number);
}

void children_broke(struct children *children, unsigned int number, const struct instant *when)
{
	if (!children->child[number].killed)
		end(children, number, haSourceState_backoff, haSourceReason_frameError,
		    "broke the rules of its socket", when);
}

void children_connected(struct children *children, int32_t reason, const struct instant *when)
{
	struct child *line = &children->child[ROLE_LINE];
	bool connected = reason == haSourceReason_none;

	line->row.age.since = when->now;
	set_state(line, connected ? haSourceState_running : haSourceState_unavailable, reason);
	if (!connected)
		set_error(line,
			  reason == haSourceReason_permissionDenied ?
				  "the master agent's socket refuses our user: see agentXPerms in "
				  "snmpd.conf(5)" :
				  "no session with the master agent",
			  when);
	publish(children, line, when);
}

static int64_t silence_allowed(unsigned int number)
{
	if (roster_is_root(number))
		return INT64_MAX / 2;
	return number == ROLE_LINE ? LINE_SILENCE : SOURCE_SILENCE;
}

static void tick_running(struct children *children, unsigned int number, const struct instant *when,
			 int64_t *next)
{
	struct child *child = &children->child[number];
	int64_t due;

	if (child->killed)
		return;
	due = silence_look(&child->silence, silence_allowed(number), DOUBT, when->now);
	if (!due)
		end(children, number, haSourceState_hung, haSourceReason_hung,
		    "silent for too long", when);
	else if (due < *next)
		*next = due;
}

static void tick_rows(struct children *children, struct child *child, const struct instant *when,
		      int64_t *next)
{
	int64_t due = child->stale_since + children->settings->stale_limit;

	if (!child->stale_since || child->forgotten)
		return;
	if (when->now >= due) {
		show(children, child, HaRowState_unknown);
		child->forgotten = true;
	} else if (due < *next) {
		*next = due;
	}
}

/* Asked to start, and asked again when nothing comes of it. */
static void tick_start(struct children *children, unsigned int number, const struct instant *when,
		       int64_t *next)
{
	struct child *child = &children->child[number];

	if (child->start_at <= when->now) {
		child->start_at = when->now + PAUSE_MAX;
		children->start(children->keeper, number);
	}
	if (child->start_at < *next)
		*next = child->start_at;
}

/* Until when those that are not of the first wait; 0: they do not. */
static int64_t held_until(const struct children *children, const struct instant *when)
{
	int64_t until = children->opened + HEAD_START;

	for (unsigned int number = ROLE_SOURCES; number < children->count; number++)
		if (children->child[number].awaited && when->now < until)
			return until;
	return 0;
}

static void tick_child(struct children *children, unsigned int number, int64_t held,
		       const struct instant *when, int64_t *next)
{
	struct child *child = &children->child[number];

	if (child->running)
		tick_running(children, number, when, next);
	else if (!held || is_first(child, number))
		tick_start(children, number, when, next);
	else if (held < *next)
		*next = held;
	tick_rows(children, child, when, next);
}

int64_t children_tick(struct children *children, const struct instant *when)
{
	int64_t next = INT64_MAX, held = held_until(children, when);

	for (unsigned int number = ROLE_EXECUTOR; number < children->count; number++)
		if (children->child[number].wanted)
			tick_child(children, number, held, when, &next);
	return next == INT64_MAX ? 0 : next;
}
