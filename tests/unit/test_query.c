/* Tests requests for values as the master agent writes them (RFC 2741, 5.2 and 6.2.5).
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/line/query.h"

#include <arpa/inet.h>
#include <string.h>

#include "subagent/line/pdu.h"
#include "tests/unit/check.h"

static unsigned char octets[4096];
static size_t size;
static bool network_order;
static struct query query;
static struct range range;

static void put(uint32_t number)
{
	if (network_order)
		number = htonl(number);
	memcpy(octets + size, &number, sizeof(number));
	size += sizeof(number);
}

static void begin(enum pdu_type type)
{
	const unsigned char first[4] = { 1, (unsigned char)type,
					 network_order ? PDU_NETWORK_BYTE_ORDER : 0, 0 };

	memcpy(octets, first, sizeof(first));
	size = sizeof(first);
	for (uint32_t number = 1; number <= 4; number++)
		put(number * 1000);
}

/* An identifier: `count` numbers behind the prefix, from `first` on. */
static void add(unsigned int prefix, bool include, size_t count, uint32_t first)
{
	const unsigned char head[4] = { (unsigned char)count, (unsigned char)prefix, include, 0 };

	memcpy(octets + size, head, sizeof(head));
	size += sizeof(head);
	for (uint32_t i = 0; i < count; i++)
		put(first + i);
}

static void expect_name(const uint32_t *name, size_t length, const uint32_t *expected, size_t count)
{
	assert_int_equal(length, count);
	assert_memory_equal(name, expected, count * sizeof(*name));
}

static void expect_two_ranges(void)
{
	static const uint32_t start[] = { 1, 3, 6, 1, 2, 8072, 8073 };
	static const uint32_t limit[] = { 1, 3, 6, 1, 4, 70000 }, bare[] = { 2, 3, 4 };

	begin(PDU_GETNEXT);
	add(2, true, 2, 8072);
	add(4, false, 1, 70000);
	add(0, false, 3, 2);
	add(0, false, 0, 0);
	assert_true(query_begin(&query, octets, size));
	assert_true(query.next);
	assert_true(query_next(&query, &range));
	assert_true(range.inclusive);
	expect_name(range.start, range.start_length, start, COUNT(start));
	expect_name(range.limit, range.limit_length, limit, COUNT(limit));
	assert_false(query_ended(&query));
	assert_true(query_next(&query, &range));
	assert_false(range.inclusive);
	expect_name(range.start, range.start_length, bare, COUNT(bare));
	assert_int_equal(range.limit_length, 0);
	assert_false(query_next(&query, &range));
	assert_true(query_ended(&query));
}

TEST(ranges_are_read_in_either_byte_order)
{
	network_order = false;
	expect_two_ranges();
	network_order = true;
	expect_two_ranges();
}

TEST(the_head_is_what_the_response_repeats)
{
	for (int order = 0; order < 2; order++) {
		network_order = order;
		begin(PDU_GET);
		assert_true(query_begin(&query, octets, size));
		assert_false(query.next);
		assert_int_equal(query.head.session, 1000);
		assert_int_equal(query.head.transaction, 2000);
		assert_int_equal(query.head.packet, 3000);
		assert_int_equal(query.head.network_order, network_order);
		assert_false(query_next(&query, &range));
		assert_true(query_ended(&query));
	}
}

TEST(other_types_versions_and_contexts_are_none)
{
	begin(PDU_CLEANUP_SET);
	assert_false(query_begin(&query, octets, size));
	begin(PDU_GET);
	octets[PDU_VERSION] = 2;
	assert_false(query_begin(&query, octets, size));
	begin(PDU_GET);
	octets[PDU_FLAGS] |= PDU_NON_DEFAULT_CONTEXT;
	assert_false(query_begin(&query, octets, size));
}

TEST(what_ends_too_early_is_broken)
{
	network_order = false;
	begin(PDU_GETNEXT);
	add(4, false, 2, 1);
	add(0, false, 1, 9);
	for (size_t cut = PDU_HEADER + 1; cut < size; cut++) {
		assert_true(query_begin(&query, octets, cut));
		assert_false(query_next(&query, &range));
		assert_false(query_ended(&query));
	}
}

TEST(a_name_has_at_most_128_numbers)
{
	for (unsigned int prefix = 0; prefix < 2; prefix++)
		for (size_t length = MIB_OID_MAX - 1; length <= MIB_OID_MAX + 1; length++) {
			begin(PDU_GET);
			add(prefix, false, length - 5 * prefix, 1);
			add(0, false, 0, 0);
			assert_true(query_begin(&query, octets, size));
			assert_int_equal(query_next(&query, &range), length <= MIB_OID_MAX);
			assert_int_equal(query_ended(&query), length <= MIB_OID_MAX);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ranges_are_read_in_either_byte_order),
		cmocka_unit_test(the_head_is_what_the_response_repeats),
		cmocka_unit_test(other_types_versions_and_contexts_are_none),
		cmocka_unit_test(what_ends_too_early_is_broken),
		cmocka_unit_test(a_name_has_at_most_128_numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
