/* A walk along the chain of trust: keys of a zone, DS records of a name below, keys of that zone.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/dns/zones/chain.h"

#include <ldns/ldns.h>
#include <stdlib.h>
#include <string.h>

#include "lib/clock.h"
#include "lib/memory.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/sources/dns/message/answer.h"

#define RECORDS_MAX 64 /* of an answer that are looked through */

static const struct dns_span all_time = DNS_SPAN_ALL;

static int64_t wall_seconds(void)
{
	return clock_wall() / 1000;
}

static struct chain *chain_of(struct inquiry *inquiry)
{
	return (struct chain *)((char *)inquiry - offsetof(struct chain, inquiry));
}

static void drop_walk(struct chain *chain)
{
	ldns_rdf_deep_free(chain->cut);
	chain->cut = NULL;
	ldns_rr_list_deep_free(chain->proof);
	chain->proof = NULL;
	dns_rrset_free(&chain->keys);
}

/* With `delegations` only when secure; they are the chain's from then on. */
static void conclude(struct chain *chain, enum dnssec_verdict verdict,
		     struct ldns_struct_rr_list *delegations)
{
	ldns_rr_list_deep_free(chain->delegations);
	chain->delegations = delegations;
	chain->verdict = verdict;
	chain->walk++;
	chain->span = chain->walked;
	drop_walk(chain);
	if (chain->done)
		chain->done(chain);
}

/* ---- questions ---- */

static void ask(struct chain *chain, const ldns_rdf *name, uint16_t type)
{
	term_make(&chain->term, name, type, true);
	inquiry_ask(&chain->inquiry, chain->queue, chain->term.question);
}

/* The name one label longer than `from`, on the way to the zone. */
static void ask_delegation_below(struct chain *chain, const ldns_rdf *from)
{
	const ldns_rdf *zone = chain->terms->zone;
	int chopped = ldns_dname_label_count(zone) - ldns_dname_label_count(from) - 1;
	ldns_rdf *name = ldns_dname_clone_from(zone, (uint16_t)chopped);

	ask(chain, name, LDNS_RR_TYPE_DS);
	ldns_rdf_deep_free(name);
}

/* ---- judgements ---- */

/* To verify a signature costs many times what it takes to see that nothing has changed. The step of
 * the last walk that stands in the place of the coming one; `known' is whether it was reached from
 * the same records at a time that makes no difference. If not, its result is to be filled. */
static struct chain_step *find_step(struct chain *chain, const ldns_rr_list *trusted,
				    const ldns_rr_list *judged, const ldns_rr_list *signatures,
				    bool *known)
{
	struct ldns_struct_buffer *buffer = dns_digest_begin();
	int64_t now = wall_seconds();
	uint8_t digest[DNS_DIGEST_SIZE];
	struct chain_step *step;

	dns_digest_number(buffer, chain->term.type);
	dns_digest_number(buffer, ldns_dname_label_count(chain->term.name));
	dns_digest_add(buffer, trusted);
	dns_digest_add(buffer, judged);
	dns_digest_add(buffer, signatures);
	dns_digest_end(buffer, digest);
	if (chain->step == chain->steps_count) {
		chain->steps = memory_resize(chain->steps, chain->step + 1, sizeof(*chain->steps));
		chain->steps[chain->steps_count++] = (struct chain_step){ .known = false };
	}
	step = &chain->steps[chain->step++];
	*known = step->known && !memcmp(step->digest, digest, sizeof(digest)) &&
		 step->span.from <= now && now < step->span.until;
	if (!*known) {
		step->known = true;
		step->span = chain->walked;
		memcpy(step->digest, digest, sizeof(digest));
	}
	return step;
}

static enum dnssec_verdict judge_keys(struct chain *chain, int64_t now)
{
	const struct dns_rrset *keys = &chain->keys;
	bool known;
	struct chain_step *step =
		find_step(chain, chain->proof, keys->records, keys->signatures, &known);

	if (!known)
		step->verdict = dnssec_judge_keys(keys, chain->cut, chain->proof, now);
	return step->verdict;
}

static bool is_signed(struct chain *chain, const struct dns_rrset *set, int64_t now)
{
	const ldns_rr_list *keys = chain->keys.records;
	bool known;
	struct chain_step *step = find_step(chain, keys, set->records, set->signatures, &known);

	if (!known)
		step->is_signed = dnssec_is_signed(set, chain->cut, keys, false, now);
	return step->is_signed;
}

static enum dnssec_denial judge_denial(struct chain *chain, const ldns_pkt *packet,
				       const ldns_rdf *name, int64_t now)
{
	const ldns_rr_list *keys = chain->keys.records;
	bool known;
	struct chain_step *step = find_step(chain, keys, NULL, ldns_pkt_authority(packet), &known);

	if (!known)
		step->denial = dnssec_deny_delegation(packet, chain->cut, keys, name, now);
	return step->denial;
}

/* ---- answers ---- */

