/* Tests what is told of this node's resolver: its file as it changes, states, and when figures are
 * told. The clock and the hub are the test's own.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/dns/resolver/resolver.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/loop.h"
#include "lib/memory.h"
#include "lib/settings_dns.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/report.h"
#include "subagent/sources/dns/resolver/delay.h"
#include "subagent/sources/dns/resolver/lookup.h"
#include "subagent/sources/dns/resolver/resolv_conf.h"
#include "subagent/sources/dns/rows.h"
#include "tests/unit/check.h"
#include "tests/unit/folder.h"

#define WALL INT64_C(1700000000000)
#define LIMIT 1000
#define SETTLED 200 /* milliseconds: long enough for a change of the file to be read */

#define TWO "nameserver 192.0.2.1\nnameserver 192.0.2.2\n"

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

static struct dns_resolver_row row; /* the last that was reported */
static int reports;

void report_row(const struct table *table, const void *reported)
{
	assert_ptr_equal(table, &dns_resolver_table);
	row = *(const struct dns_resolver_row *)reported;
	reports++;
}

/* Of a kernel that may have no IPv6; nothing is ever sent by it. */
static bool has_ipv6;

int socket(int domain, int type, int protocol)
{
	(void)type;
	(void)protocol;
	if (domain == AF_INET || has_ipv6)
		return dup(STDIN_FILENO);
	errno = EAFNOSUPPORT;
	return -1;
}

/* Every server keeps the C library waiting for as long as this. */
static uint64_t wait;
static bool told;   /* whether that is all of it */
static int waiting; /* how many servers are asked how long */

void dns_delay_open(struct dns_delay *delay, const struct address *server, uint64_t limit)
{
	*delay = (struct dns_delay){ .server = *server, .limit = limit, .fd = -1 };
}

void dns_delay_close(struct dns_delay *delay)
{
	waiting -= delay->count > 0;
	delay->count = 0;
}

void dns_delay_turn(struct dns_delay *delay)
{
	waiting += delay->count == 0;
	delay->count = 1;
}

bool dns_delay_told(const struct dns_delay *delay, uint64_t *microseconds)
{
	*microseconds = wait < delay->limit ? wait : delay->limit;
	return told;
}

void dns_delay_watch(struct dns_delay *delay)
{
	assert_int_equal(delay->fd, -1);
}

static char path[256];
static struct settings_dns settings;
static struct dns_resolver *resolver;
static struct lookup_server health[RESOLV_USED_MAX];

static void ask(void *argument, uint32_t position, struct lookup_server *server)
{
	assert_ptr_equal(argument, &settings);
	assert_true(position < resolv_conf_used(dns_resolver_conf(resolver)));
	assert_int_equal(server->health, LOOKUP_UNKNOWN);
	*server = health[position];
}

static int make(void **state)
{
	int failed = folder_make(state);

	now = 1000000;
	reports = 0;
	has_ipv6 = true;
	wait = 0;
	told = false;
	waiting = 0;
	memset(health, 0, sizeof(health));
	TEXT_PUT(path, folder_path("resolv.conf"));
	settings = (struct settings_dns){ .resolver_file = path, .resolver_limit = LIMIT };
	return failed;
}

static void stop(void)
{
	if (resolver)
		dns_resolver_close(resolver);
	resolver = NULL;
}

static int unmake(void **state)
{
	stop();
	return folder_remove(state);
}

/* A letter for each server: answers after 2 ms, silent, refuses with an answer, fails with an error
 * of the network, late, unknown. */
static void be(const char *letters)
{
	static const struct lookup_server kinds[] = {
		['a'] = { LOOKUP_ANSWERS, 2000 },    ['s'] = { LOOKUP_SILENT, 0 },
		['r'] = { LOOKUP_REFUSES, 1000 },    ['u'] = { LOOKUP_UNKNOWN, 0 },
		['l'] = { LOOKUP_ANSWERS, 6000000 }, ['f'] = { LOOKUP_REFUSES, 0 },
	};

	for (size_t i = 0; letters[i]; i++)
		health[i] = kinds[(unsigned char)letters[i]];
}

