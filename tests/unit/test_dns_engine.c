/* Tests the engine against a scripted name server on this machine.
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The clock of the library is replaced by one that moves when a test says so: nobody waits for a
 * time-out to pass, and a slow machine changes nothing.
 */
#include "subagent/sources/dns/engine/engine.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/loop.h"
#include "lib/memory.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/sources/dns/engine/random.h"
#include "subagent/sources/dns/engine/tally.h"
#include "subagent/sources/dns/message/answer.h"
#include "subagent/sources/dns/message/question.h"
#include "tests/unit/check.h"
#include "tests/unit/name_server.h"

#define PATIENCE 20000 /* milliseconds of real time for what takes none */
#define TIMEOUT 1000
#define TRIES 3
#define STEP 100 /* milliseconds: short enough to be no stall */

struct probe {
	struct dns_exchange exchange; /* first */
	struct dns_tally tally;
	struct dns_outcome outcome; /* without the answer */
	int ended, rcode;
	struct probe *other; /* for what happens when it ends */
};

static struct dns_engine *engine;
static struct dns_question *question;
static struct name_server server;
static struct probe probe;

/* ---- time ---- */

static int64_t passed;  /* milliseconds */
static bool clock_runs; /* the real one is added */

static int64_t real_clock(clockid_t clock, int64_t parts)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return now.tv_sec * parts + now.tv_nsec / (1000000000 / parts);
}

int64_t clock_microseconds(void)
{
	return passed * 1000 + (clock_runs ? real_clock(CLOCK_BOOTTIME, 1000000) : 0);
}

int64_t clock_now(void)
{
	return clock_microseconds() / 1000;
}

int64_t clock_wall(void)
{
	return clock_now();
}

/* ---- chance ---- */

static const uint16_t *forced_ids; /* that come next, ended by 0 */

uint16_t dns_random_id(void)
{
	uint16_t id;

	if (forced_ids && *forced_ids)
		return *forced_ids++;
	assert_int_equal(getentropy(&id, sizeof(id)), 0);
	return id;
}

/* ---- what cannot be sent ---- */

static struct {
	int error;     /* that sendmmsg(2) returns; 0: none */
	int times;     /* how often; then all is well */
	uint16_t port; /* of what is not sent; 0: whatever it is */
} refusal;

/* In place of the one of the C library. */
int sendmmsg(int fd, struct mmsghdr *messages, unsigned int count, int flags)
{
	const struct sockaddr_in *to = messages->msg_hdr.msg_name;

	if (refusal.error && (!refusal.port || to->sin_port == htons(refusal.port)) &&
	    refusal.times-- > 0) {
		errno = refusal.error;
		return -1;
	}
	if (refusal.port)
		count = 1;
	return (int)syscall(SYS_sendmmsg, fd, messages, count, flags);
}

/* ---- the world ---- */

static void turn(int64_t wait)
{
	dns_engine_turn(engine);
	dns_engine_watch(engine);
	name_server_watch(&server);
	loop_wake(clock_now() + wait);
	loop_turn();
}

#define WAIT_FOR(condition)                                                                        \
	do {                                                                                       \
		int64_t deadline = real_clock(CLOCK_MONOTONIC, 1000) + PATIENCE;                   \
		while (!(condition) && real_clock(CLOCK_MONOTONIC, 1000) < deadline)               \
			turn(5);                                                                   \
		assert_true(condition);                                                            \
	} while (0)

/* What is on its way arrives, and then time passes. */
static void pass(int64_t milliseconds)
{
	for (int64_t end = passed + milliseconds; passed < end;) {
		turn(0);
		turn(0);
		passed += STEP;
	}
	turn(0);
}

static void note(struct dns_exchange *exchange, const struct dns_outcome *outcome)
{
	struct probe *ended = (struct probe *)exchange;

	ended->ended++;
	ended->outcome = *outcome;
	ended->rcode = outcome->answer ? outcome->answer->rcode : -1;
	ended->outcome.answer = NULL;
	assert_false(dns_exchange_runs(exchange));
	assert_int_equal(outcome->answer != NULL, outcome->reason == haDnsServerReason_none);
}

static void open_probe(struct probe *opened, const struct address *address)
{
	memset(opened, 0, sizeof(*opened));
	opened->exchange.question = question;
	opened->exchange.server = *address;
	opened->exchange.tally = &opened->tally;
	opened->exchange.timeout = TIMEOUT;
	opened->exchange.tries = TRIES;
	opened->exchange.done = note;
}

static int open_world_at(const char *address)
{
	static const struct dns_terms terms = {
		.name = "www.Example.com",
		.type = 1,
		.class = 1,
		.edns_size = 1232,
	};

	passed = 1000000;
	clock_runs = false;
	forced_ids = NULL;
	memset(&refusal, 0, sizeof(refusal));
	question = dns_question_make(&terms);
	engine = dns_engine_open();
	if (!name_server_open(&server, address))
		return -1;
	open_probe(&probe, &server.address);
	return 0;
}

static int open_world(void **state)
{
	(void)state;
	return open_world_at("127.0.0.1");
}

static int close_world(void **state)
{
	(void)state;
	dns_engine_close(engine);
	name_server_close(&server);
	free(question);
	return 0;
}

static void ask(void (*script)(struct name_server *, const struct asked *))
{
	server.script = script;
	dns_engine_start(engine, &probe.exchange);
	WAIT_FOR(probe.ended || server.questions);
}

/* An address of IPv4 within IPv6, which the sockets do not speak: nothing leaves this machine. */
static void use_no_network(void)
{
	assert_true(address_parse(&probe.exchange.server, "::ffff:127.0.0.1", 53));
}

