/* Tests DNS messages: questions as they go out, and answers as they come, recorded and made up.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/dns/message/answer.h"

#include <stdlib.h>
#include <string.h>

#include "lib/memory.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/sources/dns/message/question.h"
#include "tests/unit/check.h"
#include "tests/unit/recorded.h"

#define TYPE_A 1
#define TYPE_TXT 16
#define TYPE_OPT 41
#define TYPE_HTTPS 65
#define TYPE_TSIG 250
#define CLASS_IN 1

/* ---- questions ---- */

static void expect_question(const struct dns_terms *terms, const void *octets, size_t length)
{
	struct dns_question *question = dns_question_make(terms);

	assert_non_null(question);
	assert_int_equal(question->length, length);
	assert_memory_equal(question->octets, octets, length);
	free(question);
}

TEST(a_question_is_header_name_type_and_class)
{
	static const char octets[] = "\0\0\0\0\0\1\0\0\0\0\0\0"
				     "\3www\7example\4test\0\0\1\0\1";
	struct dns_terms terms = { "www.example.test", TYPE_A, CLASS_IN, .edns_size = 0 };

	expect_question(&terms, octets, sizeof(octets) - 1);
	terms.name = "www.example.test.";
	expect_question(&terms, octets, sizeof(octets) - 1);
}

TEST(recursion_authentication_and_edns_are_asked_for)
{
	static const char octets[] = "\0\0\1\x30\0\1\0\0\0\0\0\1"
				     "\0\0\2\0\1"
				     "\0\0\51\4\xd0\0\0\x80\0\0\4\0\3\0\0";
	struct dns_terms terms = {
		".", 2, CLASS_IN, 1232, .recursion = true, .dnssec = true, .nsid = true, .ad = true,
	};

	expect_question(&terms, octets, sizeof(octets) - 1);
}

TEST(what_needs_edns_is_left_out_without_it)
{
	static const char octets[] = "\0\0\0\0\0\1\0\0\0\0\0\0"
				     "\1a\0\0\1\0\3";
	struct dns_terms terms = { "a", TYPE_A, 3, .dnssec = true, .nsid = true };

	expect_question(&terms, octets, sizeof(octets) - 1);
}

TEST(a_name_must_be_one)
{
	char label[] = "0123456789012345678901234567890123456789012345678901234567890123";
	char longest[256] = "";
	struct dns_terms terms = { label, TYPE_A, CLASS_IN, .edns_size = 0 };
	struct dns_question *question;

	assert_null(dns_question_make(&terms));
	terms.name = label + 1;
	question = dns_question_make(&terms);
	assert_non_null(question);
	free(question);
	for (int i = 0; i < 127; i++)
		memcpy(longest + 2 * (size_t)i, "a.", 3);
	terms.name = longest;
	question = dns_question_make(&terms);
	assert_int_equal(question->end, 12 + 255 + 4);
	free(question);
	longest[253] = 'a';
	assert_null(dns_question_make(&terms));
	terms.name = "";
	assert_null(dns_question_make(&terms));
	terms.name = "a..b";
	assert_null(dns_question_make(&terms));
}

/* ---- which answers belong to a question ---- */

#define ID 0xbeef

static struct dns_question *question;
static uint8_t reply[512];

static int make_question(void **state)
{
	static const struct dns_terms terms = { "www.example.test", TYPE_HTTPS, CLASS_IN,
						.edns_size = 0 };

	(void)state;
	question = dns_question_make(&terms);
	memcpy(reply, question->octets, question->length);
	reply[0] = ID >> 8;
	reply[1] = ID & 0xff;
	reply[2] = 0x84;
	return 0;
}

static int free_question(void **state)
{
	(void)state;
	free(question);
	return 0;
}

static bool is_answered(void)
{
	return dns_question_answered(question, ID, reply, question->length);
}

TEST(an_answer_repeats_id_and_question)
{
	assert_true(is_answered());
	reply[3] = 0x8f;
	reply[7] = 3;
	assert_true(is_answered());
}

TEST(the_case_of_letters_does_not_matter)
{
	reply[13] = 'W';
	reply[21] = 'P';
	assert_true(is_answered());
}

