/* Tests the section `vrrp' of the configuration: defaults, instances, what is refused.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "lib/settings_vrrp.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/memory.h"
#include "lib/settings.h"
#include "tests/unit/check.h"
#include "tests/unit/configuration.h"
#include "tests/unit/folder.h"

TEST(nothing_need_be_said)
{
	struct settings *settings = configuration_load("");
	const struct settings_vrrp *vrrp = settings->vrrp;

	assert_int_equal(settings->vrrp_watch, WATCH_AUTO);
	assert_string_equal(vrrp->pid_file, "/run/keepalived.pid");
	assert_null(vrrp->fifo);
	assert_string_equal(vrrp->json, "/tmp/keepalived.json");
	assert_string_equal(vrrp->data, "/tmp/keepalived.data");
	assert_int_equal(vrrp->interval, 10000);
	assert_int_equal(vrrp->grace, 2000);
	assert_int_equal(vrrp->instances_count, 0);
	settings_free(settings);
}

TEST(all_can_be_said)
{
	struct settings *settings =
		configuration_load("vrrp {\n"
				   " watch = yes pid-file = \"/run/k.pid\" fifo = \"/run/fifo\"\n"
				   " json = /run/k.json data = /run/k.data\n"
				   " interval = 0.5 grace = 0.25\n"
				   " instance \"VI_1\" { hold = /run/hold/1 switchable = true }\n"
				   " instance \"VI_2\" { hold = /run/hold/2 }\n"
				   " instance \"web:v6\" {\n"
				   " }\n"
				   "}\n");
	const struct settings_vrrp *vrrp = settings->vrrp;

	assert_int_equal(settings->vrrp_watch, WATCH_YES);
	assert_string_equal(vrrp->pid_file, "/run/k.pid");
	assert_string_equal(vrrp->fifo, "/run/fifo");
	assert_string_equal(vrrp->json, "/run/k.json");
	assert_string_equal(vrrp->data, "/run/k.data");
	assert_int_equal(vrrp->interval, 500);
	assert_int_equal(vrrp->grace, 250);
	assert_int_equal(vrrp->instances_count, 3);
	assert_string_equal(vrrp->instances[0].name, "VI_1");
	assert_string_equal(vrrp->instances[0].hold, "/run/hold/1");
	assert_true(vrrp->instances[0].switchable);
	assert_int_equal(vrrp->instances[0].line, 5);
	assert_false(vrrp->instances[1].switchable);
	assert_string_equal(vrrp->instances[2].name, "web:v6");
	assert_null(vrrp->instances[2].hold);
	assert_int_equal(vrrp->instances[2].line, 8);
	settings_free(settings);
}

TEST(what_cannot_be_is_refused)
{
	configuration_refused("vrrp { watch = perhaps }", "1: watch must be auto, yes or no");
	configuration_refused("vrrp {\ninterval = 0.4 }",
			      "2: interval must be 0.5 to 3600 seconds");
	configuration_refused("vrrp { grace = 0 }", "1: grace must be 0.1 to 3600 seconds");
	configuration_refused("vrrp { grace = 3601 }", "1: grace must be 0.1 to 3600 seconds");
	configuration_refused("vrrp {\n pid-file = k.pid }",
			      "2: pid-file must be an absolute path of at most 107 octets");
	configuration_refused("vrrp { fifo = k.fifo }",
			      "1: fifo must be an absolute path of at most 107 octets");
	configuration_refused("vrrp { json = \"\" }",
			      "1: json must be an absolute path of at most 107 octets");
	configuration_refused("vrrp { data = k.data }",
			      "1: data must be an absolute path of at most 107 octets");
	configuration_refused("vrrp {\n instance a {\n hold = a } }",
			      "3: hold must be an absolute path of at most 107 octets");
}

TEST(an_instance_that_is_switched_needs_a_file)
{
	configuration_refused("vrrp {\n instance a {\n switchable = true\n }\n}",
			      "4: instance \"a\" cannot be switchable without hold");
	configuration_refused("vrrp {\n instance a { hold = /run/a }\n instance b { hold = /run/a "
			      "}\n}",
			      "3: instance \"b\", which ends here: its hold is that of instance "
			      "\"a\"");
}

TEST(names_are_single_and_fit)
{
	char text[200], error[300], name[67];

	configuration_refused("vrrp { instance a { } instance a { } }",
			      "1: found duplicate title 'a'");
	configuration_refused("vrrp { instance \"\" { } }",
			      "1: \"\" is not a name of an instance (1 to 64 characters, no "
			      "blanks)");
	configuration_refused("vrrp { instance \"a b\" { } }",
			      "1: \"a b\" is not a name of an instance (1 to 64 characters, no "
			      "blanks)");
	memset(name, 'x', 65);
	name[65] = '\0';
	snprintf(text, sizeof(text), "vrrp { instance \"%s\" { } }", name);
	snprintf(error, sizeof(error),
		 "1: \"%s\" is not a name of an instance (1 to 64 characters, no blanks)", name);
	configuration_refused(text, error);
	snprintf(text, sizeof(text), "vrrp { instance \"%s\" { } }", name + 1);
	settings_free(configuration_load(text));
}

TEST(there_are_not_too_many)
{
	size_t size = (SETTINGS_INSTANCES_MAX + 1) * 30, used;
	char *text = memory_new(size, 1);

	used = (size_t)snprintf(text, size, "vrrp {");
	for (int i = 0; i <= SETTINGS_INSTANCES_MAX; i++)
		used += (size_t)snprintf(text + used, size - used, "instance a%d { }\n", i);
	snprintf(text + used, size - used, "}");
	configuration_refused(text, "1025: more than 1024 instances");
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(nothing_need_be_said, folder_make, folder_remove),
		cmocka_unit_test_setup_teardown(all_can_be_said, folder_make, folder_remove),
		cmocka_unit_test_setup_teardown(what_cannot_be_is_refused, folder_make,
						folder_remove),
		cmocka_unit_test_setup_teardown(an_instance_that_is_switched_needs_a_file,
						folder_make, folder_remove),
		cmocka_unit_test_setup_teardown(names_are_single_and_fit, folder_make,
						folder_remove),
		cmocka_unit_test_setup_teardown(there_are_not_too_many, folder_make, folder_remove),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
