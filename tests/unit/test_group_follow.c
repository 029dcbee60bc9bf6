/* Tests what a group does by itself: it follows its address, waits for its peer, obeys its policy,
 * stops when its lease is over, and tries again with pauses.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/groups/follow.h"

#include <string.h>

#include "lib/memory.h"
#include "mib/ha-agentx-mib.h"
#include "tests/unit/check.h"
#include "tests/unit/groups_world.h"

/* Since the last time. */
static unsigned int count_started(void)
{
	unsigned int count = net.started;

	net.started = 0;
	return count;
}

static void expect(enum group_aim aim)
{
	assert_int_equal(count_started(), 1);
	assert_int_equal(net.intent.aim, aim);
}

static void expect_nothing(void)
{
	assert_int_equal(count_started(), 0);
}

static const struct group_intent *intent(void)
{
	return &net.groups.list[0].intent;
}

/* The address comes to a standby whose peer has handed over. */
static void become_master(void)
{
	groups_world_standby();
	groups_world_pass(5000);
	expect_nothing();
	net.drbd_peer.role = HaDrbdRole_secondary;
	net.router.router_state = haVrrpRouterState_silent;
	net.peer.role = HaServiceRole_standbyHot;
	net.instance.vrrp_state = HaVrrpState_master;
}

/* A standby whose peer dies while it is active, seen as late as its adverts fail. */
static void survive(void)
{
	groups_world_standby();
	groups_world_pass(5000);
	groups_world_bury();
	groups_world_pass(3600);
	expect_nothing();
	net.instance.vrrp_state = HaVrrpState_master;
}

static void end_job(int32_t verb, int32_t result)
{
	net.work.busy = false;
	net.work.last_job++;
	net.work.last_verb = verb;
	net.work.last_state = result;
	net.work.last_wall = net.when.wall;
}

/* ---- VRRP ---- */

TEST(nothing_is_done_while_all_is_as_it_should_be)
{
	groups_world_pass(60000);
	groups_world_standby();
	groups_world_pass(60000);
	expect_nothing();
}

TEST(the_address_comes_and_the_group_follows)
{
	become_master();
	groups_world_pass(100);
	expect(AIM_PROMOTE);
	assert_false(net.intent.alone);
	assert_false(net.intent.fence);
	assert_int_equal(net.intent.origin, haActionOrigin_vrrp);
	assert_string_equal(net.intent.text, "VI_1 is master");
}

TEST(the_address_goes_and_the_group_follows)
{
	static const int32_t gone[] = { HaVrrpState_backup, HaVrrpState_fault, HaVrrpState_stop };

	for (size_t i = 0; i < COUNT(gone); i++) {
		net.instance.vrrp_state = HaVrrpState_master;
		groups_world_pass(100);
		expect_nothing();
		net.instance.vrrp_state = gone[i];
		groups_world_pass(100);
		expect(AIM_DEMOTE);
	}
}

TEST(a_keepalived_that_is_gone_hands_over_too)
{
	net.keepalived.keepalived = haVrrpKeepalivedState_stopped;
	groups_world_pass(100);
	expect(AIM_DEMOTE);
	assert_string_equal(net.intent.text, "VI_1 is gone with keepalived");
}

TEST(an_instance_that_keepalived_does_not_have_hands_over_too)
{
	net.instance.head.state = HaRowState_missing;
	groups_world_pass(100);
	expect(AIM_DEMOTE);
}

TEST(a_state_that_is_not_known_changes_nothing)
{
	net.instance.head.state = HaRowState_stale;
	net.instance.vrrp_state = HaVrrpState_backup;
	groups_world_pass(10000);
	net.instance.head.state = HaRowState_fresh;
	net.instance.vrrp_state = HaVrrpState_init;
	groups_world_pass(10000);
	expect_nothing();
	net.instance.vrrp_state = HaVrrpState_backup;
	groups_world_pass(100);
	expect(AIM_DEMOTE);
	net.instance.vrrp_state = HaVrrpState_init;
	groups_world_pass(10000);
	expect_nothing();
}

TEST(a_job_is_not_disturbed)
{
	net.work.busy = true;
	net.work.verb = HaJobVerb_groupSwitchover;
	net.instance.vrrp_state = HaVrrpState_fault;
	groups_world_pass(10000);
	expect_nothing();
}

TEST(nothing_is_done_in_maintenance)
{
	net.work.maintenance = true;
	net.instance.vrrp_state = HaVrrpState_backup;
	groups_world_pass(10000);
	net.instance.vrrp_state = HaVrrpState_master;
	net.member[WORLD_SERVICE].member_state = haGroupMemberState_failed;
	groups_world_pass(10000);
	expect_nothing();
}

TEST(a_member_that_fails_is_started_again)
{
	net.member[WORLD_SERVICE].member_state = haGroupMemberState_failed;
	groups_world_pass(100);
	expect(AIM_PROMOTE);
	assert_false(net.intent.alone);
}

