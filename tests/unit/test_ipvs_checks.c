/* Tests what keepalived's checker process says in its data dump: recorded dumps, and ones that are
 * not as they should be. SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/ipvs/checks.h"

#include <stdio.h>
#include <stdlib.h>

#include "lib/address.h"
#include "lib/memory.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/sources/ipvs/wire.h"
#include "tests/unit/check.h"
#include "tests/unit/recorded.h"

static struct checks *checks;

static struct recorded recorded(const char *name)
{
	char path[64];

	TEXT_PRINT(path, "../ipvs/%s.checks", name);
	return recorded_read(path);
}

static void read_recorded(const char *name)
{
	struct recorded dump = recorded(name);

	checks = checks_read((const char *)dump.octets, dump.length);
	assert_non_null(checks);
	recorded_free(&dump);
}

static int forget(void **state)
{
	(void)state;
	if (checks)
		checks_free(checks);
	checks = NULL;
	return 0;
}

static struct address address_of(const char *text, uint16_t port)
{
	struct address address;

	assert_true(address_parse(&address, text, port));
	return address;
}

static const struct checks_virtual *find(uint32_t protocol, const char *text, uint16_t port)
{
	struct ipvs_key key = { .protocol = protocol, .address = address_of(text, port) };

	return checks_find(checks, &key);
}

static const struct checks_virtual *find_mark(uint32_t mark, uint16_t family)
{
	struct ipvs_key key = {
		.protocol = HaIpvsProtocol_fwmark,
		.mark = mark,
		.address.family = family,
	};

	return checks_find(checks, &key);
}

static void expect(const struct checks_virtual *found, const char *real, uint16_t port,
		   int32_t wanted)
{
	struct address address = address_of(real, port);

	assert_non_null(found);
	assert_string_equal(mib_label_of(haIpvsRealCheck_labels, checks_real(found, &address)),
			    mib_label_of(haIpvsRealCheck_labels, wanted));
}

static void expect_pair(int32_t first, int32_t second, int32_t quorum)
{
	static const uint32_t protocols[] = { HaIpvsProtocol_udp, HaIpvsProtocol_tcp };

	for (size_t i = 0; i < COUNT(protocols); i++) {
		const struct checks_virtual *found = find(protocols[i], "10.77.0.100", 53);

		expect(found, "10.77.0.1", 53, first);
		expect(found, "10.77.0.2", 53, second);
		assert_int_equal(checks_quorum(found), quorum);
	}
}

/* ---- as keepalived writes it ---- */

TEST(all_servers_are_up)
{
	read_recorded("up");
	expect_pair(haIpvsRealCheck_up, haIpvsRealCheck_up, haIpvsServiceQuorum_met);
}

TEST(one_of_two_is_down)
{
	read_recorded("one-down");
	expect_pair(haIpvsRealCheck_up, haIpvsRealCheck_down, haIpvsServiceQuorum_met);
}

TEST(all_are_down_and_the_quorum_is_lost)
{
	read_recorded("all-down");
	expect_pair(haIpvsRealCheck_down, haIpvsRealCheck_down, haIpvsServiceQuorum_lost);
}

TEST(one_failing_check_of_two_is_enough)
{
	read_recorded("kinds");
	expect(find_mark(7, AF_INET), "10.77.0.1", 0, haIpvsRealCheck_down);
}

TEST(a_check_that_has_not_run_says_nothing)
{
	read_recorded("kinds");
	expect(find_mark(7, AF_INET), "10.77.0.3", 0, haIpvsRealCheck_unknown);
}

TEST(marks_of_both_families_are_kept_apart)
{
	read_recorded("kinds");
	expect(find_mark(7, AF_INET6), "fd77::1", 0, haIpvsRealCheck_down);
	expect(find_mark(7, AF_INET6), "10.77.0.1", 0, haIpvsRealCheck_unknown);
	assert_null(find_mark(8, AF_INET));
}

TEST(a_suspended_check_is_none)
{
	read_recorded("kinds");
	expect(find(HaIpvsProtocol_sctp, "fd77::100", 80), "fd77::1", 80,
	       haIpvsRealCheck_notChecked);
}

