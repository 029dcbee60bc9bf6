/* DNSSEC: keys by DS records, RRsets by keys.
 *
 * ldns verifies a signature against keys. What RFC 4035, 5.3.1 demands beside that is looked at
 * here: the signer, the number of labels, the times, the flags and the protocol of keys.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/dns/zones/dnssec.h"

#include <ldns/ldns.h>

#include "subagent/sources/dns/zones/rrset.h"

/* Work that one RRset can cause, whatever a server makes up: keys can be given equal tags, and then
 * every signature must be tried with every key (CVE-2023-50387). Signatures by other keys cost
 * nothing and do not count: each key of a zone may sign, and the trusted one come last. */
#define SIGNATURES_MAX 8
#define KEYS_MAX 16

#define PROTOCOL_DNSSEC 3

static uint8_t number_of(const ldns_rr *record, size_t field)
{
	return ldns_rdf2native_int8(ldns_rr_rdf(record, field));
}

/* ---- algorithms ---- */

static bool is_algorithm_known(uint8_t algorithm)
{
	switch (algorithm) {
	case LDNS_RSASHA1:
	case LDNS_RSASHA1_NSEC3:
	case LDNS_RSASHA256:
	case LDNS_RSASHA512:
	case LDNS_ECDSAP256SHA256:
	case LDNS_ECDSAP384SHA384:
#if LDNS_BUILD_CONFIG_USE_ED25519
	case LDNS_ED25519:
#endif
#if LDNS_BUILD_CONFIG_USE_ED448
	case LDNS_ED448:
#endif
		return true;
	default:
		return false;
	}
}

/* ldns_key_rr2ds() takes every number that it does not know for SHA-1. */
static bool is_digest_known(uint8_t digest)
{
	return digest == LDNS_SHA1 || digest == LDNS_SHA256 || digest == LDNS_SHA384;
}

static bool is_delegation_known(const ldns_rr *delegation)
{
	return dns_record_is_whole(delegation) && is_algorithm_known(number_of(delegation, 1)) &&
	       is_digest_known(number_of(delegation, 2));
}

/* SHA-1 does not count beside something better (RFC 4509, 3). */
static bool is_outranked(const ldns_rr *delegation, const ldns_rr_list *all)
{
	if (number_of(delegation, 2) != LDNS_SHA1)
		return false;
	for (size_t i = 0; i < ldns_rr_list_rr_count(all); i++)
		if (is_delegation_known(ldns_rr_list_rr(all, i)) &&
		    number_of(ldns_rr_list_rr(all, i), 2) != LDNS_SHA1)
			return true;
	return false;
}

/* ---- signatures ---- */

static bool is_signer(const ldns_rr *signature, const ldns_rdf *zone)
{
	return ldns_dname_compare(ldns_rr_rrsig_signame(signature), zone) == 0;
}

bool dnssec_names_signer(const struct dns_rrset *set, const struct ldns_struct_rdf *zone)
{
	for (size_t i = 0; i < ldns_rr_list_rr_count(set->signatures); i++)
		if (is_signer(ldns_rr_list_rr(set->signatures, i), zone))
			return true;
	return false;
}

/* An asterisk at the front is not counted in a signature (RFC 4034, 3.1.3). */
static bool are_labels_right(const ldns_rr *signature, const ldns_rdf *owner, bool wildcard)
{
	uint8_t labels = ldns_rdf2native_int8(ldns_rr_rrsig_labels(signature));
	uint8_t expected = ldns_dname_label_count(owner);

	if (ldns_dname_is_wildcard(owner))
		expected--;
	return labels == expected || (wildcard && labels < expected);
}

static bool is_key_usable(const ldns_rr *key, const ldns_rdf *zone)
{
	uint16_t flags;

	if (!dns_record_is_whole(key) || ldns_dname_compare(ldns_rr_owner(key), zone) != 0)
		return false;
	flags = ldns_rdf2native_int16(ldns_rr_dnskey_flags(key));
	return flags & LDNS_KEY_ZONE_KEY && !(flags & LDNS_KEY_REVOKE_KEY) &&
	       number_of(key, 1) == PROTOCOL_DNSSEC;
}

