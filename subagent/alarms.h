/* The active alarms, haAlarmTable: what is wrong now.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_ALARMS_H
#define HA_ALARMS_H

#include <stddef.h>
#include <stdint.h>

#include "lib/table.h"
#include "mib/ha-agentx-mib.h"

struct board;
struct entry;
struct happening;
struct instant;

struct alarm_row {
	struct row head;
	uint32_t id;
	int32_t kind;     /* enum HaAlarmType */
	int32_t severity; /* enum HaSeverity */
	char subject[128];
	struct moment time;
	int64_t since;
	char text[200];
	/* What it is about, in no column: */
	uint16_t object; /* enum mib_id of the column */
	uint16_t index_length;
	uint32_t index[INDEX_MAX];
};

extern const struct table alarm_table;

struct alarms {
	struct board *board;
	const struct alarm_row **standing; /* rows of the board, in order of what they are about */
	size_t count, room;
	uint32_t severities[HaSeverity_critical + 1]; /* how many of each */
	uint32_t last_id;
	int64_t changed; /* when the table last changed */
};

/* Free everything but the rows, which are the board's. */
void alarms_close(struct alarms *alarms);

/* A column of a row has this value now: raise, change or clear its alarm. `level` is NULL for a
 * value that is fine. */
void alarms_judge(struct alarms *alarms, const struct happening *happening,
		  const struct level *level, const struct instant *when);

/* The row is no more: clear what was wrong with it. */
void alarms_drop(struct alarms *alarms, const struct table *table, const struct entry *entry,
		 const struct instant *when);

/* The highest severity of all active alarms, HaSeverity_cleared when there is none. */
int32_t alarms_worst(const struct alarms *alarms, uint32_t *count);

#endif
