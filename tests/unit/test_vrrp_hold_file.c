/* Tests hold files as they are read: what their text says, and that their changes are seen.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/vrrp/hold.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/loop.h"
#include "lib/memory.h"
#include "lib/settings_vrrp.h"
#include "tests/unit/check.h"
#include "tests/unit/folder.h"

static struct hold parsed(const char *text)
{
	struct hold hold = { .folder = true };

	hold_parse(&hold, text);
	return hold;
}

TEST(a_number_holds_as_keepalived_reads_it)
{
	static const char *const holding[] = { "1",      "1\n",   " 7 \n",       "-1\n",
					       "0x10\n", "1 0\n", "2147483647\n" };
	static const char *const released[] = { "",
						"\n",
						"0",
						"0\n",
						"0x0\n",
						"wrong\n",
						"4294967296\n",
						"00\n1\n",
						"99999999999999999999\n" };

	for (size_t i = 0; i < COUNT(holding); i++)
		assert_true(parsed(holding[i]).set);
	for (size_t i = 0; i < COUNT(released); i++)
		assert_false(parsed(released[i]).set);
	assert_true(parsed("0").folder);
}

TEST(the_second_line_says_when_it_ends)
{
	assert_int_equal(parsed("1\n1795346000\n").ends, INT64_C(1795346000000));
	assert_int_equal(parsed("1\n1795346000").ends, INT64_C(1795346000000));
	assert_int_equal(parsed("1\n").ends, 0);
	assert_int_equal(parsed("1").ends, 0);
	assert_int_equal(parsed("0\n1795346000\n").ends, 0);
	assert_int_equal(parsed("1 1795346000\n").ends, 0);
	assert_int_equal(parsed("1\n-5\n").ends, 0);
	assert_int_equal(parsed("1\nsoon\n").ends, 0);
	assert_int_equal(parsed("1\n9999999999999999999999\n").ends, 0);
}

/* ---- files ---- */

static struct settings_vrrp settings;
static struct settings_instance instances[3];
static struct holds *holds;

static int make(void **state)
{
	folder_make(state);
	folder_put("hold/a", "0\n");
	memset(instances, 0, sizeof(instances));
	instances[0].hold = memory_text(folder_path("hold/a"));
	instances[1].hold = memory_text(folder_path("later/b"));
	settings = (struct settings_vrrp){ .instances_count = 3, .instances = instances };
	holds = holds_open(&settings);
	return 0;
}

static int unmake(void **state)
{
	holds_close(holds);
	free(instances[0].hold);
	free(instances[1].hold);
	return folder_remove(state);
}

/* Wait for a change, as the source does. */
static void wait_for_change(void)
{
	for (int turns = 0; turns < 100; turns++) {
		holds_watch(holds);
		loop_turn();
		if (holds_take(holds))
			return;
	}
	fail_msg("no change was seen");
}

TEST(files_are_read_at_once)
{
	assert_true(holds_take(holds));
	assert_false(holds_of(holds, 0)->set);
	assert_true(holds_of(holds, 0)->folder);
	assert_false(holds_of(holds, 1)->set);
	assert_false(holds_of(holds, 1)->folder);
	assert_false(holds_of(holds, 2)->folder);
}

TEST(a_change_is_seen)
{
	char to[256];

	holds_take(holds);
	folder_put("hold/new", "1\n1795346000\n");
	snprintf(to, sizeof(to), "%s", folder_path("hold/a"));
	assert_int_equal(rename(folder_path("hold/new"), to), 0);
	wait_for_change();
	assert_true(holds_of(holds, 0)->set);
	assert_int_equal(holds_of(holds, 0)->ends, INT64_C(1795346000000));
	assert_int_equal(unlink(to), 0);
	wait_for_change();
	assert_false(holds_of(holds, 0)->set);
	assert_true(holds_of(holds, 0)->folder);
}

TEST(other_track_files_are_read_when_asked)
{
	folder_put("track", "-30\n");
	assert_int_equal(hold_number(folder_path("track")), -30);
	assert_int_equal(hold_number(folder_path("nothing")), 0);
	assert_int_equal(hold_number(folder_path("hold")), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_number_holds_as_keepalived_reads_it),
		cmocka_unit_test(the_second_line_says_when_it_ends),
		cmocka_unit_test_setup_teardown(files_are_read_at_once, make, unmake),
		cmocka_unit_test_setup_teardown(a_change_is_seen, make, unmake),
		cmocka_unit_test_setup_teardown(other_track_files_are_read_when_asked, make,
						unmake),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
