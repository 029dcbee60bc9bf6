/* Tests the heap of timers, beside a list that is searched from end to end.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/dns/engine/timers.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/check.h"

enum { MANY = 500 };

struct thing {
	struct timer timer;
	int calls;
	int64_t expected; /* when it ought to be called; 0: not at all */
};

static struct timers timers;
static struct thing things[MANY];
static struct thing *called[MANY];
static size_t calls;

static void note(struct timer *timer)
{
	struct thing *thing = TIMER_OWNER(timer, thing, timer);

	thing->calls++;
	called[calls++ % MANY] = thing;
}

static int make_things(void **state)
{
	(void)state;
	memset(&timers, 0, sizeof(timers));
	memset(things, 0, sizeof(things));
	calls = 0;
	for (int i = 0; i < MANY; i++)
		things[i].timer.call = note;
	return 0;
}

static int close_timers(void **state)
{
	(void)state;
	timers_close(&timers);
	return 0;
}

TEST(nothing_is_due_without_a_timer)
{
	assert_int_equal(timers_next(&timers), 0);
	timers_run(&timers, INT64_MAX);
	assert_int_equal(calls, 0);
}

TEST(timers_are_called_at_their_time_the_earliest_first)
{
	timers_set(&timers, &things[0].timer, 300);
	timers_set(&timers, &things[1].timer, 100);
	timers_set(&timers, &things[2].timer, 200);
	assert_int_equal(timers_next(&timers), 100);
	timers_run(&timers, 99);
	assert_int_equal(calls, 0);
	timers_run(&timers, 200);
	assert_int_equal(calls, 2);
	assert_ptr_equal(called[0], &things[1]);
	assert_ptr_equal(called[1], &things[2]);
	assert_int_equal(timers_next(&timers), 300);
}

TEST(a_timer_is_called_once)
{
	timers_set(&timers, &things[0].timer, 100);
	timers_run(&timers, 100);
	timers_run(&timers, 1000);
	assert_int_equal(things[0].calls, 1);
	assert_int_equal(things[0].timer.position, 0);
	assert_int_equal(things[0].timer.when, 100);
}

TEST(a_timer_that_was_set_is_moved)
{
	timers_set(&timers, &things[0].timer, 100);
	timers_set(&timers, &things[1].timer, 200);
	timers_set(&timers, &things[0].timer, 300);
	assert_int_equal(timers_next(&timers), 200);
	timers_set(&timers, &things[1].timer, 50);
	assert_int_equal(timers_next(&timers), 50);
	timers_run(&timers, 299);
	assert_int_equal(things[0].calls, 0);
	timers_run(&timers, 300);
	assert_int_equal(things[0].calls, 1);
}

TEST(a_stopped_timer_is_not_called)
{
	timers_stop(&timers, &things[0].timer);
	timers_set(&timers, &things[0].timer, 100);
	timers_stop(&timers, &things[0].timer);
	timers_stop(&timers, &things[0].timer);
	timers_run(&timers, 100);
	assert_int_equal(calls, 0);
}

static void stop_the_next(struct timer *timer)
{
	struct thing *thing = TIMER_OWNER(timer, thing, timer);

	note(timer);
	timers_stop(&timers, &thing[1].timer);
}

TEST(a_call_may_stop_one_that_is_due)
{
	things[0].timer.call = stop_the_next;
	timers_set(&timers, &things[0].timer, 100);
	timers_set(&timers, &things[1].timer, 101);
	timers_set(&timers, &things[2].timer, 102);
	timers_run(&timers, 200);
	assert_int_equal(things[1].calls, 0);
	assert_int_equal(things[2].calls, 1);
	timers_run(&timers, 1000);
	assert_int_equal(things[1].calls, 0);
}

static void put_off_the_next(struct timer *timer)
{
	struct thing *thing = TIMER_OWNER(timer, thing, timer);

	note(timer);
	timers_set(&timers, &thing[1].timer, 500);
}

