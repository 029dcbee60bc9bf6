/* Tests the validation of signed zones, and what proves that a zone is not signed.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/dns/zones/dnssec.h"

#include <ldns/ldns.h>
#include <string.h>

#include "subagent/sources/dns/zones/rrset.h"
#include "tests/unit/check.h"
#include "tests/unit/signed_zones.h"

#define NOW INT64_C(1790000000)    /* in 2026 */
#define BEFORE INT64_C(1577836799) /* the last second of 2019 */
#define END INT64_C(3471292800)    /* 2080-01-01 */

/* ---- a zone with its keys ---- */

static struct {
	ldns_rdf *name;
	ldns_rr_list *delegations;
	struct dns_rrset keys, set;
} zone;

static void take(struct dns_rrset *set, const char *name, uint16_t type)
{
	ldns_rdf *owner = ldns_dname_new_frm_str(name);
	ldns_pkt *packet = signed_zones_answer(name, type);

	dns_rrset_take(set, packet, DNS_SECTION_ANSWER, owner, type);
	ldns_pkt_free(packet);
	ldns_rdf_deep_free(owner);
}

static void trust(const char *text)
{
	ldns_rr *record;

	assert_int_equal(ldns_rr_new_frm_str(&record, text, 0, NULL, NULL), LDNS_STATUS_OK);
	ldns_rr_list_push_rr(zone.delegations, record);
}

static void close_zone(void)
{
	ldns_rdf_deep_free(zone.name);
	ldns_rr_list_deep_free(zone.delegations);
	dns_rrset_free(&zone.keys);
	dns_rrset_free(&zone.set);
	memset(&zone, 0, sizeof(zone));
}

static void open_zone(const char *name)
{
	close_zone();
	zone.name = ldns_dname_new_frm_str(name);
	zone.delegations = ldns_rr_list_new();
	take(&zone.keys, name, LDNS_RR_TYPE_DNSKEY);
}

static void open_trusted(const char *name)
{
	open_zone(name);
	trust(signed_zones_anchor(name));
}

static int tear_down(void **state)
{
	close_zone();
	return signed_zones_close(state);
}

static enum dnssec_verdict judge_keys(int64_t when)
{
	return dnssec_judge_keys(&zone.keys, zone.name, zone.delegations, when);
}

static bool is_signed(const char *name, uint16_t type, bool wildcard, int64_t when)
{
	take(&zone.set, name, type);
	return dnssec_is_signed(&zone.set, zone.name, zone.keys.records, wildcard, when);
}

/* ---- keys ---- */

TEST(keys_are_secure_when_the_anchor_stands_for_one_of_them)
{
	open_trusted("example.test");
	assert_int_equal(judge_keys(NOW), DNSSEC_SECURE);
	open_zone("example.test");
	trust(signed_zones_anchor("test"));
	assert_int_equal(judge_keys(NOW), DNSSEC_BOGUS);
}

TEST(keys_without_their_signature_are_bogus)
{
	open_trusted("example.test");
	ldns_rr_list_deep_free(zone.keys.signatures);
	zone.keys.signatures = ldns_rr_list_new();
	assert_int_equal(judge_keys(NOW), DNSSEC_BOGUS);
}

TEST(no_keys_at_all_are_bogus)
{
	open_trusted("example.test");
	dns_rrset_free(&zone.keys);
	assert_int_equal(judge_keys(NOW), DNSSEC_BOGUS);
}

TEST(keys_are_bogus_outside_the_time_of_their_signature)
{
	open_trusted("example.test");
	assert_int_equal(judge_keys(BEFORE), DNSSEC_BOGUS);
	assert_int_equal(judge_keys(BEFORE + 1), DNSSEC_SECURE);
	assert_int_equal(judge_keys(END), DNSSEC_SECURE);
	assert_int_equal(judge_keys(END + 1), DNSSEC_BOGUS);
	open_trusted("expired.test");
	assert_int_equal(judge_keys(NOW), DNSSEC_BOGUS);
}

TEST(anchors_of_unknown_algorithms_alone_are_insecure)
{
	open_zone("example.test");
	assert_int_equal(judge_keys(NOW), DNSSEC_INSECURE);
	trust("example.test. DS 4711 250 2 "
	      "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef");
	trust("example.test. DS 4711 13 99 0123456789abcdef");
	assert_int_equal(judge_keys(NOW), DNSSEC_INSECURE);
	trust(signed_zones_anchor("example.test"));
	assert_int_equal(judge_keys(NOW), DNSSEC_SECURE);
}

