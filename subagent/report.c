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

void report_open(int fd)
{
	hub = fd;
	lost = false;
	held = false;
	next_due = 0;
}

/* The socket blocks: the hub never keeps a source waiting for long. */
static void report(unsigned int type, unsigned int table, const void *body, size_t length)
{
	if (held && type != FRAME_PULSE)
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

/* The hub says nothing to a source, so anything readable is its end. */
static void notice(void *argument, short events)
{
	struct frame frame;

	(void)argument;
	if (events & (POLLHUP | POLLERR) || frame_receive(hub, &frame, NULL) != FRAME_AGAIN)
		lost = true;
}

bool report_lost(void)
{
	if (!lost)
		loop_watch(hub, POLLIN, notice, NULL);
	return lost;
}
