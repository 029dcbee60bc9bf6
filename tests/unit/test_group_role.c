/* Tests what a node is to a group: every cell of the state machine, what is seen in the facts, and
 * the sentences.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/groups/role.h"

#include <string.h>

#include "lib/memory.h"
#include "mib/ha-agentx-mib.h"
#include "tests/unit/check.h"
#include "tests/unit/groups_world.h"

#define U GROUP_UNKNOWN
#define S GROUP_STANDBY
#define T GROUP_TAKING
#define A GROUP_ACTIVE
#define D GROUP_DEGRADED
#define H GROUP_HANDING
#define F GROUP_FAILED
#define C GROUP_CONFLICT
#define M GROUP_MAINTENANCE

/* The next state while nothing has failed and nothing has taken too long, in the order of the
 * events: maintained, takes, hands, blind, twice, whole, flawed, split, denied, rest, idle. */
static const enum group_state expected[GROUP_STATES][GROUP_EVENTS] = {
	[U] = { M, T, H, U, C, A, D, T, F, H, S }, [S] = { M, T, S, U, C, A, T, T, F, H, S },
	[T] = { M, T, H, U, C, A, T, T, F, H, S }, [A] = { M, D, H, U, C, A, D, T, F, H, S },
	[D] = { M, D, H, U, C, A, D, T, F, H, S }, [H] = { M, T, H, U, C, A, T, T, F, H, S },
	[F] = { M, T, H, U, C, A, D, T, F, H, S }, [C] = { M, T, H, U, C, A, D, C, F, C, S },
	[M] = { M, T, H, U, C, A, D, T, F, H, S },
};

static enum group_state next(enum group_state state, enum group_event event, int64_t after)
{
	struct role role = { .state = state, .begun = GROUPS_START };

	return role_next(&role, event, groups_world_facts(), GROUPS_START + after);
}

static void has_failed(int32_t verb)
{
	net.work = (struct group_work){
		.last_job = 5,
		.last_verb = verb,
		.last_state = HaJobState_failed,
		.last_reason = HaReason_timeout,
		.last_text = "mount did not answer",
	};
	groups_follow(&net.groups, &net.when);
}

TEST(every_cell_leads_where_it_should)
{
	for (int from = 0; from < GROUP_STATES; from++)
		for (int event = 0; event < GROUP_EVENTS; event++)
			assert_int_equal(next((enum group_state)from, (enum group_event)event, 0),
					 expected[from][event]);
}

TEST(only_three_cells_look_at_the_time)
{
	for (int from = 0; from < GROUP_STATES; from++)
		for (int event = 0; event < GROUP_EVENTS; event++) {
			enum group_state late =
				next((enum group_state)from, (enum group_event)event, 3200);

			if (from == T && event == GROUP_FLAWED)
				assert_int_equal(late, D);
			else if ((from == T && event == GROUP_SPLIT) ||
				 (from == H && event == GROUP_REST))
				assert_int_equal(late, C);
			else
				assert_int_equal(late, expected[from][event]);
		}
}

TEST(what_is_tried_again_after_it_failed_shows_as_failed)
{
	has_failed(HaJobVerb_groupPromote);
	assert_int_equal(next(F, GROUP_TAKES, 0), F);
	assert_int_equal(next(F, GROUP_SPLIT, 0), F);
	assert_int_equal(next(C, GROUP_TAKES, 0), C);
	assert_int_equal(next(F, GROUP_HANDS, 0), H);
	assert_int_equal(next(T, GROUP_SPLIT, 3199), T);
	assert_int_equal(next(T, GROUP_SPLIT, 3200), F);
	has_failed(HaJobVerb_groupDemote);
	assert_int_equal(next(F, GROUP_TAKES, 0), T);
	assert_int_equal(next(F, GROUP_HANDS, 0), F);
	assert_int_equal(next(C, GROUP_HANDS, 0), C);
	assert_int_equal(next(F, GROUP_REST, 0), F);
}

/* ---- what is seen ---- */

static enum group_event seen(void)
{
	groups_world_pass(100);
	return net.groups.list[0].role.event;
}

