/* The board: the newest rows of every table, as everybody is shown them.
 *
 * Whoever reads the board later than it is written (the line) finds out by the marks of the
 * entries what has changed; nothing is queued, so a reader that is stuck costs no memory, and the
 * newest row wins.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_BOARD_H
#define HA_BOARD_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/rows.h"

struct table;

struct board {
	struct rows *tables;
	size_t count;
	bool followed; /* somebody reads the marks; without, they are not kept */
};

/* A board of these tables (ended by NULL, which live as long as the board), all empty. */
void board_open(struct board *board, const struct table *const *tables);
void board_close(struct board *board);

/* The rows of a table by the enum mib_id of its entry; NULL when the board does not carry it.
 * Entries that are `gone` are no rows any more and wait for the reader: pass them over. */
struct rows *board_rows(const struct board *board, unsigned int entry);

/* The row of that table with the index that stands in `key`; NULL when there is none. */
const void *board_row(const struct board *board, unsigned int entry, const void *key);

/* Publish a row; a mark is made only when it differs from what stands there. */
struct entry *board_put(struct board *board, const struct table *table, const void *row);

/* Take a row off the board; one that the reader was never offered goes at once. The entry is not to
 * be used afterwards. */
void board_remove(struct board *board, const struct table *table, struct entry *entry);

/* Show the rows of a table as `state` (HaRowState_stale or HaRowState_unknown) until their source
 * says them again. What it said last is kept in entry->said. */
void board_hide(struct board *board, const struct table *table, int state);

/* Show what was said last of all hidden rows of a table: its source vouches for it again. */
void board_show(struct board *board, const struct table *table);

/* From now on somebody follows, and has nothing: mark everything. Or nobody does any more. */
void board_follow(struct board *board, bool followed);

/* Offer every marked entry to `take`, which says whether it was passed on, until it refuses: then
 * false is returned and the rest is offered next time. Table by table, and what was marked first
 * comes first, so that no row waits for ever for a slow reader. `gone` entries are forgotten once
 * taken. */
bool board_offer(struct board *board,
		 bool (*take)(void *reader, const struct table *table, const struct entry *entry),
		 void *reader);

#endif