TEST(a_member_that_is_not_known_is_left_alone)
{
	net.member[WORLD_SERVICE].member_state = haGroupMemberState_unknown;
	groups_world_pass(10000);
	expect_nothing();
}

/* ---- pauses ---- */

TEST(what_fails_is_tried_again_after_a_pause_that_grows)
{
	static const int64_t pauses[] = { 1000, 2000, 4000, 8000, 16000, 30000, 30000 };

	become_master();
	groups_world_pass(100);
	expect(AIM_PROMOTE);
	for (size_t i = 0; i < COUNT(pauses); i++) {
		net.work.busy = true;
		net.work.verb = HaJobVerb_groupPromote;
		groups_world_pass(5000);
		end_job(HaJobVerb_groupPromote, HaJobState_rolledBack);
		groups_world_pass(pauses[i] - 200);
		expect_nothing();
		groups_world_pass(200);
		expect(AIM_PROMOTE);
	}
}

/* Rows of jobs are not to be pushed out by a service that will not start. */
TEST(what_is_served_all_the_same_is_repaired_less_and_less_often)
{
	net.member[WORLD_SERVICE].member_state = haGroupMemberState_failed;
	groups_world_pass(3600 * 1000);
	assert_in_range(count_started(), 10, 16);
	assert_true(net.intent.repair);
}

TEST(another_edge_does_not_wait_for_the_pause)
{
	become_master();
	groups_world_pass(100);
	expect(AIM_PROMOTE);
	end_job(HaJobVerb_groupPromote, HaJobState_failed);
	net.instance.vrrp_state = HaVrrpState_backup;
	groups_world_pass(100);
	net.instance.vrrp_state = HaVrrpState_master;
	groups_world_pass(100);
	expect(AIM_PROMOTE);
}

TEST(an_executor_that_is_not_there_yet_is_no_failure)
{
	net.absent = true;
	become_master();
	groups_world_pass(3000);
	expect_nothing();
	net.absent = false;
	groups_world_pass(100);
	expect(AIM_PROMOTE);
}

/* ---- the peer ---- */

TEST(a_peer_that_is_primary_is_waited_for)
{
	become_master();
	net.drbd_peer.role = HaDrbdRole_primary;
	groups_world_pass(3200);
	expect_nothing();
	assert_false(intent()->denied);
	assert_string_equal(groups_world_row()->role_text, "r0 is Primary on n2 still");
	groups_world_pass(100);
	assert_true(intent()->denied);
	assert_int_equal(groups_world_row()->role, HaServiceRole_failed);
	net.drbd_peer.role = HaDrbdRole_secondary;
	groups_world_pass(100);
	expect(AIM_PROMOTE);
}

TEST(a_peer_that_stays_primary_gets_its_address_back)
{
	become_master();
	net.drbd_peer.role = HaDrbdRole_primary;
	groups_world_pass(3200 + 10000);
	expect_nothing();
	groups_world_pass(100);
	expect(AIM_HOLD);
	assert_int_equal(net.intent.reason, HaReason_peerPrimary);
}

TEST(a_peer_that_is_still_handing_over_has_more_time)
{
	become_master();
	net.drbd_peer.role = HaDrbdRole_primary;
	net.peer.role = HaServiceRole_transition;
	groups_world_pass(3200 + 19900);
	expect_nothing();
	groups_world_pass(200);
	expect(AIM_HOLD);
}

/* What it said before this node became master counts for nothing. */
TEST(a_peer_whose_agent_says_that_it_serves_is_believed)
{
	become_master();
	net.drbd_peer.connection = HaDrbdConnection_connecting;
	net.drbd_peer.role = HaDrbdRole_unknown;
	net.peer.role = HaServiceRole_active;
	net.group.policy = haGroupFencingPolicy_always;
	groups_world_pass(5000);
	expect_nothing();
	assert_string_equal(intent()->text, "n2 says that it serves the group");
}

TEST(an_open_split_brain_gives_the_address_back)
{
	become_master();
	net.resource.split_brain = haDrbdResourceSplitBrain_detected;
	groups_world_pass(100);
	expect(AIM_HOLD);
	assert_int_equal(net.intent.reason, HaReason_splitBrain);
}

/* ---- no data ---- */

TEST(a_node_without_the_data_gives_the_address_back)
{
	static const int32_t disks[] = { HaDrbdDisk_inconsistent, HaDrbdDisk_outdated,
					 HaDrbdDisk_diskless, HaDrbdDisk_failed,
					 HaDrbdDisk_consistent };

	for (size_t i = 0; i < COUNT(disks); i++) {
		become_master();
		net.volume.disk = disks[i];
		groups_world_pass(100);
		expect(AIM_HOLD);
		assert_int_equal(net.intent.reason, HaReason_notUpToDate);
		assert_int_equal(groups_world_row()->role, HaServiceRole_failed);
		net.volume.disk = HaDrbdDisk_upToDate;
	}
}

