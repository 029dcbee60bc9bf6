/* Tests what becomes of a change: transitions, times, events, alarms.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/changes.h"

#include <stdlib.h>
#include <string.h>

#include "lib/memory.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/agent.h"
#include "subagent/sources/drbd/rows.h"
#include "tests/unit/check.h"
#include "tests/unit/world.h"

/* Say that the state of a row, or its redundancy, is now this; a second after what was before. */
static void say_state(const char *name, int32_t state)
{
	struct sample_row row = sample_fine(name);

	world_pass(1000);
	row.state = state;
	sample_say(&row);
}

static void say_redundancy(const char *name, int32_t redundancy)
{
	struct sample_row row = sample_fine(name);

	world_pass(1000);
	row.redundancy = redundancy;
	sample_say(&row);
}

static void say_gone(const char *name)
{
	struct sample_row row = sample_fine(name);

	changes_remove(&world.changes, &sample_table, &row, &world.when);
}

static uint32_t count_events(void)
{
	return world.changes.events.newest;
}

static void expect_event(uint16_t notification, int32_t severity, const char *text)
{
	const struct event_row *event = world_event(0);

	assert_non_null(event);
	assert_int_equal(event->notification, notification);
	assert_int_equal(event->kind, mib_objects[notification].arc);
	assert_int_equal(event->severity, severity);
	assert_string_equal(event->text, text);
}

/* The one alarm that there is. */
static void expect_alarm(int32_t kind, int32_t severity)
{
	const struct alarm_row *alarm = world_alarm(0);

	assert_non_null(alarm);
	assert_null(world_alarm(1));
	assert_int_equal(alarm->kind, kind);
	assert_int_equal(alarm->severity, severity);
}

/* ---- transitions and times ---- */

TEST(a_new_row_came_into_being_now)
{
	struct sample_row row = sample_fine("a");

	row.head.transitions = 77;
	row.head.changed = 1;
	sample_say(&row);
	assert_int_equal(sample_shown("a")->head.transitions, 0);
	assert_int_equal(sample_shown("a")->head.changed, WORLD_START);
	assert_int_equal(count_events(), 0);
}

TEST(what_counts_is_counted_and_every_watched_change_moves_the_time)
{
	struct sample_row row = sample_fine("a");
	static const struct {
		int32_t state, redundancy;
		uint32_t updelay, ports, transitions;
		int64_t moved; /* whether the last change is now */
	} says[] = {
		{ haBondOperState_up, haBondRedundancy_full, 0, 0, 0, 1 },
		{ haBondOperState_up, haBondRedundancy_full, 0, 9, 0, 0 },
		{ haBondOperState_down, haBondRedundancy_full, 0, 9, 1, 1 },
		{ haBondOperState_down, haBondRedundancy_degraded, 0, 9, 1, 1 },
		{ haBondOperState_down, haBondRedundancy_degraded, 5, 9, 1, 1 },
		{ haBondOperState_up, haBondRedundancy_full, 5, 9, 2, 1 },
		{ haBondOperState_up, haBondRedundancy_full, 5, 9, 2, 0 },
	};
	int64_t changed = 0;

	for (size_t i = 0; i < COUNT(says); i++) {
		world_pass(1000);
		row.state = says[i].state;
		row.redundancy = says[i].redundancy;
		row.updelay = says[i].updelay;
		row.ports = says[i].ports;
		sample_say(&row);
		changed = says[i].moved ? world.when.now : changed;
		assert_int_equal(sample_shown("a")->head.transitions, says[i].transitions);
		assert_int_equal(sample_shown("a")->head.changed, changed);
		assert_int_equal(sample_shown("a")->ports, says[i].ports);
	}
}

TEST(a_row_that_was_gone_begins_anew)
{
	say_state("a", haBondOperState_up);
	say_state("a", haBondOperState_dormant);
	board_follow(&world.board, true);
	say_gone("a");
	say_gone("a");
	say_state("a", haBondOperState_up);
	assert_int_equal(sample_shown("a")->head.transitions, 0);
	assert_int_equal(sample_shown("a")->head.changed, world.when.now);
}

/* ---- events ---- */

