/* Tests echo requests and answers, octet by octet, and what is no answer.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/witness/echo.h"

#include <string.h>
#include <sys/socket.h>

#include "tests/unit/check.h"

#define IP_HEADER 20

static const struct echo ours = { 0x1234, 7, "0123456789abcde" };

/* The answer to our request, as a raw socket gives it; its length. */
static size_t answer(int family, unsigned char *packet)
{
	size_t header = family == AF_INET ? IP_HEADER : 0;

	memset(packet, 0, header);
	if (family == AF_INET)
		packet[0] = 0x45;
	echo_write(&ours, family, packet + header);
	packet[header] = family == AF_INET ? 0 : 129;
	if (family == AF_INET)
		packet[header + 2] += 8; /* the type was 8: now the sum is right again */
	return header + ECHO_SIZE;
}

TEST(a_request_of_ipv4)
{
	static const unsigned char wanted[ECHO_SIZE] = "\x08\x00\xb6\xf3\x12\x34\x00\x07"
						       "0123456789abcde";
	unsigned char packet[ECHO_SIZE];

	echo_write(&ours, AF_INET, packet);
	assert_memory_equal(packet, wanted, sizeof(wanted));
}

TEST(a_request_of_ipv6_has_its_checksum_from_the_kernel)
{
	unsigned char packet[ECHO_SIZE];

	echo_write(&ours, AF_INET6, packet);
	assert_memory_equal(packet, "\x80\x00\x00\x00\x12\x34\x00\x07", 8);
	assert_memory_equal(packet + 8, ours.cookie, ECHO_COOKIE);
}

TEST(an_answer_is_read)
{
	unsigned char packet[64];
	struct echo echo;

	for (int family = AF_INET; family; family = family == AF_INET ? AF_INET6 : 0) {
		size_t length = answer(family, packet);

		memset(&echo, 0, sizeof(echo));
		assert_true(echo_read(&echo, family, packet, length));
		assert_memory_equal(&echo, &ours, sizeof(echo));
	}
}

TEST(an_answer_behind_ip_options_is_read)
{
	unsigned char packet[64];
	struct echo echo;
	size_t length = answer(AF_INET, packet);

	memmove(packet + IP_HEADER + 4, packet + IP_HEADER, ECHO_SIZE);
	packet[0] = 0x46;
	assert_true(echo_read(&echo, AF_INET, packet, length + 4));
	assert_int_equal(echo.sequence, 7);
}

TEST(no_octet_of_the_message_may_differ)
{
	unsigned char packet[64];
	struct echo echo;
	size_t length = answer(AF_INET, packet);

	for (size_t i = IP_HEADER; i < length; i++) {
		packet[i] ^= 1;
		assert_false(echo_read(&echo, AF_INET, packet, length));
		packet[i] ^= 1;
	}
	assert_true(echo_read(&echo, AF_INET, packet, length));
}

TEST(what_is_cut_or_too_long_is_no_answer)
{
	unsigned char packet[64] = { 0 };
	struct echo echo;

	for (int family = AF_INET; family; family = family == AF_INET ? AF_INET6 : 0) {
		size_t length = answer(family, packet);

		for (size_t cut = 0; cut < length; cut++)
			assert_false(echo_read(&echo, family, packet, cut));
		assert_false(echo_read(&echo, family, packet, length + 1));
	}
}

TEST(a_header_that_is_too_short_or_beyond_the_end_is_refused)
{
	unsigned char packet[64];
	struct echo echo;
	size_t length = answer(AF_INET, packet);

	packet[0] = 0x44;
	assert_false(echo_read(&echo, AF_INET, packet, length));
	packet[0] = 0x4f;
	assert_false(echo_read(&echo, AF_INET, packet, length));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_request_of_ipv4),
		cmocka_unit_test(a_request_of_ipv6_has_its_checksum_from_the_kernel),
		cmocka_unit_test(an_answer_is_read),
		cmocka_unit_test(an_answer_behind_ip_options_is_read),
		cmocka_unit_test(no_octet_of_the_message_may_differ),
		cmocka_unit_test(what_is_cut_or_too_long_is_no_answer),
		cmocka_unit_test(a_header_that_is_too_short_or_beyond_the_end_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
