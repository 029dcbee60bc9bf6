/* Asks `drbdsetup events2 --now' now and then: for figures, and whether the stream tells the truth.
 *
 * Figures alone raise no event in the stream: while data is synchronised or verified they are asked
 * for every second. A state that two polls a second apart see and the stream has not told means
 * that the stream is deaf.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/drbd/poll.h"

#include <string.h>

#include "lib/clock.h"
#include "lib/loop.h"
#include "lib/settings.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/sources/drbd/model.h"

/* All in milliseconds. */
#define DEADLINE 5000
#define BUSY_INTERVAL 1000
#define BACKOFF_FIRST 1000
#define BACKOFF_LAST 10000

static void take_line(void *argument, const char *octets, size_t length)
{
	struct drbd_poll *poll = argument;

	drbd_model_poll_line(poll->model, octets, length);
}

static void take_output(void *argument, const char *octets, size_t length)
{
	struct drbd_poll *poll = argument;

	drbd_model_clock(poll->model, clock_now(), clock_wall());
	drbd_model_reject(poll->model, events2_take(&poll->lines, octets, length, take_line, poll));
}

static void judge(struct drbd_poll *poll)
{
	bool agrees = drbd_model_poll_end(poll->model);

	poll->disproved = poll->doubted && !agrees;
	poll->doubted = !agrees && !poll->disproved;
	poll->backoff = BACKOFF_FIRST;
	poll->collect_time = (uint32_t)(clock_microseconds() - poll->started);
	drbd_health_set(&poll->health, haSourceReason_none, "");
	poll->changed(poll->argument, false);
}

static void back_off(struct drbd_poll *poll)
{
	poll->next = clock_now() + poll->backoff;
	poll->backoff *= 2;
	if (poll->backoff > BACKOFF_LAST)
		poll->backoff = BACKOFF_LAST;
}

static void end_poll(void *argument, enum drbd_run_end end)
{
	struct drbd_poll *poll = argument;
	bool torn = events2_end(&poll->lines);
	char error[160];
	int32_t reason;

	drbd_model_reject(poll->model, torn);
	if (end == DRBD_RUN_STOPPED)
		return;
	if (end == DRBD_RUN_EXITED && poll->run.status == 0) {
		judge(poll);
		return;
	}
	reason = drbd_health_explain(&poll->run, end, "drbdsetup events2 --now", error,
				     sizeof(error));
	drbd_health_set(&poll->health, reason, error);
	back_off(poll);
}

void drbd_poll_open(struct drbd_poll *poll, const struct settings *settings,
		    struct drbd_model *model, void (*changed)(void *argument, bool complete),
		    void *argument)
{
	memset(poll, 0, sizeof(*poll));
	poll->settings = settings;
	poll->model = model;
	poll->changed = changed;
	poll->argument = argument;
	poll->run = (struct drbd_run)DRBD_RUN_NONE(take_output, end_poll, poll);
	poll->health.reason = haSourceReason_none;
	poll->backoff = BACKOFF_FIRST;
}

static void start(struct drbd_poll *poll)
{
	const char *const argv[] = {
		poll->settings->drbdsetup, "events2", "--now", "--timestamps", "--statistics", NULL,
	};
	int64_t now = clock_now();
	char error[160];
	int failure;

	poll->started = clock_microseconds();
	poll->next = now + poll->settings->drbd_interval;
	drbd_model_poll_begin(poll->model);
	failure = drbd_run_start(&poll->run, argv, now + DEADLINE);
	if (!failure)
		return;
	drbd_health_set(&poll->health,
			drbd_health_explain_start(failure, argv[0], error, sizeof(error)), error);
	back_off(poll);
}

/* When the next poll is due: soon while figures move or there is a doubt. */
static int64_t due(const struct drbd_poll *poll)
{
	int64_t soon = poll->started / 1000 + BUSY_INTERVAL;
	bool hurry = poll->health.reason == haSourceReason_none &&
		     (poll->doubted || drbd_model_is_busy(poll->model));

	return hurry && soon < poll->next ? soon : poll->next;
}

void drbd_poll_hurry(struct drbd_poll *poll)
{
	if (poll->health.reason == haSourceReason_none)
		poll->next = 0;
}

static void forbid(struct drbd_poll *poll)
{
	drbd_run_stop(&poll->run);
	poll->doubted = poll->disproved = false;
	poll->next = clock_now() + BUSY_INTERVAL;
	poll->health.reason = haSourceReason_none;
}

void drbd_poll_turn(struct drbd_poll *poll, bool allowed)
{
	drbd_run_turn(&poll->run);
	if (drbd_run_is_hanging(&poll->run))
		drbd_health_set(&poll->health, haSourceReason_hung,
				"drbdsetup events2 --now hangs");
	if (!allowed) {
		forbid(poll);
		return;
	}
	if (drbd_run_is_active(&poll->run))
		return;
	if (clock_now() >= due(poll)) {
		start(poll);
		drbd_run_turn(&poll->run);
	} else {
		loop_wake(due(poll));
	}
}
