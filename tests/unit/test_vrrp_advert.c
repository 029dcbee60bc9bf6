/* Tests what is read of VRRP adverts, and what the kernel's filter lets through.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/vrrp/wire/advert.h"

#include <string.h>

#include "lib/memory.h"
#include "mib/ha-agentx-mib.h"
#include "tests/unit/check.h"
#include "tests/unit/vrrp_packets.h"

#define HOP_BY_HOP 0
#define ROUTING 43
#define AUTHENTICATION 51
#define DESTINATION 60

static struct advert advert;

static enum advert_fault read_packet(const struct packet *packet)
{
	return packet_read(packet, &advert);
}

static void expect_address(const struct address *address, const char *text)
{
	struct address expected;

	assert_true(address_parse(&expected, text, 0));
	assert_true(address_equal(address, &expected));
}

/* ---- recorded ---- */

static const struct {
	const char *name, *source, *destination;
	uint8_t version, priority;
	uint32_t interval;
	int32_t auth_type;
	uint8_t addresses;
	const char *first;
} recorded[] = {
	{ "v2", "192.0.2.1", "224.0.0.18", 2, 101, 1000, haVrrpRouterAuthType_none, 1,
	  "192.0.2.100" },
	{ "v2-password", "192.0.2.1", "224.0.0.18", 2, 100, 2000, haVrrpRouterAuthType_simple, 1,
	  "192.0.2.100" },
	{ "v2-ah", "192.0.2.1", "224.0.0.18", 2, 100, 1000, haVrrpRouterAuthType_ah, 1,
	  "192.0.2.100" },
	{ "v2-unicast", "192.0.2.1", "192.0.2.2", 2, 100, 1000, haVrrpRouterAuthType_none, 1,
	  "192.0.2.100" },
	{ "v3", "192.0.2.1", "224.0.0.18", 3, 200, 1000, haVrrpRouterAuthType_none, 1,
	  "192.0.2.100" },
	{ "v3-fraction", "192.0.2.1", "224.0.0.18", 3, 100, 250, haVrrpRouterAuthType_none, 1,
	  "192.0.2.100" },
	{ "v3-many", "192.0.2.1", "224.0.0.18", 3, 100, 1000, haVrrpRouterAuthType_none, 40,
	  "192.0.2.101" },
	{ "v3-unicast", "192.0.2.1", "192.0.2.2", 3, 100, 1000, haVrrpRouterAuthType_none, 1,
	  "192.0.2.100" },
	{ "v3-unicast-old", "192.0.2.1", "192.0.2.2", 3, 100, 1000, haVrrpRouterAuthType_none, 1,
	  "192.0.2.100" },
	{ "v3-vmac", "192.0.2.1", "224.0.0.18", 3, 100, 1000, haVrrpRouterAuthType_none, 1,
	  "192.0.2.100" },
	{ "ipv6", "fe80::ff:fe00:100", "ff02::12", 3, 100, 1000, haVrrpRouterAuthType_none, 2,
	  "fe80::100" },
	{ "ipv6-fraction", "fe80::ff:fe00:100", "ff02::12", 3, 100, 50, haVrrpRouterAuthType_none,
	  2, "fe80::100" },
	{ "ipv6-unicast", "2001:db8::1", "2001:db8::2", 3, 100, 1000, haVrrpRouterAuthType_none, 2,
	  "fe80::100" },
	{ "ipv6-vmac", "fe80::ff:fe00:100", "ff02::12", 3, 100, 1000, haVrrpRouterAuthType_none, 2,
	  "fe80::100" },
};

TEST(what_keepalived_sends_is_read)
{
	for (size_t i = 0; i < COUNT(recorded); i++) {
		struct packet packet = packet_recorded(recorded[i].name);

		assert_int_equal(read_packet(&packet), ADVERT_FINE);
		assert_int_equal(advert.vrid, i + 1);
		assert_int_equal(advert.version, recorded[i].version);
		assert_int_equal(advert.priority, recorded[i].priority);
		assert_int_equal(advert.interval, recorded[i].interval);
		assert_int_equal(advert.auth_type, recorded[i].auth_type);
		assert_int_equal(advert.addresses_count, recorded[i].addresses);
		expect_address(&advert.source, recorded[i].source);
		expect_address(&advert.destination, recorded[i].destination);
		expect_address(&advert.addresses[0], recorded[i].first);
		assert_true(packet_passes(&packet));
	}
}