TEST(everything_else_does)
{
	static const struct {
		size_t place;
		uint8_t value;
	} changes[] = {
		{ 0, 0xbf },             /* id */
		{ 1, 0xee },             /* id */
		{ 2, 0x04 },             /* a query */
		{ 2, 0xa4 },             /* opcode */
		{ 5, 2 },                /* two questions */
		{ 5, 0 },                /* none */
		{ 12, 4 },               /* length of a label */
		{ 14, 'x' },             /* letter */
		{ 31, TYPE_HTTPS + 32 }, /* type: A and a as letters */
		{ 33, 3 },               /* class */
	};

	for (size_t i = 0; i < COUNT(changes); i++) {
		uint8_t before = reply[changes[i].place];

		assert_int_not_equal(before, changes[i].value);
		reply[changes[i].place] = changes[i].value;
		if (is_answered())
			fail_msg("octet %zu does not matter", changes[i].place);
		reply[changes[i].place] = before;
	}
	for (size_t length = 0; length < question->end; length++)
		assert_false(dns_question_answered(question, ID, reply, length));
}

/* ---- mnemonics ---- */

TEST(types_have_names_or_numbers)
{
	static const char *const wrong[] = {
		"",       "AAAAA",  "TYPE",   "TYPE0", "TYPE65536",
		"TYPE-1", "TYPE1x", "TYPE 1", "1",     "TYPE9999999999999999999",
		"TYPE+1"
	};
	uint16_t type;

	assert_true(dns_type_of("AAAA", &type) && type == 28);
	assert_true(dns_type_of("https", &type) && type == TYPE_HTTPS);
	assert_true(dns_type_of("TYPE65535", &type) && type == 65535);
	assert_true(dns_type_of("type1", &type) && type == TYPE_A);
	assert_true(dns_type_of("ANY", &type) && type == 255);
	for (size_t i = 0; i < COUNT(wrong); i++)
		assert_false(dns_type_of(wrong[i], &type));
}

TEST(classes_have_names_or_numbers)
{
	static const char *const wrong[] = { "", "INTERNET", "CLASS", "CLASS0", "CLASS65536", "1" };
	uint16_t class;

	assert_true(dns_class_of("IN", &class) && class == CLASS_IN);
	assert_true(dns_class_of("ch", &class) && class == 3);
	assert_true(dns_class_of("CLASS254", &class) && class == 254);
	for (size_t i = 0; i < COUNT(wrong); i++)
		assert_false(dns_class_of(wrong[i], &class));
}

TEST(rcodes_have_names_or_numbers)
{
	static const char *const wrong[] = { "", "FINE", "-1", "4096", "1x", " 1", "99999999999" };
	char text[16];
	int rcode;

	assert_true(dns_rcode_of("NOERROR", &rcode) && rcode == 0);
	assert_true(dns_rcode_of("servfail", &rcode) && rcode == 2);
	assert_true(dns_rcode_of("NOTIMP", &rcode) && rcode == 4);
	assert_true(dns_rcode_of("NOTIMPL", &rcode) && rcode == 4);
	assert_true(dns_rcode_of("BADVERS", &rcode) && rcode == 16);
	assert_true(dns_rcode_of("4095", &rcode) && rcode == DNS_RCODE_MAX);
	for (size_t i = 0; i < COUNT(wrong); i++)
		assert_false(dns_rcode_of(wrong[i], &rcode));
	dns_rcode_print(5, text, sizeof(text));
	assert_string_equal(text, "REFUSED");
	dns_rcode_print(4000, text, sizeof(text));
	assert_string_equal(text, "RCODE4000");
}

/* ---- recorded answers ---- */

#define AA (1U << haDnsServerFlags_aa)
#define TC (1U << haDnsServerFlags_tc)
#define RD (1U << haDnsServerFlags_rd)
#define RA (1U << haDnsServerFlags_ra)
#define AD (1U << haDnsServerFlags_ad)

