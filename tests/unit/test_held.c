/* Tests which processes belong to a group, over a made-up /proc.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "actions/held.h"

#include <stdio.h>
#include <string.h>

#include "lib/memory.h"
#include "lib/settings_group.h"
#include "lib/tool.h"
#include "mib/ha-agentx-mib.h"
#include "tests/unit/check.h"
#include "tests/unit/folder.h"

static char path[] = "/usr/local/sbin/averylongnameindeed", quiet[] = "--quiet";
static char *start[] = { path, quiet, NULL };
static struct settings_member members[] = {
	{ .kind = haGroupMemberKind_mount, .name = "/srv/nfs" },
	{ .kind = haGroupMemberKind_service, .name = "nfs-server.service" },
	{ .kind = haGroupMemberKind_command, .name = "daemon", .start = start },
	{ .kind = haGroupMemberKind_export, .name = "/srv/nfs" },
};
static struct settings_group group = { .name = "nfs", .members_count = 4, .members = members };

static bool is_own(const char *name, const char *control_groups, const char *variable)
{
	char environ[128];
	FILE *file;

	folder_put("/7/comm", name);
	folder_put("/7/cgroup", control_groups);
	folder_put("/7/environ", "");
	TEXT_PRINT(environ, "PATH=/bin");
	file = fopen(folder_path("/7/environ"), "w");
	assert_non_null(file);
	fwrite(environ, 1, strlen(environ) + 1, file);
	fwrite(variable, 1, strlen(variable) + 1, file);
	assert_int_equal(fclose(file), 0);
	return held_is_own(&group, folder_path("/7"));
}

TEST(a_stranger_is_none)
{
	assert_false(is_own("bash\n", "0::/user.slice/session-1.scope\n", "HOME=/root"));
	assert_false(held_is_own(&group, folder_path("/8")));
}

TEST(the_processes_of_a_unit_are_its_own)
{
	assert_true(is_own("x\n", "0::/system.slice/nfs-server.service\n", ""));
	assert_true(
		is_own("x\n", "1:name=systemd:/a\n0::/system.slice/nfs-server.service/x\n", ""));
	assert_false(is_own("x\n", "0::/system.slice/nfs-server.service.d\n", ""));
	assert_false(is_own("x\n", "0::/system.slice/my-nfs-server.service\n", ""));
}

/* The kernel cuts their names. */
TEST(a_program_that_a_command_names_is_its_own)
{
	assert_true(is_own("averylongnamein\n", "", ""));
	assert_false(is_own("averylongname\n", "", ""));
	assert_false(is_own("\n", "", ""));
}

TEST(what_a_command_has_left_behind_is_its_own)
{
	assert_true(is_own("worker\n", "", TOOL_LAUNCHED));
	assert_false(is_own("worker\n", "", TOOL_LAUNCHED "2"));
}

TEST(the_daemons_of_nfs_belong_to_an_export)
{
	assert_true(is_own("nfsdcld\n", "", ""));
	assert_true(is_own("rpc.mountd\n", "", ""));
	group.members_count = 3;
	assert_false(is_own("nfsdcld\n", "", ""));
	group.members_count = 4;
}

int main(void)
{
#define HELD_TEST(name) cmocka_unit_test_setup_teardown(name, folder_make, folder_remove)
	const struct CMUnitTest tests[] = {
		HELD_TEST(a_stranger_is_none),
		HELD_TEST(the_processes_of_a_unit_are_its_own),
		HELD_TEST(a_program_that_a_command_names_is_its_own),
		HELD_TEST(what_a_command_has_left_behind_is_its_own),
		HELD_TEST(the_daemons_of_nfs_belong_to_an_export),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
