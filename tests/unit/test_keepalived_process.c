/* Tests whether a keepalived runs, with processes that bear its name.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/vrrp/keepalived/process.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/loop.h"
#include "lib/memory.h"
#include "subagent/sources/vrrp/keepalived/program.h"
#include "tests/unit/check.h"
#include "tests/unit/folder.h"
#include "tests/unit/pidfd.h"

#define PATIENCE 8000 /* milliseconds until what does not come has failed */

static struct process process;
static pid_t parent, vrrp; /* the processes; the test is the parent of one, and not of the other */
static int channel[2];     /* the parent says there which children it has */

static int make(void **state)
{
	folder_make(state);
	process_open(&process, folder_path("keepalived.pid"));
	return 0;
}

static void end(pid_t *pid)
{
	if (*pid > 0)
		kill(*pid, SIGKILL);
	if (*pid > 0 && pid == &parent)
		waitpid(*pid, NULL, 0);
	*pid = 0;
}

static int remove_all(void **state)
{
	end(&vrrp);
	end(&parent);
	process_close(&process);
	return folder_remove(state);
}

static void write_pid(const char *file, pid_t pid)
{
	char text[32];

	TEXT_PRINT(text, "%d\n", (int)pid);
	folder_put(file, text);
}

/* Ends with the one that has made it. */
static void live(void)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;)
		pause();
}

/* Does not wait for its child: it becomes a zombie, which is as good as gone. Both have the name
 * before anybody knows them, and block the signal. */
static void live_with_child(void)
{
	sigset_t blocked;
	pid_t child;

	sigemptyset(&blocked);
	sigaddset(&blocked, SIGUSR2);
	sigprocmask(SIG_SETMASK, &blocked, NULL);
	prctl(PR_SET_NAME, "keepalived");
	child = fork();
	if (child == 0)
		live();
	if (write(channel[1], &child, sizeof(child)) != sizeof(child))
		_exit(1);
	live();
}

static void start(void)
{
	need_pidfd();
	assert_int_equal(pipe(channel), 0);
	parent = fork();
	assert_true(parent >= 0);
	if (parent == 0)
		live_with_child();
	assert_int_equal(read(channel[0], &vrrp, sizeof(vrrp)), sizeof(vrrp));
	close(channel[0]);
	close(channel[1]);
}

static void turn(void)
{
	process_turn(&process);
	loop_wake(clock_now() + 20);
	loop_turn();
}

#define TURN_UNTIL(condition)                                                                      \
	do {                                                                                       \
		int64_t deadline = clock_now() + PATIENCE;                                         \
		while (!(condition) && clock_now() < deadline)                                     \
			turn();                                                                    \
		assert_true(condition);                                                            \
	} while (0)

TEST(its_start_and_its_death_are_seen)
{
	turn();
	assert_int_equal(process.pid, 0);
	start();
	write_pid("keepalived.pid", parent);
	write_pid("vrrp.pid", vrrp);
	TURN_UNTIL(process.pid == parent && process.vrrp == vrrp);
	assert_true(process.since > 0);
	end(&parent);
	TURN_UNTIL(process.pid == 0);
	assert_int_equal(process.vrrp, 0);
	assert_false(process.vrrp_gone);
}

TEST(the_death_of_its_vrrp_process_alone_is_seen)
{
	start();
	write_pid("vrrp.pid", vrrp);
	write_pid("keepalived.pid", parent);
	TURN_UNTIL(process.vrrp == vrrp);
	end(&vrrp);
	TURN_UNTIL(process.vrrp == 0);
	assert_int_equal(process.pid, parent);
	assert_true(process.vrrp_gone);
}

TEST(an_only_child_is_the_one_when_all_have_been_started)
{
	start();
	write_pid("keepalived.pid", parent);
	TURN_UNTIL(process.vrrp == vrrp);
}

TEST(a_pid_of_another_program_is_none)
{
	write_pid("keepalived.pid", getpid());
	for (int i = 0; i < 5; i++)
		turn();
	assert_int_equal(process.pid, 0);
	start();
	write_pid("keepalived.pid", parent);
	write_pid("vrrp.pid", getpid());
	TURN_UNTIL(process.pid == parent);
	assert_int_not_equal(process.vrrp, getpid());
}

