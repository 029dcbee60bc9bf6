/* Tests the section `ipvs' of the configuration: defaults, services, what is refused.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "lib/settings_ipvs.h"

#include <stdio.h>
#include <string.h>

#include "lib/settings.h"
#include "mib/ha-agentx-mib.h"
#include "tests/unit/check.h"
#include "tests/unit/configuration.h"
#include "tests/unit/folder.h"

TEST(nothing_need_be_said)
{
	struct settings *settings = configuration_load("");

	assert_int_equal(settings->ipvs_watch, WATCH_AUTO);
	assert_int_equal(settings->ipvs->interval, 1000);
	assert_int_equal(settings->ipvs->keep, 86400000);
	assert_int_equal(settings->ipvs->services_count, 0);
	assert_string_equal(settings->ipvs->pid_file, "/run/checkers.pid");
	assert_string_equal(settings->ipvs->data, "/tmp/keepalived_check.data");
	settings_free(settings);
}

TEST(keepalived_need_not_be_asked)
{
	struct settings *settings = configuration_load("ipvs { pid-file = \"\" }");

	assert_null(settings->ipvs->pid_file);
	settings_free(settings);
}

TEST(times_have_fractions)
{
	struct settings *settings =
		configuration_load("ipvs { watch = yes  interval = 0.25  keep = 0 }");

	assert_int_equal(settings->ipvs_watch, WATCH_YES);
	assert_int_equal(settings->ipvs->interval, 250);
	assert_int_equal(settings->ipvs->keep, 0);
	settings_free(settings);
}

static void check_address(const struct address *address, const char *text, uint16_t port)
{
	struct address wanted;

	assert_true(address_parse(&wanted, text, port));
	assert_true(address_equal(address, &wanted));
}

TEST(services_are_written_as_people_write_them)
{
	struct settings *settings =
		configuration_load("ipvs {\n"
				   " service \"tcp 192.0.2.100:53\" {\n"
				   "  servers = { \"192.0.2.1:53\", \"[2001:db8::1]:5300\" }\n"
				   " }\n"
				   " service \"udp [2001:db8::100]:53\" { }\n"
				   " service \"fwmark 7\" { servers = { \"192.0.2.1:0\" } }\n"
				   " service \"fwmark 4294967295 ipv6\" { }\n"
				   "}\n");
	const struct settings_ipvs_service *services = settings->ipvs->services;

	assert_int_equal(settings->ipvs->services_count, 4);
	assert_int_equal(services[0].line, 4);
	assert_string_equal(services[0].title, "tcp 192.0.2.100:53");
	assert_int_equal(services[0].protocol, HaIpvsProtocol_tcp);
	check_address(&services[0].address, "192.0.2.100", 53);
	assert_int_equal(services[0].servers_count, 2);
	check_address(&services[0].servers[0], "192.0.2.1", 53);
	check_address(&services[0].servers[1], "2001:db8::1", 5300);
	assert_int_equal(services[1].protocol, HaIpvsProtocol_udp);
	check_address(&services[1].address, "2001:db8::100", 53);
	assert_int_equal(services[1].servers_count, 0);
	assert_int_equal(services[2].protocol, HaIpvsProtocol_fwmark);
	assert_int_equal(services[2].mark, 7);
	assert_int_equal(services[2].address.family, AF_INET);
	check_address(&services[2].servers[0], "192.0.2.1", 0);
	assert_int_equal(services[3].mark, 4294967295);
	assert_int_equal(services[3].address.family, AF_INET6);
	settings_free(settings);
}

TEST(servers_may_be_switchable)
{
	struct settings *settings = configuration_load(
		"ipvs { service \"fwmark 7\" { servers = { \"192.0.2.1:0\" } } }");

	assert_false(settings->ipvs->services[0].switchable);
	assert_false(settings_allow_actions(settings));
	settings_free(settings);
	settings = configuration_load("ipvs { service \"fwmark 7\" { servers = { \"192.0.2.1:0\" } "
				      "switchable = true } }");
	assert_true(settings->ipvs->services[0].switchable);
	assert_true(settings_allow_actions(settings));
	settings_free(settings);
	configuration_refused("ipvs {\n service \"fwmark 7\" { switchable = true\n } }",
			      "3: service \"fwmark 7\", which ends here: switchable needs its "
			      "servers");
}

TEST(times_have_limits)
{
	configuration_refused("ipvs { interval = 0.05 }",
			      "1: interval must be 0.1 to 3600 seconds");
	configuration_refused("ipvs { interval = 3601 }",
			      "1: interval must be 0.1 to 3600 seconds");
	configuration_refused("ipvs {\nkeep = -1 }", "2: keep must be 0 to 31622400 seconds");
	configuration_refused("ipvs { watch = perhaps }", "1: watch must be auto, yes or no");
}

static void refuse_service(const char *title)
{
	char text[160], error[320];

	snprintf(text, sizeof(text), "ipvs { service \"%s\" { } }", title);
	snprintf(error, sizeof(error),
		 "1: \"%s\" is not a virtual service, as \"tcp 192.0.2.100:53\", "
		 "\"udp [2001:db8::1]:53\" or \"fwmark 7\"",
		 title);
	configuration_refused(text, error);
}

TEST(what_is_no_service_is_refused)
{
	static const char *const titles[] = {
		"",
		"tcp",
		"tcp ",
		"dns 192.0.2.1:53",
		"tcp 192.0.2.1",
		"tcp 192.0.2.1:",
		"tcp 192.0.2.1:65536",
		"tcp 192.0.2.1:5x",
		"tcp 192.0.2.1:-5",
		"tcp 192.0.2.256:53",
		"tcp :53",
		"tcp []:53",
		"tcp 2001:db8::1:53",
		"tcp [192.0.2.1]:53",
		"tcp [2001:db8::1:53",
		"tcp [fe80::1%lo]:53",
		"fwmark",
		"fwmark 0",
		"fwmark 4294967296",
		"fwmark x",
		"fwmark 7 ipv4",
		"fwmark 7 ipv66",
		"fwmark  7",
		"fwmark 7  ipv6",
	};

	for (size_t i = 0; i < COUNT(titles); i++)
		refuse_service(titles[i]);
}

TEST(what_is_no_server_is_refused)
{
	configuration_refused("ipvs {\n service \"fwmark 7\" {\n  servers = { \"ns1:53\" }\n }\n}",
			      "4: service \"fwmark 7\", which ends here: \"ns1:53\" is not a "
			      "server, as \"192.0.2.1:53\" or \"[2001:db8::1]:53\"");
}

TEST(a_service_is_there_once)
{
	configuration_refused("ipvs {\n service \"tcp [2001:db8::1]:53\" { }\n"
			      " service \"tcp [2001:DB8:0::1]:53\" { }\n}",
			      "3: service \"tcp [2001:DB8:0::1]:53\", which ends here, is there "
			      "already");
}

#define SETTINGS_TEST(name) cmocka_unit_test_setup_teardown(name, folder_make, folder_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		SETTINGS_TEST(nothing_need_be_said),
		SETTINGS_TEST(keepalived_need_not_be_asked),
		SETTINGS_TEST(times_have_fractions),
		SETTINGS_TEST(services_are_written_as_people_write_them),
		SETTINGS_TEST(servers_may_be_switchable),
		SETTINGS_TEST(times_have_limits),
		SETTINGS_TEST(what_is_no_service_is_refused),
		SETTINGS_TEST(what_is_no_server_is_refused),
		SETTINGS_TEST(a_service_is_there_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
