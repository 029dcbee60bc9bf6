/* Tests what is known of the members that the other node configures, with a clock that is played.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/peer/members.h"

#include <string.h>
#include <unistd.h>

#include "lib/frame.h"
#include "lib/memory.h"
#include "lib/settings_group.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/report.h"
#include "subagent/sources/peer/rows.h"
#include "tests/unit/check.h"

#define LIMIT 30000
#define START 1000000

static char star[] = "*", options[] = "rw,fsid=0";
static struct settings_member own[] = {
	{ .kind = haGroupMemberKind_mount, .name = "/srv/nfs", .options = options },
	{ .kind = haGroupMemberKind_export, .name = "/srv/a", .client = star, .options = options },
	{ .kind = haGroupMemberKind_export, .name = "/srv/b", .client = star, .options = options },
};
static struct settings_group group = { .name = "nfs", .members_count = 3, .members = own };
static const struct settings_groups groups = { .count = 1, .groups = &group };

static struct peer_members members;
static struct rows said, told;
static int hub;

static int open_members(void **state)
{
	int pair[2];

	(void)state;
	frame_pair(pair);
	frame_nonblocking(pair[0]);
	hub = pair[0];
	report_open(pair[1]);
	rows_open(&said, &peer_asked_member_table);
	rows_open(&told, &peer_member_table);
	peer_members_open(&members, &groups, "n1", LIMIT);
	return 0;
}

static int close_members(void **state)
{
	(void)state;
	peer_members_close(&members);
	rows_close(&said);
	rows_close(&told);
	close(hub);
	return 0;
}

/* What was told last, all of it; whether anything was. */
static bool hear(void)
{
	struct frame frame;
	bool any = false;

	while (frame_receive(hub, &frame, NULL) == FRAME_OK) {
		assert_int_equal(frame.head.table, mib_haGroupPeerMemberEntry);
		if (frame.head.type == FRAME_BEGIN) {
			rows_close(&told);
			rows_open(&told, &peer_member_table);
		} else if (frame.head.type == FRAME_ROW) {
			rows_put(&told, &frame.body);
		}
		any = true;
	}
	return any;
}

static void say(const char *of, int32_t kind, const char *name, const char *settings)
{
	struct peer_asked_member_row row = { .kind = kind };

	TEXT_PUT(row.group, of);
	TEXT_PUT(row.name, name);
	TEXT_PUT(row.settings, settings);
	rows_put(&said, &row);
}

static void check_told(const char *name, int32_t state, int32_t alike, const char *settings)
{
	struct peer_member_row key = { .group = "nfs", .kind = haGroupMemberKind_export };
	const struct peer_member_row *row;
	const struct entry *entry;

	TEXT_PUT(key.name, name);
	entry = rows_find_row(&told, &key);
	assert_non_null(entry);
	row = entry->row;
	assert_int_equal(row->head.state, state);
	assert_int_equal(row->alike, alike);
	assert_string_equal(row->settings, settings);
}

TEST(before_an_answer_nothing_is_known)
{
	peer_members_report(&members);
	assert_true(hear());
	assert_int_equal(told.count, 2);
	check_told("/srv/a", HaRowState_stale, HaAnswer_unknown, "");
	check_told("/srv/b", HaRowState_stale, HaAnswer_unknown, "");
	assert_int_equal(peer_members_turn(&members, START), 0);
}

TEST(each_export_of_either_node_is_compared)
{
	say("nfs", haGroupMemberKind_vrrp, "VI_1", "");
	say("nfs", haGroupMemberKind_export, "/srv/a", "*(fsid=0,rw)");
	say("nfs", haGroupMemberKind_export, "/srv/c", "*(rw,fsid=2)");
	say("mail", haGroupMemberKind_export, "/srv/a", "*(rw)");
	peer_members_take(&members, &said, START);
	assert_true(hear());
	assert_int_equal(told.count, 3);
	check_told("/srv/a", HaRowState_fresh, HaAnswer_yes, "*(fsid=0,rw)");
	check_told("/srv/b", HaRowState_missing, HaAnswer_no, "");
	check_told("/srv/c", HaRowState_fresh, HaAnswer_no, "*(rw,fsid=2)");
	say("nfs", haGroupMemberKind_export, "/srv/a", "*(rw,fsid=1)");
	peer_members_take(&members, &said, START + 10000);
	assert_true(hear());
	check_told("/srv/a", HaRowState_fresh, HaAnswer_no, "*(rw,fsid=1)");
}

/* It says no settings of any member. */
TEST(a_peer_of_an_earlier_version_is_not_blamed)
{
	peer_members_take(&members, &said, START);
	assert_true(hear());
	check_told("/srv/a", HaRowState_stale, HaAnswer_unknown, "");
}

TEST(what_was_said_counts_for_a_while)
{
	say("nfs", haGroupMemberKind_export, "/srv/a", "*(rw,fsid=0)");
	peer_members_take(&members, &said, START);
	hear();
	assert_int_equal(peer_members_turn(&members, START + LIMIT), START + LIMIT + 1);
	assert_false(hear());
	assert_int_equal(peer_members_turn(&members, START + LIMIT + 1), 0);
	assert_true(hear());
	check_told("/srv/a", HaRowState_stale, HaAnswer_unknown, "*(rw,fsid=0)");
	assert_int_equal(peer_members_turn(&members, START + 2 * LIMIT), 0);
	assert_false(hear());
}

int main(void)
{
#define MEMBERS_TEST(name) cmocka_unit_test_setup_teardown(name, open_members, close_members)
	const struct CMUnitTest tests[] = {
		MEMBERS_TEST(before_an_answer_nothing_is_known),
		MEMBERS_TEST(each_export_of_either_node_is_compared),
		MEMBERS_TEST(a_peer_of_an_earlier_version_is_not_blamed),
		MEMBERS_TEST(what_was_said_counts_for_a_while),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