TEST(a_change_is_an_event_with_everything_in_it)
{
	const struct event_row *event;

	say_state("a", haBondOperState_up);
	say_state("a", haBondOperState_down);
	expect_event(mib_haBondLinkChange, HaSeverity_major, "a: haBondOperState was up, is down");
	event = world_event(0);
	assert_int_equal(event->sequence, 1);
	assert_int_equal(event->time.wall, world.when.wall);
	assert_int_equal(event->uptime, world.when.now);
	assert_string_equal(event->subject, "a");
	assert_string_equal(event->object, "haBondOperState");
	assert_int_equal(event->old_state, haBondOperState_up);
	assert_int_equal(event->new_state, haBondOperState_down);
	assert_string_equal(event->old_label, "up");
	assert_string_equal(event->new_label, "down");
	assert_int_equal(event->changed, mib_haBondOperState);
	assert_int_equal(event->index_length, 2);
	assert_int_equal(event->index[1], 'a');
}

TEST(the_severity_tells_how_bad_the_new_state_is)
{
	static const struct {
		int32_t from, to, severity;
	} steps[] = {
		{ haBondOperState_up, haBondOperState_down, HaSeverity_major },
		{ haBondOperState_down, haBondOperState_dormant, HaSeverity_warning },
		{ haBondOperState_dormant, haBondOperState_up, HaSeverity_cleared },
		{ haBondOperState_up, haBondOperState_lowerLayerDown, HaSeverity_info },
		{ haBondOperState_down, haBondOperState_testing, HaSeverity_info },
		{ haBondOperState_testing, haBondOperState_up, HaSeverity_info },
		{ haBondOperState_down, haBondOperState_unknown, HaSeverity_info },
		{ haBondOperState_unknown, haBondOperState_down, HaSeverity_major },
	};

	for (size_t i = 0; i < COUNT(steps); i++) {
		say_gone("a");
		say_state("a", steps[i].from);
		say_state("a", steps[i].to);
		assert_int_equal(world_event(0)->severity, steps[i].severity);
	}
}

TEST(what_is_quiet_or_not_watched_is_no_event)
{
	struct sample_row row = sample_fine("a");

	sample_say(&row);
	row.updelay = 5;
	row.ports = 5;
	row.head.state = HaRowState_missing;
	sample_say(&row);
	assert_int_equal(count_events(), 0);
}

TEST(a_new_row_is_an_event_only_if_something_is_wrong)
{
	static const int32_t states[] = {
		haBondOperState_up,
		haBondOperState_unknown,
		haBondOperState_testing,
		haBondOperState_other,
	};

	for (size_t i = 0; i < COUNT(states); i++) {
		say_gone("a");
		say_state("a", states[i]);
	}
	assert_int_equal(count_events(), 0);
	say_gone("a");
	say_state("a", haBondOperState_down);
	assert_int_equal(count_events(), 1);
	expect_event(mib_haBondLinkChange, HaSeverity_major, "a: haBondOperState is down");
	expect_alarm(HaAlarmType_bondDown, HaSeverity_major);
}

TEST(another_notification_says_that_it_is_over)
{
	static const struct {
		int32_t value, severity;
		uint16_t notification;
	} says[] = {
		{ haBondRedundancy_degraded, HaSeverity_critical, mib_haBondRedundancyChange },
		{ haBondRedundancy_unknown, HaSeverity_info, mib_haBondRedundancyChange },
		{ haBondRedundancy_none, HaSeverity_critical, mib_haBondRedundancyChange },
		{ haBondRedundancy_full, HaSeverity_cleared, mib_haBondActivePortChange },
	};

	say_redundancy("a", haBondRedundancy_full);
	for (size_t i = 0; i < COUNT(says); i++) {
		say_redundancy("a", says[i].value);
		assert_int_equal(world_event(0)->severity, says[i].severity);
		assert_int_equal(world_event(0)->notification, says[i].notification);
	}
}

TEST(the_log_of_events_is_bounded_and_its_numbers_go_on)
{
	uint32_t limit = world.settings.events;

	changes_open(&world.changes, &world.board, 1000, limit);
	assert_int_equal(events_oldest(&world.changes.events), 0);
	for (uint32_t i = 0; i < 3 * limit; i++)
		say_state("a", i % 2 ? haBondOperState_down : haBondOperState_up);
	assert_int_equal(count_events(), 1000 + 3 * limit - 1);
	assert_int_equal(world_count(mib_haEventEntry), limit);
	assert_int_equal(events_oldest(&world.changes.events), count_events() - limit + 1);
	assert_null(world_event(limit));
}

