/* Tests the configuration: what an empty file means, and that every error names its line.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "lib/settings.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "lib/memory.h"
#include "tests/unit/check.h"
#include "tests/unit/configuration.h"
#include "tests/unit/folder.h"

#define LIMIT (1 << 20)

/* ---- what is taken ---- */

TEST(an_empty_file_has_sensible_values)
{
	struct settings *settings = configuration_load("");
	struct utsname names;

	assert_int_equal(uname(&names), 0);
	assert_string_equal(settings->path, "conf");
	assert_string_equal(settings->node, names.nodename);
	assert_string_equal(settings->user, "ha-agentx");
	assert_string_equal(settings->agentx, "/var/agentx/master");
	assert_string_equal(settings->socket, "/run/ha-agentx/hub");
	assert_string_equal(settings->state, "/var/lib/ha-agentx");
	assert_string_equal(settings->executor, HA_EXECUTOR);
	assert_int_equal(settings->events, 500);
	assert_int_equal(settings->burst, 20);
	assert_int_equal(settings->rate, 30);
	assert_int_equal(settings->stale_limit, 30000);
	assert_int_equal(settings->drbd, WATCH_AUTO);
	assert_string_equal(settings->drbdadm, "/sbin/drbdadm");
	assert_string_equal(settings->drbdsetup, "/sbin/drbdsetup");
	assert_true(settings->drbd_netlink);
	assert_string_equal(settings->drbd_state, "/proc/drbd");
	assert_string_equal(settings->drbd_config, "/etc/drbd.conf");
	assert_int_equal(settings->drbd_interval, 60000);
	assert_int_equal(settings->drbd_deadline, 10000);
	assert_int_equal(settings->resources_count, 0);
	assert_false(settings_allow_actions(settings));
	settings_free(settings);
}

TEST(every_value_can_be_set)
{
	struct settings *settings = configuration_load(
		"agent {\n"
		"  node = n1.example  # a name\n"
		"  user = \"nobody\"\n"
		"  agentx = /a  socket = '/b'\n"
		"  state = /c//d /* kept */ executor = /e\n"
		"  events = 10 // the least\n"
		"  stale-limit = 86400\n"
		"}\n"
		"drbd { watch = no drbdadm = /f drbdsetup = /g state = /h config = /i\n"
		"  netlink = no interval = 1 deadline = 2 }\n");

	assert_string_equal(settings->node, "n1.example");
	assert_string_equal(settings->user, "nobody");
	assert_string_equal(settings->agentx, "/a");
	assert_string_equal(settings->socket, "/b");
	assert_string_equal(settings->state, "/c//d");
	assert_string_equal(settings->executor, "/e");
	assert_int_equal(settings->events, 10);
	assert_int_equal(settings->stale_limit, 86400000);
	assert_int_equal(settings->drbd, WATCH_NO);
	assert_string_equal(settings->drbdadm, "/f");
	assert_string_equal(settings->drbdsetup, "/g");
	assert_false(settings->drbd_netlink);
	assert_string_equal(settings->drbd_state, "/h");
	assert_string_equal(settings->drbd_config, "/i");
	assert_int_equal(settings->drbd_interval, 1000);
	assert_int_equal(settings->drbd_deadline, 2000);
	settings_free(settings);
}

TEST(resources_keep_their_order_over_sections)
{
	struct settings *settings = configuration_load(
		"drbd { resource z { } resource a { switchable = yes } }\n"
		"drbd { watch = yes resource 'm.1_x-2+' { switchable = no } }\n");

	assert_int_equal(settings->drbd, WATCH_YES);
	assert_int_equal(settings->resources_count, 3);
	assert_int_equal(settings_find_resource(settings, "z"), 0);
	assert_int_equal(settings_find_resource(settings, "a"), 1);
	assert_int_equal(settings_find_resource(settings, "m.1_x-2+"), 2);
	assert_int_equal(settings_find_resource(settings, "A"), -1);
	assert_false(settings->resources[0].switchable || settings->resources[2].switchable);
	assert_true(settings->resources[1].switchable);
	assert_true(settings_allow_actions(settings));
	settings_free(settings);
}