TEST(a_resync_target_that_lost_its_source_gives_the_address_back)
{
	survive();
	net.volume.disk = HaDrbdDisk_inconsistent;
	groups_world_pass(100);
	expect(AIM_HOLD);
	assert_string_equal(net.intent.text, "r0/0 is inconsistent on this node, not upToDate");
}

TEST(a_hold_of_ours_is_kept_until_the_data_is_back)
{
	become_master();
	net.volume.disk = HaDrbdDisk_inconsistent;
	groups_world_pass(100);
	expect(AIM_HOLD);
	net.work.own_hold = true;
	net.instance.held = HaAnswer_yes;
	net.instance.vrrp_state = HaVrrpState_fault;
	groups_world_pass(60000);
	expect_nothing();
	assert_int_equal(groups_world_row()->role, HaServiceRole_failed);
	assert_string_equal(groups_world_row()->role_text,
			    "r0/0 is inconsistent on this node, not upToDate");
	net.volume.disk = HaDrbdDisk_upToDate;
	groups_world_pass(100);
	expect(AIM_RELEASE);
}

TEST(a_group_stays_failed_while_a_job_holds_it)
{
	become_master();
	net.prompt = true;
	net.volume.disk = HaDrbdDisk_inconsistent;
	net.work.verb = HaJobVerb_groupHold;
	groups_world_pass(100);
	expect(AIM_HOLD);
	groups_world_pass(500);
	assert_true(net.work.busy);
	assert_int_equal(groups_world_row()->role, HaServiceRole_failed);
	net.work.own_hold = true;
	net.instance.held = HaAnswer_yes;
	net.instance.vrrp_state = HaVrrpState_fault;
	groups_world_pass(500);
	assert_int_equal(groups_world_row()->role, HaServiceRole_failed);
	assert_int_equal(groups_world_row()->head.transitions, 3);
	expect_nothing();
}

TEST(a_hold_of_ours_ends_when_the_peer_serves)
{
	groups_world_standby();
	net.work.own_hold = true;
	net.instance.held = HaAnswer_yes;
	net.instance.vrrp_state = HaVrrpState_fault;
	net.volume.disk = HaDrbdDisk_inconsistent;
	groups_world_pass(100);
	expect(AIM_RELEASE);
}

/* It would take the address at once, without the data. */
TEST(a_node_that_preempts_is_held_until_it_has_the_data)
{
	groups_world_standby();
	net.work.own_hold = true;
	net.instance.held = HaAnswer_yes;
	net.instance.vrrp_state = HaVrrpState_fault;
	net.instance.nopreempt = HaAnswer_no;
	net.volume.disk = HaDrbdDisk_inconsistent;
	groups_world_pass(10000);
	expect_nothing();
	net.volume.disk = HaDrbdDisk_upToDate;
	groups_world_pass(100);
	expect(AIM_RELEASE);
}

TEST(a_hold_of_somebody_else_is_left_alone)
{
	groups_world_standby();
	net.instance.held = HaAnswer_yes;
	net.instance.vrrp_state = HaVrrpState_fault;
	groups_world_pass(10000);
	expect_nothing();
}

TEST(without_a_hold_that_has_an_effect_there_is_only_the_sentence)
{
	become_master();
	net.instance.hold_effective = HaAnswer_no;
	net.volume.disk = HaDrbdDisk_inconsistent;
	groups_world_pass(10000);
	expect_nothing();
	assert_int_equal(groups_world_row()->role, HaServiceRole_failed);
}

TEST(a_resource_that_is_not_up_is_waited_for)
{
	become_master();
	net.resource.head.state = HaRowState_missing;
	groups_world_pass(3200);
	expect_nothing();
	assert_string_equal(intent()->text, "r0 is not up: drbdadm up r0");
	groups_world_pass(100);
	expect(AIM_HOLD);
}

/* ---- policies ---- */

TEST(policy_never_does_not_take_over_alone)
{
	net.group.policy = haGroupFencingPolicy_never;
	survive();
	groups_world_pass(3200);
	expect_nothing();
	groups_world_pass(100);
	expect(AIM_HOLD);
	assert_int_equal(net.intent.reason, HaReason_notFenced);
	assert_string_equal(net.intent.text,
			    "the policy of the group is never to take over without the peer");
}

TEST(policy_always_takes_over_alone_at_once)
{
	net.group.policy = haGroupFencingPolicy_always;
	survive();
	groups_world_pass(100);
	expect(AIM_PROMOTE);
	assert_true(net.intent.alone);
	assert_false(net.intent.fence);
}

