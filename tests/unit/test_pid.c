/* Tests how other people's processes are found and held, with children that call themselves names.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "lib/pid.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/check.h"
#include "tests/unit/pidfd.h"

/* Nobody else is called this. */
#define NAME "ha-test-pid"

/* A child with that name, which waits to be killed. */
static pid_t start(void)
{
	int ready[2];
	char word;
	pid_t child;

	assert_int_equal(pipe2(ready, O_CLOEXEC), 0);
	child = fork();
	if (child == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		prctl(PR_SET_NAME, NAME);
		close(ready[0]);
		close(ready[1]);
		for (;;)
			pause();
	}
	assert_true(child > 0);
	close(ready[1]);
	assert_int_equal(read(ready[0], &word, 1), 0);
	close(ready[0]);
	return child;
}

static void end(pid_t child)
{
	kill(child, SIGKILL);
	assert_int_equal(waitpid(child, NULL, 0), child);
}

TEST(those_of_a_name_are_found_one_after_the_other)
{
	pid_t one, other, first, second, found = 0;
	int held;

	need_pidfd();
	one = start();
	other = start();
	first = one < other ? one : other;
	second = one < other ? other : one;
	held = pid_hold_next(&found, NAME, NULL);
	assert_true(held >= 0);
	assert_int_equal(found, first);
	close(held);
	held = pid_hold_next(&found, NAME, NULL);
	assert_true(held >= 0);
	assert_int_equal(found, second);
	close(held);
	assert_int_equal(pid_hold_next(&found, NAME, NULL), -1);
	assert_int_equal(found, second);
	end(one);
	end(other);
}

TEST(what_is_held_tells_its_end)
{
	pid_t child, found = 0;
	int held;

	need_pidfd();
	child = start();
	held = pid_hold_next(&found, NAME, NULL);
	assert_int_equal(found, child);
	assert_false(pid_has_ended(held));
	end(child);
	assert_true(pid_has_ended(held));
	assert_int_equal(pid_signal(held, child, SIGTERM), ESRCH);
	close(held);
}

TEST(a_process_of_another_name_is_not_held)
{
	pid_t child = start();

	assert_int_equal(pid_hold(child, NAME "x"), -1);
	end(child);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(those_of_a_name_are_found_one_after_the_other),
		cmocka_unit_test(what_is_held_tells_its_end),
		cmocka_unit_test(a_process_of_another_name_is_not_held),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
