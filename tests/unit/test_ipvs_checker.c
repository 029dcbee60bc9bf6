/* Tests how keepalived's checker process is asked, with a process that bears its name.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/ipvs/checker.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/loop.h"
#include "lib/memory.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/sources/ipvs/checks.h"
#include "subagent/sources/ipvs/wire.h"
#include "tests/unit/check.h"
#include "tests/unit/folder.h"
#include "tests/unit/pidfd.h"

#define PATIENCE 8000 /* milliseconds until what does not come has failed */

static const char dump[] = "------< LVS Topology >------\n VS FWMARK = 7\n"
			   "   quorum_state_up = 1\n";

static struct checker checker;
static struct checks *checks;
static char pid_file[128], data[128], unfinished[140];
static pid_t keepalived;
static unsigned int told; /* how often it has said something */

static void open_checker(uid_t owner)
{
	checker_open(&checker, pid_file, data, owner);
}

static int make(void **state)
{
	folder_make(state);
	TEXT_PUT(pid_file, folder_path("checkers.pid"));
	TEXT_PUT(data, folder_path("keepalived_check.data"));
	TEXT_PRINT(unfinished, "%sXXXXXX", data);
	keepalived = 0;
	told = 0;
	open_checker(geteuid());
	return 0;
}

static void end_keepalived(void)
{
	if (keepalived > 0) {
		kill(keepalived, SIGKILL);
		waitpid(keepalived, NULL, 0);
	}
	keepalived = 0;
}

static void forget(void)
{
	if (checks)
		checks_free(checks);
	checks = NULL;
}

static int remove_all(void **state)
{
	end_keepalived();
	forget();
	checker_close(&checker);
	return folder_remove(state);
}

/* ---- keepalived ---- */