static const struct sample {
	const char *name;
	int rcode;
	uint32_t flags;
	uint16_t edns_size;
	const char *nsid;
} samples[] = {
	{ "bind9-chaos", 0, AA, 1232, "" },
	{ "bind9-noedns", 0, AA, 0, "" },
	{ "bind9-servfail", 2, 0, 1232, "" },
	{ "bind9-www", 0, AA, 1232, "named-three" },
	{ "knot-any-tcp", 0, AA, 1232, "" },
	{ "knot-nxdomain", 3, AA, 1232, "" },
	{ "knot-referral", 0, 0, 1232, "" },
	{ "knot-www", 0, AA, 1232, "00ff10" },
	{ "nsd-badvers", 16, 0, 1232, "" },
	{ "nsd-big-tcp", 0, AA, 1232, "" },
	{ "nsd-refused", 5, 0, 1232, "" },
	{ "nsd-truncated", 0, AA | TC, 1232, "" },
	{ "nsd-www", 0, AA, 1232, "nsd-one" },
	{ "nsd-www-dnssec", 0, AA, 1232, "" },
	{ "unbound-authentic", 0, RD | RA | AD, 1232, "" },
	{ "unbound-noedns", 0, RD | RA, 0, "" },
	{ "unbound-nxdomain", 3, RD | RA, 1232, "" },
	{ "unbound-www", 0, RD | RA, 1232, "unbound four" },
};

TEST(recorded_answers_are_read)
{
	for (size_t i = 0; i < COUNT(samples); i++) {
		const struct sample *sample = &samples[i];
		struct recorded message = recorded_read(sample->name);
		struct dns_answer answer;

		if (!dns_answer_read(&answer, message.octets, message.length))
			fail_msg("%s is not read", sample->name);
		assert_int_equal(answer.rcode, sample->rcode);
		assert_int_equal(answer.flags, sample->flags);
		assert_int_equal(answer.edns_size, sample->edns_size);
		assert_int_equal(answer.truncated, (sample->flags & TC) != 0);
		assert_string_equal(answer.nsid, sample->nsid);
		dns_answer_free(&answer);
		recorded_free(&message);
	}
}

/* From memory of just this length. */
static bool is_read(const uint8_t *octets, size_t length)
{
	uint8_t *exact = memory_new(length ? length : 1, 1);
	struct dns_answer answer;
	bool sound;

	memcpy(exact, octets, length);
	sound = dns_answer_read(&answer, exact, length);
	if (sound)
		dns_answer_free(&answer);
	free(exact);
	return sound;
}

TEST(an_answer_that_is_cut_is_none)
{
	for (size_t i = 0; i < COUNT(samples); i++) {
		struct recorded message = recorded_read(samples[i].name);

		for (size_t length = 0; length < message.length && !(samples[i].flags & TC);
		     length++)
			if (is_read(message.octets, length))
				fail_msg("%s: %zu octets are read", samples[i].name, length);
		recorded_free(&message);
	}
}

TEST(a_truncated_answer_may_be_cut_anywhere_behind_the_header)
{
	struct recorded message = recorded_read("knot-any-tcp");

	message.octets[2] |= 2;
	for (size_t length = 0; length < message.length; length++)
		assert_int_equal(is_read(message.octets, length), length >= 12);
	recorded_free(&message);
}

/* ---- answers that nobody sends ---- */

static uint8_t made[DNS_MESSAGE_MAX + 1];
static size_t made_length;

static void put(const void *octets, size_t length)
{
	assert_true(length <= sizeof(made) - made_length);
	memcpy(made + made_length, octets, length);
	made_length += length;
}

static void put_number(size_t number)
{
	uint8_t octets[] = { (uint8_t)(number >> 8), (uint8_t)number };

	put(octets, sizeof(octets));
}

#define PUT(text) put(text, sizeof(text) - 1)

static void begin(size_t answers, size_t additional)
{
	made_length = 0;
	PUT("\0\0\x84\0\0\1");
	put_number(answers);
	put_number(0);
	put_number(additional);
	PUT("\1a\0\0\1\0\1");
}

static void set_answers(size_t answers)
{
	made[6] = (uint8_t)(answers >> 8);
	made[7] = (uint8_t)answers;
}

