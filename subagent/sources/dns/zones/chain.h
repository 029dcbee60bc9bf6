/* The chain of trust from an anchor above a zone down to the zone's own DS records.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_DNS_CHAIN_H
#define HA_DNS_CHAIN_H

#include <stdbool.h>
#include <stdint.h>

#include "subagent/sources/dns/zones/dnssec.h"
#include "subagent/sources/dns/zones/inquiry.h"
#include "subagent/sources/dns/zones/rrset.h"
#include "subagent/sources/dns/zones/terms.h"

/* A judgement on the way, and what it was reached from. */
struct chain_step {
	bool known;
	uint8_t digest[DNS_DIGEST_SIZE];
	struct dns_span span;
	/* One of these, as the question was: */
	enum dnssec_verdict verdict;
	enum dnssec_denial denial;
	bool is_signed;
};

/* Label by label a server is asked for the DS records of the next name and for the keys of every
 * zone on the way. */
struct chain {
	const struct terms *terms; /* of the zone at its end; must stay */
	struct queue *queue;       /* where it is asked; NULL when the anchor is the zone's own */
	void (*done)(struct chain *chain); /* a walk has ended; may be NULL */

	/* What the last walk has come to. Secure: the zone is signed, by keys that `delegations`
	 * stand for. */
	uint64_t walk; /* counted */
	enum dnssec_verdict verdict;
	struct ldns_struct_rr_list *delegations;
	struct dns_span span; /* in which this holds, as far as time goes */

	/* The walk: */
	struct inquiry inquiry;
	struct term term;                  /* that is asked for now */
	struct ldns_struct_rdf *cut;       /* the zone that the walk is in; NULL: it stands */
	struct ldns_struct_rr_list *proof; /* the DS records of that zone */
	struct dns_rrset keys;             /* its keys, judged */
	struct dns_span walked;
	struct chain_step *steps; /* of this walk, or left from one before */
	size_t step, steps_count;
};

/* `chain' stays where it is. */
void chain_open(struct chain *chain, const struct terms *terms, struct queue *queue,
		void (*done)(struct chain *chain));
void chain_close(struct chain *chain);

/* Walk anew, unless a walk is under way. `done' is not called from within this. */
void chain_walk(struct chain *chain);
bool chain_walks(const struct chain *chain);

#endif
