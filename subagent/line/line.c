/* The line: the process that speaks to the master agent, and the only user of net-snmp.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/line/line.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/frame.h"
#include "lib/log.h"
#include "lib/loop.h"
#include "lib/settings.h"
#include "lib/table.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/line/master.h"
#include "subagent/line/notify.h"
#include "subagent/tables.h"

/* How often the hub hears from us at least, milliseconds. */
#define WORD_INTERVAL 5000

/* Rows taken in one turn: then requests have their turn, too. */
#define ROWS_A_TURN 256

static void take_row(struct line *line, const struct frame *frame)
{
	struct rows *rows = board_rows(&line->board, frame->head.table);
	struct entry *entry;

	if (!rows || frame->head.length != rows->table->size) {
		log_error("a row of no table that is known here");
		line->ended = true;
	} else if (frame->head.type == FRAME_ROW) {
		board_put(&line->board, rows->table, &frame->body);
	} else {
		entry = rows_find_row(rows, &frame->body);
		if (entry)
			board_remove(&line->board, rows->table, entry);
	}
}

/* Take one frame of the hub; false when there is none now. A verdict goes to `verdict`. */
static bool take_frame(struct line *line, struct verdict *verdict, bool *decided)
{
	struct frame frame;

	switch (frame_receive(line->hub, &frame, NULL)) {
	case FRAME_AGAIN:
		return false;
	case FRAME_CLOSED:
	case FRAME_BROKEN:
		line->ended = true;
		return false;
	case FRAME_OK:
		break;
	}
	if (frame.head.type == FRAME_ROW || frame.head.type == FRAME_GONE) {
		take_row(line, &frame);
	} else if (frame.head.type == FRAME_SENT) {
		line->sent = line->said_sent = frame.body.sent.sequence;
	} else if (frame.head.type == FRAME_VERDICT) {
		if (frame.body.verdict.transaction == line->owed)
			line->owed = 0;
		if (verdict) {
			*verdict = frame.body.verdict;
			*decided = true;
		}
	}
	return !line->ended;
}

static void hub_ready(void *argument, short events)
{
	struct line *line = argument;
	int count = 0;

	(void)events;
	while (count++ < ROWS_A_TURN && take_frame(line, NULL, NULL))
		;
}

static bool wait_for_hub(const struct line *line, int64_t deadline)
{
	struct pollfd polled = { .fd = line->hub, .events = POLLIN };
	int64_t left = deadline - clock_now();

	return left > 0 && poll(&polled, 1, (int)left) > 0;
}

/* The hub always reads, so a full socket empties at once. */
static bool say(struct line *line, unsigned int type, const void *body, size_t length)
{
	struct pollfd polled = { .fd = line->hub, .events = POLLOUT };
	enum frame_outcome outcome = frame_send(line->hub, type, 0, body, length);

	if (outcome == FRAME_AGAIN && poll(&polled, 1, LINE_VERDICT) > 0)
		outcome = frame_send(line->hub, type, 0, body, length);
	if (outcome == FRAME_CLOSED)
		line->ended = true;
	return outcome == FRAME_OK;
}

bool line_ask(struct line *line, const struct set *set, struct verdict *verdict)
{
	int64_t deadline = clock_now() + LINE_VERDICT;
	bool decided = false;

	if (!say(line, FRAME_SET, set, sizeof(*set)))
		return false;
	while (!decided && !line->ended && wait_for_hub(line, deadline))
		while (!decided && take_frame(line, verdict, &decided))
			if (decided && verdict->transaction != set->transaction)
				decided = false;
	return decided;
}

void line_tell(struct line *line, const struct set *set)
{
	if (say(line, FRAME_SET, set, sizeof(*set)))
		line->owed = set->transaction;
}

void line_catch_up(struct line *line)
{
	int64_t deadline = clock_now() + LINE_VERDICT;

	while (line->owed && !line->ended && wait_for_hub(line, deadline))
		while (line->owed && take_frame(line, NULL, NULL))
			;
	line->owed = 0;
}

static int32_t connection_of(const struct line *line)
{
	if (master_connected())
		return haSourceReason_none;
	if (access(line->agentx, W_OK) < 0 && errno == EACCES)
		return haSourceReason_permissionDenied;
	return haSourceReason_daemonMissing;
}

static bool has_news(const struct line *line)
{
	return line->sent != line->said_sent || line->reason != line->said_reason ||
	       line->first_lost;
}

/* Tell the hub what has changed, and now and then that we are alive: that is looked at only when
 * the loop was woken, as each turn answers a request, and a look at the clock is dear on some
 * machines.
 */
static void report_sent(struct line *line, bool woken)
{
	static int64_t next; /* clock_now() */
	struct sent sent = {
		.sequence = line->sent,
		.reason = line->reason,
		.first_lost = line->first_lost,
		.last_lost = line->last_lost,
	};

	if (has_news(line) || (woken && clock_now() >= next)) {
		if (say(line, FRAME_SENT, &sent, sizeof(sent)))
			line->first_lost = 0;
		line->said_sent = line->sent;
		line->said_reason = line->reason;
		next = clock_now() + WORD_INTERVAL;
	}
	loop_wake(next);
}

void line_run(const struct settings *settings, int hub)
{
	struct line line = { .hub = hub, .agentx = settings->agentx };
	bool woken = true;

	frame_nonblocking(hub);
	board_open(&line.board, tables_all());
	cells_open(&line.cells, &line.board);
	master_open(&line, settings);
	while (!line.ended && !loop_ended()) {
		line.reason = connection_of(&line);
		notify(&line);
		report_sent(&line, woken);
		loop_watch(hub, POLLIN, hub_ready, &line);
		master_watch();
		woken = loop_turn();
		master_tend(woken);
	}
	master_close();
	cells_close(&line.cells);
	board_close(&line.board);
}