/* Under another name first, as keepalived does, but not all of it at once. */
static void write_dump(size_t length)
{
	int fd = open(unfinished, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	if (fd < 0 || rename(unfinished, data) < 0 || write(fd, dump, length / 2) < 0)
		_exit(1);
	usleep(50000);
	if (write(fd, dump + length / 2, length - length / 2) < 0)
		_exit(1);
	close(fd);
}

/* Ends with the one that has made it. `answers': how many signals it serves. */
static void live(unsigned int answers, size_t length)
{
	struct signalfd_siginfo served;
	sigset_t signals;
	int fd;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	sigemptyset(&signals);
	sigaddset(&signals, SIGUSR1);
	fd = signalfd(-1, &signals, 0);
	while (answers-- > 0 && read(fd, &served, sizeof(served)) == sizeof(served))
		write_dump(length);
	for (;;)
		pause();
}

static void start(const char *name, bool ready, unsigned int answers, size_t length)
{
	char text[32];
	int channel[2];
	sigset_t blocked;

	need_pidfd();
	assert_int_equal(pipe(channel), 0);
	keepalived = fork();
	assert_true(keepalived >= 0);
	if (keepalived == 0) {
		sigemptyset(&blocked);
		if (ready)
			sigaddset(&blocked, SIGUSR1);
		sigprocmask(SIG_SETMASK, &blocked, NULL);
		prctl(PR_SET_NAME, name);
		if (write(channel[1], "", 1) != 1)
			_exit(1);
		live(answers, length);
	}
	assert_int_equal(read(channel[0], text, 1), 1);
	close(channel[0]);
	close(channel[1]);
	TEXT_PRINT(text, "%d\n", (int)keepalived);
	folder_put("checkers.pid", text);
}

/* ---- turns ---- */

static enum checker_news turn(void)
{
	struct checks *found = NULL;
	enum checker_news news = checker_turn(&checker, &found);

	if (news == CHECKER_SAYS) {
		forget();
		checks = found;
		told++;
	}
	loop_wake(clock_now() + 20);
	loop_turn();
	return news;
}

static enum checker_news turn_until_news(void)
{
	int64_t deadline = clock_now() + PATIENCE;
	enum checker_news news = CHECKER_NONE;

	while (news == CHECKER_NONE && clock_now() < deadline)
		news = turn();
	return news;
}

static void turn_until_asked(void)
{
	int64_t deadline = clock_now() + PATIENCE;

	while (!checker.deadline && clock_now() < deadline)
		turn();
	assert_true(checker.deadline);
}

static void expect_dump(void)
{
	struct ipvs_key key = {
		.protocol = HaIpvsProtocol_fwmark,
		.mark = 7,
		.address.family = AF_INET,
	};
	const struct checks_virtual *found;

	assert_int_equal(turn_until_news(), CHECKER_SAYS);
	found = checks_find(checks, &key);
	assert_non_null(found);
	assert_int_equal(checks_quorum(found), haIpvsServiceQuorum_met);
	assert_string_equal(checker.error, "");
}

TEST(without_keepalived_nothing_is_waited_for)
{
	for (int i = 0; i < 3; i++)
		assert_int_equal(turn(), CHECKER_NONE);
	assert_true(checker_is_settled(&checker));
}

TEST(without_a_pid_file_nobody_is_asked)
{
	checker_close(&checker);
	checker_open(&checker, NULL, data, geteuid());
	assert_int_equal(turn(), CHECKER_NONE);
	assert_true(checker_is_settled(&checker));
}

TEST(a_dump_is_asked_for_and_read_when_it_is_whole)
{
	start("keepalived", true, 1, strlen(dump));
	turn_until_asked();
	assert_false(checker_is_settled(&checker));
	expect_dump();
	assert_true(checker_is_settled(&checker));
}

TEST(hurry_asks_again_but_not_at_once)
{
	int64_t first;

	start("keepalived", true, 2, strlen(dump));
	expect_dump();
	first = clock_now();
	checker_hurry(&checker);
	expect_dump();
	assert_int_equal(told, 2);
	assert_true(clock_now() - first >= 900);
}

TEST(hurry_while_a_dump_is_waited_for_asks_again)
{
	start("keepalived", true, 2, strlen(dump));
	turn_until_asked();
	checker_hurry(&checker);
	expect_dump();
	expect_dump();
}

TEST(a_signal_that_would_be_the_end_is_not_sent)
{
	start("keepalived", false, 0, 0);
	for (int i = 0; i < 3; i++)
		assert_int_equal(turn(), CHECKER_NONE);
	assert_int_equal(checker.pid, keepalived);
	assert_int_equal(checker.deadline, 0);
	assert_int_equal(waitpid(keepalived, NULL, WNOHANG), 0);
}

TEST(another_program_is_not_asked)
{
	start("somebody", true, 1, strlen(dump));
	for (int i = 0; i < 3; i++)
		assert_int_equal(turn(), CHECKER_NONE);
	assert_int_equal(checker.pid, 0);
}

TEST(when_it_ends_nothing_is_known)
{
	start("keepalived", true, 1, strlen(dump));
	expect_dump();
	end_keepalived();
	assert_int_equal(turn_until_news(), CHECKER_SILENT);
	assert_int_equal(checker.pid, 0);
	start("keepalived", true, 1, strlen(dump));
	expect_dump();
}

/* ---- what does not come, or is not good ---- */

static void expect_failure(const char *trouble)
{
	enum checker_news news = CHECKER_NONE;

	while (news == CHECKER_NONE && !strstr(checker.trouble, trouble))
		news = turn();
	if (news == CHECKER_NONE)
		checker.deadline = clock_now();
	assert_int_equal(news == CHECKER_NONE ? turn_until_news() : news, CHECKER_SILENT);
	if (!strstr(checker.error, trouble))
		fail_msg("%s", checker.error);
	assert_true(checker_is_settled(&checker));
	assert_true(checker.due > clock_now());
}

TEST(an_answer_that_does_not_come_is_given_up)
{
	start("keepalived", true, 0, 0);
	turn_until_asked();
	expect_failure("did not write it");
}

TEST(a_dump_that_breaks_off_is_not_taken)
{
	start("keepalived", true, 1, strlen(dump) - 1);
	turn_until_asked();
	expect_failure("breaks off");
}

TEST(a_dump_of_another_user_is_not_taken)
{
	checker_close(&checker);
	open_checker(geteuid() + 1);
	start("keepalived", true, 1, strlen(dump));
	turn_until_asked();
	expect_failure("does not belong");
}

TEST(a_link_is_not_followed)
{
	start("keepalived", true, 0, 0);
	turn_until_asked();
	folder_put("elsewhere", dump);
	folder_put("keepalived_check.data", "");
	assert_int_equal(unlink(data), 0);
	assert_int_equal(symlink(folder_path("elsewhere"), data), 0);
	expect_failure("symbolic link");
}

#define CHECKER_TEST(sentence) cmocka_unit_test_setup_teardown(sentence, make, remove_all)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CHECKER_TEST(without_keepalived_nothing_is_waited_for),
		CHECKER_TEST(without_a_pid_file_nobody_is_asked),
		CHECKER_TEST(a_dump_is_asked_for_and_read_when_it_is_whole),
		CHECKER_TEST(hurry_asks_again_but_not_at_once),
		CHECKER_TEST(hurry_while_a_dump_is_waited_for_asks_again),
		CHECKER_TEST(a_signal_that_would_be_the_end_is_not_sent),
		CHECKER_TEST(another_program_is_not_asked),
		CHECKER_TEST(when_it_ends_nothing_is_known),
		CHECKER_TEST(an_answer_that_does_not_come_is_given_up),
		CHECKER_TEST(a_dump_that_breaks_off_is_not_taken),
		CHECKER_TEST(a_dump_of_another_user_is_not_taken),
		CHECKER_TEST(a_link_is_not_followed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
