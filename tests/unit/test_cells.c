/* Tests GET and GETNEXT over every table against the simplest thing that can be right: a sorted
 * list of everything that there is to be read, which is searched by comparing identifiers.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/line/cells.h"

#include <stdlib.h>
#include <string.h>

#include "lib/memory.h"
#include "mib/ha-agentx-mib.h"
#include "tests/unit/check.h"
#include "tests/unit/world.h"

#define ROWS 12
#define INSTANCES_MAX 20000

/* One value that can be read. */
struct instance {
	uint32_t oid[MIB_OID_MAX];
	size_t length;
	const struct column *column;
	const void *row;
};

static struct instance list[INSTANCES_MAX];
static size_t count;
static struct cells cells;

/* ---- rows at random ---- */

static void fill_cell(const struct column *column, void *row, bool index)
{
	struct octets *octets = (void *)((char *)row + column->offset);
	char text[4];

	if (column->storage == STORE_TEXT) {
		TEXT_PRINT(text, "%lx", random() % 0xfff);
		text_put((char *)octets, column->size, text);
	} else if (column->storage == STORE_OCTETS) {
		octets->length = (uint8_t)(random() % 9);
		for (uint8_t i = 0; i < octets->length; i++)
			octets->octet[i] = (uint8_t)random();
	} else {
		table_set_number(column, row, index ? random() % 9 : random());
	}
}

static bool is_index(const struct table *table, unsigned int object)
{
	const uint16_t *list_of = mib_objects[table->entry].list;

	while (list_of && *list_of && *list_of != object)
		list_of++;
	return list_of && *list_of;
}

/* A row in two has every value; in the others a value in four is absent. */
static uint64_t random_absence(void)
{
	uint64_t some = (uint64_t)random(), others = (uint64_t)random();

	return random() % 2 ? 0 : some & others;
}

static void put_random_row(const struct table *table)
{
	_Alignas(struct row) unsigned char octets[ROW_SIZE_MAX] = { 0 };
	struct row *row = (void *)octets;

	for (size_t i = 0; i < table->columns_count; i++)
		fill_cell(&table->columns[i], row, is_index(table, table->columns[i].object));
	row->absent = random_absence();
	board_put(&world.board, table, row);
}

static void change_rows(void)
{
	for (size_t t = 0; t < world.board.count; t++) {
		struct rows *rows = &world.board.tables[t];

		for (int i = 0; i < ROWS / 3; i++) {
			struct entry *entry =
				rows->count ? rows->entries[(size_t)random() % rows->count] : NULL;

			if (entry && !entry->gone)
				board_remove(&world.board, rows->table, entry);
		}
		for (int i = 0; i < ROWS / 3; i++)
			put_random_row(rows->table);
	}
}

/* ---- the list ---- */

static int compare_instances(const void *one, const void *other)
{
	const struct instance *a = one, *b = other;

	return index_compare(a->oid, a->length, b->oid, b->length);
}

static void list_row(const struct table *table, const struct entry *entry)
{
	for (size_t i = 0; i < table->columns_count && !entry->gone; i++) {
		const struct column *column = &table->columns[i];
		const struct mib_object *object = &mib_objects[column->object];
		struct instance *instance = &list[count];

		if (object->parent != table->entry || !table_has(column, entry->row) ||
		    (object->access != MIB_READ && object->access != MIB_WRITE))
			continue;
		assert_in_range(++count, 1, INSTANCES_MAX);
		instance->length = mib_oid(column->object, instance->oid);
		instance->length +=
			table_index(table, entry->row, instance->oid + instance->length);
		instance->column = column;
		instance->row = entry->row;
	}
}

static void make_list(void)
{
	count = 0;
	for (size_t t = 0; t < world.board.count; t++)
		for (size_t r = 0; r < world.board.tables[t].count; r++)
			list_row(world.board.tables[t].table, world.board.tables[t].entries[r]);
	qsort(list, count, sizeof(*list), compare_instances);
	for (size_t i = 1; i < count; i++)
		assert_true(compare_instances(&list[i - 1], &list[i]) < 0);
}