static void expect_reason(int32_t reason)
{
	assert_int_equal(probe.ended, 1);
	assert_int_equal(probe.outcome.reason, reason);
	assert_int_equal(dns_engine_flying(engine), 0);
}

static void expect_answer(void)
{
	WAIT_FOR(probe.ended);
	expect_reason(haDnsServerReason_none);
	assert_int_equal(probe.rcode, 0);
}

static void expect_silence(int32_t reason)
{
	pass(TIMEOUT * TRIES + STEP);
	expect_reason(reason);
	assert_int_equal(probe.tally.timeouts, TRIES);
}

/* ---- scripts ---- */

static void answer(struct name_server *self, const struct asked *asked)
{
	uint8_t octets[NAME_SERVER_MESSAGE_MAX];
	size_t length = name_server_answer(asked, octets);

	name_server_send(self, asked, octets, length);
}

static void answer_the_second(struct name_server *self, const struct asked *asked)
{
	if (self->questions == 2)
		answer(self, asked);
}

static void answer_twice(struct name_server *self, const struct asked *asked)
{
	answer(self, asked);
	answer(self, asked);
}

/* The good answer with one octet changed. */
static void answer_with(struct name_server *self, const struct asked *asked, size_t offset,
			uint8_t change)
{
	uint8_t octets[NAME_SERVER_MESSAGE_MAX];
	size_t length = name_server_answer(asked, octets);

	octets[offset] ^= change;
	name_server_send(self, asked, octets, length);
}

static void answer_another_id(struct name_server *self, const struct asked *asked)
{
	answer_with(self, asked, 1, 0x01);
}

static void answer_another_question(struct name_server *self, const struct asked *asked)
{
	answer_with(self, asked, 14, 0x01);
}

static void send_it_back(struct name_server *self, const struct asked *asked)
{
	name_server_send(self, asked, asked->octets, asked->length);
}

static void forge_and_answer(struct name_server *self, const struct asked *asked)
{
	answer_another_id(self, asked);
	answer(self, asked);
}

/* One more record is announced than there is. */
static void answer_nonsense(struct name_server *self, const struct asked *asked)
{
	answer_with(self, asked, 7, 0x02);
}

static void answer_nonsense_and_well(struct name_server *self, const struct asked *asked)
{
	answer_nonsense(self, asked);
	answer_another_id(self, asked);
	answer(self, asked);
}

static void forge_and_answer_nonsense(struct name_server *self, const struct asked *asked)
{
	answer_another_id(self, asked);
	answer_nonsense(self, asked);
	answer_another_id(self, asked);
}

static void answer_too_short(struct name_server *self, const struct asked *asked)
{
	name_server_send(self, asked, asked->octets, 5);
}

static void answer_nothing_at_all(struct name_server *self, const struct asked *asked)
{
	name_server_send(self, asked, asked->octets, 0);
}

static void answer_from_elsewhere(struct name_server *self, const struct asked *asked)
{
	struct name_server other;

	(void)self;
	assert_true(name_server_open(&other, "127.0.0.1"));
	answer(&other, asked);
	name_server_close(&other);
}

static void answer_truncated(struct name_server *self, const struct asked *asked)
{
	if (asked->tcp)
		answer(self, asked);
	else
		answer_with(self, asked, 2, 0x02);
}

/* ---- answers ---- */

TEST(an_answer_is_handed_over)
{
	ask(answer);
	expect_answer();
	assert_int_equal(server.questions, 1);
	assert_int_equal(probe.tally.queries, 1);
	assert_int_equal(probe.tally.timeouts + probe.tally.mismatched + probe.tally.late, 0);
}

TEST(an_answer_by_ipv6_is_handed_over)
{
	close_world(NULL);
	if (open_world_at("::1") < 0)
		skip();
	ask(answer);
	expect_answer();
}

TEST(an_answer_to_the_second_try_is_handed_over)
{
	ask(answer_the_second);
	pass(TIMEOUT);
	expect_answer();
	assert_int_equal(probe.tally.queries, 2);
	assert_int_equal(probe.tally.timeouts, 1);
	/* from the second try, and not from the first */
	assert_true(probe.outcome.latency < TIMEOUT * 1000);
}

TEST(starting_does_not_call_back)
{
	use_no_network();
	dns_engine_start(engine, &probe.exchange);
	assert_int_equal(probe.ended, 0);
	assert_true(dns_exchange_runs(&probe.exchange));
	assert_int_equal(dns_engine_flying(engine), 1);
}

TEST(an_answer_that_is_sent_twice_is_one)
{
	ask(answer_twice);
	expect_answer();
	pass(TIMEOUT);
	assert_int_equal(probe.ended, 1);
	assert_int_equal(probe.tally.late + probe.tally.mismatched, 0);
}

TEST(silence_lasts_for_all_tries)
{
	int64_t begin = clock_now();

	ask(NULL);
	pass(TIMEOUT * TRIES - 2 * STEP);
	assert_int_equal(probe.ended, 0);
	pass(2 * STEP);
	expect_reason(haDnsServerReason_timeout);
	assert_in_range(clock_now() - begin, TIMEOUT * TRIES, TIMEOUT * TRIES + 2 * STEP);
	assert_int_equal(server.questions, TRIES);
	assert_int_equal(probe.tally.queries, TRIES);
	assert_int_equal(probe.tally.timeouts, TRIES);
}

