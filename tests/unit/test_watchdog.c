/* Tests when a watchdog is opened, fed, and closed, against a device that only notes it; and the
 * process of it.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "actions/watchdog.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/loop.h"
#include "lib/memory.h"
#include "lib/settings.h"
#include "lib/settings_vrrp.h"
#include "mib/ha-agentx-mib.h"
#include "tests/unit/check.h"
#include "tests/unit/folder.h"

#define LEAST 2200 /* lease and give-up: how far ahead a hub is that has just seen somebody */

/* ---- the device ---- */

static unsigned int armed, fed, stopped;
static uint32_t slowest; /* the device takes this time at least */
static bool absent, stubborn;

bool watchdog_arm(struct watchdog_device *device, const char *path, uint32_t timeout, char *error,
		  size_t size)
{
	armed++;
	if (absent) {
		text_print(error, size, "%s: absent", path);
		return false;
	}
	device->timeout = timeout > slowest ? timeout : slowest;
	device->fd = 99;
	if (device->timeout <= timeout)
		return true;
	text_print(error, size, "%s: slow", path);
	watchdog_disarm(device);
	return false;
}

bool watchdog_feed(const struct watchdog_device *device)
{
	assert_int_equal(device->fd, 99);
	fed++;
	return true;
}

bool watchdog_disarm(struct watchdog_device *device)
{
	assert_int_equal(device->fd, 99);
	if (stubborn) {
		device->timeout = 600000;
		return false;
	}
	stopped++;
	device->fd = -1;
	return true;
}

/* ---- the groups ---- */

static char path[] = "/dev/watchdog7", other_path[] = "/dev/watchdog8";
static struct settings_group group_list[3];
static struct settings_groups groups = { 3, group_list };
static char hold[128];
static struct settings_instance instance = { .name = "VI_1", .hold = hold };
static struct settings_vrrp vrrp = { .instances_count = 1, .instances = &instance };
static struct settings settings = { .groups = &groups, .vrrp = &vrrp };
static struct watchdog watchdog;
static int64_t now;

static int open_watchdog(void **state)
{
	folder_make(state);
	TEXT_PUT(hold, folder_path("hold"));
	memset(group_list, 0, sizeof(group_list));
	group_list[0].watchdog = path;
	group_list[0].watchdog_timeout = 2000;
	group_list[2].watchdog = path;
	group_list[2].watchdog_timeout = 2000;
	armed = fed = stopped = slowest = 0;
	absent = stubborn = false;
	now = 100000;
	watchdog_open(&watchdog, &settings, now);
	return 0;
}

static bool say(uint32_t group, int64_t until)
{
	return watchdog_take(&watchdog, &(struct guard_order){ .group = group, .until = until });
}

/* Time passes, and it is called when it wants to be. */
static void pass(int64_t milliseconds)
{
	int64_t end = now + milliseconds, next;

	while ((next = watchdog_turn(&watchdog, now)) && next <= end)
		now = next > now ? next : now + 1;
	now = end;
	watchdog_turn(&watchdog, now);
}

/* The same while the hub sees somebody every quarter of a second. */
static void pass_well(uint32_t group, int64_t milliseconds)
{
	for (int64_t end = now + milliseconds; now < end; pass(250))
		say(group, now + LEAST);
}

static struct guard_note note_of(uint32_t group)
{
	struct guard_note note = { 0 };

	watchdog_news(&watchdog, group, &note);
	return note;
}

TEST(nothing_is_opened_before_a_group_is_here)
{
	pass(10000);
	assert_int_equal(armed, 0);
	assert_int_equal(note_of(0).state, haGroupWatchdog_off);
}

TEST(a_group_without_a_watchdog_has_none)
{
	assert_false(say(1, now + LEAST));
	assert_false(say(3, now + LEAST));
	assert_int_equal(note_of(1).state, haGroupWatchdog_off);
}

TEST(it_is_fed_four_times_in_its_time)
{
	pass_well(0, 10000);
	assert_int_equal(armed, 1);
	assert_in_range(fed, 19, 20);
	assert_int_equal(note_of(0).state, haGroupWatchdog_armed);
	assert_int_equal(note_of(0).timeout, 2000);
}

TEST(it_is_not_fed_when_it_would_reset_too_late)
{
	int64_t until;

	pass_well(0, 5000);
	until = now + LEAST;
	say(0, until);
	pass(20000);
	assert_true(watchdog.guards[0].fed + 2000 <= until);
	assert_int_equal(stopped, 0);
}

TEST(a_hub_that_says_stop_starves_it_at_once)
{
	unsigned int before;

	pass_well(0, 5000);
	before = fed;
	say(0, now);
	pass(5000);
	assert_int_equal(fed, before);
	assert_int_equal(stopped, 0);
	assert_false(watchdog_may_end(&watchdog, now));
}