TEST(who_resigns_has_priority_0)
{
	for (size_t i = 0; i < COUNT(recorded); i++) {
		struct packet packet;
		char name[64];

		TEXT_PRINT(name, "%s-resigned", recorded[i].name);
		packet = packet_recorded(name);
		assert_int_equal(read_packet(&packet), ADVERT_FINE);
		assert_int_equal(advert.vrid, i + 1);
		assert_int_equal(advert.priority, 0);
	}
}

TEST(no_more_addresses_are_kept_than_there_is_room)
{
	struct packet packet = packet_recorded("v3-many");

	assert_int_equal(read_packet(&packet), ADVERT_FINE);
	assert_int_equal(advert.addresses_kept, WIRE_ADDRESSES_MAX);
	expect_address(&advert.addresses[WIRE_ADDRESSES_MAX - 1], "192.0.2.132");
}

/* ---- what is unusual and right ---- */

TEST(over_ipv4_the_pseudo_header_may_be_left_out)
{
	struct packet packet = packet_recorded("v3");

	packet_finish(&packet, PSEUDO_NONE, 0);
	assert_int_equal(read_packet(&packet), ADVERT_FINE);
	packet_finish(&packet, PSEUDO_GROUP, 0);
	assert_int_equal(read_packet(&packet), ADVERT_FINE);
}

TEST(ipv4_may_have_options)
{
	static const uint8_t router_alert[] = { 0x94, 4, 0, 0 };
	static const char *const names[] = { "v2", "v3", "v2-ah" };

	for (size_t i = 0; i < COUNT(names); i++) {
		struct packet packet = packet_recorded(names[i]);

		packet_insert(&packet, 20, router_alert, sizeof(router_alert));
		packet.octets[0]++;
		packet_finish(&packet, PSEUDO_DESTINATION, 0);
		assert_int_equal(read_packet(&packet), ADVERT_FINE);
		assert_true(packet_passes(&packet));
	}
}

TEST(ipv6_may_have_other_headers)
{
	static const uint8_t header[16] = { 0, 1 }, ah[24] = { 0, 4 };
	struct packet packet = packet_recorded("ipv6");

	packet_wrap(&packet, AUTHENTICATION, ah, sizeof(ah));
	assert_int_equal(read_packet(&packet), ADVERT_FINE);
	assert_int_equal(advert.auth_type, haVrrpRouterAuthType_ah);
	assert_true(packet_passes(&packet));
	packet_wrap(&packet, DESTINATION, header, sizeof(header));
	packet_wrap(&packet, ROUTING, header, sizeof(header));
	packet_wrap(&packet, HOP_BY_HOP, header, sizeof(header));
	assert_int_equal(read_packet(&packet), ADVERT_FINE);
	assert_int_equal(advert.vrid, 11);
	assert_true(packet_passes(&packet));
}

TEST(no_end_of_other_headers_is_no_advert)
{
	static const uint8_t header[8] = { 0 };
	struct packet packet = packet_recorded("ipv6");

	for (int i = 0; i < ADVERT_HEADERS_MAX; i++)
		packet_wrap(&packet, DESTINATION, header, sizeof(header));
	assert_int_equal(read_packet(&packet), ADVERT_FINE);
	packet_wrap(&packet, DESTINATION, header, sizeof(header));
	assert_int_equal(read_packet(&packet), ADVERT_FOREIGN);
}

TEST(a_header_that_is_longer_than_the_packet_is_cut)
{
	static const uint8_t header[8] = { 0, 200 };
	struct packet packet = packet_recorded("ipv6");

	packet_wrap(&packet, DESTINATION, header, sizeof(header));
	assert_int_equal(read_packet(&packet), ADVERT_SHORT);
	packet = packet_recorded("v2-ah");
	packet.octets[21] = 200;
	assert_int_equal(read_packet(&packet), ADVERT_SHORT);
}

