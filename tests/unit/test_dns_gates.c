/* Tests gates: verdicts, and that their files are as they should be, whatever happens to them. The
 * clock and the hub are the test's own.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/dns/gates.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/loop.h"
#include "lib/memory.h"
#include "lib/settings_dns.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/report.h"
#include "subagent/sources/dns/rows.h"
#include "tests/unit/check.h"
#include "tests/unit/folder.h"

#define WALL INT64_C(1700000000000)
#define NOBODY 65534

/* ---- the world ---- */

static int64_t now;

int64_t clock_now(void)
{
	return now;
}

int64_t clock_wall(void)
{
	return WALL + now;
}

static struct dns_gate_row row; /* the last that was reported */
static int reports;

void report_row(const struct table *table, const void *reported)
{
	assert_ptr_equal(table, &dns_gate_table);
	row = *(const struct dns_gate_row *)reported;
	reports++;
}

#define SERVERS 3

static char path[256], path_too[256];
static uint32_t positions[SERVERS] = { 0, 1, 2 };
static struct settings_gate gate[2];
static struct settings_dns settings;
static struct dns_gates *gates;
static const char *states; /* of the servers: up, Degraded, down, ? */

static int32_t ask(void *argument, const struct settings_gate *asking, size_t server)
{
	assert_ptr_equal(argument, &settings);
	assert_true(asking == &gate[0] || asking == &gate[1]);
	switch (states[server]) {
	case 'u':
		return haDnsServerState_up;
	case 'D':
		return haDnsServerState_degraded;
	case 'd':
		return haDnsServerState_down;
	default:
		return haDnsServerState_unknown;
	}
}

static int make(void **state)
{
	int failed = folder_make(state);

	now = 1000000;
	reports = 0;
	states = "uuu";
	TEXT_PUT(path, folder_path("gate"));
	TEXT_PUT(path_too, folder_path("other"));
	gate[0] = (struct settings_gate){ .name = "g",
					  .servers_count = SERVERS,
					  .servers = positions,
					  .rule = haDnsGateRule_any,
					  .needed = 1,
					  .file = path };
	gate[1] = gate[0];
	gate[1].file = path_too;
	settings = (struct settings_dns){ .gates_count = 1, .gates = gate };
	return failed;
}

static void stop(void)
{
	if (gates)
		dns_gates_close(gates);
	gates = NULL;
}

static int unmake(void **state)
{
	stop();
	return folder_remove(state);
}

/* One turn that waits for nothing: what inotify has to say is there at once. */
static void turn(void)
{
	dns_gates_watch(gates);
	loop_wake(now);
	loop_turn();
	dns_gates_judge(gates);
}

/* Time passes, less than it takes to look at a file without cause. */
static void pass(int64_t milliseconds)
{
	now += milliseconds;
	turn();
}

static void start(const char *servers)
{
	stop();
	states = servers;
	gates = dns_gates_open(&settings, ask, &settings);
	dns_gates_judge(gates);
	turn();
}

static void expect_file(const char *content)
{
	char found[64];

	folder_take("gate", found, sizeof(found));
	assert_string_equal(found, content);
}

static void expect_failed(const char *part)
{
	assert_int_equal(row.file_state, haDnsGateFileState_failed);
	if (!strstr(row.error, part))
		fail_msg("\"%s\" does not say \"%s\"", row.error, part);
}

static void expect_written(const char *content)
{
	expect_file(content);
	assert_int_equal(row.file_state, haDnsGateFileState_written);
	assert_string_equal(row.error, "");
}

/* ---- verdicts ---- */

static void expect_state(uint32_t needed, const char *servers, int32_t before, int32_t state)
{
	gate[0].needed = needed;
	folder_put("gate", before == haDnsGateState_open ? "0\n" : "1\n");
	start(servers);
	assert_int_equal(row.gate_state, state);
	expect_written(state == haDnsGateState_open ? "0\n" : "1\n");
}

static void expect_verdict(uint32_t needed, const char *servers, int32_t state)
{
	expect_state(needed, servers, haDnsGateState_open, state);
	expect_state(needed, servers, haDnsGateState_closed, state);
}

static void expect_none(uint32_t needed, const char *servers)
{
	expect_state(needed, servers, haDnsGateState_open, haDnsGateState_open);
	expect_state(needed, servers, haDnsGateState_closed, haDnsGateState_closed);
}

TEST(a_gate_is_open_when_enough_servers_are_up_or_degraded)
{
	expect_verdict(1, "ddu", haDnsGateState_open);
	expect_verdict(1, "dDd", haDnsGateState_open);
	expect_verdict(1, "ddd", haDnsGateState_closed);
	expect_verdict(2, "udu", haDnsGateState_open);
	expect_verdict(2, "ddu", haDnsGateState_closed);
	expect_verdict(3, "uDu", haDnsGateState_open);
	expect_verdict(3, "udu", haDnsGateState_closed);
}

