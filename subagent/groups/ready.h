/* Whether a switchover would be accepted now, and why not.
 *
 * One function for the row, the check and the guard; on both nodes. Pure.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_READY_H
#define HA_READY_H

#include <stdbool.h>
#include <stdint.h>

struct group_facts;

struct group_ready {
	/* enum HaAnswer: whether a request for a switchover would be accepted. unknown: it would
	 * not, as something is not known. */
	int32_t ready;
	uint32_t blockers; /* HaSwitchBlockers: bit N for HaSwitchBlockers_... = N */
	char text[256];    /* sentences, with what to do; empty: nothing is in the way */

	/* Of those, what is in the way of this node's taking over: a standby is hot without. */
	uint32_t own_blockers;
	char own_text[256];
};

/* Where this node has the group active, whether it could be handed to the peer; where it is not,
 * whether the peer, which has it, would hand it to this node. */
void ready_judge(const struct group_facts *facts, struct group_ready *ready);

/* Blockers that pass by themselves or were asked for, and are no reason for an alarm. */
bool ready_is_passing(uint32_t blockers);

#endif
