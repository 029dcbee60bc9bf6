/* The active alarms, haAlarmTable: what is wrong now.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/alarms.h"

#include <string.h>

#include "lib/memory.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/board.h"
#include "subagent/events.h"

static const struct column columns[] = {
	COLUMN(alarm_row, haAlarmId, id),
	COLUMN(alarm_row, haAlarmKind, kind),
	COLUMN(alarm_row, haAlarmSeverity, severity),
	COLUMN(alarm_row, haAlarmSubject, subject),
	COLUMN(alarm_row, haAlarmTime, time),
	COLUMN(alarm_row, haAlarmSince, since),
	COLUMN(alarm_row, haAlarmText, text),
};

const struct table alarm_table = TABLE(alarm_row, haAlarmEntry, columns, NULL);

/* What to do, by kind; the sentence before it says what is wrong. */
static const struct {
	int32_t kind;
	const char *text;
} advice[] = {
	{ HaAlarmType_sourceUnavailable, "see haSourceLastError for what it lacks" },
	{ HaAlarmType_sourceHung,
	  "the system it watches does not answer; look at the kernel's log" },
	{ HaAlarmType_drbdResourceDown,
	  "bring it up with drbdadm up, or take it out of the configuration" },
	{ HaAlarmType_drbdDisconnected, "check the peer and the replication link" },
	{ HaAlarmType_drbdStandAlone, "find out why, then drbdadm connect" },
	{ HaAlarmType_drbdSplitBrain,
	  "decide whose data to keep, then connect the other with --discard-my-data" },
	{ HaAlarmType_drbdDiskless, "check the backing disk, then drbdadm attach" },
	{ HaAlarmType_drbdNotUpToDate, "this node cannot serve alone until it is resynchronised" },
	{ HaAlarmType_drbdPeerNotUpToDate, "the peer cannot take over until it is resynchronised" },
	{ HaAlarmType_drbdResyncing, "do not switch over until it is done" },
	{ HaAlarmType_drbdQuorumLost, "bring back enough nodes" },
	{ HaAlarmType_drbdSuspended, "find out who suspended it, then drbdadm resume-io" },
};

static const char *advice_for(int32_t kind)
{
	for (size_t i = 0; i < sizeof(advice) / sizeof(*advice); i++)
		if (advice[i].kind == kind)
			return advice[i].text;
	return "see the row of the subject";
}

static struct entry *find(const struct alarms *alarms, unsigned int object, const uint32_t *index,
			  size_t length)
{
	const struct rows *rows = board_rows(alarms->board, mib_haAlarmEntry);

	for (size_t i = 0; i < rows->count; i++) {
		const struct alarm_row *row = rows->entries[i]->row;

		if (!rows->entries[i]->gone && row->object == object &&
		    !index_compare(row->index, row->index_length, index, length))
			return rows->entries[i];
	}
	return NULL;
}

static void describe(struct alarm_row *row, const struct happening *happening,
		     const struct level *level)
{
	char value[65];

	table_print(happening->column, happening->row, value, sizeof(value));
	row->kind = level->alarm;
	row->severity = level->severity;
	table_subject(happening->table, happening->row, row->subject, sizeof(row->subject));
	TEXT_PRINT(row->text, "%s: %s is %s; %s", row->subject,
		   mib_objects[happening->column->object].name, value, advice_for(level->alarm));
}

static void raise_alarm(struct alarms *alarms, const struct entry *standing,
			const struct happening *happening, const struct level *level,
			const struct instant *when)
{
	struct alarm_row row = {
		.head.state = HaRowState_fresh,
		.time.wall = when->wall,
		.since = when->now,
		.object = happening->column->object,
	};

	if (standing)
		memcpy(&row, standing->row, sizeof(row));
	else
		row.id = ++alarms->last_id;
	row.index_length = (uint16_t)table_index(happening->table, happening->row, row.index);
	describe(&row, happening, level);
	board_put(alarms->board, &alarm_table, &row);
}

void alarms_judge(struct alarms *alarms, const struct happening *happening,
		  const struct level *level, const struct instant *when)
{
	uint32_t index[INDEX_MAX];
	size_t length = table_index(happening->table, happening->row, index);
	struct entry *standing = find(alarms, happening->column->object, index, length);

	if (level && level->severity > HaSeverity_info) {
		raise_alarm(alarms, standing, happening, level, when);
		alarms->changed = when->now;
	} else if (standing) {
		board_remove(alarms->board, &alarm_table, standing);
		alarms->changed = when->now;
	}
}

void alarms_drop(struct alarms *alarms, const struct table *table, const struct entry *entry,
		 const struct instant *when)
{
	for (size_t i = 0; i < table->columns_count; i++) {
		struct entry *standing = table->columns[i].watch ?
						 find(alarms, table->columns[i].object,
						      entry->index, entry->index_length) :
						 NULL;

		if (standing) {
			board_remove(alarms->board, &alarm_table, standing);
			alarms->changed = when->now;
		}
	}
}

int32_t alarms_worst(const struct alarms *alarms, uint32_t *count)
{
	const struct rows *rows = board_rows(alarms->board, mib_haAlarmEntry);
	int32_t worst = HaSeverity_cleared;

	*count = 0;
	for (size_t i = 0; i < rows->count; i++) {
		const struct alarm_row *row = rows->entries[i]->row;

		if (rows->entries[i]->gone)
			continue;
		*count += 1;
		if (row->severity > worst)
			worst = row->severity;
	}
	return worst;
}
