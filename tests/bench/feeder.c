/* Plays the hub for the line: feeds it a table of any size, and then nothing.
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * usage: feeder SOCKET ROWS
 *
 * Serves columns 2 to 11 of haEventTable, with rows that lie as every row of the program lies. The
 * line is the real one; only the list of tables is this one table.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <signal.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/frame.h"
#include "lib/log.h"
#include "lib/loop.h"
#include "lib/memory.h"
#include "lib/settings.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/events.h"
#include "subagent/line/line.h"
#include "subagent/tables.h"

const struct table *const *tables_all(void)
{
	static const struct table *const tables[] = { &event_table, NULL };

	return tables;
}

static void fill(struct event_row *row, uint32_t number)
{
	row->head.state = HaRowState_fresh;
	row->sequence = number;
	row->kind = HaEventType_drbdRoleChange;
	row->time.wall = clock_wall();
	row->uptime = clock_now();
	row->severity = HaSeverity_info;
	TEXT_PRINT(row->subject, "r%u", number);
	TEXT_PUT(row->object, "haDrbdResourceRole");
	row->old_state = HaDrbdRole_secondary;
	row->new_state = HaDrbdRole_primary;
	TEXT_PUT(row->old_label, "secondary");
	TEXT_PUT(row->new_label, "primary");
}

/* Rows first, so that they are all there when the master agent asks; then wait to be ended. The
 * events are said to be out already: no notification is sent. */
static void feed(int line, uint32_t rows)
{
	struct sent sent = { .sequence = rows };
	struct frame frame;

	frame_send(line, FRAME_SENT, 0, &sent, sizeof(sent));
	for (uint32_t number = 1; number <= rows; number++) {
		struct event_row row = { .sequence = 0 };

		fill(&row, number);
		frame_send(line, FRAME_ROW, event_table.entry, &row, sizeof(row));
	}
	while (frame_receive(line, &frame, NULL) == FRAME_OK)
		;
}

int main(int count, char **arguments)
{
	struct settings settings = { .path = "feeder" };
	pid_t parent = getpid();
	int pair[2];

	if (count != 3)
		return EXIT_FAILURE;
	log_open("feeder");
	signal(SIGPIPE, SIG_IGN);
	settings.agentx = arguments[1];
	frame_pair(pair);
	if (fork() == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() == parent) {
			close(pair[1]);
			feed(pair[0], (uint32_t)strtoul(arguments[2], NULL, 10));
		}
		_exit(EXIT_SUCCESS);
	}
	close(pair[0]);
	loop_catch_signals();
	line_run(&settings, pair[1]);
	return EXIT_SUCCESS;
}
