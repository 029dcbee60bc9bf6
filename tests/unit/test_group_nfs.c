/* Tests what of NFS is found to be otherwise on the other node, in rows and in sentences.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/groups/nfs.h"

#include <string.h>

#include "lib/memory.h"
#include "mib/ha-agentx-mib.h"
#include "tests/unit/check.h"
#include "tests/unit/groups_world.h"

#define BIT(name) (UINT32_C(1) << HaNfsProblems_##name)

static char star[] = "*", options[] = "rw,sync,fsid=0";
static struct nfs_row server;
static struct nfs_export_row row;
static struct peer_member_row theirs;
static struct nfs_difference difference;

static int make(void **state)
{
	groups_world_make(state);
	net.members[1].kind = haGroupMemberKind_export;
	net.members[1].client = star;
	net.members[1].options = options;
	server = (struct nfs_row){
		.head.state = HaRowState_fresh,
		.nfs_state = haNfsState_running,
		.versions = 1U << haNfsVersions_v3 | 1U << haNfsVersions_v42,
		.scope = "pair",
	};
	row = (struct nfs_export_row){
		.head.state = HaRowState_fresh,
		.path = "/srv/nfs",
		.client = "*",
		.group = "nfs",
		.own_problems = BIT(async),
	};
	theirs = (struct peer_member_row){
		.head.state = HaRowState_fresh,
		.group = "nfs",
		.kind = haGroupMemberKind_export,
		.name = "/srv/nfs",
		.settings = "*(fsid=0,sync,rw)",
		.alike = HaAnswer_yes,
	};
	net.peer.nfs_versions = server.versions;
	TEXT_PUT(net.peer.nfs_scope, "pair");
	return 0;
}

static void say(void)
{
	groups_world_put(&peer_member_table, &theirs);
	groups_world_put(&nfs_table, &server);
	groups_world_put(&nfs_export_table, &row);
	groups_world_say();
}

static void expect_export(uint32_t problems, const char *text)
{
	const struct nfs_export_row *shown = board_row(&net.board, mib_haNfsExportEntry, &row);

	nfs_compare_exports(&net.settings, 0, &net.board, &difference);
	assert_string_equal(difference.text, text);
	assert_int_equal(difference.problems, problems);
	assert_int_equal(shown->problems, problems | BIT(async));
}

static void expect_server(uint32_t problems, const char *text)
{
	const struct nfs_row *shown = board_row(&net.board, mib_haNfs, &server);

	assert_string_equal(shown->problems_text, text);
	assert_int_equal(shown->problems, problems);
}

TEST(what_is_alike_is_no_problem)
{
	say();
	expect_export(0, "");
	expect_server(0, "");
}

TEST(another_fsid_is_named)
{
	TEXT_PUT(theirs.settings, "*(rw,sync,fsid=1)");
	say();
	expect_export(BIT(fsidDiffers), "fsid of /srv/nfs is 0 here and 1 on n2");
	TEXT_PUT(theirs.settings, "*(rw,sync)");
	say();
	expect_export(BIT(fsidDiffers), "fsid of /srv/nfs is 0 here and not set on n2");
	TEXT_PUT(theirs.settings, "*(rw,sync,fsid=0)");
	say();
	expect_export(0, "");
}

TEST(other_options_and_clients_are_named)
{
	TEXT_PUT(theirs.settings, "10.77.0.9(rw,sync,fsid=0)");
	say();
	expect_export(BIT(exportsDiffer), "/srv/nfs is *(rw,sync,fsid=0) here and "
					  "10.77.0.9(rw,sync,fsid=0) on n2");
}

TEST(an_export_that_one_node_lacks_is_named)
{
	theirs.head.state = HaRowState_missing;
	theirs.alike = HaAnswer_no;
	say();
	expect_export(BIT(exportsDiffer), "n2 does not have /srv/nfs: configure it there");
	theirs.head.state = HaRowState_fresh;
	TEXT_PUT(theirs.settings, "*(rw,fsid=1)");
	TEXT_PUT(theirs.name, "/srv/x");
	groups_world_put(&peer_member_table, &theirs);
	nfs_compare_exports(&net.settings, 0, &net.board, &difference);
	assert_string_equal(difference.text, "n2 does not have /srv/nfs: configure it there; "
					     "n2 has an export of /srv/x: configure it here, too");
	TEXT_PUT(theirs.group, "mail");
	TEXT_PUT(theirs.name, "/srv/y");
	groups_world_put(&peer_member_table, &theirs);
	nfs_compare_exports(&net.settings, 0, &net.board, &difference);
	assert_null(strstr(difference.text, "/srv/y"));
}

TEST(a_peer_that_is_not_heard_is_not_known)
{
	theirs.head.state = HaRowState_stale;
	say();
	expect_export(BIT(unknown), "");
}

TEST(another_scope_and_other_versions_are_named)
{
	TEXT_PUT(net.peer.nfs_scope, "n2");
	server.own_problems = BIT(graceLong);
	TEXT_PUT(server.own_problems_text, "the grace time is 90 s");
	say();
	expect_server(BIT(graceLong) | BIT(scopeDiffers),
		      "the grace time is 90 s; the server scope is pair here and n2 on n2: start "
		      "both with the same host name");
	TEXT_PUT(net.peer.nfs_scope, "pair");
	net.peer.nfs_versions = 1U << haNfsVersions_v3;
	say();
	expect_server(BIT(graceLong) | BIT(versionsDiffer),
		      "the grace time is 90 s; the versions are v3 v42 here and v3 on n2");
}

/* Whether it runs or not. */
TEST(another_configured_scope_is_named)
{
	static char scope[] = "pair", storage[] = "/srv/nfs/.nfsd";

	net.members[2].kind = haGroupMemberKind_nfs;
	net.members[2].scope = scope;
	net.members[2].storage = storage;
	server.nfs_state = haNfsState_stopped;
	say();
	expect_server(0, "");
	TEXT_PUT(theirs.name, net.members[2].name);
	TEXT_PUT(theirs.settings, "scope=n2,storage=/srv/nfs/.nfsd");
	theirs.kind = haGroupMemberKind_nfs;
	say();
	expect_server(BIT(scopeDiffers),
		      "server scope of nfs-server.service is pair here and n2 on n2");
	TEXT_PUT(theirs.settings, "scope=pair,storage=/var/lib/nfs");
	say();
	expect_server(BIT(exportsDiffer),
		      "nfs-server.service is scope=pair,storage=/srv/nfs/.nfsd here and "
		      "scope=pair,storage=/var/lib/nfs on n2");
}