TEST(policy_fence_fences_first)
{
	net.group.policy = haGroupFencingPolicy_fence;
	survive();
	groups_world_pass(100);
	expect_nothing();
	assert_false(intent()->denied);
	groups_world_pass(net.group.lease);
	expect(AIM_PROMOTE);
	assert_true(net.intent.alone);
	assert_true(net.intent.fence);
	assert_string_equal(net.intent.text, "VI_1 is master, and the peer is to be fenced");
}

TEST(policy_witness_takes_over_when_the_peer_has_been_silent_for_long_enough)
{
	survive();
	groups_world_pass(100);
	expect(AIM_PROMOTE);
	assert_true(net.intent.alone);
	assert_false(net.intent.fence);
}

TEST(policy_witness_waits_until_the_peer_must_have_stopped)
{
	groups_world_standby();
	groups_world_pass(5000);
	groups_world_bury();
	net.instance.vrrp_state = HaVrrpState_master;
	groups_world_pass(2900);
	expect_nothing();
	assert_false(intent()->denied);
	groups_world_pass(600);
	expect(AIM_PROMOTE);
}

TEST(policy_witness_does_not_take_over_without_a_witness)
{
	groups_world_standby();
	groups_world_pass(5000);
	groups_world_bury();
	net.witness.witness_state = haGroupWitnessState_lost;
	groups_world_pass(3600);
	net.instance.vrrp_state = HaVrrpState_master;
	groups_world_pass(3200);
	expect_nothing();
	groups_world_pass(100);
	expect(AIM_HOLD);
	assert_int_equal(net.intent.reason, HaReason_notFenced);
}

/* DRBD takes seconds to notice that its peer is gone. */
TEST(policy_witness_has_drbd_ask_a_peer_that_still_counts_as_primary)
{
	groups_world_standby();
	groups_world_pass(5000);
	groups_world_bury();
	net.drbd_peer.connection = HaDrbdConnection_connected;
	net.drbd_peer.role = HaDrbdRole_primary;
	net.peer_volume.replication = HaDrbdReplication_established;
	net.peer_volume.disk = HaDrbdDisk_upToDate;
	groups_world_pass(3600);
	net.instance.vrrp_state = HaVrrpState_master;
	groups_world_pass(100);
	expect(AIM_PROMOTE);
	assert_true(net.intent.alone);
}

/* It was cut off itself after the peer was seen last: who knows what the peer has done meanwhile.
 */
TEST(policy_witness_does_not_take_over_with_old_data)
{
	groups_world_standby();
	groups_world_pass(5000);
	groups_world_bury();
	net.witness.witness_state = haGroupWitnessState_lost;
	groups_world_pass(3000);
	net.witness.witness_state = haGroupWitnessState_reachable;
	groups_world_pass(5000);
	net.instance.vrrp_state = HaVrrpState_master;
	groups_world_pass(3000);
	expect_nothing();
	assert_int_equal(intent()->reason, HaReason_notUpToDate);
	net.group.policy = haGroupFencingPolicy_always;
	groups_world_pass(100);
	expect(AIM_PROMOTE);
}

/* The adverts of a peer that has lost everything else. */
TEST(a_lease_that_will_come_is_waited_for)
{
	groups_world_standby();
	groups_world_pass(5000);
	groups_world_bury();
	net.instance.vrrp_state = HaVrrpState_master;
	net.router.router_state = haVrrpRouterState_advertising;
	groups_world_pass(500);
	net.router.router_state = haVrrpRouterState_silent;
	groups_world_pass(2900);
	expect_nothing();
	assert_true(intent()->denied);
	groups_world_pass(500);
	expect(AIM_PROMOTE);
}

TEST(policy_witness_does_not_take_over_without_a_lease_though_connected)
{
	groups_world_standby();
	net.peer.answers = HaAnswer_no;
	net.witness.witness_state = haGroupWitnessState_lost;
	groups_world_pass(5000);
	net.instance.vrrp_state = HaVrrpState_master;
	net.router.router_state = haVrrpRouterState_silent;
	net.drbd_peer.role = HaDrbdRole_secondary;
	net.peer.role = HaServiceRole_standbyHot;
	groups_world_pass(3000);
	expect_nothing();
	assert_int_equal(intent()->reason, HaReason_notFenced);
	net.peer.answers = HaAnswer_yes;
	groups_world_pass(100);
	expect(AIM_PROMOTE);
}

TEST(a_promotion_is_guarded_from_its_first_moment)
{
	become_master();
	net.prompt = true;
	net.work.verb = HaJobVerb_groupPromote;
	groups_world_pass(100);
	expect(AIM_PROMOTE);
	assert_true(groups_guard_until(&net.groups, 0, net.when.now) > net.when.now);
}

TEST(nobody_takes_over_alone_from_a_peer_in_maintenance)
{
	net.group.policy = haGroupFencingPolicy_always;
	net.peer.maintenance = HaAnswer_yes;
	survive();
	groups_world_pass(3000);
	expect_nothing();
	assert_int_equal(intent()->reason, HaReason_maintenance);
}

