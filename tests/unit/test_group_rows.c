/* Tests the rows of the groups: what the hub publishes of a group and its members, its alarms and
 * events, the count of its switches, and what a look costs.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/groups/rows.h"

#include <stdio.h>
#include <string.h>

#include "lib/clock.h"
#include "lib/memory.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/alarms.h"
#include "tests/unit/check.h"
#include "tests/unit/groups_world.h"

static const struct alarm_row *find_alarm(int32_t kind)
{
	const struct rows *rows = board_rows(&net.board, mib_haAlarmEntry);

	for (size_t i = 0; i < rows->count; i++) {
		const struct alarm_row *row = rows->entries[i]->row;

		if (!rows->entries[i]->gone && row->kind == kind)
			return row;
	}
	return NULL;
}

static size_t count_events(uint16_t notification)
{
	const struct rows *rows = board_rows(&net.board, mib_haEventEntry);
	size_t count = 0;

	for (size_t i = 0; i < rows->count; i++)
		count += ((const struct event_row *)rows->entries[i]->row)->notification ==
			 notification;
	return count;
}

TEST(a_group_that_is_served_here_says_so)
{
	const struct group_row *row = groups_world_row();

	assert_int_equal(row->head.state, HaRowState_fresh);
	assert_int_equal(row->role, HaServiceRole_active);
	assert_int_equal(row->role_time.wall, GROUPS_WALL);
	assert_string_equal(row->role_text, "VI_1 and all 3 other members are here");
	assert_int_equal(row->engine, haGroupEngine_vrrp);
	assert_string_equal(row->active_node, "n1");
	assert_string_equal(row->peer, "n2");
	assert_int_equal(row->peer_role, HaServiceRole_standbyHot);
	assert_int_equal(row->peer_reachable, HaAnswer_yes);
	assert_int_equal(row->peer_ready, HaAnswer_yes);
	assert_int_equal(row->peer_age.since, GROUPS_START);
	assert_int_equal(row->switch_ready, HaAnswer_yes);
	assert_int_equal(row->blockers, 0);
	assert_string_equal(row->blockers_text, "");
	assert_int_equal(row->maintenance, TruthValue_false);
	assert_int_equal(row->policy, haGroupFencingPolicy_witness);
	assert_int_equal(row->watchdog, haGroupWatchdog_off);
	assert_int_equal(row->members, 4);
	assert_int_equal(row->members_failed, 0);
	assert_string_equal(row->instance, "VI_1");
	assert_int_equal(row->cool_down_left, 0);
	assert_int_equal(row->switches, 0);
	assert_int_equal(row->last_result, haGroupLastSwitchResult_none);
	assert_int_equal(row->last_reason, HaReason_none);
	assert_null(find_alarm(HaAlarmType_groupNotServed));
}

TEST(a_group_of_which_nothing_is_known_yet_is_unknown)
{
	struct changes changes = net.changes;
	struct groups groups;
	struct group_row key = { .name = "nfs" };
	const struct group_row *row;

	for (size_t i = 0; i < net.board.count; i++)
		board_hide(&net.board, net.board.tables[i].table, HaRowState_unknown);
	groups_open(&groups, &changes, &net.settings, &net.when);
	row = board_row(&net.board, mib_haGroupEntry, &key);
	assert_int_equal(row->role, HaServiceRole_unknown);
	assert_string_equal(row->active_node, "");
	assert_int_equal(row->switch_ready, HaAnswer_unknown);
	assert_int_equal(row->peer_reachable, HaAnswer_unknown);
	groups_close(&groups);
	net.changes = changes;
}

TEST(members_are_completed_by_what_other_sources_say)
{
	const struct group_member_row *drbd = groups_world_member(WORLD_DRBD);
	const struct group_member_row *vrrp = groups_world_member(WORLD_VRRP);
	const struct group_member_row *mount = groups_world_member(WORLD_MOUNT);

	assert_int_equal(vrrp->order, 0);
	assert_int_equal(vrrp->member_state, haGroupMemberState_started);
	assert_int_equal(drbd->order, 1);
	assert_int_equal(drbd->member_state, haGroupMemberState_started);
	assert_int_equal(drbd->wanted, haGroupMemberWanted_started);
	assert_int_equal(mount->order, 2);
	assert_int_equal(mount->state_time.wall, GROUPS_WALL);
}

TEST(a_member_keeps_its_last_error_and_when_that_was)
{
	struct group_member_row *service = &net.member[WORLD_SERVICE];

	service->member_state = haGroupMemberState_failed;
	TEXT_PUT(service->error, "exit status 1");
	groups_world_pass(1000);
	service->member_state = haGroupMemberState_started;
	TEXT_PUT(service->error, "");
	groups_world_pass(1000);
	assert_string_equal(groups_world_member(WORLD_SERVICE)->error, "exit status 1");
	assert_int_equal(groups_world_member(WORLD_SERVICE)->error_time.wall, GROUPS_WALL + 100);
	assert_int_equal(groups_world_member(WORLD_SERVICE)->state_time.wall, GROUPS_WALL + 1100);
}

TEST(a_member_that_fails_degrades_the_group_and_raises_alarms)
{
	size_t events = count_events(mib_haGroupRoleChange);

	net.member[WORLD_SERVICE].member_state = haGroupMemberState_failed;
	TEXT_PUT(net.member[WORLD_SERVICE].error, "exit status 1");
	groups_world_pass(100);
	assert_int_equal(groups_world_row()->role, HaServiceRole_degraded);
	assert_string_equal(groups_world_row()->role_text,
			    "nfs-server.service has failed: exit status 1");
	assert_int_equal(groups_world_row()->members_failed, 1);
	assert_non_null(find_alarm(HaAlarmType_groupDegraded));
	assert_int_equal(count_events(mib_haGroupRoleChange), events + 1);
	assert_int_equal(count_events(mib_haGroupMemberChange), 1);
	net.member[WORLD_SERVICE].member_state = haGroupMemberState_started;
	groups_world_pass(100);
	assert_int_equal(groups_world_row()->role, HaServiceRole_active);
	assert_null(find_alarm(HaAlarmType_groupDegraded));
	assert_int_equal(count_events(mib_haGroupMemberChange), 2);
}

TEST(that_a_unit_has_failed_is_no_matter_where_it_need_not_run)
{
	groups_world_standby();
	groups_world_pass(100);
	net.member[WORLD_SERVICE].member_state = haGroupMemberState_failed;
	groups_world_pass(100);
	assert_int_equal(groups_world_row()->role, HaServiceRole_standbyHot);
	assert_null(find_alarm(HaAlarmType_groupDegraded));
}

TEST(what_is_only_started_and_stopped_is_no_event_of_its_own)
{
	groups_world_standby();
	groups_world_pass(100);
	assert_int_equal(count_events(mib_haGroupMemberChange), 0);
	assert_int_equal(groups_world_member(WORLD_MOUNT)->wanted, haGroupMemberWanted_stopped);
	assert_int_equal(groups_world_member(WORLD_MOUNT)->head.transitions, 1);
}

TEST(a_switch_is_counted_with_the_time_that_nobody_served)
{
	struct group_member_row *mount = &net.member[WORLD_MOUNT];

	net.work = (struct group_work){
		.busy = true,
		.job = 7,
		.verb = HaJobVerb_groupSwitchover,
	};
	groups_world_pass(100);
	assert_int_equal(groups_world_row()->role, HaServiceRole_transition);
	mount->member_state = haGroupMemberState_stopped;
	groups_world_pass(300);
	groups_world_standby();
	groups_world_pass(100);
	assert_string_equal(groups_world_row()->active_node, "n2");
	net.work = (struct group_work){
		.last_job = 7,
		.last_verb = HaJobVerb_groupSwitchover,
		.last_state = HaJobState_succeeded,
		.last_reason = HaReason_none,
		.last_wall = net.when.wall,
	};
	groups_world_pass(100);
	assert_int_equal(groups_world_row()->role, HaServiceRole_standbyHot);
	assert_int_equal(groups_world_row()->switches, 1);
	assert_int_equal(groups_world_row()->last_job, 7);
	assert_int_equal(groups_world_row()->last_result, haGroupLastSwitchResult_succeeded);
	assert_int_equal(groups_world_row()->last_duration, 400);
	assert_int_equal(groups_world_row()->cool_down_left, 10);
	groups_world_pass(9800);
	assert_int_equal(groups_world_row()->cool_down_left, 1);
	groups_world_pass(200);
	assert_int_equal(groups_world_row()->cool_down_left, 0);
}

TEST(after_a_crash_nobody_has_served_since_the_peer_was_heard_last)
{
	groups_world_standby();
	groups_world_pass(1000);
	groups_world_bury();
	groups_world_pass(2500);
	groups_world_pass(700);
	groups_world_active();
	groups_world_pass(100);
	assert_string_equal(groups_world_row()->active_node, "n1");
	assert_int_equal(groups_world_row()->switches, 2);
	assert_int_equal(groups_world_row()->last_duration, 3300);
}

TEST(a_group_that_has_left_is_looked_for_until_it_has_arrived)
{
	assert_false(groups_seek(&net.groups, net.when.now));
	groups_world_standby();
	net.peer.role = HaServiceRole_transition;
	groups_world_pass(100);
	assert_true(groups_seek(&net.groups, net.when.now));
	net.peer.role = HaServiceRole_active;
	groups_world_pass(100);
	assert_false(groups_seek(&net.groups, net.when.now));
	net.peer.role = HaServiceRole_standbyHot;
	groups_world_pass(100);
	assert_true(groups_seek(&net.groups, net.when.now));
	groups_world_pass(10000);
	assert_false(groups_seek(&net.groups, net.when.now));
}

TEST(a_node_that_lost_sight_of_where_it_is_served_has_seen_no_switch)
{
	groups_world_standby();
	groups_world_pass(1000);
	net.peer.answers = HaAnswer_unknown;
	groups_world_pass(60000);
	net.peer.answers = HaAnswer_yes;
	groups_world_pass(100);
	assert_int_equal(groups_world_row()->switches, 1);
	assert_int_equal(groups_world_row()->last_duration, 0);
}

TEST(a_job_that_hands_over_is_what_moved_the_group)
{
	net.work = (struct group_work){
		.busy = true,
		.job = 7,
		.verb = HaJobVerb_groupDemote,
	};
	net.instance.vrrp_state = HaVrrpState_fault;
	groups_world_pass(200);
	groups_world_standby();
	net.peer.role = HaServiceRole_transition;
	net.work = (struct group_work){
		.last_job = 7,
		.last_verb = HaJobVerb_groupDemote,
		.last_state = HaJobState_succeeded,
		.last_wall = net.when.wall,
	};
	groups_world_pass(500);
	assert_int_equal(groups_world_row()->switches, 0);
	groups_world_standby();
	groups_world_pass(100);
	assert_int_equal(groups_world_row()->switches, 1);
	assert_int_equal(groups_world_row()->last_job, 7);
	groups_world_pass(60000);
	groups_world_bury();
	groups_world_pass(3000);
	groups_world_active();
	groups_world_pass(100);
	assert_int_equal(groups_world_row()->switches, 2);
	assert_int_equal(groups_world_row()->last_job, 0);
	assert_int_equal(groups_world_row()->last_result, haGroupLastSwitchResult_succeeded);
}

TEST(a_job_that_only_starts_again_what_had_failed_is_no_switch)
{
	net.work = (struct group_work){
		.busy = true,
		.job = 8,
		.verb = HaJobVerb_groupPromote,
	};
	groups_world_pass(100);
	net.work = (struct group_work){
		.last_job = 8,
		.last_verb = HaJobVerb_groupPromote,
		.last_state = HaJobState_failed,
	};
	groups_world_pass(100);
	/* The first one there is at all is of an earlier life; so let there be one more. */
	net.work.busy = true;
	net.work.job = 9;
	net.work.verb = HaJobVerb_groupPromote;
	groups_world_pass(100);
	net.work.busy = false;
	net.work.last_job = 9;
	net.work.last_state = HaJobState_succeeded;
	groups_world_pass(100);
	assert_int_equal(groups_world_row()->last_job, 8);
	assert_int_equal(groups_world_row()->cool_down_left, 0);
}

