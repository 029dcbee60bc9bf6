/* Tests how other people's programs are run, with sh(1) as the other people.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "lib/tool.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/memory.h"
#include "tests/unit/check.h"

#define PATIENCE 10000

static struct tool_result result;

/* Run a line of shell. */
static bool run(const char *script, int64_t milliseconds)
{
	const char *const argv[] = { "/bin/sh", "-c", script, NULL };

	return tool_run(argv, clock_now() + milliseconds, &result);
}

/* Wait until a process, whose number a tool has printed, is gone. */
static void expect_end_of(const char *printed)
{
	pid_t pid = (pid_t)strtol(printed, NULL, 10);
	int64_t deadline = clock_now() + PATIENCE;

	assert_true(pid > 1);
	while (kill(pid, 0) == 0 && clock_now() < deadline) {
		char path[64], state[256] = "";
		FILE *file;

		TEXT_PRINT(path, "/proc/%d/stat", (int)pid);
		file = fopen(path, "re");
		if (file) {
			state[fread(state, 1, sizeof(state) - 1, file)] = '\0';
			fclose(file);
		}
		if (strstr(state, ") Z "))
			return;
		nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
	}
	assert_true(clock_now() < deadline);
}

static int count_descriptors(void)
{
	int count = 0;

	for (int fd = 0; fd < 1024; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	return count;
}

TEST(a_program_that_works_gives_its_output)
{
	assert_true(run("echo out; echo err >&2", PATIENCE));
	assert_string_equal(result.out, "out\n");
	assert_string_equal(result.err, "err\n");
	assert_int_equal(result.status, 0);
	assert_int_equal(result.error, 0);
	assert_false(result.late);
}

TEST(output_needs_no_line_feed)
{
	assert_true(run("printf tail", PATIENCE));
	assert_string_equal(result.out, "tail");
}

TEST(binary_output_comes_as_it_is)
{
	assert_true(run("printf 'a\\000b\\377'", PATIENCE));
	assert_memory_equal(result.out, "a\0b\377", 5);
}

TEST(exit_statuses_and_signals_are_told)
{
	static const struct {
		const char *script;
		int status;
	} ends[] = {
		{ "exit 1", 1 },
		{ "exit 255", 255 },
		{ "kill -9 $$", 128 + SIGKILL },
		{ "kill -TERM $$", 128 + SIGTERM },
	};

	for (size_t i = 0; i < COUNT(ends); i++) {
		assert_false(run(ends[i].script, PATIENCE));
		assert_int_equal(result.status, ends[i].status);
		assert_false(result.late);
	}
}

TEST(a_program_that_cannot_start_says_why)
{
	static const struct {
		const char *path;
		int error;
	} failures[] = {
		{ "/nonexistent/tool", ENOENT },
		{ "/etc/passwd", EACCES },
		{ "/", EACCES },
	};
	int before = count_descriptors();

	for (size_t i = 0; i < COUNT(failures); i++) {
		const char *const argv[] = { failures[i].path, NULL };

		assert_false(tool_run(argv, clock_now() + PATIENCE, &result));
		assert_int_equal(result.error, failures[i].error);
		assert_int_equal(result.status, -1);
	}
	assert_int_equal(count_descriptors(), before);
}

TEST(the_deadline_ends_the_whole_process_group)
{
	int64_t begin = clock_now();

	assert_false(run("sleep 1000 & echo $!; wait", 100));
	assert_true(result.late);
	assert_int_equal(result.status, -1);
	assert_in_range(clock_now() - begin, 100, PATIENCE);
	expect_end_of(result.out);
}

TEST(a_program_that_ignores_signals_is_ended_too)
{
	assert_false(run("trap '' TERM INT HUP; echo $$; while :; do sleep 1000; done", 100));
	assert_true(result.late);
	expect_end_of(result.out);
}

TEST(what_a_program_leaves_behind_is_ended)
{
	int64_t begin = clock_now();

	assert_true(run("sleep 1000 & echo $!", PATIENCE));
	assert_true(clock_now() - begin < PATIENCE);
	expect_end_of(result.out);
}

TEST(a_daemon_that_holds_the_pipe_is_not_waited_for)
{
	int64_t begin = clock_now();

	assert_true(run("setsid sleep 3 & exec sleep 0.1", PATIENCE));
	assert_true(clock_now() - begin < 2500);
}

TEST(long_output_is_cut_and_the_program_does_not_block)
{
	assert_true(run("head -c 1000000 /dev/zero | tr '\\0' o; "
			"head -c 1000000 /dev/zero | tr '\\0' e >&2",
			PATIENCE));
	assert_int_equal(strlen(result.out), sizeof(result.out) - 1);
	assert_int_equal(strspn(result.out, "o"), sizeof(result.out) - 1);
	assert_int_equal(strspn(result.err, "e"), sizeof(result.err) - 1);
}

TEST(closed_outputs_are_no_end)
{
	assert_false(run("exec >&- 2>&-; sleep 0.1; exit 3", PATIENCE));
	assert_int_equal(result.status, 3);
}

TEST(a_program_finds_a_clean_room)
{
	static const char *const list[] = { "/bin/ls", "/proc/self/fd", NULL };
	static const char *const blocked[] = { "/bin/grep", "SigBlk", "/proc/self/status", NULL };
	int open_here = open("/dev/null", O_RDONLY);
	sigset_t all, before;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &before);
	setenv("SECRET", "x", 1);
	assert_true(run("env | sort | cut -d= -f1 | tr '\\n' ' '; cat", PATIENCE));
	assert_string_equal(result.out, "LC_ALL PATH PWD ");
	assert_true(tool_run(blocked, clock_now() + PATIENCE, &result));
	assert_string_equal(result.out, "SigBlk:\t0000000000000000\n");
	assert_true(tool_run(list, clock_now() + PATIENCE, &result));
	assert_string_equal(result.out, "0\n1\n2\n3\n"); /* the last is what ls reads */
	sigprocmask(SIG_SETMASK, &before, NULL);
	close(open_here);
}

