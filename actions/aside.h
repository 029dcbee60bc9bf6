/* Does in a process of its own what may wait without an end, so that the executor keeps its
 * deadline.
 *
 * A call that writes back what is dirty, or that waits for a device which no longer answers, is
 * ended by no signal.
 *
 * One process, the helper, makes call after call: a new one for each would cost the clients time
 * that they wait. It is forked at the first call, or by aside_prepare().
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_ASIDE_H
#define HA_ASIDE_H

#include <stddef.h>
#include <stdint.h>

/* What aside_run() returns when the call has not returned in time. It is told to end, and left
 * behind: what it began may still come. When it has ended at last, the next call sees to it. */
#define ASIDE_LATE (-1)

#define ASIDE_ROOM_MAX 131072 /* octets */

/* Returns 0 to 255, such as an errno. It has no descriptor but the standard ones, and what it
 * leaves open is closed behind it. */
typedef int aside_call(void *room);

/* Have a helper ready. */
void aside_prepare(void);

/* Make a call in the helper, and wait for it until `deadline' (clock_now()). What it has to know
 * and to say is in `room', of which it has a copy that is copied back, unless it is late. There are
 * no pointers in there: the helper's memory is that of the executor as it was when it was forked.
 *
 * Returns what the call returns, or ASIDE_LATE; an errno when there can be no helper; EINTR when it
 * was killed. */
int aside_run(aside_call *call, void *room, size_t size, int64_t deadline);

/* The same in a process for this call alone, which may change what a process is, such as its user,
 * and has all memory as it is now: pointers may be in the room. */
int aside_run_once(aside_call *call, void *room, size_t size, int64_t deadline);

#endif
