/* Rounds of questions about a zone to one server, and the answers.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/dns/zones/view.h"

#include <ldns/ldns.h>
#include <stdlib.h>
#include <string.h>

#include "lib/memory.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/sources/dns/message/answer.h"
#include "subagent/sources/dns/zones/chain.h"
#include "subagent/sources/dns/zones/terms.h"

#define SOA_SERIAL 2 /* field of the record (RFC 1035, 3.3.13) */

static struct view *view_of(struct inquiry *inquiry)
{
	return (struct view *)((char *)inquiry - offsetof(struct view, inquiry));
}

/* ---- a round ---- */

static void ask(struct view *view, size_t term)
{
	view->asked = term;
	inquiry_ask(&view->inquiry, view->queue, view->terms->list[term].question);
}

static void ask_serial(struct view *view, size_t next)
{
	view->next = next;
	view->begun = ++*view->events;
	ask(view, TERMS_SOA);
}

void view_ask(struct view *view)
{
	if (view->runs)
		return;
	view->runs = true;
	ask_serial(view, TERMS_SOA + 1);
}

static void end_round(struct view *view, bool available)
{
	view->runs = false;
	view->answered = true;
	view->available = available;
	view->done(view);
}

static void take_answer(struct seen *seen, const struct term *term, const struct dns_answer *answer)
{
	seen->rcode = answer->rcode;
	if (answer->rcode != LDNS_RCODE_NOERROR && answer->rcode != LDNS_RCODE_NXDOMAIN)
		return;
	seen->known = true;
	seen->authoritative = ldns_pkt_aa(answer->packet);
	dns_rrset_take(&seen->set, answer->packet, DNS_SECTION_ANSWER, term->name, term->type);
	dns_rrset_take(&seen->alias, answer->packet, DNS_SECTION_ANSWER, term->name,
		       LDNS_RR_TYPE_CNAME);
}

static bool take_serial(struct view *view)
{
	const struct seen *seen = &view->seen[TERMS_SOA];

	if (!seen->known || seen->rcode != LDNS_RCODE_NOERROR || !seen->authoritative ||
	    dns_rrset_is_empty(&seen->set))
		return false;
	view->serial = ldns_rdf2native_int32(
		ldns_rr_rdf(ldns_rr_list_rr(seen->set.records, 0), SOA_SERIAL));
	view->has_serial = true;
	view->heard = ++*view->events;
	return true;
}

static void take_outcome(struct inquiry *inquiry, const struct dns_outcome *outcome)
{
	struct view *view = view_of(inquiry);
	bool answered = outcome->reason == haDnsServerReason_none;
	size_t term = view->asked, next = term == TERMS_SOA ? view->next : term + 1;

	view->seen[term].known = false;
	if (answered)
		take_answer(&view->seen[term], &view->terms->list[term], outcome->answer);
	if (term == TERMS_SOA && !take_serial(view))
		end_round(view, false);
	else if (!answered)
		ask_serial(view, next);
	else if (next < view->terms->count)
		ask(view, next);
	else
		end_round(view, true);
}

void view_open(struct view *view, const struct terms *terms, struct queue *queue, uint64_t *events)
{
	*view = (struct view){ .terms = terms, .queue = queue, .events = events };
	view->inquiry.done = take_outcome;
	view->seen = memory_new(terms->count, sizeof(*view->seen));
}

void view_close(struct view *view)
{
	inquiry_stop(&view->inquiry);
	for (size_t i = 0; i < view->terms->count; i++) {
		dns_rrset_free(&view->seen[i].set);
		dns_rrset_free(&view->seen[i].alias);
	}
	free(view->seen);
}

/* ---- validation ---- */

/* A name below the zone can belong to another one that the server has as well, and DS records at
 * its top belong to the one above. */
static bool is_foreign(const struct dns_rrset *set, const ldns_rdf *zone)
{
	const ldns_rr *record = ldns_rr_list_rr(set->records, 0);
	bool outside = ldns_dname_compare(ldns_rr_owner(record), zone) != 0 ||
		       ldns_rr_get_type(record) == LDNS_RR_TYPE_DS;

	return outside && ldns_rr_list_rr_count(set->signatures) > 0 &&
	       !dnssec_names_signer(set, zone);
}

static bool is_sound(const struct view *view, const struct dns_rrset *set, bool wildcard,
		     int64_t now)
{
	const ldns_rdf *zone = view->terms->zone;

	return dns_rrset_is_empty(set) || is_foreign(set, zone) ||
	       dnssec_is_signed(set, zone, view->seen[TERMS_KEYS].set.records, wildcard, now);
}

