/* One turn after the other around poll(2).
 *
 * Everything is registered anew for each turn, so that nothing registered can go stale: a process
 * says what it waits for, turns once, and says it again.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_LOOP_H
#define HA_LOOP_H

#include <stdbool.h>
#include <stdint.h>

#define LOOP_FDS_MAX 64

/* Called with what poll(2) returned for the descriptor. */
typedef void loop_call(void *argument, short events);

/* Wait for `events` of `fd` in the coming turn. A negative descriptor is passed over. Without a
 * call (NULL) the turn ends, no more: for who looks by himself on every turn. */
void loop_watch(int fd, short events, loop_call *call, void *argument);

/* Let the coming turn end at `when` (clock_now()) at the latest; 0 is passed over. */
void loop_wake(int64_t when);

/* Wait, call what is ready in the order of its registration, forget all registrations. A call may
 * close descriptors: a later one of the same turn then finds its own state changed, and looks.
 * Returns whether the time told by loop_wake() has come: whoever has nothing else to do in time
 * need not look at the clock. */
bool loop_turn(void);

/* From now on SIGTERM and SIGINT set a flag, which loop_ended() tells, and end the current turn. */
void loop_catch_signals(void);
int loop_ended(void);

#endif