/* One turn that waits for nothing: what inotify has to say is there at once. Whether the servers
 * have changed. */
static bool turn(void)
{
	bool changed;

	dns_resolver_watch(resolver);
	loop_wake(now);
	loop_turn();
	changed = dns_resolver_turn(resolver);
	dns_resolver_judge(resolver);
	return changed;
}

/* Time passes, in two turns: the first notices, the second reads. */
static bool pass(int64_t milliseconds)
{
	bool changed = turn();

	now += milliseconds;
	return turn() || changed;
}

static void start(const char *letters)
{
	stop();
	be(letters);
	resolver = dns_resolver_open(&settings, ask, &settings);
	dns_resolver_judge(resolver);
}

static void start_with(const char *content, const char *letters)
{
	folder_put("resolv.conf", content);
	start(letters);
}

/* ---- states ---- */

static void expect_state(const char *content, const char *letters, int32_t state)
{
	start_with(content, letters);
	assert_int_equal(row.resolver_state, state);
}

TEST(a_resolver_is_ok_when_its_first_server_answers)
{
	expect_state(TWO, "aa", haResolverState_ok);
	expect_state(TWO, "as", haResolverState_ok);
	expect_state(TWO, "ar", haResolverState_ok);
	expect_state(TWO, "au", haResolverState_ok);
}

TEST(it_is_degraded_when_another_has_to_answer)
{
	expect_state(TWO, "sa", haResolverState_degraded);
	expect_state(TWO, "ra", haResolverState_degraded);
	expect_state(TWO, "la", haResolverState_degraded);
	expect_state(TWO, "ll", haResolverState_degraded);
}

TEST(with_rotation_every_server_counts)
{
	expect_state(TWO "options rotate\n", "aa", haResolverState_ok);
	expect_state(TWO "options rotate\n", "as", haResolverState_degraded);
	expect_state(TWO "options rotate\n", "au", haResolverState_unknown);
}

TEST(it_is_down_when_no_server_answers)
{
	expect_state(TWO, "ss", haResolverState_down);
	expect_state(TWO, "rr", haResolverState_down);
	expect_state(TWO, "sr", haResolverState_down);
	expect_state(TWO "options attempts:0\n", "aa", haResolverState_down);
	expect_state(TWO "options attempts:1\n", "ll", haResolverState_down);
}

TEST(a_server_of_a_missing_family_makes_lookups_fail)
{
	static const char text[] = "nameserver 192.0.2.1\nnameserver ::1\nnameserver 192.0.2.3\n";

	expect_state(text, "saa", haResolverState_degraded);
	has_ipv6 = false;
	expect_state(text, "saa", haResolverState_down);
	assert_int_equal(row.expected, 5000);
	expect_state(text, "aaa", haResolverState_ok);
}

TEST(it_is_unknown_while_an_unknown_server_decides)
{
	expect_state(TWO, "uu", haResolverState_unknown);
	expect_state(TWO, "ua", haResolverState_unknown);
	expect_state(TWO, "su", haResolverState_unknown);
	assert_int_equal(row.cost, haResolverCost_unknown);
}

TEST(a_file_without_servers_has_a_state_of_its_own)
{
	expect_state("search example.test\n", "", haResolverState_noServers);
	assert_int_equal(row.servers, 0);
	assert_int_equal(row.stub, HaAnswer_no);
	assert_int_equal(row.cost, haResolverCost_withinLimit);
}

TEST(a_file_that_cannot_be_read_has_one_too)
{
	start("");
	assert_int_equal(row.resolver_state, haResolverState_unreadable);
	assert_int_equal(row.stub, HaAnswer_unknown);
	assert_int_equal(mkdir(path, 0755), 0);
	start("");
	assert_int_equal(row.resolver_state, haResolverState_unreadable);
}