TEST(a_group_that_no_node_serves_is_an_alarm_after_a_while)
{
	groups_world_standby();
	groups_world_pass(100);
	net.instance.vrrp_state = HaVrrpState_fault;
	net.peer.role = HaServiceRole_standbyCold;
	net.router.router_state = haVrrpRouterState_silent;
	net.drbd_peer.role = HaDrbdRole_secondary;
	TEXT_PUT(net.peer.active, "");
	groups_world_pass(8000);
	assert_null(find_alarm(HaAlarmType_groupNotServed));
	groups_world_pass(1000);
	assert_non_null(find_alarm(HaAlarmType_groupNotServed));
	assert_string_equal(groups_world_row()->active_node, "");
	groups_world_standby();
	groups_world_pass(100);
	assert_null(find_alarm(HaAlarmType_groupNotServed));
}

TEST(maintenance_is_told_with_its_end_and_is_an_alarm)
{
	net.work.maintenance = true;
	net.work.maintenance_ends = GROUPS_WALL + 60000;
	groups_world_pass(100);
	assert_int_equal(groups_world_row()->role, HaServiceRole_maintenance);
	assert_int_equal(groups_world_row()->maintenance, TruthValue_true);
	assert_int_equal(groups_world_row()->maintenance_ends.wall, GROUPS_WALL + 60000);
	assert_string_equal(groups_world_row()->active_node, "n1");
	assert_non_null(find_alarm(HaAlarmType_groupMaintenance));
	assert_int_equal(count_events(mib_haGroupMaintenanceChange), 1);
	net.work.maintenance = false;
	groups_world_pass(100);
	assert_int_equal(groups_world_row()->role, HaServiceRole_active);
	assert_int_equal(groups_world_row()->maintenance_ends.wall, 0);
	assert_null(find_alarm(HaAlarmType_groupMaintenance));
}

