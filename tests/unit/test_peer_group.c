/* Tests what is known of the peer's groups, with a clock that is played.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/peer/group.h"

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

static struct peer_book book;
static struct rows groups; /* as the peer has them */
static int hub;
static int64_t now;

static struct peer_group_row told; /* what the hub knows of the group `nfs' */
static unsigned int told_count;

static int open_book(void **state)
{
	int pair[2];

	(void)state;
	frame_pair(pair);
	frame_nonblocking(pair[0]);
	hub = pair[0];
	report_open(pair[1]);
	now = START;
	memset(&told, 0, sizeof(told));
	rows_open(&groups, &peer_asked_group_table);
	peer_book_open(&book, &peer_group_kind, LIMIT, now);
	peer_book_expect(&book, "nfs");
	return 0;
}

static int close_book(void **state)
{
	(void)state;
	peer_book_close(&book);
	rows_close(&groups);
	close(hub);
	return 0;
}

static void listen(void)
{
	struct frame frame;

	told_count = 0;
	while (frame_receive(hub, &frame, NULL) == FRAME_OK) {
		assert_int_equal(frame.head.type, FRAME_ROW);
		assert_int_equal(frame.head.table, mib_haGroupPeerEntry);
		memcpy(&told, &frame.body, sizeof(told));
		assert_string_equal(told.group, "nfs");
		told_count++;
	}
}

static struct peer_asked_group_row good_row(const char *name)
{
	struct peer_asked_group_row row = {
		.head.state = HaRowState_fresh,
		.role = HaServiceRole_standbyHot,
		.switch_ready = HaAnswer_yes,
		.maintenance = TruthValue_false,
		.policy = haGroupFencingPolicy_witness,
		.behind = HaAnswer_no,
		.members = 4,
		.active = "n1",
		.role_text = "all is well",
	};

	TEXT_PUT(row.name, name);
	return row;
}

static void answer(int64_t after)
{
	struct peer_said said = { .node = "n2", .groups = &groups };

	now += after;
	peer_book_take(&book, &groups, &said, now);
	listen();
}

static void be_silent(int64_t after)
{
	now += after;
	peer_book_fail(&book, haGroupPeerNodeCause_unreachable, now);
	listen();
}

static void check_told(int32_t state, int32_t answers, int32_t cause, int32_t role)
{
	assert_int_equal(told.head.state, state);
	assert_int_equal(told.answers, answers);
	assert_int_equal(told.cause, cause);
	assert_int_equal(told.role, role);
}

TEST(nothing_is_known_at_first)
{
	peer_book_report(&book);
	listen();
	check_told(HaRowState_stale, HaAnswer_unknown, haGroupPeerNodeCause_unknown,
		   HaServiceRole_unknown);
	assert_int_equal(told.switch_ready, HaAnswer_unknown);
	assert_int_equal(told.maintenance, HaAnswer_unknown);
	assert_int_equal(told.behind, HaAnswer_unknown);
	assert_int_equal(told.policy, haGroupPeerNodeFencingPolicy_unknown);
	assert_false(table_has(table_column(&peer_group_table, mib_haGroupPeerNodeAge), &told));
}

TEST(what_the_peer_says_is_told)
{
	struct peer_asked_group_row row = good_row("nfs");

	row.blockers = 1 << 6;
	row.members_failed = 1;
	rows_put(&groups, &row);
	answer(10);
	check_told(HaRowState_fresh, HaAnswer_yes, haGroupPeerNodeCause_none,
		   HaServiceRole_standbyHot);
	assert_string_equal(told.node, "n2");
	assert_string_equal(told.active, "n1");
	assert_string_equal(told.role_text, "all is well");
	assert_int_equal(told.switch_ready, HaAnswer_yes);
	assert_int_equal(told.maintenance, HaAnswer_no);
	assert_int_equal(told.policy, haGroupPeerNodeFencingPolicy_witness);
	assert_int_equal(told.behind, HaAnswer_no);
	assert_int_equal(told.blockers, 1 << 6);
	assert_int_equal(told.members, 4);
	assert_int_equal(told.members_failed, 1);
	assert_int_equal(told.age.since, now);
	assert_int_equal(told.head.absent, 0);
	row.maintenance = TruthValue_true;
	rows_put(&groups, &row);
	answer(1000);
	assert_int_equal(told.maintenance, HaAnswer_yes);
}