/* The first instance not below, or with `behind` above, an identifier. */
static size_t find_instance(const uint32_t *oid, size_t length, bool behind)
{
	size_t low = 0, high = count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (index_compare(list[middle].oid, list[middle].length, oid, length) <
		    (behind ? 1 : 0))
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Whether a column that can be read lies on the way to this identifier. */
static bool has_column(const uint32_t *oid, size_t length)
{
	uint32_t column[MIB_OID_MAX];

	for (size_t t = 0; t < world.board.count; t++) {
		const struct table *table = world.board.tables[t].table;

		for (size_t i = 0; i < table->columns_count; i++) {
			const struct mib_object *object = &mib_objects[table->columns[i].object];
			size_t part = mib_oid(table->columns[i].object, column);

			if (object->parent == table->entry && object->access >= MIB_READ &&
			    length >= part && !index_compare(oid, part, column, part))
				return true;
		}
	}
	return false;
}

/* ---- the comparison ---- */

static void check_cell(const struct cell *cell, const struct instance *instance)
{
	assert_int_equal(cell->length, instance->length);
	assert_memory_equal(cell->oid, instance->oid, cell->length * sizeof(*cell->oid));
	assert_ptr_equal(cell->column, instance->column);
	assert_ptr_equal(cell->row, instance->row);
}

static void check_next(const uint32_t *oid, size_t length, bool inclusive)
{
	size_t expected = find_instance(oid, length, !inclusive);
	struct cell cell;
	enum cell_outcome outcome = cells_next(&cells, oid, length, inclusive, &cell);

	assert_int_equal(outcome, expected == count ? CELL_END : CELL_FOUND);
	if (outcome == CELL_FOUND)
		check_cell(&cell, &list[expected]);
}

static void check_get(const uint32_t *oid, size_t length)
{
	size_t expected = find_instance(oid, length, false);
	struct cell cell;
	enum cell_outcome outcome = cells_get(&cells, oid, length, &cell);

	if (expected < count &&
	    !index_compare(list[expected].oid, list[expected].length, oid, length)) {
		assert_int_equal(outcome, CELL_FOUND);
		check_cell(&cell, &list[expected]);
	} else {
		assert_int_equal(outcome,
				 has_column(oid, length) ? CELL_NO_INSTANCE : CELL_NO_OBJECT);
	}
}

static void check(const uint32_t *oid, size_t length)
{
	check_get(oid, length);
	check_next(oid, length, false);
	check_next(oid, length, true);
}

/* Everything before, at, behind, above and below one identifier. */
static void check_around(const struct instance *instance)
{
	static const uint32_t steps[] = { 1, UINT32_MAX, 1000, UINT32_C(0x80000000) };
	uint32_t oid[MIB_OID_MAX + 1];

	memcpy(oid, instance->oid, instance->length * sizeof(*oid));
	for (size_t length = 0; length <= instance->length; length++)
		check(oid, length);
	for (size_t i = 0; i < COUNT(steps); i++) {
		size_t where = instance->length - 1 - (size_t)random() % 4;

		oid[instance->length] = steps[i] - 1;
		check(oid, instance->length + 1);
		oid[where] += steps[i];
		check(oid, instance->length);
		oid[where] -= steps[i];
	}
}

static int make(void **state)
{
	world_make(state);
	srandom(3);
	for (size_t t = 0; t < world.board.count; t++)
		for (int i = 0;
		     i < (mib_objects[world.board.tables[t].table->entry].list ? ROWS : 1); i++)
			put_random_row(world.board.tables[t].table);
	cells_open(&cells, &world.board);
	make_list();
	return 0;
}

static int remove_all(void **state)
{
	cells_close(&cells);
	return world_remove(state);
}

/* ---- tests ---- */

TEST(every_readable_column_of_every_table_is_served_once)
{
	size_t readable = 0;

	for (size_t t = 0; t < world.board.count; t++)
		for (size_t i = 0; i < world.board.tables[t].table->columns_count; i++) {
			unsigned int object = world.board.tables[t].table->columns[i].object;

			readable +=
				mib_objects[object].access >= MIB_READ &&
				mib_objects[object].parent == world.board.tables[t].table->entry;
		}
	assert_int_equal(cells.count, readable);
	for (size_t i = 1; i < cells.count; i++)
		assert_true(index_compare(cells.slots[i - 1].arcs, cells.slots[i - 1].length,
					  cells.slots[i].arcs, cells.slots[i].length) < 0);
}

TEST(a_walk_is_the_sorted_list)
{
	struct cell cell = { .length = 0 };
	size_t position = 0;

	while (cells_next(&cells, cell.oid, cell.length, false, &cell) == CELL_FOUND)
		check_cell(&cell, &list[position++]);
	assert_int_equal(position, count);
	assert_in_range(count, 500, INSTANCES_MAX);
}

TEST(every_hole_leads_to_the_next)
{
	for (size_t i = 0; i < count; i++)
		check_around(&list[i]);
}

TEST(what_lies_outside_of_the_mib_is_outside)
{
	static const struct {
		size_t length;
		uint32_t oid[3];
	} outside[] = {
		{ 0, { 0 } },       { 1, { 0 } },       { 1, { 1 } },          { 1, { 2 } },
		{ 3, { 1, 3, 5 } }, { 3, { 1, 3, 7 } }, { 1, { UINT32_MAX } },
	};
	uint32_t sibling[MIB_OID_MAX];
	size_t length = mib_oid(0, sibling);

	for (size_t i = 0; i < COUNT(outside); i++)
		check(outside[i].oid, outside[i].length);
	for (int i = -1; i <= 1; i += 2) {
		mib_oid(0, sibling);
		sibling[length - 1] += (uint32_t)i;
		check(sibling, length);
		sibling[length] = 1;
		check(sibling, length + 1);
	}
}

TEST(rows_that_come_and_go_do_not_confuse_it)
{
	board_follow(&world.board, true);
	for (int round = 0; round < 10; round++) {
		change_rows();
		make_list();
		for (size_t i = (size_t)round; i < count; i += 10)
			check_around(&list[i]);
	}
}

/* The last answer is remembered by position, and the row there may be another one by now. */
TEST(a_walk_goes_on_behind_a_row_that_was_removed)
{
	struct cell cell = { .length = 0 };

	for (int i = 0; i < 100; i++) {
		if (cells_next(&cells, cell.oid, cell.length, false, &cell) != CELL_FOUND)
			cell.length = 0;
		change_rows();
		make_list();
		check(cell.oid, cell.length);
	}
}

TEST(an_empty_board_has_nothing)
{
	uint32_t oid[MIB_OID_MAX];
	size_t length;

	cells_close(&cells);
	world_remove(NULL);
	world_make(NULL);
	cells_open(&cells, &world.board);
	make_list();
	assert_int_equal(count, 0);
	length = mib_oid(mib_haBondOperState, oid);
	oid[length] = 1;
	check(oid, length + 1);
	check(oid, 0);
}

#define CELLS_TEST(sentence) cmocka_unit_test_setup_teardown(sentence, make, remove_all)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CELLS_TEST(every_readable_column_of_every_table_is_served_once),
		CELLS_TEST(a_walk_is_the_sorted_list),
		CELLS_TEST(every_hole_leads_to_the_next),
		CELLS_TEST(what_lies_outside_of_the_mib_is_outside),
		CELLS_TEST(rows_that_come_and_go_do_not_confuse_it),
		CELLS_TEST(a_walk_goes_on_behind_a_row_that_was_removed),
		CELLS_TEST(an_empty_board_has_nothing),
	};

	return cmocka_run_group_tests_name("cells", tests, NULL, NULL);
}
