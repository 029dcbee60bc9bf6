/* Tests whether a peer is said to be healthy, with a clock that is played.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/peer/vrrp.h"

#include <string.h>
#include <unistd.h>

#include "lib/frame.h"
#include "lib/memory.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/report.h"
#include "subagent/sources/peer/book.h"
#include "subagent/sources/peer/rows.h"
#include "tests/unit/check.h"

#define LIMIT 5000
#define START 1000000

static struct peer_book vrrp;
static struct rows instances; /* as the peer has them */
static int hub;
static int64_t now;

/* What the hub knows, by the last letter of the name. */
static struct peer_vrrp_row told['Z'];
static unsigned int told_count;
static bool told_gone;

static int open_peer(void **state)
{
	int pair[2];

	(void)state;
	frame_pair(pair);
	frame_nonblocking(pair[0]);
	hub = pair[0];
	report_open(pair[1]);
	now = START;
	memset(told, 0, sizeof(told));
	rows_open(&instances, &peer_instance_table);
	peer_book_open(&vrrp, &peer_vrrp_kind, LIMIT, now);
	*state = NULL;
	return 0;
}

static int close_peer(void **state)
{
	(void)state;
	peer_book_close(&vrrp);
	rows_close(&instances);
	close(hub);
	return 0;
}

/* Read what was reported. */
static void listen(void)
{
	struct frame frame;

	told_count = 0;
	told_gone = false;
	while (frame_receive(hub, &frame, NULL) == FRAME_OK) {
		const struct peer_vrrp_row *row = (const void *)&frame.body;

		assert_int_equal(frame.head.table, mib_haVrrpPeerEntry);
		told_gone |= frame.head.type == FRAME_GONE;
		if (frame.head.type == FRAME_ROW) {
			memcpy(&told[(unsigned char)row->instance[3]], row, sizeof(*row));
			told_count++;
		}
	}
}

static struct peer_instance_row good_row(const char *name)
{
	struct peer_instance_row row = {
		.head.state = HaRowState_fresh,
		.vrrp_state = HaVrrpState_backup,
		.reason = haVrrpPeerReason_started,
		.priority = 90,
		.held = HaAnswer_no,
	};

	TEXT_PUT(row.name, name);
	return row;
}

static void set_row(const struct peer_instance_row *row)
{
	rows_put(&instances, row);
}

/* The peer answers, after so many milliseconds. */
static void answer(int64_t after, int32_t keepalived)
{
	struct peer_said said = { .node = "n2", .keepalived = keepalived, .instances = &instances };

	now += after;
	peer_book_take(&vrrp, &instances, &said, now);
	listen();
}

static void run_well(int64_t after)
{
	answer(after, haVrrpKeepalivedState_running);
}

static void be_silent(int64_t after, int32_t cause)
{
	now += after;
	peer_book_fail(&vrrp, cause, now);
	listen();
}

static void wait_for(int64_t after)
{
	now += after;
	peer_book_turn(&vrrp, now);
	listen();
}

static const struct peer_vrrp_row *row_of(char letter)
{
	return &told[(unsigned char)letter];
}

static void check_row(char letter, int32_t state, int32_t healthy, int32_t cause)
{
	const struct peer_vrrp_row *row = row_of(letter);

	assert_int_equal(row->head.state, state);
	assert_int_equal(row->healthy, healthy);
	assert_int_equal(row->cause, cause);
}

static void check_good(char letter)
{
	check_row(letter, HaRowState_fresh, HaAnswer_yes, haVrrpPeerCause_none);
}

/* ---- what the peer says ---- */

TEST(a_backup_would_take_over)
{
	struct peer_instance_row row = good_row("VI_A");

	row.addresses_present = 2;
	row.state_time.wall = 77;
	set_row(&row);
	run_well(10);
	check_good('A');
	assert_string_equal(row_of('A')->instance, "VI_A");
	assert_string_equal(row_of('A')->node, "n2");
	assert_int_equal(row_of('A')->vrrp_state, HaVrrpState_backup);
	assert_int_equal(row_of('A')->reason, haVrrpPeerReason_started);
	assert_int_equal(row_of('A')->priority, 90);
	assert_int_equal(row_of('A')->addresses_present, 2);
	assert_int_equal(row_of('A')->state_time.wall, 77);
	assert_int_equal(row_of('A')->age.since, now);
	assert_int_equal(row_of('A')->head.absent, 0);
}

struct verdict_case {
	int32_t state, held, keepalived, cause;
};

