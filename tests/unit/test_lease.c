/* Tests how long a node may go on, and when it may take over alone.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/groups/lease.h"

#include <string.h>

#include "mib/ha-agentx-mib.h"
#include "tests/unit/check.h"

#define START 1000000 /* clock_now() at which all tests begin */
#define INTERVAL 250

static struct settings_group group;
static struct lease lease;
static struct lease_standing standing;
static int64_t now;

static int open_lease(void **state)
{
	(void)state;
	group = (struct settings_group){
		.policy = haGroupFencingPolicy_witness,
		.witnesses_count = 1,
		.lease = 1000,
		.give_up = 1200,
		.takeover = 3000,
	};
	now = START;
	lease_open(&lease, &group, now);
	lease_take_links(&lease, true, now);
	return 0;
}

static void judge(void)
{
	lease_judge(&lease, now, &standing);
}

/* Whom this node reaches: bit N for the witness N. */
#define PEER (1U << SETTINGS_WITNESSES_MAX)

/* Time passes, and whoever is reached answers at once; at the end the standing is judged. */
static void pass(int64_t milliseconds, unsigned int reached)
{
	for (int64_t end = now + milliseconds; now < end; now++) {
		if ((now - START) % 50 == 0)
			lease_turn(&lease, now);
		if ((now - START) % INTERVAL)
			continue;
		for (size_t i = 0; i < group.witnesses_count; i++)
			if (reached >> i & 1)
				lease_take_witness(&lease, i, now, now);
		if (reached & PEER)
			lease_take_peer(&lease, now, now);
		if (reached & PEER)
			lease_take_synced(&lease, now);
	}
	judge();
}

/* ---- to go on ---- */

TEST(a_node_that_has_seen_nobody_has_no_lease)
{
	judge();
	assert_false(standing.holds);
	assert_false(standing.may_promote);
	pass(10000, 0);
	assert_false(standing.holds);
	assert_false(standing.may_promote);
	pass(1, 1);
	assert_true(standing.holds);
}

TEST(the_peer_or_the_witness_is_enough_to_go_on)
{
	lease_take(&lease, now);
	pass(5000, 1 | PEER);
	assert_true(standing.holds);
	pass(5000, PEER);
	assert_true(standing.holds);
	pass(5000, 1);
	assert_true(standing.holds);
	assert_false(standing.must_stop);
	assert_string_equal(standing.why,
			    "the peer may have written what is not here since the data was the "
			    "same on both nodes");
}

TEST(a_lease_runs_from_when_the_request_was_sent)
{
	lease_take(&lease, now);
	pass(700, 0);
	lease_take_witness(&lease, 0, START + 100, now);
	judge();
	assert_int_equal(standing.ends, START + 100 + group.lease);
	assert_int_equal(standing.stop_by, START + 100 + group.lease + group.give_up);
}

TEST(an_answer_to_a_request_of_the_future_is_none)
{
	lease_take_witness(&lease, 0, now + 1, now);
	lease_take_peer(&lease, now + 1, now);
	judge();
	assert_false(standing.holds);
}

TEST(an_advert_of_the_peer_does_not_say_that_it_hears_us)
{
	lease_take(&lease, now);
	pass(100, 1 | PEER);
	for (int i = 0; i < 20; i++) {
		pass(100, 0);
		lease_hear_peer(&lease, now);
	}
	judge();
	assert_false(standing.holds);
	assert_true(standing.must_stop);
}

TEST(a_lease_that_has_ended_is_not_taken_up_again)
{
	lease_take(&lease, now);
	pass(1000, 1 | PEER);
	pass(1000, 0);
	assert_true(standing.must_stop);
	assert_int_equal(standing.ends, START + 750 + 1000);
	pass(200, 1 | PEER);
	assert_true(standing.must_stop);
	assert_false(standing.holds);
	assert_int_equal(standing.stop_by, START + 750 + 1000 + 1200);
	assert_string_equal(standing.why,
			    "neither the peer nor a witness had answered for 1000 ms, 0.4 s ago");
	lease_give(&lease);
	judge();
	assert_true(standing.holds);
	assert_false(standing.must_stop);
}

