/* RRsets out of answers, with the signatures over them.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_DNS_RRSET_H
#define HA_DNS_RRSET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DNS_DIGEST_SIZE 32

struct ldns_struct_buffer;
struct ldns_struct_pkt;
struct ldns_struct_rdf;
struct ldns_struct_rr;
struct ldns_struct_rr_list;

/* The records of one name and type, and the RRSIG records that cover it. Both lists are owned, and
 * there after dns_rrset_take(); all zero is empty, too. */
struct dns_rrset {
	struct ldns_struct_rr_list *records, *signatures;
};

enum dns_section { DNS_SECTION_ANSWER, DNS_SECTION_AUTHORITY };

/* Copy what an answer has of it; what was held before is freed. Records whose data is cut short,
 * which ldns lets pass, are left out. */
void dns_rrset_take(struct dns_rrset *set, const struct ldns_struct_pkt *packet,
		    enum dns_section section, const struct ldns_struct_rdf *name, uint16_t type);

/* Idempotent. */
void dns_rrset_free(struct dns_rrset *set);

bool dns_rrset_is_empty(const struct dns_rrset *set);

/* Whether the record has all the fields of its type. */
bool dns_record_is_whole(const struct ldns_struct_rr *record);

/* Lists of records as octets, and their digest. Order, TTL, repetitions and the case of names make
 * no difference (RFC 4034, 6). */
struct ldns_struct_buffer *dns_digest_begin(void);
void dns_digest_add(struct ldns_struct_buffer *buffer, const struct ldns_struct_rr_list *records);
void dns_digest_number(struct ldns_struct_buffer *buffer, uint32_t number);
void dns_digest_end(struct ldns_struct_buffer *buffer, uint8_t digest[DNS_DIGEST_SIZE]);

/* The time, in seconds since 1970, at which the first of the signatures expires; false when there
 * is none. */
bool dns_rrset_expiry(const struct dns_rrset *set, int64_t now, int64_t *expiry);

/* Whether the signature has begun to be valid and has not expired. (ldns compares the times as
 * signed numbers of 32 bits: it takes a signature from before 2038 that ends after it for
 * nonsense.) */
bool dns_signature_is_timely(const struct ldns_struct_rr *signature, int64_t now);

/* A time during which no signature begins or ceases to be valid: `from' <= time < `until', seconds.
 */
struct dns_span {
	int64_t from, until;
};

#define DNS_SPAN_ALL                                                                               \
	{                                                                                          \
		.from = INT64_MIN, .until = INT64_MAX                                              \
	}

/* Narrow the span around `now` by the signatures of the set. */
void dns_span_narrow(struct dns_span *span, const struct dns_rrset *set, int64_t now);

#endif