TEST(every_other_state_has_its_cause)
{
	static const struct verdict_case cases[] = {
		{ HaVrrpState_master, HaAnswer_no, haVrrpKeepalivedState_running,
		  haVrrpPeerCause_none },
		{ HaVrrpState_backup, HaAnswer_unknown, haVrrpKeepalivedState_unknown,
		  haVrrpPeerCause_none },
		{ HaVrrpState_fault, HaAnswer_no, haVrrpKeepalivedState_running,
		  haVrrpPeerCause_fault },
		{ HaVrrpState_fault, HaAnswer_yes, haVrrpKeepalivedState_running,
		  haVrrpPeerCause_held },
		{ HaVrrpState_backup, HaAnswer_yes, haVrrpKeepalivedState_running,
		  haVrrpPeerCause_held },
		{ HaVrrpState_init, HaAnswer_no, haVrrpKeepalivedState_running,
		  haVrrpPeerCause_notReady },
		{ HaVrrpState_deleted, HaAnswer_no, haVrrpKeepalivedState_running,
		  haVrrpPeerCause_notReady },
		{ HaVrrpState_other, HaAnswer_no, haVrrpKeepalivedState_running,
		  haVrrpPeerCause_notReady },
		{ HaVrrpState_stop, HaAnswer_no, haVrrpKeepalivedState_stopped,
		  haVrrpPeerCause_keepalivedGone },
		{ HaVrrpState_backup, HaAnswer_no, haVrrpKeepalivedState_stopped,
		  haVrrpPeerCause_keepalivedGone },
		{ HaVrrpState_backup, HaAnswer_no, haVrrpKeepalivedState_notInstalled,
		  haVrrpPeerCause_keepalivedGone },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct peer_instance_row row = good_row("VI_A");

		row.vrrp_state = cases[i].state;
		row.held = cases[i].held;
		set_row(&row);
		answer(1000, cases[i].keepalived);
		check_row('A', HaRowState_fresh,
			  cases[i].cause == haVrrpPeerCause_none ? HaAnswer_yes : HaAnswer_no,
			  cases[i].cause);
	}
}

TEST(an_instance_that_the_peer_misses_is_missing)
{
	struct peer_instance_row row = good_row("VI_A");

	row.head.state = HaRowState_missing;
	set_row(&row);
	run_well(10);
	check_row('A', HaRowState_missing, HaAnswer_no, haVrrpPeerCause_noSuchInstance);
}

/* ---- what it does not say ---- */

TEST(an_expected_instance_is_unknown_at_first)
{
	peer_book_expect(&vrrp, "VI_A");
	peer_book_report(&vrrp);
	listen();
	check_row('A', HaRowState_stale, HaAnswer_unknown, haVrrpPeerCause_unknown);
	assert_false(table_has(table_column(&peer_vrrp_table, mib_haVrrpPeerAge), row_of('A')));
	be_silent(LIMIT, haVrrpPeerCause_unreachable);
	check_row('A', HaRowState_stale, HaAnswer_unknown, haVrrpPeerCause_unknown);
	wait_for(1);
	check_row('A', HaRowState_stale, HaAnswer_no, haVrrpPeerCause_unreachable);
}

TEST(an_expected_instance_that_the_peer_does_not_have_is_missing)
{
	peer_book_expect(&vrrp, "VI_A");
	run_well(10);
	check_row('A', HaRowState_missing, HaAnswer_no, haVrrpPeerCause_noSuchInstance);
	answer(1000, haVrrpKeepalivedState_stopped);
	check_row('A', HaRowState_fresh, HaAnswer_no, haVrrpPeerCause_keepalivedGone);
}

TEST(any_other_instance_goes_when_the_peer_has_it_no_more)
{
	struct peer_instance_row row = good_row("VI_A");

	set_row(&row);
	run_well(10);
	rows_remove(&instances, 0);
	run_well(1000);
	assert_true(told_gone);
	assert_int_equal(vrrp.count, 0);
}

TEST(a_peer_that_has_just_started_takes_nothing_back)
{
	struct peer_instance_row row = good_row("VI_A");

	set_row(&row);
	run_well(10);
	rows_remove(&instances, 0);
	answer(1000, haVrrpKeepalivedState_unknown);
	assert_false(told_gone);
	check_good('A');
	answer(LIMIT, haVrrpKeepalivedState_unknown);
	check_row('A', HaRowState_stale, HaAnswer_no, haVrrpPeerCause_rowNotFresh);
	assert_int_equal(row_of('A')->vrrp_state, HaVrrpState_backup);
	set_row(&row);
	run_well(1000);
	check_good('A');
}

TEST(a_row_that_its_agent_does_not_vouch_for_counts_for_the_limit)
{
	struct peer_instance_row row = good_row("VI_A");

	set_row(&row);
	run_well(10);
	row.head.state = HaRowState_stale;
	row.vrrp_state = HaVrrpState_fault;
	set_row(&row);
	run_well(LIMIT);
	check_good('A');
	run_well(1);
	check_row('A', HaRowState_stale, HaAnswer_no, haVrrpPeerCause_rowNotFresh);
	assert_int_equal(row_of('A')->vrrp_state, HaVrrpState_backup);
}