static bool refuse(void *reader, const struct table *table, const struct entry *entry)
{
	(void)reader;
	(void)table;
	(void)entry;
	return false;
}

TEST(the_log_is_bounded_while_its_reader_is_stuck)
{
	uint32_t limit = world.settings.events;

	board_follow(&world.board, true);
	for (uint32_t i = 0; i < 10 * limit; i++) {
		say_state("a", i % 2 ? haBondOperState_down : haBondOperState_up);
		assert_false(board_offer(&world.board, refuse, NULL));
	}
	assert_int_equal(board_rows(&world.board, mib_haEventEntry)->count, limit);
	assert_int_equal(world_count(mib_haEventEntry), limit);
}

TEST(what_is_known_from_elsewhere_counts_and_is_no_event)
{
	struct sample_row row = sample_fine("port");

	sample_say(&row);
	row.state = haBondOperState_down;
	row.redundancy = haBondRedundancy_none;
	world_pass(1000);
	sample_say(&row);
	assert_int_equal(count_events(), 1);
	assert_int_equal(world_event(0)->changed, mib_haBondRedundancy);
	assert_int_equal(sample_shown("port")->head.transitions, 1);
	assert_int_equal(world_alarm(0)->kind, HaAlarmType_bondDown);
	assert_non_null(world_alarm(1));
	row.state = haBondOperState_up;
	sample_say(&row);
	assert_int_equal(count_events(), 2);
	assert_int_equal(world_event(0)->changed, mib_haBondOperState);
	assert_null(world_alarm(1));
}

/* ---- hidden rows ---- */

static void hide(int32_t state)
{
	board_hide(&world.board, &sample_table, state);
}

TEST(a_row_that_was_hidden_is_compared_with_what_was_said)
{
	static const int32_t states[] = { HaRowState_stale, HaRowState_unknown };

	for (size_t i = 0; i < COUNT(states); i++) {
		uint32_t events;

		say_state("a", haBondOperState_up);
		events = count_events();
		hide(HaRowState_stale);
		hide(states[i]);
		assert_int_equal(sample_shown("a")->head.state, states[i]);
		say_state("a", haBondOperState_up);
		assert_int_equal(count_events(), events);
		assert_int_equal(sample_shown("a")->head.state, HaRowState_fresh);
		hide(states[i]);
		say_state("a", haBondOperState_dormant);
		assert_int_equal(count_events(), events + 1);
		assert_int_equal(world_event(0)->old_state, haBondOperState_up);
		assert_int_equal(sample_shown("a")->head.transitions, 2 * i + 1);
	}
}

TEST(hiding_and_showing_is_no_event_and_leaves_the_alarm)
{
	uint32_t events;

	say_state("a", haBondOperState_down);
	events = count_events();
	hide(HaRowState_unknown);
	expect_alarm(HaAlarmType_bondDown, HaSeverity_major);
	board_show(&world.board, &sample_table);
	expect_alarm(HaAlarmType_bondDown, HaSeverity_major);
	assert_int_equal(count_events(), events);
}

TEST(a_hidden_row_that_was_removed_leaves_no_trace)
{
	board_follow(&world.board, true);
	say_state("a", haBondOperState_up);
	hide(HaRowState_stale);
	say_gone("a");
	board_show(&world.board, &sample_table);
	assert_null(sample_shown("a"));
	say_state("a", haBondOperState_up);
	assert_int_equal(count_events(), 0);
	assert_int_equal(sample_shown("a")->head.state, HaRowState_fresh);
}

/* ---- alarms ---- */

TEST(an_alarm_is_raised_changed_and_cleared)
{
	const struct alarm_row *alarm;
	int64_t since;

	say_state("a", haBondOperState_up);
	assert_null(world_alarm(0));
	say_state("a", haBondOperState_down);
	since = world.when.now;
	expect_alarm(HaAlarmType_bondDown, HaSeverity_major);
	alarm = world_alarm(0);
	assert_int_equal(alarm->id, 1);
	assert_string_equal(alarm->subject, "a");
	assert_int_equal(alarm->since, since);
	assert_int_equal(alarm->time.wall, world.when.wall);
	assert_int_equal(alarm->object, mib_haBondOperState);
	assert_int_equal(strncmp(alarm->text, "a: haBondOperState is down; ", 28), 0);
	say_state("a", haBondOperState_dormant);
	expect_alarm(HaAlarmType_bondDegraded, HaSeverity_warning);
	assert_int_equal(world_alarm(0)->id, 1);
	assert_int_equal(world_alarm(0)->since, since);
	assert_int_equal(world.changes.alarms.changed, world.when.now);
	say_state("a", haBondOperState_up);
	assert_null(world_alarm(0));
	assert_int_equal(world.changes.alarms.changed, world.when.now);
	say_state("a", haBondOperState_down);
	assert_int_equal(world_alarm(0)->id, 2);
}

