/* Tests the servers that are checked: what is asked when, and what the hub is told of it. The clock
 * and the engine are the test's own.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/dns/servers/servers.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/frame.h"
#include "lib/memory.h"
#include "lib/settings.h"
#include "lib/settings_dns.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/report.h"
#include "subagent/sources/dns/engine/engine.h"
#include "subagent/sources/dns/engine/timers.h"
#include "subagent/sources/dns/message/answer.h"
#include "subagent/sources/dns/message/question.h"
#include "subagent/sources/dns/resolver/lookup.h"
#include "subagent/sources/dns/resolver/resolv_conf.h"
#include "subagent/sources/dns/rows.h"
#include "tests/unit/check.h"
#include "tests/unit/configuration.h"
#include "tests/unit/folder.h"

#define ASKED_MAX 512

/* ---- the world: a clock that the test moves, an engine that notes what it is to ask ---- */

static int64_t now;

int64_t clock_now(void)
{
	return now;
}

int64_t clock_wall(void)
{
	return now + INT64_C(1700000000000);
}

int64_t clock_microseconds(void)
{
	return now * 1000;
}

struct dns_engine {
	struct timers timers;
	struct dns_exchange *asked[ASKED_MAX]; /* in flight */
	size_t count;
};

static struct dns_engine engine;

void dns_engine_start(struct dns_engine *own, struct dns_exchange *exchange)
{
	assert_true(own->count < ASKED_MAX);
	exchange->engine = own;
	own->asked[own->count++] = exchange;
}

void dns_engine_stop(struct dns_exchange *exchange)
{
	for (size_t i = 0; i < engine.count; i++)
		if (engine.asked[i] == exchange)
			engine.asked[i--] = engine.asked[--engine.count];
	exchange->engine = NULL;
}

struct timers *dns_engine_timers(struct dns_engine *own)
{
	return &own->timers;
}

/* End the exchange that was begun first as the engine would. */
static void answer(int32_t reason, int error)
{
	struct dns_exchange *exchange = engine.asked[0];
	struct dns_outcome outcome = { .reason = reason, .error = error };

	assert_true(engine.count > 0);
	dns_engine_stop(exchange);
	exchange->done(exchange, &outcome);
}

static int pair[2]; /* the source's end, the hub's */
static struct settings *settings;
static struct dns_servers *servers;

static int make(void **state)
{
	now = 1000;
	memset(&engine, 0, sizeof(engine));
	frame_pair(pair);
	frame_nonblocking(pair[1]);
	report_open(pair[0]);
	return folder_make(state);
}

static int unmake(void **state)
{
	dns_servers_close(servers);
	settings_free(settings);
	timers_close(&engine.timers);
	close(pair[0]);
	close(pair[1]);
	return folder_remove(state);
}

static void open_servers(const char *text)
{
	settings = configuration_load(text);
	servers = dns_servers_open(settings->dns, &engine);
}

static void pass(int64_t milliseconds)
{
	now += milliseconds;
	timers_run(&engine.timers, now);
	dns_servers_turn(servers);
}

static size_t receive_all(void)
{
	static struct frame frame;
	size_t count = 0;

	while (frame_receive(pair[1], &frame, NULL) == FRAME_OK)
		count++;
	return count;
}

/* The newest row of a server that the hub has got, of all that are waiting; how many there were. */
static size_t receive(const char *name, struct dns_server_row *row)
{
	static struct frame frame;
	size_t count = 0;

	memset(row, 0, sizeof(*row));
	while (frame_receive(pair[1], &frame, NULL) == FRAME_OK) {
		const struct dns_server_row *found = (const void *)&frame.body;

		assert_int_equal(frame.head.table, dns_server_table.entry);
		if (strcmp(found->name, name) != 0)
			continue;
		*row = *found;
		row->head.state = frame.head.type == FRAME_GONE ? 0 : found->head.state;
		count++;
	}
	return count;
}