TEST(so_does_one_whose_state_it_does_not_know)
{
	struct peer_instance_row row = good_row("VI_A");

	set_row(&row);
	run_well(10);
	row.vrrp_state = HaVrrpState_unknown;
	set_row(&row);
	run_well(LIMIT);
	check_good('A');
	run_well(1);
	check_row('A', HaRowState_stale, HaAnswer_no, haVrrpPeerCause_rowNotFresh);
}

/* ---- silence ---- */

TEST(a_lost_answer_changes_nothing)
{
	struct peer_instance_row row = good_row("VI_A");

	set_row(&row);
	run_well(10);
	be_silent(2000, haVrrpPeerCause_unreachable);
	assert_int_equal(told_count, 0);
	run_well(1000);
	check_good('A');
}

TEST(a_silent_peer_keeps_its_last_state_and_is_not_healthy)
{
	struct peer_instance_row row = good_row("VI_A");
	int64_t confirmed;

	set_row(&row);
	run_well(10);
	confirmed = now;
	be_silent(3000, haVrrpPeerCause_unreachable);
	assert_int_equal(peer_book_turn(&vrrp, now), confirmed + LIMIT + 1);
	wait_for(2001);
	check_row('A', HaRowState_stale, HaAnswer_no, haVrrpPeerCause_unreachable);
	assert_int_equal(row_of('A')->vrrp_state, HaVrrpState_backup);
	assert_int_equal(row_of('A')->age.since, confirmed);
	be_silent(100000, haVrrpPeerCause_authenticationFailed);
	check_row('A', HaRowState_stale, HaAnswer_no, haVrrpPeerCause_authenticationFailed);
	run_well(1000);
	check_good('A');
}

/* Its own process was stopped, or the machine slept. */
TEST(nobody_is_healthy_because_nobody_looked)
{
	struct peer_instance_row row = good_row("VI_A");

	set_row(&row);
	run_well(10);
	wait_for(LIMIT + 1);
	check_row('A', HaRowState_stale, HaAnswer_unknown, haVrrpPeerCause_unknown);
}

/* ---- what is told ---- */

TEST(a_confirmation_is_told_in_its_turn_and_a_change_at_once)
{
	struct peer_instance_row row = good_row("VI_A");

	set_row(&row);
	run_well(10);
	assert_int_equal(told_count, 1);
	run_well(1000);
	assert_int_equal(told_count, 0);
	wait_for(1);
	assert_int_equal(told_count, 1);
	assert_int_equal(row_of('A')->age.since, now - 1);
	row.priority = 80;
	set_row(&row);
	run_well(1000);
	assert_int_equal(told_count, 1);
	assert_int_equal(row_of('A')->priority, 80);
}

TEST(every_instance_is_judged_by_itself)
{
	struct peer_instance_row a = good_row("VI_A"), b = good_row("VI_B"), c = good_row("VI_C");

	b.vrrp_state = HaVrrpState_fault;
	set_row(&b);
	set_row(&c);
	set_row(&a);
	run_well(10);
	check_good('A');
	check_row('B', HaRowState_fresh, HaAnswer_no, haVrrpPeerCause_fault);
	check_good('C');
}

#define PEER_TEST(sentence) cmocka_unit_test_setup_teardown(sentence, open_peer, close_peer)

int main(void)
{
	const struct CMUnitTest tests[] = {
		PEER_TEST(a_backup_would_take_over),
		PEER_TEST(every_other_state_has_its_cause),
		PEER_TEST(an_instance_that_the_peer_misses_is_missing),
		PEER_TEST(an_expected_instance_is_unknown_at_first),
		PEER_TEST(an_expected_instance_that_the_peer_does_not_have_is_missing),
		PEER_TEST(any_other_instance_goes_when_the_peer_has_it_no_more),
		PEER_TEST(a_peer_that_has_just_started_takes_nothing_back),
		PEER_TEST(a_row_that_its_agent_does_not_vouch_for_counts_for_the_limit),
		PEER_TEST(so_does_one_whose_state_it_does_not_know),
		PEER_TEST(a_lost_answer_changes_nothing),
		PEER_TEST(a_silent_peer_keeps_its_last_state_and_is_not_healthy),
		PEER_TEST(nobody_is_healthy_because_nobody_looked),
		PEER_TEST(a_confirmation_is_told_in_its_turn_and_a_change_at_once),
		PEER_TEST(every_instance_is_judged_by_itself),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
