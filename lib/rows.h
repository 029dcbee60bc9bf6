/* The rows of one table, sorted as SNMP walks them.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_ROWS_H
#define HA_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

struct table;

/* One row and what its holder notes about it. */
struct entry {
	void *row;  /* as it is published: table->size octets, aligned for any, part of the entry */
	void *said; /* as its source said it last, while `row` shows less; else NULL */
	TAILQ_ENTRY(entry) marked;
	bool dirty; /* changed since it was last passed on: it is in the list of these */
	bool gone;  /* to be passed on as removed, then forgotten */
	bool seen;  /* said again since the last sweep began */
	bool known; /* whoever the rows are passed on to has it */
	uint8_t index_length;
	uint32_t index[];
};

/* Not to be copied, as the list points into it. */
struct rows {
	const struct table *table;
	struct entry **entries; /* in ascending order of index */
	size_t count, room;
	TAILQ_HEAD(entry_list, entry) dirty; /* in the order in which they were marked */
};

void rows_open(struct rows *rows, const struct table *table);

/* Free everything the rows own. */
void rows_close(struct rows *rows);

/* Order of two indexes, as memcmp. */
int index_compare(const uint32_t *one, size_t one_length, const uint32_t *other,
		  size_t other_length);

/* Position of the first entry whose index is not below `index`; count when there is none. */
size_t rows_position(const struct rows *rows, const uint32_t *index, size_t length);

/* The entry with exactly this index, or NULL. */
struct entry *rows_find(const struct rows *rows, const uint32_t *index, size_t length);

/* The entry for the index that stands in `row`, or NULL. */
struct entry *rows_find_row(const struct rows *rows, const void *row);

/* Store a copy of `row`; the entry is returned, a new one with all its marks off. */
struct entry *rows_put(struct rows *rows, const void *row);

/* Forget the entry at a position. */
void rows_remove(struct rows *rows, size_t position);

/* Mark the entry as changed, and take the mark off; idempotent. */
void rows_mark(struct rows *rows, struct entry *entry);
void rows_unmark(struct rows *rows, struct entry *entry);

#endif
