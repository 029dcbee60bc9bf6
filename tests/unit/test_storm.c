/* Tests what is held back in a storm of events, and what is told of it afterwards.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/storm.h"

#include <stdio.h>
#include <string.h>

#include "mib/ha-agentx-mib.h"
#include "tests/unit/check.h"
#include "tests/unit/world.h"

#define BURST 4
#define RATE 30 /* a minute: a token every 2 seconds */
#define LOG 20000

static struct storm *storm;

static int make_storm(void **state)
{
	world_make(state);
	world.changes.events.limit = LOG;
	storm = &world.changes.events.storm;
	storm_limit(storm, BURST, RATE);
	storm_run(storm, true, world.when.now);
	return 0;
}

static int64_t tick(void)
{
	return changes_tick(&world.changes, &world.when);
}

/* Time passes, and every pause that ends in it is told in its time. */
static void pass(int64_t milliseconds)
{
	int64_t end = world.when.now + milliseconds, next;

	while ((next = tick()) && next <= end)
		world_pass(next - world.when.now);
	world_pass(end - world.when.now);
	tick();
}

/* The state of a row: its worst, down, is major. */
static void say(const char *name, int32_t state)
{
	struct sample_row row = sample_fine(name);

	row.state = state;
	sample_say(&row);
}

/* The redundancy of a row: whatever is not full is critical. */
static void say_redundancy(const char *name, int32_t redundancy)
{
	struct sample_row row = sample_fine(name);

	row.redundancy = redundancy;
	sample_say(&row);
}

static void say_all(unsigned int count, int32_t state)
{
	char name[16];

	for (unsigned int i = 0; i < count; i++) {
		snprintf(name, sizeof(name), "%u", i);
		say(name, state);
	}
}

static uint32_t newest(void)
{
	return world.changes.events.newest;
}

/* By its sequence. */
static const struct event_row *event(uint32_t sequence)
{
	return world_event(newest() - sequence);
}

static bool is_held(uint32_t sequence)
{
	return event(sequence)->held == TruthValue_true;
}

/* The notifications there are, and what they stand for. */
static uint32_t count_sent(uint32_t *events)
{
	uint32_t sent = 0;

	*events = 0;
	for (uint32_t i = 1; i <= newest(); i++)
		if (!is_held(i)) {
			sent++;
			*events += event(i)->count;
		}
	return sent;
}

static void expect_sum(uint32_t sequence, const char *subject, uint32_t count, uint32_t untold)
{
	const struct event_row *sum = event(sequence);

	assert_int_equal(sum->kind, HaEventType_eventsCoalesced);
	assert_int_equal(sum->notification, mib_haEventsCoalesced);
	assert_int_equal(sum->held, TruthValue_false);
	assert_string_equal(sum->subject, subject);
	assert_int_equal(sum->count, count);
	assert_int_equal(sum->untold, untold);
}

/* An event that tells anew how a subject is. */
static void expect_closing(uint32_t sequence, const char *text)
{
	assert_int_equal(event(sequence)->held, TruthValue_false);
	assert_int_equal(event(sequence)->count, 0);
	assert_string_equal(event(sequence)->text, text);
}

/* ---- what is sent at once ---- */

TEST(without_a_limit_nothing_is_held)
{
	uint32_t events;

	storm_limit(storm, 0, RATE);
	say_all(1000, haBondOperState_down);
	pass(100000);
	assert_int_equal(count_sent(&events), 1000);
	assert_int_equal(newest(), 1000);
	assert_int_equal(events, 1000);
}

TEST(a_burst_is_sent_at_once_and_the_rest_is_held)
{
	say_all(BURST + 3, haBondOperState_down);
	for (uint32_t i = 1; i <= BURST + 3; i++)
		assert_int_equal(is_held(i), i > BURST);
}

