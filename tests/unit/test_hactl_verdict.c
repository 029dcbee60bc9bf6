/* Tests what DRBD is told of a peer that it does not see any more.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/hactl/verdict.h"

#include <string.h>

#include "lib/memory.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/board.h"
#include "subagent/groups/rows.h"
#include "subagent/sources/drbd/rows.h"
#include "tests/unit/check.h"

static const struct table *const needed[] = { &group_table, &group_member_table,
					      &drbd_resource_table, NULL };
static struct board board;
static struct group_row group;
static struct drbd_resource_row resource;
static struct verdict_view view;

static void say(void)
{
	board_put(&board, &group_table, &group);
	board_put(&board, &drbd_resource_table, &resource);
}

static int make_board(void **state)
{
	struct group_member_row member = { .kind = haGroupMemberKind_drbd };

	(void)state;
	board_open(&board, needed);
	TEXT_PUT(member.group, "nfs");
	TEXT_PUT(member.name, "r0");
	member.head.state = HaRowState_fresh;
	board_put(&board, &group_member_table, &member);
	member.kind = haGroupMemberKind_command;
	TEXT_PUT(member.name, "r1");
	board_put(&board, &group_member_table, &member);
	group = (struct group_row){ .policy = haGroupFencingPolicy_witness };
	group.head.state = HaRowState_fresh;
	group.peer_fenced = HaAnswer_no;
	group.peer_reachable = HaAnswer_no;
	group.peer_role = HaServiceRole_unknown;
	TEXT_PUT(group.name, "nfs");
	resource = (struct drbd_resource_row){ .role = HaDrbdRole_primary, .peers = 1 };
	resource.head.state = HaRowState_fresh;
	TEXT_PUT(resource.name, "r0");
	say();
	return 0;
}

static int remove_board(void **state)
{
	(void)state;
	board_close(&board);
	return 0;
}

static enum verdict_status judge(bool patient)
{
	say();
	verdict_judge(&board, "r0", patient, &view);
	return view.status;
}

TEST(a_resource_of_no_group_is_not_judged)
{
	verdict_judge(&board, "r1", true, &view);
	assert_int_equal(view.status, VERDICT_UNDECIDED);
	assert_string_equal(view.why, "no group has this resource");
}

TEST(a_primary_waits_until_the_peer_cannot_take_over)
{
	assert_int_equal(judge(true), VERDICT_NONE);
	assert_true(view.primary);
	assert_false(view.shoot);
	assert_string_equal(view.group, "nfs");
	assert_int_equal(judge(false), VERDICT_NONE);
	assert_false(view.shoot);
	group.peer_fenced = HaAnswer_yes;
	assert_int_equal(judge(true), VERDICT_OUTDATED);
}

TEST(what_is_old_is_not_believed)
{
	group.peer_fenced = HaAnswer_yes;
	group.head.state = HaRowState_stale;
	assert_int_equal(judge(true), VERDICT_NONE);
}

TEST(a_secondary_gives_way_to_an_active_peer)
{
	resource.role = HaDrbdRole_secondary;
	group.peer_reachable = HaAnswer_yes;
	group.peer_role = HaServiceRole_active;
	assert_int_equal(judge(true), VERDICT_PEER_PRIMARY);
	group.peer_reachable = HaAnswer_no;
	assert_int_equal(judge(true), VERDICT_NONE);
}

TEST(a_primary_never_gives_way)
{
	group.peer_reachable = HaAnswer_yes;
	group.peer_role = HaServiceRole_active;
	assert_int_equal(judge(true), VERDICT_NONE);
}

TEST(policy_fence_shoots_unless_the_peer_may_still_answer)
{
	group.policy = haGroupFencingPolicy_fence;
	assert_int_equal(judge(true), VERDICT_NONE);
	assert_true(view.shoot);
	group.peer_reachable = HaAnswer_yes;
	judge(true);
	assert_false(view.shoot);
	judge(false);
	assert_true(view.shoot);
	group.peer_fenced = HaAnswer_yes;
	assert_int_equal(judge(false), VERDICT_FENCED);
	assert_false(view.shoot);
}

TEST(policies_that_do_not_ask)
{
	group.policy = haGroupFencingPolicy_never;
	assert_int_equal(judge(true), VERDICT_UNREACHABLE);
	group.policy = haGroupFencingPolicy_always;
	assert_int_equal(judge(true), VERDICT_UNREACHABLE);
}

TEST(whether_it_is_connected_is_told)
{
	judge(true);
	assert_false(view.connected);
	resource.peers_connected = 1;
	judge(true);
	assert_true(view.connected);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_resource_of_no_group_is_not_judged, make_board,
						remove_board),
		cmocka_unit_test_setup_teardown(a_primary_waits_until_the_peer_cannot_take_over,
						make_board, remove_board),
		cmocka_unit_test_setup_teardown(what_is_old_is_not_believed, make_board,
						remove_board),
		cmocka_unit_test_setup_teardown(a_secondary_gives_way_to_an_active_peer, make_board,
						remove_board),
		cmocka_unit_test_setup_teardown(a_primary_never_gives_way, make_board,
						remove_board),
		cmocka_unit_test_setup_teardown(
			policy_fence_shoots_unless_the_peer_may_still_answer, make_board,
			remove_board),
		cmocka_unit_test_setup_teardown(policies_that_do_not_ask, make_board, remove_board),
		cmocka_unit_test_setup_teardown(whether_it_is_connected_is_told, make_board,
						remove_board),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
