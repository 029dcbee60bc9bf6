/* Tests the process of the bonding source, on whatever links this machine has.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/bond/source.h"

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/frame.h"
#include "lib/loop.h"
#include "lib/settings.h"
#include "lib/settings_bond.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/report.h"
#include "subagent/source.h"
#include "subagent/sources/bond/rows.h"
#include "tests/unit/check.h"

#define PATIENCE 20000 /* milliseconds until a test gives up */
#define NAME "not-there"

static char ports[1][SETTINGS_INTERFACE_SIZE] = { "no-port" };
static struct settings_expected_bond expected = { NAME, 1, ports, false };
static struct settings_bond bonds = { 1, &expected };
static struct settings settings = { .bond = &bonds };

static pid_t source;
static int hub;
static struct pulse pulse;
static struct bond_row bond;
static struct bond_port_row port;
static bool bonds_complete;

static int set_up(void **state)
{
	int pair[2];

	(void)state;
	memset(&pulse, 0, sizeof(pulse));
	bonds_complete = false;
	frame_pair(pair);
	source = fork();
	assert_true(source >= 0);
	if (source == 0) {
		close(pair[0]);
		frame_nonblocking(pair[1]);
		loop_catch_signals();
		report_open(pair[1]);
		bond_source.run(&settings);
		exit(0);
	}
	close(pair[1]);
	hub = pair[0];
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	if (hub >= 0)
		close(hub);
	if (source > 0) {
		kill(source, SIGKILL);
		waitpid(source, NULL, 0);
	}
	return 0;
}

static void take_frame(const struct frame *frame)
{
	const void *body = &frame->body;

	if (frame->head.type == FRAME_PULSE) {
		pulse = frame->body.pulse;
	} else if (frame->head.type == FRAME_ROW && frame->head.table == mib_haBondEntry) {
		if (!strcmp(((const struct bond_row *)body)->name, NAME))
			memcpy(&bond, body, sizeof(bond));
	} else if (frame->head.type == FRAME_ROW) {
		assert_int_equal(frame->head.table, mib_haBondPortEntry);
		if (!strcmp(((const struct bond_port_row *)body)->bond, NAME))
			memcpy(&port, body, sizeof(port));
	} else if (frame->head.type == FRAME_END && frame->head.table == mib_haBondEntry) {
		bonds_complete = true;
	}
}

/* Take frames until the pulse says so, or fail. */
static void await_state(int32_t state)
{
	int64_t deadline = clock_now() + PATIENCE;
	static struct frame frame;

	while (pulse.state != state) {
		struct pollfd polled = { .fd = hub, .events = POLLIN };

		if (clock_now() > deadline)
			fail_msg("state %d, error \"%s\"", pulse.state, pulse.error);
		if (poll(&polled, 1, 50) <= 0)
			continue;
		assert_int_equal(frame_receive(hub, &frame, NULL), FRAME_OK);
		take_frame(&frame);
	}
}

TEST(what_is_expected_is_reported_before_it_says_that_it_runs)
{
	await_state(haSourceState_running);
	assert_true(bonds_complete);
	assert_int_equal(pulse.reason, haSourceReason_none);
	assert_true(pulse.collect_time > 0);
	assert_int_equal(bond.head.state, HaRowState_missing);
	assert_int_equal(bond.configured, TruthValue_true);
	assert_int_equal(bond.ports, 1);
	assert_string_equal(port.name, "no-port");
	assert_int_equal(port.head.state, HaRowState_missing);
}

TEST(it_ends_with_the_hub)
{
	int64_t deadline = clock_now() + PATIENCE;
	int status = 0;
	pid_t ended;

	await_state(haSourceState_running);
	close(hub);
	hub = -1;
	while (!(ended = waitpid(source, &status, WNOHANG)) && clock_now() < deadline)
		usleep(10000);
	assert_int_equal(ended, source);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	source = 0;
}

TEST(it_is_wanted_unless_it_is_switched_off)
{
	settings.bond_watch = WATCH_NO;
	assert_false(bond_source.wanted(&settings));
	settings.bond_watch = WATCH_AUTO;
	assert_true(bond_source.wanted(&settings));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			what_is_expected_is_reported_before_it_says_that_it_runs, set_up,
			tear_down),
		cmocka_unit_test_setup_teardown(it_ends_with_the_hub, set_up, tear_down),
		cmocka_unit_test(it_is_wanted_unless_it_is_switched_off),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