/* The question come back as a response without an error. */
static void answer_well(struct dns_exchange *exchange)
{
	struct dns_answer good;
	struct dns_outcome outcome = { .reason = haDnsServerReason_none, .answer = &good };
	uint8_t message[512];

	memcpy(message, exchange->question->octets, exchange->question->length);
	message[2] |= 0x80;
	assert_true(dns_answer_read(&good, message, exchange->question->length));
	dns_engine_stop(exchange);
	exchange->done(exchange, &outcome);
	dns_answer_free(&good);
}

/* Answer everything that is asked; how many rows the hub gets meanwhile. */
static size_t answer_all(void)
{
	size_t rows = 0;

	while (engine.count) {
		answer_well(engine.asked[0]);
		rows += receive_all();
	}
	return rows;
}

static size_t pass_and_count(int64_t milliseconds)
{
	now += milliseconds;
	dns_servers_turn(servers);
	return receive_all();
}

static struct resolv_conf resolv_conf(const char *text)
{
	struct resolv_conf conf;

	resolv_conf_parse(&conf, text, strlen(text));
	return conf;
}

static void follow(const char *text)
{
	struct resolv_conf conf = resolv_conf(text);

	dns_servers_follow(servers, &conf);
}

/* ---- the tests ---- */

TEST(the_schedule_is_kept_whatever_the_answers_do)
{
	open_servers("dns { interval = 1 server \"a\" { address = 192.0.2.1 } }");
	pass(0);
	assert_int_equal(engine.count, 1);
	pass(1000);
	assert_int_equal(engine.count, 1); /* the check is still under way */
	pass(500);
	answer(haDnsServerReason_timeout, 0);
	pass(499);
	assert_int_equal(engine.count, 0);
	pass(1);
	assert_int_equal(engine.count, 1);
	answer(haDnsServerReason_timeout, 0);
	pass(10250); /* asleep */
	assert_int_equal(engine.count, 1);
	answer(haDnsServerReason_timeout, 0);
	pass(749);
	assert_int_equal(engine.count, 0);
	pass(1);
	assert_int_equal(engine.count, 1);
}

TEST(a_state_is_told_at_once_with_its_reason)
{
	struct dns_server_row row;

	open_servers("dns { fall = 2 server \"a\" { address = \"2001:db8::1\" port = 5300 } }");
	dns_servers_report(servers);
	assert_int_equal(receive("a", &row), 1);
	assert_int_equal(row.head.state, HaRowState_fresh);
	assert_int_equal(row.server_state, haDnsServerState_unknown);
	assert_int_equal(row.origin, haDnsServerOrigin_configuration);
	assert_int_equal(row.address_type, InetAddressType_ipv6);
	assert_int_equal(row.port, 5300);
	assert_int_equal(row.type, 2);
	assert_int_equal(row.fall, 2);
	pass(0);
	answer(haDnsServerReason_portClosed, 0);
	assert_int_equal(receive("a", &row), 1);
	assert_int_equal(row.server_state, haDnsServerState_down);
	assert_int_equal(row.reason, haDnsServerReason_portClosed);
	assert_int_equal(row.failures, 1);
	assert_int_equal(row.rcode, -1);
	assert_int_equal(row.state_time.wall, clock_wall());
	assert_int_equal(dns_servers_state(servers, 0), haDnsServerState_down);
}

TEST(both_transports_must_answer_and_the_worse_is_told)
{
	struct dns_server_row row;

	open_servers("dns { transport = both server \"a\" { address = 192.0.2.1 } }");
	pass(0);
	assert_int_equal(engine.count, 2);
	assert_int_equal(engine.asked[0]->tcp + engine.asked[1]->tcp, 1);
	answer(haDnsServerReason_timeout, 0);
	assert_int_equal(receive("a", &row), 0);
	answer(haDnsServerReason_portClosed, 0);
	assert_int_equal(receive("a", &row), 1);
	assert_int_equal(row.server_state, haDnsServerState_down);
}