/* A section with so many resources, each on a line of its own. */
static char *many_resources(int count)
{
	size_t size = 64 * (size_t)count, used = 0;
	char *text = memory_new(size, 1);

	for (int i = 0; i < count; i++) {
		text_print(text + used, size - used, "%sresource r%d { }\n", i ? "" : "drbd {\n",
			   i);
		used += strlen(text + used);
	}
	text_put(text + used, size - used, "}\n");
	return text;
}

TEST(resources_are_limited_in_number)
{
	char *just = many_resources(SETTINGS_RESOURCES_MAX);
	char *more = many_resources(SETTINGS_RESOURCES_MAX + 1);
	struct settings *settings = configuration_load(just);

	assert_int_equal(settings->resources_count, SETTINGS_RESOURCES_MAX);
	settings_free(settings);
	configuration_refused(more, "258: too many resources");
	free(just);
	free(more);
}

/* ---- what is refused ---- */

TEST(every_error_names_its_line)
{
	static const char *const errors[][2] = {
		{ "\n\nbogus = 1\n", "3: no such option 'bogus'" },
		{ "agent {\n bogus = 1\n}\n", "2: no such option 'bogus'" },
		{ "agent {\n events = 12x\n}\n", "2: invalid integer value for option 'events'" },
		{ "agent {\n\n events =\n}\n", "4: unexpected token '}'" },
		{ "agent {\n events += 20\n}\n",
		  "2: attempt to append to non-list option 'events'" },
		{ "agent {\n events = 99999999999999999999\n}\n",
		  "2: integer value for option 'events' is out of range" },
		{ "agent {\n events = 9\n}\n", "2: events must be 10 to 100000" },
		{ "agent {\n burst = -1\n}\n", "2: burst must be 0 to 1000" },
		{ "agent {\n burst = 1001\n}\n", "2: burst must be 0 to 1000" },
		{ "agent {\n rate = 0\n}\n", "2: rate must be 1 to 6000 a minute" },
		{ "agent {\n rate = 6001\n}\n", "2: rate must be 1 to 6000 a minute" },
		{ "agent {\n events = 100001\n}\n", "2: events must be 10 to 100000" },
		{ "agent {\n stale-limit = 0\n}\n", "2: stale-limit must be 1 to 86400 seconds" },
		{ "agent {\n stale-limit = -1\n}\n", "2: stale-limit must be 1 to 86400 seconds" },
		{ "agent {\n node = \"a b\"\n}\n", "2: node is not a host name" },
		{ "agent {\n node = \"\"\n}\n", "2: node is not a host name" },
		{ "agent {\n user = \"\"\n}\n", "2: user must not be empty" },
		{ "agent {\n state = there\n}\n",
		  "2: state must be an absolute path of at most 107 octets" },
		{ "drbd {\n watch = maybe\n}\n", "2: watch must be auto, yes or no" },
		{ "drbd {\n interval = 86401\n}\n", "2: interval must be 1 to 86400 seconds" },
		{ "drbd {\n deadline = 0\n}\n", "2: deadline must be 1 to 86400 seconds" },
		{ "drbd {\n drbdadm = sbin/drbdadm\n}\n",
		  "2: drbdadm must be an absolute path of at most 107 octets" },
		{ "drbd {\n resource r0 {\n  switchable = maybe\n }\n}\n",
		  "3: invalid boolean value for option 'switchable'" },
		{ "drbd {\n resource r0 { }\n resource r0 { }\n}\n",
		  "3: found duplicate title 'r0'" },
		{ "drbd {\n resource { }\n}\n", "2: missing title for section 'resource'" },
		{ "drbd {\n resource \"a/b\" { }\n}\n",
		  "2: \"a/b\" is not a name of a DRBD resource (1 to 64 letters, digits, ._-+)" },
		{ "drbd {\n resource -x { }\n}\n",
		  "2: \"-x\" is not a name of a DRBD resource (1 to 64 letters, digits, ._-+)" },
		{ "agent {\n} }\n", "2: unexpected closing brace" },
		{ "agent\n", "2: premature end of file" },
		{ "\n''\n", "2: cannot be understood" },
		{ "include(\"/etc/passwd\")\n", "1: no such option 'include'" },
		{ "\xff\xfe\n", "1: no such option '\xff\xfe'" },
	};

	for (size_t i = 0; i < COUNT(errors); i++)
		configuration_refused(errors[i][0], errors[i][1]);
}

