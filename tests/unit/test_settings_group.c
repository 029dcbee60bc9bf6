/* Tests the sections `group' of the configuration: defaults, the order of members, what is refused.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "lib/settings_group.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/memory.h"
#include "lib/settings.h"
#include "mib/ha-agentx-mib.h"
#include "tests/unit/check.h"
#include "tests/unit/configuration.h"
#include "tests/unit/folder.h"

/* One line, so that the group's own begin with the second. */
#define INSTANCES                                                                                  \
	"vrrp { instance a { hold = /run/a } instance b { hold = /run/b } instance bare { } }\n"

#define MOUNT "mount /srv/a { device = /dev/drbd0 resource = r0 type = ext4 }\n"

/* Check that a group `g' with these lines, of which the first is line 3, is refused. */
static void refused(const char *lines, const char *error)
{
	char text[6000];

	TEXT_PRINT(text, INSTANCES "group g { vrrp = a\n%s}\n", lines);
	configuration_refused(text, error);
}

static struct settings *load(const char *lines)
{
	char text[6000];

	TEXT_PRINT(text, INSTANCES "group g { vrrp = a\n%s}\n", lines);
	return configuration_load(text);
}

TEST(without_groups_there_are_none)
{
	struct settings *settings = configuration_load("");

	assert_int_equal(settings->groups->count, 0);
	assert_false(settings_allow_actions(settings));
	settings_free(settings);
}

TEST(little_need_be_said)
{
	struct settings *settings = load("service x.service { }\n");
	const struct settings_group *group = &settings->groups->groups[0];
	const struct settings_member *member = &group->members[0];

	assert_int_equal(settings->groups->count, 1);
	assert_string_equal(group->name, "g");
	assert_int_equal(group->line, 4);
	assert_int_equal(group->instance, 0);
	assert_int_equal(group->policy, haGroupFencingPolicy_always);
	assert_int_equal(group->witnesses_count, 0);
	assert_null(group->fence);
	assert_int_equal(group->fence_time, 30000);
	assert_int_equal(group->lease, 1000);
	assert_int_equal(group->give_up, 1400);
	assert_int_equal(group->takeover, 3000);
	assert_null(group->watchdog);
	assert_int_equal(group->watchdog_timeout, 2000);
	assert_int_equal(group->cool_down, 10);
	assert_int_equal(group->maintenance, 60);
	assert_false(group->switchable);
	assert_false(settings_allow_actions(settings));
	assert_int_equal(group->members_count, 1);
	assert_int_equal(member->kind, haGroupMemberKind_service);
	assert_string_equal(member->name, "x.service");
	assert_int_equal(member->line, 3);
	assert_true(member->resource == SIZE_MAX);
	assert_int_equal(member->start_time, 10000);
	assert_int_equal(member->stop_time, 10000);
	settings_free(settings);
}

static const char *const everything =
	"drbd { resource other { } resource r1 { } }\n" INSTANCES "group nfs {\n"
	" vrrp = b fencing = witness witness = { 10.77.0.254, \"2001:db8::fe\" }\n"
	" fence = { /sbin/fence, \"-a\" } fence-time = 20.5\n"
	" lease = 0.8 give-up = 0.5 takeover = 2.5 watchdog = /dev/watchdog1 watchdog-timeout = 1\n"
	" cool-down = 0 maintenance = 10 switchable = true\n"
	" drbd r0 { start-time = 3 }\n"
	" mount /srv/0 {\n"
	"  device = /dev/drbd0 resource = r0 type = ext4 options = noatime\n"
	"  stop-time = 4.5 }\n"
	" drbd r1 { }\n"
	" mount /srv/1 { device = /dev/drbd1 resource = r1 type = xfs }\n"
	" export /srv/0 { client = \"*\" options = \"rw,fsid=1\" }\n"
	" service nfs-server.service { }\n"
	" command nfsd { start = { /sbin/nfsd, 8 } stop = { /sbin/nfsd, 0 } status = /bin/true }\n"
	" service \"x@y.target\" { }\n"
	"}\n";

