/* Tests what members are, read from recorded tables of the kernel, of exportfs and of systemd.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "actions/mount_view.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "actions/export_view.h"
#include "actions/mark.h"
#include "actions/service.h"
#include "actions/word_list.h"
#include "lib/memory.h"
#include "lib/settings_group.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/groups/rows.h"
#include "subagent/sources/member/judge.h"
#include "subagent/sources/member/statuses.h"
#include "subagent/sources/member/units.h"
#include "tests/unit/check.h"
#include "tests/unit/folder.h"
#include "tests/unit/recorded.h"

/* ---- mounts ---- */

static char device[] = "/dev/drbd0", other[] = "/dev/none", no_options[] = "", read_only[] = "ro";

static struct settings_member mount_of(char *from, const char *point, char *options)
{
	struct settings_member member = {
		.kind = haGroupMemberKind_mount,
		.device = from,
		.options = options,
	};

	TEXT_PUT(member.name, point);
	return member;
}

static struct mount_view look(const char *text, const struct settings_member *member)
{
	struct mount_view view;

	mount_view_read(&view, text, member);
	return view;
}

static struct mount_view look_at(const char *recording, const struct settings_member *member)
{
	char *text = recorded_text(recording);
	struct mount_view view = look(text, member);

	free(text);
	return view;
}

TEST(a_mount_is_there_or_not)
{
	const struct settings_member member = mount_of(device, "/srv", no_options);
	const struct settings_member absent = mount_of(other, "/mnt", no_options);

	assert_int_equal(look_at("member/mountinfo-bind", &member).state, MOUNT_DONE);
	assert_int_equal(look_at("member/mountinfo-bind", &absent).state, MOUNT_ABSENT);
	assert_int_equal(look("", &member).state, MOUNT_ABSENT);
}

TEST(a_device_on_another_point_is_elsewhere)
{
	const struct settings_member member = mount_of(device, "/mnt", no_options);
	struct mount_view view = look_at("member/mountinfo-read-only", &member);

	assert_int_equal(view.state, MOUNT_ELSEWHERE);
	assert_string_equal(view.point, "/srv");
}

TEST(something_else_on_the_point_is_named)
{
	const struct settings_member member = mount_of(other, "/srv", no_options);
	const struct settings_member covered = mount_of(device, "/srv", no_options);
	struct mount_view view = look_at("member/mountinfo-bind", &member);

	assert_int_equal(view.state, MOUNT_OTHER);
	assert_string_equal(view.device, "/dev/drbd0");
	view = look_at("member/mountinfo-covered", &covered);
	assert_int_equal(view.state, MOUNT_COVERED);
	assert_string_equal(view.device, "over");
}

TEST(what_lies_over_is_what_counts)
{
	const struct settings_member member = mount_of(device, "/srv", no_options);
	static const char ours[] = "34 27 147:0 / /srv rw - ext4 /dev/drbd0 rw\n"
				   "33 27 0:31 / /mnt rw - tmpfs x rw\n";
	static const char over[] = "33 27 0:31 / /srv rw - tmpfs x rw\n"
				   "34 33 147:0 / /srv rw - ext4 /dev/drbd0 rw\n";
	static const char twice[] = "33 27 147:0 / /srv rw - ext4 /dev/drbd0 rw\n"
				    "34 33 0:31 / /srv rw - tmpfs x rw\n"
				    "35 34 0:32 / /srv rw - tmpfs y rw\n";

	assert_int_equal(look(ours, &member).state, MOUNT_DONE);
	assert_int_equal(look(over, &member).state, MOUNT_DONE);
	assert_int_equal(look(twice, &member).state, MOUNT_COVERED);
	assert_string_equal(look(twice, &member).device, "y");
}

TEST(read_only_counts_only_where_it_was_asked_for)
{
	const struct settings_member writable = mount_of(device, "/srv", no_options);
	const struct settings_member readable = mount_of(device, "/srv", read_only);

	assert_int_equal(look_at("member/mountinfo-read-only", &writable).state, MOUNT_READONLY);
	assert_int_equal(look_at("member/mountinfo-read-only", &readable).state, MOUNT_DONE);
}

TEST(a_mount_point_may_lead_over_links)
{
	char point[256], text[512], real[128];
	struct settings_member member;

	assert_non_null(realpath(folder, real));
	folder_put("real/keep", "");
	assert_int_equal(symlink("real", folder_path("link")), 0);
	TEXT_PRINT(point, "%s/link/srv", folder);
	member = mount_of(device, point, no_options);
	TEXT_PRINT(text, "34 27 147:0 / %s/real/srv rw - ext4 /dev/drbd0 rw\n", real);
	assert_int_equal(look(text, &member).state, MOUNT_DONE);
	mount_view_resolve("/srv", point, sizeof(point));
	assert_string_equal(point, "/srv");
}