TEST(the_time_of_a_try_begins_when_it_is_sent)
{
	probe.exchange.tries = 1;
	dns_engine_start(engine, &probe.exchange);
	passed += TIMEOUT / 2;
	pass(TIMEOUT - STEP);
	assert_int_equal(probe.ended, 0);
	pass(STEP);
	expect_reason(haDnsServerReason_timeout);
}

TEST(ids_and_ports_change)
{
	uint16_t ids[16], ports[16];
	int equal_ids = 0, equal_ports = 0;

	for (size_t i = 0; i < COUNT(ids); i++) {
		const struct sockaddr_in *from = (const void *)&server.asked.from;

		open_probe(&probe, &server.address);
		ask(answer);
		expect_answer();
		memcpy(&ids[i], server.asked.octets, sizeof(*ids));
		ports[i] = from->sin_port;
		pass(STEP);
	}
	for (size_t i = 1; i < COUNT(ids); i++) {
		equal_ids += ids[i] == ids[i - 1] || ids[i] == ids[i - 1] + 1;
		equal_ports += ports[i] == ports[i - 1];
	}
	assert_in_range(equal_ids, 0, 2);
	assert_in_range(equal_ports, 0, 2);
}

TEST(no_two_questions_from_a_port_have_the_same_id)
{
	static const uint16_t ids[] = { 7, 7, 7, 8, 8, 7, 9, 0 };
	struct probe others[3];

	forced_ids = ids;
	server.script = answer;
	for (size_t i = 0; i < COUNT(others); i++) {
		open_probe(&others[i], &server.address);
		dns_engine_start(engine, &others[i].exchange);
	}
	turn(0);
	for (size_t i = 0; i < COUNT(others); i++)
		assert_int_equal(others[i].exchange.id, 7 + i);
	for (size_t i = 0; i < COUNT(others); i++)
		WAIT_FOR(others[i].ended);
}

/* ---- what is not the answer ---- */

TEST(another_id_is_not_believed)
{
	ask(answer_another_id);
	expect_silence(haDnsServerReason_mismatched);
	assert_int_equal(probe.tally.mismatched, TRIES);
}

TEST(another_question_is_not_believed)
{
	ask(answer_another_question);
	expect_silence(haDnsServerReason_mismatched);
	assert_int_equal(probe.tally.mismatched, TRIES);
}

TEST(a_question_is_no_answer)
{
	ask(send_it_back);
	expect_silence(haDnsServerReason_mismatched);
	assert_int_equal(probe.tally.mismatched, TRIES);
}

TEST(another_address_is_not_believed)
{
	ask(answer_from_elsewhere);
	expect_silence(haDnsServerReason_mismatched);
	assert_int_equal(probe.tally.mismatched, TRIES);
}

TEST(a_forged_message_does_not_hide_the_true_one)
{
	ask(forge_and_answer);
	expect_answer();
	assert_int_equal(probe.tally.queries, 1);
	assert_int_equal(probe.tally.mismatched, 1);
}

TEST(what_is_not_dns_is_malformed)
{
	ask(answer_nonsense);
	expect_silence(haDnsServerReason_malformed);
	assert_int_equal(probe.tally.malformed, TRIES);
	assert_int_equal(probe.tally.mismatched, 0);
}

TEST(what_has_no_header_is_malformed)
{
	ask(answer_too_short);
	expect_silence(haDnsServerReason_malformed);
	assert_int_equal(probe.tally.malformed, TRIES);
}

TEST(an_empty_message_is_malformed)
{
	ask(answer_nothing_at_all);
	expect_silence(haDnsServerReason_malformed);
	assert_int_equal(probe.tally.malformed, TRIES);
}

TEST(what_is_malformed_says_more_than_what_is_forged)
{
	ask(forge_and_answer_nonsense);
	expect_silence(haDnsServerReason_malformed);
	assert_int_equal(probe.tally.malformed, TRIES);
	assert_int_equal(probe.tally.mismatched, 2 * TRIES);
}

TEST(nonsense_does_not_hide_the_answer)
{
	ask(answer_nonsense_and_well);
	expect_answer();
	assert_int_equal(probe.tally.malformed, 1);
	assert_int_equal(probe.tally.mismatched, 1);
}

static void answer_the_first_at_the_second(struct name_server *self, const struct asked *asked)
{
	static struct asked first;

	if (self->questions == 1) {
		first = *asked;
		return;
	}
	answer(self, &first);
	answer(self, asked);
}

TEST(an_answer_to_an_earlier_try_is_late)
{
	ask(answer_the_first_at_the_second);
	pass(TIMEOUT);
	expect_answer();
	WAIT_FOR(probe.tally.late == 1);
	assert_int_equal(probe.tally.queries, 2);
	assert_int_equal(probe.tally.mismatched, 0);
}

TEST(an_answer_after_the_end_is_late)
{
	ask(NULL);
	expect_silence(haDnsServerReason_timeout);
	answer(&server, &server.asked);
	WAIT_FOR(probe.tally.late == 1);
	assert_int_equal(probe.ended, 1);
	assert_int_equal(probe.tally.mismatched, 0);
}

TEST(sockets_are_closed_when_nothing_comes_any_more)
{
	ask(answer);
	expect_answer();
	assert_in_range(dns_engine_sockets(engine), 1, 2);
	pass(10000);
	assert_int_equal(dns_engine_sockets(engine), 0);
}

/* ---- the network ---- */

static void close_port(struct name_server *self)
{
	name_server_close(self);
}