TEST(a_group_without_disks_needs_no_peer)
{
	net.group.members_count = 1;
	net.members[0] = net.members[2];
	survive();
	net.group.policy = haGroupFencingPolicy_always;
	groups_world_pass(100);
	expect(AIM_PROMOTE);
}

/* ---- the mirror alone is cut ---- */

/* Row by row. */
static void cut_mirror(void)
{
	net.peer_volume.replication = HaDrbdReplication_off;
	net.peer_volume.disk = HaDrbdDisk_dUnknown;
	groups_world_pass(10);
	net.drbd_peer.connection = HaDrbdConnection_connecting;
	net.drbd_peer.role = HaDrbdRole_unknown;
}

/* Everything of this node but the address, which comes back later. */
static void hand_over_in_vain(void)
{
	net.resource.role = HaDrbdRole_secondary;
	net.member[WORLD_MOUNT].member_state = haGroupMemberState_stopped;
	net.member[WORLD_SERVICE].member_state = haGroupMemberState_stopped;
	net.instance.vrrp_state = HaVrrpState_backup;
	groups_world_pass(1000);
	expect_nothing();
	net.instance.vrrp_state = HaVrrpState_master;
}

TEST(a_master_that_lacks_what_the_peer_has_gives_the_address_back)
{
	groups_world_standby();
	groups_world_pass(5000);
	cut_mirror();
	groups_world_pass(5000);
	net.router.router_state = haVrrpRouterState_silent;
	net.peer.role = HaServiceRole_transition;
	net.instance.vrrp_state = HaVrrpState_master;
	groups_world_pass(100);
	expect(AIM_HOLD);
	assert_int_equal(net.intent.reason, HaReason_notUpToDate);
	assert_string_equal(net.intent.text, "n2 answers, and may have data that is not here");
}

TEST(a_node_serves_again_whose_peer_says_that_it_lacks_data)
{
	groups_world_pass(5000);
	cut_mirror();
	net.peer.behind = HaAnswer_yes;
	groups_world_pass(5000);
	hand_over_in_vain();
	groups_world_pass(100);
	expect(AIM_PROMOTE);
	assert_true(net.intent.alone);
}

TEST(a_node_serves_again_whose_peer_drbd_knows_to_be_outdated)
{
	net.group.policy = haGroupFencingPolicy_fence;
	groups_world_pass(5000);
	cut_mirror();
	net.peer_volume.disk = HaDrbdDisk_outdated;
	groups_world_pass(5000);
	hand_over_in_vain();
	groups_world_pass(100);
	expect(AIM_PROMOTE);
	assert_true(net.intent.alone);
	assert_false(net.intent.fence);
}

TEST(policy_never_lets_an_outdated_peer_be)
{
	net.group.policy = haGroupFencingPolicy_never;
	groups_world_pass(5000);
	cut_mirror();
	net.peer_volume.disk = HaDrbdDisk_outdated;
	net.peer.behind = HaAnswer_yes;
	hand_over_in_vain();
	groups_world_pass(1000);
	expect_nothing();
}

/* Both nodes are Secondary, with the same data, when it happens. */
static void part(void)
{
	become_master();
	net.instance.vrrp_state = HaVrrpState_backup;
	groups_world_pass(1000);
	cut_mirror();
	groups_world_pass(1000);
	expect_nothing();
	net.instance.vrrp_state = HaVrrpState_master;
}

/* Of two that could go on one says that it will not. */
TEST(a_master_that_is_parted_from_its_like_leaves_it_to_the_peer)
{
	part();
	groups_world_pass(3200);
	expect_nothing();
	assert_int_equal(groups_world_row()->behind, HaAnswer_no);
	groups_world_pass(200);
	expect(AIM_HOLD);
	assert_int_equal(net.intent.reason, HaReason_notFenced);
	assert_int_equal(groups_world_row()->behind, HaAnswer_yes);
	net.work.own_hold = true;
	net.instance.held = HaAnswer_yes;
	net.instance.vrrp_state = HaVrrpState_fault;
	groups_world_pass(60000);
	expect_nothing();
	assert_int_equal(groups_world_row()->behind, HaAnswer_yes);
	net.drbd_peer.connection = HaDrbdConnection_connected;
	net.drbd_peer.role = HaDrbdRole_secondary;
	net.peer_volume.replication = HaDrbdReplication_established;
	net.peer_volume.disk = HaDrbdDisk_upToDate;
	groups_world_pass(100);
	expect(AIM_RELEASE);
	assert_int_equal(groups_world_row()->behind, HaAnswer_no);
}

