/* Tests exports and hygiene: what a group has, what is exported, and what would hurt clients.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/nfs/exports.h"

#include <stdlib.h>
#include <string.h>

#include "lib/memory.h"
#include "lib/settings.h"
#include "lib/settings_group.h"
#include "lib/settings_nfs.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/sources/nfs/daemons.h"
#include "subagent/sources/nfs/hygiene.h"
#include "tests/unit/check.h"
#include "tests/unit/recorded.h"

#define BIT(problem) (1U << HaNfsProblems_##problem)
#define MOUNTED                                                                                    \
	"40 1 8:1 / / rw - ext4 /dev/sda1 rw\n50 40 147:0 / /srv/nfs rw - ext4 /dev/drbd0 rw\n"
#define GOOD "/srv/nfs\t*(rw,sync,fsid=1,sec=sys)\n"

static char options[64], client[] = "*", device[] = "/dev/drbd0";
static struct settings_resource resources[] = { { .name = "r0" } };
static struct settings_member members[] = {
	{ .kind = haGroupMemberKind_drbd, .name = "r0" },
	{ .kind = haGroupMemberKind_mount, .name = "/srv/nfs", .device = device },
	{ .kind = haGroupMemberKind_export,
	  .name = "/srv/nfs",
	  .client = client,
	  .options = options },
};
static struct settings_group group = { .name = "nfs", .members_count = 3, .members = members };
static struct settings_groups groups = { .count = 1, .groups = &group }, no_groups;
static struct settings_nfs nfs = { .grace_limit = 45 };
static struct settings settings = {
	.resources_count = 1, .resources = resources, .groups = &groups, .nfs = &nfs
};
static struct nfs_exports exports;

static int set_up(void **state)
{
	(void)state;
	settings.groups = &groups;
	TEXT_PUT(options, "rw,sync,fsid=1");
	exports = (struct nfs_exports){ 0 };
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	nfs_exports_free(&exports);
	return 0;
}

static const struct nfs_export_row *take(const char *etab, const char *mountinfo, int64_t wall)
{
	nfs_exports_take(&exports, &settings, etab, mountinfo, wall);
	return exports.rows;
}

TEST(an_export_of_a_group_is_there_before_it_is_exported)
{
	const struct nfs_export_row *row = take("", "", 1000);

	assert_int_equal(exports.count, 1);
	assert_int_equal(exports.exported, 0);
	assert_int_equal(row->head.state, HaRowState_missing);
	assert_int_equal(row->export_state, haNfsExportState_notExported);
	assert_string_equal(row->group, "nfs");
	assert_string_equal(row->fsid, "1");
	assert_int_equal(row->own_problems, 0);
	row = take(GOOD, MOUNTED, 2000);
	assert_int_equal(exports.count, 1);
	assert_int_equal(exports.exported, 1);
	assert_int_equal(row->head.state, HaRowState_fresh);
	assert_int_equal(row->export_state, haNfsExportState_exported);
	assert_string_equal(row->group, "nfs");
	assert_string_equal(row->resource, "r0");
	assert_string_equal(row->mount_point, "/srv/nfs");
	assert_int_equal(row->state_time.wall, 2000);
	assert_int_equal(row->own_problems, 0);
	assert_int_equal(take(GOOD, MOUNTED, 3000)->state_time.wall, 2000);
	assert_int_equal(take("", MOUNTED, 4000)->state_time.wall, 4000);
}

TEST(recorded_exports_are_rows_in_order)
{
	char *etab = recorded_text("nfs/etab"), *mountinfo = recorded_text("nfs/mountinfo");
	const struct nfs_export_row *row;

	settings.groups = &no_groups;
	row = take(etab, mountinfo, 1000);
	assert_int_equal(exports.count, 2);
	assert_int_equal(exports.exported, 2);
	assert_string_equal(row[0].path, "/mnt/x");
	assert_string_equal(row[0].mount_point, "/mnt/x");
	assert_int_equal(row[0].fsid_fixed, HaAnswer_yes);
	assert_int_equal(row[0].read_only, HaAnswer_no);
	assert_int_equal(row[0].sync, HaAnswer_yes);
	assert_string_equal(row[1].path, "/srv");
	assert_string_equal(row[1].client, "10.77.0.0/24");
	assert_int_equal(row[1].fsid_fixed, HaAnswer_no);
	assert_int_equal(row[1].read_only, HaAnswer_yes);
	assert_int_equal(row[1].sync, HaAnswer_no);
	assert_int_equal(row[1].own_problems, 0); /* no failover is meant */
	free(etab);
	free(mountinfo);
}

