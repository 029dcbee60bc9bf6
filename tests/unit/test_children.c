/* Tests the supervision of children: starts, back-off, silence, stale and unknown rows.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/children.h"

#include <string.h>

#include "lib/frame.h"
#include "lib/memory.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/jobs.h"
#include "subagent/source.h"
#include "tests/unit/check.h"
#include "tests/unit/world.h"

#define SAMPLE ROLE_SOURCES
#define HERALD (ROLE_SOURCES + 2)
#define STATUS(status) ((status) << 8) /* wait status of an exit */
#define SIGNAL(number) (number)        /* wait status of a death by signal */

static struct children children;
static unsigned int starts[ROLES_MAX], kills[ROLES_MAX];

static void note_start(void *keeper, unsigned int number)
{
	assert_ptr_equal(keeper, &children);
	starts[number]++;
}

static void note_kill(void *keeper, unsigned int number)
{
	assert_ptr_equal(keeper, &children);
	kills[number]++;
}

static void open_children(void)
{
	memset(starts, 0, sizeof(starts));
	memset(kills, 0, sizeof(kills));
	children_open(&children, &world.changes, &world.settings, &world.when);
	children.start = note_start;
	children.kill = note_kill;
	children.keeper = &children;
}

static int make(void **state)
{
	world_make(state);
	open_children();
	return 0;
}

static int64_t tick(void)
{
	return children_tick(&children, &world.when);
}

static void start(unsigned int number)
{
	children_started(&children, number, &(struct child_note){ .pid = 4711 }, &world.when);
}

static void end(unsigned int number, int status)
{
	children_exited(&children, number, &(struct child_note){ .status = status }, &world.when);
}

static void pulse_with(int32_t state, int32_t reason, const char *error)
{
	struct pulse pulse = { .state = state,
			       .reason = reason,
			       .collect_time = 5,
			       .unknown_words = 2,
			       .rejected_lines = 3 };

	TEXT_PUT(pulse.error, error);
	children_heard(&children, SAMPLE, &world.when);
	children_pulse(&children, SAMPLE, &pulse, &world.when);
}

static void pulse(void)
{
	pulse_with(haSourceState_running, haSourceReason_none, "");
}

/* A source that runs and has said a row. */
static void run(void)
{
	struct sample_row row = sample_fine("a");

	start(SAMPLE);
	pulse();
	sample_say(&row);
}

static const struct source_row *shown(unsigned int number)
{
	return board_row(&world.board, mib_haSourceEntry, &children.child[number].row);
}

static void expect(unsigned int number, int32_t state, int32_t reason)
{
	assert_int_equal(shown(number)->state, state);
	assert_int_equal(shown(number)->reason, reason);
}

static void expect_row(int32_t state)
{
	assert_int_equal(sample_shown("a")->head.state, state);
}

/* ---- who there is ---- */

TEST(the_roster_finds_everybody_by_number_and_name)
{
	assert_int_equal(roster_count(), ROLE_SOURCES + 3);
	for (unsigned int number = 0; number < roster_count(); number++)
		if (roster_role(number).name)
			assert_int_equal(roster_find(roster_role(number).name), number);
	assert_string_equal(roster_role(ROLE_LINE).name, "line");
	assert_null(roster_role(ROLE_LINE).source);
	assert_ptr_equal(roster_role(SAMPLE).source, sources[0]);
	assert_int_equal(roster_find("nobody"), -1);
}