TEST(everything_can_be_said)
{
	struct settings *settings = configuration_load(everything);
	const struct settings_group *group = &settings->groups->groups[0];
	struct address wanted;

	assert_int_equal(group->instance, 1);
	assert_int_equal(group->policy, haGroupFencingPolicy_witness);
	assert_int_equal(group->witnesses_count, 2);
	assert_true(address_parse(&wanted, "2001:db8::fe", 0));
	assert_true(address_equal(&group->witnesses[1], &wanted));
	assert_string_equal(group->fence[0], "/sbin/fence");
	assert_string_equal(group->fence[1], "-a");
	assert_null(group->fence[2]);
	assert_int_equal(group->fence_time, 20500);
	assert_int_equal(group->lease, 800);
	assert_int_equal(group->give_up, 500);
	assert_int_equal(group->takeover, 2500);
	assert_string_equal(group->watchdog, "/dev/watchdog1");
	assert_int_equal(group->watchdog_timeout, 1000);
	assert_int_equal(group->cool_down, 0);
	assert_int_equal(group->maintenance, 10);
	assert_true(group->switchable);
	assert_true(settings_allow_actions(settings));
	settings_free(settings);
}

TEST(members_stand_in_the_order_of_the_file)
{
	static const struct {
		int32_t kind;
		const char *name;
	} order[] = {
		{ haGroupMemberKind_drbd, "r0" },
		{ haGroupMemberKind_mount, "/srv/0" },
		{ haGroupMemberKind_drbd, "r1" },
		{ haGroupMemberKind_mount, "/srv/1" },
		{ haGroupMemberKind_export, "/srv/0" },
		{ haGroupMemberKind_service, "nfs-server.service" },
		{ haGroupMemberKind_command, "nfsd" },
		{ haGroupMemberKind_service, "x@y.target" },
	};
	struct settings *settings = configuration_load(everything);
	const struct settings_group *group = &settings->groups->groups[0];

	assert_int_equal(group->members_count, COUNT(order));
	for (size_t i = 0; i < COUNT(order); i++) {
		assert_int_equal(group->members[i].kind, order[i].kind);
		assert_string_equal(group->members[i].name, order[i].name);
	}
	settings_free(settings);
}

TEST(each_kind_has_its_own_options)
{
	struct settings *settings = configuration_load(everything);
	const struct settings_member *members = settings->groups->groups[0].members;

	assert_int_equal(members[0].start_time, 3000);
	assert_int_equal(members[1].line, 11);
	assert_string_equal(members[1].device, "/dev/drbd0");
	assert_string_equal(members[1].type, "ext4");
	assert_string_equal(members[1].options, "noatime");
	assert_int_equal(members[1].stop_time, 4500);
	assert_string_equal(members[3].options, "");
	assert_string_equal(members[4].client, "*");
	assert_string_equal(members[4].options, "rw,fsid=1");
	assert_string_equal(members[6].start[0], "/sbin/nfsd");
	assert_string_equal(members[6].start[1], "8");
	assert_null(members[6].start[2]);
	assert_string_equal(members[6].stop[1], "0");
	assert_string_equal(members[6].status[0], "/bin/true");
	settings_free(settings);
}

TEST(resources_of_groups_are_known_to_all)
{
	struct settings *settings = configuration_load(everything);
	const struct settings_member *members = settings->groups->groups[0].members;

	assert_int_equal(settings->resources_count, 3);
	assert_int_equal(settings_find_resource(settings, "r1"), 1);
	assert_int_equal(settings_find_resource(settings, "r0"), 2);
	assert_false(settings->resources[2].switchable);
	assert_int_equal(members[0].resource, 2);
	assert_int_equal(members[1].resource, 2);
	assert_int_equal(members[3].resource, 1);
	settings_free(settings);
}

#define ON_MOUNT "fencing = never drbd r0 { }\n" MOUNT

