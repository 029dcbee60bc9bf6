/* The groups: their rows, and what they do by themselves.
 *
 * Pure: rows on the board in, rows and intents out. The jobs are asked by two calls.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_GROUPS_H
#define HA_GROUPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct changes;
struct group;
struct group_intent;
struct group_ready;
struct group_work;
struct instant;
struct settings;
struct table;

/* A group is known by its position in settings->groups. */
struct groups {
	struct changes *changes;
	const struct settings *settings;
	struct group *list;
	size_t count;

	/* To be set after groups_open(): */
	void *jobs;
	/* What the group's jobs do and did; `work' comes filled with zeroes. */
	void (*look)(void *jobs, size_t group, struct group_work *work);
	/* Begin to do it; false when that is not possible now. AIM_SUSPEND and AIM_RESUME come
	 * while a job is running, too. */
	bool (*start)(void *jobs, size_t group, const struct group_intent *intent,
		      const struct instant *when);
};

/* The rows of all groups are there from the first moment, unknown. */
void groups_open(struct groups *groups, struct changes *changes, const struct settings *settings,
		 const struct instant *when);
void groups_close(struct groups *groups);

/* Complete a row of haGroupMemberTable before it is published: order, wanted state, times, and what
 * the tables of other sources say. Rows of other tables stay as they are. */
void groups_amend(const struct groups *groups, const struct table *table, void *row,
		  const struct instant *when);

/* Rows came, or a job began or ended: judge every group again and publish its rows. Nothing is
 * started. A request that is judged by these rows is to come behind it. */
void groups_follow(struct groups *groups, const struct instant *when);

/* Once a turn: judge what is due, and start what is to be done. Returns when to call again
 * (clock_now()); 0: there are no groups. */
int64_t groups_tick(struct groups *groups, const struct instant *when);

/* What a guard of a switchover goes by, as it was at the last look; `ready' is of this kind. */
const struct group_ready *groups_ready(const struct groups *groups, size_t group);

/* Whether a group has left its place a moment ago and has not been seen in another: the peer may be
 * the one to know where it is. */
bool groups_seek(const struct groups *groups, int64_t now);

/* For the watchdog: until when this machine may run unless it is told more (clock_now()); 0: the
 * group is not here. And what the watchdog says: enum haGroupWatchdog, milliseconds. */
int64_t groups_guard_until(const struct groups *groups, size_t group, int64_t now);
void groups_take_guard(struct groups *groups, size_t group, int32_t state, uint32_t timeout,
		       const struct instant *when);

#endif
