/* Keeps one `drbdsetup events2' running and feeds the model from it.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_DRBD_STREAM_H
#define HA_DRBD_STREAM_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/events2.h"
#include "subagent/sources/drbd/run.h"

struct drbd_model;
struct settings;

/* How a part of the source is doing. */
struct drbd_health {
	int32_t reason;  /* enum haSourceReason; none when all is well */
	char error[160]; /* the last error; stays when it has passed */
};

struct drbd_stream {
	const struct settings *settings;
	struct drbd_model *model;
	void (*changed)(void *argument,
			bool complete); /* the model; `complete`: all of it was told */
	void *argument;
	struct drbd_run run;
	struct events2_stream lines;
	struct drbd_health health;
	bool wanted;
	bool complete; /* its dump is */
	bool told;     /* something, since whoever looks at this has cleared it */
	int64_t since; /* clock_now() when it became so */
	int64_t next_start;
	int64_t backoff;       /* milliseconds */
	int64_t started;       /* clock_microseconds() */
	uint32_t collect_time; /* of the last dump, microseconds */
	unsigned int garbage;  /* lines in a row that were not understood */
};

void drbd_stream_open(struct drbd_stream *stream, const struct settings *settings,
		      struct drbd_model *model, void (*changed)(void *argument, bool complete),
		      void *argument);

/* Whether it shall run: not without the module, which drbdsetup would try to load. */
void drbd_stream_want(struct drbd_stream *stream, bool wanted);

/* It does not tell the truth any more: end it, and start another. */
void drbd_stream_restart(struct drbd_stream *stream, const char *why);

/* On every turn. */
void drbd_stream_turn(struct drbd_stream *stream);

/* Set the reason and the error, and log the latter when it is another one. */
void drbd_health_set(struct drbd_health *health, int32_t reason, const char *error);

/* The reason why a program that was started has ended so, and the error in words. */
int32_t drbd_health_explain(const struct drbd_run *run, enum drbd_run_end end, const char *what,
			    char *error, size_t size);

/* The same for one that could not be started. */
int32_t drbd_health_explain_start(int error_number, const char *path, char *error, size_t size);

#endif
