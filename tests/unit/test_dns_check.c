/* Tests the memory of a server's checks: rise and fall, and latencies over a window.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/dns/servers/check.h"

#include <string.h>

#include "lib/settings_dns.h"
#include "mib/ha-agentx-mib.h"
#include "tests/unit/check.h"

static struct settings_check settings;
static struct dns_check check;
static int64_t wall;

static int reset(void **state)
{
	(void)state;
	settings.rise = 2;
	settings.fall = 3;
	wall = 1000;
	dns_check_open(&check, 4);
	return 0;
}

static bool take(int32_t state, int32_t reason, uint32_t latency)
{
	struct dns_verdict verdict = {
		.state = state,
		.reason = reason,
		.rcode = reason == haDnsServerReason_timeout ? -1 : 0,
		.latency = latency,
	};

	wall += 1000;
	return dns_check_take(&check, &settings, &verdict, wall);
}

static bool take_good(void)
{
	return take(haDnsServerState_up, haDnsServerReason_none, 100);
}

static bool take_slow(void)
{
	return take(haDnsServerState_degraded, haDnsServerReason_slow, 900);
}

static bool take_bad(void)
{
	return take(haDnsServerState_down, haDnsServerReason_timeout, 0);
}

static void expect(int32_t state, int32_t reason)
{
	assert_int_equal(check.state, state);
	assert_int_equal(check.reason, reason);
}

#define EXPECT(state, reason) expect(haDnsServerState_##state, haDnsServerReason_##reason)

/* ---- rise and fall ---- */

TEST(nothing_is_known_before_the_first_check)
{
	EXPECT(unknown, unknown);
	assert_int_equal(check.last.rcode, -1);
	assert_int_equal(check.state_wall, 0);
	assert_int_equal(check.good_wall, 0);
	assert_int_equal(dns_check_latency(&check).max, 0);
}

TEST(the_first_check_decides_at_once)
{
	assert_true(take_bad());
	EXPECT(down, timeout);
	assert_int_equal(check.state_wall, 2000);
	assert_int_equal(check.good_wall, 0);
	dns_check_open(&check, 4);
	assert_true(take_slow());
	EXPECT(degraded, slow);
	assert_int_equal(check.good_wall, 3000);
	dns_check_open(&check, 4);
	assert_true(take_good());
	EXPECT(up, none);
}

TEST(bad_checks_in_a_row_make_it_down)
{
	take_good();
	assert_false(take_bad());
	assert_false(take_bad());
	EXPECT(up, none);
	assert_int_equal(check.failures, 2);
	assert_int_equal(check.last.state, haDnsServerState_down);
	assert_true(take_bad());
	EXPECT(down, timeout);
	assert_int_equal(check.failures, 3);
	assert_int_equal(check.state_wall, 5000);
	assert_int_equal(check.good_wall, 2000);
	assert_false(take_bad());
	assert_int_equal(check.state_wall, 5000);
}

TEST(a_good_check_between_starts_the_count_anew)
{
	take_good();
	take_bad();
	take_bad();
	assert_false(take_good());
	take_bad();
	assert_false(take_bad());
	EXPECT(up, none);
	assert_true(take_bad());
}

TEST(good_checks_in_a_row_bring_it_back)
{
	take_bad();
	assert_false(take_good());
	EXPECT(down, timeout);
	assert_int_equal(check.failures, 0);
	assert_false(take_bad());
	assert_false(take_good());
	assert_true(take_slow());
	EXPECT(degraded, slow);
	assert_int_equal(check.successes, 2);
}

TEST(degraded_and_up_do_not_wait)
{
	take_good();
	assert_true(take_slow());
	EXPECT(degraded, slow);
	assert_int_equal(check.state_wall, 3000);
	assert_false(take_slow());
	assert_true(take_good());
	EXPECT(up, none);
	take_slow();
	take_bad();
	take_bad();
	EXPECT(degraded, slow);
	assert_true(take_bad());
	EXPECT(down, timeout);
}

TEST(a_server_that_is_down_tells_the_newest_reason)
{
	take_bad();
	assert_true(take(haDnsServerState_down, haDnsServerReason_rcode, 100));
	EXPECT(down, rcode);
	assert_int_equal(check.state_wall, 2000);
}

TEST(one_check_is_enough_when_it_says_so)
{
	settings.rise = settings.fall = 1;
	take_good();
	assert_true(take_bad());
	assert_true(take_good());
	EXPECT(up, none);
}

/* ---- latencies ---- */

TEST(only_answers_have_a_latency)
{
	take_bad();
	assert_int_equal(check.filled, 0);
	take(haDnsServerState_down, haDnsServerReason_rcode, 7);
	assert_int_equal(dns_check_latency(&check).min, 7);
	take(haDnsServerState_up, haDnsServerReason_none, 0);
	assert_int_equal(dns_check_latency(&check).min, 0);
	assert_int_equal(check.filled, 2);
}

TEST(the_window_forgets_the_oldest)
{
	static const uint32_t latencies[] = { 1000, 50, 20, 30, 41 };
	struct dns_latency latency;

	for (size_t i = 0; i < COUNT(latencies); i++)
		take(haDnsServerState_up, haDnsServerReason_none, latencies[i]);
	latency = dns_check_latency(&check);
	assert_int_equal(latency.min, 20);
	assert_int_equal(latency.mean, 35);
	assert_int_equal(latency.max, 50);
	assert_int_equal(latency.p95, 50);
}

/* Nearest rank: of 64 the 61st, of 20 the 19th, of fewer the highest. */
TEST(five_of_a_hundred_are_above_p95)
{
	static const struct {
		uint32_t window, p95;
	} cases[] = { { 1, 1 }, { 19, 19 }, { 20, 19 }, { 21, 20 }, { 40, 38 }, { 64, 61 } };

	for (size_t i = 0; i < COUNT(cases); i++) {
		dns_check_open(&check, cases[i].window);
		for (uint32_t latency = cases[i].window; latency > 0; latency--)
			take(haDnsServerState_up, haDnsServerReason_none, latency);
		assert_int_equal(dns_check_latency(&check).p95, cases[i].p95);
	}
}

TEST(latencies_do_not_overflow)
{
	dns_check_open(&check, DNS_WINDOW_MAX);
	for (int i = 0; i < DNS_WINDOW_MAX + 1; i++)
		take(haDnsServerState_up, haDnsServerReason_none, UINT32_MAX);
	assert_int_equal(dns_check_latency(&check).mean, UINT32_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(nothing_is_known_before_the_first_check, reset),
		cmocka_unit_test_setup(the_first_check_decides_at_once, reset),
		cmocka_unit_test_setup(bad_checks_in_a_row_make_it_down, reset),
		cmocka_unit_test_setup(a_good_check_between_starts_the_count_anew, reset),
		cmocka_unit_test_setup(good_checks_in_a_row_bring_it_back, reset),
		cmocka_unit_test_setup(degraded_and_up_do_not_wait, reset),
		cmocka_unit_test_setup(a_server_that_is_down_tells_the_newest_reason, reset),
		cmocka_unit_test_setup(one_check_is_enough_when_it_says_so, reset),
		cmocka_unit_test_setup(only_answers_have_a_latency, reset),
		cmocka_unit_test_setup(the_window_forgets_the_oldest, reset),
		cmocka_unit_test_setup(five_of_a_hundred_are_above_p95, reset),
		cmocka_unit_test_setup(latencies_do_not_overflow, reset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
