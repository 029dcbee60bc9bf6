/* Tests what is done aside: answers, lateness, deaths, and what a helper must not keep.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "actions/aside.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "lib/clock.h"
#include "tests/unit/check.h"

#define PATIENCE 20000

static bool hanging;         /* who is killed waits in the kernel, and does not end */
static volatile pid_t *told; /* who sleeps; all processes have this memory */

/* Before that of the C library. */
int kill(pid_t pid, int signal)
{
	return hanging ? 0 : (int)syscall(SYS_kill, pid, signal);
}

static int64_t soon(void)
{
	return clock_now() + PATIENCE;
}

static int add_one(void *room)
{
	int *number = room;

	return (*number)++;
}

static int tell_process(void *room)
{
	*(pid_t *)room = getpid();
	return 0;
}

static int sleep_long(void *room)
{
	*told = getpid();
	*(int *)room = 9;
	sleep(60);
	return 0;
}

static int die(void *room)
{
	(void)room;
	_exit(3);
}

static int has_descriptor(void *room)
{
	return fcntl(*(const int *)room, F_GETFD) >= 0;
}

static int leave_open(void *room)
{
	*(int *)room = open("/dev/null", O_RDONLY | O_CLOEXEC);
	return 0;
}

/* How many descriptors it has. */
static int count_descriptors(void *room)
{
	int count = 0;

	(void)room;
	for (int number = 0; number < 64; number++)
		count += fcntl(number, F_GETFD) >= 0;
	return count;
}

static pid_t helper(void)
{
	pid_t pid = 0;

	assert_int_equal(aside_run(tell_process, &pid, sizeof(pid), soon()), 0);
	return pid;
}

TEST(a_call_answers_and_leaves_its_room_changed)
{
	int number = 7;

	assert_int_equal(aside_run(add_one, &number, sizeof(number), soon()), 7);
	assert_int_equal(aside_run_once(add_one, &number, sizeof(number), soon()), 8);
	assert_int_equal(number, 9);
	assert_int_equal(aside_run(count_descriptors, NULL, 0, soon()), 4);
}

TEST(one_helper_makes_call_after_call)
{
	pid_t first = helper(), once = 0;

	assert_int_not_equal(first, getpid());
	assert_int_equal(helper(), first);
	assert_int_equal(aside_run_once(tell_process, &once, sizeof(once), soon()), 0);
	assert_int_not_equal(once, first);
	assert_int_equal(helper(), first);
}

TEST(whoever_is_late_is_left_behind)
{
	int64_t began = clock_now();
	int number = 5;
	pid_t first = helper();

	assert_int_equal(aside_run(sleep_long, &number, sizeof(number), clock_now() + 100),
			 ASIDE_LATE);
	assert_int_equal(aside_run_once(sleep_long, &number, sizeof(number), clock_now() + 100),
			 ASIDE_LATE);
	assert_int_equal(number, 5);
	assert_true(clock_now() - began < 60000);
	assert_int_not_equal(helper(), first);
	assert_int_equal(kill(first, 0), -1);
	assert_int_equal(errno, ESRCH);
}

static bool is_there(pid_t pid)
{
	return kill(pid, 0) == 0;
}

/* As a zombie. */
static void await_end(pid_t pid)
{
	siginfo_t ended;

	while (waitid(P_PID, (id_t)pid, &ended, WEXITED | WNOWAIT) < 0)
		assert_int_equal(errno, EINTR);
}

static pid_t who_sleeps(void)
{
	int64_t deadline = soon();

	while (!*told) {
		assert_true(clock_now() < deadline);
		nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
	}
	return *told;
}

TEST(whoever_ends_late_is_gone_with_the_next_call)
{
	int (*const runs[])(aside_call *, void *, size_t, int64_t) = { aside_run, aside_run_once };
	int number = 5;

	for (size_t i = 0; i < COUNT(runs); i++) {
		pid_t late;

		*told = 0;
		hanging = true;
		assert_int_equal(runs[i](sleep_long, &number, sizeof(number), clock_now() + 100),
				 ASIDE_LATE);
		hanging = false;
		late = who_sleeps();
		helper();
		assert_int_equal(kill(late, SIGKILL), 0);
		await_end(late);
		assert_true(is_there(late));
		runs[i](add_one, &number, sizeof(number), soon());
		assert_false(is_there(late));
	}
}

TEST(whoever_dies_in_a_call_is_told_of_and_replaced)
{
	pid_t first = helper();

	assert_int_equal(aside_run(die, NULL, 0, soon()), EINTR);
	assert_int_not_equal(helper(), first);
}

/* Nothing was asked of it: the call is made by the next one. */
TEST(whoever_was_killed_between_two_calls_is_replaced)
{
	pid_t first = helper();

	assert_int_equal(kill(first, SIGKILL), 0);
	await_end(first);
	assert_int_not_equal(helper(), first);
}

TEST(descriptors_stay_on_their_side)
{
	int ours = open("/dev/null", O_RDONLY | O_CLOEXEC), left = -1;
	int copy = fcntl(ours, F_DUPFD_CLOEXEC, 40);

	assert_int_equal(aside_run(has_descriptor, &copy, sizeof(copy), soon()), 0);
	assert_int_equal(aside_run_once(has_descriptor, &copy, sizeof(copy), soon()), 0);
	assert_int_equal(aside_run(leave_open, &left, sizeof(left), soon()), 0);
	assert_true(left >= 0);
	assert_int_equal(aside_run(has_descriptor, &left, sizeof(left), soon()), 0);
	close(ours);
	close(copy);
}

/* That of its parent may be elsewhere: in another namespace. */
TEST(a_child_has_a_helper_of_its_own)
{
	pid_t ours = helper(), child = fork();
	int status;

	assert_true(child >= 0);
	if (child == 0)
		_exit(helper() == ours);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	assert_int_equal(helper(), ours);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_call_answers_and_leaves_its_room_changed),
		cmocka_unit_test(one_helper_makes_call_after_call),
		cmocka_unit_test(whoever_is_late_is_left_behind),
		cmocka_unit_test(whoever_ends_late_is_gone_with_the_next_call),
		cmocka_unit_test(whoever_dies_in_a_call_is_told_of_and_replaced),
		cmocka_unit_test(whoever_was_killed_between_two_calls_is_replaced),
		cmocka_unit_test(descriptors_stay_on_their_side),
		cmocka_unit_test(a_child_has_a_helper_of_its_own),
	};
	void *shared = mmap(NULL, sizeof(*told), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
			    -1, 0);

	if (shared == MAP_FAILED)
		return EXIT_FAILURE;
	told = shared;
	aside_prepare();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