TEST(a_node_goes_on_when_its_like_has_left_it_to_it)
{
	part();
	groups_world_pass(1000);
	expect_nothing();
	net.peer.behind = HaAnswer_yes;
	groups_world_pass(500);
	expect(AIM_PROMOTE);
	assert_true(net.intent.alone);
	assert_true(groups_world_row()->newest);
}

TEST(a_primary_promises_nothing_to_its_peer)
{
	groups_world_pass(5000);
	cut_mirror();
	net.member[WORLD_SERVICE].member_state = haGroupMemberState_stopped;
	net.instance.vrrp_state = HaVrrpState_backup;
	net.peer.answers = HaAnswer_yes;
	groups_world_pass(5000);
	assert_int_equal(groups_world_row()->behind, HaAnswer_no);
}

/* What the peer said while they were one is old. */
TEST(a_peer_must_have_said_so_since_they_were_parted)
{
	become_master();
	net.instance.vrrp_state = HaVrrpState_backup;
	net.peer.behind = HaAnswer_yes;
	groups_world_pass(1000);
	groups_world_bury();
	net.peer.head.state = HaRowState_fresh;
	net.peer.answers = HaAnswer_yes;
	groups_world_pass(1000);
	net.instance.vrrp_state = HaVrrpState_master;
	groups_world_pass(1000);
	expect_nothing();
	assert_false(groups_world_row()->newest);
	assert_false(net.groups.list[0].lease.sole);
}

/* Nothing is left to a peer that does not answer. */
TEST(a_lease_that_will_come_is_waited_for_and_not_for_ever)
{
	part();
	net.peer.answers = HaAnswer_no;
	net.router.router_state = haVrrpRouterState_advertising;
	groups_world_pass(2 * 3200);
	expect_nothing();
	groups_world_pass(200);
	expect(AIM_HOLD);
	groups_world_pass(100);
	assert_int_equal(groups_world_row()->behind, HaAnswer_no);
}

/* ---- the lease ---- */

static void cut_off(void)
{
	groups_world_pass(5000);
	groups_world_bury();
	net.witness.witness_state = haGroupWitnessState_lost;
}

TEST(a_node_that_sees_nobody_stops_in_time)
{
	cut_off();
	groups_world_pass(1100);
	expect_nothing();
	groups_world_pass(200);
	expect(AIM_DEMOTE);
	assert_int_equal(net.intent.origin, haActionOrigin_lease);
	net.work.busy = true;
	net.work.verb = HaJobVerb_groupDemote;
	groups_world_standby();
	net.drbd_peer.role = HaDrbdRole_unknown;
	net.router.router_state = haVrrpRouterState_silent;
	groups_world_pass(500);
	end_job(HaJobVerb_groupDemote, HaJobState_succeeded);
	groups_world_pass(100);
	expect_nothing();
}

TEST(a_node_that_cannot_stop_suspends_its_writes)
{
	cut_off();
	groups_world_pass(1300);
	expect(AIM_DEMOTE);
	net.work.busy = true;
	net.work.verb = HaJobVerb_groupDemote;
	groups_world_pass(1000);
	expect_nothing();
	groups_world_pass(200);
	expect(AIM_SUSPEND);
	groups_world_pass(100);
	assert_true(intent()->denied);
	end_job(HaJobVerb_groupDemote, HaJobState_failed);
	groups_world_pass(100);
	assert_int_equal(groups_world_row()->role, HaServiceRole_failed);
	groups_world_pass(60000);
	expect_nothing();
}

TEST(a_node_that_sees_its_witness_goes_on)
{
	groups_world_pass(5000);
	groups_world_bury();
	groups_world_pass(60000);
	expect_nothing();
	assert_int_equal(groups_world_row()->role, HaServiceRole_active);
}

/* ---- a hub that stood still ---- */

static void stand_still(int64_t milliseconds)
{
	groups_world_pass(5000);
	net.when.now += milliseconds;
	net.when.wall += milliseconds;
}

TEST(a_node_that_stood_still_suspends_first)
{
	stand_still(8000);
	groups_world_bury();
	groups_world_pass(100);
	expect(AIM_SUSPEND);
	assert_int_equal(net.intent.origin, haActionOrigin_lease);
	groups_world_pass(10000);
	expect_nothing();
	assert_int_equal(groups_world_row()->role, HaServiceRole_failed);
}

/* What its rows say is from before. */
TEST(a_node_that_stood_still_goes_on_when_the_peer_says_that_it_waited)
{
	stand_still(8000);
	net.peer.answers = HaAnswer_no;
	groups_world_pass(100);
	expect(AIM_SUSPEND);
	net.resource.suspended = 1U << haDrbdResourceSuspended_user;
	groups_world_pass(1000);
	expect_nothing();
	assert_true(net.groups.list[0].facts.lease.must_stop);
	net.peer.answers = HaAnswer_yes;
	groups_world_pass(100);
	expect(AIM_RESUME);
	net.resource.suspended = 0;
	groups_world_pass(100);
	expect_nothing();
	assert_false(net.groups.list[0].facts.lease.must_stop);
	assert_int_equal(groups_world_row()->role, HaServiceRole_active);
}