/* All of a record but its name and its data. */
static void put_record(uint16_t type, uint16_t class, size_t length)
{
	put_number(type);
	put_number(class);
	PUT("\0\0\0\0");
	put_number(length);
}

static bool is_made_well(void)
{
	return is_read(made, made_length);
}

TEST(a_name_must_end)
{
	static const struct {
		const char *octets;
		size_t length;
	} names[] = {
		{ "\xc0\x13", 2 },    /* points at itself */
		{ "\1a\xc0\x13", 4 }, /* has no end */
		{ "\xff\xff", 2 },    /* beyond the message */
		{ "\xc0\x23", 2 },    /* at what comes later */
		{ "\xc0\0", 2 },      /* at the header, which is no name */
		{ "\x80\1", 2 },      /* a kind of label that there is not */
	};

	for (size_t i = 0; i < COUNT(names); i++) {
		begin(1, 0);
		put(names[i].octets, names[i].length);
		put_record(TYPE_A, CLASS_IN, 4);
		PUT("\1\2\3\4\1a\0");
		if (is_made_well())
			fail_msg("name %zu is read", i);
	}
}

TEST(data_have_the_length_of_their_type)
{
	for (size_t length = 0; length < 8; length++) {
		begin(1, 0);
		PUT("\xc0\x0c");
		put_record(TYPE_A, CLASS_IN, length);
		put("\1\2\3\4\0\0\0\0", length);
		assert_int_equal(is_made_well(), length == 0 || length == 4);
	}
}

TEST(counts_must_be_true)
{
	begin(65535, 65535);
	assert_false(is_made_well());
	begin(0, 0);
	assert_true(is_made_well());
	PUT("rest");
	assert_true(is_made_well());
}

static void put_strings(size_t count, const char *text)
{
	size_t length = strlen(text);

	PUT("\xc0\x0c");
	put_record(TYPE_TXT, CLASS_IN, count * (length + 1));
	for (; count > 0; count--) {
		uint8_t octet = (uint8_t)length;

		put(&octet, 1);
		put(text, length);
	}
}

TEST(a_record_has_as_many_strings_as_it_likes)
{
	char longest[256];

	begin(1, 0);
	put_strings(300, "x");
	assert_true(is_made_well());
	memset(longest, 'x', 255);
	longest[255] = '\0';
	begin(1, 0);
	put_strings(255, longest);
	assert_true(is_made_well());
}

TEST(but_not_so_many_that_they_cost_gigabytes)
{
	begin(1, 0);
	put_strings(65000, "");
	assert_false(is_made_well());
	begin(8, 0);
	for (int i = 0; i < 8; i++)
		put_strings(3000, "");
	assert_false(is_made_well());
	begin(8, 0);
	for (int i = 0; i < 8; i++)
		put_strings(300, "");
	assert_true(is_made_well());
}

TEST(records_do_not_overlap)
{
	size_t records = 0;

	begin(0, 0);
	for (; made_length < 60000; records++) {
		PUT("\0");
		put_record(TYPE_A, CLASS_IN, 65535 - made_length - 10);
		PUT("\1\2\3\4");
	}
	set_answers(records);
	assert_false(is_made_well());
}

/* A record with a chain of pointers in its data, each to the one before it. */
static void put_chain(int pointers)
{
	size_t place;

	PUT("\0");
	put_record(65280, CLASS_IN, 2 * (size_t)pointers + 1);
	place = made_length;
	PUT("\0");
	for (int i = 0; i < pointers; i++) {
		size_t next = made_length;

		put_number(0xc000 | place);
		place = next;
	}
}

TEST(names_are_no_mazes)
{
	begin(1, 0);
	put_chain(8000);
	assert_false(is_made_well());
	begin(1, 0);
	put_chain(100);
	while (made_length < 8000)
		PUT("rest");
	assert_true(is_made_well());
}

TEST(keys_and_signatures_may_look_like_pointers)
{
	static const uint8_t octets[] = { 0xff, 0xcc, 0xc1, 0xc0 };

	for (size_t i = 0; i < COUNT(octets); i++) {
		begin(1, 0);
		PUT("\xc0\x0c");
		put_record(65280, CLASS_IN, 60000);
		memset(made + made_length, octets[i], 60000);
		made_length += 60000;
		assert_true(is_made_well());
	}
}