TEST(comments_and_texts_do_not_move_the_line)
{
	static const char *const errors[][2] = {
		{ "# one\n// two\n/* three\nfour */ bogus = 1\n", "4: no such option 'bogus'" },
		{ "/*/ one\n/* two */ # three */\nbogus = 1\n", "3: no such option 'bogus'" },
		{ "agent {\n user = \"a\nb\"\n events = 1\n}\n", "4: events must be 10 to 100000" },
		{ "agent {\n user = \"/* # // \\\" }\" # {\n events = 1\n}\n",
		  "3: events must be 10 to 100000" },
		{ "agent { user = '# \\' }' # '\n events = 1\n}\n",
		  "2: events must be 10 to 100000" },
		{ "agent {\r\n # dos\r\n events = 1\r\n}\r\n", "3: events must be 10 to 100000" },
		{ "#", "" },
		{ "/**/", "" },
		{ "//", "" },
		{ "\n\n", "" },
	};

	for (size_t i = 0; i < COUNT(errors); i++)
		configuration_refused(errors[i][0], errors[i][1]);
}

TEST(half_a_file_is_refused_wherever_it_is_cut)
{
	static const char whole[] = "agent { user = \"}\" } /* { */ drbd { resource r { } }";
	char half[sizeof(whole)], message[512];

	for (size_t length = 0; length < sizeof(whole); length++) {
		const char *cut = whole + length;
		bool complete = length == 0 || length == sizeof(whole) - 1 ||
				(cut >= strstr(whole, " /*") && cut <= strstr(whole, "/*")) ||
				(cut >= strstr(whole, "*/ ") + 2 && cut <= strstr(whole, "drbd"));

		text_put_part(half, sizeof(half), whole, length);
		configuration_elsewhere(configuration_open(half, length), message, sizeof(message));
		if (!*message != complete)
			fail_msg("\"%s\": %s", half, message);
	}
}

TEST(variables_are_refused_for_their_values_differ)
{
	configuration_refused("agent {\n user = \"${USER}\"\n}\n", "2: variables are not expanded");
	configuration_refused("# fine: ${USER}\ndrbd { resource ${X} { } }\n",
			      "2: variables are not expanded");
}

TEST(what_is_open_at_the_end_is_named)
{
	configuration_refused("agent {\n events = 20\n", "3: the file ends inside a section");
	configuration_refused("agent { user = \"}\"\n", "2: the file ends inside a section");
	configuration_refused("agent { user = \"}\n", "2: the file ends inside a section");
	configuration_refused("\n/* agent {\n}\n", "2: the comment has no end");
	configuration_refused("\n/*/", "2: the comment has no end");
}

TEST(names_and_paths_have_their_longest)
{
	char name[SETTINGS_NAME_MAX + 2], path[109], text[256];
	struct settings *settings;

	memset(name, 'x', sizeof(name));
	memset(path, '/', sizeof(path));
	TEXT_PRINT(text, "drbd { resource %.*s { } state = \"%.*s\" }", SETTINGS_NAME_MAX, name,
		   107, path);
	settings = configuration_load(text);
	assert_int_equal(strlen(settings->resources[0].name), SETTINGS_NAME_MAX);
	settings_free(settings);
	TEXT_PRINT(text, "agent { node = %.*s }", SETTINGS_NAME_MAX + 1, name);
	configuration_refused(text, "1: node is not a host name");
	TEXT_PRINT(text, "drbd { state = \"%.*s\" }", 108, path);
	configuration_refused(text, "1: state must be an absolute path of at most 107 octets");
}

