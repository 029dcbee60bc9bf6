/* Rows that wait to be told: figures of ten thousand servers are told at a pace that costs little.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_IPVS_PACE_H
#define HA_IPVS_PACE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

struct table;

#define IPVS_PACE_ROWS_A_SECOND 1000
#define IPVS_PACE_ROWS_AT_ONCE 100

/* A row that may have to be told: part of whatever owns it, zeroed before. */
struct ipvs_told {
	const struct table *table;
	const void *row;
	TAILQ_ENTRY(ipvs_told) next;
	bool waits;
};

/* Not to be copied, as the list points into it. */
struct ipvs_pace {
	TAILQ_HEAD(ipvs_queue, ipvs_told) queue; /* those that wait longest come first */
	int64_t granted_at; /* clock_now() up to which rows have been granted */
	uint32_t granted;   /* that may be told now */
	uint32_t moves;     /* rows that were told at once, counted */
};

void ipvs_pace_open(struct ipvs_pace *pace);

/* Tell the row in its turn, as it is then; or now. */
void ipvs_pace_add(struct ipvs_pace *pace, struct ipvs_told *told);
void ipvs_pace_pass(struct ipvs_pace *pace, struct ipvs_told *told);

/* Forget that it waits. Idempotent. */
void ipvs_pace_drop(struct ipvs_pace *pace, struct ipvs_told *told);

/* Tell what may be told at this time (clock_now()). When to call again, 0: nothing waits. */
int64_t ipvs_pace_turn(struct ipvs_pace *pace, int64_t now);

#endif
