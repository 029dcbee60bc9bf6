/* Tests the arithmetic of serial numbers, how a server that is behind comes of age, and agreement.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/dns/zones/serial.h"

#include <string.h>

#include "mib/ha-agentx-mib.h"
#include "subagent/sources/dns/zones/agreement.h"
#include "subagent/sources/dns/zones/standing.h"
#include "tests/unit/check.h"

#define TOLERANCE 60
#define HALF UINT32_C(0x80000000)

/* ---- RFC 1982 ---- */

TEST(a_lag_is_the_distance_to_the_newer_serial)
{
	assert_int_equal(serial_lag(7, 7), 0);
	assert_int_equal(serial_lag(10, 7), 3);
	assert_int_equal(serial_lag(7, 10), -3);
	assert_int_equal(serial_lag(2026010102, 2026010101), 1);
}

TEST(serials_wrap_around)
{
	assert_int_equal(serial_lag(0, UINT32_MAX), 1);
	assert_int_equal(serial_lag(UINT32_MAX, 0), -1);
	assert_int_equal(serial_lag(5, UINT32_MAX - 4), 10);
	assert_int_equal(serial_lag(HALF - 1, 0), INT32_MAX);
	assert_int_equal(serial_lag(0, HALF - 1), -INT32_MAX);
	assert_int_equal(serial_lag(HALF + 1, 0), -INT32_MAX);
}

TEST(two_serials_without_an_order_are_each_newer_than_the_other)
{
	assert_int_equal(serial_lag(HALF, 0), INT32_MAX);
	assert_int_equal(serial_lag(0, HALF), INT32_MAX);
	assert_int_equal(serial_lag(HALF + 5, 5), INT32_MAX);
}

TEST(times_of_signatures_are_those_near_now)
{
	const int64_t now = INT64_C(1700000000), era = INT64_C(1) << 32;

	assert_int_equal(serial_time(1700000000, now), now);
	assert_int_equal(serial_time(1700000060, now), now + 60);
	assert_int_equal(serial_time(1600000000, now), 1600000000);
	assert_int_equal(serial_time(100, now + era / 2), era + 100);
	assert_int_equal(serial_time(UINT32_MAX, era + 5), era - 1);
}

/* ---- standing ---- */

static struct standing standing;

static void judge(uint32_t own, uint32_t reference, int64_t now)
{
	standing_judge(&standing, own, reference, TOLERANCE, now);
}

static int forget(void **state)
{
	(void)state;
	memset(&standing, 0, sizeof(standing));
	return 0;
}

TEST(an_equal_serial_is_in_sync)
{
	judge(7, 7, 1000);
	assert_int_equal(standing.state, haDnsZoneState_inSync);
	assert_int_equal(standing.lag, 0);
	assert_int_equal(standing_time(&standing, 50000), 0);
	assert_int_equal(standing_due(&standing, TOLERANCE), 0);
}

TEST(an_older_serial_lags_and_is_late_at_its_moment)
{
	judge(7, 9, 1000);
	assert_int_equal(standing.state, haDnsZoneState_lagging);
	assert_int_equal(standing.lag, 2);
	assert_int_equal(standing_due(&standing, TOLERANCE), 61000);
	standing_age(&standing, TOLERANCE, 60999);
	assert_int_equal(standing.state, haDnsZoneState_lagging);
	standing_age(&standing, TOLERANCE, 61000);
	assert_int_equal(standing.state, haDnsZoneState_late);
	assert_int_equal(standing_time(&standing, 62500), 61);
	assert_int_equal(standing_due(&standing, TOLERANCE), 0);
}

TEST(a_server_that_has_been_late_stays_so_until_it_has_the_serial)
{
	judge(7, 9, 1000);
	judge(7, 9, 61000);
	assert_int_equal(standing.state, haDnsZoneState_late);
	judge(7, 11, 90000);
	assert_int_equal(standing.state, haDnsZoneState_late);
	judge(11, 11, 91000);
	assert_int_equal(standing.state, haDnsZoneState_inSync);
	judge(11, 12, 100000);
	assert_int_equal(standing.state, haDnsZoneState_lagging);
	assert_int_equal(standing_time(&standing, 101000), 1);
}

TEST(a_server_that_follows_a_busy_primary_is_never_late)
{
	for (uint32_t i = 0; i < 20; i++) {
		judge(100 + i, 101 + i, 1000 + INT64_C(30000) * i);
		assert_int_equal(standing.state, haDnsZoneState_lagging);
	}
}

TEST(without_tolerance_a_lag_is_late_at_once)
{
	standing_judge(&standing, 7, 8, 0, 1000);
	assert_int_equal(standing.state, haDnsZoneState_late);
}