/* As many executors as groups, and one more; none without a group. */
TEST(each_group_has_an_executor_of_its_own)
{
	static struct settings_group list[] = { { .name = "nfs" }, { .name = "mail" } };
	static struct settings_groups groups = { .count = COUNT(list), .groups = list };

	assert_null(shown(ROLE_ASIDE));
	world.settings.groups = &groups;
	open_children();
	tick();
	for (unsigned int number = ROLE_GROUP; number <= ROLE_WATCHDOG; number++)
		assert_int_equal(starts[number],
				 number < ROLE_GROUP + 2 || number == ROLE_ASIDE ? 1 : 0);
	start(ROLE_GROUP + 1);
	expect(ROLE_GROUP + 1, haSourceState_running, haSourceReason_none);
	assert_string_equal(shown(ROLE_GROUP + 1)->name, "executor-mail");
	assert_string_equal(shown(ROLE_ASIDE)->name, "executor-aside");
	for (size_t slot = 0; slot < JOB_SLOTS; slot++)
		assert_int_equal(roster_slot(roster_executor(slot)), slot);
	assert_int_equal(roster_executor(JOB_SLOT_PLAIN), ROLE_EXECUTOR);
	assert_int_equal(roster_executor(JOB_SLOT_GROUP + 1), ROLE_GROUP + 1);
	assert_int_equal(roster_executor(JOB_SLOT_ASIDE), ROLE_ASIDE);
	world_pass(3600000);
	tick();
	assert_int_equal(kills[ROLE_GROUP + 1], 0);
}

TEST(what_the_settings_do_not_want_is_off)
{
	world.settings.drbd = WATCH_NO;
	world.resources[0].switchable = false;
	open_children();
	tick();
	expect(SAMPLE, haSourceState_off, haSourceReason_disabled);
	expect(ROLE_EXECUTOR, haSourceState_off, haSourceReason_disabled);
	expect(ROLE_LINE, haSourceState_starting, haSourceReason_none);
	assert_int_equal(starts[SAMPLE] + starts[ROLE_EXECUTOR], 0);
	assert_int_equal(starts[ROLE_LINE], 1);
	assert_null(world_alarm(0));
}

/* ---- starts and ends ---- */

TEST(everybody_is_started_once_and_asked_again_when_nothing_comes)
{
	assert_int_equal(tick(), world.when.now + 10000);
	for (unsigned int number = ROLE_EXECUTOR; number < HERALD; number++)
		assert_int_equal(starts[number], roster_has(&world.settings, number));
	assert_int_equal(starts[ROLE_HUB], 0);
	world_pass(9999);
	tick();
	assert_int_equal(starts[SAMPLE], 1);
	world_pass(1);
	tick();
	assert_int_equal(starts[SAMPLE], 2);
}

/* How many are asked to start within so many milliseconds, besides the watchdog and the herald. */
static unsigned int count_others(int64_t milliseconds)
{
	unsigned int count = 0;

	world_pass(milliseconds);
	tick();
	for (unsigned int number = 0; number < ROLES_MAX; number++)
		if (number != HERALD && number != ROLE_WATCHDOG)
			count += starts[number];
	return count;
}

TEST(the_others_are_started_when_the_first_was_heard)
{
	static struct settings_group list[] = { { .name = "nfs", .watchdog = "/dev/watchdog" } };
	static struct settings_groups groups = { .count = COUNT(list), .groups = list };

	world.settings.groups = &groups;
	world.heralded = true;
	open_children();
	assert_int_equal(tick(), world.when.now + 500);
	assert_int_equal(starts[HERALD], 1);
	assert_int_equal(starts[ROLE_WATCHDOG], 1);
	start(HERALD);
	assert_int_equal(count_others(499), 0);
	children_heard(&children, HERALD, &world.when);
	count_others(0);
	assert_int_equal(starts[ROLE_EXECUTOR], 1);
	assert_int_equal(starts[ROLE_LINE], 1);
	assert_int_equal(starts[ROLE_GROUP], 1);
	assert_int_equal(starts[ROLE_ASIDE], 1);
	assert_int_equal(starts[SAMPLE], 1);
	assert_int_equal(starts[HERALD], 1);
	end(HERALD, STATUS(1));
	end(SAMPLE, STATUS(1));
	world_pass(100);
	tick();
	assert_int_equal(starts[SAMPLE], 2);
}

TEST(nobody_waits_long_for_a_first_that_is_not_heard)
{
	world.heralded = true;
	open_children();
	tick();
	start(HERALD);
	end(HERALD, STATUS(1));
	assert_int_equal(count_others(499), 0);
	assert_int_not_equal(count_others(1), 0);
	assert_int_equal(starts[SAMPLE], 1);
}

