/* How a source tells the hub what it has found.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/report.h"

#include <poll.h>
#include <string.h>

#include "lib/clock.h"
#include "lib/frame.h"
#include "lib/loop.h"
#include "lib/table.h"

/* All sources send on one grid of clock_now(): the hub and the line wake once for all of them. */
#define PULSE_INTERVAL 2000

static int hub = -1;
static bool lost;
static bool held;
static struct pulse last;
static int64_t next_due; /* clock_now() */
static void (*listener)(void *argument, const struct frame *frame);
static void *listener_argument;

void report_open(int fd)
{
	hub = fd;
	lost = false;
	held = false;
	next_due = 0;
	listener = NULL;
}

/* The socket blocks: the hub never keeps a source waiting for long. */
static void report(unsigned int type, unsigned int table, const void *body, size_t length)
{
	if (held && type <= FRAME_END)
		return;
	if (!lost && frame_send(hub, type, table, body, length) != FRAME_OK)
		lost = true;
}

void report_hold(bool hold)
{
	held = hold;
}

void report_row(const struct table *table, const void *row)
{
	report(FRAME_ROW, table->entry, row, table->size);
}

void report_gone(const struct table *table, const void *row)
{
	report(FRAME_GONE, table->entry, row, table->size);
}

void report_begin(const struct table *table)
{
	report(FRAME_BEGIN, table->entry, NULL, 0);
}

void report_end(const struct table *table)
{
	report(FRAME_END, table->entry, NULL, 0);
}

void report_pulse(const struct pulse *pulse)
{
	int64_t now = clock_now();

	if (now >= next_due || memcmp(&last, pulse, sizeof(last))) {
		report(FRAME_PULSE, 0, pulse, sizeof(*pulse));
		last = *pulse;
		next_due = (now / PULSE_INTERVAL + 1) * PULSE_INTERVAL;
	}
	loop_wake(next_due);
}

void report_answer(const struct answer *answer)
{
	report(FRAME_ANSWER, 0, answer, sizeof(*answer));
}

void report_listen(void (*call)(void *argument, const struct frame *frame), void *argument)
{
	listener = call;
	listener_argument = argument;
}

/* The socket blocks, and what was there may have been read since the loop looked: whoever asks
 * twice in a turn whether the hub is lost is called twice. */
static bool is_readable(void)
{
	struct pollfd look = { .fd = hub, .events = POLLIN };

	return poll(&look, 1, 0) > 0;
}

static void notice(void *argument, short events)
{
	enum frame_outcome outcome;
	struct frame frame;

	(void)argument;
	if (events & (POLLHUP | POLLERR)) {
		lost = true;
		return;
	}
	if (!is_readable())
		return;
	outcome = frame_receive(hub, &frame, NULL);
	if (outcome == FRAME_OK && listener)
		listener(listener_argument, &frame);
	else if (outcome != FRAME_AGAIN)
		lost = true;
}

bool report_lost(void)
{
	if (!lost)
		loop_watch(hub, POLLIN, notice, NULL);
	return lost;
}
