/* Tests whether a switchover is possible, and what is said to be in its way: each blocker on the
 * active node, what a standby sees for itself, and what it hears from the active one.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/groups/ready.h"

#include <string.h>

#include "lib/memory.h"
#include "mib/ha-agentx-mib.h"
#include "tests/unit/check.h"
#include "tests/unit/groups_world.h"

#define BIT(name) (1U << HaSwitchBlockers_##name)

static const struct group_ready *look(void)
{
	groups_world_pass(100);
	return groups_ready(&net.groups, 0);
}

static void expect(uint32_t blockers, const char *text)
{
	const struct group_ready *ready = look();

	assert_int_equal(ready->blockers, blockers);
	assert_string_equal(ready->text, text);
	assert_int_equal(ready->ready, HaAnswer_no);
	assert_int_equal(groups_world_row()->blockers, blockers);
}

static void expect_ready(void)
{
	const struct group_ready *ready = look();

	assert_string_equal(ready->text, "");
	assert_int_equal(ready->blockers, 0);
	assert_int_equal(ready->ready, HaAnswer_yes);
}

/* Since so long that the switch is no matter any more. */
static void stand_by(void)
{
	groups_world_standby();
	groups_world_pass(11000);
}

TEST(a_healthy_pair_is_ready_on_both_nodes)
{
	expect_ready();
	stand_by();
	expect_ready();
}

/* ---- by the configuration and the time ---- */

TEST(a_group_that_is_not_switchable_says_so)
{
	net.group.switchable = false;
	expect(BIT(actionsDisabled), "the configuration allows no requests at all");
	net.settings.resources[0].switchable = true;
	expect(BIT(notAllowed), "set switchable for this group to allow it");
	net.settings.resources[0].switchable = false;
}

TEST(a_job_is_in_the_way)
{
	net.work.busy = true;
	net.work.verb = HaJobVerb_groupCheck;
	net.work.job = 12;
	expect(BIT(jobRunning), "job 12 is running: wait for its end");
}

TEST(maintenance_is_in_the_way)
{
	net.work.maintenance = true;
	net.work.maintenance_ends = GROUPS_WALL + 60000;
	expect(BIT(maintenance), "it is in maintenance: request resume first");
}

TEST(the_last_switch_is_in_the_way_for_a_while)
{
	groups_world_standby();
	groups_world_pass(100);
	groups_world_active();
	expect(BIT(coolDown), "wait for another 10 s after the last switchover");
	groups_world_pass(10000);
	expect_ready();
}

/* ---- VRRP ---- */

TEST(a_keepalived_that_is_gone_is_in_the_way)
{
	stand_by();
	net.keepalived.keepalived = haVrrpKeepalivedState_stopped;
	net.instance.vrrp_state = HaVrrpState_stop;
	expect(BIT(keepalivedGone), "keepalived does not run here: start it");
	assert_int_equal(look()->own_blockers, BIT(keepalivedGone));
}

TEST(a_keepalived_that_is_gone_there_is_in_the_way)
{
	net.peer_vrrp.healthy = HaAnswer_no;
	net.peer_vrrp.cause = haVrrpPeerCause_keepalivedGone;
	expect(BIT(keepalivedGone), "keepalived does not run on n2: start it there");
}

TEST(an_instance_that_is_not_consistent_is_in_the_way)
{
	net.instance.consistency = haVrrpInstanceConsistency_addressMissing;
	expect(BIT(vrrpConflict), "VI_1: addressMissing, see haVrrpInstanceConsistency");
}

TEST(a_standby_in_fault_cannot_take_over)
{
	stand_by();
	net.instance.vrrp_state = HaVrrpState_fault;
	expect(BIT(vrrpConflict), "VI_1 is in FAULT here: see haVrrpInstanceReason");
	net.instance.held = HaAnswer_yes;
	expect(BIT(vrrpConflict), "VI_1 is in FAULT here: it is held, release it");
	assert_int_equal(look()->own_blockers, BIT(vrrpConflict));
}

TEST(a_hold_file_without_effect_is_in_the_way)
{
	net.instance.hold_effective = HaAnswer_no;
	expect(BIT(holdNotEffective),
	       "keepalived would not obey the hold file: track it with weight 0");
}

/* ---- DRBD ---- */

TEST(a_resource_that_is_not_up_is_in_the_way)
{
	stand_by();
	net.resource.head.state = HaRowState_missing;
	expect(BIT(drbdDown), "r0 is not up: drbdadm up r0");
}

