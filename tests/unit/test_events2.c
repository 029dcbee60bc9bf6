/* Tests the tokenizer of `drbdsetup events2'.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "lib/events2.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static bool parse(const char *text, struct events2_line *line)
{
	return events2_parse(text, strlen(text), line);
}

static void must_be(const struct events2_line *line, const char *key, const char *wanted)
{
	struct events2_text value;

	assert_true(events2_find(line, key, &value));
	assert_int_equal(value.length, strlen(wanted));
	assert_memory_equal(value.start, wanted, value.length);
}

static void test_line_with_time(void **state)
{
	struct events2_line line;

	(void)state;
	assert_true(parse("2026-11-22T08:21:41.332073+00:00 exists resource name:r0 role:Secondary "
			  "suspended:no write-ordering:flush",
			  &line));
	assert_int_equal(line.verb, EVENTS2_EXISTS);
	assert_int_equal(line.object, EVENTS2_RESOURCE);
	assert_true(events2_is(&line.time, "2026-11-22T08:21:41.332073+00:00"));
	must_be(&line, "name", "r0");
	must_be(&line, "role", "Secondary");
	must_be(&line, "write-ordering", "flush");
}

static void test_every_verb_and_object(void **state)
{
	static const struct {
		const char *text;
		enum events2_verb verb;
		enum events2_object object;
	} cases[] = {
		{ "exists resource name:a", EVENTS2_EXISTS, EVENTS2_RESOURCE },
		{ "create device name:a volume:0", EVENTS2_CREATE, EVENTS2_DEVICE },
		{ "change connection name:a", EVENTS2_CHANGE, EVENTS2_CONNECTION },
		{ "destroy peer-device name:a", EVENTS2_DESTROY, EVENTS2_PEER_DEVICE },
		{ "change path name:a", EVENTS2_CHANGE, EVENTS2_PATH },
		{ "call helper name:a helper:x", EVENTS2_CALL, EVENTS2_HELPER },
		{ "response helper name:a helper:x status:0", EVENTS2_RESPONSE, EVENTS2_HELPER },
		{ "rename resource name:a new_name:b", EVENTS2_RENAME, EVENTS2_RESOURCE },
		{ "exists -", EVENTS2_EXISTS, EVENTS2_NOTHING },
		{ "- skipped 3", EVENTS2_SKIPPED, EVENTS2_NOTHING },
	};
	struct events2_line line;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		assert_true(parse(cases[i].text, &line));
		assert_int_equal(line.verb, cases[i].verb);
		assert_int_equal(line.object, cases[i].object);
		assert_int_equal(line.time.length, 0);
	}
}

static void test_refused(void **state)
{
	static const char *const cases[] = {
		"",
		" ",
		"-",
		"exists",
		"exists  resource",
		"exist resource name:r0",
		"exists resources name:r0",
		"change -",
		"exists - more",
		"name:r0 role:Primary",
		"2026-11-22T08:21:41.332073+00:00",
		"2026-11-22T08:21:41.332073+00:00 ",
		"Primary exists resource name:r0",
		"exists resource\tname:r0",
		"change resource name:r0 role:Pri\x01mary",
		"- skip 3",
		"EXISTS resource name:r0",
	};
	char over[EVENTS2_LINE_MAX + 2];
	struct events2_line line;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		if (parse(cases[i], &line))
			fail_msg("accepted: %s", cases[i]);
	assert_false(events2_parse("exists resource name:r0\0role:x", 30, &line));
	memset(over, 'x', sizeof(over));
	memcpy(over, "exists resource ", 16);
	assert_true(events2_parse(over, EVENTS2_LINE_MAX, &line));
	assert_false(events2_parse(over, EVENTS2_LINE_MAX + 1, &line));
}

static void test_keys(void **state)
{
	struct events2_text value;
	struct events2_line line;

	(void)state;
	assert_true(parse("change peer-device name:r0 rename:no key empty: :colon  peer-disk:a:b "
			  "disk:old->new last:",
			  &line));
	must_be(&line, "name", "r0");
	must_be(&line, "peer-disk", "a:b");
	must_be(&line, "disk", "new");
	must_be(&line, "empty", "");
	must_be(&line, "last", "");
	assert_false(events2_find(&line, "key", &value));
	assert_false(events2_find(&line, "ame", &value));
	assert_false(events2_find(&line, "peer", &value));
	assert_false(events2_find(&line, "disk-", &value));
	assert_true(parse("change resource", &line));
	assert_false(events2_find(&line, "name", &value));
	assert_true(parse("change device name:r0 disk:->UpToDate open:->", &line));
	must_be(&line, "disk", "UpToDate");
	must_be(&line, "open", "");
}

static void test_numbers(void **state)
{
	struct events2_line line;
	uint64_t number = 7;

	(void)state;
	assert_true(parse("change peer-device eta:nan done:12.50 none: big:18446744073709551615 "
			  "over:18446744073709551616 minus:-1 score:0->10201 zero:0 x:12x",
			  &line));
	assert_false(events2_number(&line, "eta", &number));
	assert_false(events2_number(&line, "done", &number));
	assert_false(events2_number(&line, "none", &number));
	assert_false(events2_number(&line, "over", &number));
	assert_false(events2_number(&line, "minus", &number));
	assert_false(events2_number(&line, "x", &number));
	assert_false(events2_number(&line, "absent", &number));
	assert_int_equal(number, 7);
	assert_true(events2_number(&line, "big", &number));
	assert_true(number == UINT64_MAX);
	assert_true(events2_number(&line, "score", &number));
	assert_int_equal(number, 10201);
	assert_true(events2_number(&line, "zero", &number));
	assert_int_equal(number, 0);
}

/* What the stream handed over, with a '|' behind each line. */
static char handed[3 * EVENTS2_LINE_MAX];

