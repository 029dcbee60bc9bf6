/* Tests what is known of a group: read off the rows of other sources, of several volumes and peers
 * the worst, and nothing of what is not fresh.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/groups/facts.h"

#include <string.h>

#include "lib/memory.h"
#include "mib/ha-agentx-mib.h"
#include "tests/unit/check.h"
#include "tests/unit/groups_world.h"

static const struct group_facts *look(void)
{
	groups_world_pass(100);
	return groups_world_facts();
}

static const struct group_resource *resource(void)
{
	return &look()->resources[0];
}

static void put(const struct table *table, const void *row)
{
	changes_put(&net.changes, table, row, &net.when);
}

TEST(an_active_group_is_read_as_it_is)
{
	const struct group_facts *facts = look();

	assert_string_equal(facts->node, "n1");
	assert_string_equal(facts->instance, "VI_1");
	assert_true(facts->drbd && facts->disks_known && facts->any_primary && facts->all_primary);
	assert_true(facts->all_connected);
	assert_false(facts->any_peer_primary);
	assert_int_equal(facts->resources_count, 1);
	assert_string_equal(facts->resources[0].peer, "n2");
	assert_int_equal(facts->resources[0].connected, HaAnswer_yes);
	assert_int_equal(facts->members.total, 3);
	assert_int_equal(facts->members.started, 3);
	assert_null(facts->members.not_started);
	assert_int_equal(facts_address(facts), HaAnswer_yes);
	assert_true(facts_whole(facts) && facts_runs(facts) && facts_synced(facts));
	assert_false(facts_peer_serves(facts, 0));
	assert_string_equal(facts->peer.node, "n2");
	assert_true(facts->lease.holds);
}

TEST(a_standby_runs_nothing)
{
	const struct group_facts *facts;

	groups_world_standby();
	facts = look();
	assert_false(facts_runs(facts));
	assert_true(facts->any_peer_primary && facts->vrrp.other_master);
	assert_true(facts_peer_serves(facts, 0));
	assert_true(facts_peer_serves(facts, net.when.now));
	assert_false(facts_peer_serves(facts, net.when.now + 1));
	assert_int_equal(facts_address(facts), HaAnswer_no);
}

/* ---- VRRP ---- */

TEST(the_address_is_where_keepalived_says)
{
	static const struct {
		int32_t state, address;
	} states[] = {
		{ HaVrrpState_master, HaAnswer_yes },      { HaVrrpState_backup, HaAnswer_no },
		{ HaVrrpState_fault, HaAnswer_no },        { HaVrrpState_init, HaAnswer_no },
		{ HaVrrpState_stop, HaAnswer_no },         { HaVrrpState_deleted, HaAnswer_no },
		{ HaVrrpState_unknown, HaAnswer_unknown }, { HaVrrpState_other, HaAnswer_unknown },
	};

	for (size_t i = 0; i < COUNT(states); i++) {
		net.instance.vrrp_state = states[i].state;
		assert_int_equal(facts_address(look()), states[i].address);
	}
}

TEST(an_instance_that_is_not_fresh_is_nowhere)
{
	net.instance.head.state = HaRowState_stale;
	assert_int_equal(look()->vrrp.state, HaVrrpState_unknown);
	assert_int_equal(look()->vrrp.hold_effective, HaAnswer_unknown);
}

TEST(an_own_router_and_one_of_another_group_are_no_other_master)
{
	groups_world_standby();
	assert_true(look()->vrrp.other_master);
	net.router.own = TruthValue_true;
	assert_false(look()->vrrp.other_master);
	net.router.own = TruthValue_false;
	net.router.vrid = 52;
	put(&vrrp_router_table, &net.router);
	changes_remove(&net.changes, &vrrp_router_table,
		       &(struct vrrp_router_row){ .interface = "eth0",
						  .vrid = 51,
						  .type = InetAddressType_ipv4,
						  .address = net.router.address },
		       &net.when);
	assert_false(look()->vrrp.other_master);
}

