/* Tests the section `dns' of the configuration.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "lib/settings_dns.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/memory.h"
#include "lib/settings.h"
#include "mib/ha-agentx-mib.h"
#include "tests/unit/check.h"
#include "tests/unit/configuration.h"
#include "tests/unit/folder.h"

#define SERVERS(text)                                                                              \
	"dns {\n"                                                                                  \
	"server \"a\" { address = 192.0.2.1 }\n"                                                   \
	"server \"b\" { address = 192.0.2.2 }\n" text "\n}\n"

/* ---- what is taken ---- */

TEST(an_empty_section_watches_the_resolver)
{
	struct settings *settings = configuration_load("dns { }");
	const struct settings_dns *dns = settings->dns;

	assert_int_equal(settings->dns_watch, WATCH_AUTO);
	assert_int_equal(dns->servers_count + dns->zones_count + dns->gates_count, 0);
	assert_int_equal(dns->window, 32);
	assert_string_equal(dns->resolver_file, "/etc/resolv.conf");
	assert_int_equal(dns->resolver_limit, 1000);
	assert_string_equal(dns->resolver_check->query, ".");
	assert_string_equal(dns->resolver_check->type, "NS");
	assert_int_equal(dns->resolver_check->interval, 5000);
	settings_free(settings);
}

TEST(a_server_has_what_it_says_else_what_all_have)
{
	struct settings *settings = configuration_load(
		"dns {\n"
		"  query = example.test type = SOA interval = 0.5 tries = 2 aa = true\n"
		"  server \"a\" { address = 192.0.2.1 port = 5300 timeout = 0.25\n"
		"    answers = {\"192.0.2.9\", \"192.0.2.8\"} rcodes = {NOERROR, NXDOMAIN} }\n"
		"  server \"b\" { address = \"2001:db8::1\" transport = both rise = 3 fall = 4\n"
		"    edns = 0 latency-warn = 0.05 latency-limit = 1 class = CH recursion = false\n"
		"    aa = false ra = true ad = true nsid = false pattern = \"^192\" }\n"
		"  fall = 2\n"
		"  resolver { interval = 2 }\n"
		"}\n");
	const struct settings_server *a = &settings->dns->servers[0], *b = a + 1;

	assert_string_equal(a->name, "a");
	assert_int_equal(a->address.port, 5300);
	assert_string_equal(a->check->query, "example.test");
	assert_int_equal(a->check->interval, 500);
	assert_int_equal(a->check->timeout, 250);
	assert_int_equal(a->check->tries, 2);
	assert_int_equal(a->check->fall, 2);
	assert_true(a->check->aa && a->check->recursion && a->check->nsid);
	assert_string_equal(a->check->answers[1], "192.0.2.8");
	assert_null(a->check->answers[2]);
	assert_string_equal(a->check->rcodes[1], "NXDOMAIN");
	assert_int_equal(b->address.port, 53);
	assert_int_equal(b->check->transport, haDnsServerTransport_both);
	assert_int_equal(b->check->timeout, 1000);
	assert_int_equal(b->check->rise, 3);
	assert_int_equal(b->check->fall, 4);
	assert_int_equal(b->check->edns_size, 0);
	assert_int_equal(b->check->latency_warn, 50000);
	assert_int_equal(b->check->latency_limit, 1000000);
	assert_string_equal(b->check->class, "CH");
	assert_string_equal(b->check->pattern, "^192");
	assert_false(b->check->aa || b->check->recursion || b->check->nsid);
	assert_true(b->check->ra && b->check->ad);
	assert_string_equal(settings->dns->resolver_check->type, "NS");
	assert_int_equal(settings->dns->resolver_check->interval, 2000);
	assert_int_equal(settings->dns->resolver_check->fall, 1);
	assert_false(settings->dns->resolver_check->aa);
	settings_free(settings);
}