TEST(an_answer_that_comes_behind_the_end_does_not_hide_it)
{
	lease_take(&lease, now);
	pass(1, 1);
	now += 1300;
	lease_take_witness(&lease, 0, now - 5, now);
	judge();
	assert_true(standing.must_stop);
}

TEST(who_has_just_started_has_the_time_of_a_lease_to_see_somebody)
{
	lease_take(&lease, now);
	judge();
	assert_false(standing.holds);
	assert_false(standing.must_stop);
	pass(999, 0);
	assert_false(standing.must_stop);
	pass(2, 0);
	assert_true(standing.must_stop);
}

TEST(who_stood_still_has_lost_the_lease_under_every_policy)
{
	for (int32_t policy = haGroupFencingPolicy_never; policy <= haGroupFencingPolicy_always;
	     policy++) {
		group.policy = policy;
		now = START;
		lease_open(&lease, &group, now);
		lease_take(&lease, now);
		pass(2000, 1 | PEER);
		assert_false(standing.must_stop);
		now += 1100;
		lease_turn(&lease, now);
		lease_take_witness(&lease, 0, now, now);
		judge();
		assert_true(standing.must_stop);
	}
	assert_string_equal(standing.why, "this node stood still for more than 1000 ms");
}

TEST(a_forced_takeover_needs_no_lease_until_somebody_answers)
{
	pass(5000, 0);
	lease_force(&lease);
	pass(5000, 0);
	assert_true(standing.holds);
	assert_false(standing.must_stop);
	pass(500, 1);
	assert_true(standing.holds);
	pass(1500, 0);
	assert_true(standing.must_stop);
}

/* ---- several witnesses ---- */

/* The lowest `count' witnesses. */
static unsigned int first(size_t count)
{
	return (1U << count) - 1;
}

/* The highest `count' witnesses. */
static unsigned int last(size_t count)
{
	return first(group.witnesses_count) & ~first(group.witnesses_count - count);
}

TEST(half_of_the_witnesses_keep_a_lease_and_more_than_half_give_it)
{
	for (size_t count = 1; count <= SETTINGS_WITNESSES_MAX; count++) {
		group.witnesses_count = count;
		for (size_t reached = 0; reached <= count; reached++) {
			now = START;
			lease_open(&lease, &group, now);
			lease_take_links(&lease, true, now);
			pass(4000, last(reached));
			assert_int_equal(standing.holds, reached && 2 * reached >= count);
			assert_int_equal(standing.may_promote, 2 * reached > count);
		}
	}
}

TEST(the_witness_that_is_missing_is_counted)
{
	group.witnesses_count = 3;
	pass(4000, 4);
	assert_string_equal(standing.why, "1 of 3 witnesses answer, and 2 have to");
}

/* ---- to take over ---- */

TEST(a_takeover_waits_for_the_silence_of_the_peer)
{
	pass(5000, 1 | PEER);
	assert_false(standing.may_promote);
	pass(2749, 1);
	assert_false(standing.may_promote);
	assert_int_equal(standing.promote_at, START + 4750 + 3000);
	assert_string_equal(standing.why,
			    "the peer may be active still: this node may take over in 0.1 s unless "
			    "the peer is heard");
	pass(2, 1);
	assert_true(standing.may_promote);
	assert_false(standing.behind);
	assert_string_equal(standing.why, "");
}

TEST(whatever_is_heard_of_the_peer_delays_a_takeover)
{
	pass(5000, 1 | PEER);
	pass(2000, 1);
	lease_hear_peer(&lease, now);
	pass(2990, 1);
	assert_false(standing.may_promote);
	pass(20, 1);
	assert_true(standing.may_promote);
}

TEST(a_witness_that_has_been_away_counts_from_its_return)
{
	pass(5000, 1 | PEER);
	pass(1500, 0);
	pass(2900, 1);
	assert_false(standing.may_promote);
	pass(200, 1);
	assert_true(standing.may_promote);
	assert_true(standing.behind);
}

