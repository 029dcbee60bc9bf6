/* Rows that wait to be told: figures of ten thousand servers are told at a pace that costs little.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/ipvs/pace.h"

#include <stddef.h>

#include "subagent/report.h"

#define PAUSE (IPVS_PACE_ROWS_AT_ONCE * 1000 / IPVS_PACE_ROWS_A_SECOND / 2) /* milliseconds */

void ipvs_pace_open(struct ipvs_pace *pace)
{
	TAILQ_INIT(&pace->queue);
	pace->granted_at = 0;
	pace->granted = 0;
	pace->moves = 0;
}

void ipvs_pace_add(struct ipvs_pace *pace, struct ipvs_told *told)
{
	if (told->waits)
		return;
	told->waits = true;
	TAILQ_INSERT_TAIL(&pace->queue, told, next);
}

void ipvs_pace_drop(struct ipvs_pace *pace, struct ipvs_told *told)
{
	if (told->waits)
		TAILQ_REMOVE(&pace->queue, told, next);
	told->waits = false;
}

static void pass(struct ipvs_pace *pace, struct ipvs_told *told)
{
	ipvs_pace_drop(pace, told);
	report_row(told->table, told->row);
}

void ipvs_pace_pass(struct ipvs_pace *pace, struct ipvs_told *told)
{
	pass(pace, told);
	pace->moves++;
}

static void grant(struct ipvs_pace *pace, int64_t now)
{
	int64_t more = (now - pace->granted_at) * IPVS_PACE_ROWS_A_SECOND / 1000;

	if (pace->granted + more > IPVS_PACE_ROWS_AT_ONCE)
		pace->granted = IPVS_PACE_ROWS_AT_ONCE;
	else
		pace->granted += (uint32_t)more;
	pace->granted_at = now;
}

int64_t ipvs_pace_turn(struct ipvs_pace *pace, int64_t now)
{
	struct ipvs_told *told;

	grant(pace, now);
	while (pace->granted && (told = TAILQ_FIRST(&pace->queue))) {
		pace->granted--;
		pass(pace, told);
	}
	return TAILQ_EMPTY(&pace->queue) ? 0 : now + PAUSE;
}
