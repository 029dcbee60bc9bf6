/* What one lookup of this node costs now: the C library's resolver, played through.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_DNS_LOOKUP_H
#define HA_DNS_LOOKUP_H

#include <stdint.h>

#include "subagent/sources/dns/resolver/resolv_conf.h"

/* How a server meets a question now. */
enum lookup_health {
	LOOKUP_UNKNOWN, /* taken for one that answers */
	LOOKUP_ANSWERS,
	LOOKUP_SILENT,  /* costs its time-out */
	LOOKUP_REFUSES, /* closed port, unreachable, or an rcode at which the next is asked */
	LOOKUP_BREAKS   /* no socket of its family can be made: the lookup ends, others or not */
};

struct lookup_server {
	enum lookup_health health;
	uint32_t latency; /* microseconds, of one that answers or refuses */
};

struct lookup_cost {
	uint32_t expected, worst; /* milliseconds, rounded up; with rotate they differ */
	uint32_t per_hour;        /* sequential lookups that an hour leaves room for */
	bool fails;               /* nobody answers: what is told is how long that takes */
};

/* How long the server at a position of those that are used is waited for: microseconds. */
uint64_t lookup_patience(const struct resolv_conf *conf, uint32_t position);

/* One lookup: getaddrinfo(3) of a name that ends with a dot, by UDP. `servers` are those of
 * resolv_conf_used(), in order; without any, it costs nothing. */
void lookup_judge(const struct resolv_conf *conf, const struct lookup_server *servers,
		  struct lookup_cost *cost);

#endif
