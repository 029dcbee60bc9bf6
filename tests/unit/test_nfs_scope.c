/* Tests the question for the server scope: replies of a real kernel, whole, refused and cut.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/nfs/scope.h"

#include <stdlib.h>
#include <string.h>

#include "tests/unit/check.h"

#define XID 0x12345678

/* Linux 6.1, started with the host name nfs-ha, and one that serves version 4.0 alone. */
static const char answer[] =
	"1234567800000001000000000000000000000000000000000000000000000000000000010000002a00000000"
	"8455036ba3d5c7990000000100020001000000000000000000000000000000066e66732d6861000000000006"
	"6e66732d6861000000000000";
static const char refusal[] =
	"123456780000000100000000000000000000000000000000000027250000000000000000";

static size_t octets_of(const char *hex, uint8_t *octets)
{
	size_t length = strlen(hex) / 2;

	for (size_t i = 0; i < length; i++) {
		char digits[] = { hex[2 * i], hex[2 * i + 1], '\0' };

		octets[i] = (uint8_t)strtoul(digits, NULL, 16);
	}
	return length;
}

TEST(the_scope_is_read_out_of_an_answer)
{
	uint8_t octets[256];
	size_t length = octets_of(answer, octets);
	char scope[64];

	assert_int_equal(nfs_scope_read(octets, length, XID, scope, sizeof(scope)), 0);
	assert_string_equal(scope, "nfs-ha");
	assert_int_equal(nfs_scope_read(octets, length, XID + 1, scope, sizeof(scope)), -1);
	assert_string_equal(scope, "");
}

TEST(a_refusal_has_none)
{
	uint8_t octets[256];
	size_t length = octets_of(refusal, octets);
	char scope[64];

	assert_int_equal(nfs_scope_read(octets, length, XID, scope, sizeof(scope)), -1);
}

/* No more memory than there are octets, so that a reader that goes too far is seen. */
TEST(an_answer_that_is_cut_is_none)
{
	uint8_t whole[256];
	size_t length = octets_of(answer, whole);
	char scope[64];

	for (size_t cut = 0; cut < length - 4;
	     cut++) { /* behind the scope stands what is not read */
		uint8_t *octets = malloc(cut ? cut : 1);

		memcpy(octets, whole, cut);
		assert_int_equal(nfs_scope_read(octets, cut, XID, scope, sizeof(scope)), -1);
		free(octets);
	}
}

TEST(a_length_that_lies_is_no_trouble)
{
	uint8_t octets[256];
	size_t length = octets_of(answer, octets);
	char scope[64];

	memset(octets + length - 16, 0xff, 4);
	assert_int_equal(nfs_scope_read(octets, length, XID, scope, sizeof(scope)), -1);
}

TEST(what_is_no_text_is_shown_as_question_marks)
{
	uint8_t octets[256];
	size_t length = octets_of(answer, octets);
	char scope[64];

	octets[length - 12] = 0x01;
	assert_int_equal(nfs_scope_read(octets, length, XID, scope, sizeof(scope)), 0);
	assert_string_equal(scope, "?fs-ha");
}

TEST(the_call_is_one_fragment_of_its_length)
{
	uint8_t octets[NFS_SCOPE_CALL_MAX];
	size_t length = nfs_scope_call(octets, XID);

	assert_true(length < sizeof(octets) && length % 4 == 0);
	assert_int_equal(octets[0], 0x80);
	assert_int_equal(octets[2] << 8 | octets[3], length - 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_scope_is_read_out_of_an_answer),
		cmocka_unit_test(a_refusal_has_none),
		cmocka_unit_test(an_answer_that_is_cut_is_none),
		cmocka_unit_test(a_length_that_lies_is_no_trouble),
		cmocka_unit_test(what_is_no_text_is_shown_as_question_marks),
		cmocka_unit_test(the_call_is_one_fragment_of_its_length),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