static void hand(void *argument, const char *octets, size_t length)
{
	size_t used = strlen(handed);

	assert_ptr_equal(argument, handed);
	assert_true(used + length + 2 <= sizeof(handed));
	memcpy(handed + used, octets, length);
	memcpy(handed + used + length, "|", 2);
}

static void test_stream_in_pieces(void **state)
{
	static const char text[] = "one\ntwo\n\nthree\n";
	struct events2_stream stream;

	(void)state;
	for (size_t piece = 1; piece <= strlen(text); piece++) {
		memset(&stream, 0, sizeof(stream));
		handed[0] = '\0';
		for (size_t at = 0; at < strlen(text); at += piece) {
			size_t left = strlen(text) - at;

			assert_int_equal(events2_take(&stream, text + at,
						      left < piece ? left : piece, hand, handed),
					 0);
		}
		assert_string_equal(handed, "one|two||three|");
		assert_false(events2_end(&stream));
	}
}

static void test_stream_too_long(void **state)
{
	static char text[2 * EVENTS2_LINE_MAX];
	struct events2_stream stream = { .used = 0 };

	(void)state;
	handed[0] = '\0';
	memset(text, 'x', sizeof(text));
	assert_int_equal(events2_take(&stream, text, EVENTS2_LINE_MAX, hand, handed), 0);
	assert_int_equal(events2_take(&stream, text, 1, hand, handed), 1);
	assert_int_equal(events2_take(&stream, text, sizeof(text), hand, handed), 0);
	assert_int_equal(events2_take(&stream, "end\nnext\n", 9, hand, handed), 0);
	assert_string_equal(handed, "next|");
	text[EVENTS2_LINE_MAX + 1] = '\n';
	assert_int_equal(events2_take(&stream, text, EVENTS2_LINE_MAX + 2, hand, handed), 1);
	text[EVENTS2_LINE_MAX] = '\n';
	handed[0] = '\0';
	assert_int_equal(events2_take(&stream, text, EVENTS2_LINE_MAX + 1, hand, handed), 0);
	assert_int_equal(strlen(handed), EVENTS2_LINE_MAX + 1);
}

static void test_stream_torn(void **state)
{
	struct events2_stream stream = { .used = 0 };

	(void)state;
	handed[0] = '\0';
	events2_take(&stream, "whole\ntor", 9, hand, handed);
	assert_true(events2_end(&stream));
	assert_false(events2_end(&stream));
	events2_take(&stream, "new\n", 4, hand, handed);
	assert_string_equal(handed, "whole|new|");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_line_with_time),
		cmocka_unit_test(test_every_verb_and_object),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_keys),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_stream_in_pieces),
		cmocka_unit_test(test_stream_too_long),
		cmocka_unit_test(test_stream_torn),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