TEST(one_request_that_is_lost_is_no_absence)
{
	pass(5000, 1 | PEER);
	pass(1000, 1);
	pass(250, 0);
	pass(1550, 1);
	assert_true(standing.may_promote);
	assert_false(standing.behind);
}

TEST(nobody_takes_over_while_the_witness_is_silent)
{
	pass(5000, 1 | PEER);
	pass(3500, 1);
	assert_true(standing.may_promote);
	pass(1000, 0);
	assert_false(standing.may_promote);
	assert_int_equal(standing.promote_at, 0);
	assert_string_equal(standing.why, "0 of 1 witnesses answer, and 1 have to");
}

TEST(nobody_takes_over_without_links)
{
	pass(5000, 1 | PEER);
	lease_take_links(&lease, false, now);
	pass(5000, 1);
	assert_false(standing.may_promote);
	assert_string_equal(standing.why, "the links of this node are not up");
	lease_take_links(&lease, true, now);
	pass(2990, 1);
	assert_false(standing.may_promote);
	pass(20, 1);
	assert_true(standing.may_promote);
}

TEST(settings_without_room_for_delays_wait_longer)
{
	group.takeover = group.lease + group.give_up + 1;
	pass(1, 1 | PEER);
	pass(1, 1);
	assert_int_equal(standing.promote_at, START + 1000 + 1200 + 2 * INTERVAL + 100);
}

TEST(data_that_was_not_the_same_since_the_witness_answers_is_behind)
{
	pass(2000, 1 | PEER);
	pass(3000, 0);
	pass(1000, 1);
	assert_true(standing.behind);
	pass(500, 1 | PEER);
	assert_false(standing.behind);
}

TEST(who_has_written_alone_has_the_newest_data)
{
	lease_take(&lease, now);
	pass(2000, 1 | PEER);
	lease_take_written(&lease, now);
	pass(2000, 1);
	lease_take_written(&lease, now);
	pass(5000, 0);
	lease_give(&lease);
	pass(4000, 1);
	assert_true(standing.may_promote);
	assert_false(standing.behind);
	pass(250, 1 | PEER);
	pass(3000, 0);
	pass(1000, 1);
	assert_true(standing.behind);
}

TEST(who_stood_still_does_not_know_any_more_whose_data_is_the_newest)
{
	lease_take(&lease, now);
	pass(2000, 1 | PEER);
	pass(2000, 1);
	lease_take_written(&lease, now);
	lease_give(&lease);
	now += 1200;
	pass(4000, 1);
	assert_true(standing.behind);
}

TEST(who_has_written_while_the_peer_could_take_over_may_be_behind)
{
	lease_take(&lease, now);
	pass(2000, 1 | PEER);
	lease_take_written(&lease, now);
	pass(3000, 0);
	pass(1000, 1);
	assert_true(standing.behind);
}

TEST(who_alone_has_the_witness_may_go_on_writing)
{
	lease_take(&lease, now);
	pass(2000, 1 | PEER);
	assert_false(standing.alone);
	pass(900, 1);
	assert_false(standing.alone);
	pass(600, 1);
	assert_true(standing.alone);
	pass(700, 0);
	assert_false(standing.alone);
}

TEST(who_hears_the_peer_without_its_data_is_behind)
{
	pass(2000, 1 | PEER);
	for (int i = 0; i < 3; i++) {
		pass(250, 1);
		lease_hear_peer(&lease, now);
	}
	judge();
	assert_true(standing.behind);
}

TEST(data_of_which_nothing_is_known_is_behind)
{
	pass(5000, 1);
	assert_true(standing.behind);
	group.policy = haGroupFencingPolicy_fence;
	judge();
	assert_true(standing.behind);
	lease_take_synced(&lease, now);
	judge();
	assert_false(standing.behind);
}

/* An old word of the peer is not made true by it. */
TEST(who_yields_is_behind_until_the_data_is_the_same_again)
{
	pass(5000, 1 | PEER);
	lease_take_behind(&lease, now - 4000);
	lease_take_synced(&lease, now);
	lease_yield(&lease);
	judge();
	assert_true(standing.behind);
	assert_false(standing.peer_behind);
	assert_false(standing.alone);
	lease_take_synced(&lease, now);
	judge();
	assert_false(standing.behind);
}

