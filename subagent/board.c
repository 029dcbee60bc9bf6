/* The board: the newest rows of every table, as everybody is shown them.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/board.h"

#include <stdlib.h>
#include <string.h>

#include "lib/memory.h"
#include "lib/table.h"
#include "mib/ha-agentx-mib.h"

void board_open(struct board *board, const struct table *const *tables)
{
	memset(board, 0, sizeof(*board));
	while (tables[board->count])
		board->count++;
	board->tables = memory_new(board->count + 1, sizeof(*board->tables));
	for (size_t i = 0; i < board->count; i++)
		rows_open(&board->tables[i], tables[i]);
}

void board_close(struct board *board)
{
	for (size_t i = 0; i < board->count; i++)
		rows_close(&board->tables[i]);
	free(board->tables);
	memset(board, 0, sizeof(*board));
}

struct rows *board_rows(const struct board *board, unsigned int entry)
{
	for (size_t i = 0; i < board->count; i++)
		if (board->tables[i].table->entry == entry)
			return &board->tables[i];
	return NULL;
}

const void *board_row(const struct board *board, unsigned int entry, const void *key)
{
	const struct entry *found = rows_find_row(board_rows(board, entry), key);

	return found && !found->gone ? found->row : NULL;
}

static void mark(struct board *board, struct rows *rows, struct entry *entry)
{
	if (board->followed)
		rows_mark(rows, entry);
}

struct entry *board_put(struct board *board, const struct table *table, const void *row)
{
	struct rows *rows = board_rows(board, table->entry);
	struct entry *entry = rows_find_row(rows, row);

	if (entry && !entry->gone && !memcmp(entry->row, row, table->size))
		return entry;
	if (entry)
		memcpy(entry->row, row, table->size);
	else
		entry = rows_put(rows, row);
	entry->gone = false;
	mark(board, rows, entry);
	return entry;
}

static void forget(struct rows *rows, const struct entry *entry)
{
	rows_remove(rows, rows_position(rows, entry->index, entry->index_length));
}

void board_remove(struct board *board, const struct table *table, struct entry *entry)
{
	struct rows *rows = board_rows(board, table->entry);

	if (board->followed && entry->known) {
		entry->gone = true;
		mark(board, rows, entry);
	} else {
		forget(rows, entry);
	}
}

static void hide(struct board *board, struct rows *rows, struct entry *entry, int state)
{
	struct row *head = entry->row;

	if (!entry->said) {
		entry->said = memory_new(1, rows->table->size);
		memcpy(entry->said, entry->row, rows->table->size);
	}
	if (head->state == state)
		return;
	if (state == HaRowState_unknown)
		table_forget(rows->table, entry->row);
	else
		head->state = state;
	mark(board, rows, entry);
}

void board_hide(struct board *board, const struct table *table, int state)
{
	struct rows *rows = board_rows(board, table->entry);

	for (size_t i = 0; i < rows->count; i++)
		if (!rows->entries[i]->gone)
			hide(board, rows, rows->entries[i], state);
}

void board_show(struct board *board, const struct table *table)
{
	struct rows *rows = board_rows(board, table->entry);

	for (size_t i = 0; i < rows->count; i++) {
		struct entry *entry = rows->entries[i];

		if (!entry->said || entry->gone)
			continue;
		memcpy(entry->row, entry->said, table->size);
		free(entry->said);
		entry->said = NULL;
		mark(board, rows, entry);
	}
}

static void follow_rows(struct rows *rows, bool followed)
{
	for (size_t i = rows->count; i-- > 0;) {
		struct entry *entry = rows->entries[i];

		entry->known = false;
		rows_unmark(rows, entry);
		if (entry->gone)
			rows_remove(rows, i);
	}
	for (size_t i = 0; i < rows->count && followed; i++)
		rows_mark(rows, rows->entries[i]);
}

void board_follow(struct board *board, bool followed)
{
	board->followed = followed;
	for (size_t i = 0; i < board->count; i++)
		follow_rows(&board->tables[i], followed);
}

bool board_offer(struct board *board,
		 bool (*take)(void *reader, const struct table *table, const struct entry *entry),
		 void *reader)
{
	for (size_t i = 0; i < board->count; i++) {
		struct rows *rows = &board->tables[i];
		struct entry *entry;

		while ((entry = TAILQ_FIRST(&rows->dirty))) {
			if (!take(reader, rows->table, entry))
				return false;
			rows_unmark(rows, entry);
			entry->known = true;
			if (entry->gone)
				forget(rows, entry);
		}
	}
	return true;
}
