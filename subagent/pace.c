/* Rows that wait to be told: figures of ten thousand rows are told at a pace that costs little.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/pace.h"

#include <stddef.h>

#define PAUSE (PACE_ROWS_AT_ONCE * 1000 / PACE_ROWS_A_SECOND / 2) /* milliseconds */

void pace_open(struct pace *pace)
{
	TAILQ_INIT(&pace->queue);
	pace->granted_at = 0;
	pace->granted = 0;
	pace->moves = 0;
}

void pace_add(struct pace *pace, struct paced *paced)
{
	if (paced->waits)
		return;
	paced->waits = true;
	TAILQ_INSERT_TAIL(&pace->queue, paced, next);
}

void pace_drop(struct pace *pace, struct paced *paced)
{
	if (paced->waits)
		TAILQ_REMOVE(&pace->queue, paced, next);
	paced->waits = false;
}

static void pass(struct pace *pace, struct paced *paced)
{
	pace_drop(pace, paced);
	paced->tell(paced);
}

void pace_pass(struct pace *pace, struct paced *paced)
{
	pass(pace, paced);
	pace->moves++;
}

static void grant(struct pace *pace, int64_t now)
{
	int64_t more = (now - pace->granted_at) * PACE_ROWS_A_SECOND / 1000;

	if (pace->granted + more > PACE_ROWS_AT_ONCE)
		pace->granted = PACE_ROWS_AT_ONCE;
	else
		pace->granted += (uint32_t)more;
	pace->granted_at = now;
}

int64_t pace_turn(struct pace *pace, int64_t now)
{
	struct paced *paced;

	grant(pace, now);
	while (pace->granted && (paced = TAILQ_FIRST(&pace->queue))) {
		pace->granted--;
		pass(pace, paced);
	}
	return TAILQ_EMPTY(&pace->queue) ? 0 : now + PAUSE;
}
