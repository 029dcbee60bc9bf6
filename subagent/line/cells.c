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
	for (size_t i = 0; i < rows->table->columns_count; i++) {
		const struct column *column = &rows->table->columns[i];
		struct slot *slot = &cells->slots[cells->count];
		uint32_t oid[MIB_OID_MAX], arc = mib_objects[column->object].arc;
		size_t length;

		/* A column of another table can be an index here; it is served there. */
		if (!is_readable(column) ||
		    mib_objects[column->object].parent != rows->table->entry)
			continue;
		length = mib_oid(column->object, oid);
		assert(length <= sizeof(slot->arcs) / sizeof(*slot->arcs));
		*slot = (struct slot){ .rows = rows, .column = column, .length = length };
		slot->absent = arc < 64 ? UINT64_C(1) << arc : 0;
		memcpy(slot->arcs, oid, length * sizeof(*oid));
		cells->count++;
	}
}

void cells_open(struct cells *cells, const struct board *board)
{
	size_t room = 0;

	memset(cells, 0, sizeof(*cells));
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

/* Whether the identifier lies in the slot's column. Neighbours differ in the last number only. */
static bool slot_holds(const struct slot *slot, const uint32_t *oid, size_t length)
{
	return length >= slot->length && oid[slot->length - 1] == slot->arcs[slot->length - 1] &&
	       !memcmp(oid, slot->arcs, slot->length * sizeof(*oid));
}

/* Whether a slot holds the identifier; its position, or that of the first behind it. */
static bool find_slot(struct cells *cells, const uint32_t *oid, size_t length, size_t *position)
{
	size_t low = 0, high = cells->count;

	/* A walk stays in its column, or asks for columns side by side. */
	for (size_t guess = cells->last; guess < high && guess < cells->last + 2; guess++)
		if (slot_holds(&cells->slots[guess], oid, length)) {
			*position = cells->last = guess;
			return true;
		}
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct slot *slot = &cells->slots[middle];

		if (slot_holds(slot, oid, length)) {
			*position = cells->last = middle;
			return true;
		}
		if (index_compare(slot->arcs, slot->length, oid, length) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	*position = low;
	return false;
}

static bool is_at(const struct rows *rows, size_t position, const uint32_t *index, size_t length)
{
	const struct entry *entry;

	if (position >= rows->count)
		return false;
	entry = rows->entries[position];
	return entry->index_length == length &&
	       !memcmp(entry->index, index, length * sizeof(*index));
}

/* Whether there is a row with this index; its position, or that of the first behind it. A walk asks
 * for the row behind its last. */
static bool find_row(const struct slot *slot, const uint32_t *index, size_t length,
		     size_t *position)
{
	*position = slot->last;
	if (is_at(slot->rows, *position, index, length))
		return true;
	*position = rows_position(slot->rows, index, length);
	return is_at(slot->rows, *position, index, length);
}

static void fill(struct slot *slot, size_t position, struct cell *cell)
{
	const struct entry *entry = slot->rows->entries[position];

	slot->last = position;
	memcpy(cell->oid, slot->arcs, slot->length * sizeof(*cell->oid));
	memcpy(cell->oid + slot->length, entry->index, entry->index_length * sizeof(*cell->oid));
	cell->length = slot->length + entry->index_length;
	cell->column = slot->column;
	cell->rows = slot->rows;
	cell->row = entry->row;
}

static bool shows(const struct slot *slot, size_t position)
{
	const struct entry *entry = slot->rows->entries[position];
	const struct row *row = entry->row;

	return !entry->gone && !(row->absent & slot->absent);
}

enum cell_outcome cells_get(struct cells *cells, const uint32_t *oid, size_t length,
			    struct cell *cell)
{
	struct slot *slot;
	size_t position;

	if (!find_slot(cells, oid, length, &position))
		return CELL_NO_OBJECT;
	slot = &cells->slots[position];
	cell->column = slot->column;
	cell->rows = slot->rows;
	if (!find_row(slot, oid + slot->length, length - slot->length, &position) ||
	    !shows(slot, position))
		return CELL_NO_INSTANCE;
	fill(slot, position, cell);
	return CELL_FOUND;
}

/* The first shown row of this slot from `position` on, or of the slots behind it. */
static enum cell_outcome first_from(struct cells *cells, size_t slot, size_t position,
				    struct cell *cell)
{
	for (; slot < cells->count; slot++, position = 0)
		for (; position < cells->slots[slot].rows->count; position++)
			if (shows(&cells->slots[slot], position)) {
				fill(&cells->slots[slot], position, cell);
				return CELL_FOUND;
			}
	return CELL_END;
}

enum cell_outcome cells_next(struct cells *cells, const uint32_t *oid, size_t length,
			     bool inclusive, struct cell *cell)
{
	const struct slot *slot;
	size_t place, position;

	if (!find_slot(cells, oid, length, &place))
		return first_from(cells, place, 0, cell);
	slot = &cells->slots[place];
	if (find_row(slot, oid + slot->length, length - slot->length, &position) && !inclusive)
		position++;
	return first_from(cells, place, position, cell);
}
