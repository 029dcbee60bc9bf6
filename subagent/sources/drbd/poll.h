/* Asks `drbdsetup events2 --now' now and then: for figures, and whether the stream tells the truth.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_DRBD_POLL_H
#define HA_DRBD_POLL_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/events2.h"
#include "subagent/sources/drbd/run.h"
#include "subagent/sources/drbd/stream.h"

struct drbd_poll {
	const struct settings *settings;
	struct drbd_model *model;
	void (*changed)(void *argument, bool complete);
	void *argument;
	struct drbd_run run;
	struct events2_stream lines;
	struct drbd_health health;
	int64_t next;
	int64_t backoff;       /* milliseconds */
	int64_t started;       /* clock_microseconds() */
	uint32_t collect_time; /* of the last poll, microseconds */
	bool doubted;          /* the last poll did not agree with the stream */
	bool disproved;        /* nor the one before: the stream must begin anew */
};

void drbd_poll_open(struct drbd_poll *poll, const struct settings *settings,
		    struct drbd_model *model, void (*changed)(void *argument, bool complete),
		    void *argument);

/* A state may have changed: ask as soon as possible. */
void drbd_poll_hurry(struct drbd_poll *poll);

/* On every turn; `allowed` while a stream that is complete runs, else a poll that runs is ended. */
void drbd_poll_turn(struct drbd_poll *poll, bool allowed);

#endif
