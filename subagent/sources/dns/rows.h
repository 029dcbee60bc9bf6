/* The tables of haDns: rows as they are published.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_DNS_ROWS_H
#define HA_DNS_ROWS_H

#include <stdint.h>

#include "lib/table.h"

struct dns_server_row {
	struct row head;
	char name[41];
	char query[256];
	char nsid[65];
	int32_t origin; /* enum haDnsServerOrigin */
	uint32_t position;
	int32_t address_type;
	struct octets address;
	uint32_t port;
	int32_t transport;
	uint32_t type, class;
	uint32_t interval, timeout, tries, rise, fall;
	int32_t server_state, reason;
	struct moment state_time;
	int32_t rcode;
	uint32_t flags, edns_size;
	uint32_t latency, latency_min, latency_mean, latency_max, latency_p95;
	uint32_t latency_warn, latency_limit;
	uint32_t failures;
	struct moment good_time;
	uint32_t queries, answers, timeouts, unreachables, bad_rcodes, wrong_answers;
	uint32_t malformed, mismatched, late, truncated, refused, server_failures;
};

struct dns_zone_row {
	struct row head;
	char name[65];
	char server[41];
	int32_t zone_state;
	struct moment state_time;
	uint32_t serial;
	char reference[65];
	uint32_t reference_serial;
	int32_t lag;
	uint32_t lag_time, tolerance;
	int32_t security, signature_state, time_left;
	uint32_t signature_warn, signature_limit;
	int32_t agreement;
};

struct dns_gate_row {
	struct row head;
	char name[41];
	int32_t gate_state;
	struct moment state_time;
	int32_t rule;
	uint32_t needed, servers, servers_up;
	char file[256];
	int32_t file_state;
	struct moment file_time;
	int32_t weight;
	char error[256];
};

struct dns_resolver_row {
	struct row head;
	int32_t resolver_state;
	struct moment state_time;
	char file[256];
	struct moment read_time;
	int32_t stub; /* enum HaAnswer */
	uint32_t servers, ignored;
	uint32_t timeout, attempts;
	int32_t rotate; /* enum TruthValue */
	uint32_t ndots;
	char search[256];
	uint32_t expected, worst, limit; /* milliseconds */
	uint32_t lookups_per_hour;
	int32_t cost; /* enum haResolverCost */
};

extern const struct table dns_server_table;
extern const struct table dns_zone_table;
extern const struct table dns_gate_table;
extern const struct table dns_resolver_table;

/* All of them, ended by NULL. */
extern const struct table *const dns_tables[];

#endif
