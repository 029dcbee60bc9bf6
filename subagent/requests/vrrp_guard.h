/* Whether a VRRP instance may be held or released now, judged from the rows on the board.
 *
 * Pure: rows in, reason out.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_VRRP_GUARD_H
#define HA_VRRP_GUARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct board;
struct finding;
struct request;

/* A hold needs a file that has an effect, and a peer that would take over: a backup is silent on
 * the wire, so only the peer's own agent can say that. A forced one does without the peer. */
void guard_vrrp_hold(const struct board *board, const struct request *request,
		     struct finding *finding);
void guard_vrrp_release(const struct board *board, const struct request *request,
			struct finding *finding);

/* What keepalived says now, enum HaVrrpState; HaVrrpState_unknown when the row is not current. */
int32_t guard_vrrp_state(const struct board *board, const struct request *request);

/* Whether the hold file holds it, enum HaAnswer. */
int32_t guard_vrrp_held(const struct board *board, const uint32_t *index, size_t length);

/* Whether another router advertises it. */
bool guard_vrrp_is_taken_over(const struct board *board, const struct request *request);

/* Milliseconds from advert to advert; a second when that is not known. */
int64_t guard_vrrp_interval(const struct board *board, const struct request *request);

#endif