TEST(a_closed_port_is_told_at_once)
{
	int64_t begin = clock_now();

	close_port(&server);
	dns_engine_start(engine, &probe.exchange);
	WAIT_FOR(probe.ended);
	expect_reason(haDnsServerReason_portClosed);
	assert_true(clock_now() - begin < TIMEOUT);
	assert_int_equal(probe.outcome.error, 0);
	assert_int_equal(probe.tally.queries, TRIES);
	assert_int_equal(probe.tally.unreachables, TRIES);
	assert_int_equal(probe.tally.timeouts, 0);
}

TEST(a_closed_port_by_ipv6_is_told_at_once)
{
	close_world(NULL);
	if (open_world_at("::1") < 0)
		skip();
	close_port(&server);
	dns_engine_start(engine, &probe.exchange);
	WAIT_FOR(probe.ended);
	expect_reason(haDnsServerReason_portClosed);
	assert_int_equal(probe.tally.unreachables, TRIES);
}

TEST(a_closed_port_harms_no_other_question)
{
	struct probe others[8];

	server.script = answer;
	for (size_t i = 0; i < COUNT(others); i++) {
		open_probe(&others[i], &server.address);
		if (i % 2)
			others[i].exchange.server.port = 1; /* tcpmux: nobody listens */
		dns_engine_start(engine, &others[i].exchange);
	}
	for (size_t i = 0; i < COUNT(others); i++) {
		WAIT_FOR(others[i].ended);
		assert_int_equal(others[i].outcome.reason,
				 i % 2 ? haDnsServerReason_portClosed : haDnsServerReason_none);
	}
}

TEST(a_network_that_is_not_there_is_unreachable)
{
	use_no_network();
	dns_engine_start(engine, &probe.exchange);
	WAIT_FOR(probe.ended);
	expect_reason(haDnsServerReason_unreachable);
	assert_true(probe.outcome.error != 0);
	assert_int_equal(probe.tally.unreachables, TRIES);
	assert_int_equal(probe.tally.queries, 0);
}

TEST(a_network_that_is_not_there_is_unreachable_by_tcp_too)
{
	use_no_network();
	probe.exchange.tcp = true;
	dns_engine_start(engine, &probe.exchange);
	WAIT_FOR(probe.ended);
	expect_reason(haDnsServerReason_unreachable);
	assert_int_equal(probe.tally.queries, 0);
	assert_int_equal(probe.tally.unreachables, TRIES);
}

TEST(what_this_node_may_not_send_is_its_own_error)
{
	assert_true(address_parse(&probe.exchange.server, "255.255.255.255", 53));
	dns_engine_start(engine, &probe.exchange);
	WAIT_FOR(probe.ended);
	expect_reason(haDnsServerReason_socketError);
	assert_int_equal(probe.outcome.error, EACCES);
}

static void refuse(int error, int times, uint16_t port)
{
	refusal.error = error;
	refusal.times = times;
	refusal.port = port;
}

TEST(what_is_refused_for_a_moment_is_sent_later)
{
	static const int errors[] = { EAGAIN, ENOBUFS, ENOMEM, ECONNREFUSED };

	for (size_t i = 0; i < COUNT(errors); i++) {
		open_probe(&probe, &server.address);
		refuse(errors[i], 5, 0);
		ask(answer);
		expect_answer();
		assert_int_equal(probe.tally.queries, 1);
		assert_int_equal(probe.tally.unreachables, 0);
	}
}

TEST(what_is_refused_for_ever_is_an_error_of_this_node)
{
	refuse(ENOBUFS, INT_MAX, 0);
	dns_engine_start(engine, &probe.exchange);
	pass(TIMEOUT * TRIES - 2 * STEP);
	assert_int_equal(probe.ended, 0);
	pass(3 * STEP);
	expect_reason(haDnsServerReason_socketError);
	assert_int_equal(probe.outcome.error, ENOBUFS);
	assert_int_equal(probe.tally.queries + probe.tally.timeouts, 0);
}

TEST(what_is_refused_does_not_hold_up_the_others)
{
	struct probe others[100];

	refuse(ENOBUFS, INT_MAX, 1);
	server.script = answer;
	for (size_t i = 0; i < COUNT(others); i++) {
		open_probe(&others[i], &server.address);
		if (i % 2 == 0)
			others[i].exchange.server.port = 1;
		dns_engine_start(engine, &others[i].exchange);
	}
	for (size_t i = 1; i < COUNT(others); i += 2)
		WAIT_FOR(others[i].ended);
	for (size_t i = 0; i < COUNT(others); i++) {
		assert_int_equal(others[i].ended, i % 2);
		dns_engine_stop(&others[i].exchange);
	}
}

TEST(an_error_of_an_earlier_question_is_not_believed)
{
	refuse(EHOSTUNREACH, 2, 0);
	ask(answer);
	expect_answer();
	assert_int_equal(probe.tally.unreachables, 0);
}

TEST(an_error_that_stays_is_believed)
{
	static const struct {
		int error;
		int32_t reason;
	} errors[] = {
		{ EHOSTUNREACH, haDnsServerReason_unreachable },
		{ ENETUNREACH, haDnsServerReason_unreachable },
		{ ENETDOWN, haDnsServerReason_unreachable },
		{ EPERM, haDnsServerReason_socketError },
		{ EINVAL, haDnsServerReason_socketError },
	};

	for (size_t i = 0; i < COUNT(errors); i++) {
		open_probe(&probe, &server.address);
		refuse(errors[i].error, INT_MAX, 0);
		dns_engine_start(engine, &probe.exchange);
		WAIT_FOR(probe.ended);
		expect_reason(errors[i].reason);
		assert_int_equal(probe.outcome.error, errors[i].error);
	}
}

