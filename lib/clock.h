/* The two clocks of the program, both in milliseconds.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_CLOCK_H
#define HA_CLOCK_H

#include <stdint.h>

/* Time since boot, suspended time included (CLOCK_BOOTTIME): for ages, deadlines and TimeStamps. */
int64_t clock_now(void);

/* Time of day, since 1970: for what a person reads. */
int64_t clock_wall(void);

/* The first in microseconds, to measure how long something took. */
int64_t clock_microseconds(void);

#endif
