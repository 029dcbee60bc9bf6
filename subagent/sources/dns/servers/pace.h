/* Rows that wait to be told: figures of ten thousand servers are told at a pace that costs little.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_DNS_PACE_H
#define HA_DNS_PACE_H

#include <stdint.h>

struct dns_server;

#define PACE_ROWS_A_SECOND 1000
#define PACE_ROWS_AT_ONCE 100

struct dns_pace {
	struct dns_server *queue, **end;
	int64_t granted_at; /* clock_now() up to which rows have been granted */
	uint32_t granted;   /* that may be told now */
};

void dns_pace_open(struct dns_pace *pace);

/* Have the server's row told in its turn. Idempotent. */
void dns_pace_add(struct dns_pace *pace, struct dns_server *server);

/* Forget that it waits. Idempotent. */
void dns_pace_drop(struct dns_pace *pace, struct dns_server *server);

/* Tell what may be told now, those first that wait longest. Registers when to call again. */
void dns_pace_tell(struct dns_pace *pace);

#endif