TEST(a_newer_serial_is_ahead_for_as_long_as_it_is)
{
	judge(9, 7, 1000);
	assert_int_equal(standing.state, haDnsZoneState_ahead);
	assert_int_equal(standing.lag, -2);
	judge(9, 7, 500000);
	assert_int_equal(standing.state, haDnsZoneState_ahead);
	assert_int_equal(standing_time(&standing, 500000), 499);
	judge(9, 10, 501000);
	assert_int_equal(standing.state, haDnsZoneState_lagging);
	assert_int_equal(standing_time(&standing, 501000), 0);
}

TEST(serials_without_an_order_lag)
{
	judge(0, HALF, 1000);
	assert_int_equal(standing.state, haDnsZoneState_lagging);
	assert_int_equal(standing.lag, INT32_MAX);
}

TEST(silence_does_not_stop_the_time)
{
	judge(7, 9, 1000);
	standing_lose(&standing);
	assert_int_equal(standing.state, haDnsZoneState_unavailable);
	standing_age(&standing, TOLERANCE, 90000);
	assert_int_equal(standing.state, haDnsZoneState_unavailable);
	judge(7, 9, 90000);
	assert_int_equal(standing.state, haDnsZoneState_late);
	assert_int_equal(standing_time(&standing, 90000), 89);
}

/* ---- agreement ---- */

/* One letter for each server: what it says; `-' is not known. */
static int32_t judge_agreement(const char *said, size_t which, size_t reference)
{
	struct opinion opinions[8];
	size_t count = strlen(said);

	memset(opinions, 0, sizeof(opinions));
	for (size_t i = 0; i < count; i++) {
		opinions[i].known = said[i] != '-';
		opinions[i].digest[DNS_DIGEST_SIZE - 1] = (uint8_t)said[i];
	}
	return agreement_judge(opinions, count, which, reference);
}

TEST(the_reference_is_right)
{
	assert_int_equal(judge_agreement("abb", 0, 0), haDnsZoneAgreement_agrees);
	assert_int_equal(judge_agreement("abb", 1, 0), haDnsZoneAgreement_differs);
	assert_int_equal(judge_agreement("abb", 2, 0), haDnsZoneAgreement_differs);
	assert_int_equal(judge_agreement("aa", 1, 0), haDnsZoneAgreement_agrees);
}

TEST(without_a_reference_most_are_right)
{
	assert_int_equal(judge_agreement("abb", 0, 3), haDnsZoneAgreement_differs);
	assert_int_equal(judge_agreement("abb", 1, 3), haDnsZoneAgreement_agrees);
	assert_int_equal(judge_agreement("-bba", 2, 0), haDnsZoneAgreement_agrees);
	assert_int_equal(judge_agreement("-bba", 3, 0), haDnsZoneAgreement_differs);
	assert_int_equal(judge_agreement("aabbc", 4, 5), haDnsZoneAgreement_differs);
}

TEST(a_tie_makes_all_differ)
{
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(judge_agreement("ab", i, 2), haDnsZoneAgreement_differs);
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(judge_agreement("aabb", i, 4), haDnsZoneAgreement_differs);
}

TEST(nobody_to_compare_with_is_unknown)
{
	assert_int_equal(judge_agreement("a-", 0, 0), haDnsZoneAgreement_unknown);
	assert_int_equal(judge_agreement("a-", 1, 0), haDnsZoneAgreement_unknown);
	assert_int_equal(judge_agreement("--", 0, 2), haDnsZoneAgreement_unknown);
	assert_int_equal(judge_agreement("aa-", 2, 3), haDnsZoneAgreement_unknown);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_lag_is_the_distance_to_the_newer_serial),
		cmocka_unit_test(serials_wrap_around),
		cmocka_unit_test(two_serials_without_an_order_are_each_newer_than_the_other),
		cmocka_unit_test(times_of_signatures_are_those_near_now),
		cmocka_unit_test_setup(an_equal_serial_is_in_sync, forget),
		cmocka_unit_test_setup(an_older_serial_lags_and_is_late_at_its_moment, forget),
		cmocka_unit_test_setup(a_server_that_has_been_late_stays_so_until_it_has_the_serial,
				       forget),
		cmocka_unit_test_setup(a_server_that_follows_a_busy_primary_is_never_late, forget),
		cmocka_unit_test_setup(without_tolerance_a_lag_is_late_at_once, forget),
		cmocka_unit_test_setup(a_newer_serial_is_ahead_for_as_long_as_it_is, forget),
		cmocka_unit_test_setup(serials_without_an_order_lag, forget),
		cmocka_unit_test_setup(silence_does_not_stop_the_time, forget),
		cmocka_unit_test(the_reference_is_right),
		cmocka_unit_test(without_a_reference_most_are_right),
		cmocka_unit_test(a_tie_makes_all_differ),
		cmocka_unit_test(nobody_to_compare_with_is_unknown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
