/* The memory of one server's checks: state with rise and fall, and latencies over a window.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_DNS_CHECK_H
#define HA_DNS_CHECK_H

#include <stdbool.h>
#include <stdint.h>

#include "subagent/sources/dns/servers/policy.h"

#define DNS_WINDOW_MAX 64

struct settings_check;

struct dns_check {
	int32_t state;      /* enum haDnsServerState; unknown before the first check */
	int32_t reason;     /* of the state; of a server that is up: none */
	int64_t state_wall; /* since when, clock_wall() */
	int64_t good_wall;  /* when a check last succeeded, 0: never */
	uint32_t failures;  /* checks in a row that came out as down */
	uint32_t successes; /* that did not */
	struct dns_verdict last;
	uint8_t window, filled, next; /* size, filled places, next place of the ring */
	uint32_t latencies[DNS_WINDOW_MAX];
};

/* Over what is in the window; all 0 when it is empty. Microseconds. */
struct dns_latency {
	uint32_t min, mean, max, p95;
};

void dns_check_open(struct dns_check *check, uint32_t window);

/* Take the verdict of a check. The first ever decides at once; later, `fall' bad ones in a row make
 * it down and `rise' good ones bring it back; degraded and up change without waiting. True when
 * state or reason are others than before. */
bool dns_check_take(struct dns_check *check, const struct settings_check *settings,
		    const struct dns_verdict *verdict, int64_t wall);

struct dns_latency dns_check_latency(const struct dns_check *check);

#endif
