/* Tests what may be asked of a DRBD resource, and the reason why not.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/requests/drbd_guard.h"

#include <string.h>

#include "lib/memory.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/requests/finding.h"
#include "tests/unit/check.h"
#include "tests/unit/pair.h"
#include "tests/unit/world.h"

static const char *reason_name(int32_t reason)
{
	const char *name = mib_label_of(HaReason_labels, reason);

	return name ? name : "no reason at all";
}

static void expect(int32_t role, bool forced, int32_t reason, const char *message)
{
	struct finding finding;

	guard_drbd_role(&world.board, "r0", role, forced, &finding);
	if (finding.reason != reason)
		fail_msg("%s, not %s: %s", reason_name(finding.reason), reason_name(reason),
			 finding.message);
	if (message)
		assert_string_equal(finding.message, message);
	assert_int_equal(finding.message[0] == '\0', reason == HaReason_none);
}

/* ---- primary ---- */

/* What can be wrong, with the reason for a plain and for a forced request. */
#define SPOIL(name, what)                                                                          \
	static void name(struct pair *pair)                                                        \
	{                                                                                          \
		pair->what;                                                                        \
	}

SPOIL(nothing, resource.role = HaDrbdRole_secondary)
SPOIL(role_primary, resource.role = HaDrbdRole_primary)
SPOIL(role_unknown, resource.role = HaDrbdRole_unknown)
SPOIL(role_other, resource.role = HaDrbdRole_other)
SPOIL(row_missing, resource.head.state = HaRowState_missing)
SPOIL(split_detected, resource.split_brain = haDrbdResourceSplitBrain_detected)
SPOIL(split_resolving, resource.split_brain = haDrbdResourceSplitBrain_resolving)
SPOIL(suspended, resource.suspended = 4)
SPOIL(disk_inconsistent, volume[1].disk = HaDrbdDisk_inconsistent)
SPOIL(disk_consistent, volume[1].disk = HaDrbdDisk_consistent)
SPOIL(disk_diskless, volume[0].disk = HaDrbdDisk_diskless)
SPOIL(disk_none, volume[0].disk = 0)
SPOIL(no_quorum, volume[1].quorum = HaAnswer_no)
SPOIL(quorum_unknown, volume[1].quorum = HaAnswer_unknown)
SPOIL(peer_primary, peer.role = HaDrbdRole_primary)
SPOIL(peer_role_unknown, peer.role = HaDrbdRole_unknown)
SPOIL(peer_connecting, peer.connection = HaDrbdConnection_connecting)
SPOIL(peer_stand_alone, peer.connection = HaDrbdConnection_standAlone)
SPOIL(peer_verifies, peer_volume[1].replication = HaDrbdReplication_verifyT)
SPOIL(peer_resyncs, peer_volume[0].replication = HaDrbdReplication_syncSource)
SPOIL(peer_replication_off, peer_volume[0].replication = HaDrbdReplication_off)
SPOIL(peer_outdated, peer_volume[1].disk = HaDrbdDisk_outdated)
SPOIL(peer_diskless, peer_volume[1].disk = HaDrbdDisk_diskless)
SPOIL(mounted, volume[0].mount_point[0] = '/')
SPOIL(held_open, volume[1].open = HaAnswer_yes)

static void peer_client(struct pair *pair)
{
	pair->peer_volume[1].disk = HaDrbdDisk_diskless;
	pair->peer_volume[1].client = HaAnswer_yes;
}

static void peer_unseen(struct pair *pair)
{
	pair->peer.connection = HaDrbdConnection_connecting;
	pair->peer.role = HaDrbdRole_unknown;
	for (int i = 0; i < PAIR_VOLUMES; i++) {
		pair->peer_volume[i].replication = HaDrbdReplication_off;
		pair->peer_volume[i].disk = HaDrbdDisk_dUnknown;
	}
}

struct spoilt {
	void (*spoil)(struct pair *pair);
	int32_t plain, forced;
	const char *message; /* of the plain request; NULL: any */
};