TEST(what_the_network_has_told_says_more_than_silence)
{
	refuse(EHOSTUNREACH, 3, 0);
	ask(NULL);
	pass(TIMEOUT * (TRIES - 1) + STEP);
	expect_reason(haDnsServerReason_unreachable);
	assert_int_equal(probe.outcome.error, EHOSTUNREACH);
	assert_int_equal(probe.tally.unreachables, 1);
	assert_int_equal(probe.tally.timeouts, TRIES - 1);
}

TEST(a_closed_port_has_no_errno_of_another_try)
{
	name_server_close(&server);
	refuse(EHOSTUNREACH, 3, 0);
	dns_engine_start(engine, &probe.exchange);
	WAIT_FOR(probe.ended);
	expect_reason(haDnsServerReason_portClosed);
	assert_int_equal(probe.outcome.error, 0);
}

static struct rlimit limit_descriptors(void)
{
	struct rlimit before, now;
	int next = open("/dev/null", O_RDONLY | O_CLOEXEC);

	assert_true(next >= 0);
	close(next);
	getrlimit(RLIMIT_NOFILE, &before);
	now = before;
	now.rlim_cur = (rlim_t)next;
	setrlimit(RLIMIT_NOFILE, &now);
	return before;
}

TEST(without_descriptors_the_node_cannot_ask)
{
	struct rlimit before = limit_descriptors();

	for (int tcp = 0; tcp <= 1; tcp++) {
		open_probe(&probe, &server.address);
		probe.exchange.tcp = tcp;
		dns_engine_start(engine, &probe.exchange);
		WAIT_FOR(probe.ended);
		expect_reason(haDnsServerReason_socketError);
		assert_int_equal(probe.outcome.error, EMFILE);
		assert_int_equal(probe.tally.queries, 0);
	}
	setrlimit(RLIMIT_NOFILE, &before);
	open_probe(&probe, &server.address);
	ask(answer);
	expect_answer();
}

TEST(a_socket_that_only_waits_for_late_answers_is_given_up)
{
	struct rlimit before;

	ask(answer);
	expect_answer();
	pass(STEP);
	before = limit_descriptors();
	open_probe(&probe, &server.address);
	ask(answer);
	expect_answer();
	setrlimit(RLIMIT_NOFILE, &before);
}

TEST(a_connection_gets_its_descriptor_too)
{
	struct rlimit before;

	ask(answer);
	expect_answer();
	before = limit_descriptors();
	open_probe(&probe, &server.address);
	probe.exchange.tcp = true;
	dns_engine_start(engine, &probe.exchange);
	WAIT_FOR(probe.ended);
	expect_reason(haDnsServerReason_portClosed);
	setrlimit(RLIMIT_NOFILE, &before);
}

/* ---- TCP ---- */

static void listen_tcp(void)
{
	name_server_listen(&server);
	open_probe(&probe, &server.address);
	probe.exchange.tcp = true;
}

TEST(an_answer_by_tcp_is_handed_over)
{
	listen_tcp();
	ask(answer);
	expect_answer();
	assert_true(server.asked.tcp);
	assert_int_equal(probe.tally.queries, 1);
	assert_int_equal(dns_engine_sockets(engine), 0);
}

TEST(an_answer_by_tcp_may_come_octet_by_octet)
{
	listen_tcp();
	server.slowly = true;
	ask(answer);
	expect_answer();
	assert_int_equal(probe.tally.malformed, 0);
}

TEST(silence_by_tcp_lasts_for_all_tries)
{
	listen_tcp();
	ask(NULL);
	expect_silence(haDnsServerReason_timeout);
	assert_int_equal(server.connections, TRIES);
	assert_int_equal(dns_engine_sockets(engine), 0);
}

TEST(a_closed_port_by_tcp_is_told_at_once)
{
	probe.exchange.tcp = true;
	dns_engine_start(engine, &probe.exchange);
	WAIT_FOR(probe.ended);
	expect_reason(haDnsServerReason_portClosed);
	assert_int_equal(probe.tally.unreachables, TRIES);
}

static void hang_up(struct name_server *self, const struct asked *asked)
{
	(void)asked;
	name_server_hang_up(self);
}

TEST(the_end_of_a_connection_is_no_answer)
{
	listen_tcp();
	ask(hang_up);
	WAIT_FOR(probe.ended);
	expect_reason(haDnsServerReason_malformed);
	assert_int_equal(probe.tally.malformed, TRIES);
	assert_int_equal(server.connections, TRIES);
}

static void announce_much_and_hang_up(struct name_server *self, const struct asked *asked)
{
	static const uint8_t much[] = { 0xff, 0xff };

	name_server_write(self, much, sizeof(much));
	answer(self, asked);
	name_server_hang_up(self);
}

TEST(a_message_that_does_not_come_whole_is_malformed)
{
	listen_tcp();
	ask(announce_much_and_hang_up);
	WAIT_FOR(probe.ended);
	expect_reason(haDnsServerReason_malformed);
}

static void answer_after_much_else(struct name_server *self, const struct asked *asked)
{
	answer_nothing_at_all(self, asked);
	answer_too_short(self, asked);
	answer_another_id(self, asked);
	answer_nonsense(self, asked);
	answer(self, asked);
}

TEST(nonsense_by_tcp_does_not_hide_the_answer)
{
	listen_tcp();
	ask(answer_after_much_else);
	expect_answer();
	assert_int_equal(probe.tally.malformed, 3);
	assert_int_equal(probe.tally.mismatched, 1);
}

TEST(what_is_truncated_is_asked_by_tcp)
{
	name_server_listen(&server);
	open_probe(&probe, &server.address);
	ask(answer_truncated);
	expect_answer();
	assert_true(server.asked.tcp);
	assert_int_equal(probe.tally.truncated, 1);
	assert_int_equal(probe.tally.queries, 2);
	assert_int_equal(probe.tally.timeouts, 0);
}