/* The text of a DS record for the key of the zone. */
static void trust_digest(ldns_hash hash)
{
	ldns_rr *record = ldns_key_rr2ds(ldns_rr_list_rr(zone.keys.records, 0), hash);

	assert_non_null(record);
	ldns_rr_list_push_rr(zone.delegations, record);
}

TEST(an_anchor_of_sha1_counts_only_alone)
{
	open_zone("example.test");
	trust_digest(LDNS_SHA1);
	assert_int_equal(judge_keys(NOW), DNSSEC_SECURE);
	trust("example.test. DS 1 13 2 "
	      "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef");
	assert_int_equal(judge_keys(NOW), DNSSEC_BOGUS);
	trust_digest(LDNS_SHA384);
	assert_int_equal(judge_keys(NOW), DNSSEC_SECURE);
}

/* A key of our own for a zone, and the zone's keys signed by it as if nothing was wrong. */
static void make_keys(const char *name, uint16_t flags)
{
	ldns_key *key = ldns_key_new_frm_algorithm(LDNS_SIGN_ECDSAP256SHA256, 256);
	ldns_key_list *list = ldns_key_list_new();

	close_zone();
	zone.name = ldns_dname_new_frm_str(name);
	zone.delegations = ldns_rr_list_new();
	ldns_key_set_pubkey_owner(key, ldns_rdf_clone(zone.name));
	ldns_key_set_flags(key, flags);
	ldns_key_set_inception(key, (uint32_t)NOW - 1000);
	ldns_key_set_expiration(key, (uint32_t)NOW + 1000);
	zone.keys.records = ldns_rr_list_new();
	ldns_rr_list_push_rr(zone.keys.records, ldns_key2rr(key));
	ldns_key_set_keytag(key, ldns_calc_keytag(ldns_rr_list_rr(zone.keys.records, 0)));
	ldns_key_set_flags(key, LDNS_KEY_ZONE_KEY); /* or ldns would not sign with it */
	ldns_key_list_push_key(list, key);
	zone.keys.signatures = ldns_sign_public(zone.keys.records, list);
	ldns_key_list_free(list);
	trust_digest(LDNS_SHA256);
}

TEST(keys_that_are_revoked_or_no_zone_keys_prove_nothing)
{
	make_keys("example.test", LDNS_KEY_ZONE_KEY);
	assert_int_equal(judge_keys(NOW), DNSSEC_SECURE);
	make_keys("example.test", LDNS_KEY_ZONE_KEY | LDNS_KEY_REVOKE_KEY);
	assert_int_equal(judge_keys(NOW), DNSSEC_BOGUS);
	make_keys("example.test", LDNS_KEY_SEP_KEY);
	assert_int_equal(judge_keys(NOW), DNSSEC_BOGUS);
}

/* Signatures of the keys like the true one, but said to be by the key `tag', before the true one.
 */
static void precede(size_t count, uint16_t tag)
{
	ldns_rr *real = ldns_rr_list_pop_rr(zone.keys.signatures);

	for (size_t i = 0; i < count; i++) {
		ldns_rr *other = ldns_rr_clone(real);
		uint8_t *data = ldns_rdf_data(ldns_rr_rrsig_sig(other));

		data[0] ^= (uint8_t)(i + 1);
		ldns_rr_rrsig_set_keytag(other, ldns_native2rdf_int16(LDNS_RDF_TYPE_INT16, tag));
		ldns_rr_list_push_rr(zone.keys.signatures, other);
	}
	ldns_rr_list_push_rr(zone.keys.signatures, real);
}

static uint16_t tag_of_key(void)
{
	return ldns_calc_keytag(ldns_rr_list_rr(zone.keys.records, 0));
}

TEST(signatures_of_other_keys_may_come_before_the_right_one)
{
	open_trusted("example.test");
	precede(40, (uint16_t)(tag_of_key() + 1));
	assert_int_equal(judge_keys(NOW), DNSSEC_SECURE);
}

TEST(not_every_signature_that_claims_the_right_key_is_tried)
{
	open_trusted("example.test");
	precede(7, tag_of_key());
	assert_int_equal(judge_keys(NOW), DNSSEC_SECURE);
	precede(1, tag_of_key());
	assert_int_equal(judge_keys(NOW), DNSSEC_BOGUS);
}

/* ---- RRsets ---- */

