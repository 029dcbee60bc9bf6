/* Tests the process of the witness source against the kernel of a namespace, whose answers are
 * turned off and on. Skips without leave to make one.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/witness/source.h"

#include <fcntl.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/address.h"
#include "lib/clock.h"
#include "lib/frame.h"
#include "lib/loop.h"
#include "lib/settings.h"
#include "lib/settings_group.h"
#include "lib/settings_peer.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/report.h"
#include "subagent/source.h"
#include "subagent/sources/witness/rows.h"
#include "tests/unit/check.h"

#define PATIENCE 20000 /* milliseconds until a test gives up */

enum { IPV4, IPV6, PEER, ROWS };

static struct address witnesses[2], peers[1];
static struct settings_peer peer = { .addresses_count = 1, .addresses = peers };
static struct settings_group group_list[] = {
	{ .name = "nfs",
	  .line = 7,
	  .policy = haGroupFencingPolicy_witness,
	  .witnesses_count = 2,
	  .witnesses = witnesses,
	  .lease = 800 },
	{ .name = "www", .policy = haGroupFencingPolicy_always, .lease = 800 },
};
static struct settings_groups groups = { 2, group_list };
static struct settings settings = { .groups = &groups, .peer = &peer };

static bool possible;
static pid_t source;
static int hub;
static struct pulse pulse;
static struct witness_row rows[ROWS];
static unsigned int frames;

static void write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

static void answer(bool on)
{
	write_file("/proc/sys/net/ipv4/icmp_echo_ignore_all", on ? "0" : "1");
	write_file("/proc/sys/net/ipv6/icmp/echo_ignore_all", on ? "0" : "1");
}

static bool is_possible(void)
{
	int flags = geteuid() == 0 ? CLONE_NEWNET : CLONE_NEWUSER | CLONE_NEWNET;
	struct ifreq request = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int fd;

	if (unshare(flags) < 0 || access("/proc/sys/net/ipv6/icmp/echo_ignore_all", W_OK) < 0)
		return false;
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	flags = ioctl(fd, SIOCSIFFLAGS, &request);
	close(fd);
	return flags == 0;
}

static int look_around(void **state)
{
	(void)state;
	possible = is_possible();
	address_parse(&witnesses[0], "127.0.0.1", 0);
	address_parse(&witnesses[1], "::1", 0);
	address_parse(&peers[0], "127.0.0.2", 161);
	return 0;
}

static int start(void **state)
{
	int pair[2];

	(void)state;
	source = -1;
	hub = -1;
	if (!possible)
		return 0;
	memset(rows, 0, sizeof(rows));
	memset(&pulse, 0, sizeof(pulse));
	frames = 0;
	frame_pair(pair);
	source = fork();
	assert_true(source >= 0);
	if (source == 0) {
		close(pair[0]);
		frame_nonblocking(pair[1]);
		loop_catch_signals();
		report_open(pair[1]);
		witness_source.run(&settings);
		exit(0);
	}
	close(pair[1]);
	hub = pair[0];
	return 0;
}

/* Nothing has ever answered it. */
static int start_in_silence(void **state)
{
	if (possible)
		answer(false);
	return start(state);
}

static int end(void **state)
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

static struct witness_row *row_of(const struct witness_row *row)
{
	if (row->kind == haGroupWitnessKind_peer)
		return &rows[PEER];
	return &rows[witness_position(&group_list[0], row)];
}

static void take_frame(const struct frame *frame)
{
	const struct witness_row *row = (const void *)&frame->body;

	if (frame->head.type == FRAME_PULSE) {
		pulse = frame->body.pulse;
		return;
	}
	assert_int_equal(frame->head.type, FRAME_ROW);
	assert_int_equal(frame->head.table, mib_haGroupWitnessEntry);
	assert_int_equal(frame->head.length, sizeof(*row));
	assert_string_equal(row->group, "nfs");
	*row_of(row) = *row;
	frames++;
}

static void take_frames(int64_t until)
{
	struct pollfd polled = { .fd = hub, .events = POLLIN };
	static struct frame frame;
	int64_t left = until - clock_now();

	if (poll(&polled, 1, left > 0 ? (int)left : 0) <= 0)
		return;
	assert_int_equal(frame_receive(hub, &frame, NULL), FRAME_OK);
	take_frame(&frame);
}