TEST(groups_of_the_peer_alone_are_no_rows)
{
	struct peer_asked_group_row row = good_row("other");

	rows_put(&groups, &row);
	answer(10);
	assert_int_equal(book.count, 1);
	assert_int_equal(told_count, 1);
}

TEST(a_group_that_the_peer_does_not_have_is_missing)
{
	struct peer_asked_group_row row = good_row("nfs");

	rows_put(&groups, &row);
	answer(10);
	rows_remove(&groups, 0);
	answer(1000);
	check_told(HaRowState_missing, HaAnswer_no, haGroupPeerNodeCause_noSuchGroup,
		   HaServiceRole_unknown);
	assert_string_equal(told.active, "");
	be_silent(LIMIT + 1);
	check_told(HaRowState_stale, HaAnswer_no, haGroupPeerNodeCause_unreachable,
		   HaServiceRole_unknown);
}

TEST(a_silent_peer_keeps_its_last_role)
{
	struct peer_asked_group_row row = good_row("nfs");

	rows_put(&groups, &row);
	answer(10);
	be_silent(LIMIT);
	assert_int_equal(told_count, 0);
	be_silent(1);
	check_told(HaRowState_stale, HaAnswer_no, haGroupPeerNodeCause_unreachable,
		   HaServiceRole_standbyHot);
	assert_int_equal(told.age.since, START + 10);
}

TEST(a_role_that_the_peer_does_not_know_is_not_taken)
{
	struct peer_asked_group_row row = good_row("nfs");

	rows_put(&groups, &row);
	answer(10);
	row.role = HaServiceRole_unknown;
	rows_put(&groups, &row);
	answer(LIMIT);
	check_told(HaRowState_fresh, HaAnswer_yes, haGroupPeerNodeCause_none,
		   HaServiceRole_standbyHot);
	answer(1);
	check_told(HaRowState_stale, HaAnswer_no, haGroupPeerNodeCause_rowNotFresh,
		   HaServiceRole_standbyHot);
}

TEST(so_it_is_with_a_row_that_is_not_fresh_there)
{
	struct peer_asked_group_row row = good_row("nfs");

	row.head.state = HaRowState_stale;
	rows_put(&groups, &row);
	answer(LIMIT + 1);
	check_told(HaRowState_stale, HaAnswer_no, haGroupPeerNodeCause_rowNotFresh,
		   HaServiceRole_unknown);
}

TEST(values_that_did_not_come_are_unknown)
{
	struct peer_asked_group_row row = { .head.state = HaRowState_fresh,
					    .role = HaServiceRole_active,
					    .name = "nfs" };

	rows_put(&groups, &row);
	answer(10);
	assert_int_equal(told.switch_ready, HaAnswer_unknown);
	assert_int_equal(told.maintenance, HaAnswer_unknown);
	assert_int_equal(told.policy, haGroupPeerNodeFencingPolicy_unknown);
}

#define BOOK_TEST(sentence) cmocka_unit_test_setup_teardown(sentence, open_book, close_book)

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOOK_TEST(nothing_is_known_at_first),
		BOOK_TEST(what_the_peer_says_is_told),
		BOOK_TEST(groups_of_the_peer_alone_are_no_rows),
		BOOK_TEST(a_group_that_the_peer_does_not_have_is_missing),
		BOOK_TEST(a_silent_peer_keeps_its_last_role),
		BOOK_TEST(a_role_that_the_peer_does_not_know_is_not_taken),
		BOOK_TEST(so_it_is_with_a_row_that_is_not_fresh_there),
		BOOK_TEST(values_that_did_not_come_are_unknown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