TEST(unknown_never_changes_an_alarm)
{
	say_state("a", haBondOperState_up);
	say_state("a", haBondOperState_unknown);
	assert_null(world_alarm(0));
	say_state("a", haBondOperState_down);
	say_state("a", haBondOperState_unknown);
	expect_alarm(HaAlarmType_bondDown, HaSeverity_major);
	say_state("a", haBondOperState_up);
	assert_null(world_alarm(0));
	say_redundancy("b", haBondRedundancy_unknown);
	assert_null(world_alarm(0));
}

TEST(a_value_that_passes_raises_nothing_and_clears)
{
	say_state("a", haBondOperState_up);
	say_state("a", haBondOperState_testing);
	assert_null(world_alarm(0));
	say_state("a", haBondOperState_down);
	say_state("a", haBondOperState_testing);
	assert_null(world_alarm(0));
}

TEST(every_row_and_column_has_its_own_alarm)
{
	struct sample_row row = sample_fine("a");
	uint32_t count;

	row.state = haBondOperState_dormant;
	row.redundancy = haBondRedundancy_none;
	sample_say(&row);
	say_state("b", haBondOperState_down);
	assert_int_equal(alarms_worst(&world.changes.alarms, &count), HaSeverity_critical);
	assert_int_equal(count, 3);
	say_gone("a");
	assert_int_equal(alarms_worst(&world.changes.alarms, &count), HaSeverity_major);
	assert_int_equal(count, 1);
	assert_string_equal(world_alarm(0)->subject, "b");
	say_gone("b");
	assert_int_equal(alarms_worst(&world.changes.alarms, &count), HaSeverity_cleared);
	assert_int_equal(count, 0);
}

/* Rows get good and bad in any order; a model counts what must stand. */
TEST(alarms_are_found_again_among_many)
{
	static const int32_t states[] = {
		haBondOperState_up,
		haBondOperState_dormant,
		haBondOperState_down,
	};
	static const int32_t severities[COUNT(states)] = {
		HaSeverity_cleared,
		HaSeverity_warning,
		HaSeverity_major,
	};
	size_t model[200] = { 0 }, standing[COUNT(states)] = { COUNT(model) };
	uint32_t count;
	char name[16];

	srandom(11);
	for (int turn = 0; turn < 4000; turn++) {
		size_t number = (size_t)random() % COUNT(model);
		size_t now = (size_t)random() % (turn % 1000 < 500 ? COUNT(states) : 1);

		TEXT_PRINT(name, "%zu", number);
		say_state(name, states[now]);
		standing[model[number]]--;
		standing[now]++;
		model[number] = now;
		assert_int_equal(alarms_worst(&world.changes.alarms, &count),
				 severities[standing[2] ? 2 :
					    standing[1] ? 1 :
							  0]);
		assert_int_equal(count, standing[1] + standing[2]);
		if (turn % 100 == 0)
			assert_int_equal(world_count(mib_haAlarmEntry), count);
	}
	for (size_t i = 0; i < COUNT(model); i++) {
		TEXT_PRINT(name, "%zu", i);
		say_gone(name);
	}
	assert_int_equal(world_count(mib_haAlarmEntry), 0);
}

TEST(an_excused_row_raises_nothing)
{
	say_state("client", haBondOperState_up);
	say_state("client", haBondOperState_down);
	expect_event(mib_haBondLinkChange, HaSeverity_info,
		     "client: haBondOperState was up, is down");
	assert_null(world_alarm(0));
}