TEST(the_same_number_on_another_interface_is_another_instance)
{
	groups_world_standby();
	TEXT_PUT(net.router.interface, "eth1");
	changes_remove(&net.changes, &vrrp_router_table,
		       &(struct vrrp_router_row){ .interface = "eth0",
						  .vrid = 51,
						  .type = InetAddressType_ipv4,
						  .address = net.router.address },
		       &net.when);
	assert_false(look()->vrrp.other_master);
	TEXT_PUT(net.router.instance, "VI_1");
	assert_true(look()->vrrp.other_master);
}

TEST(an_interface_that_is_down_is_a_link_that_is_down)
{
	net.instance.vrrp_state = HaVrrpState_fault;
	assert_true(look()->vrrp.linked);
	net.instance.reason = haVrrpInstanceReason_trackInterface;
	assert_false(look()->vrrp.linked);
}

/* ---- DRBD ---- */

TEST(the_first_volume_that_is_not_up_to_date_stands_for_all)
{
	struct drbd_volume_row other = net.volume;

	other.number = 7;
	other.disk = HaDrbdDisk_outdated;
	other.quorum = HaAnswer_no;
	put(&drbd_volume_table, &other);
	assert_int_equal(resource()->disk, HaDrbdDisk_outdated);
	assert_int_equal(resource()->volume, 7);
	assert_true(resource()->no_quorum);
	net.volume.disk = HaDrbdDisk_diskless;
	assert_int_equal(resource()->disk, HaDrbdDisk_diskless);
	assert_int_equal(resource()->volume, 0);
}

TEST(of_several_peers_the_one_in_the_way_stands_for_all)
{
	struct drbd_peer_row other = net.drbd_peer;

	other.node_id = 2;
	TEXT_PUT(other.name, "n3");
	other.role = HaDrbdRole_unknown;
	other.connection = HaDrbdConnection_connecting;
	put(&drbd_peer_table, &other);
	assert_int_equal(resource()->peer_role, HaDrbdRole_unknown);
	assert_string_equal(resource()->peer, "n3");
	assert_int_equal(resource()->connected, HaAnswer_no);
	assert_int_equal(resource()->connection, HaDrbdConnection_connecting);
	net.drbd_peer.role = HaDrbdRole_primary;
	assert_int_equal(resource()->peer_role, HaDrbdRole_primary);
	assert_string_equal(resource()->peer, "n2");
	assert_string_equal(resource()->lost, "n3");
}

TEST(a_resource_whose_name_begins_alike_is_another)
{
	struct drbd_volume_row other = net.volume;

	TEXT_PUT(other.resource, "r0a");
	other.disk = HaDrbdDisk_failed;
	put(&drbd_volume_table, &other);
	TEXT_PUT(other.resource, "r");
	put(&drbd_volume_table, &other);
	assert_int_equal(resource()->disk, HaDrbdDisk_upToDate);
}

TEST(what_replication_does_is_told_apart)
{
	static const struct {
		int32_t replication;
		bool syncing, target, verifying;
	} cases[] = {
		{ HaDrbdReplication_established, false, false, false },
		{ HaDrbdReplication_off, false, false, false },
		{ HaDrbdReplication_syncSource, true, false, false },
		{ HaDrbdReplication_syncTarget, true, true, false },
		{ HaDrbdReplication_pausedSyncT, true, true, false },
		{ HaDrbdReplication_behind, true, true, false },
		{ HaDrbdReplication_ahead, true, false, false },
		{ HaDrbdReplication_verifyT, false, false, true },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		net.peer_volume.replication = cases[i].replication;
		assert_int_equal(resource()->syncing, cases[i].syncing);
		assert_int_equal(resource()->target, cases[i].target);
		assert_int_equal(resource()->verifying, cases[i].verifying);
	}
}

TEST(a_peer_without_a_disk_of_its_own_is_not_behind)
{
	net.peer_volume.disk = HaDrbdDisk_diskless;
	assert_int_equal(resource()->peer_disk, HaDrbdDisk_diskless);
	net.peer_volume.client = HaAnswer_yes;
	assert_int_equal(resource()->peer_disk, HaDrbdDisk_upToDate);
}

