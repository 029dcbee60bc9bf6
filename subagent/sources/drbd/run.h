/* A program that runs beside the loop: its output as it comes, its end, a deadline.
 *
 * Nothing here waits. A program that does not even end when it is killed, because it hangs in the
 * kernel, keeps its place, so that no second one is started to hang beside it.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_DRBD_RUN_H
#define HA_DRBD_RUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/tool.h"

/* How it ended. */
enum drbd_run_end {
	DRBD_RUN_EXITED,
	DRBD_RUN_LATE,   /* it was killed at its deadline */
	DRBD_RUN_STOPPED /* it was killed by drbd_run_stop() */
};

/* Set `take`, `argument` and DRBD_RUN_NONE; the rest is filled by drbd_run_start(). */
struct drbd_run {
	void (*take)(void *argument, const char *octets, size_t length); /* standard output */
	void (*done)(void *argument, enum drbd_run_end end);
	void *argument;
	struct tool tool;
	int64_t deadline; /* clock_now(); 0: none */
	bool killed;
	enum drbd_run_end end;
	int status;      /* after its end: 0 to 255, or 128 + signal */
	char error[128]; /* a line of standard error */
};

#define DRBD_RUN_NONE(output, ended, context)                                                      \
	{                                                                                          \
		.take = (output), .done = (ended), .argument = (context), .tool = TOOL_NONE        \
	}

/* Whether it has its place: it runs, or has not ended yet though it was killed. */
bool drbd_run_is_active(const struct drbd_run *run);

/* Whether it was killed at its deadline and has not ended even so. */
bool drbd_run_is_hanging(const struct drbd_run *run);

/* Start `argv`; to be done by `deadline` unless that is 0. Returns 0 or the errno. */
int drbd_run_start(struct drbd_run *run, const char *const argv[], int64_t deadline);

/* Kill it; `done` is called when it has ended. */
void drbd_run_stop(struct drbd_run *run);

/* On every turn, before loop_turn(): notice its end or its deadline, and wait for more. `done` may
 * start it again; after a start elsewhere in the turn call this once more. */
void drbd_run_turn(struct drbd_run *run);

#endif
