/* Tests what is read in a resolv.conf. That it is what the C library reads is seen in test-lookup.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/dns/resolver/resolv_conf.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/memory.h"
#include "tests/unit/check.h"
#include "tests/unit/folder.h"

#define DEADLINE 60 /* seconds, after which a call that hangs ends the test */

static struct resolv_conf conf;

static void parse(const char *text)
{
	resolv_conf_parse(&conf, text, strlen(text));
}

static void expect_server(uint32_t position, const char *address)
{
	char text[ADDRESS_TEXT_MAX];

	address_print(&conf.servers[position], text, sizeof(text));
	assert_string_equal(text, address);
	assert_int_equal(conf.servers[position].port, 53);
}

static void expect_options(uint32_t timeout, uint32_t attempts, uint32_t ndots, bool rotate)
{
	assert_int_equal(conf.timeout, timeout);
	assert_int_equal(conf.attempts, attempts);
	assert_int_equal(conf.ndots, ndots);
	assert_int_equal(conf.rotate, rotate);
}

static void expect_nothing(void)
{
	assert_int_equal(conf.servers_count, 0);
	assert_int_equal(resolv_conf_used(&conf), 0);
	assert_false(conf.stub);
	expect_options(5, 2, 1, false);
}

TEST(an_empty_file_leaves_the_defaults)
{
	parse("");
	expect_nothing();
	assert_int_equal(conf.error, 0);
}

TEST(servers_come_in_order_and_three_are_used)
{
	parse("nameserver 192.0.2.1\nnameserver 2001:db8::1\nnameserver 192.0.2.3\n"
	      "nameserver 192.0.2.4\n");
	assert_int_equal(conf.servers_count, 4);
	assert_int_equal(resolv_conf_used(&conf), 3);
	expect_server(0, "192.0.2.1");
	expect_server(1, "2001:db8::1");
	expect_server(3, "192.0.2.4");
}

TEST(more_servers_than_are_shown_are_counted)
{
	char text[8192];
	size_t used = 0;

	for (int i = 1; i <= 200; i++) {
		text_print(text + used, sizeof(text) - used, "nameserver 192.0.2.%d\n", i);
		used += strlen(text + used);
	}
	parse(text);
	assert_int_equal(conf.servers_count, 200);
	expect_server(RESOLV_SERVERS_MAX - 1, "192.0.2.16");
}

TEST(addresses_that_are_none_are_passed_over)
{
	parse("nameserver\nnameserver \nnameserver ns1.example.test\nnameserver 192.0.2.256\n"
	      "nameserver 192.0.2.1.1\nnameserver 2001:db8::g\nnameserver 192.0.2.1\r\n"
	      "nameserver 192.0.2.2 # second\nnameserver 0x7f.1\n");
	assert_int_equal(conf.servers_count, 2);
	expect_server(0, "192.0.2.2");
	expect_server(1, "127.0.0.1");
}

TEST(zones_are_of_interfaces_that_are_there)
{
	parse("nameserver fe80::1%lo\nnameserver fe80::2%4000000000\nnameserver fe80::3%absent\n"
	      "nameserver fe80::4%99999999999\nnameserver 2001:db8::1%lo\n");
	assert_int_equal(conf.servers_count, 5);
	assert_true(conf.servers[0].scope > 0);
	assert_int_equal(conf.servers[1].scope, 4000000000);
	for (uint32_t i = 2; i < 5; i++)
		assert_int_equal(conf.servers[i].scope, 0);
}

TEST(keywords_stand_at_the_start_of_the_line)
{
	parse(" nameserver 192.0.2.1\n#nameserver 192.0.2.2\n;nameserver 192.0.2.3\n"
	      "nameservers 192.0.2.4\nNameserver 192.0.2.5\noption rotate\nnameserver\t192.0.2.6");
	assert_int_equal(conf.servers_count, 1);
	expect_server(0, "192.0.2.6");
	expect_options(5, 2, 1, false);
	parse("search a.test\nsearchb.test\ndomainc.test\nsearch\nsearch");
	assert_string_equal(conf.search, "a.test");
}

TEST(options_are_read_up_to_their_limits)
{
	parse("options timeout:3 attempts:4 ndots:5 rotate\n");
	expect_options(3, 4, 5, true);
	parse("options timeout:31 attempts:6 ndots:16\n");
	expect_options(30, 5, 15, false);
	parse("options timeout:0 attempts:0 ndots:0\n");
	expect_options(1, 0, 0, false);
	parse("options timeout:-9 attempts:-9 ndots:-1\n");
	expect_options(1, 0, 15, false);
	parse("options timeout:x rotated edns0\noptions attempts:\t3 timeout 9\n");
	expect_options(1, 3, 1, true);
}

TEST(the_last_of_search_and_domain_wins)
{
	parse("domain one.test\nsearch  two.test\tthree.test \n");
	assert_string_equal(conf.search, "two.test three.test");
	parse("search two.test three.test\ndomain one.test four.test\n");
	assert_string_equal(conf.search, "one.test");
	parse("search one.test\nsearch \ndomain\n");
	assert_string_equal(conf.search, "one.test");
}

TEST(a_search_list_is_cut_at_a_blank_and_made_printable)
{
	char text[600] = "search ";
	size_t length = strlen(text);

	for (; length + 10 < sizeof(text); length += 9)
		text_put(text + length, sizeof(text) - length, "name.xyz ");
	parse(text);
	length = strlen(conf.search);
	assert_int_equal(length, 28 * 9 - 1);
	assert_string_equal(conf.search + length - 8, "name.xyz");
	memset(text, 'x', sizeof(text));
	memcpy(text, "search ", 7);
	text[7 + 127] = ' ';
	text[7 + 127 + 1 + 128] = '\0';
	parse(text);
	assert_int_equal(strlen(conf.search), 127);
	text[7 + 127 + 1 + 127] = '\0';
	parse(text);
	assert_int_equal(strlen(conf.search), 255);
	parse("search a\001b\r \377.test\n");
	assert_string_equal(conf.search, "a?b? ?.test");
}