TEST(servers_that_are_asked_alike_share_their_check)
{
	struct settings *settings = configuration_load(
		"dns { server \"a\" { address = 192.0.2.1 query = x rcodes = {REFUSED} }\n"
		"server \"b\" { address = 192.0.2.2 query = y }\n"
		"server \"c\" { address = 192.0.2.3 rcodes = {REFUSED} query = x }\n"
		"server \"d\" { address = 192.0.2.4 query = x rcodes = {REFUSED, NOERROR} }\n"
		"server \"e\" { address = 192.0.2.5 }\n"
		"server \"f\" { address = 192.0.2.6 } }\n");
	const struct settings_server *server = settings->dns->servers;

	assert_ptr_equal(server[0].check, server[2].check);
	assert_ptr_equal(server[4].check, server[5].check);
	assert_ptr_not_equal(server[0].check, server[1].check);
	assert_ptr_not_equal(server[0].check, server[3].check);
	settings_free(settings);
}

TEST(zones_and_gates_point_to_servers)
{
	struct settings *settings = configuration_load(SERVERS(
		"zone \"Example.TEST.\" { servers = {b, a} primary = a chain = b interval = 1\n"
		"  tolerance = 60 signature-warn = 86400 signature-limit = 3600\n"
		"  anchors = {\"example.test. DS 1 13 2 00\"} compare = {\"www A\"} }\n"
		"zone \".\" { servers = {a} }\n"
		"gate \"x\" { servers = {b} zones = {example.test} file = /t weight = -30 }\n"
		"gate \"y\" { servers = {a, b} rule = all }\n"
		"gate \"z\" { servers = {a, b} rule = at-least needed = 2 file = /u }"));
	const struct settings_dns *dns = settings->dns;

	assert_string_equal(dns->zones[0].name, "example.test");
	assert_int_equal(dns->zones[0].servers[0], 1);
	assert_int_equal(dns->zones[0].servers[1], 0);
	assert_int_equal(dns->zones[0].primary, 0);
	assert_int_equal(dns->zones[0].chain_server, 1);
	assert_int_equal(dns->zones[0].interval, 1000);
	assert_int_equal(dns->zones[0].tolerance, 60);
	assert_int_equal(dns->zones[0].signature_warn, 86400);
	assert_int_equal(dns->zones[0].signature_limit, 3600);
	assert_string_equal(dns->zones[0].anchors[0], "example.test. DS 1 13 2 00");
	assert_string_equal(dns->zones[0].compare[0], "www A");
	assert_string_equal(dns->zones[1].name, ".");
	assert_int_equal(dns->zones[1].primary, -1);
	assert_null(dns->zones[1].anchors[0]);
	assert_int_equal(dns->gates[0].zones_count, 1);
	assert_int_equal(dns->gates[0].weight, -30);
	assert_int_equal(dns->gates[0].needed, 1);
	assert_string_equal(dns->gates[1].file, "/run/ha-agentx/y.gate");
	assert_int_equal(dns->gates[1].needed, 2);
	assert_int_equal(dns->gates[2].rule, haDnsGateRule_atLeast);
	assert_int_equal(dns->gates[2].needed, 2);
	settings_free(settings);
}

TEST(ten_thousand_servers_are_taken)
{
	size_t size = 1 << 20, used = 0;
	char *text = memory_new(size, 1);
	struct settings *settings;

	used += (size_t)snprintf(text, size, "dns {\n");
	for (int i = 0; i < 10000; i++)
		used += (size_t)snprintf(text + used, size - used,
					 "server \"s%d\" { address = 127.1.%d.%d }\n", i, i / 250,
					 i % 250 + 1);
	snprintf(text + used, size - used, "}\n");
	settings = configuration_load(text);
	assert_int_equal(settings->dns->servers_count, 10000);
	assert_string_equal(settings->dns->servers[9999].name, "s9999");
	settings_free(settings);
	free(text);
}

/* ---- what is refused ---- */