TEST(an_nfs_server_has_addresses_scope_and_storage)
{
	struct settings *settings =
		load(ON_MOUNT "nfs nfsd { address = { 10.77.0.100, \"2001:db8::100\" } scope = nfs "
			      "storage = /srv/a/.nfsd }\n");
	const struct settings_member *member = &settings->groups->groups[0].members[2];
	struct address wanted;

	assert_int_equal(member->kind, haGroupMemberKind_nfs);
	assert_int_equal(member->addresses_count, 2);
	assert_true(address_parse(&wanted, "2001:db8::100", 2049));
	assert_true(address_equal(&member->addresses[1], &wanted));
	assert_string_equal(member->scope, "nfs");
	assert_string_equal(member->storage, "/srv/a/.nfsd");
	settings_free(settings);
	settings = load("nfs nfsd { }\n");
	member = settings->groups->groups[0].members;
	assert_int_equal(member->addresses_count, 0);
	assert_null(member->scope);
	assert_null(member->storage);
	settings_free(settings);
}

TEST(an_nfs_server_is_wrong_in_many_ways)
{
	refused("nfs a/b { }\n",
		"3: \"a/b\" is not a name of an NFS server (1 to 64 letters, digits, ._-+)");
	refused("nfs n { address = nfs.example }\n",
		"3: \"nfs.example\" is not an address, as \"192.0.2.254\" or "
		"\"2001:db8::fe\"");
	refused("nfs n { address = { 10.0.0.1, 10.0.0.2, 10.0.0.3, 10.0.0.4, 10.0.0.5, 10.0.0.6, "
		"10.0.0.7, 10.0.0.8, 10.0.0.9 } }\n",
		"3: more than 8 addresses");
	refused("nfs n { scope = \"a b\" }\n",
		"3: \"a b\" is not a host name (1 to 64 letters, digits, ._-+)");
	refused("nfs n { storage = srv }\n",
		"3: storage \"srv\" is not a path (absolute, at most 64 octets, without blanks, "
		"//, /./, /../ and a / at its end)");
	refused(ON_MOUNT "nfs n { storage = /srv/ab }\n",
		"5: nfs \"n\", which ends here: its storage /srv/ab is not on a mount of the group "
		"above it");
	refused("nfs n { }\nnfs m { }\n",
		"4: nfs \"m\", which ends here: a node has one NFS server, and group \"g\" has it "
		"already");
}

TEST(several_groups_share_nothing)
{
	struct settings *settings = configuration_load(
		INSTANCES "group one { vrrp = a fencing = never\n drbd r0 { }\n" MOUNT
			  " export /srv/a { client = x }\n}\n"
			  "group two { vrrp = b\n service x.service { }\n}\n");

	assert_int_equal(settings->groups->count, 2);
	assert_int_equal(settings->groups->groups[1].instance, 1);
	settings_free(settings);
}

/* Check what is said of a group `h' with these lines, of which the first is line 9, beside one that
 * has all there is. */
static void refused_beside(const char *lines, const char *error)
{
	char text[2000];

	TEXT_PRINT(text,
		   INSTANCES "group g { vrrp = a fencing = never\n drbd r0 { }\n" MOUNT
			     " export /srv/a { client = x }\n service x.service { }\n"
			     " command c { start = /a stop = /b }\n"
			     "} group h { vrrp = b fencing = never\n%s}\n",
		   lines);
	configuration_refused(text, error);
}

TEST(what_is_of_one_group_is_of_no_other)
{
	configuration_refused(INSTANCES "group g { vrrp = a\n service x.service { }\n}\n"
					"group h { vrrp = a\n service y.service { }\n}\n",
			      "7: group \"h\", which ends here: its instance is that of group "
			      "\"g\"");
	configuration_refused(INSTANCES "group g { vrrp = a\n service x.service { }\n}\n"
					"group g { vrrp = b\n service y.service { }\n}\n",
			      "5: found duplicate title 'g'");
	refused_beside("drbd r0 { }\n",
		       "9: drbd \"r0\", which ends here: group \"g\" has it already");
	refused_beside("drbd r1 { }\n mount /srv/a { device = /b resource = r1 type = x }\n",
		       "10: mount \"/srv/a\", which ends here: group \"g\" has it already");
	refused_beside("drbd r1 { }\n mount /srv { device = /dev/drbd0 resource = r1 type = x }\n",
		       "10: mount \"/srv\", which ends here: its device is that of mount "
		       "\"/srv/a\"");
	refused_beside("export /srv/a { client = x }\n",
		       "9: export \"/srv/a\", which ends here: group \"g\" has it already");
	refused_beside("service x.service { }\n",
		       "9: service \"x.service\", which ends here: group \"g\" has it already");
	refused_beside("command c { start = /a stop = /b }\n",
		       "9: command \"c\", which ends here: group \"g\" has it already");
}

