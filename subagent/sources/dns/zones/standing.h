/* How the serial number on a server stands to that of the reference, and how it comes of age.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_DNS_STANDING_H
#define HA_DNS_STANDING_H

#include <stdbool.h>
#include <stdint.h>

/* All zero before the first judgement. */
struct standing {
	int32_t state;   /* enum haDnsZoneState; 0 before the first judgement */
	int32_t lag;     /* reference minus own */
	uint32_t serial; /* own */
	int64_t since;   /* clock_now(): since when this own serial has been another one, or 0 */
};

/* Both serials were seen anew. A server that follows a busy primary is behind at every look and yet
 * not late: time counts from when its own serial last changed. */
void standing_judge(struct standing *standing, uint32_t serial, uint32_t reference,
		    uint32_t tolerance, int64_t now);

/* The server does not answer for the zone. The time it has been behind goes on. */
void standing_lose(struct standing *standing);

/* Time has passed; `tolerance` in seconds. */
void standing_age(struct standing *standing, uint32_t tolerance, int64_t now);

/* When a server that lags will be late; 0 when it does not lag. */
int64_t standing_due(const struct standing *standing, uint32_t tolerance);

/* Seconds that the serial has differed. */
uint32_t standing_time(const struct standing *standing, int64_t now);

#endif
