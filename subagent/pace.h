/* Rows that wait to be told: figures of ten thousand rows are told at a pace that costs little.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_PACE_H
#define HA_PACE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#define PACE_ROWS_A_SECOND 1000
#define PACE_ROWS_AT_ONCE 100

/* A row that may have to be told: part of whatever owns it, zeroed before. */
struct paced {
	void (*tell)(struct paced *paced); /* reports the row as it is then */
	TAILQ_ENTRY(paced) next;
	bool waits;
};

/* Not to be copied, as the list points into it. */
struct pace {
	TAILQ_HEAD(paced_queue, paced) queue; /* those that wait longest come first */
	int64_t granted_at;                   /* clock_now() up to which rows have been granted */
	uint32_t granted;                     /* that may be told now */
	uint32_t moves;                       /* rows that were told at once, counted */
};

void pace_open(struct pace *pace);

/* Tell the row in its turn; or now. */
void pace_add(struct pace *pace, struct paced *paced);
void pace_pass(struct pace *pace, struct paced *paced);

/* Forget that it waits. Idempotent. */
void pace_drop(struct pace *pace, struct paced *paced);

/* Tell what may be told at this time (clock_now()). When to call again, 0: nothing waits. */
int64_t pace_turn(struct pace *pace, int64_t now);

#endif