TEST(a_row_says_what_the_file_says)
{
	start_with("search a.test b.test\noptions timeout:2 attempts:3 ndots:4 rotate\n"
		   "nameserver 127.0.0.53\nnameserver 127.0.0.53\nnameserver 127.0.0.54\n"
		   "nameserver 192.0.2.1\nnameserver 192.0.2.2\n",
		   "aaa");
	assert_int_equal(row.head.state, HaRowState_fresh);
	assert_string_equal(row.file, path);
	assert_int_equal(row.read_time.wall, clock_wall());
	assert_int_equal(row.stub, HaAnswer_yes);
	assert_int_equal(row.servers, 3);
	assert_int_equal(row.ignored, 2);
	assert_int_equal(row.timeout, 2);
	assert_int_equal(row.attempts, 3);
	assert_int_equal(row.ndots, 4);
	assert_int_equal(row.rotate, TruthValue_true);
	assert_string_equal(row.search, "a.test b.test");
	assert_int_equal(row.expected, 2);
	assert_int_equal(row.worst, 2);
	assert_int_equal(row.lookups_per_hour, 1800000);
	assert_int_equal(row.limit, LIMIT);
}

TEST(the_cost_is_held_against_the_limit)
{
	start_with(TWO, "sa");
	assert_int_equal(row.expected, 5002);
	assert_int_equal(row.cost, haResolverCost_aboveLimit);
	start_with(TWO "options timeout:1\n", "aa");
	assert_int_equal(row.cost, haResolverCost_withinLimit);
	settings.resolver_limit = 5002;
	start_with(TWO, "sa");
	assert_int_equal(row.cost, haResolverCost_withinLimit);
	settings.resolver_limit = 0;
	start_with(TWO, "sa");
	assert_int_equal(row.cost, haResolverCost_withinLimit);
}

/* ---- what a server costs that gives no answer ---- */

TEST(a_silent_server_costs_as_long_as_it_was_seen_to)
{
	wait = 3070000;
	start_with(TWO, "sa");
	assert_int_equal(row.expected, 5002);
	told = true;
	start_with(TWO, "sa");
	assert_int_equal(row.resolver_state, haResolverState_degraded);
	assert_int_equal(row.expected, 3072);
	assert_int_equal(waiting, 1);
	wait = 9000000;
	start_with(TWO, "sa");
	assert_int_equal(row.expected, 5002);
}

TEST(an_error_of_the_network_may_have_taken_as_long)
{
	start_with(TWO, "fa");
	assert_int_equal(row.expected, 2);
	wait = 3070000;
	now += 2000;
	turn();
	assert_int_equal(row.expected, 3072);
	told = true;
	now += 2000;
	turn();
	assert_int_equal(row.expected, 3072);
	assert_int_equal(row.cost, haResolverCost_aboveLimit);
}

TEST(who_answers_is_not_asked_how_long)
{
	wait = 3070000;
	start_with("nameserver 192.0.2.1\nnameserver 192.0.2.2\nnameserver 192.0.2.3\n", "rau");
	assert_int_equal(row.expected, 3);
	assert_int_equal(waiting, 0);
	be("sss");
	turn();
	assert_int_equal(waiting, 3);
	be("ass");
	turn();
	assert_int_equal(waiting, 2);
	folder_put("resolv.conf", "nameserver 192.0.2.1\n");
	pass(SETTLED);
	assert_int_equal(waiting, 0);
}

/* ---- when it is told ---- */

TEST(a_state_is_told_at_once_with_its_time)
{
	start_with(TWO, "aa");
	assert_int_equal(reports, 1);
	now += 10;
	turn();
	assert_int_equal(reports, 1);
	be("sa");
	turn();
	assert_int_equal(reports, 2);
	assert_int_equal(row.state_time.wall, clock_wall());
	now += 10;
	be("aa");
	turn();
	assert_int_equal(reports, 3);
	assert_int_equal(row.resolver_state, haResolverState_ok);
}

