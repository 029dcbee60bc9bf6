/* Tests what a lookup costs. That the C library takes as long is seen in test-lookup.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/dns/resolver/lookup.h"

#include <string.h>

#include "tests/unit/check.h"

static struct resolv_conf conf;
static struct lookup_server servers[RESOLV_USED_MAX];
static struct lookup_cost cost;

/* A letter for each server: a answers after 2 ms, s silent, r refuses after 1 ms, u unknown, b
 * breaks the lookup; l answers after 1300 ms. */
static void arrange(const char *text, const char *letters)
{
	static const struct lookup_server kinds[] = {
		['a'] = { LOOKUP_ANSWERS, 2000 },    ['s'] = { LOOKUP_SILENT, 0 },
		['r'] = { LOOKUP_REFUSES, 1000 },    ['u'] = { LOOKUP_UNKNOWN, 0 },
		['l'] = { LOOKUP_ANSWERS, 1300000 }, ['b'] = { LOOKUP_BREAKS, 0 },
	};

	resolv_conf_parse(&conf, text, strlen(text));
	conf.servers_count = (uint32_t)strlen(letters);
	for (size_t i = 0; i < resolv_conf_used(&conf); i++)
		servers[i] = kinds[(unsigned char)letters[i]];
}

static void expect(const char *options, const char *letters, uint32_t expected, uint32_t worst,
		   bool fails)
{
	arrange(options, letters);
	lookup_judge(&conf, servers, &cost);
	assert_int_equal(cost.expected, expected);
	assert_int_equal(cost.worst, worst);
	assert_int_equal(cost.fails, fails);
}

TEST(a_server_that_answers_costs_its_latency)
{
	expect("", "a", 2, 2, false);
	expect("", "aas", 2, 2, false);
	expect("", "u", 0, 0, false);
}

TEST(parts_of_a_millisecond_count_as_one)
{
	arrange("", "a");
	servers[0].latency = 1;
	lookup_judge(&conf, servers, &cost);
	assert_int_equal(cost.expected, 1);
	assert_int_equal(cost.per_hour, 3600000);
}

TEST(a_silent_server_costs_its_time_out)
{
	expect("", "sa", 5002, 5002, false);
	expect("options timeout:2", "sa", 2002, 2002, false);
	expect("options timeout:0", "sa", 1002, 1002, false);
	expect("", "as", 2, 2, false);
}

TEST(the_later_servers_of_a_list_have_other_time_outs)
{
	arrange("", "aaa");
	assert_int_equal(lookup_patience(&conf, 0), 5000000);
	assert_int_equal(lookup_patience(&conf, 1), 3000000);
	assert_int_equal(lookup_patience(&conf, 2), 6000000);
	arrange("", "aa");
	assert_int_equal(lookup_patience(&conf, 1), 5000000);
	arrange("options timeout:1", "aaa");
	assert_int_equal(lookup_patience(&conf, 1), 1000000);
	assert_int_equal(lookup_patience(&conf, 2), 1000000);
	arrange("options timeout:30", "aaaaa");
	assert_int_equal(lookup_patience(&conf, 2), 40000000);
}

TEST(two_silent_servers_cost_both_time_outs)
{
	expect("", "ssa", 8002, 8002, false);
	expect("", "sra", 5003, 5003, false);
}

TEST(who_refuses_costs_no_more_than_its_latency)
{
	expect("", "ra", 3, 3, false);
	expect("", "rra", 4, 4, false);
}

TEST(a_host_that_is_reported_dead_late_costs_its_time_out_at_most)
{
	arrange("options timeout:2", "ra");
	servers[0].latency = 1500000;
	lookup_judge(&conf, servers, &cost);
	assert_int_equal(cost.expected, 1502);
	servers[0].latency = 3000000;
	lookup_judge(&conf, servers, &cost);
	assert_int_equal(cost.expected, 2002);
}

TEST(all_rounds_are_gone_through_when_nobody_answers)
{
	expect("", "s", 10000, 10000, true);
	expect("options timeout:1 attempts:3", "ss", 6000, 6000, true);
	expect("", "sss", 28000, 28000, true);
	expect("", "rr", 4, 4, true);
	expect("options attempts:0", "a", 0, 0, true);
	expect("options timeout:30 attempts:5", "sss", 450000, 450000, true);
}

TEST(an_answer_that_is_late_is_taken_in_the_next_round)
{
	expect("options timeout:1", "l", 1300, 1300, false);
	expect("options timeout:1", "la", 1002, 1002, false);
	expect("options timeout:1", "ls", 2000, 2000, false);
	expect("options timeout:1 attempts:1", "l", 1000, 1000, true);
}

TEST(an_error_of_another_takes_the_late_answer_away)
{
	expect("options timeout:1", "lr", 2002, 2002, true);
	expect("options timeout:1 attempts:4", "lr", 4004, 4004, true);
}

TEST(a_server_without_a_socket_ends_the_lookup)
{
	expect("", "ba", 0, 0, true);
	expect("options timeout:1", "sba", 1000, 1000, true);
	expect("", "rba", 1, 1, true);
	expect("", "ab", 2, 2, false);
	expect("options rotate", "ab", 1, 2, true);
}

TEST(rotation_is_told_by_mean_and_worst)
{
	expect("options rotate", "sa", 2502, 5002, false);
	expect("options rotate timeout:3", "sas", 3336, 7002, false);
	expect("options rotate", "s", 10000, 10000, true);
	expect("options rotate", "aaa", 2, 2, false);
	expect("options rotate", "ss", 20000, 20000, true);
}

TEST(a_fourth_server_is_never_asked)
{
	expect("", "aaas", 2, 2, false);
	expect("options timeout:3", "sssa", 18000, 18000, true);
}

TEST(an_hour_has_room_for_so_many)
{
	expect("", "sa", 5002, 5002, false);
	assert_int_equal(cost.per_hour, 719);
	expect("", "a", 2, 2, false);
	assert_int_equal(cost.per_hour, 1800000);
	expect("", "u", 0, 0, false);
	assert_int_equal(cost.per_hour, 3600000);
}

TEST(without_servers_nothing_is_told)
{
	expect("", "", 0, 0, false);
	expect("options rotate", "", 0, 0, false);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_server_that_answers_costs_its_latency),
		cmocka_unit_test(parts_of_a_millisecond_count_as_one),
		cmocka_unit_test(a_silent_server_costs_its_time_out),
		cmocka_unit_test(the_later_servers_of_a_list_have_other_time_outs),
		cmocka_unit_test(two_silent_servers_cost_both_time_outs),
		cmocka_unit_test(who_refuses_costs_no_more_than_its_latency),
		cmocka_unit_test(a_host_that_is_reported_dead_late_costs_its_time_out_at_most),
		cmocka_unit_test(all_rounds_are_gone_through_when_nobody_answers),
		cmocka_unit_test(an_answer_that_is_late_is_taken_in_the_next_round),
		cmocka_unit_test(an_error_of_another_takes_the_late_answer_away),
		cmocka_unit_test(a_server_without_a_socket_ends_the_lookup),
		cmocka_unit_test(rotation_is_told_by_mean_and_worst),
		cmocka_unit_test(a_fourth_server_is_never_asked),
		cmocka_unit_test(an_hour_has_room_for_so_many),
		cmocka_unit_test(without_servers_nothing_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