TEST(a_resource_that_is_not_fresh_is_not_known)
{
	const struct group_facts *facts;

	net.resource.head.state = HaRowState_stale;
	facts = look();
	assert_int_equal(facts->resources[0].up, HaAnswer_unknown);
	assert_int_equal(facts->resources[0].role, HaDrbdRole_unknown);
	assert_false(facts->disks_known || facts->any_primary || facts->all_primary);
	net.resource.head.state = HaRowState_missing;
	facts = look();
	assert_int_equal(facts->resources[0].up, HaAnswer_no);
	assert_true(facts->disks_known);
}

TEST(a_connection_or_disk_that_is_not_fresh_is_not_known)
{
	net.drbd_peer.head.state = HaRowState_stale;
	net.volume.head.state = HaRowState_stale;
	assert_int_equal(resource()->connected, HaAnswer_unknown);
	assert_int_equal(resource()->peer_role, HaDrbdRole_unknown);
	assert_int_equal(resource()->disk, HaDrbdDisk_unknown);
	assert_false(look()->all_connected);
	assert_false(facts_synced(look()));
}

TEST(a_resource_as_a_member)
{
	struct group_resource member = { .up = HaAnswer_yes, .role = HaDrbdRole_primary };

	assert_int_equal(facts_resource_state(&member), haGroupMemberState_started);
	member.suspended = 1U << haDrbdResourceSuspended_noData;
	assert_int_equal(facts_resource_state(&member), haGroupMemberState_failed);
	member.role = HaDrbdRole_secondary;
	assert_int_equal(facts_resource_state(&member), haGroupMemberState_stopped);
	member.role = HaDrbdRole_unknown;
	assert_int_equal(facts_resource_state(&member), haGroupMemberState_unknown);
	member.up = HaAnswer_no;
	assert_int_equal(facts_resource_state(&member), haGroupMemberState_failed);
}

/* ---- members ---- */

TEST(members_are_counted_by_what_they_do)
{
	const struct group_members *members;

	net.member[WORLD_MOUNT].member_state = haGroupMemberState_stopping;
	net.member[WORLD_SERVICE].head.state = HaRowState_missing;
	members = &look()->members;
	assert_int_equal(members->started, 1);
	assert_int_equal(members->moving, 1);
	assert_int_equal(members->failed, 1);
	assert_string_equal(members->not_started->name, "/srv/nfs");
	assert_string_equal(members->running->name, "r0");
	assert_string_equal(members->failure->name, "nfs-server.service");
	net.member[WORLD_SERVICE].head.state = HaRowState_stale;
	assert_int_equal(look()->members.unknown, 1);
}

TEST(a_member_that_nobody_tells_of_is_not_known)
{
	changes_remove(&net.changes, &group_member_table, &net.member[WORLD_MOUNT], &net.when);
	groups_follow(&net.groups, &net.when);
	assert_int_equal(groups_world_facts()->members.unknown, 1);
}

/* ---- the peer ---- */

TEST(a_peer_in_maintenance_says_where_the_group_is_active)
{
	net.peer.role = HaServiceRole_maintenance;
	assert_false(facts_peer_serves(look(), 0));
	TEXT_PUT(net.peer.active, "n2");
	assert_true(facts_peer_serves(look(), 0));
}

TEST(the_last_words_of_a_peer_are_not_taken_for_new_ones)
{
	groups_world_standby();
	net.peer.head.state = HaRowState_stale;
	assert_false(facts_peer_serves(look(), 0));
	assert_int_equal(look()->peer.answers, HaAnswer_unknown);
	assert_int_equal(look()->peer.role, HaServiceRole_active);
}

/* ---- the lease ---- */

