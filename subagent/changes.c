/* Turns the difference between two rows into transitions, events and alarms.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/changes.h"

#include <stdlib.h>
#include <string.h>

#include "mib/ha-agentx-mib.h"
#include "subagent/board.h"

void changes_open(struct changes *changes, struct board *board, uint32_t last_event,
		  uint32_t events_limit)
{
	memset(changes, 0, sizeof(*changes));
	changes->board = board;
	changes->events = (struct events){
		.board = board,
		.newest = last_event,
		.newest_sent = last_event,
		.limit = events_limit,
		.notified = last_event,
	};
	changes->alarms = (struct alarms){ .board = board };
}

void changes_close(struct changes *changes)
{
	alarms_close(&changes->alarms);
	storm_close(&changes->events.storm);
}

static bool is_unknown(const struct column *column, int64_t value)
{
	const struct mib_object *object = &mib_objects[column->object];
	const char *label = NULL;

	if (object->labels && object->syntax != MIB_BITS)
		label = mib_label_of(object->labels, (int32_t)value);
	return label && !strcmp(label, "unknown");
}

/* Cleared when something that was wrong is fine again, info when it was fine before, too. */
static int32_t severity_of(const struct column *column, const void *row, int64_t old_value,
			   int64_t new_value)
{
	const struct level *before = table_level(column, row, old_value);
	const struct level *after = table_level(column, row, new_value);

	if (after)
		return after->severity;
	return before && before->severity > HaSeverity_info ? HaSeverity_cleared : HaSeverity_info;
}

static uint16_t notification_of(const struct column *column, const void *row, int64_t value)
{
	const struct watch *watch = column->watch;

	return watch->cleared_notification && !table_level(column, row, value) ?
		       watch->cleared_notification :
		       watch->notification;
}

/* What is not known is neither good news nor bad. */
static struct happening make_happening(const struct table *table, const struct column *column,
				       const void *row, const void *before, int64_t old_value)
{
	int64_t new_value = table_number(column, row);
	bool unknown = is_unknown(column, new_value);

	return (struct happening){
		.table = table,
		.column = column,
		.row = row,
		.before = before,
		.notification = unknown ? column->watch->notification :
					  notification_of(column, row, new_value),
		.severity =
			unknown ? HaSeverity_info : severity_of(column, row, old_value, new_value),
		.old_value = old_value,
		.new_value = new_value,
	};
}

/* What is not there has no state: that it is missing has raised its own alarm. */
static bool is_missing(const void *row)
{
	return ((const struct row *)row)->state == HaRowState_missing;
}

/* A watched column changed in a row that was there. */
static void tell(struct changes *changes, const struct table *table, const struct column *column,
		 const void *row, const void *before, const struct instant *when)
{
	struct happening happening =
		make_happening(table, column, row, before, table_number(column, before));

	if (!column->watch->known || !column->watch->known(row, before))
		events_add(&changes->events, &happening, when);
	if (!is_unknown(column, happening.new_value))
		alarms_judge(&changes->alarms, &happening,
			     table_level(column, row, happening.new_value), when);
	else if (is_missing(row))
		alarms_judge(&changes->alarms, &happening, NULL, when);
}

/* A row that was not there before: what is fine or not known needs no event. */
static void tell_first(struct changes *changes, const struct table *table,
		       const struct column *column, const void *row, const struct instant *when)
{
	const struct level *level;
	int64_t value;

	if (!column->watch->notification)
		return;
	value = table_number(column, row);
	level = table_level(column, row, value);
	if (level && level->severity > HaSeverity_info && !is_unknown(column, value))
		tell(changes, table, column, row, row, when);
}

static bool column_differs(const struct table *table, unsigned int object, const void *row,
			   const void *old)
{
	const struct column *column = table_column(table, object);

	return column && table_has(column, row) && table_differs(column, old, row);
}

/* The value is the old one, and yet the rest of the row may make it good or bad; or it is gone, and
 * with it what was wrong. */
static void judge_again(struct changes *changes, const struct table *table,
			const struct column *column, const void *row, const void *old,
			const struct instant *when)
{
	int64_t value = table_number(column, old);
	struct happening happening = make_happening(table, column, row, old, value);
	const struct level *level = table_level(column, row, value);

	if (!table_has(column, row) || (is_unknown(column, value) && is_missing(row)))
		alarms_judge(&changes->alarms, &happening, NULL, when);
	else if (!is_unknown(column, value) &&
		 (level != table_level(column, old, value) ||
		  column_differs(table, column->watch->reason, row, old)))
		alarms_judge(&changes->alarms, &happening, level, when);
}

static void compare(struct changes *changes, const struct table *table, const struct column *column,
		    void *row, const void *old, const struct instant *when)
{
	bool has = table_has(column, row), had = old && table_has(column, old);
	struct row *head = row;

	if (has && !had) {
		tell_first(changes, table, column, row, when);
	} else if (has && table_differs(column, old, row)) {
		head->transitions += column->watch->counts;
		head->changed = when->now;
		if (column->watch->notification &&
		    !column_differs(table, column->watch->beside, row, old))
			tell(changes, table, column, row, old, when);
	} else if (had && column->watch->notification) {
		judge_again(changes, table, column, row, old, when);
	}
}