/* As many octets as would be a signature, or a password. */
TEST(what_is_behind_the_packet_is_not_of_it)
{
	static const char *const names[] = { "v2", "v3", "ipv6" };

	for (size_t i = 0; i < COUNT(names); i++) {
		struct packet packet = packet_recorded(names[i]);

		if (i == 0) {
			packet_cut(&packet, 8);
			packet_finish(&packet, PSEUDO_NONE, 0);
		}
		memset(packet.octets + packet.length, 1, 28);
		packet.length += 28;
		assert_int_equal(read_packet(&packet), ADVERT_FINE);
		assert_int_equal(advert.auth_type, haVrrpRouterAuthType_none);
	}
}

TEST(a_router_may_have_no_addresses_and_255)
{
	struct packet packet = packet_recorded("v3");
	uint8_t addresses[255 * 4] = { 0 };

	packet_cut(&packet, 4);
	packet.octets[packet.message + 3] = 0;
	packet_finish(&packet, PSEUDO_DESTINATION, 0);
	assert_int_equal(read_packet(&packet), ADVERT_FINE);
	assert_int_equal(advert.addresses_kept, 0);
	packet_extend(&packet, addresses, sizeof(addresses));
	packet.octets[packet.message + 3] = 255;
	packet_finish(&packet, PSEUDO_DESTINATION, 0);
	assert_int_equal(read_packet(&packet), ADVERT_FINE);
	assert_int_equal(advert.addresses_count, 255);
	assert_true(packet_passes(&packet));
}

TEST(version_2_may_end_with_its_addresses)
{
	struct packet packet = packet_recorded("v2");

	packet_cut(&packet, 8);
	packet_finish(&packet, PSEUDO_NONE, 0);
	assert_int_equal(read_packet(&packet), ADVERT_FINE);
	assert_int_equal(advert.auth_type, haVrrpRouterAuthType_none);
}

/* auth_hmac of keepalived 2.4. */
TEST(a_signature_is_an_authentication_of_another_kind)
{
	static const uint8_t signature[28] = { 1, 7 };
	static const char *const names[] = { "v2", "v3", "ipv6" };

	for (size_t i = 0; i < COUNT(names); i++) {
		struct packet packet = packet_recorded(names[i]);

		packet_extend(&packet, signature, sizeof(signature));
		packet_finish(&packet, PSEUDO_DESTINATION, sizeof(signature));
		assert_int_equal(read_packet(&packet), ADVERT_FINE);
		assert_int_equal(advert.auth_type, haVrrpRouterAuthType_other);
	}
}

TEST(over_ipv6_the_kernel_sums_up_the_signature_too)
{
	static const uint8_t signature[28] = { 1, 7 };
	struct packet packet = packet_recorded("ipv6");

	packet_extend(&packet, signature, sizeof(signature));
	packet_finish(&packet, PSEUDO_DESTINATION, 0);
	assert_int_equal(read_packet(&packet), ADVERT_FINE);
	assert_int_equal(advert.auth_type, haVrrpRouterAuthType_other);
}

TEST(the_reserved_bits_are_not_of_the_interval)
{
	struct packet packet = packet_recorded("v3");

	packet.octets[packet.message + 4] |= 0xF0;
	packet_finish(&packet, PSEUDO_DESTINATION, 0);
	assert_int_equal(read_packet(&packet), ADVERT_FINE);
	assert_int_equal(advert.interval, 1000);
}

TEST(a_peer_may_be_behind_routers)
{
	struct packet packet = packet_recorded("v2-unicast");

	packet.octets[8] = 64;
	packet_finish(&packet, PSEUDO_NONE, 0);
	assert_int_equal(read_packet(&packet), ADVERT_FINE);
}

/* ---- what is wrong ---- */

/* One octet of the packet, from its beginning or from that of the message, is another one. */
static void expect_wrong(const char *name, bool in_message, size_t where, uint8_t octet,
			 enum advert_fault fault)
{
	struct packet packet = packet_recorded(name);

