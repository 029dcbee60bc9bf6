/* Whether a DRBD resource may take a role now, judged from the rows on the board.
 *
 * The same function answers a SET, `hactl check` and the job itself. Pure: rows in, reason out.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_DRBD_GUARD_H
#define HA_DRBD_GUARD_H

#include <stdbool.h>
#include <stdint.h>

struct board;
struct finding;

/* Whether this node may take `role` (enum HaDrbdRole) for a DRBD resource. HaReason_nothingToDo
 * says that it has it. `forced` leaves out what is about the peers, but for a peer that is Primary
 * and connected: that stands in the way of everybody. */
void guard_drbd_role(const struct board *board, const char *resource, int32_t role, bool forced,
		     struct finding *finding);

/* The role of this node for the resource as its source says it now, or HaDrbdRole_unknown when its
 * row is not current. */
int32_t guard_drbd_role_now(const struct board *board, const char *resource);

/* Whether another node is Primary for it now. */
bool guard_drbd_peer_is_primary(const struct board *board, const char *resource);

/* What prevents a peer, if anything, from becoming Primary with the data of this node: it is not
 * connected, or not UpToDate. The finding is open. */
void guard_drbd_peers(const struct board *board, const char *resource, struct finding *finding);

#endif
