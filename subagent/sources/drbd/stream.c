/* Keeps one `drbdsetup events2' running and feeds the model from it.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/drbd/stream.h"

#include <errno.h>
#include <string.h>

#include "lib/clock.h"
#include "lib/log.h"
#include "lib/loop.h"
#include "lib/memory.h"
#include "lib/settings.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/sources/drbd/model.h"

/* All in milliseconds. */
#define DUMP_DEADLINE 5000
#define BACKOFF_FIRST 1000
#define BACKOFF_LAST 10000
#define PROVEN 10000 /* a stream that lived so long is started again at once */

#define GARBAGE_LINES 20 /* in a row: this is not events2 */

void drbd_health_set(struct drbd_health *health, int32_t reason, const char *error)
{
	if (reason != haSourceReason_none && strcmp(health->error, error) != 0)
		log_warning("%s", error);
	if (reason != haSourceReason_none)
		TEXT_PUT(health->error, error);
	health->reason = reason;
}

static bool is_denied(const char *error)
{
	return strstr(error, "ermission denied") || strstr(error, "not permitted");
}

int32_t drbd_health_explain(const struct drbd_run *run, enum drbd_run_end end, const char *what,
			    char *error, size_t size)
{
	if (end == DRBD_RUN_LATE) {
		text_print(error, size, "%s does not answer", what);
		return haSourceReason_hung;
	}
	if (run->status > 128) {
		text_print(error, size, "%s was killed by signal %d", what, run->status - 128);
		return haSourceReason_killed;
	}
	text_print(error, size, "%s ended with status %d%s%s", what, run->status,
		   run->error[0] ? ": " : "", run->error);
	return is_denied(run->error) ? haSourceReason_permissionDenied : haSourceReason_exited;
}

int32_t drbd_health_explain_start(int error_number, const char *path, char *error, size_t size)
{
	text_print(error, size, "%s: %s", path, strerror(error_number));
	if (error_number == ENOENT)
		return haSourceReason_toolMissing;
	if (error_number == EACCES || error_number == EPERM)
		return haSourceReason_permissionDenied;
	return haSourceReason_startFailed;
}

static void become_complete(struct drbd_stream *stream)
{
	stream->complete = true;
	stream->since = clock_now();
	stream->collect_time = (uint32_t)(clock_microseconds() - stream->started);
	stream->run.deadline = 0;
	drbd_health_set(&stream->health, haSourceReason_none, "");
}

/* Once the program is ended, what it has still to say is not heard. */
static void take_line(void *argument, const char *octets, size_t length)
{
	struct drbd_stream *stream = argument;
	bool complete = false;

	if (stream->run.killed)
		return;
	stream->garbage = drbd_model_line(stream->model, octets, length) ? 0 : stream->garbage + 1;
	if (stream->garbage == GARBAGE_LINES)
		drbd_run_stop(&stream->run);
	if (!stream->complete && drbd_model_is_complete(stream->model)) {
		complete = true;
		become_complete(stream);
	}
	if (stream->complete) {
		stream->told = true;
		stream->changed(stream->argument, complete);
	}
	if (drbd_model_is_torn(stream->model) && stream->complete)
		drbd_stream_restart(stream, "it has lost messages");
}

static void take_output(void *argument, const char *octets, size_t length)
{
	struct drbd_stream *stream = argument;
	unsigned int rejected;

	drbd_model_clock(stream->model, clock_now(), clock_wall());
	rejected = events2_take(&stream->lines, octets, length, take_line, stream);
	drbd_model_reject(stream->model, rejected);
}

/* At once after a long life, else after 1, 2, 4, 8, 10, 10 ... seconds. */
static void plan_start(struct drbd_stream *stream)
{
	int64_t now = clock_now();

	if (stream->complete && now - stream->since >= PROVEN) {
		stream->backoff = BACKOFF_FIRST;
		stream->next_start = now;
		return;
	}
	stream->next_start = now + stream->backoff;
	stream->backoff *= 2;
	if (stream->backoff > BACKOFF_LAST)
		stream->backoff = BACKOFF_LAST;
}

static void end_stream(void *argument, enum drbd_run_end end)
{
	struct drbd_stream *stream = argument;
	char error[160];
	int32_t reason;

	drbd_model_reject(stream->model, events2_end(&stream->lines));
	if (!stream->wanted)
		return;
	if (stream->garbage >= GARBAGE_LINES || (end == DRBD_RUN_LATE && stream->garbage)) {
		drbd_health_set(&stream->health, haSourceReason_garbage,
				"drbdsetup events2 writes what is not its language");
		plan_start(stream);
	} else if (end == DRBD_RUN_STOPPED) {
		stream->next_start = clock_now();
	} else {
		reason = drbd_health_explain(&stream->run, end, "drbdsetup events2", error,
					     sizeof(error));
		drbd_health_set(&stream->health, reason, error);
		plan_start(stream);
	}
	stream->complete = false;
}

void drbd_stream_open(struct drbd_stream *stream, const struct settings *settings,
		      struct drbd_model *model, void (*changed)(void *argument, bool complete),
		      void *argument)
{
	memset(stream, 0, sizeof(*stream));
	stream->settings = settings;
	stream->model = model;
	stream->changed = changed;
	stream->argument = argument;
	stream->run = (struct drbd_run)DRBD_RUN_NONE(take_output, end_stream, stream);
	stream->health.reason = haSourceReason_none;
	stream->backoff = BACKOFF_FIRST;
}

void drbd_stream_want(struct drbd_stream *stream, bool wanted)
{
	if (wanted == stream->wanted)
		return;
	stream->wanted = wanted;
	stream->complete = false;
	stream->backoff = BACKOFF_FIRST;
	stream->next_start = clock_now();
	stream->health.reason = haSourceReason_none;
	if (!wanted)
		drbd_run_stop(&stream->run);
}

void drbd_stream_restart(struct drbd_stream *stream, const char *why)
{
	if (!drbd_run_is_active(&stream->run) || stream->run.killed)
		return;
	log_info("drbdsetup events2 is started again: %s", why);
	drbd_run_stop(&stream->run);
}

static void start(struct drbd_stream *stream)
{
	const char *const argv[] = {
		stream->settings->drbdsetup, "events2", "--timestamps", "--statistics", NULL,
	};
	int64_t now = clock_now();
	char error[160];
	int failure;

	stream->started = clock_microseconds();
	stream->garbage = 0;
	stream->complete = false;
	drbd_model_begin(stream->model);
	failure = drbd_run_start(&stream->run, argv, now + DUMP_DEADLINE);
	if (!failure)
		return;
	drbd_health_set(&stream->health,
			drbd_health_explain_start(failure, argv[0], error, sizeof(error)), error);
	plan_start(stream);
}

void drbd_stream_turn(struct drbd_stream *stream)
{
	drbd_run_turn(&stream->run);
	if (drbd_run_is_hanging(&stream->run))
		drbd_health_set(&stream->health, haSourceReason_hung, "drbdsetup events2 hangs");
	if (!stream->wanted || drbd_run_is_active(&stream->run))
		return;
	if (clock_now() >= stream->next_start) {
		start(stream);
		drbd_run_turn(&stream->run);
	} else {
		loop_wake(stream->next_start);
	}
}