TEST(a_server_without_a_check_is_not_checked)
{
	read_recorded("kinds");
	expect(find(HaIpvsProtocol_tcp, "10.77.0.100", 0), "10.77.0.1", 0,
	       haIpvsRealCheck_notChecked);
}

TEST(what_keepalived_does_not_know_is_unknown)
{
	read_recorded("up");
	expect(find(HaIpvsProtocol_tcp, "10.77.0.100", 53), "10.77.0.1", 54,
	       haIpvsRealCheck_unknown);
	assert_null(find(HaIpvsProtocol_tcp, "10.77.0.100", 54));
	assert_null(find(HaIpvsProtocol_sctp, "10.77.0.100", 53));
	assert_null(find(HaIpvsProtocol_udp, "10.77.0.99", 53));
}

/* ---- groups ---- */

TEST(every_address_of_a_group_is_a_service)
{
	static const char *const members[] = { "10.77.0.110", "10.77.0.120", "10.77.0.123",
					       "10.77.0.125" };

	read_recorded("groups");
	for (size_t i = 0; i < COUNT(members); i++) {
		const struct checks_virtual *tcp = find(HaIpvsProtocol_tcp, members[i], 80);
		const struct checks_virtual *udp = find(HaIpvsProtocol_udp, members[i], 80);

		expect(tcp, "10.77.0.2", 80, haIpvsRealCheck_down);
		expect(udp, "10.77.0.2", 80, haIpvsRealCheck_up);
		assert_int_equal(checks_quorum(tcp), haIpvsServiceQuorum_lost);
		assert_int_equal(checks_quorum(udp), haIpvsServiceQuorum_met);
	}
	assert_null(find(HaIpvsProtocol_tcp, "10.77.0.119", 80));
	assert_null(find(HaIpvsProtocol_tcp, "10.77.0.126", 80));
	assert_null(find(HaIpvsProtocol_tcp, "10.77.0.123", 81));
}

TEST(services_of_equal_names_are_told_apart_by_their_protocol)
{
	static const char text[] = "------< LVS Topology >------\n"
				   " Virtual Server Group = g, IPv4 = yes, IPv6 = no\n"
				   "   VIP = 10.0.0.1, VPORT = 53\n"
				   " VS GROUP = [g]:0\n   protocol = TCP\n"
				   "   RIP = 10.0.0.2, RPORT = 53\n"
				   " VS GROUP = [g]:0\n   protocol = UDP\n"
				   "   RIP = 10.0.0.2, RPORT = 53\n"
				   "------< Health checkers >------\n"
				   " [g]:0 -> [10.0.0.2]:udp:53\n"
				   "   Enabled = yes\n   Up = no\n   Has run = yes\n";

	checks = checks_read(text, sizeof(text) - 1);
	assert_non_null(checks);
	expect(find(HaIpvsProtocol_udp, "10.0.0.1", 53), "10.0.0.2", 53, haIpvsRealCheck_down);
	expect(find(HaIpvsProtocol_tcp, "10.0.0.1", 53), "10.0.0.2", 53,
	       haIpvsRealCheck_notChecked);
}

TEST(a_group_may_be_of_marks)
{
	read_recorded("groups");
	expect(find_mark(9, AF_INET), "10.77.0.1", 0, haIpvsRealCheck_up);
}

TEST(a_server_that_is_sorry_is_not_checked)
{
	read_recorded("groups");
	expect(find(HaIpvsProtocol_tcp, "10.77.0.110", 80), "10.77.0.9", 80,
	       haIpvsRealCheck_notChecked);
	expect(find(HaIpvsProtocol_udp, "10.77.0.110", 80), "10.77.0.9", 80,
	       haIpvsRealCheck_unknown);
}

/* ---- as it should not be ---- */

TEST(what_ends_within_a_line_is_refused)
{
	struct recorded dump = recorded("one-down");

	assert_null(checks_read((const char *)dump.octets, 4096));
	assert_null(checks_read((const char *)dump.octets, dump.length - 1));
	assert_null(checks_read((const char *)dump.octets, 0));
	recorded_free(&dump);
}

TEST(something_else_is_refused)
{
	assert_null(checks_read("hello\n", 6));
}