/* ---- exports ---- */

static struct settings_member export_of(const char *path, char *client, char *options)
{
	struct settings_member member = {
		.kind = haGroupMemberKind_export,
		.client = client,
		.options = options,
	};

	TEXT_PUT(member.name, path);
	return member;
}

static bool is_exported(const char *path, const char *client, const char *options, bool *as_wanted)
{
	char *etab = recorded_text("member/etab");
	char *its_client = memory_text(client), *its_options = memory_text(options);
	const struct settings_member member = export_of(path, its_client, its_options);
	bool there = export_view_read(etab, &member, as_wanted);

	free(etab);
	free(its_client);
	free(its_options);
	return there;
}

TEST(exports_are_found_by_path_and_client)
{
	bool as_wanted;

	assert_true(is_exported("/srv", "10.77.0.0/24", "", &as_wanted));
	assert_true(is_exported("/srv/x", "fd00:77::/64", "", &as_wanted));
	assert_true(is_exported("/home", "*.HA.test", "", &as_wanted));
	assert_true(is_exported("/usr", "@trusted", "", &as_wanted));
	assert_true(is_exported("/etc", "*", "", &as_wanted));
	assert_false(is_exported("/srv", "*", "", &as_wanted));
	assert_false(is_exported("/srv", "10.77.0.0/25", "", &as_wanted));
	assert_false(is_exported("/sr", "10.77.0.0/24", "", &as_wanted));
	assert_false(is_exported("/usr", "trusted", "", &as_wanted));
	/* A host has whatever name exportfs has found for it. */
	assert_true(is_exported("/mnt", "10.77.0.1", "", &as_wanted));
	assert_true(is_exported("/opt", "n2.example.org", "", &as_wanted));
}

TEST(options_of_an_export_are_compared_word_by_word)
{
	bool as_wanted;

	is_exported("/srv", "10.77.0.0/24", "rw,sync,fsid=1", &as_wanted);
	assert_true(as_wanted);
	is_exported("/srv", "10.77.0.0/24", "rw,sync,fsid=11", &as_wanted);
	assert_false(as_wanted);
	is_exported("/srv", "10.77.0.0/24", "ro", &as_wanted);
	assert_false(as_wanted);
	is_exported("/srv", "10.77.0.0/24", "", &as_wanted);
	assert_true(as_wanted);
	assert_false(is_exported("/none", "*", "", &as_wanted));
	assert_false(as_wanted);
}

static void check_target(char *client, const char *target)
{
	const struct settings_member member = export_of("/srv", client, no_options);
	char text[128];

	export_view_print(&member, text, sizeof(text));
	assert_string_equal(text, target);
}

TEST(a_client_with_colons_stands_in_brackets)
{
	char network[] = "fd00:77::/64", host[] = "fd00::1", old[] = "10.77.0.0/24", all[] = "*";

	check_target(network, "[fd00:77::]/64:/srv");
	check_target(host, "[fd00::1]:/srv");
	check_target(old, "10.77.0.0/24:/srv");
	check_target(all, "*:/srv");
}

TEST(lists_have_whole_words)
{
	assert_true(word_list_has("user,quorum", "user", 4));
	assert_true(word_list_has("no-data,user", "user", 4));
	assert_false(word_list_has("users", "user", 4));
	assert_false(word_list_has("", "user", 4));
	assert_true(word_list_has_all("a,b,c", "c,a"));
	assert_false(word_list_has_all("a,b,c", "c,d"));
	assert_true(word_list_has_all("a", ""));
}

/* ---- marks ---- */

TEST(marks_say_what_was_done_last)
{
	char text[64];

	assert_int_equal(mark_read(NULL), haGroupMemberState_stopped);
	assert_int_equal(mark_read("started 1\n"), haGroupMemberState_started);
	assert_int_equal(mark_read("failed 1\n"), haGroupMemberState_failed);
	assert_int_equal(mark_read(""), haGroupMemberState_failed);
	assert_int_equal(mark_read("nonsense\n"), haGroupMemberState_failed);
	TEXT_PRINT(text, "starting %d\n", (int)getpid());
	assert_int_equal(mark_read(text), haGroupMemberState_starting);
	TEXT_PRINT(text, "stopping %d\n", (int)getpid());
	assert_int_equal(mark_read(text), haGroupMemberState_stopping);
}

