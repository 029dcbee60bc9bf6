/* Calls to be made at their time: a heap of timers that lie in what they belong to.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_DNS_TIMERS_H
#define HA_DNS_TIMERS_H

#include <stddef.h>
#include <stdint.h>

struct timer {
	int64_t when;    /* clock_now() */
	size_t position; /* in the heap, counted from 1; 0: not set */
	void (*call)(struct timer *timer);
};

/* The `struct type' whose `member' the timer is. */
#define TIMER_OWNER(timer, type, member)                                                           \
	((struct type *)(void *)((char *)(timer)-offsetof(struct type, member)))

/* Zero before its first use. */
struct timers {
	struct timer **heap;
	size_t count, room;
	struct timer **due; /* taken from the heap by the run that goes on */
	size_t due_count, due_room;
};

/* Have `timer->call` called at `when`, once; a timer that was set is moved. */
void timers_set(struct timers *timers, struct timer *timer, int64_t when);

/* Idempotent. */
void timers_stop(struct timers *timers, struct timer *timer);

/* When the first is due; 0 when none is set. */
int64_t timers_next(const struct timers *timers);

/* Call those that are due at `now`, the earliest first. A call may set and stop any of them, but
 * not run them; one set to `now` or earlier is called in the next run. */
void timers_run(struct timers *timers, int64_t now);

/* Forget all of them. */
void timers_close(struct timers *timers);

#endif
