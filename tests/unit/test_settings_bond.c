/* Tests the section `bond' of the configuration.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "lib/settings_bond.h"

#include "lib/settings.h"
#include "tests/unit/check.h"
#include "tests/unit/configuration.h"
#include "tests/unit/folder.h"

TEST(without_the_section_nothing_is_expected)
{
	struct settings *settings = configuration_load("");

	assert_int_equal(settings->bond_watch, WATCH_AUTO);
	assert_int_equal(settings->bond->bonds_count, 0);
	assert_false(settings_allow_actions(settings));
	settings_free(settings);
}

TEST(bonds_are_expected_with_their_ports)
{
	struct settings *settings =
		configuration_load("bond {\n  watch = yes\n"
				   "  bond \"bond0\" { ports = {\"eth0\", \"eth1\"} }\n"
				   "  bond \"fifteen-octets.\" { }\n"
				   "  bond \"bond1\" { ports = {eth2} switchable = true }\n}\n");
	const struct settings_bond *bond = settings->bond;

	assert_int_equal(settings->bond_watch, WATCH_YES);
	assert_int_equal(bond->bonds_count, 3);
	assert_string_equal(bond->bonds[0].name, "bond0");
	assert_int_equal(bond->bonds[0].ports_count, 2);
	assert_string_equal(bond->bonds[0].ports[1], "eth1");
	assert_string_equal(bond->bonds[1].name, "fifteen-octets.");
	assert_int_equal(bond->bonds[1].ports_count, 0);
	assert_string_equal(bond->bonds[2].ports[0], "eth2");
	assert_false(bond->bonds[0].switchable || bond->bonds[1].switchable);
	assert_true(bond->bonds[2].switchable);
	assert_true(settings_allow_actions(settings));
	settings_free(settings);
}

TEST(every_wrong_value_names_its_line)
{
	static const struct {
		const char *text, *error;
	} wrong[] = {
		{ "bond {\nwatch = never }", "2: watch must be auto, yes or no" },
		{ "bond {\nbond \"\" { } }", "2: \"\" is not a name of an interface" },
		{ "bond {\nbond \"a/b\" { } }", "2: \"a/b\" is not a name of an interface" },
		{ "bond {\nbond \"..\" { } }", "2: \"..\" is not a name of an interface" },
		{ "bond {\nbond \"eth0:1\" { } }", "2: \"eth0:1\" is not a name of an interface" },
		{ "bond {\nbond \"sixteen-octets..\" { } }",
		  "2: \"sixteen-octets..\" is not a name of an interface" },
		{ "bond {\nbond \"b\" { ports = {\"a b\"}\n} }",
		  "3: bond \"b\", which ends here: \"a b\" is not a name of an interface" },
		{ "bond {\nbond \"b\" { ports = {a, b, a} } }",
		  "2: bond \"b\", which ends here: port \"a\" is named twice" },
		{ "bond {\nbond \"b\" { ports = {a} }\nbond \"c\" { ports = {a} } }",
		  "3: bond \"c\", which ends here: port \"a\" is named twice" },
		{ "bond {\nbond \"b\" {\nswitchable = true\n} }",
		  "4: bond \"b\", which ends here: switchable needs its ports" },
	};

	for (size_t i = 0; i < COUNT(wrong); i++)
		configuration_refused(wrong[i].text, wrong[i].error);
}

#define SETTINGS_TEST(sentence)                                                                    \
	cmocka_unit_test_setup_teardown(sentence, folder_make, folder_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		SETTINGS_TEST(without_the_section_nothing_is_expected),
		SETTINGS_TEST(bonds_are_expected_with_their_ports),
		SETTINGS_TEST(every_wrong_value_names_its_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
