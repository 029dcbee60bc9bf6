/* How long a server that gives no answer keeps the C library waiting, asked as it asks.
 *
 * A host that is switched off is silent only when it is far away: of a neighbour the kernel says
 * after some seconds that it is not there, and the C library then goes on to the next server.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_DNS_DELAY_H
#define HA_DNS_DELAY_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/address.h"

#define DELAYS_KEPT 4

struct dns_delay {
	struct address server;
	uint64_t limit; /* microseconds after which it is given up */
	int fd;         /* of the question under way, or -1 */
	int64_t sent;   /* clock_microseconds() */
	int64_t next;   /* clock_now() at which it is asked again */
	bool second;    /* what is asked next, or was asked, belongs to the last */
	uint64_t seen[DELAYS_KEPT];
	uint32_t count; /* how many were ever seen, the oldest overwritten */
};

void dns_delay_open(struct dns_delay *delay, const struct address *server, uint64_t limit);

/* Also: forget all, for the server answers again. Idempotent. */
void dns_delay_close(struct dns_delay *delay);

/* On every turn while the server gives no answer: ask it, twice, once in a while. */
void dns_delay_turn(struct dns_delay *delay);

/* The longest of the last ones and of the one under way, in microseconds, no more than the limit.
 * False before two are known, or one that reached the limit: it may come out longer then. */
bool dns_delay_told(const struct dns_delay *delay, uint64_t *microseconds);

/* Register for the coming turn. */
void dns_delay_watch(struct dns_delay *delay);

#endif