TEST(the_lease_hears_of_peer_and_witness)
{
	groups_world_pass(5000);
	assert_int_equal(look()->lease.witness, haGroupWitness_reachable);
	net.peer.answers = HaAnswer_no;
	groups_world_pass(5000);
	assert_true(look()->lease.holds);
	net.witness.witness_state = haGroupWitnessState_lost;
	groups_world_pass(5000);
	assert_false(look()->lease.holds);
	assert_int_equal(look()->lease.witness, haGroupWitness_lost);
	net.witness.kind = haGroupWitnessKind_peer;
	net.witness.witness_state = haGroupWitnessState_reachable;
	assert_true(look()->lease.must_stop);
	assert_int_equal(net.groups.list[0].lease.asked, net.when.now);
}

/* What the lease goes by when it is asked whether this data is the newest. */
TEST(a_peer_that_went_as_secondary_has_nothing_that_is_not_here)
{
	const struct lease *lease = &net.groups.list[0].lease;

	groups_world_standby();
	net.drbd_peer.role = HaDrbdRole_secondary;
	look();
	assert_int_equal(lease->synced, net.when.now);
	groups_world_bury();
	groups_world_pass(5000);
	assert_int_equal(lease->synced, net.when.now);
	net.drbd_peer.connection = HaDrbdConnection_connected;
	net.peer_volume.disk = HaDrbdDisk_upToDate;
	net.peer_volume.replication = HaDrbdReplication_syncTarget;
	groups_world_pass(5000);
	assert_int_equal(lease->synced, net.when.now - 5000);
}

TEST(a_peer_that_went_as_primary_may_have_written)
{
	const struct lease *lease = &net.groups.list[0].lease;
	int64_t gone;

	groups_world_standby();
	look();
	gone = net.when.now;
	groups_world_bury();
	groups_world_pass(5000);
	assert_int_equal(lease->synced, gone);
	assert_int_equal(groups_world_row()->behind, HaAnswer_no);
	net.witness.witness_state = haGroupWitnessState_lost;
	groups_world_pass(5000);
	assert_int_equal(groups_world_row()->behind, HaAnswer_yes);
}

TEST(a_node_that_went_on_alone_has_the_newest_data)
{
	groups_world_pass(5000);
	groups_world_bury();
	groups_world_pass(5000);
	net.instance.vrrp_state = HaVrrpState_backup;
	net.resource.role = HaDrbdRole_secondary;
	net.witness.witness_state = haGroupWitnessState_lost;
	groups_world_pass(5000);
	net.witness.witness_state = haGroupWitnessState_reachable;
	groups_world_pass(5000);
	assert_false(groups_world_facts()->lease.behind);
}

/* The promotion has DRBD's handler called, which is not to fence it again. */
TEST(a_peer_that_was_fenced_is_off_before_the_promotion)
{
	net.group.policy = haGroupFencingPolicy_fence;
	groups_world_standby();
	groups_world_pass(5000);
	groups_world_bury();
	net.instance.vrrp_state = HaVrrpState_master;
	net.prompt = true;
	groups_world_pass(net.group.takeover + net.group.lease + 100);
	assert_true(net.intent.fence);
	net.work.verb = HaJobVerb_groupPromote;
	groups_world_pass(1000);
	assert_int_equal(groups_world_row()->peer_fenced, HaAnswer_no);
	net.work.fenced = net.when.now;
	groups_world_say();
	assert_int_equal(groups_world_row()->peer_fenced, HaAnswer_yes);
	net.work.busy = false;
	net.resource.role = HaDrbdRole_primary;
	groups_world_pass(5000);
	assert_int_equal(groups_world_row()->peer_fenced, HaAnswer_yes);
}

TEST(a_peer_that_was_fenced_and_is_heard_is_not_off)
{
	net.group.policy = haGroupFencingPolicy_fence;
	groups_world_pass(5000);
	groups_world_bury();
	groups_world_pass(5000);
	net.work.fenced = net.when.now;
	groups_world_pass(1000);
	assert_int_equal(groups_world_row()->peer_fenced, HaAnswer_yes);
	net.router.router_state = haVrrpRouterState_advertising;
	groups_world_pass(100);
	net.router.router_state = haVrrpRouterState_silent;
	groups_world_pass(1000);
	assert_int_equal(groups_world_row()->peer_fenced, HaAnswer_no);
}