TEST(what_is_signed_by_the_keys_is_recognised)
{
	open_zone("example.test");
	assert_true(is_signed("example.test", LDNS_RR_TYPE_SOA, false, NOW));
	assert_true(is_signed("EXAMPLE.test", LDNS_RR_TYPE_NS, false, NOW));
	assert_true(is_signed("www.example.test", LDNS_RR_TYPE_A, false, NOW));
	assert_false(is_signed("none.example.test", LDNS_RR_TYPE_A, false, NOW));
	assert_false(is_signed("test", LDNS_RR_TYPE_SOA, false, NOW));
	assert_false(is_signed("a.b.test", LDNS_RR_TYPE_SOA, false, NOW));
}

TEST(a_changed_record_is_not_signed)
{
	open_zone("example.test");
	take(&zone.set, "www.example.test", LDNS_RR_TYPE_A);
	ldns_rr_free(ldns_rr_list_pop_rr(zone.set.records));
	assert_false(dnssec_is_signed(&zone.set, zone.name, zone.keys.records, false, NOW));
}

TEST(a_signature_is_good_for_its_time)
{
	open_zone("expired.test");
	assert_false(is_signed("expired.test", LDNS_RR_TYPE_SOA, false, NOW));
	assert_true(is_signed("expired.test", LDNS_RR_TYPE_SOA, false, INT64_C(1600000000)));
}

TEST(a_wildcard_counts_where_it_may)
{
	open_zone("example.test");
	assert_true(is_signed("x.wild.example.test", LDNS_RR_TYPE_TXT, true, NOW));
	assert_false(is_signed("x.wild.example.test", LDNS_RR_TYPE_TXT, false, NOW));
	assert_true(is_signed("*.wild.example.test", LDNS_RR_TYPE_TXT, false, NOW));
}

/* ---- no DS records ---- */

static enum dnssec_denial deny_of(ldns_pkt *packet, const char *name)
{
	ldns_rdf *owner = ldns_dname_new_frm_str(name);
	enum dnssec_denial denial =
		dnssec_deny_delegation(packet, zone.name, zone.keys.records, owner, NOW);

	ldns_rdf_deep_free(owner);
	ldns_pkt_free(packet);
	return denial;
}

static enum dnssec_denial deny(const char *name)
{
	return deny_of(signed_zones_answer(name, LDNS_RR_TYPE_DS), name);
}

TEST(nsec_tells_cuts_from_names)
{
	open_zone("test");
	assert_int_equal(deny("plain.test"), DNSSEC_DENIAL_UNSIGNED);
	assert_int_equal(deny("www.test"), DNSSEC_DENIAL_NO_CUT);
	assert_int_equal(deny("b.test"), DNSSEC_DENIAL_NO_CUT);
	assert_int_equal(deny("none.test"), DNSSEC_DENIAL_NO_CUT);
	assert_int_equal(deny("zzz.test"), DNSSEC_DENIAL_NO_CUT);
}

TEST(nsec3_tells_cuts_from_names)
{
	open_zone("hidden");
	assert_int_equal(deny("plain.hidden"), DNSSEC_DENIAL_UNSIGNED);
	assert_int_equal(deny("ns.hidden"), DNSSEC_DENIAL_NO_CUT);
	assert_int_equal(deny("y.hidden"), DNSSEC_DENIAL_NO_CUT);
	assert_int_equal(deny("x.y.hidden"), DNSSEC_DENIAL_UNSIGNED);
	assert_int_equal(deny("none.hidden"), DNSSEC_DENIAL_NO_CUT);
	assert_int_equal(deny("none.y.hidden"), DNSSEC_DENIAL_NO_CUT);
}

TEST(opt_out_hides_what_is_not_signed)
{
	open_zone("optout");
	assert_int_equal(deny("plain.optout"), DNSSEC_DENIAL_UNSIGNED);
	assert_int_equal(deny("ns.optout"), DNSSEC_DENIAL_NO_CUT);
}

/* An NSEC or NSEC3 record of one name, presented as the answer for another. */
static enum dnssec_denial deny_by(const char *real, const char *name)
{
	return deny_of(signed_zones_answer(real, LDNS_RR_TYPE_DS), name);
}

TEST(what_does_not_cover_the_name_proves_nothing)
{
	open_zone("test");
	assert_int_equal(deny_by("www.test", "plain.test"), DNSSEC_DENIAL_NONE);
	assert_int_equal(deny_by("plain.test", "example.test"), DNSSEC_DENIAL_NONE);
}

