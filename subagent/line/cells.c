/* Finds values by object identifier: GET and GETNEXT over all tables of a board.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/line/cells.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "lib/memory.h"
#include "lib/rows.h"
#include "lib/table.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/board.h"

static int compare_slots(const void *one, const void *other)
{
	const struct slot *a = one, *b = other;

	return index_compare(a->arcs, a->length, b->arcs, b->length);
}

static bool is_readable(const struct column *column)
{
	uint8_t access = mib_objects[column->object].access;

	return access == MIB_READ || access == MIB_WRITE;
}

static void add_slots(struct cells *cells, struct rows *rows)
{
	uint32_t oid[MIB_OID_MAX];

	for (size_t i = 0; i < rows->table->columns_count; i++) {
		const struct column *column = &rows->table->columns[i];
		struct slot *slot = &cells->slots[cells->count];
		size_t length;

		/* A column of another table can be an index here; it is served there. */
		if (!is_readable(column) ||
		    mib_objects[column->object].parent != rows->table->entry)
			continue;
		length = mib_oid(column->object, oid) - cells->root_length;
		assert(length <= sizeof(slot->arcs) / sizeof(*slot->arcs));
		*slot = (struct slot){ .rows = rows, .column = column, .length = (uint8_t)length };
		memcpy(slot->arcs, oid + cells->root_length, length * sizeof(*oid));
		cells->count++;
	}
}

void cells_open(struct cells *cells, const struct board *board)
{
	size_t room = 0;

	memset(cells, 0, sizeof(*cells));
	cells->root_length = mib_oid(0, cells->root);
	for (size_t i = 0; i < board->count; i++)
		room += board->tables[i].table->columns_count;
	cells->slots = memory_new(room + 1, sizeof(*cells->slots));
	for (size_t i = 0; i < board->count; i++)
		add_slots(cells, &board->tables[i]);
	qsort(cells->slots, cells->count, sizeof(*cells->slots), compare_slots);
}

void cells_close(struct cells *cells)
{
	free(cells->slots);
	memset(cells, 0, sizeof(*cells));
}

/* Whether the identifier, root taken off, lies in the slot's column. */
static bool slot_holds(const struct slot *slot, const uint32_t *arcs, size_t length)
{
	return length >= slot->length && !memcmp(arcs, slot->arcs, slot->length * sizeof(*arcs));
}

/* Position of the slot that holds the identifier, or of the first behind it. */
static size_t find_slot(struct cells *cells, const uint32_t *arcs, size_t length)
{
	size_t low = 0, high = cells->count;

	/* A walk stays in its column, or asks for columns side by side. */
	for (size_t guess = cells->last; guess < cells->count && guess < cells->last + 2; guess++)
		if (slot_holds(&cells->slots[guess], arcs, length)) {
			cells->last = guess;
			return guess;
		}
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct slot *slot = &cells->slots[middle];

		if (slot_holds(slot, arcs, length)) {
			cells->last = middle;
			return middle;
		}
		if (index_compare(slot->arcs, slot->length, arcs, length) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Position of the first row not before the index. A walk asks for the row behind its last. */
static size_t find_row(struct slot *slot, const uint32_t *index, size_t length)
{
	const struct rows *rows = slot->rows;

	if (slot->last < rows->count) {
		const struct entry *entry = rows->entries[slot->last];

		if (!index_compare(entry->index, entry->index_length, index, length))
			return slot->last;
	}
	return rows_position(rows, index, length);
}

static void fill(struct cells *cells, struct slot *slot, size_t position, struct cell *cell)
{
	const struct entry *entry = slot->rows->entries[position];
	uint32_t *end = cell->oid;

	slot->last = position;
	memcpy(end, cells->root, cells->root_length * sizeof(*end));
	end += cells->root_length;
	memcpy(end, slot->arcs, slot->length * sizeof(*end));
	end += slot->length;
	memcpy(end, entry->index, entry->index_length * sizeof(*end));
	end += entry->index_length;
	cell->length = (size_t)(end - cell->oid);
	cell->column = slot->column;
	cell->rows = slot->rows;
	cell->row = entry->row;
}

static bool shows(const struct slot *slot, size_t position)
{
	const struct entry *entry = slot->rows->entries[position];

	return !entry->gone && table_has(slot->column, entry->row);
}

enum cell_outcome cells_get(struct cells *cells, const uint32_t *oid, size_t length,
			    struct cell *cell)
{
	const uint32_t *arcs = oid + cells->root_length;
	struct slot *slot;
	size_t position;

	if (length < cells->root_length ||
	    memcmp(oid, cells->root, cells->root_length * sizeof(*oid)))
		return CELL_NO_OBJECT;
	length -= cells->root_length;
	position = find_slot(cells, arcs, length);
	if (position == cells->count || !slot_holds(&cells->slots[position], arcs, length))
		return CELL_NO_OBJECT;
	slot = &cells->slots[position];
	cell->column = slot->column;
	cell->rows = slot->rows;
	arcs += slot->length;
	length -= slot->length;
	position = find_row(slot, arcs, length);
	if (position == slot->rows->count || !shows(slot, position) ||
	    index_compare(slot->rows->entries[position]->index,
			  slot->rows->entries[position]->index_length, arcs, length))
		return CELL_NO_INSTANCE;
	fill(cells, slot, position, cell);
	return CELL_FOUND;
}

/* The first shown row of this slot from `position` on, or of the slots behind it. */
static enum cell_outcome first_from(struct cells *cells, size_t slot, size_t position,
				    struct cell *cell)
{
	for (; slot < cells->count; slot++, position = 0)
		for (; position < cells->slots[slot].rows->count; position++)
			if (shows(&cells->slots[slot], position)) {
				fill(cells, &cells->slots[slot], position, cell);
				return CELL_FOUND;
			}
	return CELL_END;
}

enum cell_outcome cells_next(struct cells *cells, const uint32_t *oid, size_t length,
			     bool inclusive, struct cell *cell)
{
	size_t shared = length < cells->root_length ? length : cells->root_length;
	const uint32_t *arcs = oid + cells->root_length;
	int order = index_compare(oid, shared, cells->root, shared);
	struct slot *slot;
	size_t found, position;

	if (order > 0)
		return CELL_END;
	if (order < 0 || length <= cells->root_length)
		return first_from(cells, 0, 0, cell);
	length -= cells->root_length;
	found = find_slot(cells, arcs, length);
	if (found == cells->count || !slot_holds(&cells->slots[found], arcs, length))
		return first_from(cells, found, 0, cell);
	slot = &cells->slots[found];
	arcs += slot->length;
	length -= slot->length;
	position = find_row(slot, arcs, length);
	if (!inclusive && position < slot->rows->count) {
		const struct entry *entry = slot->rows->entries[position];

		position += !index_compare(entry->index, entry->index_length, arcs, length);
	}
	return first_from(cells, found, position, cell);
}
