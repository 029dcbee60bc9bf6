/* The log of events, haEventTable: what changed, when, how bad it is.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/events.h"

#include <string.h>

#include "lib/memory.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/board.h"

static const struct column columns[] = {
	COLUMN(event_row, haEventIndex, sequence),
	COLUMN(event_row, haEventSequence, sequence),
	COLUMN(event_row, haEventKind, kind),
	COLUMN(event_row, haEventTime, time),
	COLUMN(event_row, haEventUpTime, uptime),
	COLUMN(event_row, haEventSeverity, severity),
	COLUMN(event_row, haEventSubject, subject),
	COLUMN(event_row, haEventObject, object),
	COLUMN(event_row, haEventOldState, old_state),
	COLUMN(event_row, haEventNewState, new_state),
	COLUMN(event_row, haEventOldLabel, old_label),
	COLUMN(event_row, haEventNewLabel, new_label),
	COLUMN(event_row, haEventText, text),
};

const struct table event_table = TABLE(event_row, haEventEntry, columns, NULL);

uint32_t events_oldest(const struct events *events)
{
	const struct rows *rows = board_rows(events->board, mib_haEventEntry);
	const struct event_row *row;

	for (size_t i = 0; i < rows->count; i++)
		if (!rows->entries[i]->gone) {
			row = rows->entries[i]->row;
			return row->sequence;
		}
	return 0;
}

/* Label of a value of the column, as table_print() writes it. Of a text the value is only a number
 * beside it. */
static void print_value(const struct happening *happening, int64_t value, char *text, size_t size)
{
	_Alignas(struct row) unsigned char row[ROW_SIZE_MAX];
	struct row *head = (void *)row;

	memcpy(row, happening->row, happening->table->size);
	head->absent = 0;
	if (happening->column->storage != STORE_TEXT)
		table_set_number(happening->column, row, value);
	else if (value == happening->old_value)
		memcpy(row, happening->before, happening->table->size);
	table_print(happening->column, row, text, size);
	if (!*text)
		text_put(text, size, "-");
}

void happening_reason(const struct happening *happening, char *text, size_t size)
{
	const struct column *column =
		table_column(happening->table, happening->column->watch->reason);
	char label[65];

	text_put(text, size, "");
	if (!column || !table_has(column, happening->row))
		return;
	table_print(column, happening->row, label, sizeof(label));
	if (strcmp(label, "none") != 0)
		text_print(text, size, " (%s)", label);
}

static void append(struct events *events, const struct event_row *row)
{
	struct rows *rows = board_rows(events->board, mib_haEventEntry);
	struct event_row key = { .sequence = row->sequence - events->limit };
	struct entry *oldest;

	board_put(events->board, &event_table, row);
	oldest = rows_find_row(rows, &key);
	if (row->sequence <= events->limit || !oldest || oldest->gone)
		return;
	board_remove(events->board, &event_table, oldest);
}

void events_add(struct events *events, const struct happening *happening,
		const struct instant *when)
{
	const struct mib_object *object = &mib_objects[happening->column->object];
	struct event_row row = {
		.head.state = HaRowState_fresh,
		.sequence = ++events->newest,
		.kind = (int32_t)mib_objects[happening->notification].arc,
		.time.wall = when->wall,
		.uptime = when->now,
		.severity = happening->severity,
		.old_state = (int32_t)happening->old_value,
		.new_state = (int32_t)happening->new_value,
		.notification = happening->notification,
		.changed = happening->column->object,
	};
	char reason[70];

	happening_reason(happening, reason, sizeof(reason));
	table_subject(happening->table, happening->row, row.subject, sizeof(row.subject));
	TEXT_PUT(row.object, object->name);
	print_value(happening, happening->old_value, row.old_label, sizeof(row.old_label));
	print_value(happening, happening->new_value, row.new_label, sizeof(row.new_label));
	if (happening->old_value == happening->new_value)
		TEXT_PRINT(row.text, "%s: %s is %s%s", row.subject, object->name, row.new_label,
			   reason);
	else
		TEXT_PRINT(row.text, "%s: %s was %s, is %s%s", row.subject, object->name,
			   row.old_label, row.new_label, reason);
	row.index_length = (uint16_t)table_index(happening->table, happening->row, row.index);
	append(events, &row);
}

void events_tell_lost(struct events *events, uint32_t first, uint32_t last,
		      const struct instant *when)
{
	struct event_row row = {
		.head.state = HaRowState_fresh,
		.kind = HaEventType_eventsSuppressed,
		.time.wall = when->wall,
		.uptime = when->now,
		.severity = HaSeverity_major,
		.subject = "events",
		.object = "haEventNewest",
		.old_state = (int32_t)first,
		.new_state = (int32_t)last,
		.notification = mib_haEventsSuppressed,
	};

	row.sequence = ++events->newest;
	TEXT_PRINT(row.old_label, "%u", first);
	TEXT_PRINT(row.new_label, "%u", last);
	TEXT_PRINT(row.text,
		   "events %u to %u came too fast to be sent, and are no longer in the log", first,
		   last);
	append(events, &row);
}
