/* Tests what is said of configurations that are good, and dangerous.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "lib/settings_advice.h"

#include <stdio.h>
#include <string.h>

#include "lib/memory.h"
#include "lib/settings.h"
#include "tests/unit/check.h"
#include "tests/unit/configuration.h"
#include "tests/unit/folder.h"

#define INSTANCE "vrrp { instance a { hold = /run/a } }\n"
#define PEER                                                                                       \
	"peer { address = 192.0.2.2 user = u auth-password = 0123456789 priv-password = "          \
	"0123456789 }\n"
#define MOUNT "mount /srv { device = /dev/drbd0 resource = r0 type = ext4 }\n"
#define WITNESS "fencing = witness witness = 192.0.2.1\n"

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, folder_make, folder_remove)

static char said[2000];

static void take(const struct settings *settings, int line, const char *sentence)
{
	size_t used = strlen(said);

	(void)settings;
	text_print(said + used, sizeof(said) - used, "%d: %s\n", line, sentence);
}

/* Check what is said of a group with these lines, of which the first is line 4, or 3 without a
 * peer. */
static void advised(const char *peer, const char *lines, const char *wanted)
{
	struct settings *settings;
	char text[2000];

	TEXT_PRINT(text, "%s" INSTANCE "group g { vrrp = a\n%s}\n", peer, lines);
	settings = configuration_load(text);
	said[0] = '\0';
	settings_advise(settings, take);
	assert_string_equal(said, wanted);
	settings_free(settings);
}

TEST(of_what_is_safe_nothing_is_said)
{
	advised(PEER,
		WITNESS "watchdog = /dev/watchdog\ndrbd r0 { }\n" MOUNT
			"export /srv { client = \"*\" }\nnfs nfsd { }\n",
		"");
	advised(PEER, "fencing = never\ndrbd r0 { }\n", "");
	advised(PEER, "service x.service { }\n", "");
}

TEST(a_group_needs_to_know_the_other_node)
{
	advised("", "service x.service { }\n",
		"4: group \"g\": there is no section peer: what the other node is will never be "
		"known, and no switchover accepted\n");
}

TEST(whoever_lets_a_mirror_split_is_told_so)
{
	advised(PEER, "fencing = always\ndrbd r0 { }\n",
		"6: group \"g\": fencing is always: a cut between the nodes makes a split brain\n");
	advised(PEER, WITNESS "drbd r0 { }\n",
		"6: group \"g\": without a watchdog a node that stood still can write before it "
		"notices that the other one has taken over\n");
}

TEST(a_server_without_its_exports_tells_clients_that_files_are_stale)
{
	advised(PEER, "nfs nfsd { }\nexport /srv { client = \"*\" }\n",
		"5: group \"g\": this export comes after the NFS server, whose clients are told "
		"meanwhile that their files are stale: let nfs come last\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_FOLDER(of_what_is_safe_nothing_is_said),
		IN_FOLDER(a_group_needs_to_know_the_other_node),
		IN_FOLDER(whoever_lets_a_mirror_split_is_told_so),
		IN_FOLDER(a_server_without_its_exports_tells_clients_that_files_are_stale),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