TEST(what_is_cut_anywhere_disturbs_nobody)
{
	struct recorded dump = recorded("groups");

	for (size_t length = 0; length < dump.length; length++) {
		checks = checks_read((const char *)dump.octets, length);
		if (checks)
			find(HaIpvsProtocol_tcp, "10.77.0.110", 80);
		forget(NULL);
	}
	recorded_free(&dump);
}

TEST(without_virtual_servers_nothing_is_known)
{
	static const char text[] = "------< Global definitions >------\n Router ID = n1\n";

	checks = checks_read(text, sizeof(text) - 1);
	assert_non_null(checks);
	assert_null(find(HaIpvsProtocol_tcp, "10.77.0.110", 80));
}

TEST(nonsense_in_a_line_is_passed_over)
{
	static const char text[] = "------< LVS Topology >------\n VS VIP = x, VPORT = 53\n"
				   "   protocol = TCP\n   RIP = 1.2.3.4, RPORT = 99999\n"
				   " VS GROUP = ]:\n   RIP = 1.2.3.4, RPORT = 5\n"
				   "------< Health checkers >------\n ]: -> [1.2.3.4]:none:5\n"
				   "   Has run = no\n a -> b\n   Has run = yes\n -> [\n";

	checks = checks_read(text, sizeof(text) - 1);
	assert_non_null(checks);
	assert_null(find(HaIpvsProtocol_tcp, "1.2.3.4", 53));
}

/* A group of servers that are all checked: time does not grow with the square of their number. */
TEST(many_servers_are_found_soon)
{
	enum { SERVERS = 16000 };
	char *text = memory_new(SERVERS, 256), *at = text;

	at += sprintf(at, "------< LVS Topology >------\n VS VIP = 10.0.0.1, VPORT = 53\n"
			  "   protocol = UDP\n");
	for (unsigned int i = 0; i < SERVERS; i++)
		at += sprintf(at, "   RIP = 10.1.%u.%u, RPORT = 53, WEIGHT = 1\n", i / 256,
			      i % 256);
	at += sprintf(at, "------< Health checkers >------\n");
	for (unsigned int i = 0; i < SERVERS; i++)
		at += sprintf(at,
			      " [10.0.0.1]:udp:53 -> [10.1.%u.%u]:udp:53\n   Enabled = yes\n"
			      "   Up = %s\n   Has run = yes\n",
			      i / 256, i % 256, i % 2 ? "yes" : "no");
	checks = checks_read(text, (size_t)(at - text));
	free(text);
	assert_non_null(checks);
	expect(find(HaIpvsProtocol_udp, "10.0.0.1", 53), "10.1.0.0", 53, haIpvsRealCheck_down);
	expect(find(HaIpvsProtocol_udp, "10.0.0.1", 53), "10.1.62.127", 53, haIpvsRealCheck_up);
}

#define CHECKS_TEST(sentence) cmocka_unit_test_teardown(sentence, forget)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CHECKS_TEST(all_servers_are_up),
		CHECKS_TEST(one_of_two_is_down),
		CHECKS_TEST(all_are_down_and_the_quorum_is_lost),
		CHECKS_TEST(one_failing_check_of_two_is_enough),
		CHECKS_TEST(a_check_that_has_not_run_says_nothing),
		CHECKS_TEST(marks_of_both_families_are_kept_apart),
		CHECKS_TEST(a_suspended_check_is_none),
		CHECKS_TEST(a_server_without_a_check_is_not_checked),
		CHECKS_TEST(what_keepalived_does_not_know_is_unknown),
		CHECKS_TEST(every_address_of_a_group_is_a_service),
		CHECKS_TEST(services_of_equal_names_are_told_apart_by_their_protocol),
		CHECKS_TEST(a_group_may_be_of_marks),
		CHECKS_TEST(a_server_that_is_sorry_is_not_checked),
		CHECKS_TEST(what_ends_within_a_line_is_refused),
		CHECKS_TEST(something_else_is_refused),
		CHECKS_TEST(what_is_cut_anywhere_disturbs_nobody),
		CHECKS_TEST(without_virtual_servers_nothing_is_known),
		CHECKS_TEST(nonsense_in_a_line_is_passed_over),
		CHECKS_TEST(many_servers_are_found_soon),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