TEST(the_facts_are_seen_as_they_are)
{
	assert_int_equal(seen(), GROUP_WHOLE);
	net.member[WORLD_SERVICE].member_state = haGroupMemberState_stopped;
	assert_int_equal(seen(), GROUP_FLAWED);
	net.resource.role = HaDrbdRole_secondary;
	assert_int_equal(seen(), GROUP_SPLIT);
	net.instance.vrrp_state = HaVrrpState_backup;
	assert_int_equal(seen(), GROUP_REST);
	net.member[WORLD_MOUNT].member_state = haGroupMemberState_stopped;
	assert_int_equal(seen(), GROUP_IDLE);
	net.instance.head.state = HaRowState_stale;
	assert_int_equal(seen(), GROUP_BLIND);
}

TEST(what_is_stale_is_not_known)
{
	net.resource.head.state = HaRowState_stale;
	assert_int_equal(seen(), GROUP_BLIND);
	assert_string_equal(groups_world_row()->role_text,
			    "how it is with the DRBD resources is not known: see haSourceTable");
	net.resource.head.state = HaRowState_fresh;
	net.member[WORLD_MOUNT].head.state = HaRowState_stale;
	assert_int_equal(seen(), GROUP_BLIND);
	assert_int_equal(groups_world_row()->role, HaServiceRole_unknown);
}

TEST(a_job_says_where_it_leads)
{
	net.work.busy = true;
	net.work.job = 3;
	net.work.verb = HaJobVerb_groupSwitchover;
	assert_int_equal(seen(), GROUP_HANDS);
	assert_string_equal(groups_world_row()->role_text, "job 3 hands over");
	net.member[WORLD_MOUNT].member_state = haGroupMemberState_stopped;
	net.work.rolling_back = true;
	assert_int_equal(seen(), GROUP_TAKES);
	assert_string_equal(groups_world_row()->role_text, "job 3 takes over");
	net.work.verb = HaJobVerb_groupCheck;
	assert_int_equal(seen(), GROUP_FLAWED);
}

TEST(both_nodes_primary_is_a_conflict_at_once)
{
	net.drbd_peer.role = HaDrbdRole_primary;
	assert_int_equal(seen(), GROUP_TWICE);
	assert_int_equal(groups_world_row()->role, HaServiceRole_conflict);
	assert_string_equal(groups_world_row()->role_text, "a resource is Primary here and on n2");
}

TEST(two_masters_are_a_conflict)
{
	net.instance.consistency = haVrrpInstanceConsistency_twoMasters;
	assert_int_equal(seen(), GROUP_TWICE);
	assert_string_equal(groups_world_row()->role_text, "VI_1 has two masters");
}

/* What it said before this node took over is no contradiction. */
TEST(a_peer_that_says_that_it_serves_too_is_a_conflict_when_it_goes_on)
{
	net.peer.role = HaServiceRole_active;
	groups_world_pass(3000);
	assert_int_equal(groups_world_row()->role, HaServiceRole_active);
	groups_world_pass(300);
	assert_int_equal(groups_world_row()->role, HaServiceRole_conflict);
	assert_string_equal(groups_world_row()->role_text, "n2 says that it serves the group, too");
}

TEST(the_address_without_the_disk_is_a_conflict_when_it_goes_on)
{
	groups_world_standby();
	groups_world_pass(100);
	net.instance.vrrp_state = HaVrrpState_master;
	net.drbd_peer.role = HaDrbdRole_secondary;
	net.peer.role = HaServiceRole_standbyHot;
	groups_world_pass(3200);
	assert_int_equal(groups_world_row()->role, HaServiceRole_transition);
	assert_string_equal(groups_world_row()->role_text, "VI_1 is master");
	groups_world_pass(100);
	assert_int_equal(groups_world_row()->role, HaServiceRole_conflict);
	assert_string_equal(groups_world_row()->role_text, "the address is here, and r0 is not");
}