TEST(a_connection_that_is_down_is_in_the_way)
{
	net.drbd_peer.connection = HaDrbdConnection_connecting;
	net.drbd_peer.role = HaDrbdRole_unknown;
	net.peer_volume.disk = HaDrbdDisk_dUnknown;
	net.peer_volume.replication = HaDrbdReplication_off;
	expect(BIT(drbdNotConnected), "r0 is not connected with n2 (connecting)");
}

TEST(a_resync_is_in_the_way_and_so_is_what_it_repairs)
{
	net.peer_volume.disk = HaDrbdDisk_inconsistent;
	net.peer_volume.replication = HaDrbdReplication_syncSource;
	expect(BIT(drbdPeerNotUpToDate) | BIT(drbdResyncing),
	       "r0 is inconsistent on n2: wait for the resync; r0 is being resynchronised: wait "
	       "for its end");
	net.peer_volume.disk = HaDrbdDisk_upToDate;
	net.volume.disk = HaDrbdDisk_inconsistent;
	net.peer_volume.replication = HaDrbdReplication_syncTarget;
	expect(BIT(drbdNotUpToDate) | BIT(drbdResyncing),
	       "r0/0 is inconsistent here: wait for the resync; r0 is being resynchronised: wait "
	       "for its end");
}

TEST(a_verification_is_in_the_way)
{
	net.peer_volume.replication = HaDrbdReplication_verifyS;
	expect(BIT(drbdVerifying), "r0 is being verified: wait for its end");
}

TEST(a_split_brain_is_in_the_way)
{
	net.resource.split_brain = haDrbdResourceSplitBrain_suspected;
	expect(BIT(drbdSplitBrain), "r0 has an open split brain: resolve it");
}

TEST(two_primaries_are_in_the_way)
{
	net.drbd_peer.role = HaDrbdRole_primary;
	expect(BIT(conflict), "the facts contradict each other: see haGroupRoleText");
}

TEST(suspended_writes_are_in_the_way)
{
	net.resource.suspended = 1U << haDrbdResourceSuspended_user;
	expect(BIT(drbdSuspended), "I/O of r0 is suspended: drbdadm resume-io");
}

TEST(a_lost_quorum_is_in_the_way)
{
	net.volume.quorum = HaAnswer_no;
	expect(BIT(drbdNoQuorum), "r0 has no quorum: bring back enough nodes");
}

TEST(a_mount_that_the_group_does_not_know_is_in_the_way)
{
	TEXT_PUT(net.volume.mount_point, "/srv/nfs");
	expect_ready();
	TEXT_PUT(net.volume.mount_point, "/mnt");
	expect(BIT(mountHeld), "r0 is mounted on /mnt, too: unmount that");
}

/* ---- members ---- */

TEST(a_member_that_failed_is_in_the_way)
{
	net.member[WORLD_SERVICE].member_state = haGroupMemberState_failed;
	TEXT_PUT(net.member[WORLD_SERVICE].error, "exit status 1");
	expect(BIT(memberFailed), "nfs-server.service has failed: exit status 1: repair it");
}

TEST(a_member_that_is_not_started_is_in_the_way)
{
	net.member[WORLD_SERVICE].member_state = haGroupMemberState_stopped;
	expect(BIT(memberFailed), "nfs-server.service is not started: start it");
}

TEST(a_member_that_runs_on_a_standby_is_in_the_way)
{
	stand_by();
	net.member[WORLD_SERVICE].member_state = haGroupMemberState_started;
	expect(BIT(memberFailed), "nfs-server.service runs here and should not: stop it");
}

/* ---- NFS ---- */

static void export_it(uint32_t problems, const char *text, uint32_t of_export)
{
	static char star[] = "*", options[] = "rw,fsid=0";
	struct nfs_row server = { .head.state = HaRowState_fresh, .own_problems = problems };
	struct nfs_export_row row = {
		.head.state = HaRowState_fresh,
		.path = "/srv/nfs",
		.client = "*",
		.group = "nfs",
		.own_problems = of_export,
	};

	net.members[1].kind = haGroupMemberKind_export;
	net.members[1].client = star;
	net.members[1].options = options;
	net.member[WORLD_MOUNT].kind = haGroupMemberKind_export;
	TEXT_PUT(server.own_problems_text, text);
	groups_world_put(&nfs_table, &server);
	groups_world_put(&nfs_export_table, &row);
}

TEST(what_would_hurt_clients_of_nfs_is_in_the_way)
{
	export_it(1U << HaNfsProblems_graceLong, "the grace time is 90 s", 0);
	expect(BIT(nfsProblems), "NFS: the grace time is 90 s");
	export_it(0, "", 1U << HaNfsProblems_fsidMissing);
	expect(BIT(nfsProblems), "NFS: see haNfsExportProblems");
	export_it(1U << HaNfsProblems_bindMount, "x", 0);
	expect(BIT(nfsProblems) | BIT(mountHeld),
	       "a bind mount would prevent unmounting: see haNfsProblemsText; NFS: x");
	export_it(1U << HaNfsProblems_unknown, "", 0);
	expect_ready();
}