TEST(a_started_source_is_starting_and_runs_with_its_first_pulse)
{
	start(SAMPLE);
	expect(SAMPLE, haSourceState_starting, haSourceReason_none);
	assert_int_equal(shown(SAMPLE)->pid, 4711);
	pulse();
	expect(SAMPLE, haSourceState_running, haSourceReason_none);
	assert_int_equal(shown(SAMPLE)->collect_time, 5);
	assert_int_equal(shown(SAMPLE)->age.since, world.when.now);
	start(ROLE_EXECUTOR);
	expect(ROLE_EXECUTOR, haSourceState_running, haSourceReason_none);
}

TEST(an_end_says_why)
{
	static const struct {
		int status, reason;
		const char *error;
	} ends[] = {
		{ STATUS(3), haSourceReason_exited, "ended with status 3" },
		{ STATUS(0), haSourceReason_exited, "ended with status 0" },
		{ SIGNAL(11), haSourceReason_killed, "killed by signal 11" },
	};

	for (size_t i = 0; i < COUNT(ends); i++) {
		world_pass(1000);
		start(SAMPLE);
		end(SAMPLE, ends[i].status);
		expect(SAMPLE, haSourceState_backoff, ends[i].reason);
		assert_string_equal(shown(SAMPLE)->error, ends[i].error);
		assert_int_equal(shown(SAMPLE)->error_time.wall, world.when.wall);
		assert_int_equal(shown(SAMPLE)->restarts, i + 1);
		assert_int_equal(shown(SAMPLE)->pid, 0);
		assert_int_equal(world_alarm(0)->kind, HaAlarmType_sourceUnavailable);
	}
}

TEST(the_back_off_doubles_up_to_its_limit)
{
	static const int64_t pauses[] = {
		100, 200, 400, 800, 1600, 3200, 6400, 10000, 10000, 10000
	};

	tick();
	for (size_t i = 0; i < COUNT(pauses); i++) {
		start(SAMPLE);
		end(SAMPLE, STATUS(1));
		world_pass(pauses[i] - 1);
		tick();
		assert_int_equal(starts[SAMPLE], i + 1);
		world_pass(1);
		tick();
		assert_int_equal(starts[SAMPLE], i + 2);
	}
}

TEST(whoever_ran_for_long_starts_with_the_shortest_back_off)
{
	for (int i = 0; i < 5; i++) {
		start(SAMPLE);
		end(SAMPLE, STATUS(1));
	}
	start(SAMPLE);
	world_pass(10001);
	end(SAMPLE, STATUS(1));
	assert_int_equal(children.child[SAMPLE].start_at, world.when.now + 100);
}

TEST(counters_are_carried_over_restarts)
{
	for (uint32_t round = 1; round <= 3; round++) {
		start(SAMPLE);
		pulse();
		pulse();
		assert_int_equal(shown(SAMPLE)->unknown_words, 2 * round);
		assert_int_equal(shown(SAMPLE)->rejected_lines, 3 * round);
		end(SAMPLE, STATUS(1));
	}
}

/* ---- silence ---- */

TEST(a_silent_source_is_hung_killed_and_started_again)
{
	run();
	assert_int_equal(tick(), world.when.now + 4000);
	world_pass(4000);
	assert_int_equal(tick(), world.when.now + 3000);
	world_pass(2999);
	assert_int_equal(tick(), world.when.now + 1);
	assert_int_equal(kills[SAMPLE], 0);
	world_pass(1);
	tick();
	expect(SAMPLE, haSourceState_hung, haSourceReason_hung);
	assert_int_equal(world_alarm(0)->kind, HaAlarmType_sourceHung);
	expect_row(HaRowState_stale);
	world_pass(60000);
	tick();
	assert_int_equal(kills[SAMPLE], 1);
	pulse();
	expect(SAMPLE, haSourceState_hung, haSourceReason_hung);
	end(SAMPLE, SIGNAL(9));
	expect(SAMPLE, haSourceState_hung, haSourceReason_hung);
	world_pass(100);
	tick();
	assert_int_equal(starts[SAMPLE], 1);
	run();
	expect(SAMPLE, haSourceState_running, haSourceReason_none);
	assert_null(world_alarm(0));
	expect_row(HaRowState_fresh);
}

