/* Tests how rows are read and written, with a MIB made up here: every type, every kind of index.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "lib/table.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/clock.h"
#include "lib/memory.h"
#include "mib/ha-agentx-mib.h"
#include "tests/unit/check.h"

/* ---- the MIB ---- */

enum {
	mib_root_,
	mib_number,
	mib_text,
	mib_octets,
	mib_mode,
	mib_bits,
	mib_wide,
	mib_stamp,
	mib_moment,
	mib_age,
	mib_late,
	mib_plain,
	mib_implied,
	mib_mixed,
	mib_scalars,
	mib_ends
};

const uint32_t mib_root[] = { 1, 3 };
const size_t mib_root_length = 2;

static const struct mib_label modes[] = {
	{ 1, "up" }, { 2, "unknown" }, { -3, "odd" }, { 0, NULL }
};
static const struct mib_label flags[] = {
	{ 0, "first" }, { 3, "third" }, { 31, "last" }, { 0, NULL }
};
static const uint16_t plain_list[] = { mib_text, 0 };
static const uint16_t mixed_list[] = { mib_text, mib_number, mib_octets, 0 };

#define OBJECT(id, number, type, ...)                                                              \
	[mib_##id] = { .name = #id, .arc = (number), .syntax = MIB_##type, __VA_ARGS__ }

const struct mib_object mib_objects[mib_count] = {
	OBJECT(number, 1, UNSIGNED, .access = MIB_READ),
	OBJECT(text, 2, STRING, .access = MIB_READ),
	OBJECT(octets, 3, OCTETS, .access = MIB_READ),
	OBJECT(mode, 4, INTEGER, .labels = modes),
	OBJECT(bits, 5, BITS, .labels = flags),
	OBJECT(wide, 6, COUNTER64, .access = MIB_READ),
	OBJECT(stamp, 7, TIMESTAMP, .access = MIB_READ),
	OBJECT(moment, 8, OCTETS, .access = MIB_READ),
	OBJECT(age, 9, UNSIGNED, .access = MIB_READ),
	OBJECT(late, 64, UNSIGNED, .access = MIB_READ),
	OBJECT(plain, 1, NODE, .list = plain_list),
	OBJECT(implied, 2, NODE, .list = plain_list, .implied = 1),
	OBJECT(mixed, 3, NODE, .list = mixed_list, .implied = 1),
	OBJECT(scalars, 4, NODE, .list = NULL),
};

/* ---- the tables ---- */

struct sample {
	struct row head;
	uint32_t number;
	char text[8];
	struct octets octets;
	int32_t mode;
	uint32_t bits;
	uint64_t wide;
	int64_t stamp;
	struct moment moment;
	struct age age;
	uint32_t late;
};

static const struct column columns[] = {
	COLUMN(sample, number, number), COLUMN(sample, text, text),
	COLUMN(sample, octets, octets), COLUMN(sample, mode, mode),
	COLUMN(sample, bits, bits),     COLUMN(sample, wide, wide),
	COLUMN(sample, stamp, stamp),   COLUMN(sample, moment, moment),
	COLUMN(sample, age, age),       COLUMN(sample, late, late),
};

static const struct table plain = TABLE(sample, plain, columns, NULL);
static const struct table implied = TABLE(sample, implied, columns, NULL);
static const struct table mixed = TABLE(sample, mixed, columns, NULL);
static const struct table scalars = TABLE(sample, scalars, columns, NULL);

static const struct sample r0 = {
	.number = 7,
	.text = "r0",
	.octets = { 4, { 192, 0, 2, 255 } },
	.mode = 1,
};

/* ---- indexes ---- */

struct index {
	const struct table *table;
	size_t length;
	uint32_t arcs[12];
};

static void *dirty_row(struct sample *row)
{
	memset(row, 'x', sizeof(*row));
	return row;
}

TEST(a_row_becomes_its_index_and_the_index_the_row)
{
	static const struct index indexes[] = {
		{ &plain, 3, { 2, 'r', '0' } },
		{ &implied, 2, { 'r', '0' } },
		{ &mixed, 8, { 2, 'r', '0', 7, 192, 0, 2, 255 } },
		{ &scalars, 1, { 0 } },
	};

	for (size_t i = 0; i < COUNT(indexes); i++) {
		const struct index *index = &indexes[i];
		uint32_t made[INDEX_MAX];
		struct sample back;

		assert_int_equal(table_index(index->table, &r0, made), index->length);
		assert_memory_equal(made, index->arcs, index->length * sizeof(*made));
		assert_true(table_set_index(index->table, dirty_row(&back), made, index->length));
		if (index->table == &scalars)
			continue;
		assert_memory_equal(back.text, r0.text, sizeof(back.text));
		if (index->table == &mixed) {
			assert_memory_equal(&back.octets, &r0.octets, sizeof(back.octets));
			assert_int_equal(back.number, 7);
		}
	}
}

TEST(empty_and_full_texts_are_indexes)
{
	struct sample row = r0, back;
	uint32_t index[INDEX_MAX];

	TEXT_PUT(row.text, "");
	assert_int_equal(table_index(&plain, &row, index), 1);
	assert_int_equal(index[0], 0);
	memset(row.text, '\xff', sizeof(row.text) - 1);
	assert_int_equal(table_index(&plain, &row, index), 8);
	assert_int_equal(index[7], 255);
	assert_true(table_set_index(&plain, dirty_row(&back), index, 8));
	assert_string_equal(back.text, row.text);
}

TEST(hostile_indexes_are_none)
{
	static const struct index indexes[] = {
		{ &plain, 0, { 0 } },              /* nothing */
		{ &plain, 2, { 2, 'r' } },         /* cut */
		{ &plain, 4, { 2, 'r', '0', 0 } }, /* too long */
		{ &plain, 3, { 2, 'r', 256 } },    /* no octet */
		{ &plain, 3, { 2, 'r', UINT32_MAX } },
		{ &plain, 3, { 2, 'r', 0 } }, /* a NUL would make it another row's */
		{ &plain,
		  9,
		  { 8, 'a', 'a', 'a', 'a', 'a', 'a', 'a', 'a' } }, /* longer than the field */
		{ &plain, 1, { UINT32_MAX } },                     /* lengths that would wrap */
		{ &plain, 2, { UINT32_MAX, 'r' } },
		{ &plain, 3, { INT32_MAX, 'r', '0' } },
		{ &implied, 0, { 0 } },
		{ &implied, 8, { 'a', 'a', 'a', 'a', 'a', 'a', 'a', 'a' } },
		{ &mixed, 3, { 2, 'r', '0' } }, /* the rest is missing */
		{ &mixed, 4, { 2, 'r', '0', 7 } },
		{ &mixed, 5, { 2, 'r', '0', 7, 1000 } },
		{ &scalars, 0, { 0 } },
		{ &scalars, 1, { 1 } },
		{ &scalars, 2, { 0, 0 } },
	};

	for (size_t i = 0; i < COUNT(indexes); i++) {
		struct sample row;

		if (table_set_index(indexes[i].table, dirty_row(&row), indexes[i].arcs,
				    indexes[i].length))
			fail_msg("index %zu was taken", i);
	}
}

/* Whatever is taken for an index must be written as the same index: else two names mean one row. */
TEST(what_is_taken_for_an_index_is_the_index_of_its_row)
{
	static const struct table *const tables[] = { &plain, &implied, &mixed, &scalars };

	srandom(1);
	for (int i = 0; i < 200000; i++) {
		const struct table *table = tables[i % 4];
		uint32_t index[16], back[INDEX_MAX];
		size_t length = (size_t)random() % COUNT(index);
		struct sample row = { .number = 0 };

		for (size_t n = 0; n < length; n++)
			index[n] = random() % 4 ? (uint32_t)random() % 5 : (uint32_t)random() * 3;
		if (!table_set_index(table, &row, index, length))
			continue;
		assert_int_equal(table_index(table, &row, back), length);
		assert_memory_equal(back, index, length * sizeof(*index));
	}
}

/* ---- values ---- */

static const struct column *column_of(unsigned int object)
{
	return table_column(&plain, object);
}

TEST(a_table_knows_its_columns)
{
	assert_ptr_equal(column_of(mib_mode), &columns[3]);
	assert_null(column_of(mib_plain));
}

TEST(numbers_keep_their_sign_and_width)
{
	static const struct {
		unsigned int object;
		int64_t value, kept;
	} numbers[] = {
		{ mib_number, UINT32_MAX, UINT32_MAX },
		{ mib_number, -1, UINT32_MAX },
		{ mib_mode, -3, -3 },
		{ mib_mode, INT32_MIN, INT32_MIN },
		{ mib_wide, INT64_MIN, INT64_MIN },
		{ mib_stamp, INT64_MAX, INT64_MAX },
		{ mib_moment, 1, 1 },
		{ mib_age, 5, 5 },
	};

	for (size_t i = 0; i < COUNT(numbers); i++) {
		struct sample row = r0;

		table_set_number(column_of(numbers[i].object), &row, numbers[i].value);
		assert_true(table_number(column_of(numbers[i].object), &row) == numbers[i].kept);
		assert_string_equal(table_text(column_of(mib_text), &row), "r0");
	}
}

TEST(an_absent_column_has_no_value)
{
	struct sample row = r0;

	row.head.absent = UINT64_C(1) << 3;
	assert_false(table_has(column_of(mib_octets), &row));
	assert_true(table_has(column_of(mib_text), &row));
	row.head.absent = UINT64_MAX;
	assert_false(table_has(column_of(mib_number), &row));
	assert_true(table_has(column_of(mib_late), &row));
}

static void check_print(const struct sample *row, unsigned int object, const char *expected)
{
	char text[64], exact[64];
	size_t size = strlen(expected) + 1;

	table_print(column_of(object), row, text, sizeof(text));
	assert_string_equal(text, expected);
	table_print(column_of(object), row, exact, size);
	assert_string_equal(exact, expected);
	table_print(column_of(object), row, exact, 1);
	assert_string_equal(exact, "");
}

TEST(every_storage_prints)
{
	struct sample row = r0;

	row.moment.wall = INT64_C(1700000000123);
	row.wide = UINT64_MAX;
	row.bits = 1U << 31 | 1U << 3 | 1;
	check_print(&row, mib_number, "7");
	check_print(&row, mib_text, "r0");
	check_print(&row, mib_octets, "c00002ff");
	check_print(&row, mib_mode, "up");
	check_print(&row, mib_bits, "first,third,last");
	check_print(&row, mib_wide, "18446744073709551615");
	check_print(&row, mib_moment, "2023-11-14T22:13:20");
	check_print(&row, mib_age, "0");
}

TEST(what_is_odd_prints_too)
{
	struct sample row = { .mode = 99 };

	check_print(&row, mib_mode, "99");
	check_print(&row, mib_bits, "none");
	check_print(&row, mib_moment, "-");
	check_print(&row, mib_stamp, "-");
	row.stamp = INT64_MIN;
	check_print(&row, mib_stamp, "-");
	check_print(&row, mib_octets, "");
	check_print(&row, mib_text, "");
	row.mode = -3;
	check_print(&row, mib_mode, "odd");
	row.head.absent = 1U << 4;
	check_print(&row, mib_mode, "-");
}

/* Texts of moments are in the order of the moments. */
static const char *moment_text(int64_t wall, char text[32])
{
	struct sample row = { .moment.wall = wall };

	table_print(column_of(mib_moment), &row, text, 32);
	return text;
}

TEST(a_stamp_prints_as_the_moment_it_was)
{
	struct sample row = { .stamp = clock_now() - 5000 };
	char text[32], early[32], late[32];
	int64_t before = clock_wall() - 5001;

	table_print(column_of(mib_stamp), &row, text, sizeof(text));
	assert_true(strcmp(text, moment_text(before, early)) >= 0);
	assert_true(strcmp(text, moment_text(clock_wall() - 4999, late)) <= 0);
}

TEST(an_age_grows_from_its_moment)
{
	struct sample row = r0;
	int64_t age;

	assert_int_equal(table_age(column_of(mib_age), &row), 0);
	row.age.since = clock_now() - 5000;
	age = table_age(column_of(mib_age), &row);
	assert_in_range(age, 5000, 65000);
	row.age.since = INT64_MIN;
	assert_int_equal(table_age(column_of(mib_age), &row), 0);
	row.age.since = INT64_MAX;
	assert_int_equal(table_age(column_of(mib_age), &row), 0);
}

TEST(a_subject_is_the_index_for_people)
{
	char text[64], small[4];

	table_subject(&plain, &r0, text, sizeof(text));
	assert_string_equal(text, "r0");
	table_subject(&mixed, &r0, text, sizeof(text));
	assert_string_equal(text, "r0/7/c00002ff");
	table_subject(&mixed, &r0, small, sizeof(small));
	assert_string_equal(small, "r0/");
	table_subject(&scalars, &r0, text, sizeof(text));
	assert_string_equal(text, "");
}

TEST(forgetting_makes_enumerations_unknown_and_nothing_else)
{
	struct sample row = r0, expected = r0;

	expected.head.state = HaRowState_unknown;
	expected.mode = 2;
	table_forget(&mixed, &row);
	assert_memory_equal(&row, &expected, sizeof(row));
}

TEST(a_row_is_sound_when_its_texts_end_and_its_octets_fit)
{
	struct sample row = r0;

	assert_true(table_sound(&mixed, &row));
	memset(row.text, 'x', sizeof(row.text));
	assert_false(table_sound(&mixed, &row));
	row = r0;
	row.octets.length = sizeof(row.octets.octet);
	assert_true(table_sound(&mixed, &row));
	row.octets.length++;
	assert_false(table_sound(&mixed, &row));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_row_becomes_its_index_and_the_index_the_row),
		cmocka_unit_test(empty_and_full_texts_are_indexes),
		cmocka_unit_test(hostile_indexes_are_none),
		cmocka_unit_test(what_is_taken_for_an_index_is_the_index_of_its_row),
		cmocka_unit_test(a_table_knows_its_columns),
		cmocka_unit_test(numbers_keep_their_sign_and_width),
		cmocka_unit_test(an_absent_column_has_no_value),
		cmocka_unit_test(every_storage_prints),
		cmocka_unit_test(what_is_odd_prints_too),
		cmocka_unit_test(a_stamp_prints_as_the_moment_it_was),
		cmocka_unit_test(an_age_grows_from_its_moment),
		cmocka_unit_test(a_subject_is_the_index_for_people),
		cmocka_unit_test(forgetting_makes_enumerations_unknown_and_nothing_else),
		cmocka_unit_test(a_row_is_sound_when_its_texts_end_and_its_octets_fit),
	};

	setenv("TZ", "UTC0", 1);
	tzset();
	return cmocka_run_group_tests_name("table", tests, NULL, NULL);
}
