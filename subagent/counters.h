/* The numbers that go on over restarts: of events and of jobs.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_COUNTERS_H
#define HA_COUNTERS_H

#include <stdint.h>

struct settings;

struct counters {
	int fd;         /* of the file they are kept in, -1 when there is none */
	uint32_t event; /* the newest that were given out */
	uint32_t job;
	uint32_t boot; /* the kernel's boot id, its first 32 bits */
};

/* Read the numbers from the file `numbers` in the state folder. After a power cut the file may be
 * some seconds old: then they go on well above it, so that none is used twice. Where the file
 * cannot be had or read, that is logged, and they start from the time of day. */
void counters_open(struct counters *counters, const struct settings *settings);

/* Write them down as final. */
void counters_close(struct counters *counters);

/* Write the numbers down when they differ from what is written; never waits for the disk. */
void counters_keep(struct counters *counters, uint32_t event, uint32_t job);

#endif
