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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_line_is_an_export),
		cmocka_unit_test(an_escaped_path_is_unescaped),
		cmocka_unit_test(what_is_no_line_is_passed_over),
		cmocka_unit_test(an_option_is_a_whole_word),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