TEST(what_nfs_lacks_on_a_standby_is_no_matter)
{
	export_it(1U << HaNfsProblems_trackingLocal, "x", 0);
	stand_by();
	expect_ready();
}

TEST(what_the_other_node_has_otherwise_is_in_the_way_on_both)
{
	struct peer_member_row theirs = {
		.head.state = HaRowState_fresh,
		.group = "nfs",
		.kind = haGroupMemberKind_export,
		.name = "/srv/nfs",
		.settings = "*(rw,fsid=1)",
		.alike = HaAnswer_no,
	};

	export_it(1U << HaNfsProblems_graceLong, "the grace time is 90 s", 0);
	groups_world_put(&peer_member_table, &theirs);
	expect(BIT(nfsProblems),
	       "NFS: fsid of /srv/nfs is 0 here and 1 on n2; the grace time is 90 s");
	stand_by();
	expect(BIT(nfsProblems), "NFS: fsid of /srv/nfs is 0 here and 1 on n2");
	assert_int_equal(look()->own_blockers, 0);
}

/* ---- what is not known ---- */

TEST(what_is_not_known_is_no_alarm_and_still_a_blocker)
{
	const struct group_ready *ready;

	net.member[WORLD_MOUNT].head.state = HaRowState_stale;
	ready = look();
	assert_int_equal(ready->blockers, BIT(factsStale));
	assert_int_equal(ready->ready, HaAnswer_unknown);
	assert_string_equal(ready->text, "1 members are not known: see haSourceTable");
	net.resource.head.state = HaRowState_stale;
	assert_string_equal(look()->text, "the state of r0 is not known: see haSourceTable");
	net.instance.head.state = HaRowState_stale;
	assert_string_equal(look()->text, "the state of VI_1 is not known: see haSourceTable");
}

/* ---- the peer ---- */

TEST(a_peer_that_does_not_answer_is_in_the_way)
{
	net.peer.head.state = HaRowState_stale;
	net.peer.answers = HaAnswer_no;
	expect(BIT(peerUnreachable), "the agent of n2 does not answer: see haGroupPeerNodeCause");
}

/* The row of a source that has gone says what it said last. */
TEST(a_peer_of_which_nothing_is_heard_is_not_known)
{
	net.peer.head.state = HaRowState_stale;
	assert_int_equal(look()->blockers, BIT(factsStale));
	assert_string_equal(look()->text, "how n2 is, is not known yet");
}

TEST(a_peer_that_could_not_take_over_says_why)
{
	net.peer.role = HaServiceRole_standbyCold;
	TEXT_PUT(net.peer.role_text, "its disk is broken");
	expect(BIT(peerNotReady), "n2 could not take over: its disk is broken");
}

TEST(a_peer_that_is_no_standby_is_in_the_way)
{
	net.peer.role = HaServiceRole_maintenance;
	TEXT_PUT(net.peer.role_text, "until noon");
	expect(BIT(peerNotStandby), "n2 is maintenance: until noon");
}

TEST(another_configuration_is_in_the_way)
{
	net.peer.members = 3;
	expect(BIT(configDiffers), "n2 has another list of members of this group");
	net.peer.members = 4;
	net.peer.policy = haGroupFencingPolicy_always;
	expect(BIT(configDiffers), "n2 has another fencing policy of this group");
	net.peer.head.state = HaRowState_missing;
	net.peer.answers = HaAnswer_no;
	expect(BIT(configDiffers), "n2 does not have this group: configure it there");
}

TEST(a_group_that_no_node_serves_cannot_be_switched_over)
{
	stand_by();
	net.peer.role = HaServiceRole_standbyHot;
	net.drbd_peer.role = HaDrbdRole_secondary;
	net.router.router_state = haVrrpRouterState_silent;
	expect(BIT(notActive), "no node that is seen has it active");
}

/* ---- on the standby ---- */

TEST(a_standby_says_what_the_active_node_says)
{
	stand_by();
	net.peer.switch_ready = HaAnswer_no;
	net.peer.blockers = BIT(coolDown) | BIT(nfsProblems);
	expect(BIT(coolDown) | BIT(nfsProblems), "n2 says: coolDown; n2 says: nfsProblems");
	assert_int_equal(look()->own_blockers, 0);
	assert_int_equal(groups_world_row()->role, HaServiceRole_standbyHot);
}

