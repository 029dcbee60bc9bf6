/* Tests what makes a good answer, on recorded ones.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/dns/servers/policy.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lib/settings_dns.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/sources/dns/engine/engine.h"
#include "subagent/sources/dns/engine/tally.h"
#include "subagent/sources/dns/message/answer.h"
#include "subagent/sources/dns/message/question.h"
#include "tests/unit/check.h"
#include "tests/unit/recorded.h"

static const char *const none[] = { NULL };

/* The last few lists that were made; each ends with NULL. */
static const char *lists[4][8];
static size_t lists_made;

static const char *const *list_of(const char *const *texts)
{
	const char **list = lists[lists_made++ % COUNT(lists)];
	size_t count = 0;

	for (; texts[count]; count++)
		list[count] = texts[count];
	list[count] = NULL;
	return list;
}

#define LIST(...) list_of((const char *const[]){ __VA_ARGS__, NULL })

/* A check like any other, and what has become of it. */
static struct settings_check check;
static struct dns_tally tally;
static struct dns_verdict verdict;
static char error[256];

static int reset(void **state)
{
	static const struct settings_check plain = {
		.query = "www.example.test",
		.type = "A",
		.class = "IN",
		.rcodes = none,
		.answers = none,
	};

	(void)state;
	check = plain;
	memset(&tally, 0, sizeof(tally));
	memset(error, 0, sizeof(error));
	return 0;
}

static void judge_outcome(const struct dns_outcome *outcome)
{
	struct dns_policy *policy = dns_policy_make(&check, error, sizeof(error));

	if (!policy)
		fail_msg("%s", error);
	dns_policy_judge(policy, outcome, &tally, &verdict);
	dns_policy_free(policy);
}

/* The reason that the judgement of a recorded answer gives. */
static int32_t judge(const char *name)
{
	struct recorded message = recorded_read(name);
	struct dns_answer answer;
	struct dns_outcome outcome = {
		.reason = haDnsServerReason_none,
		.latency = 1500,
		.answer = &answer,
	};

	assert_true(dns_answer_read(&answer, message.octets, message.length));
	judge_outcome(&outcome);
	dns_answer_free(&answer);
	recorded_free(&message);
	return verdict.reason;
}

static void expect_refused(const char *text)
{
	struct dns_policy *policy = dns_policy_make(&check, error, sizeof(error));

	assert_null(policy);
	assert_string_equal(error, text);
}

/* ---- what cannot be asked ---- */

TEST(a_name_that_is_none_is_refused)
{
	check.query = "www..test";
	expect_refused("query \"www..test\" is not a DNS name");
	check.query = "";
	expect_refused("query \"\" is not a DNS name");
}

TEST(a_type_that_is_none_is_refused)
{
	check.type = "AAAAA";
	expect_refused("type \"AAAAA\" is not a DNS type");
	check.type = "AXFR";
	expect_refused("type \"AXFR\" cannot be asked by a check");
	check.type = "TYPE41";
	expect_refused("type \"TYPE41\" cannot be asked by a check");
}

TEST(a_class_that_is_none_is_refused)
{
	check.class = "INTERNET";
	expect_refused("class \"INTERNET\" is not a DNS class");
}

TEST(an_rcode_that_is_none_is_refused)
{
	check.rcodes = LIST("NOERROR", "FINE");
	expect_refused("rcode \"FINE\" is not a DNS return code");
}

TEST(an_answer_that_is_none_of_its_type_is_refused)
{
	static const char *const wrong[] = { "192.0.2",     "192.0.2.1 x",          "::1", "", " ",
					     "\"192.0.2.1", "192.0.2.1\n192.0.2.2", "x" };
	char text[256];

	for (size_t i = 0; i < COUNT(wrong); i++) {
		check.answers = LIST("192.0.2.1", wrong[i]);
		snprintf(text, sizeof(text), "answer \"%s\" is not the data of a record of type A",
			 wrong[i]);
		expect_refused(text);
	}
	check.type = "ANY";
	check.answers = LIST("192.0.2.1");
	expect_refused("answer \"192.0.2.1\" is not the data of a record of type ANY");
}

TEST(a_pattern_that_is_none_is_refused)
{
	check.pattern = "(";
	expect_refused("pattern \"(\": Unmatched ( or \\(");
}

