/* Tests the sorted rows of one table against a model: an array that is searched from end to end.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "lib/rows.h"

#include <stdlib.h>
#include <string.h>

#include "lib/memory.h"
#include "lib/table.h"
#include "mib/ha-agentx-mib.h"
#include "tests/unit/check.h"

#define NAMES 300

struct sample {
	struct row head;
	char name[16];
	uint32_t value;
};

static const struct column columns[] = { COLUMN(sample, haBondName, name) };
static const struct table table = TABLE(sample, haBondEntry, columns, NULL);

static struct sample make(unsigned int number, uint32_t value)
{
	struct sample row = { .value = value };

	TEXT_PRINT(row.name, "%*u", (int)(number % 7) + 1, number);
	return row;
}

static size_t put(struct rows *rows, unsigned int number, uint32_t value)
{
	struct sample row = make(number, value);
	struct entry *entry = rows_put(rows, &row);

	return rows_position(rows, entry->index, entry->index_length);
}

static const struct sample *find(const struct rows *rows, unsigned int number)
{
	struct sample key = make(number, 0);
	const struct entry *entry = rows_find_row(rows, &key);

	return entry ? entry->row : NULL;
}

static void check_order(const struct rows *rows)
{
	for (size_t i = 1; i < rows->count; i++) {
		const struct entry *before = rows->entries[i - 1], *after = rows->entries[i];

		assert_true(index_compare(before->index, before->index_length, after->index,
					  after->index_length) < 0);
	}
}

TEST(indexes_are_in_the_order_of_a_walk)
{
	static const struct {
		int order;
		size_t lengths[2];
		uint32_t one[3], other[3];
	} cases[] = {
		{ 0, { 0, 0 }, { 0 }, { 0 } },
		{ -1, { 0, 1 }, { 0 }, { 0 } },
		{ 0, { 2, 2 }, { 1, 2 }, { 1, 2 } },
		{ -1, { 2, 3 }, { 1, 2 }, { 1, 2, 0 } },
		{ 1, { 1, 3 }, { 2 }, { 1, 9, 9 } },
		{ -1, { 1, 1 }, { 0 }, { UINT32_MAX } },
		{ -1, { 1, 1 }, { INT32_MAX }, { UINT32_C(0x80000000) } },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_int_equal(index_compare(cases[i].one, cases[i].lengths[0], cases[i].other,
					       cases[i].lengths[1]),
				 cases[i].order);
		assert_int_equal(index_compare(cases[i].other, cases[i].lengths[1], cases[i].one,
					       cases[i].lengths[0]),
				 -cases[i].order);
	}
}

TEST(rows_agree_with_the_model)
{
	uint32_t model[NAMES] = { 0 };
	size_t count = 0;
	struct rows rows;

	srandom(2);
	rows_open(&rows, &table);
	for (uint32_t turn = 1; turn < 20000; turn++) {
		unsigned int number = (unsigned int)random() % NAMES;

		if (random() % 2) {
			count += !model[number];
			model[number] = turn;
			put(&rows, number, turn);
		} else if (model[number]) {
			rows_remove(&rows, put(&rows, number, 0));
			model[number] = 0;
			count--;
		}
		assert_int_equal(rows.count, count);
	}
	check_order(&rows);
	for (unsigned int number = 0; number < NAMES; number++) {
		const struct sample *row = find(&rows, number);

		assert_int_equal(row ? row->value : 0, model[number]);
	}
	rows_close(&rows);
}

TEST(a_new_row_has_no_marks_and_an_old_one_keeps_them)
{
	struct sample row = make(1, 0);
	struct entry *entry;
	struct rows rows;

	rows_open(&rows, &table);
	entry = rows_put(&rows, &row);
	assert_false(entry->dirty || entry->gone || entry->seen);
	rows_mark(&rows, entry);
	rows_mark(&rows, entry);
	assert_ptr_equal(rows_put(&rows, &row), entry);
	assert_true(entry->dirty);
	rows_close(&rows);
}

/* The numbers of the dirty rows, in their order. */
static void expect_dirty(const struct rows *rows, const char *numbers)
{
	const struct entry *entry;
	char text[32] = "";
	size_t used = 0;

	TAILQ_FOREACH(entry, &rows->dirty, marked)
	{
		const struct sample *row = entry->row;

		assert_true(entry->dirty);
		text_put(text + used, sizeof(text) - used, row->name);
		used += strlen(row->name);
	}
	assert_string_equal(text, numbers);
}

TEST(dirty_rows_stand_in_the_order_in_which_they_were_marked)
{
	static const unsigned int order[] = { 3, 1, 4, 1, 5, 2 };
	struct rows rows;

	rows_open(&rows, &table);
	for (size_t i = 0; i < COUNT(order); i++) {
		struct sample row = { .value = order[i] };

		TEXT_PRINT(row.name, "%u", order[i]);
		rows_mark(&rows, rows_put(&rows, &row));
	}
	expect_dirty(&rows, "31452");
	rows_unmark(&rows, rows.entries[3]);
	rows_unmark(&rows, rows.entries[3]);
	expect_dirty(&rows, "3152");
	rows_remove(&rows, 0);
	expect_dirty(&rows, "352");
	rows_mark(&rows, rows.entries[2]);
	expect_dirty(&rows, "3524");
	rows_close(&rows);
}

TEST(a_row_is_aligned_for_any_whatever_its_index)
{
	struct sample row = { .value = 0 };
	struct rows rows;

	rows_open(&rows, &table);
	for (unsigned int length = 0; length < sizeof(row.name); length++) {
		memset(row.name, 'x', length);
		assert_int_equal((uintptr_t)rows_put(&rows, &row)->row % _Alignof(max_align_t), 0);
		assert_memory_equal(rows.entries[length]->row, &row, sizeof(row));
		assert_int_equal(rows.entries[length]->index_length, length + 1);
	}
	rows_close(&rows);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(indexes_are_in_the_order_of_a_walk),
		cmocka_unit_test(rows_agree_with_the_model),
		cmocka_unit_test(a_new_row_has_no_marks_and_an_old_one_keeps_them),
		cmocka_unit_test(dirty_rows_stand_in_the_order_in_which_they_were_marked),
		cmocka_unit_test(a_row_is_aligned_for_any_whatever_its_index),
	};

	return cmocka_run_group_tests_name("rows", tests, NULL, NULL);
}