static bool is_all_sound(const struct view *view, int64_t now)
{
	for (size_t i = 0; i < view->terms->count; i++) {
		const struct seen *seen = &view->seen[i];
		bool wildcard = i >= view->terms->compared;

		if (seen->known && (!is_sound(view, &seen->set, wildcard, now) ||
				    !is_sound(view, &seen->alias, wildcard, now)))
			return false;
	}
	return true;
}

static void add_set(struct ldns_struct_buffer *buffer, const struct dns_rrset *set)
{
	dns_digest_add(buffer, set->records);
	dns_digest_add(buffer, set->signatures);
}

/* Of everything that the verdict depends on, but for the time. */
static void make_digest(const struct view *view, const struct chain *chain,
			uint8_t digest[DNS_DIGEST_SIZE])
{
	struct ldns_struct_buffer *buffer = dns_digest_begin();

	dns_digest_add(buffer, chain->delegations);
	for (size_t i = 0; i < view->terms->count; i++) {
		dns_digest_number(buffer, view->seen[i].known);
		if (!view->seen[i].known)
			continue;
		add_set(buffer, &view->seen[i].set);
		add_set(buffer, &view->seen[i].alias);
	}
	dns_digest_end(buffer, digest);
}

static struct dns_span find_span(const struct view *view, int64_t now)
{
	struct dns_span span = DNS_SPAN_ALL;

	for (size_t i = 0; i < view->terms->count; i++) {
		dns_span_narrow(&span, &view->seen[i].set, now);
		dns_span_narrow(&span, &view->seen[i].alias, now);
	}
	return span;
}

static enum dnssec_verdict validate(const struct view *view, const struct chain *chain, int64_t now)
{
	enum dnssec_verdict verdict = dnssec_judge_keys(&view->seen[TERMS_KEYS].set,
							view->terms->zone, chain->delegations, now);

	if (verdict == DNSSEC_SECURE && !is_all_sound(view, now))
		return DNSSEC_BOGUS;
	return verdict;
}

static bool holds(const struct validation *last, int64_t now)
{
	return last->valid && last->span.from <= now && now < last->span.until;
}

/* A verdict costs many times what it takes to see that nothing has changed. */
static enum dnssec_verdict validate_changes(struct view *view, const struct chain *chain,
					    int64_t now)
{
	struct validation *last = &view->validation;
	uint8_t digest[DNS_DIGEST_SIZE];
	bool held = holds(last, now);

	if (held && last->round == view->begun && last->walk == chain->walk)
		return last->verdict;
	make_digest(view, chain, digest);
	last->round = view->begun;
	last->walk = chain->walk;
	if (held && !memcmp(last->digest, digest, sizeof(digest)))
		return last->verdict;
	last->valid = true;
	memcpy(last->digest, digest, sizeof(digest));
	last->span = find_span(view, now);
	last->verdict = validate(view, chain, now);
	return last->verdict;
}

enum dnssec_verdict view_validate(struct view *view, const struct chain *chain, int64_t now)
{
	if (view->available && chain->verdict == DNSSEC_SECURE && view->seen[TERMS_KEYS].known)
		return validate_changes(view, chain, now);
	view->validation.valid = false;
	if (!view->available || chain->verdict == DNSSEC_SECURE)
		return DNSSEC_UNKNOWN;
	return chain->verdict;
}

/* ---- what else there is to know ---- */

bool view_expiry(const struct view *view, int64_t now, int64_t *expiry)
{
	bool found = false;
	int64_t one;

	for (size_t i = 0; i < view->terms->count; i++) {
		const struct dns_rrset *sets[] = { &view->seen[i].set, &view->seen[i].alias };

		for (size_t k = 0; k < sizeof(sets) / sizeof(*sets); k++)
			if (dns_rrset_expiry(sets[k], now, &one)) {
				*expiry = found && *expiry < one ? *expiry : one;
				found = true;
			}
	}
	return found;
}

static void form_opinion(const struct view *view, struct opinion *opinion)
{
	struct ldns_struct_buffer *buffer = dns_digest_begin();

	opinion->known = view->available;
	for (size_t i = view->terms->compared; i < view->terms->count; i++) {
		const struct seen *seen = &view->seen[i];

		opinion->known = opinion->known && seen->known;
		dns_digest_number(buffer, (uint32_t)seen->rcode);
		dns_digest_number(buffer, seen->authoritative);
		dns_digest_add(buffer, seen->set.records);
		dns_digest_add(buffer, seen->alias.records);
	}
	dns_digest_end(buffer, opinion->digest);
}

const struct opinion *view_opinion(struct view *view)
{
	if (view->formed != view->begun)
		form_opinion(view, &view->opinion);
	view->formed = view->begun;
	return &view->opinion;
}