TEST(an_operator_who_forces_it_knows_that_it_is_not_behind)
{
	lease_yield(&lease);
	lease_force(&lease);
	judge();
	assert_false(standing.behind);
}

TEST(a_peer_that_calls_its_data_behind_will_not_take_over)
{
	lease_take(&lease, now);
	pass(2000, 1 | PEER);
	lease_take_behind(&lease, now - 300);
	judge();
	assert_false(standing.alone);
	lease_take_behind(&lease, now);
	judge();
	assert_true(standing.alone);
	pass(250, 1 | PEER);
	assert_false(standing.alone);
}

TEST(a_peer_that_was_turned_off_will_not_take_over_until_it_is_heard)
{
	lease_take(&lease, now);
	pass(2000, 1 | PEER);
	lease_take_fenced(&lease, now);
	judge();
	assert_true(standing.alone);
	now++;
	lease_hear_peer(&lease, now);
	lease_take_fenced(&lease, now - 1);
	judge();
	assert_false(standing.alone);
	lease_take_fenced(&lease, now + 1);
	lease_take_fenced(&lease, now - 1);
	judge();
	assert_true(standing.alone);
}

TEST(policies_without_a_witness)
{
	group.policy = haGroupFencingPolicy_never;
	pass(10000, 1);
	assert_true(standing.holds);
	assert_false(standing.may_promote);
	assert_string_equal(standing.why,
			    "the policy of the group is never to take over without the peer");
	group.policy = haGroupFencingPolicy_fence;
	judge();
	assert_true(standing.may_promote && standing.fence_first);
	group.policy = haGroupFencingPolicy_always;
	judge();
	assert_true(standing.may_promote && !standing.fence_first);
	assert_int_equal(standing.witness, haGroupWitness_notUsed);
}

/* The active node begins when an answer is overdue, two seconds after the last one. */
TEST(who_is_not_active_lets_the_other_one_fence_first)
{
	group.policy = haGroupFencingPolicy_fence;
	pass(10000, PEER);
	assert_false(standing.may_promote);
	pass(group.takeover, 0);
	assert_false(standing.may_promote);
	assert_int_equal(standing.promote_at, START + 10000 - INTERVAL + 3000 + 1000);
	assert_string_equal(standing.why, "the peer, if it is active, is to fence first: this node "
					  "may in 0.8 s unless the peer is heard");
	pass(group.lease, 0);
	assert_true(standing.may_promote && standing.fence_first);
	assert_string_equal(standing.why, "");
}

TEST(what_the_group_says_of_its_witnesses)
{
	judge();
	assert_int_equal(standing.witness, haGroupWitness_unknown);
	pass(1, 1);
	assert_int_equal(standing.witness, haGroupWitness_reachable);
	pass(1500, 0);
	assert_int_equal(standing.witness, haGroupWitness_lost);
}

/* ---- time ---- */

TEST(a_watchdog_is_told_the_moment_at_which_all_has_stopped)
{
	assert_int_equal(lease_guard_until(&lease, now), 0);
	pass(1, 1);
	lease_take(&lease, now);
	assert_int_equal(lease_guard_until(&lease, now), START + 1000 + 1200);
	pass(500, 0);
	assert_int_equal(lease_guard_until(&lease, now), START + 1000 + 1200);
	pass(1000, 0);
	pass(1000, 1);
	assert_int_equal(lease_guard_until(&lease, now), START + 1000 + 1200);
	lease_give(&lease);
	assert_int_equal(lease_guard_until(&lease, now), 0);
}

TEST(without_a_lease_the_watchdog_is_told_that_the_hub_turns)
{
	group.policy = haGroupFencingPolicy_always;
	lease_take(&lease, now);
	pass(5000, 0);
	assert_int_equal(lease_guard_until(&lease, now), now + 1000 + 1200);
}