TEST(what_is_truncated_cannot_be_had_from_a_closed_port)
{
	ask(answer_truncated);
	WAIT_FOR(probe.ended);
	expect_reason(haDnsServerReason_truncated);
	assert_int_equal(probe.outcome.error, 0);
	assert_int_equal(probe.tally.truncated, TRIES);
}

TEST(a_truncated_try_ends_in_its_own_time)
{
	name_server_listen(&server);
	open_probe(&probe, &server.address);
	probe.exchange.tries = 1;
	ask(NULL);
	pass(TIMEOUT / 2);
	answer_with(&server, &server.asked, 2, 0x02);
	WAIT_FOR(server.questions == 2);
	assert_true(server.asked.tcp);
	pass(TIMEOUT / 2 - STEP);
	assert_int_equal(probe.ended, 0);
	pass(STEP);
	expect_reason(haDnsServerReason_truncated);
	assert_int_equal(probe.tally.timeouts, 1);
}

/* ---- starting and stopping ---- */

TEST(a_stopped_exchange_does_not_end)
{
	ask(NULL);
	dns_engine_stop(&probe.exchange);
	dns_engine_stop(&probe.exchange);
	assert_false(dns_exchange_runs(&probe.exchange));
	assert_int_equal(dns_engine_flying(engine), 0);
	answer(&server, &server.asked);
	pass(TIMEOUT * TRIES);
	assert_int_equal(probe.ended, 0);
	assert_int_equal(server.questions, 1);
	assert_int_equal(probe.tally.timeouts + probe.tally.late, 0);
}

TEST(an_exchange_may_be_stopped_before_it_is_sent)
{
	for (int tcp = 0; tcp <= 1; tcp++) {
		probe.exchange.tcp = tcp;
		dns_engine_start(engine, &probe.exchange);
		dns_engine_stop(&probe.exchange);
		pass(TIMEOUT);
		assert_int_equal(server.questions + probe.ended, 0);
	}
}

TEST(an_exchange_by_tcp_may_be_stopped_in_flight)
{
	listen_tcp();
	ask(NULL);
	dns_engine_stop(&probe.exchange);
	pass(TIMEOUT * TRIES);
	assert_int_equal(probe.ended, 0);
	assert_int_equal(dns_engine_sockets(engine), 0);
}

TEST(an_exchange_that_is_started_again_begins_anew)
{
	ask(NULL);
	pass(TIMEOUT * 2);
	assert_int_equal(server.questions, 3);
	dns_engine_start(engine, &probe.exchange);
	pass(TIMEOUT * TRIES - 2 * STEP);
	assert_int_equal(probe.ended, 0);
	pass(3 * STEP);
	expect_reason(haDnsServerReason_timeout);
	assert_int_equal(server.questions, 3 + TRIES);
}

TEST(what_was_asked_before_a_new_start_is_over)
{
	struct asked first;

	ask(NULL);
	first = server.asked;
	dns_engine_start(engine, &probe.exchange);
	WAIT_FOR(server.questions == 2);
	answer(&server, &first);
	turn(5);
	turn(5);
	assert_int_equal(probe.ended + (int)probe.tally.mismatched, 0);
	answer(&server, &server.asked);
	expect_answer();
	pass(10000);
	assert_int_equal(dns_engine_sockets(engine), 0);
}

TEST(a_new_start_knows_nothing_of_earlier_trouble)
{
	static void (*const troubles[])(struct name_server *, const struct asked *) = {
		answer_another_id, answer_nonsense, answer_truncated
	};

	for (size_t i = 0; i < COUNT(troubles); i++) {
		open_probe(&probe, &server.address);
		ask(troubles[i]);
		while (!probe.ended)
			pass(STEP);
		assert_int_not_equal(probe.outcome.reason, haDnsServerReason_timeout);
		probe.ended = 0;
		ask(NULL);
		pass(TIMEOUT * TRIES + STEP);
		expect_reason(haDnsServerReason_timeout);
	}
}

static void note_and_start_again(struct dns_exchange *exchange, const struct dns_outcome *outcome)
{
	note(exchange, outcome);
	if (probe.ended < 100)
		dns_engine_start(engine, exchange);
}

TEST(an_exchange_may_be_started_again_when_it_ends)
{
	probe.exchange.done = note_and_start_again;
	ask(answer);
	WAIT_FOR(probe.ended == 100);
	assert_int_equal(probe.tally.queries, 100);
	assert_int_equal(dns_engine_flying(engine), 0);
}

TEST(starting_again_what_fails_at_once_does_not_hold_up_the_turn)
{
	probe.exchange.done = note_and_start_again;
	use_no_network();
	dns_engine_start(engine, &probe.exchange);
	dns_engine_turn(engine);
	assert_true(probe.ended <= 1);
	WAIT_FOR(probe.ended == 100);
}

static void note_and_stop_the_other(struct dns_exchange *exchange,
				    const struct dns_outcome *outcome)
{
	const struct probe *ended = (struct probe *)exchange;

	note(exchange, outcome);
	dns_engine_stop(exchange);
	dns_engine_stop(&ended->other->exchange);
}

