/* Feeds the kernel's watchdogs while the hub says that it may: a node that stands still, or whose
 * hub does, is reset before its peer may take over.
 *
 * The hub says until when the machine may run at all unless it says something later. A watchdog is
 * fed only when it would still reset the machine by then, whatever happens after.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_WATCHDOG_H
#define HA_WATCHDOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "actions/watchdog_device.h"
#include "lib/frame.h"
#include "lib/settings_group.h"

struct settings;

/* A device, and whom it watches: several groups may name one. */
struct watchdog_guard {
	const char *path;
	uint32_t timeout; /* milliseconds: the shortest that a group wants */
	char mark[128];   /* path of a file that is there while the device runs; in a folder of
			   * root's that is gone after a boot */
	struct watchdog_device device;
	int64_t fed;     /* clock_now() */
	int64_t retry;   /* clock_now() before which it is not opened again */
	int64_t waiting; /* one that was found running: clock_now() until which the hub may say
			  * that a group is here; 0: it has done, or not */
	bool starving;   /* that it is not fed has been logged */
	char error[160];
};

struct watchdog {
	const struct settings_groups *groups;
	int64_t until[SETTINGS_GROUPS_MAX]; /* clock_now(); 0: the group is not here */
	size_t guard[SETTINGS_GROUPS_MAX];  /* position of its device; SIZE_MAX: it has none */
	size_t guards_count;
	struct watchdog_guard guards[SETTINGS_GROUPS_MAX];
	struct guard_note told[SETTINGS_GROUPS_MAX];
};

/* Nothing is opened before a group is here, but for what an earlier process, killed perhaps, has
 * left running. The settings outlive it. */
void watchdog_open(struct watchdog *watchdog, const struct settings *settings, int64_t now);

/* What the hub says; false when there is no such group, or it has no watchdog. */
bool watchdog_take(struct watchdog *watchdog, const struct guard_order *order);

/* Open, feed, and close what is due. When to call again; 0: not before the hub says more. */
int64_t watchdog_turn(struct watchdog *watchdog, int64_t now);

/* How a group is guarded, if that has changed since it was told last. */
bool watchdog_news(struct watchdog *watchdog, size_t group, struct guard_note *note);

/* Whether the process may end: to close a device that runs starts its time anew. */
bool watchdog_may_end(const struct watchdog *watchdog, int64_t now);

/* The process: hear the hub at the socket until it is gone. The exit status is returned. */
int watchdog_run(const struct settings *settings, int hub);

#endif
