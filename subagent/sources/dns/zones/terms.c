/* Names, types and trust anchors out of the settings of a zone.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/dns/zones/terms.h"

#include <assert.h>
#include <ldns/ldns.h>
#include <stdlib.h>
#include <string.h>

#include "lib/memory.h"
#include "lib/settings_dns.h"
#include "subagent/sources/dns/message/question.h"
#include "subagent/sources/dns/zones/dnssec.h"
#include "subagent/sources/dns/zones/rrset.h"

/* What crosses every network without fragments (DNS flag day 2020). */
#define EDNS_SIZE 1232

/* Types from here to there are no data but questions and signatures about messages (RFC 6895, 3.1).
 */
#define META_FIRST 128
#define META_LAST 255

/* ---- terms ---- */

void term_make(struct term *term, const struct ldns_struct_rdf *name, uint16_t type, bool recursion)
{
	char *text = ldns_rdf2str(name);
	struct dns_terms question = {
		.name = text,
		.type = type,
		.class = LDNS_RR_CLASS_IN,
		.edns_size = EDNS_SIZE,
		.recursion = recursion,
		.dnssec = true,
	};

	term_free(term);
	term->name = ldns_rdf_clone(name);
	term->type = type;
	term->question = dns_question_make(&question);
	assert(term->question);
	free(text);
}

void term_free(struct term *term)
{
	ldns_rdf_deep_free(term->name);
	free(term->question);
	*term = (struct term){ .name = NULL };
}

static void add(struct terms *terms, const ldns_rdf *name, uint16_t type)
{
	terms->list = memory_resize(terms->list, terms->count + 1, sizeof(*terms->list));
	terms->list[terms->count] = (struct term){ .name = NULL };
	term_make(&terms->list[terms->count++], name, type, false);
}

static bool is_at_or_below(const ldns_rdf *name, const ldns_rdf *zone)
{
	return ldns_dname_compare(name, zone) == 0 || ldns_dname_is_subdomain(name, zone);
}

/* ---- what is compared ---- */

/* `@' is the zone, as in a zone file; what does not end with a dot is relative to it. */
static ldns_rdf *read_name(const char *text, const ldns_rdf *zone)
{
	size_t length = strlen(text);
	ldns_rdf *name;

	if (!strcmp(text, "@"))
		return ldns_rdf_clone(zone);
	name = ldns_dname_new_frm_str(text);
	if (name && text[length - 1] != '.' && ldns_dname_cat(name, zone) != LDNS_STATUS_OK) {
		ldns_rdf_deep_free(name);
		return NULL;
	}
	if (name && ldns_rdf_size(name) > LDNS_MAX_DOMAINLEN) {
		ldns_rdf_deep_free(name);
		return NULL;
	}
	return name;
}

static bool is_data(uint16_t type)
{
	return type != 0 && type != LDNS_RR_TYPE_OPT && type != LDNS_RR_TYPE_RRSIG &&
	       (type < META_FIRST || type > META_LAST);
}

static bool read_comparison(struct terms *terms, const char *text, char *error, size_t size)
{
	size_t length = strcspn(text, " \t");
	const char *type_text = text + length + strspn(text + length, " \t");
	char name_text[LDNS_MAX_DOMAINLEN + 1];
	ldns_rdf *name = NULL;
	uint16_t type = 0;
	bool right;

	text_put_part(name_text, sizeof(name_text), text, length);
	if (length > 0 && length < sizeof(name_text))
		name = read_name(name_text, terms->zone);
	right = name && dns_type_of(type_text, &type) && is_data(type);
	if (!right)
		text_print(error, size, "compare `%s': not a name and a type", text);
	else if (!is_at_or_below(name, terms->zone))
		text_print(error, size, "compare `%s': the name is not in the zone", text);
	else
		add(terms, name, type);
	right = right && is_at_or_below(name, terms->zone);
	ldns_rdf_deep_free(name);
	return right;
}

static bool read_comparisons(struct terms *terms, const char *const *texts, char *error,
			     size_t size)
{
	terms->compared = terms->count;
	if (!texts || !*texts)
		add(terms, terms->zone, LDNS_RR_TYPE_NS);
	for (; texts && *texts; texts++)
		if (!read_comparison(terms, *texts, error, size))
			return false;
	return true;
}

/* ---- the trust anchor ---- */

static const char *find_fault(const struct terms *terms, const struct settings_zone *settings,
			      const ldns_rr *anchor)
{
	const ldns_rdf *owner;

	if (!anchor || ldns_rr_get_type(anchor) != LDNS_RR_TYPE_DS || !dns_record_is_whole(anchor))
		return "not a DS record";
	owner = ldns_rr_owner(anchor);
	if (!is_at_or_below(terms->zone, owner))
		return "it is not for the zone or one above";
	if (ldns_rr_list_rr_count(terms->anchors) > 0 &&
	    ldns_dname_compare(owner, ldns_rr_list_owner(terms->anchors)) != 0)
		return "all anchors of a zone must be for the same name";
	if (ldns_dname_compare(owner, terms->zone) != 0 && settings->chain_server < 0)
		return "it is for a zone above, and no server is named to be asked about those "
		       "between";
	return NULL;
}

static bool read_anchors(struct terms *terms, const struct settings_zone *settings, char *error,
			 size_t size)
{
	for (const char *const *text = settings->anchors; text && *text; text++) {
		ldns_rr *anchor = NULL;
		const char *fault;

		if (ldns_rr_new_frm_str(&anchor, *text, 0, NULL, NULL) != LDNS_STATUS_OK)
			anchor = NULL;
		fault = find_fault(terms, settings, anchor);
		if (fault) {
			text_print(error, size, "anchor `%s': %s", *text, fault);
			ldns_rr_free(anchor);
			return false;
		}
		ldns_rr_list_push_rr(terms->anchors, anchor);
	}
	if (terms_are_anchored(terms))
		add(terms, terms->zone, LDNS_RR_TYPE_DNSKEY);
	return true;
}

/* ---- all of it ---- */

static bool read_zone(struct terms *terms, const struct settings_zone *settings, char *error,
		      size_t size)
{
	terms->zone = ldns_dname_new_frm_str(settings->name);
	if (!terms->zone) {
		text_print(error, size, "`%s' is no name of a zone", settings->name);
		return false;
	}
	add(terms, terms->zone, LDNS_RR_TYPE_SOA);
	return true;
}

bool terms_read(struct terms *terms, const struct settings_zone *settings, char *error, size_t size)
{
	*terms = (struct terms){ .anchors = ldns_rr_list_new() };
	if (read_zone(terms, settings, error, size) && read_anchors(terms, settings, error, size) &&
	    read_comparisons(terms, settings->compare, error, size))
		return true;
	terms_free(terms);
	return false;
}

void terms_free(struct terms *terms)
{
	for (size_t i = 0; i < terms->count; i++)
		term_free(&terms->list[i]);
	free(terms->list);
	ldns_rdf_deep_free(terms->zone);
	ldns_rr_list_deep_free(terms->anchors);
	*terms = (struct terms){ .zone = NULL };
}

bool terms_are_anchored(const struct terms *terms)
{
	return ldns_rr_list_rr_count(terms->anchors) > 0;
}

bool terms_need_chain(const struct terms *terms)
{
	return terms_are_anchored(terms) &&
	       ldns_dname_compare(ldns_rr_list_owner(terms->anchors), terms->zone) != 0;
}