static void stop_the_other(bool tcp)
{
	struct probe other;

	open_probe(&other, &server.address);
	probe.exchange.tcp = other.exchange.tcp = tcp;
	probe.exchange.done = other.exchange.done = note_and_stop_the_other;
	probe.other = &other;
	other.other = &probe;
	dns_engine_start(engine, &other.exchange);
	dns_engine_start(engine, &probe.exchange);
	WAIT_FOR(probe.ended + other.ended == 1);
	pass(TIMEOUT);
	assert_int_equal(probe.ended + other.ended, 1);
	assert_int_equal(dns_engine_flying(engine), 0);
}

TEST(an_end_may_stop_another_whose_answer_has_come)
{
	server.script = answer;
	stop_the_other(false);
}

TEST(an_end_may_stop_another_by_tcp)
{
	stop_the_other(true);
}

TEST(closing_stops_what_is_in_flight)
{
	struct probe others[4];

	name_server_listen(&server);
	for (size_t i = 0; i < COUNT(others); i++) {
		open_probe(&others[i], &server.address);
		others[i].exchange.tcp = i % 2;
		dns_engine_start(engine, &others[i].exchange);
		if (i == 1)
			turn(0);
	}
	dns_engine_close(engine);
	for (size_t i = 0; i < COUNT(others); i++) {
		assert_int_equal(others[i].ended, 0);
		assert_false(dns_exchange_runs(&others[i].exchange));
	}
	engine = dns_engine_open();
}

/* ---- a process that was stopped, a machine that slept ---- */

TEST(an_answer_that_has_waited_is_found)
{
	probe.exchange.tries = 1;
	ask(answer);
	passed += 10 * TIMEOUT;
	expect_answer();
	assert_int_equal(probe.tally.queries, 1);
	assert_int_equal(probe.tally.timeouts + probe.tally.late, 0);
}

/* The kernel's notes of arrivals know no time but the real one. */
TEST(an_answer_that_has_waited_is_as_fast_as_it_came)
{
	clock_runs = true;
	probe.exchange.timeout = 500;
	ask(answer);
	nanosleep(&(struct timespec){ .tv_sec = 1, .tv_nsec = 200000000 }, NULL);
	expect_answer();
	assert_int_equal(probe.tally.queries, 1);
	assert_true(probe.outcome.latency < 1200000);
}

TEST(a_try_that_nobody_watched_begins_again)
{
	ask(NULL);
	passed += 10 * TIMEOUT;
	turn(0);
	turn(0);
	assert_int_equal(probe.ended, 0);
	WAIT_FOR(server.questions == 2);
	assert_int_equal(probe.tally.timeouts, 0);
	expect_silence(haDnsServerReason_timeout);
	assert_int_equal(server.questions, 1 + TRIES);
}

TEST(a_try_that_nobody_watched_for_half_of_its_time_begins_again)
{
	probe.exchange.tries = 1;
	ask(NULL);
	passed += TIMEOUT - STEP;
	pass(STEP);
	assert_int_equal(probe.ended, 0);
	pass(TIMEOUT);
	expect_reason(haDnsServerReason_timeout);
	assert_int_equal(probe.tally.timeouts, 1);
}

TEST(a_machine_that_always_stalls_gets_its_verdict)
{
	ask(NULL);
	for (int i = 0; i < 100 && !probe.ended; i++) {
		passed += TIMEOUT + 1000;
		turn(0);
	}
	expect_reason(haDnsServerReason_timeout);
}

/* ---- many ---- */

enum { MANY = 5000, ANSWERED = 50 };

/* Every hundredth is answered. */
TEST(thousands_of_black_holes_do_not_harm_the_others)
{
	struct probe *probes = memory_new(MANY, sizeof(*probes));
	struct name_server hole;
	int sent = 0, good = 0, silent = 0;

	assert_true(name_server_open(&hole, "127.0.0.1"));
	server.script = answer;
	for (int i = 0; i < MANY; i++) {
		bool answered = i % (MANY / ANSWERED) == 0;

		open_probe(&probes[i], answered ? &server.address : &hole.address);
		dns_engine_start(engine, &probes[i].exchange);
	}
	assert_int_equal(dns_engine_flying(engine), MANY);
	dns_engine_turn(engine);
	for (int i = 0; i < MANY; i++)
		sent += (int)probes[i].tally.queries;
	assert_in_range(sent, 1, MANY / 5);
	WAIT_FOR(dns_engine_flying(engine) <= MANY - ANSWERED);
	assert_in_range(dns_engine_sockets(engine), 1, 100);
	pass(TIMEOUT * (TRIES + 1));
	assert_int_equal(dns_engine_flying(engine), 0);
	for (int i = 0; i < MANY; i++) {
		good += probes[i].outcome.reason == haDnsServerReason_none;
		silent += probes[i].outcome.reason == haDnsServerReason_timeout;
	}
	assert_int_equal(good, ANSWERED);
	assert_int_equal(silent, MANY - ANSWERED);
	pass(10000);
	assert_int_equal(dns_engine_sockets(engine), 0);
	name_server_close(&hole);
	free(probes);
}

TEST(who_waits_to_be_sent_is_not_timed_out)
{
	struct probe *probes = memory_new(MANY, sizeof(*probes));

	for (int i = 0; i < MANY; i++) {
		open_probe(&probes[i], &server.address);
		probes[i].exchange.tries = 1;
		probes[i].exchange.timeout = STEP;
		dns_engine_start(engine, &probes[i].exchange);
	}
	for (int i = 0; i < 4; i++) {
		dns_engine_turn(engine);
		passed += STEP;
	}
	for (int i = 0; i < MANY; i++)
		assert_true(probes[i].tally.timeouts <= probes[i].tally.queries);
	assert_true(dns_engine_flying(engine) > 0);
	for (int i = 0; i < MANY; i++)
		dns_engine_stop(&probes[i].exchange);
	free(probes);
}