TEST(what_nobody_does_any_more_has_failed)
{
	/* No process has a number that high (PID_MAX_LIMIT of Linux). */
	assert_int_equal(mark_read("starting 9999999\n"), haGroupMemberState_failed);
	assert_int_equal(mark_read("stopping 0\n"), haGroupMemberState_failed);
	assert_int_equal(mark_read("starting\n"), haGroupMemberState_failed);
	assert_int_equal(mark_read("started 9999999\n"), haGroupMemberState_started);
}

/* ---- units ---- */

TEST(systemctl_is_read_line_by_line)
{
	char *text = recorded_text("member/systemctl-failed");
	struct service_state unit;

	service_read(&unit, text);
	assert_string_equal(unit.load, "loaded");
	assert_string_equal(unit.active, "failed");
	assert_string_equal(unit.sub, "failed");
	assert_string_equal(unit.result, "exit-code");
	service_read(&unit, "ActiveState=active");
	assert_string_equal(unit.active, "active");
	assert_string_equal(unit.load, "");
	service_read(&unit, "");
	assert_string_equal(unit.active, "");
	free(text);
}

static struct group_member_row judged(bool known, const char *load, const char *active)
{
	struct group_member_row row = { .kind = haGroupMemberKind_service };
	struct unit unit = { .known = known };

	TEXT_PUT(unit.load, load);
	TEXT_PUT(unit.active, active);
	TEXT_PUT(unit.sub, "exited");
	judge_unit(&row, &unit, "nobody answers");
	return row;
}

TEST(units_are_what_systemd_says)
{
	static const struct {
		const char *active;
		int32_t state;
	} cases[] = {
		{ "active", haGroupMemberState_started },
		{ "reloading", haGroupMemberState_started },
		{ "activating", haGroupMemberState_starting },
		{ "deactivating", haGroupMemberState_stopping },
		{ "inactive", haGroupMemberState_stopped },
		{ "failed", haGroupMemberState_failed },
		{ "levitating", haGroupMemberState_other },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct group_member_row row = judged(true, "loaded", cases[i].active);

		assert_int_equal(row.member_state, cases[i].state);
		assert_int_equal(row.head.state, HaRowState_fresh);
	}
	assert_string_equal(judged(true, "loaded", "failed").error, "systemd: failed (exited)");
	assert_string_equal(judged(true, "loaded", "active").error, "");
}

TEST(units_that_are_not_there_are_missing)
{
	struct group_member_row row = judged(true, "not-found", "inactive");

	assert_int_equal(row.head.state, HaRowState_missing);
	assert_int_equal(row.member_state, haGroupMemberState_stopped);
	assert_string_equal(row.error, "for systemd the unit is not-found");
	row = judged(true, "masked", "inactive");
	assert_int_equal(row.head.state, HaRowState_fresh);
	assert_string_equal(row.error, "for systemd the unit is masked");
}

TEST(without_systemd_a_unit_is_unknown_or_stale)
{
	struct group_member_row row = judged(false, "", "");

	assert_int_equal(row.member_state, haGroupMemberState_unknown);
	assert_int_equal(row.head.state, HaRowState_fresh);
	assert_string_equal(row.error, "nobody answers");
	row = judged(false, "loaded", "active");
	assert_int_equal(row.member_state, haGroupMemberState_started);
	assert_int_equal(row.head.state, HaRowState_stale);
	assert_string_equal(row.error, "nobody answers");
}

/* ---- rows of the others ---- */

static struct group_member_row judged_mount(const char *recording, char *from, const char *point)
{
	const struct settings_member member = mount_of(from, point, no_options);
	char *text = recording ? recorded_text(recording) : NULL;
	struct group_member_row row = { .kind = haGroupMemberKind_mount };

	judge_mount(&row, &member, text);
	free(text);
	return row;
}

TEST(mounts_that_are_not_as_they_should_be_have_failed)
{
	struct group_member_row row = judged_mount("member/mountinfo-bind", device, "/srv");

	assert_int_equal(row.member_state, haGroupMemberState_started);
	assert_string_equal(row.error, "");
	row = judged_mount("member/mountinfo-bind", other, "/mnt");
	assert_int_equal(row.member_state, haGroupMemberState_stopped);
	row = judged_mount("member/mountinfo-bind", other, "/srv");
	assert_int_equal(row.member_state, haGroupMemberState_failed);
	assert_string_equal(row.error, "/dev/drbd0 is mounted there");
	row = judged_mount("member/mountinfo-covered", device, "/srv");
	assert_int_equal(row.member_state, haGroupMemberState_failed);
	assert_string_equal(row.error, "over is mounted over it");
	row = judged_mount("member/mountinfo-read-only", device, "/srv");
	assert_int_equal(row.member_state, haGroupMemberState_failed);
	assert_string_equal(row.error, "mounted read-only");
	row = judged_mount("member/mountinfo-read-only", device, "/mnt");
	assert_int_equal(row.member_state, haGroupMemberState_failed);
	assert_string_equal(row.error, "/dev/drbd0 is mounted on /srv instead");
	row = judged_mount(NULL, device, "/srv");
	assert_int_equal(row.member_state, haGroupMemberState_unknown);
}