TEST(a_server_that_does_not_run_is_not_compared)
{
	TEXT_PUT(net.peer.nfs_scope, "");
	net.peer.nfs_versions = 0;
	say();
	expect_server(0, "");
	TEXT_PUT(net.peer.nfs_scope, "n2");
	net.peer.nfs_versions = 1;
	server.nfs_state = haNfsState_stopped;
	say();
	expect_server(0, "");
	server.nfs_state = haNfsState_grace;
	net.peer.head.state = HaRowState_stale;
	say();
	expect_server(0, "");
}

TEST(what_both_must_have_alike_is_shown)
{
	net.member[WORLD_MOUNT].kind = haGroupMemberKind_export;
	say();
	assert_string_equal(groups_world_member(WORLD_MOUNT)->settings, "*(rw,sync,fsid=0)");
	assert_string_equal(groups_world_member(WORLD_SERVICE)->settings, "");
	assert_int_equal(groups_world_member(WORLD_MOUNT)->order, 2);
	assert_int_equal(groups_world_member(WORLD_VRRP)->order, 0);
}

int main(void)
{
#define NFS_TEST(name) cmocka_unit_test_setup_teardown(name, make, groups_world_remove)
	const struct CMUnitTest tests[] = {
		NFS_TEST(what_is_alike_is_no_problem),
		NFS_TEST(another_fsid_is_named),
		NFS_TEST(other_options_and_clients_are_named),
		NFS_TEST(an_export_that_one_node_lacks_is_named),
		NFS_TEST(a_peer_that_is_not_heard_is_not_known),
		NFS_TEST(another_scope_and_other_versions_are_named),
		NFS_TEST(another_configured_scope_is_named),
		NFS_TEST(a_server_that_does_not_run_is_not_compared),
		NFS_TEST(what_both_must_have_alike_is_shown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
