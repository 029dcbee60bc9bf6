/* Tests addresses: as text, for sockets, for the MIB.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "lib/address.h"

#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "mib/ha-agentx-mib.h"
#include "tests/unit/check.h"

static void expect_same_text(const char *text)
{
	struct address address, again;
	struct sockaddr_storage storage;
	char printed[ADDRESS_TEXT_MAX];

	assert_true(address_parse(&address, text, 53));
	assert_int_equal(address.port, 53);
	address_print(&address, printed, sizeof(printed));
	assert_string_equal(printed, text);
	address_to_socket(&address, &storage);
	assert_true(address_from_socket(&again, &storage));
	assert_true(address_equal(&address, &again));
}

TEST(text_and_socket_give_back_what_they_got)
{
	expect_same_text("192.0.2.1");
	expect_same_text("0.0.0.0");
	expect_same_text("2001:db8::1");
	expect_same_text("::");
	expect_same_text("fe80::1%lo");
}

TEST(a_port_stands_behind_the_text)
{
	struct address address;
	char text[ADDRESS_TEXT_MAX];

	assert_true(address_parse(&address, "192.0.2.7", 53));
	address_print_port(&address, text, sizeof(text));
	assert_string_equal(text, "192.0.2.7:53");
	assert_true(address_parse(&address, "2001:db8::1", 65535));
	address_print_port(&address, text, sizeof(text));
	assert_string_equal(text, "[2001:db8::1]:65535");
}

TEST(what_is_no_address_is_refused)
{
	static const char *const texts[] = { "",           "192.0.2",      "192.0.2.256",
					     "192.0.2.1 ", "192.0.2.1%lo", "ns.test",
					     ":",          "2001:db8:::1", "fe80::1%",
					     "fe80::1%-",  "%lo",          "[::1]" };
	struct address address;

	for (size_t i = 0; i < COUNT(texts); i++)
		if (address_parse(&address, texts[i], 53))
			fail_msg("\"%s\" is taken for an address", texts[i]);
}

TEST(an_interface_may_be_named_by_its_number)
{
	struct address address;
	char text[32];

	snprintf(text, sizeof(text), "fe80::1%%%u", if_nametoindex("lo"));
	assert_true(address_parse(&address, text, 1));
	assert_int_equal(address.scope, if_nametoindex("lo"));
}

TEST(lengths_fit_the_family)
{
	struct sockaddr_storage storage;
	struct address address;

	assert_true(address_parse(&address, "192.0.2.1", 53));
	assert_int_equal(address_to_socket(&address, &storage), sizeof(struct sockaddr_in));
	assert_true(address_parse(&address, "::1", 53));
	assert_int_equal(address_to_socket(&address, &storage), sizeof(struct sockaddr_in6));
}

TEST(another_family_is_no_address)
{
	struct sockaddr_storage storage = { .ss_family = AF_UNIX };
	struct address address;

	assert_false(address_from_socket(&address, &storage));
}

TEST(the_mib_gets_type_and_octets)
{
	static const uint8_t zoned[] = { 0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1 };
	struct address address;
	struct octets octets;

	assert_true(address_parse(&address, "192.0.2.7", 53));
	assert_int_equal(address_octets(&address, &octets), InetAddressType_ipv4);
	assert_int_equal(octets.length, 4);
	assert_memory_equal(octets.octet, "\xc0\x00\x02\x07", 4);
	assert_true(address_parse(&address, "2001:db8::1", 53));
	assert_int_equal(address_octets(&address, &octets), InetAddressType_ipv6);
	assert_int_equal(octets.length, 16);
	assert_true(address_parse(&address, "fe80::1%lo", 53));
	assert_int_equal(address_octets(&address, &octets), InetAddressType_ipv6z);
	assert_int_equal(octets.length, 20);
	assert_memory_equal(octets.octet, zoned, sizeof(zoned));
	assert_int_equal(octets.octet[19], if_nametoindex("lo"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_and_socket_give_back_what_they_got),
		cmocka_unit_test(a_port_stands_behind_the_text),
		cmocka_unit_test(what_is_no_address_is_refused),
		cmocka_unit_test(an_interface_may_be_named_by_its_number),
		cmocka_unit_test(lengths_fit_the_family),
		cmocka_unit_test(another_family_is_no_address),
		cmocka_unit_test(the_mib_gets_type_and_octets),
	};

	return cmocka_run_group_tests_name("address", tests, NULL, NULL);
}
