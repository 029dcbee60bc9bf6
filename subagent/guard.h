/* Whether a request is safe now, judged from the rows on the board.
 *
 * The same functions answer a SET, `hactl check` and the job itself. Pure: rows in, reason out.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_GUARD_H
#define HA_GUARD_H

#include <stdbool.h>
#include <stdint.h>

struct board;

/* Why not, or how it is. */
struct finding {
	int32_t reason;    /* enum HaReason; HaReason_none: nothing is in the way */
	char message[160]; /* a sentence, with what would have to change */
};

/* Whether this node may take `role` (enum HaDrbdRole) for a DRBD resource. HaReason_nothingToDo
 * says that it has it. `forced` leaves out what is about the peers, but for a peer that is Primary
 * and connected: that stands in the way of everybody. */
void guard_drbd_role(const struct board *board, const char *resource, int32_t role, bool forced,
		     struct finding *finding);

/* The role of this node for the resource as its source says it now, or HaDrbdRole_unknown when its
 * row is not current. */
int32_t guard_drbd_role_now(const struct board *board, const char *resource);

#endif
