/* One turn after the other around poll(2).
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "lib/loop.h"

#include <assert.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>

#include "lib/clock.h"

static struct pollfd polled[LOOP_FDS_MAX];
static struct {
	loop_call *call;
	void *argument;
} calls[LOOP_FDS_MAX];
static unsigned int count;
static int64_t wake;
static volatile sig_atomic_t ended;

void loop_watch(int fd, short events, loop_call *call, void *argument)
{
	if (fd < 0)
		return;
	assert(count < LOOP_FDS_MAX);
	polled[count] = (struct pollfd){ .fd = fd, .events = events };
	calls[count].call = call;
	calls[count].argument = argument;
	count++;
}

void loop_wake(int64_t when)
{
	if (when && (!wake || when < wake))
		wake = when;
}

/* Milliseconds until the turn has to end; negative when nothing says when. */
static int64_t time_left(void)
{
	int64_t left;

	if (!wake)
		return -1;
	left = wake - clock_now();
	return left > 0 ? left : 0;
}

/* What poll(2) returns. The signals are blocked but here, so that none is lost between the test and
 * the wait. */
static int wait_for(int64_t milliseconds)
{
	struct timespec left = { milliseconds / 1000, milliseconds % 1000 * 1000000 };
	sigset_t none;

	sigemptyset(&none);
	return ppoll(polled, count, milliseconds < 0 ? NULL : &left, &none);
}

bool loop_turn(void)
{
	int64_t left = time_left();
	int ready = wait_for(left);
	unsigned int registered = ready > 0 ? count : 0;

	count = 0;
	wake = 0;
	for (unsigned int i = 0; i < registered; i++)
		if (polled[i].revents && calls[i].call)
			calls[i].call(calls[i].argument, polled[i].revents);
	return left == 0 || ready == 0;
}

static void catch_end(int number)
{
	(void)number;
	ended = 1;
}

void loop_catch_signals(void)
{
	struct sigaction action = { .sa_handler = catch_end };
	sigset_t blocked;

	sigemptyset(&blocked);
	sigaddset(&blocked, SIGTERM);
	sigaddset(&blocked, SIGINT);
	sigprocmask(SIG_BLOCK, &blocked, NULL);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
}

int loop_ended(void)
{
	return ended;
}