TEST(a_call_may_put_off_one_that_is_due)
{
	things[0].timer.call = put_off_the_next;
	timers_set(&timers, &things[0].timer, 100);
	timers_set(&timers, &things[1].timer, 101);
	timers_run(&timers, 200);
	assert_int_equal(things[1].calls, 0);
	assert_int_equal(timers_next(&timers), 500);
	timers_run(&timers, 500);
	assert_int_equal(things[1].calls, 1);
}

static void set_again(struct timer *timer)
{
	note(timer);
	timers_set(&timers, timer, timer->when + 10);
}

TEST(a_call_that_sets_its_timer_into_the_past_does_not_hold_up_the_run)
{
	things[0].timer.call = set_again;
	timers_set(&timers, &things[0].timer, 100);
	timers_run(&timers, 1000);
	assert_int_equal(things[0].calls, 1);
	assert_int_equal(timers_next(&timers), 110);
	timers_run(&timers, 1000);
	assert_int_equal(things[0].calls, 2);
}

TEST(closing_forgets_what_is_set)
{
	timers_set(&timers, &things[0].timer, 100);
	timers_close(&timers);
	assert_int_equal(things[0].timer.position, 0);
	assert_int_equal(timers_next(&timers), 0);
	timers_set(&timers, &things[0].timer, 50);
	assert_int_equal(timers_next(&timers), 50);
}

static int64_t earliest(void)
{
	int64_t when = 0;

	for (int i = 0; i < MANY; i++)
		if (things[i].expected && (!when || things[i].expected < when))
			when = things[i].expected;
	return when;
}

static void check_run(int64_t now)
{
	size_t due = 0;

	calls = 0;
	for (int i = 0; i < MANY; i++)
		due += things[i].expected && things[i].expected <= now;
	timers_run(&timers, now);
	assert_int_equal(calls, due);
	for (size_t i = 0; i < calls; i++) {
		assert_in_range(called[i]->expected, 1, now);
		assert_true(i == 0 || called[i - 1]->expected <= called[i]->expected);
	}
	for (size_t i = 0; i < calls; i++)
		called[i]->expected = 0;
}

TEST(any_order_of_setting_moving_stopping_and_running_is_right)
{
	unsigned int seed = 1;

	for (int step = 0; step < 20000; step++) {
		struct thing *thing = &things[rand_r(&seed) % MANY];
		unsigned int act = (unsigned int)rand_r(&seed) % 100;

		if (act < 70) {
			thing->expected = 1 + step + rand_r(&seed) % 1000;
			timers_set(&timers, &thing->timer, thing->expected);
		} else if (act < 90) {
			thing->expected = 0;
			timers_stop(&timers, &thing->timer);
		} else {
			check_run(step);
		}
		assert_int_equal(timers_next(&timers), earliest());
	}
}

int main(void)
{
#define TIMERS_TEST(test) cmocka_unit_test_setup_teardown(test, make_things, close_timers)
	const struct CMUnitTest tests[] = {
		TIMERS_TEST(nothing_is_due_without_a_timer),
		TIMERS_TEST(timers_are_called_at_their_time_the_earliest_first),
		TIMERS_TEST(a_timer_is_called_once),
		TIMERS_TEST(a_timer_that_was_set_is_moved),
		TIMERS_TEST(a_stopped_timer_is_not_called),
		TIMERS_TEST(a_call_may_stop_one_that_is_due),
		TIMERS_TEST(a_call_may_put_off_one_that_is_due),
		TIMERS_TEST(a_call_that_sets_its_timer_into_the_past_does_not_hold_up_the_run),
		TIMERS_TEST(closing_forgets_what_is_set),
		TIMERS_TEST(any_order_of_setting_moving_stopping_and_running_is_right),
	};

	return cmocka_run_group_tests_name("dns timers", tests, NULL, NULL);
}
