/* Feeds the kernel's watchdogs while the hub says that it may: a node that stands still, or whose
 * hub does, is reset before its peer may take over.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "actions/watchdog.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/log.h"
#include "lib/loop.h"
#include "lib/memory.h"
#include "lib/settings.h"
#include "lib/settings_vrrp.h"
#include "mib/ha-agentx-mib.h"

#define RETRY 5000 /* milliseconds until a device that could not be opened is tried again */

/* ---- which group has which device ---- */

static size_t find_guard(const struct watchdog *watchdog, const char *path)
{
	size_t i = 0;

	while (i < watchdog->guards_count && strcmp(watchdog->guards[i].path, path))
		i++;
	return i;
}

static void add_group(struct watchdog *watchdog, const struct settings *settings, size_t number)
{
	const struct settings_group *group = &watchdog->groups->groups[number];
	struct watchdog_guard *guard;
	size_t at;

	watchdog->guard[number] = SIZE_MAX;
	watchdog->told[number] =
		(struct guard_note){ .group = (uint32_t)number, .state = haGroupWatchdog_off };
	if (!group->watchdog)
		return;
	at = find_guard(watchdog, group->watchdog);
	watchdog->guard[number] = at;
	if (at < watchdog->guards_count) {
		if (group->watchdog_timeout < watchdog->guards[at].timeout)
			watchdog->guards[at].timeout = group->watchdog_timeout;
		return;
	}
	guard = &watchdog->guards[watchdog->guards_count++];
	*guard = (struct watchdog_guard){
		.path = group->watchdog,
		.timeout = group->watchdog_timeout,
		.device = WATCHDOG_CLOSED,
	};
	TEXT_PRINT(guard->mark, "%s.watchdog", settings->vrrp->instances[group->instance].hold);
}

bool watchdog_take(struct watchdog *watchdog, const struct guard_order *order)
{
	if (order->group >= watchdog->groups->count || watchdog->guard[order->group] == SIZE_MAX)
		return false;
	watchdog->until[order->group] = order->until;
	return true;
}

/* When the machine has to be reset at the latest; INT64_MAX: none of its groups is here. */
static int64_t deadline_of(const struct watchdog *watchdog, size_t guard)
{
	int64_t deadline = INT64_MAX;

	for (size_t i = 0; i < watchdog->groups->count; i++)
		if (watchdog->guard[i] == guard && watchdog->until[i] &&
		    watchdog->until[i] < deadline)
			deadline = watchdog->until[i];
	return deadline;
}

/* ---- a device ---- */

static bool is_open(const struct watchdog_guard *guard)
{
	return guard->device.fd >= 0;
}

/* Whether it runs, and is as quick as it is to be. */
static bool is_armed(const struct watchdog_guard *guard)
{
	return is_open(guard) && guard->device.timeout <= guard->timeout;
}

/* Whether it would reset the machine in time if it were fed now, and never again. */
static bool may_feed(const struct watchdog_guard *guard, int64_t deadline, int64_t now)
{
	return now <= deadline - (is_armed(guard) ? guard->device.timeout : guard->timeout);
}

static void make_mark(const struct watchdog_guard *guard)
{
	int fd = open(guard->mark, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0)
		log_error("%s: %s", guard->mark, strerror(errno));
	else
		close(fd);
}

static void arm(struct watchdog_guard *guard, int64_t now)
{
	char error[sizeof(guard->error)] = "";

	guard->retry = now + RETRY;
	guard->fed = now;
	if (watchdog_arm(&guard->device, guard->path, guard->timeout, error, sizeof(error))) {
		make_mark(guard);
		log_info("%s: resets this node unless it is fed every %u ms", guard->path,
			 guard->device.timeout);
	} else if (strcmp(error, guard->error)) {
		log_error("%s: this node is not guarded", error);
	}
	TEXT_PUT(guard->error, error);
}

static void disarm(struct watchdog_guard *guard)
{
	if (watchdog_disarm(&guard->device)) {
		unlink(guard->mark);
		log_info("%s: off", guard->path);
		return;
	}
	log_warning("%s: cannot be stopped (nowayout): this node is reset %u s after the agent has "
		    "ended",
		    guard->path, guard->device.timeout / 1000);
}

/* It may have been left running by a process before this one. Whether it is to go on the hub will
 * say, who may have been started again at the same time. */
static void resume(struct watchdog_guard *guard, int64_t now)
{
	if (access(guard->mark, F_OK) < 0)
		return;
	arm(guard, now);
	if (is_armed(guard))
		guard->waiting = now + guard->timeout / 2;
	guard->retry = 0;
}

void watchdog_open(struct watchdog *watchdog, const struct settings *settings, int64_t now)
{
	*watchdog = (struct watchdog){ .groups = settings->groups };
	for (size_t i = 0; i < settings->groups->count; i++)
		add_group(watchdog, settings, i);
	for (size_t i = 0; i < watchdog->guards_count; i++)
		resume(&watchdog->guards[i], now);
}

