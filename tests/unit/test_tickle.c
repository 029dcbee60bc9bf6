/* Tests the list of a server's clients, and the segment that makes them connect again.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "actions/tickle/connections.h"

#include <stdio.h>
#include <stdlib.h>

#include "actions/tickle/segment.h"
#include "tests/unit/check.h"

#define HEADINGS                                                                                   \
	"  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid\n"
#define REST " 00000000:00000000 00:00000000 00000000     0        0 2904 1 0 100 0 0 10 0\n"

/* As a little-endian machine shows it: 10.77.0.100:2049 and its clients, one that is only half
 * open, one of another port, one of another address. */
static const char table[] = HEADINGS
	"   0: 00000000:0801 00000000:0000 0A" REST "   7: 64004D0A:0801 03004D0A:02E3 01" REST
	"   8: 64004D0A:0801 03004D0A:033A 01" REST "   9: 64004D0A:0801 04004D0A:033A 06" REST
	"  10: 64004D0A:0802 05004D0A:033A 01" REST "  11: 01004D0A:0801 06004D0A:033A 01" REST;

/* [2001:db8::1]:2049 from [2001:db8::2]:1000, and 10.77.0.100 from 10.77.0.7 as IPv6 has them. */
static const char table6[] = HEADINGS "   0: B80D0120000000000000000001000000:0801 "
				      "B80D0120000000000000000002000000:03E8 01" REST
				      "   1: 0000000000000000FFFF000064004D0A:0801 "
				      "0000000000000000FFFF000007004D0A:03E9 01" REST;

static struct address server_at(const char *text)
{
	struct address server;

	assert_true(address_parse(&server, text, 2049));
	return server;
}

static void assert_list(const struct connections *connections, const char *wanted)
{
	char *text = connections_print(connections);

	assert_string_equal(text, wanted);
	free(text);
}

TEST(established_connections_of_the_server_are_taken)
{
	struct address server = server_at("10.77.0.100");
	struct connections clients = { 0 };

	assert_true(connections_look(&clients, table, &server, 100));
	assert_list(&clients, "10.77.0.3 739 100\n10.77.0.3 826 100\n");
	assert_false(connections_look(&clients, table, &server, 200));
	assert_list(&clients, "10.77.0.3 739 200\n10.77.0.3 826 200\n");
	connections_free(&clients);
}

TEST(ipv6_and_what_is_mapped_into_it)
{
	struct address server = server_at("2001:db8::1"), mapped = server_at("10.77.0.100");
	struct connections clients = { 0 };

	assert_true(connections_look(&clients, table6, &server, 1));
	assert_list(&clients, "2001:db8::2 1000 1\n");
	connections_free(&clients);
	assert_true(connections_look(&clients, table6, &mapped, 1));
	assert_list(&clients, "10.77.0.7 1001 1\n");
	connections_free(&clients);
}

static bool is_listening(const char *text, const char *server, uint16_t port)
{
	struct address address;

	assert_true(address_parse(&address, server, port));
	return connections_is_listening(text, &address);
}

TEST(who_listens_at_all_addresses_or_at_this_one_is_seen)
{
	static const char one[] = HEADINGS "   0: 64004D0A:0801 00000000:0000 0A" REST;
	static const char all6[] = HEADINGS "   0: 00000000000000000000000000000000:0801 "
					    "00000000000000000000000000000000:0000 0A" REST;

	assert_true(is_listening(table, "10.77.0.100", 2049));
	assert_false(is_listening(table, "10.77.0.100", 2050));
	assert_true(is_listening(one, "10.77.0.100", 2049));
	assert_false(is_listening(one, "10.77.0.101", 2049));
	assert_true(is_listening(all6, "2001:db8::1", 2049));
	/* It may take IPv6 alone, which nobody shows here. */
	assert_false(is_listening(all6, "10.77.0.100", 2049));
	assert_false(is_listening(table6, "2001:db8::1", 2049));
	assert_false(is_listening(HEADINGS, "10.77.0.100", 2049));
}

TEST(who_is_seen_no_more_is_kept_for_a_while)
{
	struct address server = server_at("10.77.0.100");
	struct connections clients = { 0 };

	connections_read(&clients, "10.77.0.9 700 50\n10.77.0.9 701 90\n");
	connections_look(&clients, table, &server, 100);
	assert_false(connections_forget(&clients, 50));
	assert_true(connections_forget(&clients, 90));
	assert_list(&clients, "10.77.0.3 739 100\n10.77.0.3 826 100\n10.77.0.9 701 90\n");
	connections_free(&clients);
}

TEST(a_damaged_list_costs_its_bad_lines)
{
	struct connections clients = { 0 };

	connections_read(&clients,
			 "10.77.0.9 700\nnobody 1 1\n10.77.0.9 70000 1\n\n10.77.0.8 1 2\n10.7");
	assert_list(&clients, "10.77.0.8 1 2\n");
	connections_free(&clients);
}

TEST(more_than_so_many_are_not_taken)
{
	struct connections clients = { 0 };
	char line[64];

	for (int i = 0; i < CONNECTIONS_MAX + 10; i++) {
		snprintf(line, sizeof(line), "10.%d.%d.1 %d 1\n", i >> 16, i >> 8 & 0xFF, i & 0xFF);
		connections_read(&clients, line);
	}
	assert_int_equal(clients.count, CONNECTIONS_MAX);
	connections_free(&clients);
}

/* What the receiver does (RFC 1071): the sum of everything is all ones. */
static uint32_t sum_of(const struct address *server, const struct address *client,
		       const unsigned char *segment)
{
	size_t length = server->family == AF_INET ? 4 : 16;
	uint32_t sum = 6 + SEGMENT_SIZE;

	for (size_t i = 0; i < length; i += 2)
		sum += (uint32_t)(server->octets[i] << 8 | server->octets[i + 1]) +
		       (uint32_t)(client->octets[i] << 8 | client->octets[i + 1]);
	for (size_t i = 0; i < SEGMENT_SIZE; i += 2)
		sum += (uint32_t)(segment[i] << 8 | segment[i + 1]);
	while (sum >> 16)
		sum = (sum & 0xFFFF) + (sum >> 16);
	return sum;
}

TEST(the_segment_acknowledges_nothing)
{
	static const unsigned char wanted[16] = {
		0x08, 0x01, 0x03, 0x3A, [12] = 0x50, 0x10, 0x04, 0x00
	};
	static const char *const pairs[][2] = { { "10.77.0.100", "10.77.0.3" },
						{ "2001:db8::1", "2001:db8::ffff:2" } };

	for (size_t i = 0; i < 2; i++) {
		struct address server = server_at(pairs[i][0]), client;
		unsigned char segment[SEGMENT_SIZE];

		assert_true(address_parse(&client, pairs[i][1], 826));
		segment_write(&server, &client, segment);
		assert_memory_equal(segment, wanted, sizeof(wanted));
		assert_int_equal(sum_of(&server, &client, segment), 0xFFFF);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(established_connections_of_the_server_are_taken),
		cmocka_unit_test(ipv6_and_what_is_mapped_into_it),
		cmocka_unit_test(who_listens_at_all_addresses_or_at_this_one_is_seen),
		cmocka_unit_test(who_is_seen_no_more_is_kept_for_a_while),
		cmocka_unit_test(a_damaged_list_costs_its_bad_lines),
		cmocka_unit_test(more_than_so_many_are_not_taken),
		cmocka_unit_test(the_segment_acknowledges_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