TEST(many_servers_are_spread_over_the_interval)
{
	char text[64 * 400], *end = text;

	end += sprintf(end, "dns { interval = 4\n");
	for (int i = 0; i < 400; i++)
		end += sprintf(end, "server \"s%d\" { address = 192.0.2.1 }\n", i);
	sprintf(end, "}");
	open_servers(text);
	for (int i = 1; i <= 4; i++) {
		pass(1000);
		assert_in_range(engine.count, 99 * (unsigned int)i, 101 * (unsigned int)i);
	}
}

TEST(every_failure_is_told_and_what_this_node_could_not_do)
{
	struct dns_server_row row;

	open_servers("dns { interval = 1 server \"a\" { address = 192.0.2.1 } }");
	for (uint32_t failures = 1; failures <= 3; failures++) {
		pass(failures > 1 ? 1000 : 0);
		answer(haDnsServerReason_socketError, EACCES);
		dns_servers_turn(servers);
		assert_int_equal(receive("a", &row), 1);
		assert_int_equal(row.failures, failures);
	}
	assert_string_equal(dns_servers_error(servers), "a: cannot ask: Permission denied");
}

/* Answers that are good again change figures only. */
TEST(figures_are_told_for_a_thousand_servers_a_second)
{
	char text[64 * 400], *end = text;

	end += sprintf(end, "dns { interval = 1\n");
	for (int i = 0; i < 400; i++)
		end += sprintf(end, "server \"s%d\" { address = 192.0.2.1 }\n", i);
	sprintf(end, "}");
	open_servers(text);
	pass(1000);
	assert_int_equal(answer_all(), 400); /* they were unknown, and are up */
	pass(1000);
	assert_int_equal(answer_all(), 0);
	assert_int_equal(pass_and_count(0), 100);
	assert_int_equal(pass_and_count(50), 50);
	assert_int_equal(pass_and_count(200), 100);
	assert_int_equal(pass_and_count(100), 100);
	assert_int_equal(pass_and_count(100), 50);
	assert_int_equal(pass_and_count(100), 0);
}

TEST(servers_of_resolv_conf_come_and_go)
{
	struct dns_server_row row;

	open_servers("dns { }");
	follow("nameserver 192.0.2.1\nnameserver ::1\n");
	assert_int_equal(receive("192.0.2.1", &row), 1);
	assert_int_equal(row.origin, haDnsServerOrigin_resolver);
	assert_int_equal(row.position, 1);
	pass(0);
	assert_int_equal(engine.count, 2);
	follow("nameserver ::1\nnameserver 192.0.2.3\n");
	assert_int_equal(receive("192.0.2.1", &row), 1);
	assert_int_equal(row.head.state, HaRowState_missing); /* it was there at first */
	assert_int_equal(engine.count, 1);
	follow("nameserver ::1\n");
	assert_int_equal(receive("192.0.2.3", &row), 1);
	assert_int_equal(row.head.state, 0); /* gone */
	follow("nameserver 192.0.2.1\nnameserver ::1\n");
	assert_int_equal(receive("192.0.2.1", &row), 1);
	assert_int_equal(row.head.state, HaRowState_fresh);
	assert_int_equal(row.position, 1);
}

TEST(a_server_that_is_configured_too_is_checked_once)
{
	struct dns_server_row row;

	open_servers("dns { server \"a\" { address = 192.0.2.1 }\n"
		     "server \"192.0.2.2\" { address = 192.0.2.9 } }");
	follow("nameserver 192.0.2.1\nnameserver 192.0.2.2\n");
	pass(0);
	assert_int_equal(engine.count, 3);
	dns_servers_report(servers);
	assert_true(receive("a", &row) > 0);
	assert_int_equal(row.origin, haDnsServerOrigin_both);
	assert_int_equal(row.position, 1);
	dns_servers_report(servers);
	assert_true(receive("resolver:192.0.2.2", &row) > 0);
	assert_int_equal(row.position, 2);
	follow("");
	pass(1);
	assert_int_equal(receive("a", &row), 1);
	assert_int_equal(row.origin, haDnsServerOrigin_configuration);
}