TEST(the_record_of_a_cut_denies_nothing_below_it)
{
	open_zone("test");
	assert_int_equal(deny_by("plain.test", "below.plain.test"), DNSSEC_DENIAL_NONE);
	open_zone("hidden");
	assert_int_equal(deny_by("plain.hidden", "below.plain.hidden"), DNSSEC_DENIAL_NONE);
}

TEST(the_record_of_a_signed_delegation_does_not_deny_it)
{
	open_zone("test");
	assert_int_equal(deny_by("example.test", "example.test"), DNSSEC_DENIAL_NONE);
	open_zone("hidden");
	assert_int_equal(deny_by("plain.hidden", "signed.hidden"), DNSSEC_DENIAL_NONE);
}

TEST(proofs_of_another_zone_count_for_nothing)
{
	open_zone("hidden");
	assert_int_equal(deny_by("plain.test", "plain.hidden"), DNSSEC_DENIAL_NONE);
	open_zone("example.test");
	assert_int_equal(deny_by("plain.test", "plain.test"), DNSSEC_DENIAL_NONE);
}

static void strip(ldns_rr_list *list)
{
	size_t kept = 0;

	for (size_t i = 0; i < ldns_rr_list_rr_count(list); i++) {
		ldns_rr *record = ldns_rr_list_rr(list, i);

		if (ldns_rr_get_type(record) == LDNS_RR_TYPE_RRSIG)
			ldns_rr_free(record);
		else
			ldns_rr_list_set_rr(list, record, kept++);
	}
	ldns_rr_list_set_rr_count(list, kept);
}

TEST(a_proof_without_its_signature_counts_for_nothing)
{
	const char *const cases[] = { "test", "plain.test", "hidden", "plain.hidden" };

	for (size_t i = 0; i < COUNT(cases); i += 2) {
		ldns_pkt *packet = signed_zones_answer(cases[i + 1], LDNS_RR_TYPE_DS);

		open_zone(cases[i]);
		strip(ldns_pkt_authority(packet));
		assert_int_equal(deny_of(packet, cases[i + 1]), DNSSEC_DENIAL_NONE);
	}
}

TEST(an_empty_answer_proves_nothing)
{
	open_zone("test");
	assert_int_equal(deny_of(ldns_pkt_new(), "plain.test"), DNSSEC_DENIAL_NONE);
}

/* ---- time and digests ---- */

TEST(the_first_signature_to_expire_is_found)
{
	int64_t expiry = 0;

	take(&zone.set, "example.test", LDNS_RR_TYPE_SOA);
	assert_true(dns_rrset_expiry(&zone.set, NOW, &expiry));
	assert_int_equal(expiry, END);
	take(&zone.set, "expired.test", LDNS_RR_TYPE_SOA);
	assert_true(dns_rrset_expiry(&zone.set, NOW, &expiry));
	assert_int_equal(expiry, INT64_C(1704067200));
	take(&zone.set, "plain.test", LDNS_RR_TYPE_NS);
	assert_false(dns_rrset_expiry(&zone.set, NOW, &expiry));
}

TEST(a_verdict_holds_between_the_times_of_signatures)
{
	struct dns_span span = DNS_SPAN_ALL;

	take(&zone.set, "example.test", LDNS_RR_TYPE_SOA);
	dns_span_narrow(&span, &zone.set, NOW);
	assert_int_equal(span.from, BEFORE + 1);
	assert_int_equal(span.until, END + 1);
	take(&zone.set, "expired.test", LDNS_RR_TYPE_SOA);
	dns_span_narrow(&span, &zone.set, NOW);
	assert_int_equal(span.from, INT64_C(1704067201));
	assert_int_equal(span.until, END + 1);
}

static void digest_of(const char *const *texts, uint8_t digest[DNS_DIGEST_SIZE])
{
	struct ldns_struct_buffer *buffer = dns_digest_begin();
	ldns_rr_list *records = ldns_rr_list_new();

	for (; *texts; texts++) {
		ldns_rr *record;

		assert_int_equal(ldns_rr_new_frm_str(&record, *texts, 0, NULL, NULL),
				 LDNS_STATUS_OK);
		ldns_rr_list_push_rr(records, record);
	}
	dns_digest_add(buffer, records);
	dns_digest_end(buffer, digest);
	ldns_rr_list_deep_free(records);
}

static bool are_alike(const char *const *one, const char *const *other)
{
	uint8_t digests[2][DNS_DIGEST_SIZE];

	digest_of(one, digests[0]);
	digest_of(other, digests[1]);
	return memcmp(digests[0], digests[1], DNS_DIGEST_SIZE) == 0;
}