TEST(what_is_in_a_group_is_there_once)
{
	refused("service x.service { }\nservice x.service { }\n",
		"4: found duplicate title 'x.service'");
	refused("fencing = never drbd r0 { }\n" MOUNT
		"mount /srv/b { device = /dev/drbd0 resource = r0 type = ext4 }\n",
		"5: mount \"/srv/b\", which ends here: its device is that of mount \"/srv/a\"");
}

TEST(a_group_follows_an_instance_that_can_be_held)
{
	configuration_refused("group g {\n service x.service { }\n}",
			      "3: group \"g\", which ends here: vrrp is missing: the instance that "
			      "it follows");
	configuration_refused(INSTANCES "group g { vrrp = c\n service x.service { }\n}",
			      "4: group \"g\", which ends here: the section vrrp has no instance "
			      "\"c\"");
	configuration_refused(INSTANCES "group g { vrrp = bare\n service x.service { }\n}",
			      "4: group \"g\", which ends here: its instance \"bare\" has no hold "
			      "in the section vrrp");
}

TEST(names_fit)
{
	char text[200], error[300], name[70];

	configuration_refused(INSTANCES "group \"a b\" { vrrp = a\n service x.service { }\n}",
			      "4: \"a b\" is not a name of a group (1 to 32 letters, digits, "
			      "._-+)");
	configuration_refused(INSTANCES "group a23456789012345678901234567890123 { }",
			      "2: \"a23456789012345678901234567890123\" is not a name of a group "
			      "(1 to 32 letters, digits, ._-+)");
	refused("drbd a/b { }\n", "3: \"a/b\" is not a name of a DRBD resource (1 to 64 letters, "
				  "digits, ._-+)");
	refused("command a/b { }\n",
		"3: \"a/b\" is not a name of a command (1 to 64 letters, digits, ._-+)");
	memset(name, 'x', 65);
	name[65] = '\0';
	TEXT_PRINT(text, "command %s { }\n", name);
	TEXT_PRINT(error, "3: \"%s\" is not a name of a command (1 to 64 letters, digits, ._-+)",
		   name);
	refused(text, error);
	memcpy(name + 57, ".service", 9);
	TEXT_PRINT(text, "service %s { }\n", name);
	TEXT_PRINT(error,
		   "3: \"%s\" is not a unit of systemd of at most 64 characters, as "
		   "\"nfs-server.service\"",
		   name);
	refused(text, error);
	TEXT_PRINT(text, "service %s { }\n", name + 1);
	settings_free(load(text));
}

TEST(units_have_their_kind)
{
	static const char *const wrong[] = { "nfs-server", ".service", "x.mount", "a/b.service" };
	char text[100], error[200];

	for (size_t i = 0; i < COUNT(wrong); i++) {
		TEXT_PRINT(text, "service %s { }\n", wrong[i]);
		TEXT_PRINT(error,
			   "3: \"%s\" is not a unit of systemd of at most 64 characters, as "
			   "\"nfs-server.service\"",
			   wrong[i]);
		refused(text, error);
	}
}

TEST(places_are_plain_paths)
{
	static const char *const wrong[] = { "srv",       "/",    "/srv/",  "/srv//a", "/a b",
					     "/srv/../a", "/./a", "/srv/.", "/srv/..", "" };
	char text[100], error[200];

	for (size_t i = 0; i < COUNT(wrong); i++) {
		TEXT_PRINT(text, "export \"%s\" { client = x }\n", wrong[i]);
		TEXT_PRINT(error,
			   "3: \"%s\" is not a path for export (absolute, at most 64 octets, "
			   "without blanks, //, /./, /../ and a / at its end)",
			   wrong[i]);
		refused(text, error);
	}
	refused("mount srv { }\n",
		"3: \"srv\" is not a path for mount (absolute, at most 64 octets, without blanks, "
		"//, /./, /../ and a / at its end)");
	settings_free(load("export /.a/..b/c... { client = x }\n"));
}

