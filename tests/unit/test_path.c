/* Tests which path lies below which.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "lib/path.h"

#include "tests/unit/check.h"

TEST(a_path_is_below_a_folder_and_not_below_its_namesake)
{
	assert_true(path_is_below("/srv/nfs/a", "/srv/nfs"));
	assert_false(path_is_below("/srv/nfs2", "/srv/nfs"));
	assert_false(path_is_below("/srv/nfs", "/srv/nfs"));
	assert_false(path_is_below("/srv", "/srv/nfs"));
	assert_true(path_is_below("/srv", "/"));
	assert_false(path_is_below("/", "/"));
}

TEST(a_folder_is_within_itself)
{
	assert_true(path_is_within("/srv/nfs", "/srv/nfs"));
	assert_true(path_is_within("/srv/nfs/a", "/srv/nfs"));
	assert_false(path_is_within("/srv/nfs2", "/srv/nfs"));
	assert_true(path_is_within("/", "/"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_path_is_below_a_folder_and_not_below_its_namesake),
		cmocka_unit_test(a_folder_is_within_itself),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
