/* The numbers that go on over restarts: of events and of jobs.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_COUNTERS_H
#define HA_COUNTERS_H

#include <stdint.h>

struct settings;

struct counters {
	int fd;          /* of the file they are kept in, -1 when there is none */
	uint32_t event;  /* the newest that were given out */
	uint32_t job;
};

/* Read the numbers from the file `numbers` in the state folder. A file that cannot be had is logged,
 * and the numbers start from the time of day, above any that were given out before. */
void counters_open(struct counters *counters, const struct settings *settings);
void counters_close(struct counters *counters);

/* Write the numbers down when they differ from what is written. */
void counters_keep(struct counters *counters, uint32_t event, uint32_t job);

#endif