TEST(exports_commands_and_marks_become_rows)
{
	const struct settings_member member = export_of("/etc", read_only, no_options);
	struct status status = { .state = haGroupMemberState_unknown, .error = "too late" };
	struct group_member_row row = { .kind = haGroupMemberKind_export };

	judge_export(&row, &member, "/etc\tro(rw)\n");
	assert_int_equal(row.member_state, haGroupMemberState_started);
	judge_export(&row, &member, "");
	assert_int_equal(row.member_state, haGroupMemberState_stopped);
	judge_export(&row, &member, NULL);
	assert_int_equal(row.member_state, haGroupMemberState_unknown);
	assert_true(*row.error);
	judge_status(&row, &status, haGroupMemberState_started);
	assert_int_equal(row.member_state, haGroupMemberState_unknown);
	assert_string_equal(row.error, "too late");
	judge_mark(&row, haGroupMemberState_failed);
	assert_int_equal(row.member_state, haGroupMemberState_failed);
	assert_true(*row.error);
	judge_mark(&row, haGroupMemberState_started);
	assert_string_equal(row.error, "");
}

static void check_status(int32_t said, int32_t marked, int32_t state)
{
	struct group_member_row row = { .kind = haGroupMemberKind_command };
	struct status status = { .state = said };

	judge_status(&row, &status, marked);
	assert_int_equal(row.member_state, state);
	assert_int_equal(*row.error != '\0', state == haGroupMemberState_failed);
}

TEST(what_has_ended_by_itself_has_failed)
{
	enum {
		started = haGroupMemberState_started,
		stopped = haGroupMemberState_stopped,
		failed = haGroupMemberState_failed
	};

	check_status(started, started, started);
	check_status(started, stopped, started);
	check_status(started, failed, started);
	check_status(stopped, stopped, stopped);
	check_status(stopped, started, failed);
	check_status(stopped, failed, failed);
}

static void check_server(bool runs, int32_t marked, int32_t state)
{
	struct group_member_row row = { .kind = haGroupMemberKind_nfs };

	judge_nfs(&row, runs, marked);
	assert_int_equal(row.head.state, HaRowState_fresh);
	assert_int_equal(row.member_state, state);
	assert_int_equal(*row.error != '\0', state == haGroupMemberState_failed);
}

TEST(a_server_whose_threads_have_gone_has_failed)
{
	check_server(true, haGroupMemberState_started, haGroupMemberState_started);
	check_server(true, haGroupMemberState_stopped, haGroupMemberState_started);
	check_server(false, haGroupMemberState_stopped, haGroupMemberState_stopped);
	check_server(false, haGroupMemberState_started, haGroupMemberState_failed);
	check_server(false, haGroupMemberState_failed, haGroupMemberState_failed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_mount_is_there_or_not),
		cmocka_unit_test(a_device_on_another_point_is_elsewhere),
		cmocka_unit_test(something_else_on_the_point_is_named),
		cmocka_unit_test(what_lies_over_is_what_counts),
		cmocka_unit_test(read_only_counts_only_where_it_was_asked_for),
		cmocka_unit_test_setup_teardown(a_mount_point_may_lead_over_links, folder_make,
						folder_remove),
		cmocka_unit_test(exports_are_found_by_path_and_client),
		cmocka_unit_test(options_of_an_export_are_compared_word_by_word),
		cmocka_unit_test(a_client_with_colons_stands_in_brackets),
		cmocka_unit_test(lists_have_whole_words),
		cmocka_unit_test(marks_say_what_was_done_last),
		cmocka_unit_test(what_nobody_does_any_more_has_failed),
		cmocka_unit_test(systemctl_is_read_line_by_line),
		cmocka_unit_test(units_are_what_systemd_says),
		cmocka_unit_test(units_that_are_not_there_are_missing),
		cmocka_unit_test(without_systemd_a_unit_is_unknown_or_stale),
		cmocka_unit_test(mounts_that_are_not_as_they_should_be_have_failed),
		cmocka_unit_test(exports_commands_and_marks_become_rows),
		cmocka_unit_test(what_has_ended_by_itself_has_failed),
		cmocka_unit_test(a_server_whose_threads_have_gone_has_failed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