TEST(the_question_is_as_the_check_says)
{
	struct dns_policy *policy;

	check.type = "TYPE65280";
	check.class = "ch";
	check.recursion = true;
	check.edns_size = 1232;
	policy = dns_policy_make(&check, error, sizeof(error));
	assert_ptr_equal(dns_policy_check(policy), &check);
	assert_int_equal(dns_policy_type(policy), 65280);
	assert_int_equal(dns_policy_class(policy), 3);
	assert_int_equal(dns_policy_question(policy)->end, 12 + 18 + 4);
	assert_int_equal(dns_policy_question(policy)->octets[2], 1);
	assert_int_equal(dns_policy_question(policy)->octets[3], 0);
	dns_policy_free(policy);
	check.ad = true;
	policy = dns_policy_make(&check, error, sizeof(error));
	assert_int_equal(dns_policy_question(policy)->octets[3], 0x20);
	dns_policy_free(policy);
	dns_policy_free(NULL);
}

/* ---- rcodes and flags ---- */

TEST(noerror_is_good_and_nothing_else)
{
	assert_int_equal(judge("nsd-www"), haDnsServerReason_none);
	assert_int_equal(verdict.state, haDnsServerState_up);
	assert_int_equal(judge("nsd-nodata"), haDnsServerReason_none);
	assert_int_equal(tally.answers, 2);
	assert_int_equal(judge("nsd-nxdomain"), haDnsServerReason_rcode);
	assert_int_equal(verdict.state, haDnsServerState_down);
	assert_int_equal(verdict.rcode, 3);
	assert_int_equal(judge("nsd-refused"), haDnsServerReason_rcode);
	assert_int_equal(judge("bind9-servfail"), haDnsServerReason_rcode);
	assert_int_equal(judge("nsd-badvers"), haDnsServerReason_rcode);
	assert_int_equal(tally.bad_rcodes, 4);
	assert_int_equal(tally.refused, 1);
	assert_int_equal(tally.server_failures, 1);
	assert_int_equal(tally.answers, 2);
	assert_int_equal(tally.wrong_answers, 0);
}

TEST(other_rcodes_may_be_accepted)
{
	check.rcodes = LIST("NXDOMAIN", "16");
	assert_int_equal(judge("nsd-nxdomain"), haDnsServerReason_none);
	assert_int_equal(judge("nsd-badvers"), haDnsServerReason_none);
	assert_int_equal(judge("nsd-www"), haDnsServerReason_rcode);
}

TEST(records_are_expected_of_noerror_only)
{
	check.rcodes = LIST("NOERROR", "NXDOMAIN");
	check.answers = LIST("192.0.2.80", "192.0.2.81");
	check.pattern = "^192";
	assert_int_equal(judge("nsd-nxdomain"), haDnsServerReason_none);
	assert_int_equal(judge("nsd-www"), haDnsServerReason_none);
	assert_int_equal(judge("nsd-nodata"), haDnsServerReason_wrongAnswer);
}

TEST(flags_may_be_wanted)
{
	check.aa = true;
	assert_int_equal(judge("nsd-www"), haDnsServerReason_none);
	assert_int_equal(judge("unbound-www"), haDnsServerReason_notAuthoritative);
	check.aa = false;
	check.ra = true;
	assert_int_equal(judge("unbound-www"), haDnsServerReason_none);
	assert_int_equal(judge("nsd-www"), haDnsServerReason_noRecursion);
	check.ad = true;
	assert_int_equal(judge("unbound-www"), haDnsServerReason_notAuthenticated);
	assert_int_equal(judge("unbound-authentic"), haDnsServerReason_none);
	assert_int_equal(tally.answers, 3);
	assert_int_equal(tally.wrong_answers, 3);
}

TEST(the_rcode_goes_before_flags_and_flags_before_records)
{
	check.aa = true;
	check.answers = LIST("192.0.2.1");
	assert_int_equal(judge("unbound-nxdomain"), haDnsServerReason_rcode);
	assert_int_equal(judge("unbound-www"), haDnsServerReason_notAuthoritative);
	assert_int_equal(judge("nsd-www"), haDnsServerReason_wrongAnswer);
}

/* ---- records ---- */

TEST(the_answer_is_all_that_is_expected_and_no_more)
{
	check.answers = LIST("192.0.2.81", "192.0.2.80");
	assert_int_equal(judge("nsd-www"), haDnsServerReason_none);
	assert_int_equal(judge("knot-www"), haDnsServerReason_none);
	assert_int_equal(judge("nsd-www-dnssec"), haDnsServerReason_none);
	check.answers = LIST("192.0.2.81", "192.0.2.80", "192.0.2.80");
	assert_int_equal(judge("nsd-www"), haDnsServerReason_none);
	check.answers = LIST("192.0.2.80");
	assert_int_equal(judge("nsd-www"), haDnsServerReason_wrongAnswer);
	check.answers = LIST("192.0.2.80", "192.0.2.81", "192.0.2.82");
	assert_int_equal(judge("nsd-www"), haDnsServerReason_wrongAnswer);
	assert_int_equal(tally.wrong_answers, 2);
	assert_int_equal(tally.answers, 4);
}