/* The keys that may sign, at most KEYS_MAX. The records stay those of `keys`. */
static ldns_rr_list *usable_keys(const ldns_rr_list *keys, const ldns_rdf *zone)
{
	ldns_rr_list *usable = ldns_rr_list_new();

	for (size_t i = 0; i < ldns_rr_list_rr_count(keys); i++)
		if (is_key_usable(ldns_rr_list_rr(keys, i), zone) &&
		    ldns_rr_list_rr_count(usable) < KEYS_MAX)
			ldns_rr_list_push_rr(usable, ldns_rr_list_rr(keys, i));
	return usable;
}

/* Whether one of the keys can have made the signature, by its algorithm and tag. */
static bool is_by_any(const ldns_rr *signature, const ldns_rr_list *keys)
{
	uint8_t algorithm = ldns_rdf2native_int8(ldns_rr_rrsig_algorithm(signature));
	uint16_t tag = ldns_rdf2native_int16(ldns_rr_rrsig_keytag(signature));

	for (size_t i = 0; i < ldns_rr_list_rr_count(keys); i++) {
		const ldns_rr *key = ldns_rr_list_rr(keys, i);

		if (number_of(key, 2) == algorithm && ldns_calc_keytag(key) == tag)
			return true;
	}
	return false;
}

static bool verify(const struct dns_rrset *set, const ldns_rdf *zone, const ldns_rr_list *keys,
		   bool wildcard, int64_t when)
{
	const ldns_rdf *owner = ldns_rr_list_owner(set->records);
	size_t tried = 0;

	for (size_t i = 0; i < ldns_rr_list_rr_count(set->signatures); i++) {
		const ldns_rr *signature = ldns_rr_list_rr(set->signatures, i);

		if (!is_signer(signature, zone) || !are_labels_right(signature, owner, wildcard) ||
		    !dns_signature_is_timely(signature, when) || !is_by_any(signature, keys))
			continue;
		if (tried++ == SIGNATURES_MAX)
			return false;
		if (ldns_verify_rrsig_keylist_notime(set->records, signature, keys, NULL) ==
		    LDNS_STATUS_OK)
			return true;
	}
	return false;
}

bool dnssec_is_signed(const struct dns_rrset *set, const struct ldns_struct_rdf *zone,
		      const struct ldns_struct_rr_list *keys, bool wildcard, int64_t when)
{
	const ldns_rdf *owner = ldns_rr_list_owner(set->records);
	ldns_rr_list *usable;
	bool is_signed;

	if (dns_rrset_is_empty(set) ||
	    (ldns_dname_compare(owner, zone) != 0 && !ldns_dname_is_subdomain(owner, zone)))
		return false;
	usable = usable_keys(keys, zone);
	is_signed = verify(set, zone, usable, wildcard, when);
	ldns_rr_list_free(usable);
	return is_signed;
}

/* ---- keys by their DS records ---- */

static bool is_proven_by(const struct dns_rrset *keys, const ldns_rdf *zone, ldns_rr *key,
			 const ldns_rr *delegation, int64_t when)
{
	ldns_rr_list *one;
	bool proven;

	if (!ldns_rr_compare_ds(delegation, key))
		return false;
	one = ldns_rr_list_new();
	ldns_rr_list_push_rr(one, key);
	proven = verify(keys, zone, one, false, when);
	ldns_rr_list_free(one);
	return proven;
}

enum dnssec_verdict dnssec_judge_keys(const struct dns_rrset *keys,
				      const struct ldns_struct_rdf *zone,
				      const struct ldns_struct_rr_list *delegations, int64_t when)
{
	enum dnssec_verdict verdict = DNSSEC_INSECURE;
	ldns_rr_list *usable = usable_keys(keys->records, zone);

	for (size_t i = 0; i < ldns_rr_list_rr_count(delegations); i++) {
		const ldns_rr *delegation = ldns_rr_list_rr(delegations, i);

		if (!is_delegation_known(delegation) || verdict == DNSSEC_SECURE)
			continue;
		verdict = DNSSEC_BOGUS;
		for (size_t k = 0;
		     k < ldns_rr_list_rr_count(usable) && !is_outranked(delegation, delegations);
		     k++)
			if (is_proven_by(keys, zone, ldns_rr_list_rr(usable, k), delegation, when))
				verdict = DNSSEC_SECURE;
	}
	ldns_rr_list_free(usable);
	return verdict;
}