TEST(figures_are_told_every_two_seconds)
{
	start_with(TWO, "aa");
	health[0].latency = 7000;
	now += 1999;
	turn();
	assert_int_equal(reports, 1);
	now += 1;
	turn();
	assert_int_equal(reports, 2);
	assert_int_equal(row.expected, 7);
}

TEST(a_report_of_all_is_told_whatever_there_is)
{
	start_with(TWO, "aa");
	dns_resolver_report(resolver);
	assert_int_equal(reports, 2);
}

/* ---- changes of the file ---- */

static void expect_servers(uint32_t count, uint8_t last_octet)
{
	const struct resolv_conf *conf = dns_resolver_conf(resolver);

	assert_int_equal(conf->servers_count, count);
	assert_int_equal(row.servers, count);
	if (count)
		assert_int_equal(conf->servers[0].octets[3], last_octet);
}

TEST(a_file_that_is_left_alone_is_not_read_again)
{
	start_with(TWO, "aa");
	for (int i = 0; i < 100; i++)
		assert_false(pass(1000));
	assert_int_equal(reports, 1);
}

TEST(a_file_that_is_written_is_read_after_a_moment)
{
	int64_t read_at;

	start_with(TWO, "aa");
	folder_put("resolv.conf", "nameserver 192.0.2.9\n");
	assert_false(pass(99));
	expect_servers(2, 1);
	assert_true(pass(1));
	expect_servers(1, 9);
	read_at = row.read_time.wall;
	assert_int_equal(read_at, clock_wall());
	pass(1000);
	dns_resolver_report(resolver);
	assert_int_equal(row.read_time.wall, read_at);
}

TEST(a_change_of_nothing_but_options_changes_no_servers)
{
	start_with(TWO, "aa");
	folder_put("resolv.conf", TWO "options rotate\n");
	assert_false(pass(SETTLED));
	assert_int_equal(row.rotate, TruthValue_true);
}

TEST(servers_in_another_order_are_others)
{
	start_with(TWO, "aa");
	folder_put("resolv.conf", "nameserver 192.0.2.2\nnameserver 192.0.2.1\n");
	assert_true(pass(SETTLED));
	expect_servers(2, 2);
}

TEST(a_file_that_goes_and_comes_is_followed)
{
	start_with(TWO, "aa");
	assert_int_equal(unlink(path), 0);
	assert_true(pass(SETTLED));
	assert_int_equal(row.resolver_state, haResolverState_unreadable);
	folder_put("resolv.conf", TWO);
	assert_true(pass(SETTLED));
	assert_int_equal(row.resolver_state, haResolverState_ok);
	folder_put("new", "nameserver 192.0.2.8\n");
	assert_int_equal(rename(folder_path("new"), path), 0);
	assert_true(pass(SETTLED));
	expect_servers(1, 8);
}

TEST(a_file_that_may_be_read_no_more_is_noticed)
{
	start_with(TWO, "aa");
	assert_int_equal(chmod(path, 0), 0);
	now += SETTLED;
	turn();
	now += SETTLED;
	turn();
	assert_int_equal(row.read_time.wall, clock_wall());
}

TEST(a_symbolic_link_is_followed_to_its_file)
{
	folder_put("run/one", "nameserver 192.0.2.11\n");
	folder_put("run/two", "nameserver 192.0.2.12\n");
	assert_int_equal(symlink("run/one", path), 0);
	start("a");
	expect_servers(1, 11);
	folder_put("run/one", TWO);
	assert_true(pass(SETTLED));
	expect_servers(2, 1);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(symlink("run/two", path), 0);
	assert_true(pass(SETTLED));
	expect_servers(1, 12);
	assert_int_equal(unlink(path), 0);
	assert_true(pass(SETTLED));
	assert_int_equal(symlink("run/two", path), 0);
	assert_true(pass(SETTLED));
	expect_servers(1, 12);
	folder_put("run/one", "nameserver 192.0.2.13\n");
	assert_false(pass(SETTLED));
	folder_put("run/two", "nameserver 192.0.2.14\n");
	assert_true(pass(SETTLED));
	expect_servers(1, 14);
}