TEST(a_mount_stands_on_a_resource_above_it)
{
	refused("mount /srv/a { device = /a type = x }\n",
		"3: mount \"/srv/a\", which ends here: resource is missing");
	refused(MOUNT "drbd r0 { }\n",
		"3: mount \"/srv/a\", which ends here: its resource \"r0\" is not a drbd of the "
		"group above it");
	refused("drbd r0 { }\nmount /srv/a { resource = r0 type = x }\n",
		"4: mount \"/srv/a\", which ends here: device is missing");
	refused("drbd r0 { }\nmount /srv/a { resource = r0 device = /a }\n",
		"4: mount \"/srv/a\", which ends here: type is missing");
	refused("mount /srv/a { device = drbd0\n}\n",
		"3: device must be an absolute path of at most 107 octets");
}

TEST(a_command_is_started_and_stopped)
{
	refused("command c { stop = /a }\n", "3: command \"c\", which ends here: start is missing");
	refused("command c { start = /a }\n", "3: command \"c\", which ends here: stop is missing");
	refused("command c {\n start = { nfsd, 8 }\n}\n",
		"4: start must begin with the absolute path of a program, \"nfsd\" is none");
	refused("command c { stop = \"\" }\n",
		"3: stop must begin with the absolute path of a program, \"\" is none");
	refused("command c { status = x }\n",
		"3: status must begin with the absolute path of a program, \"x\" is none");
}

TEST(an_export_has_a_client)
{
	refused("export /srv/a { options = rw }\n",
		"3: export \"/srv/a\", which ends here: client is missing");
}

TEST(a_group_with_drbd_says_what_it_does_alone)
{
	refused("drbd r0 { }\n",
		"4: group \"g\", which ends here: fencing must be said of a group with DRBD: "
		"never, witness, fence or always");
	refused("fencing = perhaps\n", "3: fencing must be never, witness, fence or always");
	refused("fencing = unknown\n", "3: fencing must be never, witness, fence or always");
	refused("fencing = witness\n drbd r0 { }\n",
		"5: group \"g\", which ends here: fencing by witness needs at least one witness");
	refused("fencing = fence\n drbd r0 { }\n",
		"5: group \"g\", which ends here: fencing by fence needs a program in fence");
	refused("fence = { fence_x }\n",
		"3: fence must begin with the absolute path of a program, \"fence_x\" is none");
}

TEST(witnesses_are_addresses)
{
	refused("witness = { router }\n",
		"3: \"router\" is not an address, as \"192.0.2.254\" or \"2001:db8::fe\"");
	refused("witness = { 10.0.0.1, 10.0.0.1 }\n service x.service { }\n",
		"5: group \"g\", which ends here: witness \"10.0.0.1\" is named twice");
	refused("witness = { 10.0.0.1, 10.0.0.2, 10.0.0.3, 10.0.0.4, 10.0.0.5, 10.0.0.6, 10.0.0.7, "
		"10.0.0.8, 10.0.0.9 }\n",
		"3: more than 8 witnesses");
}

TEST(a_resource_is_moved_by_its_group_alone)
{
	configuration_refused("drbd { resource r0 { switchable = true } }\n" INSTANCES
			      "group g { vrrp = a fencing = never\n drbd r0 { }\n}\n",
			      "4: drbd \"r0\", which ends here: it is switchable in the section "
			      "drbd, but the group moves it");
}

TEST(the_active_node_stops_before_the_other_one_starts)
{
	settings_free(load("lease = 1.2 give-up = 1.4 takeover = 3.3\n service x.service { }\n"));
	refused("lease = 1.2 give-up = 1.4 takeover = 3.29\n service x.service { }\n",
		"5: group \"g\", which ends here: takeover must be at least one and a half times "
		"lease, give-up and 0.1 seconds together");
	settings_free(load("watchdog = /w lease = 0.6 give-up = 1.6\n service x.service { }\n"));
	refused("watchdog = /w lease = 0.6 give-up = 1.59\n service x.service { }\n",
		"5: group \"g\", which ends here: lease and give-up together must be at least 0.2 "
		"seconds above watchdog-timeout");
	settings_free(load("watchdog-timeout = 3\n service x.service { }\n"));
}

