/* Tests that the list of all tables is complete.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/tables.h"

#include <stdbool.h>

#include "lib/table.h"
#include "mib/mib.h"
#include "subagent/source.h"
#include "tests/unit/check.h"

static bool is_listed(const struct table *table)
{
	for (const struct table *const *all = tables_all(); *all; all++)
		if (*all == table)
			return true;
	return false;
}

TEST(the_tables_of_every_source_are_listed)
{
	for (size_t s = 0; sources[s]; s++)
		for (size_t t = 0; sources[s]->tables[t]; t++)
			if (!is_listed(sources[s]->tables[t]))
				fail_msg("%s: %s is not listed", sources[s]->name,
					 mib_objects[sources[s]->tables[t]->entry].name);
}

TEST(no_table_is_listed_twice)
{
	const struct table *const *all = tables_all();

	for (size_t i = 0; all[i]; i++)
		for (size_t j = 0; j < i; j++)
			assert_int_not_equal(all[i]->entry, all[j]->entry);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_tables_of_every_source_are_listed),
		cmocka_unit_test(no_table_is_listed_twice),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