/* A column of BITS, whose level for all but one value is LEVEL_OTHERWISE. */
TEST(every_other_value_can_be_wrong)
{
	struct drbd_resource_row row = { .head.state = HaRowState_fresh, .name = "r0" };

	changes_put(&world.changes, &drbd_resource_table, &row, &world.when);
	assert_int_equal(count_events(), 0);
	row.suspended = 1;
	changes_put(&world.changes, &drbd_resource_table, &row, &world.when);
	expect_event(mib_haDrbdSuspendedChange, HaSeverity_critical,
		     "r0: haDrbdResourceSuspended was none, is other");
	expect_alarm(HaAlarmType_drbdSuspended, HaSeverity_critical);
	row.suspended = 0;
	changes_put(&world.changes, &drbd_resource_table, &row, &world.when);
	expect_event(mib_haDrbdSuspendedChange, HaSeverity_cleared,
		     "r0: haDrbdResourceSuspended was other, is none");
	assert_null(world_alarm(0));
}

TEST(a_value_that_goes_away_takes_its_alarm_with_it)
{
	struct sample_row row = sample_fine("a");
	uint32_t events;

	row.state = haBondOperState_down;
	sample_say(&row);
	events = count_events();
	row.head.absent = UINT64_C(1) << mib_objects[mib_haBondOperState].arc;
	sample_say(&row);
	assert_null(world_alarm(0));
	sample_say(&row);
	assert_int_equal(count_events(), events);
}

TEST(a_value_that_comes_is_as_in_a_new_row)
{
	struct sample_row row = sample_fine("a");

	row.head.absent = UINT64_C(1) << mib_objects[mib_haBondOperState].arc;
	row.state = 0;
	sample_say(&row);
	row.head.absent = 0;
	row.state = haBondOperState_up;
	sample_say(&row);
	assert_int_equal(count_events(), 0);
	assert_int_equal(sample_shown("a")->head.transitions, 0);
}

/* ---- sweeps ---- */

TEST(rows_that_were_not_said_again_go_with_their_alarms)
{
	board_follow(&world.board, true);
	say_state("a", haBondOperState_down);
	say_state("b", haBondOperState_up);
	say_state("c", haBondOperState_up);
	changes_begin(&world.changes, &sample_table);
	say_state("b", haBondOperState_up);
	say_state("d", haBondOperState_up);
	say_gone("c");
	changes_end(&world.changes, &sample_table, &world.when);
	assert_null(sample_shown("a"));
	assert_non_null(sample_shown("b"));
	assert_null(sample_shown("c"));
	assert_non_null(sample_shown("d"));
	assert_null(world_alarm(0));
	changes_end(&world.changes, &sample_table, &world.when);
	assert_int_equal(world_count(mib_haBondEntry), 2);
}

TEST(an_empty_sweep_empties_the_table)
{
	say_state("a", haBondOperState_up);
	changes_begin(&world.changes, &sample_table);
	changes_end(&world.changes, &sample_table, &world.when);
	assert_int_equal(world_count(mib_haBondEntry), 0);
}

/* ---- the agent's scalars ---- */

static const void *scalars(unsigned int entry)
{
	return board_rows(&world.board, entry)->entries[0]->row;
}

TEST(the_agent_counts_alarms_and_events)
{
	const struct alarm_scalars_row *row;

	agent_open(&world.changes, &world.settings, &world.when);
	row = scalars(mib_haAlarm);
	assert_int_equal(row->active, 0);
	assert_int_equal(row->worst, HaSeverity_cleared);
	assert_int_equal(row->oldest_event, 0);
	say_state("a", haBondOperState_down);
	agent_count(&world.changes, &world.when);
	row = scalars(mib_haAlarm);
	assert_int_equal(row->active, 1);
	assert_int_equal(row->worst, HaSeverity_major);
	assert_int_equal(row->oldest_event, 1);
	assert_int_equal(row->newest_event, 1);
	assert_int_equal(row->changed, world.when.now);
}

TEST(the_agent_tells_its_configuration)
{
	static const uint8_t digest[] = { 1, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef };
	const struct agent_row *row;

	agent_open(&world.changes, &world.settings, &world.when);
	row = scalars(mib_haAgent);
	assert_string_equal(row->node, "here");
	assert_string_equal(row->file, "ha-agentx.conf");
	assert_int_equal(row->digest.length, sizeof(digest));
	assert_memory_equal(row->digest.octet, digest, sizeof(digest));
	assert_int_equal(row->actions, TruthValue_true);
	assert_int_equal(row->started.wall, WORLD_WALL);
}