/* What starts it has written its pid file before it is keepalived. */
TEST(a_process_that_becomes_keepalived_later_is_seen)
{
	char go = 0;

	need_pidfd();
	assert_int_equal(pipe(channel), 0);
	parent = fork();
	assert_true(parent >= 0);
	if (parent == 0) {
		prctl(PR_SET_NAME, "setsid");
		if (read(channel[0], &go, 1) != 1)
			_exit(1);
		prctl(PR_SET_NAME, "keepalived");
		live();
	}
	write_pid("keepalived.pid", parent);
	for (int i = 0; i < 5; i++)
		turn();
	assert_int_equal(process.pid, 0);
	assert_int_equal(write(channel[1], &go, 1), 1);
	TURN_UNTIL(process.pid == parent);
	assert_int_equal(process.next_parent_look, 0);
	close(channel[0]);
	close(channel[1]);
}

TEST(a_number_of_no_process_is_not_looked_at_again)
{
	pid_t child;

	need_pidfd();
	child = fork();
	assert_true(child >= 0);
	if (child == 0)
		live();
	write_pid("keepalived.pid", child);
	TURN_UNTIL(process.next_parent_look);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	TURN_UNTIL(!process.next_parent_look);
}

TEST(nonsense_in_the_pid_file_is_none)
{
	static const char *const wrong[] = { "",    "\n",   "nonsense", "-5", "1", "99999999999",
					     "12x", "0x10", "4 5" };

	for (size_t i = 0; i < COUNT(wrong); i++) {
		folder_put("keepalived.pid", wrong[i]);
		turn();
		turn();
		assert_int_equal(process.pid, 0);
	}
	assert_int_equal(unlink(folder_path("keepalived.pid")), 0);
	assert_int_equal(mkdir(folder_path("keepalived.pid"), 0700), 0);
	turn();
	assert_int_equal(rmdir(folder_path("keepalived.pid")), 0);
	assert_int_equal(mkfifo(folder_path("keepalived.pid"), 0600), 0);
	turn();
	assert_int_equal(process.pid, 0);
}

/* SIGUSR1 would end it, for it does not expect that. */
TEST(no_signal_is_sent_that_would_do_harm)
{
	start();
	write_pid("vrrp.pid", vrrp);
	write_pid("keepalived.pid", parent);
	TURN_UNTIL(process.vrrp == vrrp);
	assert_int_equal(process_signal(&process, SIGUSR1), EAGAIN);
	assert_int_equal(process_signal(&process, SIGUSR2), 0);
	turn();
	assert_int_equal(process.vrrp, vrrp);
	end(&parent);
	TURN_UNTIL(process.pid == 0);
	assert_int_equal(process_signal(&process, SIGUSR2), ESRCH);
}

TEST(one_that_is_stopped_is_told_from_one_that_waits)
{
	start();
	write_pid("vrrp.pid", vrrp);
	write_pid("keepalived.pid", parent);
	TURN_UNTIL(process.vrrp == vrrp);
	assert_false(process_is_stopped(&process));
	kill(vrrp, SIGSTOP);
	TURN_UNTIL(process_is_stopped(&process));
}

TEST(a_version_is_read_from_what_the_program_says)
{
	char version[65];

	program_read_version("Keepalived v2.2.7 (01/16,2022)\n\nCopyright(C)", version,
			     sizeof(version));
	assert_string_equal(version, "2.2.7");
	program_read_version("\nKeepalived v2.4.0", version, sizeof(version));
	assert_string_equal(version, "2.4.0");
	program_read_version("no such thing", version, sizeof(version));
	assert_string_equal(version, "");
}

#define PROCESS_TEST(test) cmocka_unit_test_setup_teardown(test, make, remove_all)

int main(void)
{
	const struct CMUnitTest tests[] = {
		PROCESS_TEST(its_start_and_its_death_are_seen),
		PROCESS_TEST(the_death_of_its_vrrp_process_alone_is_seen),
		PROCESS_TEST(an_only_child_is_the_one_when_all_have_been_started),
		PROCESS_TEST(a_pid_of_another_program_is_none),
		PROCESS_TEST(a_process_that_becomes_keepalived_later_is_seen),
		PROCESS_TEST(a_number_of_no_process_is_not_looked_at_again),
		PROCESS_TEST(nonsense_in_the_pid_file_is_none),
		PROCESS_TEST(no_signal_is_sent_that_would_do_harm),
		PROCESS_TEST(one_that_is_stopped_is_told_from_one_that_waits),
		cmocka_unit_test(a_version_is_read_from_what_the_program_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