TEST(unknown_servers_decide_nothing_that_depends_on_them)
{
	expect_none(1, "???");
	expect_none(1, "d?d");
	expect_none(2, "du?");
	expect_none(3, "uu?");
	expect_verdict(1, "u??", haDnsGateState_open);
	expect_verdict(3, "??d", haDnsGateState_closed);
	expect_verdict(2, "d?d", haDnsGateState_closed);
}

TEST(a_row_says_what_the_gate_is)
{
	gate[0].rule = haDnsGateRule_atLeast;
	gate[0].needed = 2;
	gate[0].weight = -30;
	start("uDd");
	assert_int_equal(row.head.state, HaRowState_fresh);
	assert_string_equal(row.name, "g");
	assert_int_equal(row.rule, haDnsGateRule_atLeast);
	assert_int_equal(row.needed, 2);
	assert_int_equal(row.servers, 3);
	assert_int_equal(row.servers_up, 2);
	assert_string_equal(row.file, path);
	assert_int_equal(row.weight, -30);
	assert_int_equal(row.file_time.wall, clock_wall());
}

TEST(a_row_is_reported_when_it_differs)
{
	start("uuu");
	assert_int_equal(reports, 1);
	pass(60);
	assert_int_equal(reports, 1);
	states = "udu";
	pass(60);
	assert_int_equal(reports, 2);
	assert_int_equal(row.servers_up, 2);
	dns_gates_report(gates);
	assert_int_equal(reports, 3);
	pass(60);
	assert_int_equal(reports, 3);
}

/* ---- what is written ---- */

TEST(the_file_changes_with_the_verdict_at_once)
{
	int64_t opened;

	start("uuu");
	expect_written("0\n");
	opened = row.state_time.wall;
	now++;
	states = "ddd";
	turn();
	expect_written("1\n");
	assert_int_equal(row.gate_state, haDnsGateState_closed);
	assert_int_equal(row.state_time.wall, opened + 1);
	now++;
	states = "udd";
	turn();
	expect_written("0\n");
}

TEST(a_weight_is_written_as_it_is)
{
	gate[0].weight = -30;
	start("ddd");
	expect_written("-30\n");
	states = "uuu";
	turn();
	expect_written("0\n");
}

/* keepalived must never find half a file, or none. */
TEST(a_file_is_replaced_in_one_step)
{
	_Alignas(struct inotify_event) char octets[4096];
	int seen = inotify_init1(IN_NONBLOCK | IN_CLOEXEC), moves = 0;
	ssize_t length;

	start("uuu");
	assert_true(inotify_add_watch(seen, folder, IN_ALL_EVENTS & ~(IN_OPEN | IN_ACCESS)) >= 0);
	states = "ddd";
	turn();
	expect_written("1\n");
	length = read(seen, octets, sizeof(octets));
	close(seen);
	assert_true(length > 0);
	for (ssize_t at = 0; at < length;) {
		const struct inotify_event *event = (const void *)(octets + at);

		at += (ssize_t)(sizeof(*event) + event->len);
		if (!event->len || strcmp(event->name, "gate") != 0)
			continue;
		moves += event->mask == IN_MOVED_TO;
		assert_true(event->mask & (IN_MOVED_TO | IN_CLOSE_NOWRITE));
	}
	assert_int_equal(moves, 1);
	assert_false(folder_has("gate.new"));
}

/* A limit of the size of files plays a disk that is full. */
TEST(a_file_that_finds_no_room_stays_as_it_was)
{
	struct rlimit before, none;

	start("uuu");
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	none = (struct rlimit){ .rlim_cur = 0, .rlim_max = before.rlim_max };
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &none), 0);
	states = "ddd";
	turn();
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	expect_failed("File too large");
	expect_file("0\n");
	assert_false(folder_has("gate.new"));
	pass(1000);
	expect_written("1\n");
}

TEST(everybody_may_read_the_file)
{
	mode_t old = umask(077);
	struct stat facts;

	start("uuu");
	umask(old);
	assert_int_equal(stat(path, &facts), 0);
	assert_int_equal(facts.st_mode & 07777, 0644);
}

TEST(what_lies_in_the_way_of_the_new_file_is_not_followed)
{
	folder_put("elsewhere", "precious");
	assert_int_equal(symlink("elsewhere", folder_path("gate.new")), 0);
	start("ddd");
	expect_written("1\n");
	folder_take("elsewhere", row.name, sizeof(row.name));
	assert_string_equal(row.name, "precious");
}

/* ---- at start ---- */

