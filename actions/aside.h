/* Does in a process of its own what may wait without an end, so that the executor keeps its
 * deadline.
 *
 * A call that writes back what is dirty, or that waits for a device which no longer answers, is
 * ended by no signal.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_ASIDE_H
#define HA_ASIDE_H

#include <stdint.h>

/* What aside_run() returns when the call has not returned in time. It is told to end, and left
 * behind: what it began may still come. */
#define ASIDE_LATE (-1)

/* Returns 0 to 255, such as an errno. It has no descriptor but the standard ones. */
typedef int aside_call(const void *argument);

/* Call `call' and wait for it until `deadline' (clock_now()). Returns what it returns, or
 * ASIDE_LATE; the errno of fork(2) when there can be no other process; EINTR when it was killed. */
int aside_run(aside_call *call, const void *argument, int64_t deadline);

#endif