TEST(a_peer_that_is_gone_is_told_with_the_age_of_what_is_known)
{
	groups_world_bury();
	groups_world_pass(2000);
	assert_int_equal(groups_world_row()->peer_reachable, HaAnswer_no);
	assert_int_equal(groups_world_row()->peer_ready, HaAnswer_unknown);
	assert_int_equal(groups_world_row()->peer_role, HaServiceRole_standbyHot);
	assert_int_equal(groups_world_row()->peer_age.since, GROUPS_START);
	assert_non_null(find_alarm(HaAlarmType_groupPeerUnreachable));
	assert_non_null(find_alarm(HaAlarmType_groupNotReady));
	assert_int_equal(groups_world_row()->role, HaServiceRole_active);
}

TEST(what_passes_by_itself_is_no_alarm)
{
	net.work.busy = true;
	net.work.verb = HaJobVerb_groupCheck;
	groups_world_pass(100);
	assert_int_equal(groups_world_row()->switch_ready, HaAnswer_no);
	assert_int_equal(groups_world_row()->blockers, 1U << HaSwitchBlockers_jobRunning);
	assert_null(find_alarm(HaAlarmType_groupNotReady));
	assert_int_equal(groups_world_row()->role, HaServiceRole_active);
}

TEST(the_watchdog_is_shown_as_it_says)
{
	groups_take_guard(&net.groups, 0, haGroupWatchdog_armed, 2000, &net.when);
	assert_int_equal(groups_world_row()->watchdog, haGroupWatchdog_armed);
	assert_int_equal(groups_world_row()->watchdog_timeout, 2000);
	assert_true(groups_guard_until(&net.groups, 0, net.when.now) > net.when.now);
	groups_world_standby();
	groups_world_pass(100);
	assert_int_equal(groups_guard_until(&net.groups, 0, net.when.now), 0);
}