TEST(a_gate_starts_with_what_its_file_says)
{
	struct stat facts;

	folder_put("gate", "1\n");
	assert_int_equal(stat(path, &facts), 0);
	start("???");
	assert_int_equal(row.gate_state, haDnsGateState_closed);
	assert_int_equal(row.state_time.wall / 1000, facts.st_mtim.tv_sec);
	assert_int_equal(row.file_time.wall, row.state_time.wall);
	expect_written("1\n");
	folder_put("gate", "1");
	start("???");
	assert_int_equal(row.gate_state, haDnsGateState_closed);
	expect_written("1\n");
}

TEST(a_gate_without_such_a_file_starts_open)
{
	static const char *const contents[] = {
		"", "2\n", "-1\n", "x\n", "1 0\n", "\n", "1111111111111111111111\n"
	};

	for (size_t i = 0; i < COUNT(contents); i++) {
		folder_put("gate", contents[i]);
		start("???");
		assert_int_equal(row.gate_state, haDnsGateState_open);
		assert_int_equal(row.state_time.wall, clock_wall());
		expect_written("0\n");
	}
	assert_int_equal(unlink(path), 0);
	start("???");
	assert_int_equal(row.gate_state, haDnsGateState_open);
	expect_written("0\n");
}

TEST(a_weight_of_another_configuration_is_no_verdict)
{
	gate[0].weight = 20;
	folder_put("gate", "1\n");
	start("???");
	assert_int_equal(row.gate_state, haDnsGateState_open);
	expect_written("0\n");
}

/* ---- what others do to the file ---- */

TEST(a_file_that_is_removed_comes_back)
{
	start("ddd");
	pass(100);
	assert_int_equal(unlink(path), 0);
	turn();
	expect_written("1\n");
	assert_int_equal(row.file_time.wall, clock_wall());
}

TEST(a_file_that_is_overwritten_is_put_right)
{
	start("ddd");
	pass(100);
	folder_put("gate", "0\n");
	turn();
	expect_written("1\n");
	pass(100);
	assert_int_equal(truncate(path, 0), 0);
	turn();
	expect_written("1\n");
	pass(100);
	folder_put("gate", "1");
	turn();
	expect_written("1\n");
}

TEST(a_file_that_is_moved_over_it_is_replaced)
{
	start("ddd");
	pass(100);
	folder_put("thing", "0\n");
	assert_int_equal(rename(folder_path("thing"), path), 0);
	turn();
	expect_written("1\n");
	pass(100);
	assert_int_equal(rename(path, folder_path("thing")), 0);
	turn();
	expect_written("1\n");
}

TEST(who_wants_another_content_is_not_fought_without_pause)
{
	start("ddd");
	pass(100);
	folder_put("gate", "0\n");
	turn();
	expect_file("1\n");
	folder_put("gate", "0\n");
	turn();
	expect_file("0\n");
	pass(50);
	expect_file("1\n");
}

TEST(a_verdict_does_not_wait_for_that_pause)
{
	start("ddd");
	states = "uuu";
	turn();
	expect_file("0\n");
	states = "ddd";
	turn();
	expect_file("1\n");
}

TEST(a_change_that_nobody_tells_is_found_by_looking)
{
	char other[256];

	TEXT_PUT(other, folder_path("linked"));
	start("ddd");
	pass(100);
	assert_int_equal(link(path, other), 0);
	turn();
	/* Events of one name say nothing of a write through another. */
	folder_put("linked", "0\n");
	pass(4000);
	pass(2000);
	expect_written("1\n");
}

/* ---- what cannot be written ---- */

TEST(a_folder_that_is_missing_is_waited_for)
{
	TEXT_PUT(path, folder_path("run/gate"));
	start("ddd");
	expect_failed("make the folder of the file");
	assert_int_equal(row.gate_state, haDnsGateState_closed);
	folder_make_above("run/gate");
	pass(999);
	expect_failed("make the folder");
	pass(1);
	assert_int_equal(row.file_state, haDnsGateFileState_written);
	assert_true(folder_has("run/gate"));
}

TEST(a_folder_that_is_replaced_is_found)
{
	char old[256], new[256];

	folder_make_above("run/gate");
	TEXT_PUT(path, folder_path("run/gate"));
	TEXT_PUT(old, folder_path("run"));
	TEXT_PUT(new, folder_path("away"));
	start("ddd");
	pass(100);
	assert_int_equal(rename(old, new), 0);
	assert_int_equal(mkdir(old, 0755), 0);
	turn();
	assert_true(folder_has("run/gate"));
	pass(100);
	assert_int_equal(unlink(folder_path("run/gate")), 0);
	turn();
	assert_true(folder_has("run/gate"));
	pass(100);
	assert_int_equal(unlink(folder_path("run/gate")), 0);
	assert_int_equal(rmdir(old), 0);
	turn();
	expect_failed("make the folder");
	assert_int_equal(mkdir(old, 0755), 0);
	pass(1000);
	assert_true(folder_has("run/gate"));
}

