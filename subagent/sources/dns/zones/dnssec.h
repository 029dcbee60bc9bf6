/* DNSSEC validation of RRsets (RFC 4035, 5), the cryptography by ldns.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_DNS_DNSSEC_H
#define HA_DNS_DNSSEC_H

#include <stdbool.h>
#include <stdint.h>

struct dns_rrset;
struct ldns_struct_pkt;
struct ldns_struct_rdf;
struct ldns_struct_rr;
struct ldns_struct_rr_list;

enum dnssec_verdict {
	DNSSEC_UNKNOWN, /* it could not be found out */
	DNSSEC_INSECURE,
	DNSSEC_SECURE,
	DNSSEC_BOGUS
};

/* Whether the DNSKEY RRset of `zone` is signed by a key that one of the DS records stands for.
 * Insecure when all of those are of algorithms that are not known (RFC 4035, 5.2). `when' is the
 * time of day in seconds, here and below. */
enum dnssec_verdict dnssec_judge_keys(const struct dns_rrset *keys,
				      const struct ldns_struct_rdf *zone,
				      const struct ldns_struct_rr_list *delegations, int64_t when);

/* Whether an RRset of `zone` is signed by one of its `keys`, which have been judged before. Without
 * `wildcard' it must be there under its own name (RFC 4035, 5.3.2); with it, nobody looks for the
 * proof that there is no closer name. */
bool dnssec_is_signed(const struct dns_rrset *set, const struct ldns_struct_rdf *zone,
		      const struct ldns_struct_rr_list *keys, bool wildcard, int64_t when);

/* Whether one of the signatures is said to be by `zone`. */
bool dnssec_names_signer(const struct dns_rrset *set, const struct ldns_struct_rdf *zone);

/* What an answer without DS records for a name proves. */
enum dnssec_denial {
	DNSSEC_DENIAL_NONE,     /* nothing */
	DNSSEC_DENIAL_NO_CUT,   /* no zone begins at the name */
	DNSSEC_DENIAL_UNSIGNED, /* one may begin there, and none that is signed */
};

/* The NSEC and NSEC3 records must be of `zone', to which `name' belongs at least by its form, and
 * signed by its `keys'. */
enum dnssec_denial dnssec_deny_delegation(const struct ldns_struct_pkt *packet,
					  const struct ldns_struct_rdf *zone,
					  const struct ldns_struct_rr_list *keys,
					  const struct ldns_struct_rdf *name, int64_t when);

#endif