TEST(times_have_limits)
{
	refused("lease = 0\n", "3: lease must be 0.4 to 60 seconds");
	refused("give-up = 61\n", "3: give-up must be 0.1 to 60 seconds");
	refused("takeover = 0\n", "3: takeover must be 0.1 to 60 seconds");
	refused("fence-time = 601\n", "3: fence-time must be 0.1 to 600 seconds");
	refused("watchdog-timeout = 0\n", "3: watchdog-timeout must be 1 to 60 seconds");
	refused("watchdog = dev\n", "3: watchdog must be an absolute path of at most 107 octets");
	refused("cool-down = 86401\n", "3: cool-down must be 0 to 86400 seconds");
	refused("maintenance = 0\n", "3: maintenance must be 1 to 10080 minutes");
	refused("drbd r0 { start-time = 0 }\n", "3: start-time must be 0.1 to 600 seconds");
	refused("service x.service { stop-time = 601 }\n",
		"3: stop-time must be 0.1 to 600 seconds");
	refused("mount /a { stop-time = 0 }\n", "3: stop-time must be 0.1 to 600 seconds");
	refused("export /a { start-time = 0 }\n", "3: start-time must be 0.1 to 600 seconds");
	refused("command c { start-time = 0 }\n", "3: start-time must be 0.1 to 600 seconds");
}

TEST(the_order_of_members_can_be_told)
{
	refused("service x.service { } command c { start = /a stop = /b }\n",
		"3: command \"c\", which ends here: service \"x.service\" ends on the same line, "
		"so nobody can tell which of them comes first");
}

TEST(a_group_has_members_and_not_too_many)
{
	char text[4000];
	size_t used = 0;

	refused("", "3: group \"g\", which ends here: it has no members");
	for (int i = 0; i <= SETTINGS_MEMBERS_MAX; i++)
		used += (size_t)snprintf(text + used, sizeof(text) - used,
					 "service %c%d.service { }\n", 'a' + i % 2, i);
	refused(text, "36: group \"g\", which ends here: more than 32 members");
}

TEST(there_are_not_too_many_groups)
{
	char text[1000] = "";
	size_t used = 0;

	for (int i = 0; i <= SETTINGS_GROUPS_MAX; i++)
		used += (size_t)snprintf(text + used, sizeof(text) - used, "group g%d { }\n", i);
	configuration_refused(text, "9: more than 8 groups");
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, folder_make, folder_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_FOLDER(without_groups_there_are_none),
		IN_FOLDER(little_need_be_said),
		IN_FOLDER(everything_can_be_said),
		IN_FOLDER(members_stand_in_the_order_of_the_file),
		IN_FOLDER(each_kind_has_its_own_options),
		IN_FOLDER(resources_of_groups_are_known_to_all),
		IN_FOLDER(several_groups_share_nothing),
		IN_FOLDER(what_is_of_one_group_is_of_no_other),
		IN_FOLDER(what_is_in_a_group_is_there_once),
		IN_FOLDER(a_group_follows_an_instance_that_can_be_held),
		IN_FOLDER(names_fit),
		IN_FOLDER(units_have_their_kind),
		IN_FOLDER(places_are_plain_paths),
		IN_FOLDER(a_mount_stands_on_a_resource_above_it),
		IN_FOLDER(a_command_is_started_and_stopped),
		IN_FOLDER(an_export_has_a_client),
		IN_FOLDER(an_nfs_server_has_addresses_scope_and_storage),
		IN_FOLDER(an_nfs_server_is_wrong_in_many_ways),
		IN_FOLDER(a_group_with_drbd_says_what_it_does_alone),
		IN_FOLDER(witnesses_are_addresses),
		IN_FOLDER(a_resource_is_moved_by_its_group_alone),
		IN_FOLDER(the_active_node_stops_before_the_other_one_starts),
		IN_FOLDER(times_have_limits),
		IN_FOLDER(the_order_of_members_can_be_told),
		IN_FOLDER(a_group_has_members_and_not_too_many),
		IN_FOLDER(there_are_not_too_many_groups),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