TEST(rows_of_other_tables_are_left_alone)
{
	struct drbd_resource_row row = net.resource;

	groups_amend(&net.groups, &drbd_resource_table, &row, &net.when);
	assert_memory_equal(&row, &net.resource, sizeof(row));
}

/* The limit is ten times what it may take, for slow machines and sanitizers. */
TEST(a_look_takes_less_than_a_millisecond)
{
	const int looks = 1000;
	int64_t begun = clock_microseconds(), took;

	for (int i = 0; i < looks; i++)
		groups_follow(&net.groups, &net.when);
	took = (clock_microseconds() - begun) / looks;
	print_message("one look at a group: %lld us\n", (long long)took);
	assert_true(took < 10000);
}

/* ---- what it may be asked for ---- */

/* The other node has handed over. */
static void become_master(void)
{
	net.drbd_peer.role = HaDrbdRole_secondary;
	net.router.router_state = haVrrpRouterState_silent;
	net.peer.role = HaServiceRole_standbyHot;
	net.instance.vrrp_state = HaVrrpState_master;
	groups_world_pass(100);
}

static void check_wanted(int32_t wanted, bool whole, bool idle, const char *text)
{
	const struct group_row *row = groups_world_row();

	assert_int_equal(row->wanted, wanted);
	assert_int_equal(row->whole, whole);
	assert_int_equal(row->idle, idle);
	if (text)
		assert_string_equal(row->wanted_text, text);
}