TEST(the_hub_is_called_when_something_ends)
{
	pass(1, 1 | PEER);
	assert_int_equal(lease_turn(&lease, now), now + INTERVAL);
	lease_take(&lease, now);
	now = START + 900;
	assert_int_equal(lease_turn(&lease, now), START + 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_node_that_has_seen_nobody_has_no_lease, open_lease),
		cmocka_unit_test_setup(the_peer_or_the_witness_is_enough_to_go_on, open_lease),
		cmocka_unit_test_setup(a_lease_runs_from_when_the_request_was_sent, open_lease),
		cmocka_unit_test_setup(an_answer_to_a_request_of_the_future_is_none, open_lease),
		cmocka_unit_test_setup(an_advert_of_the_peer_does_not_say_that_it_hears_us,
				       open_lease),
		cmocka_unit_test_setup(a_lease_that_has_ended_is_not_taken_up_again, open_lease),
		cmocka_unit_test_setup(an_answer_that_comes_behind_the_end_does_not_hide_it,
				       open_lease),
		cmocka_unit_test_setup(who_has_just_started_has_the_time_of_a_lease_to_see_somebody,
				       open_lease),
		cmocka_unit_test_setup(who_stood_still_has_lost_the_lease_under_every_policy,
				       open_lease),
		cmocka_unit_test_setup(a_forced_takeover_needs_no_lease_until_somebody_answers,
				       open_lease),
		cmocka_unit_test_setup(
			half_of_the_witnesses_keep_a_lease_and_more_than_half_give_it, open_lease),
		cmocka_unit_test_setup(the_witness_that_is_missing_is_counted, open_lease),
		cmocka_unit_test_setup(a_takeover_waits_for_the_silence_of_the_peer, open_lease),
		cmocka_unit_test_setup(whatever_is_heard_of_the_peer_delays_a_takeover, open_lease),
		cmocka_unit_test_setup(a_witness_that_has_been_away_counts_from_its_return,
				       open_lease),
		cmocka_unit_test_setup(one_request_that_is_lost_is_no_absence, open_lease),
		cmocka_unit_test_setup(nobody_takes_over_while_the_witness_is_silent, open_lease),
		cmocka_unit_test_setup(nobody_takes_over_without_links, open_lease),
		cmocka_unit_test_setup(settings_without_room_for_delays_wait_longer, open_lease),
		cmocka_unit_test_setup(
			data_that_was_not_the_same_since_the_witness_answers_is_behind, open_lease),
		cmocka_unit_test_setup(who_has_written_alone_has_the_newest_data, open_lease),
		cmocka_unit_test_setup(
			who_stood_still_does_not_know_any_more_whose_data_is_the_newest,
			open_lease),
		cmocka_unit_test_setup(who_has_written_while_the_peer_could_take_over_may_be_behind,
				       open_lease),
		cmocka_unit_test_setup(who_alone_has_the_witness_may_go_on_writing, open_lease),
		cmocka_unit_test_setup(who_hears_the_peer_without_its_data_is_behind, open_lease),
		cmocka_unit_test_setup(data_of_which_nothing_is_known_is_behind, open_lease),
		cmocka_unit_test_setup(who_yields_is_behind_until_the_data_is_the_same_again,
				       open_lease),
		cmocka_unit_test_setup(an_operator_who_forces_it_knows_that_it_is_not_behind,
				       open_lease),
		cmocka_unit_test_setup(a_peer_that_calls_its_data_behind_will_not_take_over,
				       open_lease),
		cmocka_unit_test_setup(
			a_peer_that_was_turned_off_will_not_take_over_until_it_is_heard,
			open_lease),
		cmocka_unit_test_setup(policies_without_a_witness, open_lease),
		cmocka_unit_test_setup(who_is_not_active_lets_the_other_one_fence_first,
				       open_lease),
		cmocka_unit_test_setup(what_the_group_says_of_its_witnesses, open_lease),
		cmocka_unit_test_setup(a_watchdog_is_told_the_moment_at_which_all_has_stopped,
				       open_lease),
		cmocka_unit_test_setup(without_a_lease_the_watchdog_is_told_that_the_hub_turns,
				       open_lease),
		cmocka_unit_test_setup(the_hub_is_called_when_something_ends, open_lease),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