TEST(a_symbolic_link_in_its_place_is_not_followed)
{
	folder_put("elsewhere", "precious");
	assert_int_equal(symlink("elsewhere", path), 0);
	start("ddd");
	expect_failed("symbolic link");
	folder_take("elsewhere", row.name, sizeof(row.name));
	assert_string_equal(row.name, "precious");
	pass(100);
	assert_int_equal(unlink(path), 0);
	turn();
	expect_written("1\n");
}

TEST(what_is_no_file_is_left_alone)
{
	assert_int_equal(mkdir(path, 0755), 0);
	start("ddd");
	expect_failed("no regular file");
	assert_int_equal(rmdir(path), 0);
	assert_int_equal(mkfifo(path, 0600), 0);
	turn();
	expect_failed("no regular file");
	assert_int_equal(unlink(path), 0);
	turn();
	expect_written("1\n");
}

static void be(uid_t user)
{
	if (geteuid() != user)
		assert_int_equal(seteuid(user), 0);
}

TEST(who_may_not_write_says_what_to_do)
{
	uid_t user = geteuid();

	folder_make_above("run/gate");
	TEXT_PUT(path, folder_path("run/gate"));
	assert_int_equal(chmod(folder, 0755), 0);
	assert_int_equal(chmod(folder_path("run"), 0555), 0);
	be(user ? user : NOBODY);
	start("ddd");
	be(user);
	expect_failed("Permission denied: let user ");
	assert_int_equal(chmod(folder_path("run"), 0777), 0);
	be(user ? user : NOBODY);
	turn();
	be(user);
	assert_int_equal(row.file_state, haDnsGateFileState_written);
	assert_true(folder_has("run/gate"));
}

TEST(what_failed_is_tried_again_with_the_newest_verdict)
{
	TEXT_PUT(path, folder_path("run/gate"));
	start("ddd");
	states = "uuu";
	turn();
	expect_failed("make the folder");
	folder_make_above("run/gate");
	pass(1000);
	folder_take("run/gate", row.name, sizeof(row.name));
	assert_string_equal(row.name, "0\n");
}

TEST(gates_in_one_folder_do_not_disturb_each_other)
{
	char content[8];

	settings.gates_count = 2;
	start("ddd");
	pass(100);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(unlink(path_too), 0);
	turn();
	expect_file("1\n");
	folder_take("other", content, sizeof(content));
	assert_string_equal(content, "1\n");
	states = "uuu";
	turn();
	folder_take("other", content, sizeof(content));
	assert_string_equal(content, "0\n");
}

#define GATE_TEST(test) cmocka_unit_test_setup_teardown(test, make, unmake)

int main(void)
{
	const struct CMUnitTest tests[] = {
		GATE_TEST(a_gate_is_open_when_enough_servers_are_up_or_degraded),
		GATE_TEST(unknown_servers_decide_nothing_that_depends_on_them),
		GATE_TEST(a_row_says_what_the_gate_is),
		GATE_TEST(a_row_is_reported_when_it_differs),
		GATE_TEST(the_file_changes_with_the_verdict_at_once),
		GATE_TEST(a_weight_is_written_as_it_is),
		GATE_TEST(a_file_is_replaced_in_one_step),
		GATE_TEST(a_file_that_finds_no_room_stays_as_it_was),
		GATE_TEST(everybody_may_read_the_file),
		GATE_TEST(what_lies_in_the_way_of_the_new_file_is_not_followed),
		GATE_TEST(a_gate_starts_with_what_its_file_says),
		GATE_TEST(a_gate_without_such_a_file_starts_open),
		GATE_TEST(a_weight_of_another_configuration_is_no_verdict),
		GATE_TEST(a_file_that_is_removed_comes_back),
		GATE_TEST(a_file_that_is_overwritten_is_put_right),
		GATE_TEST(a_file_that_is_moved_over_it_is_replaced),
		GATE_TEST(who_wants_another_content_is_not_fought_without_pause),
		GATE_TEST(a_verdict_does_not_wait_for_that_pause),
		GATE_TEST(a_change_that_nobody_tells_is_found_by_looking),
		GATE_TEST(a_folder_that_is_missing_is_waited_for),
		GATE_TEST(a_folder_that_is_replaced_is_found),
		GATE_TEST(a_symbolic_link_in_its_place_is_not_followed),
		GATE_TEST(what_is_no_file_is_left_alone),
		GATE_TEST(who_may_not_write_says_what_to_do),
		GATE_TEST(what_failed_is_tried_again_with_the_newest_verdict),
		GATE_TEST(gates_in_one_folder_do_not_disturb_each_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
