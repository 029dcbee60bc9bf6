/* Tests how the table of exportfs is changed without exportfs: what a real one wrote, locks that
 * others hold, what is left alone. SPDX-License-Identifier: BSD-2-Clause
 */
#include "actions/export_table.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/memory.h"
#include "tests/unit/check.h"
#include "tests/unit/folder.h"
#include "tests/unit/recorded.h"

#define PATIENCE 20000

static const char *const caches[] = { "auth.unix.ip", "auth.unix.gid", "nfsd.fh", "nfsd.export" };

static char recorded[8192];

static int make_world(void **state)
{
	char *text = recorded_text("member/etab"), path[64];

	folder_make(state);
	TEXT_PUT(recorded, text);
	free(text);
	folder_put("nfs/etab", recorded);
	for (size_t i = 0; i < COUNT(caches); i++) {
		TEXT_PRINT(path, "rpc/%s/flush", caches[i]);
		folder_put(path, "");
	}
	return 0;
}

static bool change(const char *path, const char *client, const char *line)
{
	char nfs[128], rpc[128];
	const struct export_change change = {
		.folder = nfs,
		.caches = rpc,
		.path = path,
		.client = client,
		.line = line,
	};

	TEXT_PRINT(nfs, "%s/nfs", folder);
	TEXT_PRINT(rpc, "%s/rpc", folder);
	return export_table_change(&change, clock_now() + PATIENCE);
}

static const char *table(void)
{
	static char text[8192];

	folder_take("nfs/etab", text, sizeof(text));
	return text;
}

/* How many of the kernel's caches were told to forget. */
static size_t count_flushed(void)
{
	size_t flushed = 0;

	for (size_t i = 0; i < COUNT(caches); i++) {
		char path[64], text[32];

		TEXT_PRINT(path, "rpc/%s/flush", caches[i]);
		folder_take(path, text, sizeof(text));
		flushed += strtoll(text, NULL, 10) >= 1700000000 && text[strlen(text) - 1] == '\n';
	}
	return flushed;
}

/* Nothing was touched, but for the locks. */
static void assert_left(const char *wanted)
{
	assert_string_equal(table(), wanted);
	assert_int_equal(count_flushed(), 0);
	assert_false(folder_has("nfs/etab.tmp"));
}

/* The recorded text without its line at a number, counted from 0, which is returned. */
static char *take_line(size_t number, char *rest)
{
	char *at = memcpy(rest, recorded, sizeof(recorded)), *line;
	size_t length;

	while (number--)
		at = strchr(at, '\n') + 1;
	length = strcspn(at, "\n") + 1;
	line = memory_new(length + 1, 1);
	memcpy(line, at, length);
	memmove(at, at + length, strlen(at + length) + 1);
	return line;
}

TEST(an_export_goes_and_all_else_stays_octet_by_octet)
{
	char rest[sizeof(recorded)], *line = take_line(3, rest);
	struct stat before, after;

	assert_int_equal(stat(folder_path("nfs/etab"), &before), 0);
	assert_true(change("/srv", "10.77.0.0/24", NULL));
	assert_string_equal(table(), rest);
	assert_int_equal(count_flushed(), COUNT(caches));
	assert_false(folder_has("nfs/etab.tmp"));
	/* By this rpc.mountd notices. */
	assert_int_equal(stat(folder_path("nfs/etab"), &after), 0);
	assert_int_not_equal(before.st_ino, after.st_ino);
	assert_int_equal(after.st_mode & 0777, 0644 & before.st_mode);
	free(line);
}

TEST(it_comes_back_as_it_was)
{
	char rest[sizeof(recorded)], wanted[sizeof(recorded)], *line = take_line(3, rest);

	folder_put("nfs/etab", rest);
	TEXT_PRINT(wanted, "%s%s", line, rest);
	assert_true(change("/srv", "10.77.0.0/24", line));
	assert_string_equal(table(), wanted);
	assert_int_equal(count_flushed(), COUNT(caches));
	free(line);
}