TEST(a_node_that_stood_still_believes_drbd_after_a_while)
{
	stand_still(8000);
	net.peer.answers = HaAnswer_no;
	groups_world_pass(100);
	expect(AIM_SUSPEND);
	groups_world_pass(14900);
	expect_nothing();
	groups_world_pass(200);
	expect(AIM_RESUME);
}

TEST(a_node_that_stood_still_while_its_peer_took_over_stays_suspended)
{
	stand_still(8000);
	net.drbd_peer.connection = HaDrbdConnection_standAlone;
	net.drbd_peer.role = HaDrbdRole_unknown;
	net.peer.role = HaServiceRole_active;
	groups_world_pass(100);
	expect(AIM_SUSPEND);
	net.resource.suspended = 1U << haDrbdResourceSuspended_user;
	groups_world_pass(60000);
	expect_nothing();
	assert_int_equal(groups_world_row()->role, HaServiceRole_failed);
	assert_string_equal(groups_world_row()->role_text,
			    "I/O is suspended, for the peer may have taken over: restart this "
			    "machine if it has");
}

/* Not every pause is longer than lease and give-up together. */
TEST(a_node_that_stood_still_suspends_before_it_believes_its_rows)
{
	static const int64_t gaps[] = { 2000, 8000 };

	for (size_t i = 0; i < COUNT(gaps); i++) {
		stand_still(gaps[i]);
		groups_follow(&net.groups, &net.when);
		groups_tick(&net.groups, &net.when);
		expect(AIM_SUSPEND);
		groups_world_pass(100);
		expect(AIM_RESUME);
	}
}

TEST(a_short_pause_is_none)
{
	stand_still(1000);
	groups_world_pass(1000);
	expect_nothing();
}

/* What runs here cannot be seen any more. */
static void go_blind(void)
{
	groups_world_pass(5000);
	net.resource.head.state = HaRowState_stale;
	for (size_t i = 0; i < WORLD_MEMBERS; i++)
		net.member[i].head.state = HaRowState_stale;
}

TEST(a_node_that_cannot_see_its_disks_is_guarded_all_the_same)
{
	go_blind();
	groups_world_pass(60000);
	expect_nothing();
	assert_true(groups_guard_until(&net.groups, 0, net.when.now) > net.when.now);
}

TEST(a_node_that_sees_nothing_and_nobody_stops)
{
	go_blind();
	cut_off();
	groups_world_pass(1300);
	expect(AIM_DEMOTE);
	net.work.busy = true;
	net.work.verb = HaJobVerb_groupDemote;
	groups_world_pass(1200);
	expect(AIM_SUSPEND);
	assert_int_not_equal(groups_guard_until(&net.groups, 0, net.when.now), 0);
}

/* DRBD says for seconds that it is connected with who is gone. */
TEST(writes_that_an_earlier_life_suspended_go_on_when_the_peer_says_that_it_waits)
{
	net.work.suspended = true;
	net.resource.suspended = 1U << haDrbdResourceSuspended_user;
	net.peer.answers = HaAnswer_no;
	groups_world_pass(5000);
	expect_nothing();
	net.peer.answers = HaAnswer_yes;
	groups_world_pass(100);
	expect(AIM_RESUME);
}

TEST(writes_that_an_earlier_life_suspended_go_on_after_a_while)
{
	net.work.suspended = true;
	net.resource.suspended = 1U << haDrbdResourceSuspended_user;
	net.peer.answers = HaAnswer_no;
	groups_world_pass(14900);
	expect_nothing();
	groups_world_pass(400);
	expect(AIM_RESUME);
}

TEST(where_nothing_is_primary_no_writes_wait)
{
	groups_world_standby();
	net.work.suspended = true;
	net.resource.suspended = 1U << haDrbdResourceSuspended_user;
	groups_world_pass(100);
	expect(AIM_RESUME);
}

TEST(writes_that_an_operator_suspended_are_left_alone)
{
	net.resource.suspended = 1U << haDrbdResourceSuspended_user;
	net.work.busy = false;
	groups_world_pass(10000);
	expect_nothing();
	assert_int_equal(groups_world_row()->role, HaServiceRole_degraded);
}

