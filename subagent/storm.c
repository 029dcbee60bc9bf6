/* Which events are held back in a storm of them, and what is to be told of those at its end.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/storm.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "lib/memory.h"
#include "lib/rows.h"
#include "lib/sorted.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/events.h"

/* The first pause of a storm, and the longest, milliseconds. */
#define PAUSE_FIRST 1000
#define PAUSE_LAST 60000

/* A pause ends early when nothing was held back for this part of it. */
#define QUIET_PART 4

/* All kinds together have so many times the tokens of one. */
#define KINDS_AT_ONCE 5

void storm_limit(struct storm *storm, uint32_t burst, uint32_t rate)
{
	storm->burst = burst;
	storm->spacing = 60000 / rate;
}

void storm_close(struct storm *storm)
{
	for (size_t i = 0; i < storm->count; i++)
		free(storm->subjects[i]);
	free(storm->subjects);
	memset(storm, 0, sizeof(*storm));
}

/* ---- the clock ---- */

void storm_run(struct storm *storm, bool running, int64_t now)
{
	if (running != storm->running)
		storm->stood = now - storm->stood;
	storm->running = running;
}

static int64_t own_time(const struct storm *storm, int64_t now)
{
	return storm->running ? now - storm->stood : storm->stood;
}

/* ---- tokens ---- */

/* `full` is when all `burst` tokens are back; each that is taken puts that off. */
static bool has_token(int64_t full, int64_t spacing, uint32_t burst, int64_t time)
{
	return full <= time || full + spacing - time <= spacing * burst;
}

static void take_token(int64_t *full, int64_t spacing, int64_t time)
{
	*full = (*full > time ? *full : time) + spacing;
}

/* The first of a kind after a quiet time never waits for what other kinds do. */
static bool spend(struct storm *storm, struct storm_kind *kind, enum storm_lane lane, int64_t time)
{
	int64_t spacing = storm->spacing, shared = spacing / KINDS_AT_ONCE;

	if (!has_token(kind->full[lane], spacing, storm->burst, time) ||
	    (kind->full[lane] > time &&
	     !has_token(storm->full[lane], shared, storm->burst * KINDS_AT_ONCE, time)))
		return false;
	take_token(&kind->full[lane], spacing, time);
	take_token(&storm->full[lane], shared, time);
	return true;
}

bool storm_spend(struct storm *storm, struct storm_kind *kind, int64_t now)
{
	return spend(storm, kind, STORM_CLOSING, own_time(storm, now));
}

/* ---- kinds and subjects ---- */

static struct storm_kind *need_kind(struct storm *storm, int32_t number)
{
	struct storm_kind *kind = storm->kinds;

	for (; kind < storm->kinds + storm->kinds_count; kind++)
		if (kind->kind == number)
			return kind;
	assert(storm->kinds_count < STORM_KINDS_MAX);
	storm->kinds_count++;
	*kind = (struct storm_kind){ .kind = number };
	return kind;
}

static int compare(const void *element, const void *key)
{
	const struct storm_subject *subject = *(const struct storm_subject *const *)element;
	const struct event_row *event = key;

	if (subject->object != event->changed)
		return subject->object < event->changed ? -1 : 1;
	return index_compare(subject->index, subject->index_length, event->index,
			     event->index_length);
}

/* Position of the first that is not before the event's. */
static size_t position_of(const struct storm *storm, const struct event_row *event)
{
	return sorted_position(storm->subjects, storm->count, sizeof(*storm->subjects), event,
			       compare);
}

static struct storm_subject *enter(struct storm *storm, const struct event_row *event,
				   size_t position)
{
	size_t indexes = event->index_length * sizeof(*event->index);
	struct storm_subject *subject = memory_new(1, sizeof(*subject) + indexes);

	subject->kind = event->kind;
	/* A row that is new is told with the state that it has for both. */
	subject->known = event->old_state != event->new_state;
	subject->told = event->old_state;
	TEXT_PUT(subject->told_label, event->old_label);
	subject->object = event->changed;
	subject->index_length = event->index_length;
	memcpy(subject->index, event->index, indexes);
	storm->subjects = sorted_insert(storm->subjects, position, &storm->count, &storm->room,
					sizeof(*storm->subjects));
	storm->subjects[position] = subject;
	return subject;
}

/* ---- holding back ---- */

static void begin_pause(struct storm_kind *kind, int64_t time)
{
	if (kind->length)
		return;
	kind->begun = time;
	kind->length = PAUSE_FIRST;
}

static void count(struct storm_kind *kind, const struct event_row *event, int64_t time)
{
	begin_pause(kind, time);
	if (kind->count++ == 0) {
		kind->first = event->sequence;
		kind->worst = event->severity;
	}
	if (event->severity > kind->worst)
		kind->worst = event->severity;
	kind->last = event->sequence;
	kind->last_held = time;
}

bool storm_hold(struct storm *storm, const struct event_row *event, int64_t now)
{
	struct storm_kind *kind = need_kind(storm, event->kind);
	size_t position = position_of(storm, event);
	bool entered = position < storm->count && !compare(&storm->subjects[position], event);
	struct storm_subject *subject = entered ? storm->subjects[position] : NULL;
	enum storm_lane lane =
		event->severity == HaSeverity_critical ? STORM_CRITICAL : STORM_PLAIN;

	if (!storm->burst || (!subject && spend(storm, kind, lane, own_time(storm, now))))
		return false;
	if (!subject)
		subject = enter(storm, event, position);
	subject->changes++;
	count(kind, event, own_time(storm, now));
	return true;
}

/* ---- pauses ---- */

static int64_t end_of(const struct storm_kind *kind)
{
	int64_t end = kind->begun + kind->length, quiet = kind->last_held;

	quiet += kind->length / QUIET_PART;
	return kind->count && quiet < end ? quiet : end;
}

struct storm_kind *storm_ended(struct storm *storm, int64_t now)
{
	struct storm_kind *ended = NULL;

	for (struct storm_kind *kind = storm->kinds; kind < storm->kinds + storm->kinds_count;
	     kind++)
		if (storm->running && kind->length && end_of(kind) <= own_time(storm, now) &&
		    (!ended || kind->worst > ended->worst))
			ended = kind;
	return ended;
}

/* Whether subjects of the kind are left. */
static bool forget_quiet(struct storm *storm, const struct storm_kind *kind)
{
	bool left = false;
	size_t kept = 0;

	for (size_t i = 0; i < storm->count; i++) {
		struct storm_subject *subject = storm->subjects[i];

		if (subject->kind == kind->kind && !subject->changes) {
			free(subject);
			continue;
		}
		if (subject->kind == kind->kind) {
			subject->changes = 0;
			left = true;
		}
		storm->subjects[kept++] = subject;
	}
	storm->count = kept;
	return left;
}

void storm_go_on(struct storm *storm, struct storm_kind *kind, int64_t now)
{
	int64_t longer = 2 * kind->length < PAUSE_LAST ? 2 * kind->length : PAUSE_LAST;
	bool left = forget_quiet(storm, kind);

	kind->length = left || kind->count ? longer : 0;
	kind->begun = own_time(storm, now);
	kind->count = 0;
}

int64_t storm_next(const struct storm *storm)
{
	int64_t next = 0;

	for (const struct storm_kind *kind = storm->kinds;
	     storm->running && kind < storm->kinds + storm->kinds_count; kind++)
		if (kind->length && (!next || end_of(kind) < next))
			next = end_of(kind);
	return next ? next + storm->stood : 0;
}
