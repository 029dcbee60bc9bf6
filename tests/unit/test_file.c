/* Tests how a file is put in the place of another one.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "lib/file.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/memory.h"
#include "tests/unit/check.h"
#include "tests/unit/folder.h"

#define LIMIT 4096 /* octets */

static char path[256];

static int make(void **state)
{
	folder_make(state);
	TEXT_PUT(path, folder_path("file"));
	folder_put("file", "old");
	return 0;
}

static void check_content(const char *name, const char *wanted)
{
	char content[64];

	folder_take(name, content, sizeof(content));
	assert_string_equal(content, wanted);
}

TEST(the_new_one_takes_the_place)
{
	struct stat status;

	umask(077);
	assert_true(file_replace(path, "new and longer", 14, 0644));
	check_content("file", "new and longer");
	assert_true(file_replace_durably(path, "", 0, 0604));
	check_content("file", "");
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 07777, 0604);
	assert_false(folder_has("file.new"));
}

TEST(there_need_not_be_an_old_one)
{
	assert_int_equal(unlink(path), 0);
	assert_true(file_replace(path, "new", 3, 0600));
	check_content("file", "new");
}

TEST(what_is_left_of_an_earlier_one_goes)
{
	folder_put("file.new", "half of it, and");
	assert_true(file_replace(path, "new", 3, 0600));
	check_content("file", "new");
	assert_false(folder_has("file.new"));
}

TEST(a_link_in_the_way_is_not_followed)
{
	folder_put("other", "untouched");
	assert_int_equal(symlink("other", folder_path("file.new")), 0);
	assert_true(file_replace(path, "new", 3, 0600));
	check_content("file", "new");
	check_content("other", "untouched");
}

TEST(when_it_cannot_be_the_old_one_stays)
{
	folder_put("file.new/in/the/way", "");
	assert_false(file_replace(path, "new", 3, 0600));
	assert_int_equal(errno, EEXIST);
	check_content("file", "old");
}

TEST(when_it_cannot_take_the_place_nothing_is_left)
{
	folder_put("folder/in/the/way", "");
	assert_false(file_replace_durably(folder_path("folder"), "new", 3, 0600));
	assert_int_equal(errno, EISDIR);
	assert_true(folder_has("folder/in/the/way"));
	assert_false(folder_has("folder.new"));
}

/* RLIMIT_FSIZE is a full disk for one process; the second half of a write finds it. */
TEST(a_file_that_cannot_grow_leaves_the_old_one)
{
	static const char content[2 * LIMIT];
	const struct rlimit limit = { LIMIT, RLIM_INFINITY },
			    none = { RLIM_INFINITY, RLIM_INFINITY };

	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	assert_false(file_replace(path, content, sizeof(content), 0600));
	assert_int_equal(errno, EFBIG);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &none), 0);
	check_content("file", "old");
	assert_false(folder_has("file.new"));
}

TEST(a_name_that_is_too_long_is_an_error)
{
	char name[PATH_MAX];

	memset(name, 'a', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	assert_false(file_replace(name, "new", 3, 0600));
	assert_int_equal(errno, ENAMETOOLONG);
}

#define FILES(test) cmocka_unit_test_setup_teardown(test, make, folder_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		FILES(the_new_one_takes_the_place),
		FILES(there_need_not_be_an_old_one),
		FILES(what_is_left_of_an_earlier_one_goes),
		FILES(a_link_in_the_way_is_not_followed),
		FILES(when_it_cannot_be_the_old_one_stays),
		FILES(when_it_cannot_take_the_place_nothing_is_left),
		FILES(a_file_that_cannot_grow_leaves_the_old_one),
		FILES(a_name_that_is_too_long_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
