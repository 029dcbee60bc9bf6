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

/* A hub that has just started does not know of the members yet. */
TEST(a_resource_of_no_group_is_not_judged)
{
	TEXT_PUT(resource.name, "r1");
	say();
	verdict_judge(&board, "r1", true, &view);
	assert_int_equal(view.status, VERDICT_NONE);
	assert_true(view.known);
	assert_string_equal(view.why, "the agent knows of no group with this resource");
}

TEST(a_resource_that_is_not_known_is_not_judged)
{
	group.peer_fenced = HaAnswer_yes;
	say();
	verdict_judge(&board, "r2", true, &view);
	assert_int_equal(view.status, VERDICT_NONE);
	assert_false(view.known || view.connected);
	resource.peers_connected = 1;
	resource.head.state = HaRowState_stale;
	assert_int_equal(judge(true), VERDICT_NONE);
	assert_false(view.known || view.primary || view.connected);
	assert_string_equal(view.why, "the agent does not know the state of this resource");
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

/* What DRBD is told of an active peer makes it call the data of this node outdated: a peer that has
 * just been turned off is believed to answer for some seconds still. */
TEST(a_secondary_waits_while_an_active_peer_may_answer)
{
	resource.role = HaDrbdRole_secondary;
	group.peer_reachable = HaAnswer_yes;
	group.peer_role = HaServiceRole_active;
	assert_int_equal(judge(true), VERDICT_NONE);
	assert_string_equal(view.why, "the peer's agent said lately that it is active");
	group.peer_fenced = HaAnswer_yes;
	assert_int_equal(judge(true), VERDICT_NONE);
	group.peer_role = HaServiceRole_degraded;
	assert_int_equal(judge(true), VERDICT_NONE);
	group.peer_reachable = HaAnswer_no;
	assert_int_equal(judge(true), VERDICT_OUTDATED);
}

TEST(a_secondary_does_not_wait_for_a_peer_whose_lease_is_over)
{
	resource.role = HaDrbdRole_secondary;
	group.peer_reachable = HaAnswer_yes;
	group.peer_role = HaServiceRole_active;
	group.peer_stopped = true;
	assert_int_equal(judge(true), VERDICT_NONE);
	group.peer_fenced = HaAnswer_yes;
	assert_int_equal(judge(true), VERDICT_OUTDATED);
}

/* What it has promised to its peer's agent DRBD is not told otherwise. */
TEST(a_secondary_that_is_behind_is_not_let_go_on)
{
	resource.role = HaDrbdRole_secondary;
	group.behind = HaAnswer_yes;
	group.peer_fenced = HaAnswer_yes;
	assert_int_equal(judge(false), VERDICT_NONE);
	assert_string_equal(view.why,
			    "this node does not go on before it has the data of its peer");
	group.policy = haGroupFencingPolicy_fence;
	assert_int_equal(judge(false), VERDICT_NONE);
	assert_false(view.shoot);
	group.policy = haGroupFencingPolicy_witness;
	group.behind = HaAnswer_no;
	assert_int_equal(judge(false), VERDICT_OUTDATED);
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
	group.peer_silent = true; /* the answer that is overdue may never come */
	judge(true);
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
		cmocka_unit_test_setup_teardown(a_resource_that_is_not_known_is_not_judged,
						make_board, remove_board),
		cmocka_unit_test_setup_teardown(a_primary_waits_until_the_peer_cannot_take_over,
						make_board, remove_board),
		cmocka_unit_test_setup_teardown(what_is_old_is_not_believed, make_board,
						remove_board),
		cmocka_unit_test_setup_teardown(a_secondary_waits_while_an_active_peer_may_answer,
						make_board, remove_board),
		cmocka_unit_test_setup_teardown(
			a_secondary_does_not_wait_for_a_peer_whose_lease_is_over, make_board,
			remove_board),
		cmocka_unit_test_setup_teardown(a_secondary_that_is_behind_is_not_let_go_on,
						make_board, remove_board),
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