/* That this node is not ready is what it sees better itself. */
TEST(a_standby_does_not_hear_about_itself)
{
	stand_by();
	net.peer.switch_ready = HaAnswer_no;
	net.peer.blockers = BIT(peerNotReady) | BIT(drbdPeerNotUpToDate);
	net.volume.disk = HaDrbdDisk_outdated;
	expect(BIT(drbdNotUpToDate), "r0/0 is outdated here: wait for the resync");
	net.volume.disk = HaDrbdDisk_upToDate;
	expect(BIT(peerNotReady), "n2 says that it is not ready");
}

/* ---- words ---- */

TEST(the_text_ends_in_time_however_much_is_in_the_way)
{
	const struct group_ready *ready;

	stand_by();
	net.volume.disk = HaDrbdDisk_outdated;
	net.volume.quorum = HaAnswer_no;
	net.resource.split_brain = haDrbdResourceSplitBrain_detected;
	net.resource.suspended = 1U << haDrbdResourceSuspended_noData;
	net.drbd_peer.connection = HaDrbdConnection_standAlone;
	net.keepalived.keepalived = haVrrpKeepalivedState_stopped;
	net.instance.vrrp_state = HaVrrpState_stop;
	memset(net.member[WORLD_SERVICE].error, 'x', sizeof(net.member[0].error) - 1);
	net.member[WORLD_MOUNT].member_state = haGroupMemberState_failed;
	ready = look();
	assert_int_equal(strlen(ready->text), sizeof(ready->text) - 1);
	assert_true(ready->blockers & BIT(drbdNoQuorum));
	assert_true(ready->own_blockers & BIT(memberFailed));
}

TEST(blockers_that_pass_are_told_from_those_that_do_not)
{
	assert_true(ready_is_passing(0));
	assert_true(ready_is_passing(BIT(coolDown) | BIT(jobRunning) | BIT(maintenance)));
	assert_false(ready_is_passing(BIT(coolDown) | BIT(peerUnreachable)));
}

int main(void)
{
#define WITH_NET(test) cmocka_unit_test_setup_teardown(test, groups_world_make, groups_world_remove)
	const struct CMUnitTest tests[] = {
		WITH_NET(a_healthy_pair_is_ready_on_both_nodes),
		WITH_NET(a_group_that_is_not_switchable_says_so),
		WITH_NET(a_job_is_in_the_way),
		WITH_NET(maintenance_is_in_the_way),
		WITH_NET(the_last_switch_is_in_the_way_for_a_while),
		WITH_NET(a_keepalived_that_is_gone_is_in_the_way),
		WITH_NET(a_keepalived_that_is_gone_there_is_in_the_way),
		WITH_NET(an_instance_that_is_not_consistent_is_in_the_way),
		WITH_NET(a_standby_in_fault_cannot_take_over),
		WITH_NET(a_hold_file_without_effect_is_in_the_way),
		WITH_NET(a_resource_that_is_not_up_is_in_the_way),
		WITH_NET(a_connection_that_is_down_is_in_the_way),
		WITH_NET(a_resync_is_in_the_way_and_so_is_what_it_repairs),
		WITH_NET(a_verification_is_in_the_way),
		WITH_NET(a_split_brain_is_in_the_way),
		WITH_NET(two_primaries_are_in_the_way),
		WITH_NET(suspended_writes_are_in_the_way),
		WITH_NET(a_lost_quorum_is_in_the_way),
		WITH_NET(a_mount_that_the_group_does_not_know_is_in_the_way),
		WITH_NET(a_member_that_failed_is_in_the_way),
		WITH_NET(a_member_that_is_not_started_is_in_the_way),
		WITH_NET(a_member_that_runs_on_a_standby_is_in_the_way),
		WITH_NET(what_would_hurt_clients_of_nfs_is_in_the_way),
		WITH_NET(what_nfs_lacks_on_a_standby_is_no_matter),
		WITH_NET(what_the_other_node_has_otherwise_is_in_the_way_on_both),
		WITH_NET(what_is_not_known_is_no_alarm_and_still_a_blocker),
		WITH_NET(a_peer_that_does_not_answer_is_in_the_way),
		WITH_NET(a_peer_of_which_nothing_is_heard_is_not_known),
		WITH_NET(a_peer_that_could_not_take_over_says_why),
		WITH_NET(a_peer_that_is_no_standby_is_in_the_way),
		WITH_NET(another_configuration_is_in_the_way),
		WITH_NET(a_group_that_no_node_serves_cannot_be_switched_over),
		WITH_NET(a_standby_says_what_the_active_node_says),
		WITH_NET(a_standby_does_not_hear_about_itself),
		WITH_NET(the_text_ends_in_time_however_much_is_in_the_way),
		WITH_NET(blockers_that_pass_are_told_from_those_that_do_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
