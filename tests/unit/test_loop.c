/* Tests what ends a turn of the loop, and whom it calls.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "lib/loop.h"

#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include "lib/clock.h"
#include "tests/unit/check.h"

#define SOON 20 /* milliseconds */

static int ends[2]; /* of a pipe: read, write */
static int calls;

static int open_pipe(void **state)
{
	(void)state;
	calls = 0;
	return pipe(ends);
}

static int close_pipe(void **state)
{
	(void)state;
	close(ends[0]);
	close(ends[1]);
	return 0;
}

static void count_call(void *argument, short events)
{
	assert_ptr_equal(argument, ends);
	assert_int_equal(events, POLLIN);
	calls++;
}

static void watch(void)
{
	loop_watch(ends[0], POLLIN, count_call, ends);
}

static void fill(void)
{
	assert_int_equal(write(ends[1], "x", 1), 1);
}

TEST(what_is_ready_ends_a_turn)
{
	fill();
	watch();
	assert_false(loop_turn());
	assert_int_equal(calls, 1);
}

TEST(what_is_ready_comes_before_the_time)
{
	fill();
	watch();
	loop_wake(clock_now() + 60000);
	assert_false(loop_turn());
	assert_int_equal(calls, 1);
}

TEST(the_time_ends_a_turn)
{
	int64_t when = clock_now() + SOON;

	watch();
	loop_wake(when + 60000);
	loop_wake(when);
	loop_wake(0);
	assert_true(loop_turn());
	assert_true(clock_now() >= when);
	assert_int_equal(calls, 0);
}

/* Whoever always has something to read must not miss the time. */
TEST(a_time_that_has_passed_is_told_beside_what_is_ready)
{
	fill();
	watch();
	loop_wake(clock_now() - 1);
	assert_true(loop_turn());
	assert_int_equal(calls, 1);
}

TEST(a_turn_forgets_what_was_registered)
{
	fill();
	watch();
	loop_wake(clock_now() - 1);
	loop_turn();
	loop_wake(clock_now() + SOON);
	assert_true(loop_turn());
	assert_int_equal(calls, 1);
}

/* Keeps to its place behind the others: the flag stays. */
TEST(a_signal_ends_a_turn)
{
	loop_catch_signals();
	watch();
	loop_wake(clock_now() + 60000);
	raise(SIGTERM);
	assert_false(loop_ended());
	assert_false(loop_turn());
	assert_true(loop_ended());
	assert_int_equal(calls, 0);
}

#define ON_PIPE(test) cmocka_unit_test_setup_teardown(test, open_pipe, close_pipe)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		ON_PIPE(what_is_ready_ends_a_turn),
		ON_PIPE(what_is_ready_comes_before_the_time),
		ON_PIPE(the_time_ends_a_turn),
		ON_PIPE(a_time_that_has_passed_is_told_beside_what_is_ready),
		ON_PIPE(a_turn_forgets_what_was_registered),
		ON_PIPE(a_signal_ends_a_turn),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