/* ---- EDNS ---- */

static void put_edns(const void *options, size_t length)
{
	PUT("\0");
	put_record(TYPE_OPT, 4096, length);
	put(options, length);
}

static void expect_nsid(const char *options, size_t length, const char *nsid)
{
	struct dns_answer answer;

	begin(0, 1);
	put_edns(options, length);
	assert_true(dns_answer_read(&answer, made, made_length));
	assert_int_equal(answer.edns_size, 4096);
	assert_string_equal(answer.nsid, nsid);
	dns_answer_free(&answer);
}

#define EXPECT_NSID(options, nsid) expect_nsid(options, sizeof(options) - 1, nsid)
#define SIXTY "012345678901234567890123456789012345678901234567890123456789"

TEST(a_server_id_is_text_or_hexadecimal_and_cut)
{
	EXPECT_NSID("", "");
	EXPECT_NSID("\0\3\0\0", "");
	EXPECT_NSID("\0\12\0\1x\0\3\0\4n s1", "n s1");
	EXPECT_NSID("\0\3\0\2\12\x7f", "0a7f");
	EXPECT_NSID("\0\3\0\2\xc3\xa9", "c3a9");
	EXPECT_NSID("\0\3\0\102" SIXTY "abcdef", SIXTY "abcd");
	EXPECT_NSID("\0\3\0\75\0" SIXTY,
		    "00303132333435363738393031323334353637383930313233343536373839"
		    "30");
}

TEST(options_fit_into_each_other)
{
	begin(0, 1);
	put_edns("\0\3\0\5abcd", 8);
	assert_false(is_made_well());
	begin(0, 1);
	put_edns("\0\3\0", 3);
	assert_false(is_made_well());
}

TEST(there_is_one_opt_record)
{
	begin(0, 2);
	put_edns("", 0);
	put_edns("", 0);
	assert_false(is_made_well());
}

TEST(all_signatures_of_a_message_are_freed)
{
	static const char data[] = "\1h\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";

	begin(0, 3);
	for (int i = 0; i < 3; i++) {
		PUT("\0");
		put_record(TYPE_TSIG, 255, sizeof(data) - 1);
		put(data, sizeof(data) - 1);
	}
	assert_true(is_made_well());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_question_is_header_name_type_and_class),
		cmocka_unit_test(recursion_authentication_and_edns_are_asked_for),
		cmocka_unit_test(what_needs_edns_is_left_out_without_it),
		cmocka_unit_test(a_name_must_be_one),
		cmocka_unit_test_setup_teardown(an_answer_repeats_id_and_question, make_question,
						free_question),
		cmocka_unit_test_setup_teardown(the_case_of_letters_does_not_matter, make_question,
						free_question),
		cmocka_unit_test_setup_teardown(everything_else_does, make_question, free_question),
		cmocka_unit_test(types_have_names_or_numbers),
		cmocka_unit_test(classes_have_names_or_numbers),
		cmocka_unit_test(rcodes_have_names_or_numbers),
		cmocka_unit_test(recorded_answers_are_read),
		cmocka_unit_test(an_answer_that_is_cut_is_none),
		cmocka_unit_test(a_truncated_answer_may_be_cut_anywhere_behind_the_header),
		cmocka_unit_test(a_name_must_end),
		cmocka_unit_test(data_have_the_length_of_their_type),
		cmocka_unit_test(counts_must_be_true),
		cmocka_unit_test(a_record_has_as_many_strings_as_it_likes),
		cmocka_unit_test(but_not_so_many_that_they_cost_gigabytes),
		cmocka_unit_test(records_do_not_overlap),
		cmocka_unit_test(names_are_no_mazes),
		cmocka_unit_test(keys_and_signatures_may_look_like_pointers),
		cmocka_unit_test(a_server_id_is_text_or_hexadecimal_and_cut),
		cmocka_unit_test(options_fit_into_each_other),
		cmocka_unit_test(there_is_one_opt_record),
		cmocka_unit_test(all_signatures_of_a_message_are_freed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