TEST(whoever_is_heard_is_not_silent)
{
	run();
	for (int i = 0; i < 10; i++) {
		world_pass(6000);
		children_heard(&children, SAMPLE, &world.when);
		tick();
	}
	assert_int_equal(kills[SAMPLE], 0);
}

TEST(a_machine_that_stood_still_makes_nobody_hung)
{
	run();
	tick();
	for (int i = 0; i < 3; i++) {
		world_pass(3600000);
		tick();
		world_pass(2900);
		pulse();
		tick();
	}
	assert_int_equal(kills[SAMPLE], 0);
	assert_null(world_alarm(0));
	world_pass(3600000);
	tick();
	world_pass(3000);
	tick();
	assert_int_equal(kills[SAMPLE], 1);
}

TEST(the_line_may_be_silent_for_longer_and_the_executor_for_ever)
{
	start(ROLE_LINE);
	start(ROLE_EXECUTOR);
	world_pass(27000);
	tick();
	world_pass(2999);
	tick();
	assert_int_equal(kills[ROLE_LINE], 0);
	world_pass(1);
	tick();
	assert_int_equal(kills[ROLE_LINE], 1);
	world_pass(INT64_C(1000000000));
	tick();
	assert_int_equal(kills[ROLE_EXECUTOR], 0);
}

TEST(whoever_breaks_the_rules_is_killed_once)
{
	run();
	children_broke(&children, SAMPLE, &world.when);
	children_broke(&children, SAMPLE, &world.when);
	assert_int_equal(kills[SAMPLE], 1);
	end(SAMPLE, SIGNAL(9));
	expect(SAMPLE, haSourceState_backoff, haSourceReason_frameError);
	assert_string_equal(shown(SAMPLE)->error, "broke the rules of its socket");
	expect_row(HaRowState_stale);
}

/* ---- rows ---- */

TEST(rows_become_stale_with_their_source_and_unknown_after_the_limit)
{
	run();
	pulse();
	assert_int_equal(shown(SAMPLE)->rows, 1);
	end(SAMPLE, STATUS(1));
	expect_row(HaRowState_stale);
	assert_int_equal(sample_shown("a")->state, haBondOperState_up);
	world_pass(29999);
	tick();
	expect_row(HaRowState_stale);
	world_pass(1);
	tick();
	expect_row(HaRowState_unknown);
	assert_int_equal(sample_shown("a")->state, haBondOperState_unknown);
	start(SAMPLE);
	end(SAMPLE, STATUS(1));
	expect_row(HaRowState_unknown);
	start(SAMPLE);
	pulse();
	expect_row(HaRowState_fresh);
	assert_int_equal(sample_shown("a")->state, haBondOperState_up);
}

TEST(the_limit_counts_from_the_first_failure)
{
	run();
	for (int i = 0; i < 6; i++) {
		end(SAMPLE, STATUS(1));
		world_pass(4000);
		tick();
		start(SAMPLE);
		world_pass(1000);
		tick();
	}
	expect_row(HaRowState_unknown);
}

TEST(a_source_that_cannot_work_makes_its_rows_stale)
{
	run();
	pulse_with(haSourceState_unavailable, haSourceReason_toolMissing, "no drbdsetup");
	expect(SAMPLE, haSourceState_unavailable, haSourceReason_toolMissing);
	assert_string_equal(shown(SAMPLE)->error, "no drbdsetup");
	expect_row(HaRowState_stale);
	pulse();
	expect_row(HaRowState_fresh);
	assert_string_equal(shown(SAMPLE)->error, "no drbdsetup");
}

