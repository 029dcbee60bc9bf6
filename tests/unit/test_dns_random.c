/* Tests that ids are as random as can be told from the outside.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/dns/engine/random.h"

#include <stdbool.h>

#include "tests/unit/check.h"

enum { DRAWS = 65536 };

/* Of as many draws as there are ids, 1/e of the ids are not among them: 24109, with a standard
 * deviation of 94. */
TEST(ids_are_spread_over_all_there_are)
{
	static bool seen[UINT16_MAX + 1];
	int missing = 0;

	for (int i = 0; i < DRAWS; i++)
		seen[dns_random_id()] = true;
	for (int id = 0; id <= UINT16_MAX; id++)
		missing += !seen[id];
	assert_in_range(missing, 23000, 25200);
}

/* Half of the bits change, with a standard deviation of 512. */
TEST(an_id_says_nothing_of_the_next)
{
	int changed = 0;
	uint16_t last = dns_random_id();

	for (int i = 0; i < DRAWS; i++) {
		uint16_t id = dns_random_id();

		changed += __builtin_popcount((unsigned int)(id ^ last));
		last = id;
	}
	assert_in_range(changed, 8 * DRAWS - 6000, 8 * DRAWS + 6000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ids_are_spread_over_all_there_are),
		cmocka_unit_test(an_id_says_nothing_of_the_next),
	};

	return cmocka_run_group_tests_name("dns random", tests, NULL, NULL);
}