TEST(what_hurts_clients_is_named)
{
	assert_int_equal(take("/srv/nfs\t*(rw,sync)\n", MOUNTED, 0)->own_problems,
			 BIT(fsidMissing));
	assert_int_equal(take("/srv/nfs\t*(rw,async,fsid=1)\n", MOUNTED, 0)->own_problems,
			 BIT(async));
	assert_int_equal(take("/srv/nfs\t*(ro,async,fsid=1)\n", MOUNTED, 0)->own_problems, 0);
	assert_int_equal(take(GOOD, "40 1 8:1 / / rw - ext4 /dev/sda1 rw\n", 0)->own_problems,
			 BIT(notMirrored));
	TEXT_PUT(options, "rw,sync");
	assert_int_equal(take("", "", 0)->own_problems, BIT(fsidMissing));
	settings.groups = &no_groups;
	assert_int_equal(take("/srv/nfs\t*(rw,sync)\n", MOUNTED, 0)->own_problems,
			 BIT(fsidMissing));
	assert_string_equal(exports.rows->resource, "drbd0");
}

TEST(what_has_no_room_is_counted)
{
	char folder[100] = "", line[256];

	memset(folder, 'a', sizeof(folder) - 1);
	TEXT_PRINT(line, "/%s\t*(rw)\n", folder);
	take(line, "", 0);
	assert_int_equal(exports.rejected, 1);
	assert_int_equal(exports.count, 1);
}

/* ---- hygiene ---- */

static uint32_t judge(const char *mountinfo, struct nfs_row *row)
{
	take(GOOD, MOUNTED, 0);
	nfs_hygiene_judge(&settings, &exports, mountinfo, row);
	return row->own_problems;
}

static struct nfs_row serving(void)
{
	return (struct nfs_row){
		.nfs_state = haNfsState_running,
		.versions = 1U << haNfsVersions_v42,
		.grace_time = 10,
		.tracking_mirrored = HaAnswer_yes,
		.tracking_path = "/var/lib/nfs/nfsdcld",
	};
}

TEST(a_good_server_has_no_problem)
{
	struct nfs_row row = serving();

	assert_int_equal(judge(MOUNTED, &row), 0);
	assert_string_equal(row.own_problems_text, "");
}

TEST(a_server_may_have_several_problems)
{
	struct nfs_row row = serving();

	row.tracking_mirrored = HaAnswer_no;
	row.grace_time = 90;
	assert_int_equal(
		judge(MOUNTED "60 40 147:0 /sub /home/bound rw - ext4 /dev/drbd0 rw\n", &row),
		BIT(trackingLocal) | BIT(graceLong) | BIT(bindMount));
	assert_non_null(strstr(row.own_problems_text, "/home/bound"));
	assert_non_null(strstr(row.own_problems_text, "/var/lib/nfs/nfsdcld"));
	assert_non_null(strstr(row.own_problems_text, "90 s"));
	row.versions = 1U << haNfsVersions_v3;
	assert_int_equal(judge(MOUNTED, &row), 0);
	row = serving();
	row.tracking_mirrored = HaAnswer_unknown;
	assert_int_equal(judge(MOUNTED, &row), 0);
}

/* ---- where nfsdcld keeps its data base ---- */

static const char *storage(const char *command, size_t length, const char *conf)
{
	static char path[64];

	nfs_storage(command, length, conf, path, sizeof(path));
	return path;
}

#define WORDS(text) text, sizeof(text)

TEST(the_command_line_names_the_storage)
{
	assert_string_equal(storage(WORDS("nfsdcld"), ""), "/var/lib/nfs/nfsdcld");
	assert_string_equal(storage(WORDS("nfsdcld\0-s\0/srv/cld"), ""), "/srv/cld");
	assert_string_equal(storage(WORDS("nfsdcld\0-s/srv/cld"), ""), "/srv/cld");
	assert_string_equal(storage(WORDS("nfsdcld\0-s\0/a\0--storagedir=/b"), ""), "/b");
	assert_string_equal(storage(WORDS("nfsdcld\0--storagedir\0/b"), ""), "/b");
	assert_string_equal(storage(WORDS("nfsdcld\0-s"), ""), "/var/lib/nfs/nfsdcld");
	assert_string_equal(storage("", 0, ""), "/var/lib/nfs/nfsdcld");
}

TEST(else_the_configuration_file_does)
{
	const char *conf = "# storagedir = /no\n[nfsd]\nstoragedir=/no\n[ nfsdcld ]\n"
			   "[nfsdcld]\n debug = 0\n  storagedir = /srv/cld ; comment\n[x]\n"
			   "storagedir=/no\n";

	assert_string_equal(storage(WORDS("nfsdcld"), conf), "/srv/cld");
	assert_string_equal(storage(WORDS("nfsdcld\0-s\0/b"), conf), "/b");
	assert_string_equal(storage(WORDS("nfsdcld"), "[nfsdcld]\nstoragedir\nstoragedir ="),
			    "/var/lib/nfs/nfsdcld");
}

int main(void)
{
#define OF_GROUP(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		OF_GROUP(an_export_of_a_group_is_there_before_it_is_exported),
		OF_GROUP(recorded_exports_are_rows_in_order),
		OF_GROUP(what_hurts_clients_is_named),
		OF_GROUP(what_has_no_room_is_counted),
		OF_GROUP(a_good_server_has_no_problem),
		OF_GROUP(a_server_may_have_several_problems),
		cmocka_unit_test(the_command_line_names_the_storage),
		cmocka_unit_test(else_the_configuration_file_does),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