TEST(an_exchange_is_small)
{
	assert_in_range(sizeof(struct dns_exchange), 1, 200);
}

int main(void)
{
#define ENGINE_TEST(test) cmocka_unit_test_setup_teardown(test, open_world, close_world)
	const struct CMUnitTest tests[] = {
		ENGINE_TEST(an_answer_is_handed_over),
		ENGINE_TEST(an_answer_by_ipv6_is_handed_over),
		ENGINE_TEST(an_answer_to_the_second_try_is_handed_over),
		ENGINE_TEST(starting_does_not_call_back),
		ENGINE_TEST(an_answer_that_is_sent_twice_is_one),
		ENGINE_TEST(silence_lasts_for_all_tries),
		ENGINE_TEST(the_time_of_a_try_begins_when_it_is_sent),
		ENGINE_TEST(ids_and_ports_change),
		ENGINE_TEST(no_two_questions_from_a_port_have_the_same_id),
		ENGINE_TEST(another_id_is_not_believed),
		ENGINE_TEST(another_question_is_not_believed),
		ENGINE_TEST(a_question_is_no_answer),
		ENGINE_TEST(another_address_is_not_believed),
		ENGINE_TEST(a_forged_message_does_not_hide_the_true_one),
		ENGINE_TEST(what_is_not_dns_is_malformed),
		ENGINE_TEST(what_has_no_header_is_malformed),
		ENGINE_TEST(an_empty_message_is_malformed),
		ENGINE_TEST(what_is_malformed_says_more_than_what_is_forged),
		ENGINE_TEST(nonsense_does_not_hide_the_answer),
		ENGINE_TEST(an_answer_to_an_earlier_try_is_late),
		ENGINE_TEST(an_answer_after_the_end_is_late),
		ENGINE_TEST(sockets_are_closed_when_nothing_comes_any_more),
		ENGINE_TEST(a_closed_port_is_told_at_once),
		ENGINE_TEST(a_closed_port_by_ipv6_is_told_at_once),
		ENGINE_TEST(a_closed_port_harms_no_other_question),
		ENGINE_TEST(a_network_that_is_not_there_is_unreachable),
		ENGINE_TEST(a_network_that_is_not_there_is_unreachable_by_tcp_too),
		ENGINE_TEST(what_this_node_may_not_send_is_its_own_error),
		ENGINE_TEST(what_is_refused_for_a_moment_is_sent_later),
		ENGINE_TEST(what_is_refused_for_ever_is_an_error_of_this_node),
		ENGINE_TEST(what_is_refused_does_not_hold_up_the_others),
		ENGINE_TEST(an_error_of_an_earlier_question_is_not_believed),
		ENGINE_TEST(an_error_that_stays_is_believed),
		ENGINE_TEST(what_the_network_has_told_says_more_than_silence),
		ENGINE_TEST(a_closed_port_has_no_errno_of_another_try),
		ENGINE_TEST(without_descriptors_the_node_cannot_ask),
		ENGINE_TEST(a_socket_that_only_waits_for_late_answers_is_given_up),
		ENGINE_TEST(a_connection_gets_its_descriptor_too),
		ENGINE_TEST(an_answer_by_tcp_is_handed_over),
		ENGINE_TEST(an_answer_by_tcp_may_come_octet_by_octet),
		ENGINE_TEST(silence_by_tcp_lasts_for_all_tries),
		ENGINE_TEST(a_closed_port_by_tcp_is_told_at_once),
		ENGINE_TEST(the_end_of_a_connection_is_no_answer),
		ENGINE_TEST(a_message_that_does_not_come_whole_is_malformed),
		ENGINE_TEST(nonsense_by_tcp_does_not_hide_the_answer),
		ENGINE_TEST(what_is_truncated_is_asked_by_tcp),
		ENGINE_TEST(what_is_truncated_cannot_be_had_from_a_closed_port),
		ENGINE_TEST(a_truncated_try_ends_in_its_own_time),
		ENGINE_TEST(a_stopped_exchange_does_not_end),
		ENGINE_TEST(an_exchange_may_be_stopped_before_it_is_sent),
		ENGINE_TEST(an_exchange_by_tcp_may_be_stopped_in_flight),
		ENGINE_TEST(an_exchange_that_is_started_again_begins_anew),
		ENGINE_TEST(what_was_asked_before_a_new_start_is_over),
		ENGINE_TEST(a_new_start_knows_nothing_of_earlier_trouble),
		ENGINE_TEST(an_exchange_may_be_started_again_when_it_ends),
		ENGINE_TEST(starting_again_what_fails_at_once_does_not_hold_up_the_turn),
		ENGINE_TEST(an_end_may_stop_another_whose_answer_has_come),
		ENGINE_TEST(an_end_may_stop_another_by_tcp),
		ENGINE_TEST(closing_stops_what_is_in_flight),
		ENGINE_TEST(an_answer_that_has_waited_is_found),
		ENGINE_TEST(an_answer_that_has_waited_is_as_fast_as_it_came),
		ENGINE_TEST(a_try_that_nobody_watched_begins_again),
		ENGINE_TEST(a_try_that_nobody_watched_for_half_of_its_time_begins_again),
		ENGINE_TEST(a_machine_that_always_stalls_gets_its_verdict),
		ENGINE_TEST(thousands_of_black_holes_do_not_harm_the_others),
		ENGINE_TEST(who_waits_to_be_sent_is_not_timed_out),
		ENGINE_TEST(an_exchange_is_small),
	};

	return cmocka_run_group_tests_name("dns engine", tests, NULL, NULL);
}
