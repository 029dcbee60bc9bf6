/* Turns the difference between two rows into transitions, events and alarms.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_CHANGES_H
#define HA_CHANGES_H

#include "subagent/alarms.h"
#include "subagent/events.h"

struct board;
struct table;

struct changes {
	struct board *board;
	struct events events;
	struct alarms alarms;
};

/* Keep the books of this board. */
void changes_open(struct changes *changes, struct board *board, uint32_t last_event,
		  uint32_t events_limit);

/* A row is now this: publish it, with its transitions and the time of its last change carried on
 * from what its source said before, and tell every change of a watched column. A row that was
 * hidden is compared with what was said, not with what was shown. */
void changes_put(struct changes *changes, const struct table *table, const void *row,
		 const struct instant *when);

/* A row is no more. */
void changes_remove(struct changes *changes, const struct table *table, const void *row,
		    const struct instant *when);

/* The rows said from here on are all that there are; at the end, those that were not said go. */
void changes_begin(struct changes *changes, const struct table *table);
void changes_end(struct changes *changes, const struct table *table, const struct instant *when);

/* Sum up what was held back in every pause that is over (storm.h), and tell anew how its subjects
 * are. When the next one ends (clock_now()); 0 for none. */
int64_t changes_tick(struct changes *changes, const struct instant *when);

/* Free what the books own; before board_close(). */
void changes_close(struct changes *changes);

#endif
