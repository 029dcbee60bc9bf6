/* Tests the reading of files that somebody else writes in his own time. Who is signalled is the
 * test itself. SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/vrrp/keepalived/dump.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/loop.h"
#include "lib/memory.h"
#include "subagent/sources/vrrp/keepalived/process.h"
#include "tests/unit/check.h"
#include "tests/unit/folder.h"

#define PATIENCE 8000 /* milliseconds until what does not come has failed */

static const struct process nobody;
static struct dump dump;
static char path[128], taken[256];
static int answer, signals; /* what process_signal() returns, and how often it was called */

int process_signal(const struct process *process, int number)
{
	assert_ptr_equal(process, &nobody);
	assert_int_equal(number, SIGUSR1);
	signals++;
	return answer;
}

/* Whole is what ends with a full stop. */
static bool take(void *argument, const char *octets, size_t length, char *error, size_t size)
{
	(void)argument;
	if (!length || octets[length - 1] != '.') {
		text_put(error, size, "it has no end");
		return false;
	}
	text_put_part(taken, sizeof(taken), octets, length);
	return true;
}

static int make(void **state)
{
	folder_make(state);
	TEXT_PUT(path, folder_path("dump"));
	TEXT_PUT(taken, "");
	answer = signals = 0;
	dump_open(&dump, path, geteuid());
	return 0;
}

static int remove_all(void **state)
{
	dump_close(&dump);
	return folder_remove(state);
}

static enum dump_outcome turn(void)
{
	enum dump_outcome outcome = dump_turn(&dump, take, NULL);

	loop_wake(clock_now() + 20);
	loop_turn();
	return outcome;
}

static enum dump_outcome turn_until_done(void)
{
	int64_t deadline = clock_now() + PATIENCE;
	enum dump_outcome outcome = DUMP_NONE;

	while (outcome == DUMP_NONE && clock_now() < deadline)
		outcome = turn();
	return outcome;
}

static bool ask(void)
{
	return dump_ask(&dump, &nobody, SIGUSR1, 3000);
}

/* Until the time in which it may come is over, without waiting for that. */
static void expect_failure(const char *error)
{
	for (int i = 0; i < 3; i++)
		assert_int_equal(turn(), DUMP_NONE);
	dump.deadline = clock_now();
	assert_int_equal(turn(), DUMP_FAILED);
	assert_non_null(strstr(dump.error, error));
	assert_string_equal(taken, "");
}

TEST(what_is_written_after_the_signal_is_taken)
{
	assert_true(ask());
	assert_int_equal(turn(), DUMP_NONE);
	folder_put("dump", "new.");
	assert_int_equal(turn_until_done(), DUMP_TAKEN);
	assert_string_equal(taken, "new.");
	assert_string_equal(dump.error, "");
	assert_int_equal(turn(), DUMP_NONE);
	assert_int_equal(signals, 1);
}

TEST(what_lay_there_before_is_not)
{
	folder_put("dump", "old.");
	assert_true(ask());
	expect_failure("did not write it");
	assert_true(ask());
	assert_int_equal(unlink(path), 0);
	folder_put("dump", "new.");
	assert_int_equal(turn_until_done(), DUMP_TAKEN);
	assert_string_equal(taken, "new.");
}

TEST(nobody_is_asked_twice_at_a_time)
{
	assert_true(ask());
	assert_true(ask());
	assert_int_equal(signals, 1);
}

TEST(half_a_file_is_waited_for)
{
	assert_true(ask());
	folder_put("dump", "ne");
	for (int i = 0; i < 3; i++)
		assert_int_equal(turn(), DUMP_NONE);
	assert_string_equal(dump.error, "");
	folder_put("dump", "new.");
	assert_int_equal(turn_until_done(), DUMP_TAKEN);
	assert_string_equal(taken, "new.");
	assert_true(ask());
	folder_put("dump", "newe");
	turn();
	TEXT_PUT(taken, "");
	expect_failure("it has no end");
}

TEST(what_nobody_asked_for_is_not_read)
{
	folder_put("dump", "new.");
	for (int i = 0; i < 3; i++)
		assert_int_equal(turn(), DUMP_NONE);
	assert_string_equal(taken, "");
}

TEST(links_folders_and_files_of_others_are_refused)
{
	folder_put("elsewhere", "stolen.");
	assert_true(ask());
	assert_int_equal(symlink("elsewhere", path), 0);
	expect_failure("symbolic link");
	assert_int_equal(unlink(path), 0);
	assert_true(ask());
	assert_int_equal(mkdir(path, 0700), 0);
	expect_failure("no plain file");
	assert_int_equal(rmdir(path), 0);
	assert_true(ask());
	assert_int_equal(mkfifo(path, 0600), 0);
	expect_failure("no plain file");
	assert_int_equal(unlink(path), 0);
	dump.owner = geteuid() + 1;
	assert_true(ask());
	folder_put("dump", "stolen.");
	expect_failure("belongs to user");
}

TEST(a_huge_file_is_refused)
{
	assert_true(ask());
	folder_put("dump", "");
	assert_int_equal(truncate(path, INT64_C(1) << 40), 0);
	expect_failure("too large");
}

TEST(who_cannot_be_asked_is_said)
{
	answer = EPERM;
	assert_false(ask());
	assert_non_null(strstr(dump.error, "may not signal"));
	answer = EAGAIN;
	assert_false(ask());
	assert_string_equal(dump.error, "");
	assert_int_equal(turn(), DUMP_NONE);
}

#define DUMP_TEST(test) cmocka_unit_test_setup_teardown(test, make, remove_all)

int main(void)
{
	const struct CMUnitTest tests[] = {
		DUMP_TEST(what_is_written_after_the_signal_is_taken),
		DUMP_TEST(what_lay_there_before_is_not),
		DUMP_TEST(nobody_is_asked_twice_at_a_time),
		DUMP_TEST(half_a_file_is_waited_for),
		DUMP_TEST(what_nobody_asked_for_is_not_read),
		DUMP_TEST(links_folders_and_files_of_others_are_refused),
		DUMP_TEST(a_huge_file_is_refused),
		DUMP_TEST(who_cannot_be_asked_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