TEST(links_to_links_are_followed)
{
	char absolute[256];

	folder_put("run/real/file", "nameserver 192.0.2.11\n");
	TEXT_PUT(absolute, folder_path("run/middle"));
	assert_int_equal(symlink("real/file", absolute), 0);
	assert_int_equal(symlink(absolute, path), 0);
	start("a");
	folder_put("run/real/file", "nameserver 192.0.2.12\n");
	assert_true(pass(SETTLED));
	expect_servers(1, 12);
	assert_int_equal(unlink(absolute), 0);
	assert_true(pass(SETTLED));
	folder_put("run/middle", "nameserver 192.0.2.13\n");
	assert_true(pass(SETTLED));
	expect_servers(1, 13);
}

TEST(a_folder_that_appears_late_is_found)
{
	assert_int_equal(symlink("run/file", path), 0);
	start("");
	assert_int_equal(row.resolver_state, haResolverState_unreadable);
	folder_put("run/file", TWO);
	be("aa");
	pass(1000);
	assert_true(pass(SETTLED));
	expect_servers(2, 1);
	folder_put("run/file", "nameserver 192.0.2.7\n");
	assert_true(pass(SETTLED));
	expect_servers(1, 7);
}

TEST(a_link_to_itself_is_survived)
{
	assert_int_equal(symlink("resolv.conf", path), 0);
	start("");
	assert_int_equal(row.resolver_state, haResolverState_unreadable);
	assert_int_equal(unlink(path), 0);
	folder_put("resolv.conf", TWO);
	be("aa");
	assert_true(pass(SETTLED));
	expect_servers(2, 1);
}

#define RESOLVER_TEST(test) cmocka_unit_test_setup_teardown(test, make, unmake)

int main(void)
{
	const struct CMUnitTest tests[] = {
		RESOLVER_TEST(a_resolver_is_ok_when_its_first_server_answers),
		RESOLVER_TEST(it_is_degraded_when_another_has_to_answer),
		RESOLVER_TEST(with_rotation_every_server_counts),
		RESOLVER_TEST(it_is_down_when_no_server_answers),
		RESOLVER_TEST(a_server_of_a_missing_family_makes_lookups_fail),
		RESOLVER_TEST(it_is_unknown_while_an_unknown_server_decides),
		RESOLVER_TEST(a_file_without_servers_has_a_state_of_its_own),
		RESOLVER_TEST(a_file_that_cannot_be_read_has_one_too),
		RESOLVER_TEST(a_row_says_what_the_file_says),
		RESOLVER_TEST(the_cost_is_held_against_the_limit),
		RESOLVER_TEST(a_silent_server_costs_as_long_as_it_was_seen_to),
		RESOLVER_TEST(an_error_of_the_network_may_have_taken_as_long),
		RESOLVER_TEST(who_answers_is_not_asked_how_long),
		RESOLVER_TEST(a_state_is_told_at_once_with_its_time),
		RESOLVER_TEST(figures_are_told_every_two_seconds),
		RESOLVER_TEST(a_report_of_all_is_told_whatever_there_is),
		RESOLVER_TEST(a_file_that_is_left_alone_is_not_read_again),
		RESOLVER_TEST(a_file_that_is_written_is_read_after_a_moment),
		RESOLVER_TEST(a_change_of_nothing_but_options_changes_no_servers),
		RESOLVER_TEST(servers_in_another_order_are_others),
		RESOLVER_TEST(a_file_that_goes_and_comes_is_followed),
		RESOLVER_TEST(a_file_that_may_be_read_no_more_is_noticed),
		RESOLVER_TEST(a_symbolic_link_is_followed_to_its_file),
		RESOLVER_TEST(links_to_links_are_followed),
		RESOLVER_TEST(a_folder_that_appears_late_is_found),
		RESOLVER_TEST(a_link_to_itself_is_survived),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