TEST(no_row_looks_fresher_than_its_source)
{
	struct sample_row row = sample_fine("b");
	static const int32_t states[] = { HaRowState_stale, HaRowState_unknown };

	run();
	for (size_t i = 0; i < COUNT(states); i++) {
		pulse_with(haSourceState_unavailable, haSourceReason_garbage, "");
		tick();
		row.ports++;
		sample_say(&row);
		pulse_with(haSourceState_unavailable, haSourceReason_garbage, "");
		expect_row(states[i]);
		assert_int_equal(sample_shown("b")->head.state, states[i]);
		world_pass(30000);
		children_heard(&children, SAMPLE, &world.when);
		tick();
	}
}

TEST(an_error_without_its_nul_is_taken)
{
	struct pulse wild;

	start(SAMPLE);
	memset(&wild, 'x', sizeof(wild));
	wild.state = haSourceState_running;
	children_pulse(&children, SAMPLE, &wild, &world.when);
	assert_int_equal(strlen(shown(SAMPLE)->error), sizeof(wild.error));
}

/* ---- the line ---- */

TEST(the_line_tells_whether_it_has_a_session)
{
	start(ROLE_LINE);
	children_connected(&children, haSourceReason_none, &world.when);
	expect(ROLE_LINE, haSourceState_running, haSourceReason_none);
	assert_string_equal(shown(ROLE_LINE)->error, "");
	children_connected(&children, haSourceReason_unreachable, &world.when);
	expect(ROLE_LINE, haSourceState_unavailable, haSourceReason_unreachable);
	assert_string_equal(shown(ROLE_LINE)->error, "no session with the master agent");
	children_connected(&children, haSourceReason_permissionDenied, &world.when);
	assert_non_null(strstr(shown(ROLE_LINE)->error, "agentXPerms"));
	assert_int_equal(world_alarm(0)->kind, HaAlarmType_sourceUnavailable);
	children_connected(&children, haSourceReason_none, &world.when);
	assert_null(world_alarm(0));
}

#define CHILDREN_TEST(sentence) cmocka_unit_test_setup_teardown(sentence, make, world_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CHILDREN_TEST(the_roster_finds_everybody_by_number_and_name),
		CHILDREN_TEST(each_group_has_an_executor_of_its_own),
		CHILDREN_TEST(what_the_settings_do_not_want_is_off),
		CHILDREN_TEST(everybody_is_started_once_and_asked_again_when_nothing_comes),
		CHILDREN_TEST(the_others_are_started_when_the_first_was_heard),
		CHILDREN_TEST(nobody_waits_long_for_a_first_that_is_not_heard),
		CHILDREN_TEST(a_started_source_is_starting_and_runs_with_its_first_pulse),
		CHILDREN_TEST(an_end_says_why),
		CHILDREN_TEST(the_back_off_doubles_up_to_its_limit),
		CHILDREN_TEST(whoever_ran_for_long_starts_with_the_shortest_back_off),
		CHILDREN_TEST(counters_are_carried_over_restarts),
		CHILDREN_TEST(a_silent_source_is_hung_killed_and_started_again),
		CHILDREN_TEST(whoever_is_heard_is_not_silent),
		CHILDREN_TEST(a_machine_that_stood_still_makes_nobody_hung),
		CHILDREN_TEST(the_line_may_be_silent_for_longer_and_the_executor_for_ever),
		CHILDREN_TEST(whoever_breaks_the_rules_is_killed_once),
		CHILDREN_TEST(rows_become_stale_with_their_source_and_unknown_after_the_limit),
		CHILDREN_TEST(the_limit_counts_from_the_first_failure),
		CHILDREN_TEST(a_source_that_cannot_work_makes_its_rows_stale),
		CHILDREN_TEST(no_row_looks_fresher_than_its_source),
		CHILDREN_TEST(an_error_without_its_nul_is_taken),
		CHILDREN_TEST(the_line_tells_whether_it_has_a_session),
	};

	return cmocka_run_group_tests_name("children", tests, NULL, NULL);
}