	packet.octets[where + (in_message ? packet.message : 0)] = octet;
	packet_finish(&packet, PSEUDO_DESTINATION, 0);
	assert_int_equal(read_packet(&packet), fault);
}

TEST(what_has_been_forwarded_is_refused)
{
	expect_wrong("v2", false, 8, 254, ADVERT_TTL);
	expect_wrong("v3", false, 8, 1, ADVERT_TTL);
	expect_wrong("ipv6", false, 7, 64, ADVERT_TTL);
}

TEST(the_head_of_the_message_must_be_right)
{
	static const char *const names[] = { "v2", "v3", "ipv6" };

	for (size_t i = 0; i < COUNT(names); i++) {
		expect_wrong(names[i], true, 0, 0x11, ADVERT_VERSION);
		expect_wrong(names[i], true, 0, 0x41, ADVERT_VERSION);
		expect_wrong(names[i], true, 0, 0x30, ADVERT_TYPE);
		expect_wrong(names[i], true, 0, 0x22, ADVERT_TYPE);
		expect_wrong(names[i], true, 1, 0, ADVERT_VRID);
		expect_wrong(names[i], true, 3, 255, ADVERT_COUNT);
	}
}

TEST(nobody_is_at_such_an_address)
{
	expect_wrong("v2", false, 12, 0, ADVERT_ADDRESS);
	expect_wrong("v2", false, 12, 224, ADVERT_ADDRESS);
	expect_wrong("v2", false, 16, 255, ADVERT_ADDRESS);
	expect_wrong("ipv6", false, 8, 0xFF, ADVERT_ADDRESS);
}

TEST(a_fragment_says_nothing)
{
	expect_wrong("v2", false, 6, 0x20, ADVERT_FOREIGN);
	expect_wrong("v2", false, 7, 1, ADVERT_FOREIGN);
}

TEST(an_unknown_authentication_is_another_one)
{
	struct packet packet = packet_recorded("v2");

	packet.octets[packet.message + 4] = 9;
	packet_finish(&packet, PSEUDO_NONE, 0);
	assert_int_equal(read_packet(&packet), ADVERT_FINE);
	assert_int_equal(advert.auth_type, haVrrpRouterAuthType_other);
}

TEST(every_bit_counts)
{
	static const char *const names[] = { "v2", "v2-password", "v3", "v3-fraction" };

	for (size_t i = 0; i < COUNT(names); i++) {
		struct packet packet = packet_recorded(names[i]);

		for (size_t bit = 0; bit < packet.length * 8; bit++) {
			packet.octets[bit / 8] ^= (uint8_t)(1U << bit % 8);
			assert_int_not_equal(read_packet(&packet), ADVERT_FINE);
			packet.octets[bit / 8] ^= (uint8_t)(1U << bit % 8);
		}
		assert_int_equal(read_packet(&packet), ADVERT_FINE);
	}
}

TEST(a_packet_that_is_cut_is_refused)
{
	for (size_t i = 0; i < COUNT(recorded); i++) {
		struct packet packet = packet_recorded(recorded[i].name);

		while (packet.length--)
			assert_int_not_equal(read_packet(&packet), ADVERT_FINE);
	}
}

TEST(a_message_that_is_cut_is_refused)
{
	for (size_t i = 0; i < COUNT(recorded); i++) {
		struct packet packet = packet_recorded(recorded[i].name);
		size_t rest = recorded[i].version == 2 ? 8 : 0;

		packet_cut(&packet, rest);
		while (packet.length > packet.message + 8) {
			packet_cut(&packet, 1);
			packet_finish(&packet, PSEUDO_DESTINATION, 0);
			assert_int_equal(read_packet(&packet), ADVERT_COUNT);
		}
	}
}