TEST(new_servers_again_and_again_are_taken)
{
	struct dns_server_row row;
	char text[600], *end;

	open_servers("dns { }");
	for (int round = 0; round < 200; round++) {
		end = text;
		for (int i = 0; i < 16; i++)
			end += sprintf(end, "nameserver 192.0.%d.%d\n", round, i + 1);
		follow(text);
		pass(10);
		receive("", &row);
		while (engine.count > 40)
			answer(haDnsServerReason_timeout, 0);
	}
	assert_int_equal(engine.count, 16);
}

TEST(the_resolver_hears_how_its_servers_are)
{
	static const struct {
		int32_t reason;
		enum lookup_health health;
	} cases[] = {
		{ haDnsServerReason_timeout, LOOKUP_SILENT },
		{ haDnsServerReason_mismatched, LOOKUP_SILENT },
		{ haDnsServerReason_portClosed, LOOKUP_REFUSES },
		{ haDnsServerReason_unreachable, LOOKUP_REFUSES },
	};
	struct lookup_server health;

	open_servers("dns { }");
	follow("nameserver 192.0.2.1\n");
	dns_servers_health(servers, 0, &health);
	assert_int_equal(health.health, LOOKUP_UNKNOWN);
	for (size_t i = 0; i < COUNT(cases); i++) {
		pass(5000);
		answer(cases[i].reason, 0);
		dns_servers_health(servers, 0, &health);
		assert_int_equal(health.health, cases[i].health);
	}
	dns_servers_health(servers, 1, &health);
	assert_int_equal(health.health, LOOKUP_UNKNOWN);
}

TEST(texts_that_ldns_refuses_are_told_with_their_line)
{
	struct settings *wrong;
	int line = 0;

	open_servers("dns {\nserver \"a\" {\naddress = ::1\n}\n}\n");
	assert_null(dns_servers_refuse(settings->dns, &line));
	wrong = configuration_load("dns {\nserver \"a\" {\naddress = ::1 type = AAAAA\n}\n}\n");
	assert_non_null(strstr(dns_servers_refuse(wrong->dns, &line), "AAAAA"));
	assert_int_equal(line, 4);
	settings_free(wrong);
	wrong = configuration_load("dns {\nresolver {\nquery = \"a..b\"\n}\n}\n");
	assert_non_null(strstr(dns_servers_refuse(wrong->dns, &line), "a..b"));
	assert_int_equal(line, 4);
	settings_free(wrong);
}

#define SERVERS_TEST(sentence) cmocka_unit_test_setup_teardown(sentence, make, unmake)

int main(void)
{
	const struct CMUnitTest tests[] = {
		SERVERS_TEST(the_schedule_is_kept_whatever_the_answers_do),
		SERVERS_TEST(a_state_is_told_at_once_with_its_reason),
		SERVERS_TEST(both_transports_must_answer_and_the_worse_is_told),
		SERVERS_TEST(many_servers_are_spread_over_the_interval),
		SERVERS_TEST(every_failure_is_told_and_what_this_node_could_not_do),
		SERVERS_TEST(figures_are_told_for_a_thousand_servers_a_second),
		SERVERS_TEST(servers_of_resolv_conf_come_and_go),
		SERVERS_TEST(a_server_that_is_configured_too_is_checked_once),
		SERVERS_TEST(new_servers_again_and_again_are_taken),
		SERVERS_TEST(the_resolver_hears_how_its_servers_are),
		SERVERS_TEST(texts_that_ldns_refuses_are_told_with_their_line),
	};

	return cmocka_run_group_tests_name("dns_servers", tests, NULL, NULL);
}