static bool all_are(int32_t state)
{
	for (size_t i = 0; i < ROWS; i++)
		if (rows[i].witness_state != state)
			return false;
	return true;
}

static void await_all(int32_t state)
{
	int64_t deadline = clock_now() + PATIENCE;

	while (!all_are(state)) {
		if (clock_now() > deadline)
			fail_msg("states %d %d %d, error \"%s\"", rows[0].witness_state,
				 rows[1].witness_state, rows[2].witness_state, pulse.error);
		take_frames(clock_now() + 50);
	}
}

TEST(whoever_answers_is_reachable)
{
	if (!possible)
		skip();
	answer(true);
	await_all(haGroupWitnessState_reachable);
	for (size_t i = 0; i < ROWS; i++) {
		assert_int_equal(rows[i].head.state, HaRowState_fresh);
		assert_true(rows[i].head.absent == 0);
		assert_true(rows[i].received > 0 && rows[i].received <= rows[i].sent);
		assert_true(clock_now() - rows[i].age.since < PATIENCE);
		assert_true(rows[i].state_time.wall > 0);
	}
	assert_int_equal(pulse.state, haSourceState_running);
}

TEST(every_answer_is_told)
{
	struct witness_row first;

	if (!possible)
		skip();
	answer(true);
	await_all(haGroupWitnessState_reachable);
	first = rows[IPV4];
	while (rows[IPV4].received < first.received + 5)
		take_frames(clock_now() + PATIENCE);
	assert_true(rows[IPV4].age.since >= first.age.since + 4 * 200);
	assert_true(rows[IPV4].state_time.wall == first.state_time.wall);
	assert_true(frames <= 3 * (rows[IPV4].sent + 1));
}

TEST(whoever_falls_silent_is_lost_and_found_again)
{
	int64_t silent;

	if (!possible)
		skip();
	answer(true);
	await_all(haGroupWitnessState_reachable);
	answer(false);
	silent = clock_now();
	await_all(haGroupWitnessState_lost);
	assert_true(clock_now() - silent >= 800 - 200);
	for (size_t i = 0; i < ROWS; i++)
		assert_true(rows[i].age.since <= silent);
	answer(true);
	await_all(haGroupWitnessState_reachable);
}

TEST(whoever_has_never_answered_is_lost_and_has_no_age)
{
	if (!possible)
		skip();
	await_all(haGroupWitnessState_lost);
	assert_false(table_has(table_column(&witness_table, mib_haGroupWitnessAge), &rows[IPV6]));
	answer(true);
	await_all(haGroupWitnessState_reachable);
	assert_true(table_has(table_column(&witness_table, mib_haGroupWitnessAge), &rows[IPV6]));
}

TEST(it_is_wanted_where_a_group_has_witnesses)
{
	assert_true(witness_source.wanted(&settings));
	group_list[0].policy = haGroupFencingPolicy_fence;
	assert_false(witness_source.wanted(&settings));
	group_list[0].policy = haGroupFencingPolicy_witness;
}

TEST(the_peer_is_no_witness)
{
	struct address before = witnesses[1];
	int line = 0;

	assert_null(witness_source.refuse(&settings, &line));
	address_parse(&witnesses[1], "127.0.0.2", 0);
	assert_string_equal(witness_source.refuse(&settings, &line),
			    "a witness is an address of the peer");
	assert_int_equal(line, 7);
	witnesses[1] = before;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(whoever_answers_is_reachable, start, end),
		cmocka_unit_test_setup_teardown(every_answer_is_told, start, end),
		cmocka_unit_test_setup_teardown(whoever_falls_silent_is_lost_and_found_again, start,
						end),
		cmocka_unit_test_setup_teardown(whoever_has_never_answered_is_lost_and_has_no_age,
						start_in_silence, end),
		cmocka_unit_test(it_is_wanted_where_a_group_has_witnesses),
		cmocka_unit_test(the_peer_is_no_witness),
	};

	return cmocka_run_group_tests(tests, look_around, NULL);
}
