/* Tests how a stream of PDUs is cut: what is answered leaves it, all else goes on as it came.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/line/pdu.h"

#include <arpa/inet.h>
#include <string.h>

#include "tests/unit/check.h"

static unsigned char sent[4096], passed[4096];
static size_t sent_size, passed_size;
static struct pdu_stream stream;
static unsigned int offered;

static int begin(void **state)
{
	(void)state;
	sent_size = passed_size = offered = 0;
	memset(&stream, 0, sizeof(stream));
	return 0;
}

/* Append a PDU to what is sent; its payload looks like headers of others. */
static void add(enum pdu_type type, size_t payload, bool network_order)
{
	unsigned char *octets = sent + sent_size;
	uint32_t length = network_order ? htonl((uint32_t)payload) : (uint32_t)payload;

	memset(octets, PDU_GET, PDU_HEADER + payload);
	octets[PDU_VERSION] = 1;
	octets[PDU_TYPE] = (unsigned char)type;
	octets[PDU_FLAGS] = network_order ? PDU_NETWORK_BYTE_ORDER : 0;
	memcpy(octets + PDU_LENGTH, &length, sizeof(length));
	sent_size += PDU_HEADER + payload;
}

/* Requests for values are answered. */
static bool answer(void *argument, const unsigned char *octets, size_t size)
{
	assert_ptr_equal(argument, &stream);
	assert_true(size >= PDU_HEADER);
	offered++;
	return octets[PDU_TYPE] == PDU_GET;
}

/* Octets as they come with one call of recv(2). */
static void come(const unsigned char *octets, size_t size)
{
	unsigned char buffer[sizeof(sent)];
	size_t held = pdu_resume(&stream, buffer), left;

	memcpy(buffer + held, octets, size);
	left = pdu_sift(&stream, buffer, held + size, answer, &stream);
	memcpy(passed + passed_size, buffer, left);
	passed_size += left;
}

static void expect_passed(const unsigned char *octets, size_t size)
{
	assert_int_equal(passed_size, size);
	assert_memory_equal(passed, octets, size);
}

TEST(what_is_answered_is_not_passed_on)
{
	add(PDU_GET, 40, false);
	add(PDU_GET, 0, true);
	come(sent, sent_size);
	assert_int_equal(offered, 2);
	expect_passed(sent, 0);
}

TEST(what_is_not_answered_is_passed_on)
{
	add(PDU_RESPONSE, 8, true);
	add(PDU_CLEANUP_SET, 0, false);
	come(sent, sent_size);
	assert_int_equal(offered, 2);
	expect_passed(sent, sent_size);
}

/* Others around one request, of `payload` octets, cut into two at every place. */
static void cut_everywhere(size_t payload, bool network_order)
{
	size_t before = PDU_HEADER + 12, after = before + PDU_HEADER + payload;

	for (size_t cut = 1; cut < after + PDU_HEADER + 4; cut++) {
		begin(NULL);
		add(PDU_RESPONSE, 12, network_order);
		add(PDU_GET, payload, network_order);
		add(PDU_RESPONSE, 4, network_order);
		come(sent, cut);
		come(sent + cut, sent_size - cut);
		if (cut < before + PDU_HEADER || cut >= after) {
			memmove(sent + before, sent + after, sent_size - after);
			sent_size -= after - before;
		}
		expect_passed(sent, sent_size);
	}
}

TEST(a_request_that_comes_in_parts_is_answered_or_passed_on_whole)
{
	cut_everywhere(60, false);
	cut_everywhere(60, true);
	cut_everywhere(0, true);
}

TEST(what_comes_octet_by_octet_is_passed_on_and_what_comes_behind_it_is_answered)
{
	size_t slow;

	add(PDU_RESPONSE, 50, true);
	add(PDU_UNDO_SET, 0, true);
	add(PDU_GET, 50, false);
	slow = sent_size;
	add(PDU_GET, 50, false);
	for (size_t i = 0; i < slow; i++)
		come(sent + i, 1);
	come(sent + slow, sent_size - slow);
	expect_passed(sent, slow);
}

TEST(a_length_without_end_is_passed_on_without_end)
{
	uint32_t length = UINT32_MAX;

	add(PDU_GET, 100, true);
	memcpy(sent + PDU_LENGTH, &length, sizeof(length));
	come(sent, sent_size);
	come(sent, sent_size);
	assert_int_equal(offered, 0);
	assert_int_equal(passed_size, 2 * sent_size);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(what_is_answered_is_not_passed_on, begin),
		cmocka_unit_test_setup(what_is_not_answered_is_passed_on, begin),
		cmocka_unit_test(a_request_that_comes_in_parts_is_answered_or_passed_on_whole),
		cmocka_unit_test_setup(
			what_comes_octet_by_octet_is_passed_on_and_what_comes_behind_it_is_answered,
			begin),
		cmocka_unit_test_setup(a_length_without_end_is_passed_on_without_end, begin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