TEST(nothing_stays_open)
{
	int before = count_descriptors();

	run("echo out", PATIENCE);
	run("exec sleep 1000", 50);
	assert_int_equal(count_descriptors(), before);
}

TEST(a_started_tool_can_be_looked_at_and_stopped)
{
	static const char *const argv[] = { "/bin/sleep", "1000", NULL };
	struct tool tool = TOOL_NONE;
	int status = 0;
	pid_t pid;

	assert_false(tool_ended(&tool, &status));
	tool_stop(&tool);
	assert_int_equal(tool_start(&tool, argv), 0);
	pid = tool.pid;
	assert_false(tool_ended(&tool, &status));
	assert_int_equal(getpgid(pid), pid);
	tool_stop(&tool);
	assert_int_equal(tool.pid, 0);
	assert_int_equal(tool.out, -1);
	assert_int_equal(kill(pid, 0), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_program_that_works_gives_its_output),
		cmocka_unit_test(output_needs_no_line_feed),
		cmocka_unit_test(binary_output_comes_as_it_is),
		cmocka_unit_test(exit_statuses_and_signals_are_told),
		cmocka_unit_test(a_program_that_cannot_start_says_why),
		cmocka_unit_test(the_deadline_ends_the_whole_process_group),
		cmocka_unit_test(a_program_that_ignores_signals_is_ended_too),
		cmocka_unit_test(what_a_program_leaves_behind_is_ended),
		cmocka_unit_test(a_daemon_that_holds_the_pipe_is_not_waited_for),
		cmocka_unit_test(long_output_is_cut_and_the_program_does_not_block),
		cmocka_unit_test(closed_outputs_are_no_end),
		cmocka_unit_test(a_program_finds_a_clean_room),
		cmocka_unit_test(nothing_stays_open),
		cmocka_unit_test(a_started_tool_can_be_looked_at_and_stopped),
	};

	return cmocka_run_group_tests_name("tool", tests, NULL, NULL);
}