static void feed(struct watchdog_guard *guard, int64_t now)
{
	guard->fed = now;
	guard->starving = false;
	if (!watchdog_feed(&guard->device))
		log_error("%s: %s", guard->path, strerror(errno));
}

static void tell_starving(struct watchdog_guard *guard, int64_t now)
{
	if (guard->starving || now - guard->fed < guard->device.timeout / 2)
		return;
	guard->starving = true;
	log_error("%s: not fed any more: a group has to stop, or the hub is silent; this node is "
		  "reset in %lld ms",
		  guard->path, (long long)(guard->fed + guard->device.timeout - now));
}

static void open_or_close(struct watchdog_guard *guard, int64_t deadline, int64_t now)
{
	bool held = deadline != INT64_MAX;

	if (held && !is_armed(guard) && now >= guard->retry && may_feed(guard, deadline, now))
		arm(guard, now);
	else if (!held && is_armed(guard))
		disarm(guard);
	if (!held)
		guard->retry = 0;
}

/* When to look again; 0: when the hub says more. */
static int64_t turn_guard(struct watchdog_guard *guard, int64_t deadline, int64_t now)
{
	if (deadline == INT64_MAX && now < guard->waiting)
		return guard->waiting;
	guard->waiting = 0;
	open_or_close(guard, deadline, now);
	if (!is_open(guard))
		return deadline != INT64_MAX && guard->retry > now ? guard->retry : 0;
	if (is_armed(guard) && !may_feed(guard, deadline, now)) {
		tell_starving(guard, now);
		return guard->starving ? 0 : guard->fed + guard->device.timeout / 2;
	}
	if (now - guard->fed >= guard->device.timeout / 4)
		feed(guard, now);
	return guard->fed + guard->device.timeout / 4;
}

int64_t watchdog_turn(struct watchdog *watchdog, int64_t now)
{
	int64_t next = 0;

	for (size_t i = 0; i < watchdog->guards_count; i++) {
		int64_t then = turn_guard(&watchdog->guards[i], deadline_of(watchdog, i), now);

		if (then && (!next || then < next))
			next = then;
	}
	return next;
}

/* ---- what the hub hears ---- */

bool watchdog_news(struct watchdog *watchdog, size_t group, struct guard_note *note)
{
	size_t at = watchdog->guard[group];

	*note = (struct guard_note){ .group = (uint32_t)group, .state = haGroupWatchdog_off };
	if (at != SIZE_MAX && watchdog->until[group]) {
		if (is_armed(&watchdog->guards[at])) {
			note->state = haGroupWatchdog_armed;
			note->timeout = watchdog->guards[at].device.timeout;
		}
		TEXT_PUT(note->error, watchdog->guards[at].error);
	}
	if (!memcmp(note, &watchdog->told[group], sizeof(*note)))
		return false;
	watchdog->told[group] = *note;
	return true;
}

/* To end feeds once more. That may be a little late: a hub that dies between two answers of a
 * witness is no reason to reset a node. */
bool watchdog_may_end(const struct watchdog *watchdog, int64_t now)
{
	for (size_t i = 0; i < watchdog->guards_count; i++) {
		const struct watchdog_guard *guard = &watchdog->guards[i];

		if (guard->waiting ||
		    (is_armed(guard) &&
		     !may_feed(guard, deadline_of(watchdog, i), now - guard->device.timeout / 4)))
			return false;
	}
	return true;
}

/* ---- the process ---- */

struct hearer {
	struct watchdog watchdog;
	int hub; /* -1: it is gone */
	bool broken;
};

static void hear_hub(void *argument, short events)
{
	struct hearer *hearer = argument;
	enum frame_outcome outcome;
	struct frame frame;

	(void)events;
	outcome = frame_receive(hearer->hub, &frame, NULL);
	if (outcome == FRAME_AGAIN)
		return;
	if (outcome == FRAME_OK && frame.head.type == FRAME_GUARD &&
	    watchdog_take(&hearer->watchdog, &frame.body.guard))
		return;
	hearer->broken = outcome != FRAME_CLOSED;
	hearer->hub = -1;
}

static void tell(struct hearer *hearer)
{
	struct guard_note note;

	for (size_t i = 0; i < hearer->watchdog.groups->count; i++)
		if (watchdog_news(&hearer->watchdog, i, &note) && hearer->hub >= 0)
			frame_send(hearer->hub, FRAME_GUARDED, 0, &note, sizeof(note));
}

int watchdog_run(const struct settings *settings, int hub)
{
	static struct hearer hearer;

	hearer = (struct hearer){ .hub = hub };
	watchdog_open(&hearer.watchdog, settings, clock_now());
	for (;;) {
		bool wanted = hearer.hub >= 0 && !loop_ended();

		loop_wake(watchdog_turn(&hearer.watchdog, clock_now()));
		tell(&hearer);
		if (!wanted && watchdog_may_end(&hearer.watchdog, clock_now()))
			break;
		loop_watch(hearer.hub, POLLIN, hear_hub, &hearer);
		loop_turn();
	}
	if (hearer.broken)
		log_error("the hub sends what is no order");
	return hearer.broken ? EXIT_FAILURE : EXIT_SUCCESS;
}
