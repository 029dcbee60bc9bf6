/* One zone on all its servers: when they are asked, how they compare, the rows about it.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_DNS_ZONE_H
#define HA_DNS_ZONE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "subagent/sources/dns/rows.h"
#include "subagent/sources/dns/zones/chain.h"
#include "subagent/sources/dns/zones/standing.h"
#include "subagent/sources/dns/zones/terms.h"
#include "subagent/sources/dns/zones/view.h"

struct settings_dns;
struct settings_zone;

/* The serial that the others are measured by. */
struct reference {
	bool known;
	uint32_t serial;
	bool primary; /* it is the primary's; else the newest of all */
};

/* The zone on one server. */
struct member {
	struct view view;
	uint32_t server; /* position in the settings */
	bool awaited;    /* the others are judged when its round has ended */

	struct standing standing;
	struct reference reference; /* that `standing' was judged by */
	bool has_expiry;
	int64_t expiry; /* seconds since 1970 */
	int32_t security, agreement;
	uint64_t doubt; /* the round in which its records first differed: view.begun, or 0 */

	int64_t state_wall; /* since when the state is what it is */
	struct dns_zone_row said;
	int64_t said_at; /* 0: never */
};

struct zone {
	const struct settings_dns *all;
	const struct settings_zone *settings;
	struct terms terms;
	struct chain chain;
	uint64_t events; /* questions and answers, counted */
	size_t count;
	struct member *members;
	struct member *primary; /* NULL: none is configured */
	bool changed;           /* something was learned since the last turn */
	int64_t round, next_round;
	unsigned int confirmations; /* since the round began */
};

/* `queues' are those of all servers of the settings. The first round begins at `first'. `zone'
 * stays where it is. */
void zone_open(struct zone *zone, const struct settings_dns *all,
	       const struct settings_zone *settings, struct queue *queues, int64_t first);
void zone_close(struct zone *zone);

/* Ask, judge and report what is due. When it must be called again, clock_now(). */
int64_t zone_turn(struct zone *zone, int64_t now, int64_t wall);

/* Report all rows. */
void zone_report(struct zone *zone, int64_t now, int64_t wall);

/* enum haDnsZoneState; unknown for a server that the zone does not name. */
int32_t zone_state(const struct zone *zone, size_t server);

#endif
