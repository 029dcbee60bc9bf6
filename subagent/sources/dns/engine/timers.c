/* Calls to be made at their time: a heap of timers that lie in what they belong to.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/dns/engine/timers.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "lib/memory.h"

/* Added to the position of a timer that the run has taken from the heap: it is one in `due' then.
 */
#define DUE (SIZE_MAX / 2 + 1)

static void grow(struct timer ***timers, size_t *room)
{
	*room = *room ? *room * 2 : 64;
	*timers = memory_resize(*timers, *room, sizeof(**timers));
}

static void put(struct timers *timers, size_t position, struct timer *timer)
{
	timers->heap[position - 1] = timer;
	timer->position = position;
}

/* Let the timer rise from a place to where none before it is later. */
static void rise(struct timers *timers, size_t position, struct timer *timer)
{
	while (position > 1 && timers->heap[position / 2 - 1]->when > timer->when) {
		put(timers, position, timers->heap[position / 2 - 1]);
		position /= 2;
	}
	put(timers, position, timer);
}

static void sink(struct timers *timers, size_t position, struct timer *timer)
{
	for (;;) {
		size_t child = position * 2;

		if (child < timers->count &&
		    timers->heap[child]->when < timers->heap[child - 1]->when)
			child++;
		if (child > timers->count || timers->heap[child - 1]->when >= timer->when)
			break;
		put(timers, position, timers->heap[child - 1]);
		position = child;
	}
	put(timers, position, timer);
}

static void settle(struct timers *timers, size_t position, struct timer *timer)
{
	if (position > 1 && timers->heap[position / 2 - 1]->when > timer->when)
		rise(timers, position, timer);
	else
		sink(timers, position, timer);
}

void timers_set(struct timers *timers, struct timer *timer, int64_t when)
{
	if (timer->position & DUE)
		timers_stop(timers, timer);
	timer->when = when;
	if (timer->position) {
		settle(timers, timer->position, timer);
		return;
	}
	if (timers->count == timers->room)
		grow(&timers->heap, &timers->room);
	rise(timers, ++timers->count, timer);
}

void timers_stop(struct timers *timers, struct timer *timer)
{
	size_t position = timer->position;
	struct timer *last;

	timer->position = 0;
	if (position & DUE) {
		timers->due[position - DUE] = NULL;
	} else if (position) {
		last = timers->heap[--timers->count];
		if (last != timer)
			settle(timers, position, last);
	}
}

int64_t timers_next(const struct timers *timers)
{
	return timers->count ? timers->heap[0]->when : 0;
}

static void take_due(struct timers *timers, int64_t now)
{
	while (timers->count && timers->heap[0]->when <= now) {
		struct timer *first = timers->heap[0];

		timers_stop(timers, first);
		if (timers->due_count == timers->due_room)
			grow(&timers->due, &timers->due_room);
		first->position = DUE + timers->due_count;
		timers->due[timers->due_count++] = first;
	}
}

void timers_run(struct timers *timers, int64_t now)
{
	assert(!timers->due_count);
	take_due(timers, now);
	for (size_t i = 0; i < timers->due_count; i++) {
		struct timer *timer = timers->due[i];

		if (!timer)
			continue;
		timer->position = 0;
		timer->call(timer);
	}
	timers->due_count = 0;
}

void timers_close(struct timers *timers)
{
	for (size_t i = 0; i < timers->count; i++)
		timers->heap[i]->position = 0;
	free(timers->heap);
	free(timers->due);
	memset(timers, 0, sizeof(*timers));
}
