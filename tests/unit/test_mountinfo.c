/* Tests the reader of mountinfo: recorded lines, escapes, what is no line, what lies on what.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "lib/mountinfo.h"

#include <stdlib.h>
#include <string.h>

#include "lib/memory.h"
#include "tests/unit/check.h"
#include "tests/unit/recorded.h"

TEST(a_line_says_what_is_mounted_where)
{
	const char *text = "36 35 147:0 / /srv/a\\040b rw,noatime shared:1 master:2 - ext4 "
			   "/dev/drbd0 rw,errors=continue\n"
			   "37 35 147:1 /sub /srv/c ro,relatime - ext4 /dev/drbd1 rw\n"
			   "38 35 0:40 / /srv/d rw - tmpfs none ro,size=4k";
	struct mountinfo mount;

	assert_true(mountinfo_next(&text, &mount));
	assert_int_equal(mount.major, 147);
	assert_int_equal(mount.minor, 0);
	assert_string_equal(mount.root, "/");
	assert_string_equal(mount.point, "/srv/a b");
	assert_string_equal(mount.type, "ext4");
	assert_string_equal(mount.device, "/dev/drbd0");
	assert_false(mount.read_only);
	assert_true(mountinfo_next(&text, &mount));
	assert_string_equal(mount.root, "/sub");
	assert_true(mount.read_only);
	assert_true(mountinfo_next(&text, &mount));
	assert_string_equal(mount.device, "none");
	assert_true(mount.read_only);
	assert_false(mountinfo_next(&text, &mount));
}

TEST(what_is_no_line_is_passed_over)
{
	static const char *const bad[] = {
		"",
		"\n\n",
		"x",
		"36 35 147 / /srv rw - ext4 a rw",
		"36 35 147:0",
		"36 35 147:0 ",
		"36 35 147:0 / /srv",
		"36 35 147:0 / /srv rw ext4 a rw",
		"36 35 147:0 /",
	};
	struct mountinfo mount;

	for (size_t i = 0; i < COUNT(bad); i++) {
		const char *text = bad[i];

		assert_false(mountinfo_next(&text, &mount));
		assert_string_equal(text, "");
	}
}

TEST(a_line_without_an_end_is_passed_over)
{
	static char point[40000], text[70000];
	const char *at = text;
	struct mountinfo mount;

	memset(point, 'x', sizeof(point) - 1);
	TEXT_PRINT(text,
		   "36 35 147:0 / /%s rw - ext4 /dev/drbd0 rw\n"
		   "37 35 147:1 / /srv rw - ext4 /dev/drbd1 rw\n",
		   point);
	assert_true(mountinfo_next(&at, &mount));
	assert_int_equal(mount.minor, 1); /* the first has no end that could be seen */
	assert_false(mountinfo_next(&at, &mount));
}

TEST(a_path_lies_on_the_last_mount_above_it)
{
	char *text = recorded_text("nfs/mountinfo");
	struct mountinfo mount;

	assert_true(mountinfo_under(text, "/mnt/x/cld/main.sqlite", &mount));
	assert_string_equal(mount.point, "/mnt/x");
	assert_true(mountinfo_under(text, "/mnt/x", &mount));
	assert_string_equal(mount.point, "/mnt/x");
	assert_true(mountinfo_under(text, "/mnt/xy", &mount));
	assert_string_equal(mount.point, "/");
	assert_true(mountinfo_under(text, "/proc/fs/nfsd/threads", &mount));
	assert_string_equal(mount.type, "nfsd");
	free(text);
	assert_false(mountinfo_under("", "/", &mount));
	assert_true(mountinfo_under("1 2 8:1 / / rw - ext4 a rw\n3 1 8:2 / / rw - ext4 b rw\n",
				    "/a", &mount));
	assert_string_equal(mount.device, "b");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_says_what_is_mounted_where),
		cmocka_unit_test(what_is_no_line_is_passed_over),
		cmocka_unit_test(a_line_without_an_end_is_passed_over),
		cmocka_unit_test(a_path_lies_on_the_last_mount_above_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