TEST(aliases_are_followed)
{
	check.query = "alias.example.test";
	check.answers = LIST("192.0.2.81", "192.0.2.80");
	assert_int_equal(judge("knot-alias"), haDnsServerReason_none);
	assert_int_equal(judge("unbound-alias"), haDnsServerReason_none);
	check.type = "CNAME";
	check.answers = LIST("next.example.test");
	assert_int_equal(judge("knot-alias"), haDnsServerReason_none);
}

TEST(records_of_other_names_do_not_count)
{
	check.query = "mail.example.test";
	check.answers = LIST("192.0.2.81", "192.0.2.80");
	assert_int_equal(judge("knot-www"), haDnsServerReason_wrongAnswer);
	check.query = "next.EXAMPLE.test.";
	assert_int_equal(judge("knot-alias"), haDnsServerReason_none);
}

TEST(names_are_equal_in_any_case)
{
	check.query = "example.test";
	check.type = "MX";
	check.answers = LIST("20 mail2.example.test.", "10 MAIL.Example.Test");
	assert_int_equal(judge("nsd-mx"), haDnsServerReason_none);
	assert_int_equal(judge("bind9-mx"), haDnsServerReason_none);
	check.answers = LIST("20 mail2.example.test.", "11 mail.example.test");
	assert_int_equal(judge("nsd-mx"), haDnsServerReason_wrongAnswer);
}

