/* Tests how exportfs is asked for a line: a made-up one, with a table that must stay as it is.
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * A namespace of mounts takes root.
 */
#include "actions/export_line.h"

#include <errno.h>
#include <sched.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/memory.h"
#include "lib/mountinfo.h"
#include "lib/settings_group.h"
#include "tests/unit/check.h"
#include "tests/unit/folder.h"

#define PATIENCE 20000

static char options[] = "rw,fsid=1";
static char table[256], program[256];
static struct settings_member member = {
	.name = "/srv/nfs",
	.client = "10.0.0.0/24",
	.options = options,
};

static int open_world(void **state)
{
	folder_make(state);
	folder_put("nfs/etab", "/other\t*(ro)\n");
	TEXT_PUT(table, folder_path("nfs"));
	TEXT_PUT(program, folder_path("exportfs"));
	return 0;
}

/* Linux has mount_setattr(2) since 5.12, and valgrind does not know it. */
static bool kernel_can(void)
{
	return mount_setattr(-1, "", 0, NULL, 0) == 0 || errno != ENOSYS;
}

static void expect(char *line, const char *wanted)
{
	if (!kernel_can()) {
		assert_null(line);
		return;
	}
	assert_non_null(line);
	assert_string_equal(line, wanted);
	free(line);
}

static char *ask(const char *script, int64_t time)
{
	const struct export_question question = { program, table, &member };
	char text[512];

	if (geteuid() != 0)
		skip();
	TEXT_PRINT(text, "#!/bin/sh\ncd %s\n%s\n", table, script);
	folder_put("exportfs", text);
	assert_int_equal(chmod(program, 0755), 0);
	return export_line_ask(&question, clock_now() + time);
}

static void check_kept(void)
{
	char text[64];

	folder_take("nfs/etab", text, sizeof(text));
	assert_string_equal(text, "/other\t*(ro)\n");
}

TEST(the_line_is_told_and_the_table_stays)
{
	char *line = ask("[ \"$1 $2 $4\" = '-i -o 10.0.0.0/24:/srv/nfs' ] &&\n"
			 "printf '/srv/nfs\\t10.0.0.0/24(%s,sync)\\n' \"$3\" >etab",
			 PATIENCE);

	expect(line, "/srv/nfs\t10.0.0.0/24(rw,fsid=1,sync)\n");
	check_kept();
}

TEST(nothing_else_can_be_written)
{
	char *line =
		ask("echo >../outside || printf '/srv/nfs\t10.0.0.0/24(ro)\n' >etab", PATIENCE);

	expect(line, "/srv/nfs\t10.0.0.0/24(ro)\n");
	assert_false(folder_has("outside"));
}

TEST(another_export_is_not_the_answer)
{
	assert_null(ask("printf '/srv/nfs\\t10.1.0.0/24(ro)\\n' >etab", PATIENCE));
	assert_null(ask("exit 1", PATIENCE));
	check_kept();
}

TEST(a_program_that_hangs_has_its_time)
{
	int64_t began = clock_now();

	assert_null(ask("sleep 60", 300));
	assert_true(clock_now() - began < PATIENCE);
}

TEST(a_table_that_is_not_there_is_no_error)
{
	TEXT_PUT(table, folder_path("nowhere"));
	assert_null(ask("true", PATIENCE));
}

/* The calling process has a file system of its own at `disk', with a file on it, and a kernel that
 * says that it is DRBD's. */
static bool mount_mirror(void)
{
	char disk[256], line[512];

	TEXT_PUT(disk, folder_path("disk"));
	TEXT_PRINT(line, "41 30 %d:0 / %s rw - ext4 /dev/drbd0 rw\n", DRBD_MAJOR, disk);
	folder_put("proc/self/mountinfo", line);
	if (mkdir(disk, 0755) < 0 || unshare(CLONE_NEWNS) < 0 ||
	    mount("none", "/", "none", MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("none", disk, "tmpfs", 0, NULL) < 0)
		return false;
	folder_put("disk/file", "");
	return mount(folder_path("proc"), "/proc", "none", MS_BIND, NULL) == 0;
}

/* The script tells what it sees by what it answers. */
static int look_for_mirror(void)
{
	char *line;
	bool fine;

	if (!mount_mirror() || !folder_has("disk/file"))
		return EXIT_FAILURE;
	line = ask("options=gone; [ ! -e ../disk/file ] || options=there\n"
		   "printf '/srv/nfs\t10.0.0.0/24(%s)\n' \"$options\" >etab",
		   PATIENCE);
	fine = kernel_can() ? line && strcmp(line, "/srv/nfs\t10.0.0.0/24(gone)\n") == 0 : !line;
	free(line);
	return fine && folder_has("disk/file") ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* Its device could not be demoted meanwhile. */
TEST(no_mirror_stays_mounted_for_it)
{
	int status;
	pid_t child;

	if (geteuid() != 0)
		skip();
	child = fork();
	if (child == 0)
		_exit(look_for_mirror());
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

#define WORLD(test) cmocka_unit_test_setup_teardown(test, open_world, folder_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD(the_line_is_told_and_the_table_stays),
		WORLD(nothing_else_can_be_written),
		WORLD(another_export_is_not_the_answer),
		WORLD(no_mirror_stays_mounted_for_it),
		WORLD(a_program_that_hangs_has_its_time),
		WORLD(a_table_that_is_not_there_is_no_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