TEST(a_stub_is_one_when_nothing_else_is_used)
{
	parse("nameserver 127.0.0.53\n");
	assert_true(conf.stub);
	parse("nameserver 127.0.0.54\nnameserver 127.0.0.53\n");
	assert_true(conf.stub);
	parse("nameserver 127.0.0.53\nnameserver 192.0.2.1\n");
	assert_false(conf.stub);
	parse("nameserver 127.0.0.1\n");
	assert_false(conf.stub);
	parse("nameserver ::ffff:127.0.0.53\n");
	assert_false(conf.stub);
}

TEST(a_nul_ends_its_line)
{
	static const char text[] = "nameserver 192.0.2.1\0junk\nopt\0ions rotate\n\0\n"
				   "nameserver 192.0.2.2";

	resolv_conf_parse(&conf, text, sizeof(text) - 1);
	assert_int_equal(conf.servers_count, 2);
	expect_server(1, "192.0.2.2");
	assert_false(conf.rotate);
}

TEST(garbage_is_read_without_harm)
{
	static const char *const words[] = { "nameserver ", "options ", "search ", "ndots:", "\n",
					     "\n",          "fe80::1%", "rotate ", "127.1 " };
	char text[512];

	srandom(1);
	for (int i = 0; i < 2000; i++) {
		size_t used = 0;

		while (used < sizeof(text) - 16) {
			const char *word = words[(size_t)random() % COUNT(words)];

			if (random() % 3) {
				memcpy(text + used, word, strlen(word));
				used += strlen(word);
			} else {
				text[used++] = (char)random();
			}
		}
		resolv_conf_parse(&conf, text, used);
		assert_true(conf.attempts <= 5 && conf.ndots <= 15);
		assert_true(conf.timeout >= 1 && conf.timeout <= 30);
		assert_true(strlen(conf.search) < sizeof(conf.search));
	}
}

TEST(a_file_is_read_as_its_text)
{
	folder_put("resolv.conf", "nameserver 192.0.2.1\noptions rotate");
	resolv_conf_read(&conf, folder_path("resolv.conf"));
	assert_int_equal(conf.error, 0);
	assert_int_equal(conf.servers_count, 1);
	assert_true(conf.rotate);
	resolv_conf_read(&conf, "/dev/null");
	assert_int_equal(conf.error, 0);
	expect_nothing();
}

TEST(what_cannot_be_read_is_as_an_empty_file)
{
	resolv_conf_read(&conf, folder_path("resolv.conf"));
	assert_int_equal(conf.error, ENOENT);
	expect_nothing();
	resolv_conf_read(&conf, folder);
	assert_int_equal(conf.error, EISDIR);
	expect_nothing();
	assert_int_equal(symlink("loop", folder_path("loop")), 0);
	resolv_conf_read(&conf, folder_path("loop"));
	assert_int_equal(conf.error, ELOOP);
	expect_nothing();
}

TEST(a_pipe_is_not_waited_for)
{
	alarm(DEADLINE);
	assert_int_equal(mkfifo(folder_path("resolv.conf"), 0644), 0);
	resolv_conf_read(&conf, folder_path("resolv.conf"));
	assert_int_equal(conf.error, EINVAL);
	expect_nothing();
	alarm(0);
}

TEST(an_endless_file_is_read_for_a_megabyte)
{
	size_t size = 3 << 20;
	char *text = memory_new(size, 1);

	memset(text, 'x', size - 1);
	memcpy(text, "nameserver 192.0.2.1\n#", 22);
	folder_put("resolv.conf", text);
	resolv_conf_read(&conf, folder_path("resolv.conf"));
	assert_int_equal(conf.error, 0);
	assert_int_equal(conf.servers_count, 1);
	/* The line that is cut is no line: 192.0.2.1 might have been 192.0.2.19. */
	memset(text, '\n', size - 1);
	memcpy(text + (1 << 20) - 20, "nameserver 192.0.2.19", 21);
	folder_put("resolv.conf", text);
	resolv_conf_read(&conf, folder_path("resolv.conf"));
	assert_int_equal(conf.servers_count, 0);
	alarm(DEADLINE);
	resolv_conf_read(&conf, "/dev/zero");
	expect_nothing();
	alarm(0);
	free(text);
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, folder_make, folder_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_file_leaves_the_defaults),
		cmocka_unit_test(servers_come_in_order_and_three_are_used),
		cmocka_unit_test(more_servers_than_are_shown_are_counted),
		cmocka_unit_test(addresses_that_are_none_are_passed_over),
		cmocka_unit_test(zones_are_of_interfaces_that_are_there),
		cmocka_unit_test(keywords_stand_at_the_start_of_the_line),
		cmocka_unit_test(options_are_read_up_to_their_limits),
		cmocka_unit_test(the_last_of_search_and_domain_wins),
		cmocka_unit_test(a_search_list_is_cut_at_a_blank_and_made_printable),
		cmocka_unit_test(a_stub_is_one_when_nothing_else_is_used),
		cmocka_unit_test(a_nul_ends_its_line),
		cmocka_unit_test(garbage_is_read_without_harm),
		IN_FOLDER(a_file_is_read_as_its_text),
		IN_FOLDER(what_cannot_be_read_is_as_an_empty_file),
		IN_FOLDER(a_pipe_is_not_waited_for),
		IN_FOLDER(an_endless_file_is_read_for_a_megabyte),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