TEST(it_is_closed_when_the_group_is_gone)
{
	pass_well(0, 5000);
	say(0, 0);
	pass(1);
	assert_int_equal(stopped, 1);
	assert_int_equal(note_of(0).state, haGroupWatchdog_off);
	assert_true(watchdog_may_end(&watchdog, now));
	pass_well(0, 1000);
	assert_int_equal(armed, 2);
}

TEST(it_watches_until_the_last_group_is_gone)
{
	say(0, now + LEAST);
	pass_well(2, 1000);
	say(0, 0);
	pass_well(2, 2000);
	assert_int_equal(armed, 1);
	assert_int_equal(stopped, 0);
	say(2, 0);
	pass(1);
	assert_int_equal(stopped, 1);
}

TEST(the_group_that_ends_first_decides)
{
	unsigned int before;

	say(0, now + LEAST);
	pass_well(2, 200);
	pass_well(2, 1000);
	before = fed;
	pass_well(2, 1000);
	assert_int_equal(fed, before);
}

TEST(groups_may_have_devices_of_their_own)
{
	group_list[2].watchdog = other_path;
	watchdog_open(&watchdog, &settings, now);
	say(0, now + LEAST);
	say(2, now + LEAST);
	pass(1);
	assert_int_equal(armed, 2);
	say(2, 0);
	pass(1);
	assert_int_equal(stopped, 1);
	assert_int_equal(note_of(0).state, haGroupWatchdog_armed);
}

TEST(it_is_not_started_when_there_is_too_little_time)
{
	say(0, now + 1999);
	pass(1000);
	assert_int_equal(armed, 0);
	say(0, now + LEAST);
	pass(1);
	assert_int_equal(armed, 1);
}

TEST(a_device_that_is_absent_is_tried_again)
{
	absent = true;
	pass_well(0, 4000);
	assert_int_equal(armed, 1);
	assert_int_equal(note_of(0).state, haGroupWatchdog_off);
	watchdog.told[0].timeout = 1; /* tell it again */
	assert_string_equal(note_of(0).error, "/dev/watchdog7: absent");
	absent = false;
	pass_well(0, 3000);
	assert_int_equal(armed, 2);
	assert_int_equal(note_of(0).state, haGroupWatchdog_armed);
}

TEST(a_device_that_is_too_slow_guards_nobody)
{
	slowest = 60000;
	pass_well(0, 1000);
	assert_int_equal(stopped, 1);
	assert_int_equal(note_of(0).state, haGroupWatchdog_off);
}

TEST(a_device_that_cannot_be_stopped_is_fed_for_ever)
{
	unsigned int before;

	stubborn = true;
	pass_well(0, 1000);
	say(0, 0);
	pass(1);
	assert_true(folder_has("hold.watchdog"));
	before = fed;
	pass(1500000);
	assert_int_equal(fed - before, 10);
	assert_int_equal(note_of(0).state, haGroupWatchdog_off);
	assert_true(watchdog_may_end(&watchdog, now));
	pass_well(0, 1000);
	assert_int_equal(note_of(0).state, haGroupWatchdog_armed);
}

TEST(what_was_left_running_is_fed_by_the_next_process)
{
	stubborn = true;
	folder_put("hold.watchdog", "");
	watchdog_open(&watchdog, &settings, now);
	assert_int_equal(armed, 1);
	pass(300000);
	assert_in_range(fed, 1, 2);
	stubborn = false;
	watchdog_open(&watchdog, &settings, now);
	pass(999);
	assert_int_equal(stopped, 0);
	assert_false(watchdog_may_end(&watchdog, now));
	pass(1);
	assert_int_equal(stopped, 1);
	assert_true(watchdog_may_end(&watchdog, now));
	assert_false(folder_has("hold.watchdog"));
}

/* The hub was killed, and is there again: whether or not the group has gone meanwhile, a device
 * that still runs resets nobody. */
TEST(what_a_killed_hub_has_left_running_goes_on_or_is_stopped)
{
	for (int here = 0; here < 2; here++) {
		pass_well(0, 1000);
		assert_true(folder_has("hold.watchdog"));
		watchdog_open(&watchdog, &settings, now);
		fed = stopped = 0;
		pass(500);
		assert_int_equal(fed, 0);
		if (here)
			pass_well(0, 1000);
		else
			pass(1000);
		assert_int_equal(stopped, !here);
		assert_int_equal(fed > 0, here);
		assert_int_equal(folder_has("hold.watchdog"), here);
	}
}

TEST(what_has_not_changed_is_no_news)
{
	struct guard_note note;

	assert_false(watchdog_news(&watchdog, 0, &note));
	pass_well(0, 500);
	assert_true(watchdog_news(&watchdog, 0, &note));
	assert_false(watchdog_news(&watchdog, 0, &note));
}

TEST(a_hub_that_dies_between_two_answers_is_no_reason_to_reset)
{
	pass_well(0, 5000);
	say(0, now + LEAST);
	pass(300);
	assert_true(watchdog_may_end(&watchdog, now));
	pass(500);
	assert_false(watchdog_may_end(&watchdog, now));
}