static void expect_for(int32_t role, const struct spoilt *spoilt, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct pair pair = pair_healthy("r0");

		pair.resource.role =
			role == HaDrbdRole_primary ? HaDrbdRole_secondary : HaDrbdRole_primary;
		if (spoilt[i].spoil)
			spoilt[i].spoil(&pair);
		pair_say(&pair);
		expect(role, false, spoilt[i].plain, spoilt[i].message);
		expect(role, true, spoilt[i].forced, NULL);
	}
}

TEST(primary_needs_this_node_and_its_peer_to_be_well)
{
	static const struct spoilt spoilt[] = {
		{ nothing, HaReason_none, HaReason_none, "" },
		{ role_primary, HaReason_nothingToDo, HaReason_nothingToDo,
		  "r0 is Primary on this node already" },
		{ role_unknown, HaReason_factsStale, HaReason_factsStale,
		  "the role of r0 is not known" },
		{ role_other, HaReason_factsStale, HaReason_factsStale, NULL },
		{ row_missing, HaReason_notUp, HaReason_notUp, "r0 is not up: drbdadm up r0" },
		{ split_detected, HaReason_splitBrain, HaReason_splitBrain,
		  "r0 has an open split brain: resolve it first" },
		{ split_resolving, HaReason_none, HaReason_none, NULL },
		{ suspended, HaReason_ioSuspended, HaReason_ioSuspended, "I/O of r0 is suspended" },
		{ disk_inconsistent, HaReason_notUpToDate, HaReason_notUpToDate,
		  "r0/1 is inconsistent on this node, not upToDate" },
		{ disk_consistent, HaReason_notUpToDate, HaReason_notUpToDate, NULL },
		{ disk_diskless, HaReason_notUpToDate, HaReason_notUpToDate, NULL },
		{ disk_none, HaReason_notUpToDate, HaReason_notUpToDate, NULL },
		{ no_quorum, HaReason_noQuorum, HaReason_noQuorum,
		  "r0/1 has no quorum: bring back enough nodes" },
		{ quorum_unknown, HaReason_none, HaReason_none, NULL },
		{ peer_primary, HaReason_peerPrimary, HaReason_peerPrimary,
		  "r0 is Primary on n2: make it Secondary there first" },
		{ peer_role_unknown, HaReason_peerRoleUnknown, HaReason_peerRoleUnknown,
		  "the role of r0 on n2 is not known" },
		{ peer_connecting, HaReason_notConnected, HaReason_none,
		  "r0 is not connected with n2 (connecting): it may be Primary there" },
		{ peer_stand_alone, HaReason_notConnected, HaReason_none, NULL },
		{ peer_unseen, HaReason_notConnected, HaReason_none, NULL },
		{ peer_verifies, HaReason_verifyRunning, HaReason_none,
		  "r0/1 is being verified: wait for its end" },
		{ peer_resyncs, HaReason_resyncRunning, HaReason_none,
		  "replication of r0/0 with n2 is syncSource: wait for its end" },
		{ peer_replication_off, HaReason_resyncRunning, HaReason_none, NULL },
		{ peer_outdated, HaReason_peerNotUpToDate, HaReason_none,
		  "r0/1 is outdated on n2, not upToDate" },
		{ peer_diskless, HaReason_peerNotUpToDate, HaReason_none, NULL },
		{ peer_client, HaReason_none, HaReason_none, NULL },
		{ mounted, HaReason_none, HaReason_none, NULL },
		{ held_open, HaReason_none, HaReason_none, NULL },
	};

	expect_for(HaDrbdRole_primary, spoilt, COUNT(spoilt));
}

TEST(a_resource_without_volumes_is_not_up_to_date)
{
	struct pair pair = pair_healthy("r0");

	pair_say(&pair);
	changes_begin(&world.changes, &drbd_volume_table);
	changes_end(&world.changes, &drbd_volume_table, &world.when);
	expect(HaDrbdRole_primary, true, HaReason_notUpToDate, "r0 has no volume here");
}

TEST(a_resource_without_peers_is_not_connected)
{
	struct pair pair = pair_healthy("r0");

	pair_say(&pair);
	changes_remove(&world.changes, &drbd_peer_table, &pair.peer, &world.when);
	expect(HaDrbdRole_primary, false, HaReason_notConnected,
	       "r0 has no peer here: it may be Primary elsewhere");
	expect(HaDrbdRole_primary, true, HaReason_none, NULL);
}