TEST(order_ttl_case_and_repetitions_make_no_difference)
{
	const char *const one[] = { "example.test. 60 NS a.example.test.",
				    "example.test. 60 NS b.example.test.", NULL };
	const char *const same[] = { "example.test. 60 NS B.example.test.",
				     "EXAMPLE.test. 3600 NS a.EXAMPLE.test.",
				     "example.test. 30 NS a.example.test.", NULL };
	const char *const more[] = { "example.test. 60 NS a.example.test.",
				     "example.test. 60 NS b.example.test.",
				     "example.test. 60 NS c.example.test.", NULL };
	const char *const none[] = { NULL };

	assert_true(are_alike(one, same));
	assert_false(are_alike(one, more));
	assert_false(are_alike(one, none));
	assert_true(are_alike(none, none));
}

TEST(the_case_of_text_makes_a_difference)
{
	const char *const one[] = { "example.test. 60 TXT \"a\"", NULL };
	const char *const other[] = { "example.test. 60 TXT \"A\"", NULL };

	assert_false(are_alike(one, other));
}

/* ldns reads records whose data ends before its time, as those of updates do. */
TEST(records_that_are_cut_short_are_left_out)
{
	const uint16_t types[] = { LDNS_RR_TYPE_SOA,  LDNS_RR_TYPE_RRSIG, LDNS_RR_TYPE_DNSKEY,
				   LDNS_RR_TYPE_DS,   LDNS_RR_TYPE_NSEC,  LDNS_RR_TYPE_NSEC3,
				   LDNS_RR_TYPE_CNAME };
	ldns_pkt *packet = ldns_pkt_new();

	open_trusted("test");
	for (size_t i = 0; i < COUNT(types); i++) {
		ldns_rr *record = ldns_rr_new();

		ldns_rr_set_owner(record, ldns_rdf_clone(zone.name));
		ldns_rr_set_type(record, types[i]);
		assert_false(dns_record_is_whole(record));
		ldns_rr_list_push_rr(ldns_pkt_answer(packet), record);
		ldns_rr_list_push_rr(ldns_pkt_authority(packet), ldns_rr_clone(record));
	}
	for (size_t i = 0; i < COUNT(types); i++) {
		dns_rrset_take(&zone.set, packet, DNS_SECTION_ANSWER, zone.name, types[i]);
		assert_true(dns_rrset_is_empty(&zone.set));
	}
	assert_int_equal(deny_of(packet, "plain.test"), DNSSEC_DENIAL_NONE);
}

#define TEST_OF(name) cmocka_unit_test_setup_teardown(name, signed_zones_open, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_OF(keys_are_secure_when_the_anchor_stands_for_one_of_them),
		TEST_OF(keys_without_their_signature_are_bogus),
		TEST_OF(no_keys_at_all_are_bogus),
		TEST_OF(keys_are_bogus_outside_the_time_of_their_signature),
		TEST_OF(anchors_of_unknown_algorithms_alone_are_insecure),
		TEST_OF(an_anchor_of_sha1_counts_only_alone),
		TEST_OF(keys_that_are_revoked_or_no_zone_keys_prove_nothing),
		TEST_OF(signatures_of_other_keys_may_come_before_the_right_one),
		TEST_OF(not_every_signature_that_claims_the_right_key_is_tried),
		TEST_OF(what_is_signed_by_the_keys_is_recognised),
		TEST_OF(a_changed_record_is_not_signed),
		TEST_OF(a_signature_is_good_for_its_time),
		TEST_OF(a_wildcard_counts_where_it_may),
		TEST_OF(nsec_tells_cuts_from_names),
		TEST_OF(nsec3_tells_cuts_from_names),
		TEST_OF(opt_out_hides_what_is_not_signed),
		TEST_OF(what_does_not_cover_the_name_proves_nothing),
		TEST_OF(the_record_of_a_cut_denies_nothing_below_it),
		TEST_OF(the_record_of_a_signed_delegation_does_not_deny_it),
		TEST_OF(proofs_of_another_zone_count_for_nothing),
		TEST_OF(a_proof_without_its_signature_counts_for_nothing),
		TEST_OF(an_empty_answer_proves_nothing),
		TEST_OF(the_first_signature_to_expire_is_found),
		TEST_OF(a_verdict_holds_between_the_times_of_signatures),
		TEST_OF(order_ttl_case_and_repetitions_make_no_difference),
		TEST_OF(the_case_of_text_makes_a_difference),
		TEST_OF(records_that_are_cut_short_are_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
