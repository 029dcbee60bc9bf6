/* Tests text that always fits.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "lib/memory.h"

#include <stdlib.h>
#include <string.h>

#include "tests/unit/check.h"

/* A field between two guards, filled with what must not stay. */
struct guarded {
	char before[4], field[8], after[4];
};

static struct guarded make_dirty(void)
{
	struct guarded dirty;

	memset(&dirty, 'x', sizeof(dirty));
	return dirty;
}

static void check(const struct guarded *put, const char *expected)
{
	char field[sizeof(put->field)] = "";

	memcpy(field, expected, strlen(expected));
	assert_memory_equal(put->field, field, sizeof(field));
	assert_memory_equal(put->before, "xxxx", 4);
	assert_memory_equal(put->after, "xxxx", 4);
}

TEST(text_is_cut_and_the_rest_is_zeroed)
{
	static const char *const texts[][2] = {
		{ "", "" },
		{ "short", "short" },
		{ "1234567", "1234567" },
		{ "12345678", "1234567" },
		{ "far longer than the field", "far lon" },
	};

	for (size_t i = 0; i < COUNT(texts); i++) {
		struct guarded put = make_dirty(), part = make_dirty(), print = make_dirty();

		TEXT_PUT(put.field, texts[i][0]);
		check(&put, texts[i][1]);
		text_put_part(part.field, sizeof(part.field), texts[i][0], strlen(texts[i][0]));
		check(&part, texts[i][1]);
		TEXT_PRINT(print.field, "%s", texts[i][0]);
		check(&print, texts[i][1]);
	}
}

TEST(a_part_ends_where_it_is_told)
{
	struct guarded put = make_dirty();

	text_put_part(put.field, sizeof(put.field), "primary", 3);
	check(&put, "pri");
}

TEST(text_may_be_put_where_it_stands)
{
	struct guarded put = make_dirty();

	TEXT_PUT(put.field, "within");
	TEXT_PUT(put.field, put.field + 2);
	check(&put, "thin");
}

TEST(memory_grows_and_keeps_what_it_held)
{
	char *text = memory_text("text");
	int *numbers = memory_new(2, sizeof(*numbers));

	assert_int_equal(numbers[0] | numbers[1], 0);
	numbers[1] = 7;
	numbers = memory_resize(numbers, 1000, sizeof(*numbers));
	assert_int_equal(numbers[1], 7);
	assert_string_equal(text, "text");
	free(numbers);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_is_cut_and_the_rest_is_zeroed),
		cmocka_unit_test(a_part_ends_where_it_is_told),
		cmocka_unit_test(text_may_be_put_where_it_stands),
		cmocka_unit_test(memory_grows_and_keeps_what_it_held),
	};

	return cmocka_run_group_tests_name("memory", tests, NULL, NULL);
}
