/* The rows of one table, sorted as SNMP walks them.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "lib/rows.h"

#include <stdlib.h>
#include <string.h>

#include "lib/memory.h"
#include "lib/sorted.h"
#include "lib/table.h"

void rows_open(struct rows *rows, const struct table *table)
{
	memset(rows, 0, sizeof(*rows));
	rows->table = table;
	TAILQ_INIT(&rows->dirty);
}

static void entry_free(struct entry *entry)
{
	free(entry->said);
	free(entry);
}

void rows_close(struct rows *rows)
{
	for (size_t i = 0; i < rows->count; i++)
		entry_free(rows->entries[i]);
	free(rows->entries);
	memset(rows, 0, sizeof(*rows));
}

int index_compare(const uint32_t *one, size_t one_length, const uint32_t *other,
		  size_t other_length)
{
	size_t shorter = one_length < other_length ? one_length : other_length;

	for (size_t i = 0; i < shorter; i++)
		if (one[i] != other[i])
			return one[i] < other[i] ? -1 : 1;
	return (one_length > other_length) - (one_length < other_length);
}

/* What a row is looked for by. */
struct key {
	const uint32_t *index;
	size_t length;
};

static int compare_entries(const void *element, const void *wanted)
{
	const struct entry *entry = *(const struct entry *const *)element;
	const struct key *key = wanted;

	return index_compare(entry->index, entry->index_length, key->index, key->length);
}

size_t rows_position(const struct rows *rows, const uint32_t *index, size_t length)
{
	struct key key = { index, length };

	return sorted_position(rows->entries, rows->count, sizeof(*rows->entries), &key,
			       compare_entries);
}

static bool stands_at(const struct rows *rows, size_t position, const uint32_t *index,
		      size_t length)
{
	const struct entry *entry;

	if (position == rows->count)
		return false;
	entry = rows->entries[position];
	return !index_compare(entry->index, entry->index_length, index, length);
}

struct entry *rows_find(const struct rows *rows, const uint32_t *index, size_t length)
{
	size_t position = rows_position(rows, index, length);

	return stands_at(rows, position, index, length) ? rows->entries[position] : NULL;
}

struct entry *rows_find_row(const struct rows *rows, const void *row)
{
	uint32_t index[INDEX_MAX];

	return rows_find(rows, index, table_index(rows->table, row, index));
}

/* Entry, index and row in one piece, so that a search reads one line of memory for each. */
static struct entry *entry_new(const struct table *table, const uint32_t *index, size_t length)
{
	size_t used = offsetof(struct entry, index) + length * sizeof(*index);
	size_t offset = used + -used % _Alignof(max_align_t);
	struct entry *entry = memory_new(1, offset + table->size);

	entry->row = (char *)entry + offset;
	entry->index_length = (uint8_t)length;
	memcpy(entry->index, index, length * sizeof(*index));
	return entry;
}

static void rows_insert(struct rows *rows, size_t position, struct entry *entry)
{
	rows->entries = sorted_insert(rows->entries, position, &rows->count, &rows->room,
				      sizeof(*rows->entries));
	rows->entries[position] = entry;
}

struct entry *rows_put(struct rows *rows, const void *row)
{
	uint32_t index[INDEX_MAX];
	size_t length = table_index(rows->table, row, index);
	size_t position = rows_position(rows, index, length);

	if (!stands_at(rows, position, index, length))
		rows_insert(rows, position, entry_new(rows->table, index, length));
	memcpy(rows->entries[position]->row, row, rows->table->size);
	return rows->entries[position];
}

void rows_remove(struct rows *rows, size_t position)
{
	rows_unmark(rows, rows->entries[position]);
	entry_free(rows->entries[position]);
	sorted_remove(rows->entries, position, &rows->count, sizeof(*rows->entries));
}

void rows_mark(struct rows *rows, struct entry *entry)
{
	if (!entry->dirty)
		TAILQ_INSERT_TAIL(&rows->dirty, entry, marked);
	entry->dirty = true;
}

void rows_unmark(struct rows *rows, struct entry *entry)
{
	if (entry->dirty)
		TAILQ_REMOVE(&rows->dirty, entry, marked);
	entry->dirty = false;
}
