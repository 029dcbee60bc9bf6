/* RRsets and their signatures, by ldns.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/dns/zones/rrset.h"

#include <ldns/ldns.h>

#include "subagent/sources/dns/zones/serial.h"

/* Where the times are in the data of an RRSIG record (RFC 4034, 3.1). */
static uint32_t expiration_of(const ldns_rr *signature)
{
	return ldns_rdf2native_int32(ldns_rr_rrsig_expiration(signature));
}

static uint32_t inception_of(const ldns_rr *signature)
{
	return ldns_rdf2native_int32(ldns_rr_rrsig_inception(signature));
}

bool dns_record_is_whole(const struct ldns_struct_rr *record)
{
	const ldns_rr_descriptor *descriptor = ldns_rr_descript(ldns_rr_get_type(record));

	return ldns_rr_rd_count(record) >= ldns_rr_descriptor_minimum(descriptor);
}

static bool is_wanted(const ldns_rr *record, const ldns_rdf *name, ldns_rr_type type)
{
	return ldns_rr_get_type(record) == type && ldns_rr_get_class(record) == LDNS_RR_CLASS_IN &&
	       ldns_dname_compare(ldns_rr_owner(record), name) == 0 && dns_record_is_whole(record);
}

void dns_rrset_take(struct dns_rrset *set, const struct ldns_struct_pkt *packet,
		    enum dns_section section, const struct ldns_struct_rdf *name, uint16_t type)
{
	const ldns_rr_list *from = section == DNS_SECTION_ANSWER ? ldns_pkt_answer(packet) :
								   ldns_pkt_authority(packet);

	dns_rrset_free(set);
	set->records = ldns_rr_list_new();
	set->signatures = ldns_rr_list_new();
	for (size_t i = 0; i < ldns_rr_list_rr_count(from); i++) {
		const ldns_rr *record = ldns_rr_list_rr(from, i);

		if (is_wanted(record, name, type))
			ldns_rr_list_push_rr(set->records, ldns_rr_clone(record));
		else if (is_wanted(record, name, LDNS_RR_TYPE_RRSIG) &&
			 ldns_rdf2rr_type(ldns_rr_rrsig_typecovered(record)) == type)
			ldns_rr_list_push_rr(set->signatures, ldns_rr_clone(record));
	}
}

void dns_rrset_free(struct dns_rrset *set)
{
	ldns_rr_list_deep_free(set->records);
	ldns_rr_list_deep_free(set->signatures);
	*set = (struct dns_rrset){ .records = NULL };
}

bool dns_rrset_is_empty(const struct dns_rrset *set)
{
	return ldns_rr_list_rr_count(set->records) == 0;
}

struct ldns_struct_buffer *dns_digest_begin(void)
{
	return ldns_buffer_new(LDNS_MIN_BUFLEN);
}

void dns_digest_number(struct ldns_struct_buffer *buffer, uint32_t number)
{
	if (ldns_buffer_reserve(buffer, sizeof(number)))
		ldns_buffer_write_u32(buffer, number);
}

void dns_digest_add(struct ldns_struct_buffer *buffer, const struct ldns_struct_rr_list *records)
{
	ldns_rr_list *sorted = ldns_rr_list_clone(records);
	size_t count = ldns_rr_list_rr_count(sorted);

	for (size_t i = 0; i < count; i++) {
		ldns_rr_set_ttl(ldns_rr_list_rr(sorted, i), 0);
		ldns_rr2canonical(ldns_rr_list_rr(sorted, i));
	}
	ldns_rr_list_sort(sorted);
	for (size_t i = 0; i < count; i++) {
		const ldns_rr *record = ldns_rr_list_rr(sorted, i);

		if (i == 0 || ldns_rr_compare(ldns_rr_list_rr(sorted, i - 1), record) != 0)
			ldns_rr2buffer_wire_canonical(buffer, record, LDNS_SECTION_ANSWER);
	}
	ldns_rr_list_deep_free(sorted);
	/* What follows is of another list. */
	dns_digest_number(buffer, UINT32_MAX);
}

void dns_digest_end(struct ldns_struct_buffer *buffer, uint8_t digest[DNS_DIGEST_SIZE])
{
	ldns_sha256(ldns_buffer_begin(buffer), (unsigned int)ldns_buffer_position(buffer), digest);
	ldns_buffer_free(buffer);
}

bool dns_rrset_expiry(const struct dns_rrset *set, int64_t now, int64_t *expiry)
{
	size_t count = ldns_rr_list_rr_count(set->signatures);

	for (size_t i = 0; i < count; i++) {
		const ldns_rr *signature = ldns_rr_list_rr(set->signatures, i);
		int64_t expires = serial_time(expiration_of(signature), now);

		if (i == 0 || expires < *expiry)
			*expiry = expires;
	}
	return count > 0;
}

bool dns_signature_is_timely(const struct ldns_struct_rr *signature, int64_t now)
{
	return serial_time(inception_of(signature), now) <= now &&
	       serial_time(expiration_of(signature), now) >= now;
}

static void narrow(struct dns_span *span, int64_t boundary, int64_t now)
{
	if (boundary <= now && boundary > span->from)
		span->from = boundary;
	if (boundary > now && boundary < span->until)
		span->until = boundary;
}

void dns_span_narrow(struct dns_span *span, const struct dns_rrset *set, int64_t now)
{
	for (size_t i = 0; i < ldns_rr_list_rr_count(set->signatures); i++) {
		const ldns_rr *signature = ldns_rr_list_rr(set->signatures, i);

		narrow(span, serial_time(inception_of(signature), now), now);
		/* The second of the expiration is the last that it is valid in. */
		narrow(span, serial_time(expiration_of(signature), now) + 1, now);
	}
}
