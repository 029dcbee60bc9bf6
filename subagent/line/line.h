/* The line: the process that speaks to the master agent, and the only user of net-snmp.
 *
 * It keeps a copy of the hub's board and answers from it, so a request never waits for anything;
 * and when the library blocks, nothing but the line does.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_LINE_H
#define HA_LINE_H

#include <stdint.h>

#include "subagent/board.h"
#include "subagent/line/cells.h"

struct set;
struct settings;
struct verdict;

struct line {
	int hub; /* socket */
	struct board board;
	struct cells cells;
	const char *agentx;  /* path of the master agent's socket */
	int64_t start;       /* when the master agent's sysUpTime was 0, by clock_now() */
	int32_t reason;      /* enum haSourceReason: none while the master agent has our session */
	int32_t said_reason; /* as the hub was last told */
	uint32_t sent, said_sent; /* sequence of the newest event whose notification is out */
	uint32_t first_lost;      /* events that left the log unsent, to be told; 0 for none */
	uint32_t last_lost;
	uint32_t owed; /* transaction whose last phase the hub has not answered yet, or 0 */
	bool ended;    /* the hub is gone */
};

/* Serve until the hub goes away or loop_ended(). */
void line_run(const struct settings *settings, int hub);

/* Send a phase of a SET to the hub and wait for its verdict, not longer than LINE_VERDICT
 * milliseconds. False when none came. Rows that come before it are taken. */
#define LINE_VERDICT 500
bool line_ask(struct line *line, const struct set *set, struct verdict *verdict);

/* Send the last phase of a SET, and go on: whoever asks next waits for its answer. */
void line_tell(struct line *line, const struct set *set);

/* Have the rows that a SET before has changed: call before anything is read. */
void line_catch_up(struct line *line);

#endif
