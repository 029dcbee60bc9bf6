/* The two clocks of the program, both in milliseconds.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "lib/clock.h"

#include <time.h>

static int64_t clock_get(clockid_t clock, int64_t parts)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return now.tv_sec * parts + now.tv_nsec / (1000000000 / parts);
}

int64_t clock_now(void)
{
	return clock_get(CLOCK_BOOTTIME, 1000);
}

int64_t clock_wall(void)
{
	return clock_get(CLOCK_REALTIME, 1000);
}

int64_t clock_microseconds(void)
{
	return clock_get(CLOCK_BOOTTIME, 1000000);
}