/* ---- reasons ---- */

static void say_reason(int32_t state, int32_t reason)
{
	struct sample_row row = sample_fine("a");

	world_pass(1000);
	row.state = state;
	row.reason = reason;
	sample_say(&row);
}

TEST(the_reason_stands_in_the_texts)
{
	say_reason(haBondOperState_up, haBondMonitoring_none);
	say_reason(haBondOperState_down, haBondMonitoring_mii);
	assert_int_equal(count_events(), 1); /* state and reason changed together */
	expect_event(mib_haBondLinkChange, HaSeverity_major,
		     "a: haBondOperState was up, is down (mii)");
	assert_non_null(strstr(world_alarm(0)->text, "haBondOperState is down (mii); "));
	say_reason(haBondOperState_up, haBondMonitoring_none);
	assert_int_equal(count_events(), 2);
	expect_event(mib_haBondLinkChange, HaSeverity_cleared,
		     "a: haBondOperState was down, is up");
}

TEST(a_reason_that_changes_alone_is_told_and_the_alarm_stays_with_the_new_one)
{
	uint32_t id;

	say_reason(haBondOperState_down, haBondMonitoring_mii);
	id = world_alarm(0)->id;
	say_reason(haBondOperState_down, haBondMonitoring_arp);
	assert_int_equal(count_events(), 2);
	expect_event(mib_haBondLinkChange, HaSeverity_info, "a: haBondMonitoring was mii, is arp");
	expect_alarm(HaAlarmType_bondDown, HaSeverity_major);
	assert_int_equal(world_alarm(0)->id, id);
	assert_non_null(strstr(world_alarm(0)->text, "(arp)"));
}

#define CHANGES_TEST(sentence) cmocka_unit_test_setup_teardown(sentence, world_make, world_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CHANGES_TEST(a_new_row_came_into_being_now),
		CHANGES_TEST(what_counts_is_counted_and_every_watched_change_moves_the_time),
		CHANGES_TEST(a_row_that_was_gone_begins_anew),
		CHANGES_TEST(a_change_is_an_event_with_everything_in_it),
		CHANGES_TEST(the_severity_tells_how_bad_the_new_state_is),
		CHANGES_TEST(what_is_quiet_or_not_watched_is_no_event),
		CHANGES_TEST(a_new_row_is_an_event_only_if_something_is_wrong),
		CHANGES_TEST(another_notification_says_that_it_is_over),
		CHANGES_TEST(the_log_of_events_is_bounded_and_its_numbers_go_on),
		CHANGES_TEST(the_log_is_bounded_while_its_reader_is_stuck),
		CHANGES_TEST(what_is_known_from_elsewhere_counts_and_is_no_event),
		CHANGES_TEST(a_row_that_was_hidden_is_compared_with_what_was_said),
		CHANGES_TEST(hiding_and_showing_is_no_event_and_leaves_the_alarm),
		CHANGES_TEST(a_hidden_row_that_was_removed_leaves_no_trace),
		CHANGES_TEST(an_alarm_is_raised_changed_and_cleared),
		CHANGES_TEST(unknown_never_changes_an_alarm),
		CHANGES_TEST(a_value_that_passes_raises_nothing_and_clears),
		CHANGES_TEST(every_row_and_column_has_its_own_alarm),
		CHANGES_TEST(alarms_are_found_again_among_many),
		CHANGES_TEST(an_excused_row_raises_nothing),
		CHANGES_TEST(every_other_value_can_be_wrong),
		CHANGES_TEST(a_value_that_goes_away_takes_its_alarm_with_it),
		CHANGES_TEST(a_value_that_comes_is_as_in_a_new_row),
		CHANGES_TEST(rows_that_were_not_said_again_go_with_their_alarms),
		CHANGES_TEST(an_empty_sweep_empties_the_table),
		CHANGES_TEST(the_agent_counts_alarms_and_events),
		CHANGES_TEST(the_agent_tells_its_configuration),
		CHANGES_TEST(the_reason_stands_in_the_texts),
		CHANGES_TEST(
			a_reason_that_changes_alone_is_told_and_the_alarm_stays_with_the_new_one),
	};

	return cmocka_run_group_tests_name("changes", tests, NULL, NULL);
}
