/* Tests the object paths of keepalived on D-Bus.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/vrrp/keepalived/bus_path.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "lib/memory.h"
#include "tests/unit/check.h"
#include "tests/unit/recorded.h"

static char children[8][BUS_PATH_MAX];
static size_t count;

static void take(void *argument, const char *child)
{
	(void)argument;
	assert_true(count < COUNT(children));
	TEXT_PUT(children[count], child);
	count++;
}

static void read_children(const char *xml)
{
	count = 0;
	bus_path_children("/a", xml, take, NULL);
}

TEST(a_path_says_interface_vrid_and_family)
{
	struct bus_path path;

	assert_true(bus_path_read("/org/keepalived/Vrrp1/Instance/bond0/51/IPv4", &path));
	assert_string_equal(path.interface, "bond0");
	assert_int_equal(path.vrid, 51);
	assert_int_equal(path.family, AF_INET);
	assert_true(bus_path_read("/org/keepalived/Vrrp1/ns/name/Instance/eth0_7/255/IPv6", &path));
	assert_string_equal(path.interface, "eth0_7");
	assert_int_equal(path.vrid, 255);
	assert_int_equal(path.family, AF_INET6);
	assert_true(bus_path_read("/org/keepalived/Vrrp1/Instance/none/1/None", &path));
	assert_int_equal(path.family, 0);
}

TEST(other_paths_are_none_of_an_instance)
{
	static const char *const others[] = {
		"",
		"/",
		"IPv4",
		"/org/keepalived/Vrrp1/Vrrp",
		"/org/keepalived/Vrrp1/Instance/bond0/51",
		"/org/keepalived/Vrrp1/Instance/bond0/256/IPv4",
		"/org/keepalived/Vrrp1/Instance/bond0/x/IPv4",
		"/org/keepalived/Vrrp1/Instance/bond0//IPv4",
		"/org/keepalived/Vrrp1/Instance/bond0/51/IPv5",
		"/1/IPv4",
	};
	struct bus_path path;

	for (size_t i = 0; i < COUNT(others); i++)
		assert_false(bus_path_read(others[i], &path));
}

TEST(odd_characters_of_an_interface_are_underscores)
{
	assert_true(bus_path_is_interface("eth0_7", "eth0.7"));
	assert_true(bus_path_is_interface("eth0_7", "eth0_7"));
	assert_true(bus_path_is_interface("br_lan_v6", "br-lan.v6"));
	assert_false(bus_path_is_interface("eth0", "eth0.7"));
	assert_false(bus_path_is_interface("eth0_7", "eth0"));
	assert_false(bus_path_is_interface("eth0x7", "eth0.7"));
}

TEST(children_are_found_in_what_introspection_says)
{
	struct recorded recording = recorded_read("../keepalived/mixed.xml");
	char *xml = memory_new(recording.length + 1, 1);

	memcpy(xml, recording.octets, recording.length);
	read_children(xml);
	free(xml);
	recorded_free(&recording);
	assert_int_equal(count, 2);
	assert_string_equal(children[0], "/a/record0_7");
	assert_string_equal(children[1], "/a/record0");
}

TEST(what_is_no_name_is_no_child)
{
	read_children("<node name=\"/a\"><node name=\"\"/><node name=\"a-b\"/><node name=\"..\"/>"
		      "<node name='fine'/><node name=x/><node name=\"unended");
	assert_int_equal(count, 2);
	assert_string_equal(children[0], "/a/fine");
	assert_string_equal(children[1], "/a/unended");
	read_children("<node name=");
	assert_int_equal(count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_path_says_interface_vrid_and_family),
		cmocka_unit_test(other_paths_are_none_of_an_instance),
		cmocka_unit_test(odd_characters_of_an_interface_are_underscores),
		cmocka_unit_test(children_are_found_in_what_introspection_says),
		cmocka_unit_test(what_is_no_name_is_no_child),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