TEST(every_type_can_be_expected)
{
	static const struct {
		const char *message, *query, *type, *class, *data;
	} cases[] = {
		{ "nsd-soa", "example.test", "SOA", "IN",
		  "ns1.example.test. hostmaster.example.test. 2026112201 7200 3600 1209600 300" },
		{ "nsd-txt", "example.test", "TXT", "IN", "\"v=spf1 mx -all\" \"second string\"" },
		{ "nsd-https", "svc.example.test", "HTTPS", "IN",
		  "1 . alpn=\"h2,h3\" ipv4hint=192.0.2.80" },
		{ "nsd-srv", "_sip._udp.example.test", "SRV", "IN",
		  "10 60 5060 mail.example.test" },
		{ "nsd-tlsa", "_443._tcp.www.example.test", "TLSA", "IN",
		  "3 1 1 0123456789ABCDEF0123456789abcdef 0123456789abcdef0123456789abcdef" },
		{ "nsd-loc", "place.example.test", "LOC", "IN",
		  "52 22 23.000 N 4 53 32.000 E -2.00m 0.00m 10000m 10m" },
		{ "nsd-odd", "odd.example.test", "TYPE65280", "IN", "\\# 4 0a000001" },
		{ "nsd-naptr", "naptr.example.test", "NAPTR", "IN",
		  "100 10 \"u\" \"E2U+sip\" \"!^.*$!sip:info@example.test!\" ." },
		{ "nsd-caa", "example.test", "CAA", "IN", "0 issue \"ca.example.net\"" },
		{ "bind9-chaos", "version.bind", "TXT", "CH", "\"9.18.49-1~deb12u3-Debian\"" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		check.query = cases[i].query;
		check.type = cases[i].type;
		check.class = cases[i].class;
		check.answers = LIST(cases[i].data);
		if (judge(cases[i].message) != haDnsServerReason_none)
			fail_msg("%s %s", cases[i].type, cases[i].data);
	}
}

TEST(one_record_matches_the_pattern)
{
	check.pattern = "\\.81$";
	assert_int_equal(judge("nsd-www"), haDnsServerReason_none);
	check.pattern = "^192\\.0\\.2\\.[0-9]$";
	assert_int_equal(judge("nsd-www"), haDnsServerReason_wrongAnswer);
	check.pattern = ".";
	assert_int_equal(judge("nsd-nodata"), haDnsServerReason_wrongAnswer);
	check.query = "example.test";
	check.type = "SOA";
	check.pattern = "^ns1\\.example\\.test\\. .* 20261122[0-9]+ ";
	assert_int_equal(judge("nsd-soa"), haDnsServerReason_none);
	check.type = "ANY";
	check.pattern = "^NS 13 2 3600 ";
	assert_int_equal(judge("knot-any-tcp"), haDnsServerReason_none);
	check.pattern = "^A 13 3 3600 ";
	assert_int_equal(judge("knot-any-tcp"), haDnsServerReason_wrongAnswer);
}

TEST(data_may_become_a_long_text)
{
	check.type = "HTTPS";
	check.pattern = "^1 \\. mandatory=(no-default-alpn,){59}no-default-alpn$";
	assert_int_equal(judge("made-https"), haDnsServerReason_none);
}

/* ---- latency and what else is shown ---- */

TEST(a_slow_server_is_degraded_and_then_down)
{
	check.latency_warn = 1500;
	check.latency_limit = 3000;
	assert_int_equal(judge("nsd-www"), haDnsServerReason_none);
	check.latency_warn = 1499;
	assert_int_equal(judge("nsd-www"), haDnsServerReason_slow);
	assert_int_equal(verdict.state, haDnsServerState_degraded);
	check.latency_limit = 1499;
	assert_int_equal(judge("nsd-www"), haDnsServerReason_slow);
	assert_int_equal(verdict.state, haDnsServerState_down);
	assert_int_equal(tally.answers, 3);
	assert_int_equal(judge("nsd-nxdomain"), haDnsServerReason_rcode);
}

TEST(the_verdict_shows_the_answer)
{
	judge("knot-www");
	assert_int_equal(verdict.rcode, 0);
	assert_int_equal(verdict.flags, 1U << haDnsServerFlags_aa);
	assert_int_equal(verdict.latency, 1500);
	assert_int_equal(verdict.edns_size, 1232);
	assert_string_equal(verdict.nsid, "00ff10");
	judge("nsd-refused");
	assert_int_equal(verdict.rcode, 5);
	assert_int_equal(verdict.latency, 1500);
}

TEST(without_an_answer_the_reason_is_the_outcome)
{
	struct dns_outcome outcome = {
		.reason = haDnsServerReason_unreachable,
		.error = ENETUNREACH,
		.latency = 7,
	};

	judge_outcome(&outcome);
	assert_int_equal(verdict.state, haDnsServerState_down);
	assert_int_equal(verdict.reason, haDnsServerReason_unreachable);
	assert_int_equal(verdict.error, ENETUNREACH);
	assert_int_equal(verdict.rcode, -1);
	assert_int_equal(verdict.latency, 0);
	assert_string_equal(verdict.nsid, "");
	assert_int_equal(tally.answers + tally.bad_rcodes + tally.wrong_answers, 0);
}

TEST(down_is_worse_than_degraded_than_up_than_fast)
{
	struct dns_verdict fast = { .state = haDnsServerState_up, .latency = 1 };
	struct dns_verdict up = { .state = haDnsServerState_up, .latency = 9 };
	struct dns_verdict degraded = { .state = haDnsServerState_degraded };
	struct dns_verdict down = { .state = haDnsServerState_down };

	assert_true(dns_verdict_worse(&down, &degraded));
	assert_true(dns_verdict_worse(&degraded, &up));
	assert_true(dns_verdict_worse(&up, &fast));
	assert_false(dns_verdict_worse(&degraded, &down));
	assert_false(dns_verdict_worse(&up, &degraded));
	assert_false(dns_verdict_worse(&fast, &up));
	assert_false(dns_verdict_worse(&up, &up));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_name_that_is_none_is_refused, reset),
		cmocka_unit_test_setup(a_type_that_is_none_is_refused, reset),
		cmocka_unit_test_setup(a_class_that_is_none_is_refused, reset),
		cmocka_unit_test_setup(an_rcode_that_is_none_is_refused, reset),
		cmocka_unit_test_setup(an_answer_that_is_none_of_its_type_is_refused, reset),
		cmocka_unit_test_setup(a_pattern_that_is_none_is_refused, reset),
		cmocka_unit_test_setup(the_question_is_as_the_check_says, reset),
		cmocka_unit_test_setup(noerror_is_good_and_nothing_else, reset),
		cmocka_unit_test_setup(other_rcodes_may_be_accepted, reset),
		cmocka_unit_test_setup(records_are_expected_of_noerror_only, reset),
		cmocka_unit_test_setup(flags_may_be_wanted, reset),
		cmocka_unit_test_setup(the_rcode_goes_before_flags_and_flags_before_records, reset),
		cmocka_unit_test_setup(the_answer_is_all_that_is_expected_and_no_more, reset),
		cmocka_unit_test_setup(aliases_are_followed, reset),
		cmocka_unit_test_setup(records_of_other_names_do_not_count, reset),
		cmocka_unit_test_setup(names_are_equal_in_any_case, reset),
		cmocka_unit_test_setup(every_type_can_be_expected, reset),
		cmocka_unit_test_setup(one_record_matches_the_pattern, reset),
		cmocka_unit_test_setup(data_may_become_a_long_text, reset),
		cmocka_unit_test_setup(a_slow_server_is_degraded_and_then_down, reset),
		cmocka_unit_test_setup(the_verdict_shows_the_answer, reset),
		cmocka_unit_test_setup(without_an_answer_the_reason_is_the_outcome, reset),
		cmocka_unit_test_setup(down_is_worse_than_degraded_than_up_than_fast, reset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
