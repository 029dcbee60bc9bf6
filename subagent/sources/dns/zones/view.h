/* A zone as one server serves it: what the server has answered, and what follows from that alone.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_DNS_VIEW_H
#define HA_DNS_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "subagent/sources/dns/zones/agreement.h"
#include "subagent/sources/dns/zones/dnssec.h"
#include "subagent/sources/dns/zones/inquiry.h"
#include "subagent/sources/dns/zones/rrset.h"

struct chain;
struct terms;

/* The answer to one term. */
struct seen {
	bool known; /* it was answered in the last round; if not, the records are of one before */
	int rcode;
	bool authoritative;
	struct dns_rrset set;
	struct dns_rrset alias; /* the CNAME that stands in its place */
};

/* A verdict, and what it was reached from. */
struct validation {
	bool valid;
	uint64_t round, walk; /* of the view, of the chain: when these are the same, all is */
	uint8_t digest[DNS_DIGEST_SIZE];
	struct dns_span span;
	enum dnssec_verdict verdict;
};

/* A round asks for all terms, one after the other; it ends early when there is no SOA. That is
 * asked for again after every other question without an answer: a server that has died would cost a
 * time-out for each. */
struct view {
	const struct terms *terms;
	struct queue *queue;
	uint64_t *events; /* of the zone, counted: what came before what, however fast */
	void (*done)(struct view *view);
	void *zone; /* of whoever is called */

	struct inquiry inquiry;
	size_t asked;   /* the term of the question in flight */
	size_t next;    /* that is asked after the SOA */
	bool runs;      /* a round is under way */
	uint64_t begun; /* the event of its last question for the SOA */

	/* As of the last round that has ended, when `runs' is false: */
	bool answered; /* any round has ended */
	bool available;
	uint64_t heard;  /* the event of the answer with the SOA */
	uint32_t serial; /* of the last SOA there was */
	bool has_serial; /* there was one */
	struct seen *seen;
	struct validation validation;
	struct opinion opinion;
	uint64_t formed; /* the round of the opinion: begun, then */
};

void view_open(struct view *view, const struct terms *terms, struct queue *queue, uint64_t *events);
void view_close(struct view *view);

/* Begin a round, unless one is under way. `done' is not called from within this. */
void view_ask(struct view *view);

/* What DNSSEC says to the answers of the last round; `now' in seconds since 1970. */
enum dnssec_verdict view_validate(struct view *view, const struct chain *chain, int64_t now);

/* The time at which the first of all signatures seen expires; false when there is none. */
bool view_expiry(const struct view *view, int64_t now, int64_t *expiry);

/* What the server says to all that is compared. */
const struct opinion *view_opinion(struct view *view);

#endif