/* The rows of members come when they come. */
TEST(a_member_may_tell_after_the_end_of_the_job_that_started_it)
{
	groups_world_standby();
	groups_world_pass(100);
	net.work.busy = true;
	net.work.verb = HaJobVerb_groupPromote;
	groups_world_active();
	net.member[WORLD_SERVICE].member_state = haGroupMemberState_stopped;
	groups_world_pass(8000);
	assert_int_equal(groups_world_row()->role, HaServiceRole_transition);
	net.work = (struct group_work){
		.last_job = 5,
		.last_verb = HaJobVerb_groupPromote,
		.last_state = HaJobState_succeeded,
	};
	groups_world_pass(3000);
	assert_int_equal(groups_world_row()->role, HaServiceRole_transition);
	groups_world_pass(1000);
	assert_int_equal(groups_world_row()->role, HaServiceRole_degraded);
}

TEST(the_disk_without_the_address_is_a_conflict_when_it_goes_on)
{
	net.instance.vrrp_state = HaVrrpState_backup;
	groups_world_pass(3200);
	assert_int_equal(groups_world_row()->role, HaServiceRole_transition);
	groups_world_pass(100);
	assert_int_equal(groups_world_row()->role, HaServiceRole_conflict);
	assert_string_equal(groups_world_row()->role_text, "the address is not here, and r0 is");
}

/* ---- the words ---- */

TEST(a_standby_is_hot_or_says_why_not)
{
	groups_world_standby();
	groups_world_pass(100);
	assert_int_equal(groups_world_row()->role, HaServiceRole_standbyHot);
	assert_string_equal(groups_world_row()->role_text,
			    "n2 serves the group; this node could take over");
	net.volume.disk = HaDrbdDisk_inconsistent;
	groups_world_pass(100);
	assert_int_equal(groups_world_row()->role, HaServiceRole_standbyCold);
	assert_string_equal(groups_world_row()->role_text,
			    "r0/0 is inconsistent here: wait for the resync");
}

TEST(a_standby_that_does_not_hear_of_its_peer_can_still_be_hot)
{
	groups_world_standby();
	net.peer.head.state = HaRowState_stale;
	net.peer.answers = HaAnswer_no;
	groups_world_pass(100);
	assert_int_equal(groups_world_row()->role, HaServiceRole_standbyHot);
	assert_string_equal(groups_world_row()->role_text, "this node could take over");
}

TEST(a_take_over_that_failed_says_why)
{
	groups_world_standby();
	groups_world_pass(100);
	net.instance.vrrp_state = HaVrrpState_master;
	net.drbd_peer.role = HaDrbdRole_secondary;
	net.peer.role = HaServiceRole_standbyHot;
	net.absent = true;
	groups_world_pass(100);
	has_failed(HaJobVerb_groupPromote);
	groups_world_pass(3300);
	assert_int_equal(groups_world_row()->role, HaServiceRole_failed);
	assert_string_equal(groups_world_row()->role_text,
			    "job 5 has failed: mount did not answer");
}

int main(void)
{
#define WITH_NET(test) cmocka_unit_test_setup_teardown(test, groups_world_make, groups_world_remove)
	const struct CMUnitTest tests[] = {
		WITH_NET(every_cell_leads_where_it_should),
		WITH_NET(only_three_cells_look_at_the_time),
		WITH_NET(what_is_tried_again_after_it_failed_shows_as_failed),
		WITH_NET(the_facts_are_seen_as_they_are),
		WITH_NET(what_is_stale_is_not_known),
		WITH_NET(a_job_says_where_it_leads),
		WITH_NET(both_nodes_primary_is_a_conflict_at_once),
		WITH_NET(two_masters_are_a_conflict),
		WITH_NET(a_peer_that_says_that_it_serves_too_is_a_conflict_when_it_goes_on),
		WITH_NET(the_address_without_the_disk_is_a_conflict_when_it_goes_on),
		WITH_NET(a_member_may_tell_after_the_end_of_the_job_that_started_it),
		WITH_NET(the_disk_without_the_address_is_a_conflict_when_it_goes_on),
		WITH_NET(a_standby_is_hot_or_says_why_not),
		WITH_NET(a_standby_that_does_not_hear_of_its_peer_can_still_be_hot),
		WITH_NET(a_take_over_that_failed_says_why),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