static void take_keys(struct chain *chain, const ldns_pkt *packet)
{
	int64_t now = wall_seconds();
	enum dnssec_verdict verdict;

	dns_rrset_take(&chain->keys, packet, DNS_SECTION_ANSWER, chain->cut, LDNS_RR_TYPE_DNSKEY);
	dns_span_narrow(&chain->walked, &chain->keys, now);
	verdict = judge_keys(chain, now);
	if (verdict == DNSSEC_SECURE)
		ask_delegation_below(chain, chain->cut);
	else
		conclude(chain, verdict, NULL);
}

/* `set' is left empty. */
static void enter_zone(struct chain *chain, struct dns_rrset *set, const ldns_rdf *name)
{
	ldns_rr_list *delegations = set->records;

	set->records = NULL;
	if (ldns_dname_compare(name, chain->terms->zone) == 0) {
		conclude(chain, DNSSEC_SECURE, delegations);
		return;
	}
	ldns_rr_list_deep_free(chain->proof);
	chain->proof = delegations;
	ldns_rdf_deep_free(chain->cut);
	chain->cut = ldns_rdf_clone(name);
	ask(chain, chain->cut, LDNS_RR_TYPE_DNSKEY);
}

static void narrow_by_authority(struct chain *chain, const ldns_pkt *packet, int64_t now)
{
	const ldns_rr_list *authority = ldns_pkt_authority(packet);

	for (size_t i = 0; i < ldns_rr_list_rr_count(authority) && i < RECORDS_MAX; i++) {
		const ldns_rr *record = ldns_rr_list_rr(authority, i);
		ldns_rr_type type = ldns_rr_get_type(record);
		struct dns_rrset set = { .records = NULL };

		if (type != LDNS_RR_TYPE_NSEC && type != LDNS_RR_TYPE_NSEC3)
			continue;
		dns_rrset_take(&set, packet, DNS_SECTION_AUTHORITY, ldns_rr_owner(record), type);
		dns_span_narrow(&chain->walked, &set, now);
		dns_rrset_free(&set);
	}
}

/* The zone itself must be at a cut: what is below a signed zone without one is a part of it. */
static void take_denial(struct chain *chain, const ldns_pkt *packet, const ldns_rdf *name)
{
	int64_t now = wall_seconds();
	enum dnssec_denial denial;

	narrow_by_authority(chain, packet, now);
	denial = judge_denial(chain, packet, name, now);
	if (denial == DNSSEC_DENIAL_UNSIGNED)
		conclude(chain, DNSSEC_INSECURE, NULL);
	else if (denial == DNSSEC_DENIAL_NONE || ldns_dname_compare(name, chain->terms->zone) == 0)
		conclude(chain, DNSSEC_BOGUS, NULL);
	else
		ask_delegation_below(chain, name);
}

static void take_delegation(struct chain *chain, const ldns_pkt *packet)
{
	int64_t now = wall_seconds();
	struct dns_rrset set = { .records = NULL };
	ldns_rdf *name = ldns_rdf_clone(chain->term.name);

	dns_rrset_take(&set, packet, DNS_SECTION_ANSWER, name, LDNS_RR_TYPE_DS);
	dns_span_narrow(&chain->walked, &set, now);
	if (dns_rrset_is_empty(&set))
		take_denial(chain, packet, name);
	else if (is_signed(chain, &set, now))
		enter_zone(chain, &set, name);
	else
		conclude(chain, DNSSEC_BOGUS, NULL);
	dns_rrset_free(&set);
	ldns_rdf_deep_free(name);
}

static void take_outcome(struct inquiry *inquiry, const struct dns_outcome *outcome)
{
	struct chain *chain = chain_of(inquiry);
	const struct dns_answer *answer = outcome->answer;

	if (outcome->reason != haDnsServerReason_none ||
	    (answer->rcode != LDNS_RCODE_NOERROR && answer->rcode != LDNS_RCODE_NXDOMAIN))
		conclude(chain, DNSSEC_UNKNOWN, NULL);
	else if (chain->term.type == LDNS_RR_TYPE_DNSKEY)
		take_keys(chain, answer->packet);
	else
		take_delegation(chain, answer->packet);
}

/* ---- the chain ---- */

void chain_open(struct chain *chain, const struct terms *terms, struct queue *queue,
		void (*done)(struct chain *chain))
{
	*chain = (struct chain){ .terms = terms, .queue = queue, .done = done, .span = all_time };
	chain->inquiry.done = take_outcome;
	if (!queue) {
		chain->verdict = DNSSEC_SECURE;
		chain->delegations = ldns_rr_list_clone(terms->anchors);
	}
}

void chain_close(struct chain *chain)
{
	inquiry_stop(&chain->inquiry);
	drop_walk(chain);
	term_free(&chain->term);
	ldns_rr_list_deep_free(chain->delegations);
	chain->delegations = NULL;
	free(chain->steps);
}

bool chain_walks(const struct chain *chain)
{
	return chain->cut != NULL;
}

void chain_walk(struct chain *chain)
{
	if (!chain->queue || chain_walks(chain))
		return;
	chain->walked = all_time;
	chain->step = 0;
	chain->cut = ldns_rdf_clone(ldns_rr_list_owner(chain->terms->anchors));
	chain->proof = ldns_rr_list_clone(chain->terms->anchors);
	ask(chain, chain->cut, LDNS_RR_TYPE_DNSKEY);
}
