/* DNSSEC: proofs that a name has no DS records (RFC 4035, 5.4; RFC 5155, 8.6; RFC 6840, 4).
 *
 * ldns_dnssec_verify_denial() knows no empty non-terminals, and the one for NSEC3 cannot tell a cut
 * that is not signed from a name that is none; both take any record for a proof that has no
 * signature at all. Only their bricks are used.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/dns/zones/dnssec.h"

#include <ldns/ldns.h>

#include "subagent/sources/dns/zones/rrset.h"

/* Above this the answer counts as not signed (RFC 9276, 3.2): hashing is work that the zone makes
 * its readers do. */
#define ITERATIONS_MAX 150

/* Records that are looked at, of the few that a proof needs. */
#define RECORDS_MAX 8

#define HASH_SIZE 20 /* octets of SHA-1, the only algorithm there is */

struct proof {
	const ldns_rdf *zone, *name;
	ldns_rr_list *hidden; /* NSEC3 records that are signed */
	ldns_rr_list *plain;  /* NSEC records that are signed */
};

static bool has_type(const ldns_rr *record, ldns_rr_type type)
{
	return ldns_nsec_bitmap_covers_type(ldns_nsec_get_bitmap(record), type);
}

/* The record is of the parent's side of a cut, or redirects what is below: it denies nothing there.
 */
static bool is_cut_or_redirection(const ldns_rr *record)
{
	return has_type(record, LDNS_RR_TYPE_DNAME) ||
	       (has_type(record, LDNS_RR_TYPE_NS) && !has_type(record, LDNS_RR_TYPE_SOA));
}

/* What the record at the name itself says. */
static enum dnssec_denial judge_match(const ldns_rr *record)
{
	if (has_type(record, LDNS_RR_TYPE_DS) || has_type(record, LDNS_RR_TYPE_SOA) ||
	    has_type(record, LDNS_RR_TYPE_CNAME))
		return DNSSEC_DENIAL_NONE;
	return has_type(record, LDNS_RR_TYPE_NS) ? DNSSEC_DENIAL_UNSIGNED : DNSSEC_DENIAL_NO_CUT;
}

/* ---- NSEC ---- */

/* A name between two others has no records: it does not exist, or has only names below it. */
static enum dnssec_denial judge_plain(const struct proof *proof)
{
	for (size_t i = 0; i < ldns_rr_list_rr_count(proof->plain); i++) {
		const ldns_rr *record = ldns_rr_list_rr(proof->plain, i);
		const ldns_rdf *owner = ldns_rr_owner(record);

		if (ldns_dname_compare(owner, proof->name) == 0)
			return judge_match(record);
		if (ldns_dname_is_subdomain(proof->name, owner) && is_cut_or_redirection(record))
			continue;
		if (ldns_nsec_covers_name(record, proof->name))
			return DNSSEC_DENIAL_NO_CUT;
	}
	return DNSSEC_DENIAL_NONE;
}

/* ---- NSEC3 ---- */

/* ldns makes a name of the next hash without looking at its length. */
static bool is_hashed_well(const ldns_rr *record, const ldns_rdf *zone)
{
	ldns_rdf *parent = ldns_dname_left_chop(ldns_rr_owner(record));
	bool well = parent && ldns_dname_compare(parent, zone) == 0 &&
		    ldns_nsec3_algorithm(record) == LDNS_SHA1 &&
		    ldns_rdf_size(ldns_nsec3_next_owner(record)) == HASH_SIZE + 1;

	ldns_rdf_deep_free(parent);
	return well;
}

static ldns_rdf *hash(const struct proof *proof, const ldns_rdf *name)
{
	const ldns_rr *parameters = ldns_rr_list_rr(proof->hidden, 0);
	ldns_rdf *hashed = ldns_nsec3_hash_name_frm_nsec3(parameters, name);

	ldns_dname_cat(hashed, proof->zone);
	return hashed;
}

static const ldns_rr *find_match(const struct proof *proof, const ldns_rdf *name)
{
	ldns_rdf *hashed = hash(proof, name);
	const ldns_rr *match = NULL;

	for (size_t i = 0; i < ldns_rr_list_rr_count(proof->hidden) && !match; i++)
		if (ldns_dname_compare(ldns_rr_owner(ldns_rr_list_rr(proof->hidden, i)), hashed) ==
		    0)
			match = ldns_rr_list_rr(proof->hidden, i);
	ldns_rdf_deep_free(hashed);
	return match;
}