void changes_put(struct changes *changes, const struct table *table, const void *row,
		 const struct instant *when)
{
	_Alignas(struct row) unsigned char copy[ROW_SIZE_MAX];
	struct row *head = (void *)copy;
	const struct row *old = NULL;
	struct entry *entry = rows_find_row(board_rows(changes->board, table->entry), row);

	memcpy(copy, row, table->size);
	if (entry && !entry->gone)
		old = entry->said ? entry->said : entry->row;
	head->transitions = old ? old->transitions : 0;
	head->changed = old ? old->changed : when->now;
	for (size_t i = 0; i < table->columns_count; i++)
		if (table->columns[i].watch)
			compare(changes, table, &table->columns[i], copy, old, when);
	entry = board_put(changes->board, table, copy);
	free(entry->said);
	entry->said = NULL;
	entry->seen = true;
}

static void take_off(struct changes *changes, const struct table *table, struct entry *entry,
		     const struct instant *when)
{
	alarms_drop(&changes->alarms, table, entry, when);
	board_remove(changes->board, table, entry);
}

void changes_remove(struct changes *changes, const struct table *table, const void *row,
		    const struct instant *when)
{
	struct entry *entry = rows_find_row(board_rows(changes->board, table->entry), row);

	if (entry && !entry->gone)
		take_off(changes, table, entry, when);
}

void changes_begin(struct changes *changes, const struct table *table)
{
	struct rows *rows = board_rows(changes->board, table->entry);

	for (size_t i = 0; i < rows->count; i++)
		rows->entries[i]->seen = false;
}

void changes_end(struct changes *changes, const struct table *table, const struct instant *when)
{
	struct rows *rows = board_rows(changes->board, table->entry);

	for (size_t i = rows->count; i-- > 0;)
		if (!rows->entries[i]->seen && !rows->entries[i]->gone)
			take_off(changes, table, rows->entries[i], when);
}

/* ---- the end of a pause ---- */

/* How the subject is now, as a change from what was told; false when there is nothing to tell. */
static bool make_closing(const struct changes *changes, const struct storm_subject *subject,
			 struct happening *happening)
{
	const struct rows *rows = board_rows(changes->board, mib_objects[subject->object].parent);
	const struct column *column = table_column(rows->table, subject->object);
	const struct entry *entry = rows_find(rows, subject->index, subject->index_length);
	const void *row;
	int64_t value;

	if (!entry || entry->gone)
		return false;
	row = entry->said ? entry->said : entry->row;
	if (!table_has(column, row))
		return false;
	value = table_number(column, row);
	*happening = make_happening(rows->table, column, row, row,
				    subject->known ? subject->told : value);
	happening->told_anew = subject->changes;
	if (!subject->known)
		return happening->severity > HaSeverity_info;
	happening->old_label = subject->told_label;
	return value != subject->told;
}

/* Find which subjects are to be told anew; how many there are is returned. */
static uint32_t judge_subjects(const struct changes *changes, const struct storm_kind *kind)
{
	const struct storm *storm = &changes->events.storm;
	struct happening happening;
	uint32_t count = 0;

	for (size_t i = 0; i < storm->count; i++) {
		struct storm_subject *subject = storm->subjects[i];

		subject->chosen = false;
		subject->severity = 0;
		if (subject->kind != kind->kind || !subject->changes ||
		    !make_closing(changes, subject, &happening))
			continue;
		subject->severity = happening.severity;
		count++;
	}
	return count;
}

/* Choose as many as there are tokens for, the worst first; how many is returned. */
static uint32_t choose_subjects(struct changes *changes, struct storm_kind *kind, int64_t now)
{
	struct storm *storm = &changes->events.storm;
	uint32_t count = 0;

	for (int32_t severity = HaSeverity_critical; severity >= HaSeverity_cleared; severity--)
		for (size_t i = 0; i < storm->count; i++) {
			if (storm->subjects[i]->severity != severity)
				continue;
			if (!storm_spend(storm, kind, now))
				return count;
			storm->subjects[i]->chosen = true;
			count++;
		}
	return count;
}

static void tell_subject(struct changes *changes, struct storm_subject *subject,
			 const struct instant *when)
{
	struct happening happening;

	if (!subject->chosen || !make_closing(changes, subject, &happening))
		return;
	events_add(&changes->events, &happening, when);
	subject->known = true;
	subject->told = (int32_t)happening.new_value;
	table_print(happening.column, happening.row, subject->told_label,
		    sizeof(subject->told_label));
}

static void end_pause(struct changes *changes, struct storm_kind *kind, const struct instant *when)
{
	struct storm *storm = &changes->events.storm;
	uint32_t count = judge_subjects(changes, kind);
	uint32_t chosen = choose_subjects(changes, kind, when->now);

	if (kind->count)
		events_sum_up(&changes->events, kind, count - chosen, when);
	for (size_t i = 0; i < storm->count; i++)
		tell_subject(changes, storm->subjects[i], when);
	storm_go_on(storm, kind, when->now);
}

int64_t changes_tick(struct changes *changes, const struct instant *when)
{
	struct storm *storm = &changes->events.storm;
	struct storm_kind *kind;

	while ((kind = storm_ended(storm, when->now)))
		end_pause(changes, kind, when);
	return storm_next(storm);
}