int main(void)
{
#define WITH_NET(test) cmocka_unit_test_setup_teardown(test, groups_world_make, groups_world_remove)
	const struct CMUnitTest tests[] = {
		WITH_NET(nothing_is_done_while_all_is_as_it_should_be),
		WITH_NET(the_address_comes_and_the_group_follows),
		WITH_NET(the_address_goes_and_the_group_follows),
		WITH_NET(a_keepalived_that_is_gone_hands_over_too),
		WITH_NET(an_instance_that_keepalived_does_not_have_hands_over_too),
		WITH_NET(a_state_that_is_not_known_changes_nothing),
		WITH_NET(a_job_is_not_disturbed),
		WITH_NET(nothing_is_done_in_maintenance),
		WITH_NET(a_member_that_fails_is_started_again),
		WITH_NET(a_member_that_is_not_known_is_left_alone),
		WITH_NET(what_fails_is_tried_again_after_a_pause_that_grows),
		WITH_NET(what_is_served_all_the_same_is_repaired_less_and_less_often),
		WITH_NET(another_edge_does_not_wait_for_the_pause),
		WITH_NET(an_executor_that_is_not_there_yet_is_no_failure),
		WITH_NET(a_peer_that_is_primary_is_waited_for),
		WITH_NET(a_peer_that_stays_primary_gets_its_address_back),
		WITH_NET(a_peer_that_is_still_handing_over_has_more_time),
		WITH_NET(a_peer_whose_agent_says_that_it_serves_is_believed),
		WITH_NET(an_open_split_brain_gives_the_address_back),
		WITH_NET(a_node_without_the_data_gives_the_address_back),
		WITH_NET(a_resync_target_that_lost_its_source_gives_the_address_back),
		WITH_NET(a_hold_of_ours_is_kept_until_the_data_is_back),
		WITH_NET(a_group_stays_failed_while_a_job_holds_it),
		WITH_NET(a_hold_of_ours_ends_when_the_peer_serves),
		WITH_NET(a_node_that_preempts_is_held_until_it_has_the_data),
		WITH_NET(a_hold_of_somebody_else_is_left_alone),
		WITH_NET(without_a_hold_that_has_an_effect_there_is_only_the_sentence),
		WITH_NET(a_resource_that_is_not_up_is_waited_for),
		WITH_NET(policy_never_does_not_take_over_alone),
		WITH_NET(policy_always_takes_over_alone_at_once),
		WITH_NET(policy_fence_fences_first),
		WITH_NET(policy_witness_takes_over_when_the_peer_has_been_silent_for_long_enough),
		WITH_NET(policy_witness_waits_until_the_peer_must_have_stopped),
		WITH_NET(policy_witness_does_not_take_over_without_a_witness),
		WITH_NET(policy_witness_has_drbd_ask_a_peer_that_still_counts_as_primary),
		WITH_NET(policy_witness_does_not_take_over_with_old_data),
		WITH_NET(a_lease_that_will_come_is_waited_for),
		WITH_NET(policy_witness_does_not_take_over_without_a_lease_though_connected),
		WITH_NET(a_promotion_is_guarded_from_its_first_moment),
		WITH_NET(nobody_takes_over_alone_from_a_peer_in_maintenance),
		WITH_NET(a_group_without_disks_needs_no_peer),
		WITH_NET(a_master_that_lacks_what_the_peer_has_gives_the_address_back),
		WITH_NET(a_node_serves_again_whose_peer_says_that_it_lacks_data),
		WITH_NET(a_node_serves_again_whose_peer_drbd_knows_to_be_outdated),
		WITH_NET(policy_never_lets_an_outdated_peer_be),
		WITH_NET(a_master_that_is_parted_from_its_like_leaves_it_to_the_peer),
		WITH_NET(a_node_goes_on_when_its_like_has_left_it_to_it),
		WITH_NET(a_primary_promises_nothing_to_its_peer),
		WITH_NET(a_peer_must_have_said_so_since_they_were_parted),
		WITH_NET(a_lease_that_will_come_is_waited_for_and_not_for_ever),
		WITH_NET(a_node_that_sees_nobody_stops_in_time),
		WITH_NET(a_node_that_cannot_stop_suspends_its_writes),
		WITH_NET(a_node_that_sees_its_witness_goes_on),
		WITH_NET(a_node_that_stood_still_suspends_first),
		WITH_NET(a_node_that_stood_still_suspends_before_it_believes_its_rows),
		WITH_NET(a_node_that_stood_still_goes_on_when_the_peer_says_that_it_waited),
		WITH_NET(a_node_that_stood_still_believes_drbd_after_a_while),
		WITH_NET(a_node_that_stood_still_while_its_peer_took_over_stays_suspended),
		WITH_NET(a_short_pause_is_none),
		WITH_NET(a_node_that_cannot_see_its_disks_is_guarded_all_the_same),
		WITH_NET(a_node_that_sees_nothing_and_nobody_stops),
		WITH_NET(
			writes_that_an_earlier_life_suspended_go_on_when_the_peer_says_that_it_waits),
		WITH_NET(writes_that_an_earlier_life_suspended_go_on_after_a_while),
		WITH_NET(where_nothing_is_primary_no_writes_wait),
		WITH_NET(writes_that_an_operator_suspended_are_left_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