TEST(tokens_come_back_at_their_rate)
{
	say_all(BURST, haBondOperState_down);
	for (uint32_t i = 0; i < 20; i++) {
		pass(60000 / RATE);
		say("a", i % 2 ? haBondOperState_down : haBondOperState_up);
	}
	for (uint32_t i = 1; i <= newest(); i++)
		assert_false(is_held(i));
	pass(60000 / RATE * BURST);
	say_all(BURST, haBondOperState_up);
	assert_false(is_held(newest()));
	say("a", haBondOperState_dormant);
	assert_true(is_held(newest()));
}

TEST(the_events_before_are_told_to_whoever_sends_them)
{
	say_all(BURST + 3, haBondOperState_down);
	pass(1000);
	assert_int_equal(event(1)->sent_before, 0);
	assert_int_equal(event(BURST)->sent_before, BURST - 1);
	assert_int_equal(event(BURST + 3)->sent_before, BURST);
	assert_int_equal(event(BURST + 4)->sent_before, BURST);
	assert_int_equal(event(BURST + 5)->sent_before, BURST + 4);
}

TEST(no_lesser_event_uses_up_what_critical_ones_need)
{
	say_all(100, haBondOperState_down);
	say_redundancy("a", haBondRedundancy_degraded);
	assert_int_equal(event(newest())->severity, HaSeverity_critical);
	assert_false(is_held(newest()));
	for (uint32_t i = 1; i < BURST; i++)
		say_redundancy("a", i % 2 ? haBondRedundancy_none : haBondRedundancy_degraded);
	assert_false(is_held(newest()));
	say_redundancy("b", haBondRedundancy_none);
	assert_true(is_held(newest()));
}

TEST(kinds_do_not_use_up_what_others_need)
{
	say_all(100, haBondOperState_down);
	say("a", haBondOperState_up);
	assert_int_equal(event(newest())->kind, HaEventType_bondLinkChange);
	say_redundancy("a", haBondRedundancy_degraded);
	say_redundancy("a", haBondRedundancy_full); /* is another kind, and cleared */
	assert_int_equal(event(newest())->kind, HaEventType_bondActivePortChange);
	assert_false(is_held(newest()));
}

/* ---- what is summed up ---- */

TEST(what_was_held_is_summed_up)
{
	say_all(BURST + 2, haBondOperState_down);
	assert_int_equal(tick(), world.when.now + 250);
	pass(250);
	expect_sum(BURST + 3, "bondLinkChange", 2, 0);
	assert_int_equal(event(BURST + 3)->old_state, BURST + 1);
	assert_int_equal(event(BURST + 3)->new_state, BURST + 2);
	assert_int_equal(event(BURST + 3)->severity, HaSeverity_major);
	assert_string_equal(
		event(BURST + 3)->text,
		"bondLinkChange: events held back: 2, from 5 to 6; subjects with an untold "
		"state: 0");
	assert_int_equal(newest(), BURST + 5);
}

TEST(counts_add_up)
{
	uint32_t events, happened = 0;

	for (unsigned int i = 0; i < 1000; i++) {
		say("a", i % 2 ? haBondOperState_down : haBondOperState_up);
		say("b", i % 2 ? haBondOperState_down : haBondOperState_dormant);
		happened += 2;
		pass(7);
	}
	happened--; /* "a" came up in the first place: that is no event */
	pass(200000);
	assert_true(count_sent(&events) < 60);
	assert_int_equal(events, happened);
}

TEST(a_thousand_subjects_are_a_bounded_burst)
{
	uint32_t events;

	say_all(1000, haBondOperState_down);
	pass(200000);
	assert_int_equal(count_sent(&events), BURST + 1 + BURST);
	assert_int_equal(events, 1000);
	expect_sum(1001, "bondLinkChange", 1000 - BURST, 1000 - 2 * BURST);
	assert_non_null(strstr(event(1001)->text, "walk haAlarmTable"));
}

TEST(a_port_that_flaps_is_a_sum_a_minute)
{
	uint32_t events, sent;

	say("a", haBondOperState_up);
	for (unsigned int i = 0; i < 60 * 60 * 4; i++) { /* for an hour */
		say("a", i % 2 ? haBondOperState_up : haBondOperState_down);
		pass(250);
	}
	sent = count_sent(&events);
	assert_in_range(sent, 60, 2 * 65 + BURST);
	pass(100000);
	count_sent(&events);
	assert_int_equal(events, 60 * 60 * 4);
}

