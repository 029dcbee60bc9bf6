/* Tests the reader of etab: what a real exportfs wrote, escapes, what is no line.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "lib/etab.h"

#include <stdlib.h>
#include <string.h>

#include "lib/memory.h"
#include "tests/unit/check.h"
#include "tests/unit/recorded.h"

TEST(each_line_is_an_export)
{
	char *recorded = recorded_text("nfs/etab"), value[16];
	const char *text = recorded;
	struct etab_export export;

	assert_true(etab_next(&text, &export));
	assert_string_equal(export.path, "/srv");
	assert_string_equal(export.client, "10.77.0.0/24");
	assert_true(etab_option(export.options, "async", value, sizeof(value)));
	assert_string_equal(value, "");
	assert_false(etab_option(export.options, "sync", value, sizeof(value)));
	assert_false(etab_option(export.options, "fsid", value, sizeof(value)));
	assert_true(etab_next(&text, &export));
	assert_string_equal(export.path, "/mnt/x");
	assert_string_equal(export.client, "*");
	assert_true(etab_option(export.options, "fsid", value, sizeof(value)));
	assert_string_equal(value, "0");
	assert_true(etab_option(export.options, "no_root_squash", value, sizeof(value)));
	assert_false(etab_option(export.options, "root", value, sizeof(value)));
	assert_false(etab_next(&text, &export));
	free(recorded);
}

TEST(an_escaped_path_is_unescaped)
{
	const char *text = "/srv/a\\040b\\011\\04\tfd00::/64(rw)\n";
	struct etab_export export;

	assert_true(etab_next(&text, &export));
	assert_string_equal(export.path, "/srv/a b\t\\04");
	assert_string_equal(export.client, "fd00::/64");
}

TEST(what_is_no_line_is_passed_over)
{
	static char longest[600];
	char folder[300] = "";
	const char *const bad[] = { "",           "\n\n",          "/srv",       "/srv\t",
				    "/srv\t*",    "/srv\t*(",      "/srv\t(rw)", "\t*(rw)",
				    "/srv *(rw)", "/srv\t*(rw) x", longest };
	struct etab_export export;

	memset(folder, 'a', sizeof(folder) - 1);
	TEXT_PRINT(longest, "/%s\t*(rw)", folder);
	for (size_t i = 0; i < COUNT(bad); i++) {
		const char *text = bad[i];

		assert_false(etab_next(&text, &export));
		assert_string_equal(text, "");
	}
}

TEST(an_option_is_a_whole_word)
{
	char value[4];

	assert_false(etab_option("", "rw", value, sizeof(value)));
	assert_false(etab_option("rwx,xrw", "rw", value, sizeof(value)));
	assert_true(etab_option("xrw,rw", "rw", value, sizeof(value)));
	assert_true(etab_option("fsid=12345,rw", "fsid", value, sizeof(value)));
	assert_string_equal(value, "123");
}

/* ---- editing ---- */

#define LINE_A "/srv/a\\040b\t10.0.0.0/8(rw,sync)\n"
#define LINE_B "/srv/a\\040b\t*.ha.test(ro,refer=/x@10.0.0.1:/y)\n"
#define LINE_C "/srv/a\t10.0.0.0/8(rw)\n"
#define LINE_D "/srv/(d)\tfd00::/64(rw,fsid=1)\n"

static void check_without(const char *text, const char *path, const char *client,
			  const char *wanted)
{
	char *rest = etab_without(text, path, client);

	if (wanted)
		assert_string_equal(rest, wanted);
	else
		assert_null(rest);
	free(rest);
}

TEST(only_the_export_of_this_path_and_client_goes)
{
	static const char all[] = LINE_A LINE_B LINE_C LINE_D;

	check_without(all, "/srv/a b", "10.0.0.0/8", LINE_B LINE_C LINE_D);
	check_without(all, "/srv/a b", "*.HA.test", LINE_A LINE_C LINE_D);
	check_without(all, "/srv/a", "10.0.0.0/8", LINE_A LINE_B LINE_D);
	check_without(all, "/srv/(d)", "fd00::/64", LINE_A LINE_B LINE_C);
	check_without(LINE_C, "/srv/a", "10.0.0.0/8", "");
	check_without(LINE_C LINE_A LINE_C, "/srv/a", "10.0.0.0/8", LINE_A);
	check_without(all, "/srv/a", "*", NULL);
	check_without(all, "/srv", "10.0.0.0/8", NULL);
	check_without("", "/srv", "*", NULL);
}

TEST(what_exportfs_would_not_write_is_not_edited)
{
	static const char *const odd[] = {
		"\n",
		"x\t*(rw)\n",
		"/b *(rw)\n",
		"/b\t*(rw)\t10.0.0.1(ro)\n",
		"/b\t*(rw) 10.0.0.1(ro)\n",
		"/b\t*(rw)x\n",
		"/b\t*\n",
		"/b\t(rw)\n",
		"# /b\t*(rw)\n",
		"/b c\t*(rw)\n",
		"/b#\t*(rw)\n",
		"\"/b\"\t*(rw)\n",
		"/b\t*(rw)\\\n",
		"/b\t*(rw)",
	};
	char text[256], *edited;

	for (size_t i = 0; i < COUNT(odd); i++) {
		TEXT_PRINT(text, LINE_C "%s", odd[i]);
		check_without(text, "/srv/a", "10.0.0.0/8", NULL);
		assert_null(etab_with(text, LINE_D));
		assert_null(etab_with(LINE_D, odd[i]));
	}
	edited = etab_with("", LINE_D);
	assert_string_equal(edited, LINE_D);
	free(edited);
}

TEST(what_was_taken_out_can_be_put_back)
{
	char *recorded = recorded_text("member/etab");
	char *line = etab_line(recorded, "/usr", "@trusted");
	char *rest = etab_without(recorded, "/usr", "@trusted");
	char *again = etab_with(rest, line), *there = etab_line(again, "/usr", "@trusted");

	assert_string_equal(there, line);
	assert_int_equal(strlen(again), strlen(recorded));
	assert_memory_equal(again, line, strlen(line));
	assert_string_equal(again + strlen(line), rest);
	assert_null(etab_line(rest, "/usr", "@trusted"));
	free(recorded);
	free(line);
	free(rest);
	free(again);
	free(there);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_line_is_an_export),
		cmocka_unit_test(an_escaped_path_is_unescaped),
		cmocka_unit_test(what_is_no_line_is_passed_over),
		cmocka_unit_test(an_option_is_a_whole_word),
		cmocka_unit_test(only_the_export_of_this_path_and_client_goes),
		cmocka_unit_test(what_exportfs_would_not_write_is_not_edited),
		cmocka_unit_test(what_was_taken_out_can_be_put_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
