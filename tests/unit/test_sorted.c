/* Arrays that are kept in order.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "lib/sorted.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdlib.h>

struct pair {
	int key, value;
};

static int compare(const void *element, const void *key)
{
	const struct pair *pair = element;
	const int *wanted = key;

	return (pair->key > *wanted) - (pair->key < *wanted);
}

static size_t place(const struct pair *pairs, size_t count, int key)
{
	return sorted_position(pairs, count, sizeof(*pairs), &key, compare);
}

static void test_position(void **state)
{
	static const struct pair pairs[] = { { 2, 0 }, { 4, 0 }, { 4, 1 }, { 7, 0 } };

	(void)state;
	assert_int_equal(place(NULL, 0, 5), 0);
	assert_int_equal(place(pairs, 4, 1), 0);
	assert_int_equal(place(pairs, 4, 2), 0);
	assert_int_equal(place(pairs, 4, 3), 1);
	assert_int_equal(place(pairs, 4, 4), 1); /* the first of two */
	assert_int_equal(place(pairs, 4, 5), 3);
	assert_int_equal(place(pairs, 4, 7), 3);
	assert_int_equal(place(pairs, 4, 8), 4);
}

static void test_insert_and_remove(void **state)
{
	struct pair *pairs = NULL;
	size_t count = 0, room = 0;

	(void)state;
	for (int i = 0; i < 1000; i++) { /* 7 and 1000 have no common divisor: each key once */
		int key = i * 7 % 1000;
		size_t at = place(pairs, count, key);

		pairs = sorted_insert(pairs, at, &count, &room, sizeof(*pairs));
		assert_int_equal(pairs[at].key, 0);
		assert_int_equal(pairs[at].value, 0);
		pairs[at] = (struct pair){ key, -key };
	}
	assert_int_equal(count, 1000);
	assert_true(room >= count);
	for (int key = 0; key < 1000; key += 2)
		sorted_remove(pairs, place(pairs, count, key), &count, sizeof(*pairs));
	assert_int_equal(count, 500);
	for (int i = 0; i < 500; i++) {
		assert_int_equal(pairs[i].key, 2 * i + 1);
		assert_int_equal(pairs[i].value, -(2 * i + 1));
	}
	free(pairs);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_position),
		cmocka_unit_test(test_insert_and_remove),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