TEST(it_is_said_who_is_to_blame)
{
	struct packet packet = packet_recorded("v3");

	packet.octets[packet.message + 6]++;
	assert_int_equal(read_packet(&packet), ADVERT_CHECKSUM);
	expect_address(&advert.source, "192.0.2.1");
	assert_int_equal(advert.vrid, 5);
	packet = packet_recorded("v3");
	packet.octets[10]++;
	assert_int_equal(read_packet(&packet), ADVERT_CHECKSUM);
	assert_int_equal(advert.vrid, 5);
	packet_cut(&packet, 5);
	assert_int_equal(read_packet(&packet), ADVERT_SHORT);
	assert_int_equal(advert.vrid, 0);
}

TEST(every_fault_has_a_name)
{
	for (int fault = ADVERT_FINE; fault <= ADVERT_CHECKSUM; fault++)
		assert_non_null(advert_fault_name((enum advert_fault)fault));
}

/* ---- the filter ---- */

static struct packet packet_of(const uint8_t *octets, size_t length)
{
	struct packet packet = { .length = length };

	memcpy(packet.octets, octets, length);
	return packet;
}

TEST(nothing_else_passes_the_filter)
{
	static const uint8_t arp[28] = { 0, 1, 8, 0, 6, 4, 0, 1, 2, 112 };
	static const uint8_t listener_report[48] = { 0x60, 0, 0, 0, 0, 8, HOP_BY_HOP, 1 };
	struct packet packet = packet_of(arp, sizeof(arp));

	assert_false(packet_passes(&packet));
	packet = packet_of(listener_report, sizeof(listener_report));
	packet.octets[40] = 58;
	assert_false(packet_passes(&packet));
	packet = packet_recorded("v3");
	packet.octets[9] = 17;
	assert_false(packet_passes(&packet));
	packet = packet_recorded("v3");
	packet.octets[6] = 0x20;
	assert_false(packet_passes(&packet));
	packet = packet_recorded("v2-ah");
	packet.octets[20] = 6;
	assert_false(packet_passes(&packet));
	packet = packet_recorded("ipv6");
	packet.octets[6] = 58;
	assert_false(packet_passes(&packet));
}

TEST(what_is_too_short_for_a_header_does_not_pass)
{
	struct packet packet = packet_recorded("v2-ah");

	for (packet.length = 1; packet.length <= 20; packet.length++)
		assert_false(packet_passes(&packet));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_keepalived_sends_is_read),
		cmocka_unit_test(who_resigns_has_priority_0),
		cmocka_unit_test(no_more_addresses_are_kept_than_there_is_room),
		cmocka_unit_test(over_ipv4_the_pseudo_header_may_be_left_out),
		cmocka_unit_test(ipv4_may_have_options),
		cmocka_unit_test(ipv6_may_have_other_headers),
		cmocka_unit_test(no_end_of_other_headers_is_no_advert),
		cmocka_unit_test(a_header_that_is_longer_than_the_packet_is_cut),
		cmocka_unit_test(what_is_behind_the_packet_is_not_of_it),
		cmocka_unit_test(a_router_may_have_no_addresses_and_255),
		cmocka_unit_test(version_2_may_end_with_its_addresses),
		cmocka_unit_test(a_signature_is_an_authentication_of_another_kind),
		cmocka_unit_test(over_ipv6_the_kernel_sums_up_the_signature_too),
		cmocka_unit_test(the_reserved_bits_are_not_of_the_interval),
		cmocka_unit_test(a_peer_may_be_behind_routers),
		cmocka_unit_test(what_has_been_forwarded_is_refused),
		cmocka_unit_test(the_head_of_the_message_must_be_right),
		cmocka_unit_test(nobody_is_at_such_an_address),
		cmocka_unit_test(a_fragment_says_nothing),
		cmocka_unit_test(an_unknown_authentication_is_another_one),
		cmocka_unit_test(every_bit_counts),
		cmocka_unit_test(a_packet_that_is_cut_is_refused),
		cmocka_unit_test(a_message_that_is_cut_is_refused),
		cmocka_unit_test(it_is_said_who_is_to_blame),
		cmocka_unit_test(every_fault_has_a_name),
		cmocka_unit_test(nothing_else_passes_the_filter),
		cmocka_unit_test(what_is_too_short_for_a_header_does_not_pass),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