/* ---- files that are none ---- */

TEST(a_file_with_a_nul_octet_is_refused)
{
	configuration_expect(configuration_open("agent {\0}", 9),
			     "0: has a NUL octet, is not text");
	configuration_expect(configuration_open("\0", 1), "0: has a NUL octet, is not text");
}

TEST(a_huge_file_is_refused_and_one_that_just_fits_is_not)
{
	char *text = memory_new(LIMIT, 1);

	memset(text, '\n', LIMIT);
	configuration_expect(configuration_open(text, LIMIT), "0: longer than 1048574 octets");
	configuration_expect(configuration_open(text, LIMIT - 1), "0: longer than 1048574 octets");
	configuration_expect(configuration_open(text, LIMIT - 2), "");
	free(text);
}

TEST(a_folder_and_a_pipe_are_refused)
{
	int pipes[2];

	configuration_expect(open(folder, O_RDONLY | O_CLOEXEC), "0: Is a directory");
	assert_int_equal(pipe(pipes), 0);
	configuration_expect(pipes[0], "0: Illegal seek");
	close(pipes[1]);
}

TEST(the_descriptor_can_be_read_again)
{
	static const char text[] = "agent { events = 20 }";
	int fd = configuration_open(text, strlen(text));

	for (int i = 0; i < 2; i++) {
		struct settings *settings = settings_load(fd, "conf");

		assert_int_equal(settings->events, 20);
		settings_free(settings);
	}
	close(fd);
}

/* ---- the digest ---- */

static uint64_t digest_of(const void *octets, size_t length)
{
	struct settings *settings = configuration_load_octets(octets, length);
	uint64_t digest = settings->digest;

	settings_free(settings);
	return digest;
}

TEST(the_digest_is_that_of_the_octets)
{
	/* Test vectors of FNV-1a, 64 bits. */
	assert_true(digest_of("", 0) == UINT64_C(0xcbf29ce484222325));
	assert_true(digest_of("#", 1) ==
		    (UINT64_C(0xcbf29ce484222325) ^ '#') * UINT64_C(0x100000001b3));
}

TEST(the_digest_differs_with_every_octet)
{
	char text[] = "# a comment counts, too, 0123456789\n";
	size_t length = strlen(text);
	uint64_t digest = digest_of(text, length);

	assert_true(digest_of(text, length) == digest);
	assert_true(digest_of(text, length - 1) != digest);
	for (size_t i = 1; i < length; i++) {
		text[i] ^= 0x40;
		assert_true(digest_of(text, length) != digest);
		text[i] ^= 0x40;
	}
}

#define SETTINGS_TEST(sentence)                                                                    \
	cmocka_unit_test_setup_teardown(sentence, folder_make, folder_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		SETTINGS_TEST(an_empty_file_has_sensible_values),
		SETTINGS_TEST(every_value_can_be_set),
		SETTINGS_TEST(resources_keep_their_order_over_sections),
		SETTINGS_TEST(resources_are_limited_in_number),
		SETTINGS_TEST(every_error_names_its_line),
		SETTINGS_TEST(comments_and_texts_do_not_move_the_line),
		SETTINGS_TEST(half_a_file_is_refused_wherever_it_is_cut),
		SETTINGS_TEST(variables_are_refused_for_their_values_differ),
		SETTINGS_TEST(what_is_open_at_the_end_is_named),
		SETTINGS_TEST(names_and_paths_have_their_longest),
		SETTINGS_TEST(a_file_with_a_nul_octet_is_refused),
		SETTINGS_TEST(a_huge_file_is_refused_and_one_that_just_fits_is_not),
		SETTINGS_TEST(a_folder_and_a_pipe_are_refused),
		SETTINGS_TEST(the_descriptor_can_be_read_again),
		SETTINGS_TEST(the_digest_is_that_of_the_octets),
		SETTINGS_TEST(the_digest_differs_with_every_octet),
	};

	return cmocka_run_group_tests_name("settings", tests, NULL, NULL);
}