TEST(another_subject_is_not_held_for_one_that_flaps)
{
	say("a", haBondOperState_up);
	say("b", haBondOperState_up);
	for (unsigned int i = 0; i < 400; i++) {
		say("a", i % 2 ? haBondOperState_up : haBondOperState_down);
		pass(50);
	}
	assert_true(is_held(newest()));
	say("b", haBondOperState_down);
	assert_false(is_held(newest()));
}

TEST(after_a_storm_all_is_as_before)
{
	say_all(1000, haBondOperState_down);
	pass(100000);
	assert_int_equal(storm->count, 0);
	assert_int_equal(tick(), 0);
	say_all(BURST, haBondOperState_up);
	for (uint32_t i = 0; i < BURST; i++)
		assert_false(is_held(newest() - i));
}

/* ---- the state at the end ---- */

TEST(the_last_state_of_a_subject_is_told)
{
	say_all(BURST, haBondOperState_down);
	say("a", haBondOperState_up);
	say("a", haBondOperState_dormant);
	say("a", haBondOperState_down);
	say("a", haBondOperState_dormant);
	pass(1000);
	expect_sum(newest() - 1, "bondLinkChange", 3, 0);
	expect_closing(newest(), "a: haBondOperState was up, is dormant, after 3 changes");
	assert_int_equal(event(newest())->severity, HaSeverity_warning);
	assert_int_equal(event(newest())->kind, HaEventType_bondLinkChange);
	assert_int_equal(event(newest())->old_state, haBondOperState_up);
	assert_string_equal(event(newest())->old_label, "up");
}

TEST(what_passes_in_a_pause_is_in_the_sum_alone)
{
	say_all(BURST, haBondOperState_down);
	say("a", haBondOperState_up);
	say("a", haBondOperState_down);
	say("a", haBondOperState_up);
	pass(100000);
	expect_sum(newest(), "bondLinkChange", 2, 0);
	assert_int_equal(event(newest())->severity, HaSeverity_major);
}

TEST(a_clearing_that_was_held_is_told)
{
	say("a", haBondOperState_down);
	say_all(BURST, haBondOperState_down);
	say("a", haBondOperState_up);
	assert_true(is_held(newest()));
	pass(1000);
	expect_closing(newest(), "a: haBondOperState was down, is up, after 1 change");
	assert_int_equal(event(newest())->severity, HaSeverity_cleared);
}

/* What was told at the end of a pause is what the next one compares with. */
TEST(each_pause_tells_from_what_was_told)
{
	say_all(BURST, haBondOperState_down);
	say("a", haBondOperState_up);
	say("a", haBondOperState_down);
	pass(300);
	expect_closing(newest(), "a: haBondOperState was up, is down, after 1 change");
	say("a", haBondOperState_up);
	say("a", haBondOperState_dormant);
	pass(600);
	expect_closing(newest(), "a: haBondOperState was down, is dormant, after 2 changes");
}

/* It begins with a state for which there is no old one. */
TEST(a_new_row_that_was_held_is_told)
{
	say_all(BURST, haBondOperState_down);
	say("a", haBondOperState_dormant);
	say("b", haBondOperState_down);
	say("b", haBondOperState_up);
	pass(1000);
	expect_closing(newest(), "a: haBondOperState is dormant, after 1 change");
	expect_sum(newest() - 1, "bondLinkChange", 3, 0);
}

TEST(a_row_that_is_gone_has_no_state)
{
	struct sample_row row = sample_fine("a");

	say_all(BURST, haBondOperState_down);
	say("a", haBondOperState_down);
	changes_remove(&world.changes, &sample_table, &row, &world.when);
	pass(1000);
	expect_sum(newest(), "bondLinkChange", 1, 0);
}