static const ldns_rr *find_cover(const struct proof *proof, const ldns_rdf *name)
{
	ldns_rdf *hashed = hash(proof, name);
	const ldns_rr *cover = NULL;

	for (size_t i = 0; i < ldns_rr_list_rr_count(proof->hidden) && !cover; i++)
		if (ldns_nsec_covers_name(ldns_rr_list_rr(proof->hidden, i), hashed))
			cover = ldns_rr_list_rr(proof->hidden, i);
	ldns_rdf_deep_free(hashed);
	return cover;
}

/* The closest encloser exists, and the name one label longer does not (RFC 5155, 8.3). */
static enum dnssec_denial judge_encloser(const struct proof *proof, const ldns_rdf *encloser)
{
	int longer = ldns_dname_label_count(proof->name) - ldns_dname_label_count(encloser) - 1;
	const ldns_rr *match = find_match(proof, encloser), *cover;
	ldns_rdf *next;

	if (longer < 0 || !match || is_cut_or_redirection(match))
		return DNSSEC_DENIAL_NONE;
	next = ldns_dname_clone_from(proof->name, (uint16_t)longer);
	cover = find_cover(proof, next);
	ldns_rdf_deep_free(next);
	if (!cover)
		return DNSSEC_DENIAL_NONE;
	return ldns_nsec3_optout(cover) ? DNSSEC_DENIAL_UNSIGNED : DNSSEC_DENIAL_NO_CUT;
}

static enum dnssec_denial judge_hidden(const struct proof *proof)
{
	enum dnssec_denial denial;
	const ldns_rr *match;
	ldns_rdf *encloser;

	if (ldns_rr_list_rr_count(proof->hidden) == 0)
		return DNSSEC_DENIAL_NONE;
	for (size_t i = 0; i < ldns_rr_list_rr_count(proof->hidden); i++)
		if (ldns_nsec3_iterations(ldns_rr_list_rr(proof->hidden, i)) > ITERATIONS_MAX)
			return DNSSEC_DENIAL_UNSIGNED;
	match = find_match(proof, proof->name);
	if (match)
		return judge_match(match);
	encloser = ldns_dnssec_nsec3_closest_encloser(proof->name, LDNS_RR_TYPE_DS, proof->hidden);
	denial = encloser ? judge_encloser(proof, encloser) : DNSSEC_DENIAL_NONE;
	ldns_rdf_deep_free(encloser);
	return denial;
}

/* ---- the records ---- */

/* Keep the record, in its canonical form, when it is one of this zone and signed. */
static void take(struct proof *proof, const ldns_pkt *packet, const ldns_rr *record,
		 const ldns_rr_list *keys, int64_t when)
{
	bool plain = ldns_rr_get_type(record) == LDNS_RR_TYPE_NSEC;
	ldns_rr_list *list = plain ? proof->plain : proof->hidden;
	struct dns_rrset set = { .records = NULL };
	ldns_rr *copy;

	if (!dns_record_is_whole(record) || (!plain && !is_hashed_well(record, proof->zone)))
		return;
	dns_rrset_take(&set, packet, DNS_SECTION_AUTHORITY, ldns_rr_owner(record),
		       ldns_rr_get_type(record));
	if (dnssec_is_signed(&set, proof->zone, keys, false, when)) {
		copy = ldns_rr_clone(record);
		ldns_rr2canonical(copy);
		ldns_rr_list_push_rr(list, copy);
	}
	dns_rrset_free(&set);
}

static void take_all(struct proof *proof, const ldns_pkt *packet, const ldns_rr_list *keys,
		     int64_t when)
{
	const ldns_rr_list *authority = ldns_pkt_authority(packet);
	size_t looked = 0;

	for (size_t i = 0; i < ldns_rr_list_rr_count(authority) && looked < RECORDS_MAX; i++) {
		const ldns_rr *record = ldns_rr_list_rr(authority, i);
		ldns_rr_type type = ldns_rr_get_type(record);

		if (type == LDNS_RR_TYPE_NSEC || type == LDNS_RR_TYPE_NSEC3) {
			looked++;
			take(proof, packet, record, keys, when);
		}
	}
}

enum dnssec_denial dnssec_deny_delegation(const struct ldns_struct_pkt *packet,
					  const struct ldns_struct_rdf *zone,
					  const struct ldns_struct_rr_list *keys,
					  const struct ldns_struct_rdf *name, int64_t when)
{
	struct proof proof = {
		.zone = zone,
		.name = name,
		.hidden = ldns_rr_list_new(),
		.plain = ldns_rr_list_new(),
	};
	enum dnssec_denial denial;

	take_all(&proof, packet, keys, when);
	denial = judge_plain(&proof);
	if (denial == DNSSEC_DENIAL_NONE)
		denial = judge_hidden(&proof);
	ldns_rr_list_deep_free(proof.plain);
	ldns_rr_list_deep_free(proof.hidden);
	return denial;
}
