/* Tests the line of what both nodes must have alike, and how two such lines are compared.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "lib/settings_member.h"

#include <string.h>

#include "lib/settings_group.h"
#include "mib/ha-agentx-mib.h"
#include "tests/unit/check.h"

static char text[256], client[] = "10.77.0.0/24", options[] = "rw,sync,fsid=0";
static char scope[] = "pair", storage[] = "/srv/nfs/.nfsd";

TEST(an_export_is_its_client_and_its_options)
{
	const struct settings_member member = {
		.kind = haGroupMemberKind_export,
		.name = "/srv/nfs",
		.client = client,
		.options = options,
	};

	settings_member_print(&member, "n1", text, sizeof(text));
	assert_string_equal(text, "10.77.0.0/24(rw,sync,fsid=0)");
}

TEST(an_nfs_server_is_its_scope_and_its_storage)
{
	struct settings_member member = { .kind = haGroupMemberKind_nfs, .name = "nfsd" };

	settings_member_print(&member, "n1", text, sizeof(text));
	assert_string_equal(text, "scope=n1");
	member.scope = scope;
	member.storage = storage;
	settings_member_print(&member, "n1", text, sizeof(text));
	assert_string_equal(text, "scope=pair,storage=/srv/nfs/.nfsd");
}

/* They may name other devices and programs on the other node, and have passwords in them. */
TEST(of_other_members_nothing_is_said)
{
	const struct settings_member member = {
		.kind = haGroupMemberKind_mount,
		.name = "/srv/nfs",
		.options = options,
	};

	settings_member_print(&member, "n1", text, sizeof(text));
	assert_string_equal(text, "");
}

TEST(the_order_of_words_is_no_matter)
{
	assert_true(settings_words_alike("*(rw,sync,fsid=0)", "*(fsid=0,sync,rw)"));
	assert_true(settings_words_alike("*(rw,sync,rw)", "*(sync,rw)"));
	assert_true(settings_words_alike("", ""));
	assert_false(settings_words_alike("*(rw,sync)", "*(rw,sync,fsid=0)"));
	assert_false(settings_words_alike("*(rw,sync,fsid=0)", "*(rw,sync)"));
	assert_false(settings_words_alike("*(rw)", "10.77.0.1(rw)"));
	assert_false(settings_words_alike("*(rw)", "*(r)"));
	assert_false(settings_words_alike("*(r)", "*(rw)"));
}

TEST(a_word_may_have_a_value)
{
	char value[8];

	assert_true(settings_word_value("*(rw,fsid=12,sync)", "fsid", value, sizeof(value)));
	assert_string_equal(value, "12");
	assert_true(settings_word_value("*(rw,fsid=0)", "fsid", value, sizeof(value)));
	assert_string_equal(value, "0");
	assert_true(settings_word_value("*(fsid=1-2-3-4-5-6)", "fsid", value, sizeof(value)));
	assert_string_equal(value, "1-2-3-4");
	assert_false(settings_word_value("*(rw,fsid)", "fsid", value, sizeof(value)));
	assert_string_equal(value, "");
	assert_false(settings_word_value("*(rw,xfsid=1)", "fsid", value, sizeof(value)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_export_is_its_client_and_its_options),
		cmocka_unit_test(an_nfs_server_is_its_scope_and_its_storage),
		cmocka_unit_test(of_other_members_nothing_is_said),
		cmocka_unit_test(the_order_of_words_is_no_matter),
		cmocka_unit_test(a_word_may_have_a_value),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