/* ---- the process ---- */

#define PATIENCE 20000 /* milliseconds until a test gives up */

static int hub;
static pid_t process;

static void start_process(void)
{
	int pair[2];

	frame_pair(pair);
	process = fork();
	assert_true(process >= 0);
	if (process == 0) {
		close(pair[0]);
		alarm(PATIENCE / 1000);
		loop_catch_signals();
		_exit(watchdog_run(&settings, pair[1]));
	}
	close(pair[1]);
	hub = pair[0];
}

static void order(uint32_t group, int64_t until)
{
	struct guard_order guard = { .group = group, .until = until };

	assert_int_equal(frame_send(hub, FRAME_GUARD, 0, &guard, sizeof(guard)), FRAME_OK);
}

static void expect_note(int32_t state)
{
	struct frame frame;

	assert_int_equal(frame_receive(hub, &frame, NULL), FRAME_OK);
	assert_int_equal(frame.head.type, FRAME_GUARDED);
	assert_int_equal(frame.body.guarded.group, 0);
	assert_int_equal(frame.body.guarded.state, state);
}

static int exit_status(void)
{
	int status = 0;

	assert_int_equal(waitpid(process, &status, 0), process);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

TEST(the_process_obeys_and_tells_and_ends_with_the_hub)
{
	start_process();
	order(0, clock_now() + 60000);
	expect_note(haGroupWatchdog_armed);
	order(0, 0);
	expect_note(haGroupWatchdog_off);
	close(hub);
	assert_int_equal(exit_status(), EXIT_SUCCESS);
}

TEST(the_process_ends_at_what_is_no_order)
{
	start_process();
	order(1, clock_now() + 60000);
	assert_int_equal(exit_status(), EXIT_FAILURE);
	close(hub);
}

TEST(the_process_does_not_end_when_that_would_feed)
{
	start_process();
	order(0, clock_now() + 60000);
	expect_note(haGroupWatchdog_armed);
	order(0, 1);
	close(hub);
	usleep(300000);
	assert_int_equal(waitpid(process, NULL, WNOHANG), 0);
	kill(process, SIGKILL);
	assert_int_equal(exit_status(), 128 + SIGKILL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(nothing_is_opened_before_a_group_is_here,
						open_watchdog, folder_remove),
		cmocka_unit_test_setup_teardown(a_group_without_a_watchdog_has_none, open_watchdog,
						folder_remove),
		cmocka_unit_test_setup_teardown(it_is_fed_four_times_in_its_time, open_watchdog,
						folder_remove),
		cmocka_unit_test_setup_teardown(it_is_not_fed_when_it_would_reset_too_late,
						open_watchdog, folder_remove),
		cmocka_unit_test_setup_teardown(a_hub_that_says_stop_starves_it_at_once,
						open_watchdog, folder_remove),
		cmocka_unit_test_setup_teardown(it_is_closed_when_the_group_is_gone, open_watchdog,
						folder_remove),
		cmocka_unit_test_setup_teardown(it_watches_until_the_last_group_is_gone,
						open_watchdog, folder_remove),
		cmocka_unit_test_setup_teardown(the_group_that_ends_first_decides, open_watchdog,
						folder_remove),
		cmocka_unit_test_setup_teardown(groups_may_have_devices_of_their_own, open_watchdog,
						folder_remove),
		cmocka_unit_test_setup_teardown(it_is_not_started_when_there_is_too_little_time,
						open_watchdog, folder_remove),
		cmocka_unit_test_setup_teardown(a_device_that_is_absent_is_tried_again,
						open_watchdog, folder_remove),
		cmocka_unit_test_setup_teardown(a_device_that_is_too_slow_guards_nobody,
						open_watchdog, folder_remove),
		cmocka_unit_test_setup_teardown(a_device_that_cannot_be_stopped_is_fed_for_ever,
						open_watchdog, folder_remove),
		cmocka_unit_test_setup_teardown(what_was_left_running_is_fed_by_the_next_process,
						open_watchdog, folder_remove),
		cmocka_unit_test_setup_teardown(
			what_a_killed_hub_has_left_running_goes_on_or_is_stopped, open_watchdog,
			folder_remove),
		cmocka_unit_test_setup_teardown(what_has_not_changed_is_no_news, open_watchdog,
						folder_remove),
		cmocka_unit_test_setup_teardown(
			a_hub_that_dies_between_two_answers_is_no_reason_to_reset, open_watchdog,
			folder_remove),
		cmocka_unit_test_setup_teardown(the_process_obeys_and_tells_and_ends_with_the_hub,
						open_watchdog, folder_remove),
		cmocka_unit_test_setup_teardown(the_process_ends_at_what_is_no_order, open_watchdog,
						folder_remove),
		cmocka_unit_test_setup_teardown(the_process_does_not_end_when_that_would_feed,
						open_watchdog, folder_remove),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
