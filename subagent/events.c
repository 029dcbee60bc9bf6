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
	COLUMN(event_row, haEventHeld, held),
	COLUMN(event_row, haEventCount, count),
	COLUMN(event_row, haEventUntold, untold),
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
	if (*label && strcmp(label, "none") != 0)
		text_print(text, size, " (%s)", label);
}

/* The next event, with everything that has nothing to do with what it is about. */
static struct event_row make_event(struct events *events, uint16_t notification, int32_t severity,
				   const struct instant *when)
{
	return (struct event_row){
		.head.state = HaRowState_fresh,
		.head.absent = UINT64_C(1) << mib_objects[mib_haEventUntold].arc,
		.sequence = ++events->newest,
		.kind = (int32_t)mib_objects[notification].arc,
		.time.wall = when->wall,
		.uptime = when->now,
		.severity = severity,
		.held = TruthValue_false,
		.notification = notification,
	};
}

static void append(struct events *events, struct event_row *row)
{
	struct rows *rows = board_rows(events->board, mib_haEventEntry);
	struct event_row key = { .sequence = row->sequence - events->limit };
	struct entry *oldest;

	row->sent_before = events->newest_sent;
	if (row->held == TruthValue_false)
		events->newest_sent = row->sequence;
	board_put(events->board, &event_table, row);
	oldest = rows_find_row(rows, &key);
	if (row->sequence <= events->limit || !oldest || oldest->gone)
		return;
	board_remove(events->board, &event_table, oldest);
}

static void put_labels(struct event_row *row, const struct happening *happening)
{
	if (happening->old_label)
		TEXT_PUT(row->old_label, happening->old_label);
	else
		print_value(happening, happening->old_value, row->old_label,
			    sizeof(row->old_label));
	print_value(happening, happening->new_value, row->new_label, sizeof(row->new_label));
}

static void put_text(struct event_row *row, const struct happening *happening)
{
	char reason[70], changes[40] = "";

	happening_reason(happening, reason, sizeof(reason));
	if (happening->told_anew)
		TEXT_PRINT(changes, ", after %u change%s", happening->told_anew,
			   happening->told_anew == 1 ? "" : "s");
	if (happening->old_value == happening->new_value)
		TEXT_PRINT(row->text, "%s: %s is %s%s%s", row->subject, row->object, row->new_label,
			   reason, changes);
	else
		TEXT_PRINT(row->text, "%s: %s was %s, is %s%s%s", row->subject, row->object,
			   row->old_label, row->new_label, reason, changes);
}

/* What nobody watches is told by its owner once and for all: it has no state to be told later. */
static bool may_be_held(const struct happening *happening)
{
	return happening->column->watch && !happening->told_anew;
}

void events_add(struct events *events, const struct happening *happening,
		const struct instant *when)
{
	struct event_row row =
		make_event(events, happening->notification, happening->severity, when);

	row.changed = happening->column->object;
	row.old_state = (int32_t)happening->old_value;
	row.new_state = (int32_t)happening->new_value;
	row.count = happening->told_anew ? 0 : 1;
	table_subject(happening->table, happening->row, row.subject, sizeof(row.subject));
	TEXT_PUT(row.object, mib_objects[row.changed].name);
	put_labels(&row, happening);
	put_text(&row, happening);
	row.index_length = (uint16_t)table_index(happening->table, happening->row, row.index);
	if (may_be_held(happening) && storm_hold(&events->storm, &row, when->now))
		row.held = TruthValue_true;
	append(events, &row);
}

/* An event about events, from the first to the last. */
static void put_range(struct event_row *row, uint32_t first, uint32_t last)
{
	row->old_state = (int32_t)first;
	row->new_state = (int32_t)last;
	TEXT_PRINT(row->old_label, "%u", first);
	TEXT_PRINT(row->new_label, "%u", last);
}

void events_tell_lost(struct events *events, uint32_t first, uint32_t last,
		      const struct instant *when)
{
	struct event_row row = make_event(events, mib_haEventsSuppressed, HaSeverity_major, when);

	put_range(&row, first, last);
	TEXT_PUT(row.subject, "events");
	TEXT_PUT(row.object, "haEventNewest");
	TEXT_PRINT(row.text,
		   "events %u to %u came too fast to be sent, and are no longer in the log", first,
		   last);
	append(events, &row);
}

void events_sum_up(struct events *events, const struct storm_kind *kind, uint32_t untold,
		   const struct instant *when)
{
	struct event_row row = make_event(events, mib_haEventsCoalesced, kind->worst, when);
	const char *label = mib_label_of(HaEventType_labels, kind->kind);

	put_range(&row, kind->first, kind->last);
	row.count = kind->count;
	row.untold = untold;
	row.head.absent = 0;
	TEXT_PUT(row.subject, label);
	TEXT_PUT(row.object, "haEventCount");
	TEXT_PRINT(row.text,
		   "%s: events held back: %u, from %u to %u; subjects with an untold "
		   "state: %u%s",
		   label, kind->count, kind->first, kind->last, untold,
		   untold ? ": walk haAlarmTable" : "");
	append(events, &row);
}
