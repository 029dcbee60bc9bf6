/* One address that is asked again and again whether it answers. It sends nothing itself.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_WITNESS_TARGET_H
#define HA_WITNESS_TARGET_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/address.h"
#include "subagent/sources/witness/echo.h"

#define TARGET_REQUESTS 16 /* that an answer is accepted to */

struct target_request {
	struct echo echo;
	int64_t asked; /* clock_microseconds() at which it was sent; 0: it has been answered */
};

struct target {
	struct address address;
	int64_t interval; /* milliseconds from one request to the next */
	int64_t next;     /* clock_now() at which the next is due */
	struct target_request requests[TARGET_REQUESTS]; /* the last ones, by sequence number */
	uint16_t sequence;                               /* of the next */
	int64_t first;       /* clock_now() at which the first request was sent; 0: none was */
	int64_t answered;    /* clock_now() at which the request was sent that was answered last */
	uint32_t round_trip; /* of that, microseconds */
	uint32_t sent, received;
};

/* Whether a request is due; it is then in `echo', and counts as sent. `cookie' are fresh random
 * octets, `id' the process's. A turn that comes late delays those that follow. */
bool target_ask(struct target *target, uint16_t id, const unsigned char cookie[ECHO_COOKIE],
		int64_t microseconds, struct echo *echo);

/* Whether it is the first answer to one of the last requests. */
bool target_take(struct target *target, const struct echo *echo, int64_t microseconds);

/* Enum haGroupWitnessState, for who is content while the last answer is not older than `lease'
 * milliseconds, and the moment at which it will change unless an answer comes; 0: it will not. */
int32_t target_state(const struct target *target, int64_t lease, int64_t now);
int64_t target_turns(const struct target *target, int64_t lease, int64_t now);

#endif