TEST(a_row_that_is_hidden_is_told_as_its_source_said_it)
{
	say_all(BURST, haBondOperState_down);
	say("a", haBondOperState_down);
	board_hide(&world.board, &sample_table, HaRowState_unknown);
	pass(1000);
	expect_closing(newest(), "a: haBondOperState is down, after 1 change");
}

TEST(the_worst_is_told_first)
{
	say_all(BURST, haBondOperState_down);
	for (unsigned int i = 0; i < BURST; i++)
		say((const char *const[]){ "a", "b", "c", "d" }[i], haBondOperState_dormant);
	say("z", haBondOperState_down);
	pass(250);
	expect_sum(BURST + 6, "bondLinkChange", 5, 1);
	assert_int_equal(newest(), BURST + 6 + BURST);
	assert_string_equal(event(newest())->subject, "z");
}

/* Raised and cleared under two names, as a split brain is. */
TEST(a_subject_may_be_told_of_in_two_kinds)
{
	for (unsigned int i = 0; i < 100; i++) {
		say_redundancy("a", haBondRedundancy_none);
		say_redundancy("a", haBondRedundancy_full);
		pass(10);
	}
	say_redundancy("a", haBondRedundancy_none);
	pass(300000);
	assert_int_equal(storm->count, 0);
	assert_int_equal(tick(), 0);
	for (uint32_t i = newest(), told = 0; !told; i--) {
		told = !is_held(i) && event(i)->changed == mib_haBondRedundancy;
		if (told)
			assert_int_equal(event(i)->new_state, haBondRedundancy_none);
	}
}

/* ---- nobody there ---- */

TEST(while_nobody_is_there_nothing_is_spent_and_no_pause_ends)
{
	uint32_t events;

	storm_run(storm, false, world.when.now);
	storm_run(storm, false, world.when.now);
	for (unsigned int i = 0; i < 1000; i++) {
		say("a", i % 2 ? haBondOperState_up : haBondOperState_down);
		pass(60000);
	}
	assert_int_equal(count_sent(&events), BURST);
	assert_int_equal(tick(), 0);
	storm_run(storm, true, world.when.now);
	pass(1000);
	expect_sum(newest(), "bondLinkChange", 1000 - BURST, 0);
	count_sent(&events);
	assert_int_equal(events, 1000);
}

#define STORM_TEST(sentence) cmocka_unit_test_setup_teardown(sentence, make_storm, world_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		STORM_TEST(without_a_limit_nothing_is_held),
		STORM_TEST(a_burst_is_sent_at_once_and_the_rest_is_held),
		STORM_TEST(tokens_come_back_at_their_rate),
		STORM_TEST(the_events_before_are_told_to_whoever_sends_them),
		STORM_TEST(no_lesser_event_uses_up_what_critical_ones_need),
		STORM_TEST(kinds_do_not_use_up_what_others_need),
		STORM_TEST(what_was_held_is_summed_up),
		STORM_TEST(counts_add_up),
		STORM_TEST(a_thousand_subjects_are_a_bounded_burst),
		STORM_TEST(a_port_that_flaps_is_a_sum_a_minute),
		STORM_TEST(another_subject_is_not_held_for_one_that_flaps),
		STORM_TEST(after_a_storm_all_is_as_before),
		STORM_TEST(the_last_state_of_a_subject_is_told),
		STORM_TEST(what_passes_in_a_pause_is_in_the_sum_alone),
		STORM_TEST(a_clearing_that_was_held_is_told),
		STORM_TEST(each_pause_tells_from_what_was_told),
		STORM_TEST(a_new_row_that_was_held_is_told),
		STORM_TEST(a_row_that_is_gone_has_no_state),
		STORM_TEST(a_row_that_is_hidden_is_told_as_its_source_said_it),
		STORM_TEST(the_worst_is_told_first),
		STORM_TEST(a_subject_may_be_told_of_in_two_kinds),
		STORM_TEST(while_nobody_is_there_nothing_is_spent_and_no_pause_ends),
	};

	return cmocka_run_group_tests_name("storm", tests, NULL, NULL);
}