TEST(what_is_so_already_is_left_to_exportfs)
{
	char rest[sizeof(recorded)], *line = take_line(3, rest);

	assert_false(change("/srv", "10.77.0.0/24", line));
	assert_left(recorded);
	assert_false(change("/srv", "10.77.0.0/25", NULL));
	assert_false(change("/sr", "10.77.0.0/24", NULL));
	assert_left(recorded);
	free(line);
}

TEST(a_table_of_another_form_is_left_to_exportfs)
{
	static const char *const others[] = {
		"/srv *(rw)\n", "/srv\t*(rw)\n\n", "/srv\t*(rw)\t10.0.0.1(rw)\n",
		"/srv\t*(rw)",  "\n/srv\t*(rw)\n", "# made by hand\n/srv\t*(rw)\n",
	};

	for (size_t i = 0; i < COUNT(others); i++) {
		folder_put("nfs/etab", others[i]);
		assert_false(change("/srv", "*", NULL));
		assert_false(change("/mnt", "*", "/mnt\t*(rw)\n"));
		assert_left(others[i]);
	}
}

TEST(a_line_of_another_form_is_not_put_there)
{
	assert_false(change("/x", "*", "/x\t*(rw)"));
	assert_false(change("/x", "*", "/x *(rw)\n"));
	assert_left(recorded);
}

TEST(without_a_table_or_the_kernels_files_it_is_left_to_exportfs)
{
	assert_int_equal(unlink(folder_path("rpc/nfsd.fh/flush")), 0);
	assert_false(change("/srv", "10.77.0.0/24", NULL));
	assert_string_equal(table(), recorded);
	folder_put("rpc/nfsd.fh/flush", "");
	assert_int_equal(unlink(folder_path("nfs/etab")), 0);
	assert_false(change("/srv", "10.77.0.0/24", NULL));
	assert_false(folder_has("nfs/etab"));
	assert_int_equal(count_flushed(), 0);
}

/* ---- others who hold a lock ---- */

struct holder {
	pid_t pid;
	int release; /* closed: it lets go */
};

/* A process that has the lock by the time this returns. */
static struct holder hold(const char *name)
{
	struct flock all = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	struct holder holder;
	int ready[2], release[2];
	char word;

	assert_int_equal(pipe(ready) | pipe(release), 0);
	holder.pid = fork();
	if (holder.pid == 0) {
		int file = open(folder_path(name), O_RDWR | O_CREAT, 0600);

		close(release[1]);
		if (file < 0 || fcntl(file, F_SETLK, &all) < 0 || write(ready[1], "r", 1) != 1)
			_exit(1);
		_exit(read(release[0], &word, 1) == 0 ? 0 : 1);
	}
	close(release[0]);
	close(ready[1]);
	assert_int_equal(read(ready[0], &word, 1), 1);
	close(ready[0]);
	holder.release = release[1];
	return holder;
}

static void let_go(const struct holder *holder)
{
	int status;

	close(holder->release);
	assert_int_equal(waitpid(holder->pid, &status, 0), holder->pid);
	assert_int_equal(status, 0);
}

TEST(what_others_have_locked_is_left_to_exportfs)
{
	static const char *const names[] = { "nfs/export-lock", "nfs/.etab.lock" };

	for (size_t i = 0; i < COUNT(names); i++) {
		struct holder holder = hold(names[i]);

		assert_false(change("/srv", "10.77.0.0/24", NULL));
		assert_left(recorded);
		let_go(&holder);
	}
	assert_true(change("/srv", "10.77.0.0/24", NULL));
	assert_true(change("/etc", "*", NULL));
}

#define WORLD(test) cmocka_unit_test_setup_teardown(test, make_world, folder_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD(an_export_goes_and_all_else_stays_octet_by_octet),
		WORLD(it_comes_back_as_it_was),
		WORLD(what_is_so_already_is_left_to_exportfs),
		WORLD(a_table_of_another_form_is_left_to_exportfs),
		WORLD(a_line_of_another_form_is_not_put_there),
		WORLD(without_a_table_or_the_kernels_files_it_is_left_to_exportfs),
		WORLD(what_others_have_locked_is_left_to_exportfs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
