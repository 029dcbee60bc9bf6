/* A hub in small for its tests: a board, the books, settings, and a clock that tests move.
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The sources are three that never run: `sample`, whose one table has a column of each kind of
 * watch, `drbd` with the real tables of haDrbd, and `herald`, which is started first where a test
 * wants it.
 */
#ifndef HA_WORLD_H
#define HA_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/settings.h"
#include "lib/table.h"
#include "subagent/board.h"
#include "subagent/changes.h"

#define WORLD_START 1000000
#define WORLD_WALL INT64_C(1700000000000)

struct world {
	struct settings settings; /* r0 is switchable, r1 is not */
	struct settings_resource resources[2];
	struct board board;
	struct changes changes;
	struct instant when;
	bool heralded;
};

extern struct world world;

/* Set-up and tear-down functions of cmocka. */
int world_make(void **state);
int world_remove(void **state);

/* Time passes. */
void world_pass(int64_t milliseconds);

/* How many rows of a table there are; the enum mib_id is of its entry. */
size_t world_count(unsigned int entry);

/* The newest event, the one before it with 1, and so on; NULL behind the oldest. */
const struct event_row *world_event(uint32_t back);

/* An active alarm by its position; NULL when there are not that many. */
const struct alarm_row *world_alarm(size_t position);

struct sample_row {
	struct row head;
	char name[16];
	int32_t state; /* haBondOperState: counts, raises alarms, is excused in a row called client;
			* in one called port its change is known when redundancy changes, too */
	int32_t redundancy; /* haBondRedundancy: has another notification when it is full again */
	int32_t reason;     /* haBondMonitoring: says why the state is what it is */
	uint32_t updelay;   /* haBondUpDelay: moves the last change, no more */
	uint32_t ports;     /* haBondPorts: not watched */
};

extern const struct table sample_table;

/* A row in which all is well. */
struct sample_row sample_fine(const char *name);

/* Say it now, and what stands there afterwards. */
void sample_say(const struct sample_row *row);
const struct sample_row *sample_shown(const char *name);

#endif
