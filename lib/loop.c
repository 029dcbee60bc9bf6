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

static const struct timespec *time_left(struct timespec *left)
{
	int64_t milliseconds;

	if (!wake)
		return NULL;
	milliseconds = wake - clock_now();
	if (milliseconds < 0)
		milliseconds = 0;
	left->tv_sec = milliseconds / 1000;
	left->tv_nsec = milliseconds % 1000 * 1000000;
	return left;
}

void loop_turn(void)
{
	unsigned int registered = count;
	struct timespec left;
	sigset_t none;

	/* The signals are blocked but here, so that none is lost between the test and the wait. */
	sigemptyset(&none);
	if (ppoll(polled, registered, time_left(&left), &none) < 0)
		registered = 0;
	count = 0;
	wake = 0;
	for (unsigned int i = 0; i < registered; i++)
		if (polled[i].revents && calls[i].call)
			calls[i].call(calls[i].argument, polled[i].revents);
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