TEST(every_peer_is_asked)
{
	struct pair pair = pair_healthy("r0");

	pair_say(&pair);
	pair.peer.node_id = 2;
	TEXT_PUT(pair.peer.name, "n3");
	pair.peer.connection = HaDrbdConnection_timeout;
	changes_put(&world.changes, &drbd_peer_table, &pair.peer, &world.when);
	expect(HaDrbdRole_primary, false, HaReason_notConnected,
	       "r0 is not connected with n3 (timeout): it may be Primary there");
}

/* ---- secondary ---- */

TEST(secondary_needs_the_device_to_be_unused)
{
	static const struct spoilt spoilt[] = {
		{ NULL, HaReason_none, HaReason_none, "" },
		{ nothing, HaReason_nothingToDo, HaReason_nothingToDo,
		  "r0 is Secondary on this node already" },
		{ mounted, HaReason_mounted, HaReason_mounted,
		  "r0/0 is mounted on /: unmount it first" },
		{ held_open, HaReason_heldOpen, HaReason_heldOpen, "r0/1 is held open" },
		{ role_unknown, HaReason_factsStale, HaReason_factsStale, NULL },
		{ row_missing, HaReason_notUp, HaReason_notUp, NULL },
		{ split_detected, HaReason_none, HaReason_none, NULL },
		{ disk_inconsistent, HaReason_none, HaReason_none, NULL },
		{ peer_primary, HaReason_none, HaReason_none, NULL },
		{ peer_unseen, HaReason_none, HaReason_none, NULL },
	};

	expect_for(HaDrbdRole_secondary, spoilt, COUNT(spoilt));
}

/* ---- both ---- */

TEST(other_resources_are_no_matter)
{
	struct pair other = pair_healthy("r1"), pair = pair_healthy("r0");

	disk_inconsistent(&other);
	peer_primary(&other);
	mounted(&other);
	pair_say(&other);
	expect(HaDrbdRole_primary, false, HaReason_noSubject, "there is no resource r0");
	pair_say(&pair);
	expect(HaDrbdRole_primary, false, HaReason_none, NULL);
}

TEST(rows_that_are_not_current_allow_nothing)
{
	static const int32_t states[] = { HaRowState_stale, HaRowState_unknown };
	struct pair pair = pair_healthy("r0");

	pair_say(&pair);
	assert_int_equal(guard_drbd_role_now(&world.board, "r0"), HaDrbdRole_secondary);
	for (size_t i = 0; i < COUNT(states); i++) {
		board_hide(&world.board, &drbd_resource_table, states[i]);
		for (int forced = 0; forced <= 1; forced++)
			expect(HaDrbdRole_primary, forced, HaReason_factsStale,
			       "what is known of r0 is not current: see haSourceTable");
		assert_int_equal(guard_drbd_role_now(&world.board, "r0"), HaDrbdRole_unknown);
	}
	assert_int_equal(guard_drbd_role_now(&world.board, "nothing"), HaDrbdRole_unknown);
}

TEST(a_removed_row_does_not_count)
{
	struct pair pair = pair_healthy("r0");

	pair_say(&pair);
	board_follow(&world.board, true);
	changes_remove(&world.changes, &drbd_resource_table, &pair.resource, &world.when);
	expect(HaDrbdRole_primary, true, HaReason_noSubject, NULL);
}

#define GUARD_TEST(sentence) cmocka_unit_test_setup_teardown(sentence, world_make, world_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		GUARD_TEST(primary_needs_this_node_and_its_peer_to_be_well),
		GUARD_TEST(a_resource_without_volumes_is_not_up_to_date),
		GUARD_TEST(a_resource_without_peers_is_not_connected),
		GUARD_TEST(every_peer_is_asked),
		GUARD_TEST(secondary_needs_the_device_to_be_unused),
		GUARD_TEST(other_resources_are_no_matter),
		GUARD_TEST(rows_that_are_not_current_allow_nothing),
		GUARD_TEST(a_removed_row_does_not_count),
	};

	return cmocka_run_group_tests_name("guard", tests, NULL, NULL);
}