TEST(every_wrong_value_names_its_line)
{
	static const struct {
		const char *text, *error;
	} wrong[] = {
		{ "dns {\nwatch = never }", "2: watch must be auto, yes or no" },
		{ "dns {\ninterval = 0 }", "2: interval must be 0.01 to 86400 seconds" },
		{ "dns {\n\ntimeout = 61 }", "3: timeout must be 0.01 to 60 seconds" },
		{ "dns {\ntries = 11 }", "2: tries must be 1 to 10" },
		{ "dns {\nrise = 0 }", "2: rise must be 1 to 100" },
		{ "dns {\nfall = 101 }", "2: fall must be 1 to 100" },
		{ "dns {\nedns = 100 }", "2: edns must be 0, or 512 to 65535 octets" },
		{ "dns {\nwindow = 65 }", "2: window must be 1 to 64" },
		{ "dns {\ntransport = sctp }", "2: transport must be udp, tcp or both" },
		{ "dns {\nlatency-warn = -1 }", "2: latency-warn must be 0 to 60 seconds" },
		{ "dns {\npattern = \"(\" }", "2: pattern \"(\": Unmatched ( or \\(" },
		{ "dns {\nserver \"a\" {\naddress = 192.0.2 }}",
		  "3: \"192.0.2\" is not an IPv4 or IPv6 address of an interface that exists" },
		{ "dns {\nserver \"a\" {\nport = 0 }}", "3: port must be 1 to 65535" },
		{ "dns {\nserver \"a\" {\n}}", "3: server \"a\", which ends here, has no address" },
		{ "dns {\nserver \"a b\" { address = ::1 }}",
		  "2: \"a b\" is not a name of a server (1 to 40 printable letters, no blank, no "
		  "/)" },
		{ "dns {\nserver \"a/b\" { address = ::1 }}",
		  "2: \"a/b\" is not a name of a server (1 to 40 printable letters, no blank, no "
		  "/)" },
		{ "dns {\nresolver {\nfile = resolv.conf }}",
		  "3: file must be an absolute path of at most 107 octets" },
		{ SERVERS("zone \"z\" { }"), "4: zone \"z\", which ends here, names no servers" },
		{ SERVERS("zone \"z\" { servers = {c} }"),
		  "4: zone \"z\", which ends here, names no server: \"c\"" },
		{ SERVERS("zone \"z\" { servers = {a, b, a} }"),
		  "4: zone \"z\", which ends here, names \"a\" twice" },
		{ SERVERS("zone \"z\" { servers = {a} primary = c }"),
		  "4: zone \"z\", which ends here, names no server: \"c\"" },
		{ SERVERS("zone \"z\" { servers = {a} } zone \"Z.\" { servers = {a} }"),
		  "4: zone \"z\", which ends here, is there already" },
		{ SERVERS("gate \"g\" { servers = {a} rule = some }"),
		  "4: rule must be any, all or at-least" },
		{ SERVERS("gate \"g\" { servers = {a} weight = 255 }"),
		  "4: weight must be -254 to 254" },
		{ SERVERS("gate \"g\" { servers = {a} needed = 1 }"),
		  "4: gate \"g\", which ends here: needed goes with the rule at-least" },
		{ SERVERS("gate \"g\" { servers = {a} rule = at-least }"),
		  "4: gate \"g\", which ends here: needed must be 1 to 1" },
		{ SERVERS("gate \"g\" { servers = {a, b} rule = at-least needed = 3 }"),
		  "4: gate \"g\", which ends here: needed must be 1 to 2" },
		{ SERVERS("gate \"g\" { servers = {a} zones = {z} }"),
		  "4: gate \"g\", which ends here, names no zone: \"z\"" },
		{ SERVERS("gate \"g\" { servers = {a} file = /x }\n"
			  "gate \"h\" { servers = {a} file = /x }"),
		  "5: gate \"h\", which ends here, writes the file of gate \"g\"" },
	};

	for (size_t i = 0; i < COUNT(wrong); i++)
		configuration_refused(wrong[i].text, wrong[i].error);
}

#define SETTINGS_TEST(sentence)                                                                    \
	cmocka_unit_test_setup_teardown(sentence, folder_make, folder_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		SETTINGS_TEST(an_empty_section_watches_the_resolver),
		SETTINGS_TEST(a_server_has_what_it_says_else_what_all_have),
		SETTINGS_TEST(servers_that_are_asked_alike_share_their_check),
		SETTINGS_TEST(zones_and_gates_point_to_servers),
		SETTINGS_TEST(ten_thousand_servers_are_taken),
		SETTINGS_TEST(every_wrong_value_names_its_line),
	};

	return cmocka_run_group_tests_name("settings_dns", tests, NULL, NULL);
}