TEST(a_request_may_ask_for_what_the_group_wants_by_itself)
{
	check_wanted(AIM_NOTHING, true, false,
		     "VI_1 is master here: what is stopped would be started again");
	net.absent = true;
	net.instance.vrrp_state = HaVrrpState_backup;
	groups_world_pass(100);
	check_wanted(AIM_DEMOTE, false, false, NULL);
	groups_world_standby();
	groups_world_pass(100);
	check_wanted(AIM_NOTHING, false, true, "VI_1 is backup here");
	become_master();
	check_wanted(AIM_PROMOTE, false, true, NULL);
	assert_false(groups_world_row()->alone);
}

/* Nobody is told that nothing runs here while that is not known. */
TEST(what_is_not_known_is_not_idle)
{
	groups_world_standby();
	groups_world_pass(100);
	net.resource.head.state = HaRowState_stale;
	groups_world_pass(100);
	check_wanted(AIM_NOTHING, false, false,
		     "whether anything of it runs here is not known: see haSourceTable");
	assert_int_equal(groups_world_row()->wanted_reason, HaReason_factsStale);
}

/* What has failed is tried again after a pause, and at once when somebody asks for it. */
TEST(what_waits_for_its_pause_is_wanted_all_the_same)
{
	groups_world_standby();
	groups_world_pass(100);
	become_master();
	assert_int_equal(net.started, 1);
	groups_world_pass(100);
	assert_int_equal(net.started, 1);
	check_wanted(AIM_PROMOTE, false, true, NULL);
}

/* As one that the group has begun by itself. */
TEST(a_promotion_that_was_asked_for_is_under_the_lease)
{
	groups_world_standby();
	groups_world_pass(100);
	assert_int_equal(groups_guard_until(&net.groups, 0, net.when.now), 0);
	net.work.busy = true;
	net.work.verb = HaJobVerb_groupPromote;
	groups_world_pass(100);
	assert_int_not_equal(groups_guard_until(&net.groups, 0, net.when.now), 0);
	net.work.busy = false;
	groups_world_pass(100);
	assert_int_equal(groups_guard_until(&net.groups, 0, net.when.now), 0);
}

int main(void)
{
#define WITH_NET(test) cmocka_unit_test_setup_teardown(test, groups_world_make, groups_world_remove)
	const struct CMUnitTest tests[] = {
		WITH_NET(a_request_may_ask_for_what_the_group_wants_by_itself),
		WITH_NET(what_is_not_known_is_not_idle),
		WITH_NET(what_waits_for_its_pause_is_wanted_all_the_same),
		WITH_NET(a_promotion_that_was_asked_for_is_under_the_lease),
		WITH_NET(a_group_that_is_served_here_says_so),
		WITH_NET(a_group_of_which_nothing_is_known_yet_is_unknown),
		WITH_NET(members_are_completed_by_what_other_sources_say),
		WITH_NET(a_member_keeps_its_last_error_and_when_that_was),
		WITH_NET(a_member_that_fails_degrades_the_group_and_raises_alarms),
		WITH_NET(that_a_unit_has_failed_is_no_matter_where_it_need_not_run),
		WITH_NET(what_is_only_started_and_stopped_is_no_event_of_its_own),
		WITH_NET(a_switch_is_counted_with_the_time_that_nobody_served),
		WITH_NET(after_a_crash_nobody_has_served_since_the_peer_was_heard_last),
		WITH_NET(a_group_that_has_left_is_looked_for_until_it_has_arrived),
		WITH_NET(a_node_that_lost_sight_of_where_it_is_served_has_seen_no_switch),
		WITH_NET(a_job_that_hands_over_is_what_moved_the_group),
		WITH_NET(a_job_that_only_starts_again_what_had_failed_is_no_switch),
		WITH_NET(a_group_that_no_node_serves_is_an_alarm_after_a_while),
		WITH_NET(maintenance_is_told_with_its_end_and_is_an_alarm),
		WITH_NET(a_peer_that_is_gone_is_told_with_the_age_of_what_is_known),
		WITH_NET(what_passes_by_itself_is_no_alarm),
		WITH_NET(the_watchdog_is_shown_as_it_says),
		WITH_NET(rows_of_other_tables_are_left_alone),
		WITH_NET(a_look_takes_less_than_a_millisecond),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
