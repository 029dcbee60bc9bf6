/* Tests when a witness is asked, which answers count, and when it is lost.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/witness/target.h"

#include <string.h>

#include "mib/ha-agentx-mib.h"
#include "tests/unit/check.h"

#define ID 77
#define LEASE 1000

static struct target target;
static int64_t now; /* milliseconds */
static unsigned char cookie[ECHO_COOKIE];
static struct echo echo;

static int make_target(void **state)
{
	(void)state;
	target = (struct target){ .interval = 250 };
	now = 5000;
	memset(cookie, 'c', sizeof(cookie));
	return 0;
}

static bool ask(void)
{
	return target_ask(&target, ID, cookie, now * 1000, &echo);
}

static bool take(const struct echo *answer)
{
	return target_take(&target, answer, now * 1000 + 300);
}

static int32_t judged(void)
{
	return target_state(&target, LEASE, now);
}

TEST(it_is_asked_at_once_and_in_its_interval)
{
	assert_true(ask());
	assert_int_equal(echo.id, ID);
	assert_false(ask());
	now += 249;
	assert_false(ask());
	now++;
	assert_true(ask());
	assert_int_equal(echo.sequence, 1);
	assert_int_equal(target.sent, 2);
}

TEST(a_late_turn_is_made_up_for_once)
{
	ask();
	now += 260;
	assert_true(ask());
	assert_int_equal(target.next, 5500);
	now += 10000;
	assert_true(ask());
	assert_false(ask());
	assert_int_equal(target.next, now + 250);
}

TEST(an_answer_counts_from_when_the_request_was_sent)
{
	ask();
	now += 40;
	assert_true(take(&echo));
	assert_int_equal(target.answered, 5000);
	assert_int_equal(target.round_trip, 40300);
	assert_int_equal(target.received, 1);
}

TEST(an_answer_counts_once)
{
	ask();
	assert_true(take(&echo));
	assert_false(take(&echo));
	assert_int_equal(target.received, 1);
}

TEST(nobody_answers_before_he_is_asked)
{
	assert_false(take(&(struct echo){ .id = ID }));
	assert_false(take(&(struct echo){ 0 }));
}

TEST(an_answer_has_everything_of_the_request)
{
	struct echo forged;

	ask();
	forged = echo;
	forged.id++;
	assert_false(take(&forged));
	forged = echo;
	forged.sequence += TARGET_REQUESTS;
	assert_false(take(&forged));
	forged = echo;
	forged.cookie[ECHO_COOKIE - 1] ^= 1;
	assert_false(take(&forged));
	assert_true(take(&echo));
}

TEST(answers_may_overtake_each_other)
{
	struct echo first, second;

	ask();
	first = echo;
	now += 250;
	ask();
	second = echo;
	assert_true(take(&second));
	assert_int_equal(target.answered, 5250);
	assert_true(take(&first));
	assert_int_equal(target.answered, 5250);
	assert_int_equal(target.round_trip, 300);
	assert_int_equal(target.received, 2);
}

TEST(an_answer_to_an_old_request_is_none)
{
	struct echo first;

	ask();
	first = echo;
	for (int i = 0; i < TARGET_REQUESTS; i++) {
		now += 250;
		assert_true(ask());
	}
	assert_false(take(&first));
}

TEST(it_is_unknown_then_reachable_then_lost)
{
	assert_int_equal(judged(), haGroupWitnessState_unknown);
	assert_int_equal(target_turns(&target, LEASE, now), 0);
	ask();
	assert_int_equal(judged(), haGroupWitnessState_unknown);
	assert_int_equal(target_turns(&target, LEASE, now), 6000);
	take(&echo);
	assert_int_equal(judged(), haGroupWitnessState_reachable);
	now = 5999;
	assert_int_equal(judged(), haGroupWitnessState_reachable);
	assert_int_equal(target_turns(&target, LEASE, now), 6000);
	now = 6000;
	assert_int_equal(judged(), haGroupWitnessState_lost);
	assert_int_equal(target_turns(&target, LEASE, now), 0);
	ask();
	take(&echo);
	assert_int_equal(judged(), haGroupWitnessState_reachable);
}

TEST(it_is_lost_when_it_has_never_answered)
{
	ask();
	now += LEASE - 1;
	assert_int_equal(judged(), haGroupWitnessState_unknown);
	now++;
	assert_int_equal(judged(), haGroupWitnessState_lost);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(it_is_asked_at_once_and_in_its_interval, make_target),
		cmocka_unit_test_setup(a_late_turn_is_made_up_for_once, make_target),
		cmocka_unit_test_setup(an_answer_counts_from_when_the_request_was_sent,
				       make_target),
		cmocka_unit_test_setup(an_answer_counts_once, make_target),
		cmocka_unit_test_setup(nobody_answers_before_he_is_asked, make_target),
		cmocka_unit_test_setup(an_answer_has_everything_of_the_request, make_target),
		cmocka_unit_test_setup(answers_may_overtake_each_other, make_target),
		cmocka_unit_test_setup(an_answer_to_an_old_request_is_none, make_target),
		cmocka_unit_test_setup(it_is_unknown_then_reachable_then_lost, make_target),
		cmocka_unit_test_setup(it_is_lost_when_it_has_never_answered, make_target),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