TEST(a_peer_is_silent_when_its_next_answer_is_overdue)
{
	groups_world_pass(5000);
	assert_false(groups_world_row()->peer_silent);
	groups_world_bury();
	groups_world_pass(1900);
	assert_false(groups_world_row()->peer_silent);
	groups_world_pass(300);
	assert_true(groups_world_row()->peer_silent);
}

/* Its agent is believed for some seconds more. */
static void lose_an_active_peer(void)
{
	groups_world_standby();
	groups_world_pass(5000);
	groups_world_bury();
	net.peer.head.state = HaRowState_fresh;
	net.peer.answers = HaAnswer_yes;
}

TEST(a_peer_that_was_silent_for_the_time_of_a_takeover_has_stopped)
{
	lose_an_active_peer();
	groups_world_pass(net.group.takeover - 100);
	assert_false(groups_world_row()->peer_stopped);
	groups_world_pass(100);
	assert_true(groups_world_row()->peer_stopped);
	assert_int_equal(groups_world_row()->peer_reachable, HaAnswer_yes);
	groups_world_active();
	net.router.router_state = haVrrpRouterState_advertising;
	groups_world_pass(100);
	assert_false(groups_world_row()->peer_stopped);
}

TEST(without_a_lease_silence_says_nothing)
{
	net.group.policy = haGroupFencingPolicy_always;
	lose_an_active_peer();
	groups_world_pass(2 * net.group.takeover);
	assert_true(groups_world_facts()->lease.may_promote);
	assert_false(groups_world_row()->peer_stopped);
}

int main(void)
{
#define WITH_NET(test) cmocka_unit_test_setup_teardown(test, groups_world_make, groups_world_remove)
	const struct CMUnitTest tests[] = {
		WITH_NET(an_active_group_is_read_as_it_is),
		WITH_NET(a_standby_runs_nothing),
		WITH_NET(the_address_is_where_keepalived_says),
		WITH_NET(an_instance_that_is_not_fresh_is_nowhere),
		WITH_NET(an_own_router_and_one_of_another_group_are_no_other_master),
		WITH_NET(the_same_number_on_another_interface_is_another_instance),
		WITH_NET(an_interface_that_is_down_is_a_link_that_is_down),
		WITH_NET(the_first_volume_that_is_not_up_to_date_stands_for_all),
		WITH_NET(of_several_peers_the_one_in_the_way_stands_for_all),
		WITH_NET(a_resource_whose_name_begins_alike_is_another),
		WITH_NET(what_replication_does_is_told_apart),
		WITH_NET(a_peer_without_a_disk_of_its_own_is_not_behind),
		WITH_NET(a_resource_that_is_not_fresh_is_not_known),
		WITH_NET(a_connection_or_disk_that_is_not_fresh_is_not_known),
		WITH_NET(a_resource_as_a_member),
		WITH_NET(members_are_counted_by_what_they_do),
		WITH_NET(a_member_that_nobody_tells_of_is_not_known),
		WITH_NET(a_peer_in_maintenance_says_where_the_group_is_active),
		WITH_NET(the_last_words_of_a_peer_are_not_taken_for_new_ones),
		WITH_NET(the_lease_hears_of_peer_and_witness),
		WITH_NET(a_peer_that_went_as_secondary_has_nothing_that_is_not_here),
		WITH_NET(a_peer_that_went_as_primary_may_have_written),
		WITH_NET(a_node_that_went_on_alone_has_the_newest_data),
		WITH_NET(a_peer_that_was_fenced_is_off_before_the_promotion),
		WITH_NET(a_peer_that_was_fenced_and_is_heard_is_not_off),
		WITH_NET(a_peer_is_silent_when_its_next_answer_is_overdue),
		WITH_NET(a_peer_that_was_silent_for_the_time_of_a_takeover_has_stopped),
		WITH_NET(without_a_lease_silence_says_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
