/* Tests who is taken for hung, and that a machine that stood still makes nobody hung.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/silence.h"

#include "tests/unit/check.h"

#define START 1000000 /* clock_now() at which all tests begin */
#define LIMIT 3000
#define DOUBT 2000

static struct silence silence;

static int begin(void **state)
{
	(void)state;
	silence_break(&silence, START);
	return 0;
}

/* When to look again, looked at so long after the start; 0 when it is too long. */
static int64_t look(int64_t after)
{
	int64_t next = silence_look(&silence, LIMIT, DOUBT, START + after);

	return next ? next - START : 0;
}

TEST(silence_is_doubted_before_it_is_too_long)
{
	assert_int_equal(look(0), LIMIT);
	assert_int_equal(look(LIMIT - 1), LIMIT);
	assert_int_equal(look(LIMIT), LIMIT + DOUBT);
	assert_int_equal(look(LIMIT + DOUBT - 1), LIMIT + DOUBT);
	assert_int_equal(look(LIMIT + DOUBT), 0);
}

TEST(a_word_ends_silence_and_doubt)
{
	look(LIMIT);
	silence_break(&silence, START + LIMIT + DOUBT - 1);
	assert_int_equal(look(LIMIT + DOUBT), 2 * LIMIT + DOUBT - 1);
	assert_int_equal(look(2 * LIMIT + DOUBT - 1), 2 * (LIMIT + DOUBT) - 1);
	assert_int_equal(look(2 * (LIMIT + DOUBT) - 1), 0);
}

/* Whoever listens did not run either: the one that is silent gets the time of a word. */
TEST(time_in_which_nobody_listened_does_not_count)
{
	assert_int_equal(look(3600000), 3600000 + DOUBT);
	assert_int_equal(look(3600000 + DOUBT - 1), 3600000 + DOUBT);
	silence_break(&silence, START + 3600000 + DOUBT - 1);
	assert_int_equal(look(7200000), 7200000 + DOUBT);
	assert_int_equal(look(7200000 + DOUBT), 0);
}

/* One that has just been started is given time to begin with. */
TEST(a_first_word_may_be_expected_later)
{
	silence_break(&silence, START + 10000);
	assert_int_equal(look(0), 10000 + LIMIT);
	assert_int_equal(look(10000 + LIMIT), 10000 + LIMIT + DOUBT);
	silence_break(&silence, START + 500);
	assert_int_equal(look(500), 500 + LIMIT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(silence_is_doubted_before_it_is_too_long, begin),
		cmocka_unit_test_setup(a_word_ends_silence_and_doubt, begin),
		cmocka_unit_test_setup(time_in_which_nobody_listened_does_not_count, begin),
		cmocka_unit_test_setup(a_first_word_may_be_expected_later, begin),
	};

	return cmocka_run_group_tests_name("silence", tests, NULL, NULL);
}
