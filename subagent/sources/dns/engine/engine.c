/* The engine: any number of questions to any number of name servers at once, without waiting.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/dns/engine/engine.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/log.h"
#include "lib/loop.h"
#include "lib/memory.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/sources/dns/engine/inside.h"
#include "subagent/sources/dns/engine/tally.h"
#include "subagent/sources/dns/engine/tcp.h"
#include "subagent/sources/dns/engine/udp.h"
#include "subagent/sources/dns/message/answer.h"
#include "subagent/sources/dns/message/question.h"

#define LOOK_INTERVAL 250 /* milliseconds between two turns, at most, while a try is in flight */
#define STALL_LIMIT 500   /* milliseconds that a turn may be late without being called a stall */
#define RETRY_INTERVAL 5  /* milliseconds until what could not be sent is tried again */
#define EXCUSES_MAX 8     /* a machine that stalls all the time gets its verdicts, too */

enum {
	EVENTS = 64,
	ROUNDS_MAX = 1024,
	PORTION = 512 /* questions that are sent by the same way in a turn */
};

/* ---- the life of an exchange ---- */

void dns_exchange_move(struct dns_exchange *exchange, struct dns_exchanges *list)
{
	if (exchange->list) {
		TAILQ_REMOVE(&exchange->list->list, exchange, link);
		exchange->list->count--;
	}
	exchange->list = list;
	if (list) {
		TAILQ_INSERT_TAIL(&list->list, exchange, link);
		list->count++;
	}
}

static void leave_try(struct dns_exchange *exchange, bool late)
{
	if (exchange->socket)
		dns_udp_release(exchange, late);
	dns_tcp_close(exchange);
	dns_exchange_move(exchange, NULL);
}

static void begin_try(struct dns_exchange *exchange)
{
	struct dns_engine *engine = exchange->engine;

	exchange->tried++;
	exchange->truncated = false;
	timers_set(&engine->timers, &exchange->timer, clock_now() + exchange->timeout);
	if (exchange->tcp)
		dns_exchange_move(exchange, &engine->connecting);
	else
		dns_udp_queue(engine->udp, exchange);
}

/* Its time begins now: after a stall it may have waited for its turn. What goes on by TCP has no
 * time of its own. */
void dns_exchange_sent(struct dns_exchange *exchange, int64_t now)
{
	int64_t when = now / 1000 + exchange->timeout;

	exchange->tally->queries++;
	if (exchange->truncated)
		return;
	exchange->sent = now;
	if (exchange->timer.when != when)
		timers_set(&exchange->engine->timers, &exchange->timer, when);
}

static void end(struct dns_exchange *exchange, const struct dns_outcome *outcome)
{
	timers_stop(&exchange->engine->timers, &exchange->timer);
	exchange->engine = NULL;
	exchange->done(exchange, outcome);
}

/* How much a reason says of the server: a closed port, of which hosts tell but once a second
 * (icmp_ratelimit in ip-sysctl.rst of the kernel), more than the silence of the next try. */
static int weight_of(int32_t reason)
{
	static const int32_t reasons[] = {
		haDnsServerReason_socketError, haDnsServerReason_timeout,
		haDnsServerReason_unreachable, haDnsServerReason_portClosed,
		haDnsServerReason_mismatched,  haDnsServerReason_malformed,
		haDnsServerReason_truncated,
	};
	int count = sizeof(reasons) / sizeof(*reasons);

	while (count > 0 && reasons[count - 1] != reason)
		count--;
	return count;
}

static void remember(struct dns_exchange *exchange, int32_t reason, int error)
{
	if (weight_of(reason) <= weight_of(exchange->trouble))
		return;
	exchange->trouble = reason;
	exchange->error = 0;
	if (reason == haDnsServerReason_unreachable || reason == haDnsServerReason_socketError)
		exchange->error = error;
}

void dns_exchange_doubt(struct dns_exchange *exchange, int32_t reason)
{
	if (reason == haDnsServerReason_malformed)
		exchange->tally->malformed++;
	else
		exchange->tally->mismatched++;
	remember(exchange, reason, 0);
}

void dns_exchange_fail(struct dns_exchange *exchange, int32_t reason, int error)
{
	if (reason == haDnsServerReason_unreachable || reason == haDnsServerReason_portClosed)
		exchange->tally->unreachables++;
	if (reason == haDnsServerReason_timeout)
		exchange->tally->timeouts++;
	remember(exchange, exchange->truncated ? haDnsServerReason_truncated : reason, error);
	leave_try(exchange, true);
	if (exchange->tried < exchange->tries)
		begin_try(exchange);
	else
		end(exchange,
		    &(struct dns_outcome){ .reason = exchange->trouble, .error = exchange->error });
}

static bool is_excused(const struct dns_exchange *exchange)
{
	int64_t begun = exchange->timer.when - exchange->timeout;

	return begun < exchange->engine->stalled && exchange->excused < EXCUSES_MAX;
}

/* Not even sent: the node could not, or others came first, and then its time has not begun. */
static void time_out_unsent(struct dns_exchange *exchange)
{
	struct dns_engine *engine = exchange->engine;
	int refusal = exchange->tcp ? 0 : dns_udp_refusal(engine->udp);

	if (refusal)
		dns_exchange_fail(exchange, haDnsServerReason_socketError, refusal);
	else
		timers_set(&engine->timers, &exchange->timer, clock_now() + exchange->timeout);
}

static void time_out(struct timer *timer)
{
	struct dns_exchange *exchange = TIMER_OWNER(timer, dns_exchange, timer);

	if (is_excused(exchange)) {
		exchange->excused++;
		exchange->tried--;
		leave_try(exchange, false);
		begin_try(exchange);
	} else if (exchange->list != &exchange->engine->flying && !exchange->truncated) {
		time_out_unsent(exchange);
	} else {
		dns_exchange_fail(exchange, haDnsServerReason_timeout, 0);
	}
}

/* The clock that the kernel reads for arrivals can be set, and then they make no sense. */
static uint32_t latency_of(const struct dns_exchange *exchange, int64_t arrived)
{
	int64_t now = clock_microseconds();

	if (arrived < exchange->sent || arrived > now)
		arrived = now;
	return (uint32_t)(arrived - exchange->sent);
}

static void take_answer(struct dns_exchange *exchange, const uint8_t *message, size_t length,
			int64_t arrived)
{
	struct dns_outcome outcome = { .reason = haDnsServerReason_none };
	struct dns_answer answer;

	if (!dns_answer_read(&answer, message, length)) {
		dns_exchange_doubt(exchange, haDnsServerReason_malformed);
		return;
	}
	outcome.latency = latency_of(exchange, arrived);
	outcome.answer = &answer;
	leave_try(exchange, false);
	end(exchange, &outcome);
	dns_answer_free(&answer);
}

/* Looked for before the message is read as a whole: it may be cut anywhere (RFC 2181, 9). */
static bool is_truncated(const uint8_t *message)
{
	return message[2] & 0x02;
}

void dns_exchange_hear(struct dns_exchange *exchange, const uint8_t *message, size_t length,
		       int64_t arrived)
{
	if (length < DNS_HEADER) {
		dns_exchange_doubt(exchange, haDnsServerReason_malformed);
	} else if (!dns_question_answered(exchange->question, exchange->id, message, length)) {
		dns_exchange_doubt(exchange, haDnsServerReason_mismatched);
	} else if (exchange->socket && is_truncated(message)) {
		exchange->tally->truncated++;
		exchange->truncated = true;
		dns_udp_release(exchange, false);
		dns_exchange_move(exchange, &exchange->engine->connecting);
	} else {
		take_answer(exchange, message, length, arrived);
	}
}

size_t dns_portion(const struct dns_exchanges *queue)
{
	return queue->count < PORTION ? queue->count : PORTION;
}

int32_t dns_reason_of(int error)
{
	switch (error) {
	case ECONNREFUSED:
	case ECONNRESET:
	case EPIPE:
		return haDnsServerReason_portClosed;
	case EHOSTUNREACH:
	case EHOSTDOWN:
	case ENETUNREACH:
	case ENETDOWN:
	case ENONET:
	case EADDRNOTAVAIL:
	case EAFNOSUPPORT:
		return haDnsServerReason_unreachable;
	case ETIMEDOUT:
		return haDnsServerReason_timeout;
	default:
		return haDnsServerReason_socketError;
	}
}

/* ---- endpoints ---- */

bool dns_endpoint_open(struct dns_engine *engine, struct dns_endpoint *endpoint, int fd,
		       uint32_t events)
{
	struct epoll_event event = { .events = events, .data.ptr = endpoint };
	int error;

	if (epoll_ctl(engine->epoll, EPOLL_CTL_ADD, fd, &event) < 0) {
		error = errno;
		close(fd);
		errno = error;
		return false;
	}
	endpoint->fd = fd;
	engine->endpoints++;
	return true;
}

/* Taken from epoll by hand: what a process that was just forked still holds open would stay. */
void dns_endpoint_close(struct dns_engine *engine, struct dns_endpoint *endpoint)
{
	epoll_ctl(engine->epoll, EPOLL_CTL_DEL, endpoint->fd, NULL);
	close(endpoint->fd);
	endpoint->fd = -1;
	engine->endpoints--;
	SLIST_INSERT_HEAD(&engine->closed, endpoint, link);
}

static void free_closed(struct dns_engine *engine)
{
	while (!SLIST_EMPTY(&engine->closed)) {
		struct dns_endpoint *endpoint = SLIST_FIRST(&engine->closed);

		SLIST_REMOVE_HEAD(&engine->closed, link);
		free(endpoint);
	}
}

int64_t dns_arrival(struct msghdr *message, int64_t now)
{
	struct timespec wall, came;
	int64_t age;

	for (struct cmsghdr *header = CMSG_FIRSTHDR(message); header;
	     header = CMSG_NXTHDR(message, header)) {
		if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_TIMESTAMPNS)
			continue;
		memcpy(&came, CMSG_DATA(header), sizeof(came));
		clock_gettime(CLOCK_REALTIME, &wall);
		age = (wall.tv_sec - came.tv_sec) * 1000000 + (wall.tv_nsec - came.tv_nsec) / 1000;
		return age > 0 ? now - age : now;
	}
	return now;
}

/* ---- the engine ---- */

struct dns_engine *dns_engine_open(void)
{
	struct dns_engine *engine = memory_new(1, sizeof(*engine));

	engine->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (engine->epoll < 0)
		log_fatal("epoll_create1: %s", strerror(errno));
	TAILQ_INIT(&engine->connecting.list);
	TAILQ_INIT(&engine->flying.list);
	SLIST_INIT(&engine->closed);
	engine->udp = dns_udp_open(engine);
	return engine;
}

void dns_engine_start(struct dns_engine *engine, struct dns_exchange *exchange)
{
	dns_engine_stop(exchange);
	exchange->engine = engine;
	exchange->timer.call = time_out;
	exchange->tried = exchange->excused = 0;
	exchange->trouble = 0;
	exchange->error = 0;
	begin_try(exchange);
}

void dns_engine_stop(struct dns_exchange *exchange)
{
	if (!exchange->engine)
		return;
	timers_stop(&exchange->engine->timers, &exchange->timer);
	leave_try(exchange, false);
	exchange->engine = NULL;
}

bool dns_exchange_runs(const struct dns_exchange *exchange)
{
	return exchange->engine != NULL;
}

struct timers *dns_engine_timers(struct dns_engine *engine)
{
	return &engine->timers;
}

size_t dns_engine_flying(const struct dns_engine *engine)
{
	return engine->flying.count + engine->connecting.count + dns_udp_queued(engine->udp);
}

size_t dns_engine_sockets(const struct dns_engine *engine)
{
	return engine->endpoints;
}

static int64_t sooner(int64_t one, int64_t other)
{
	return one && one < other ? one : other;
}

/* When there is something to do, if no answer comes before. 0: never. */
static int64_t next_turn(const struct dns_engine *engine)
{
	int64_t when = timers_next(&engine->timers), now = clock_now();

	if (engine->connecting.count)
		return now;
	if (dns_udp_queued(engine->udp))
		return sooner(when, dns_udp_refusal(engine->udp) ? now + RETRY_INTERVAL : now);
	if (engine->flying.count)
		return sooner(when, now + LOOK_INTERVAL);
	return when;
}

void dns_engine_watch(struct dns_engine *engine)
{
	int64_t when = next_turn(engine);

	if (!engine->due)
		engine->due = when;
	loop_watch(engine->epoll, POLLIN, NULL, NULL);
	loop_wake(when);
}

static void take_events(struct dns_engine *engine)
{
	struct epoll_event events[EVENTS];
	unsigned int rounds = 0;
	int count;

	do {
		count = epoll_wait(engine->epoll, events, EVENTS, 0);
		for (int i = 0; i < count; i++) {
			struct dns_endpoint *endpoint = events[i].data.ptr;

			if (endpoint->fd >= 0)
				endpoint->ready(endpoint, events[i].events);
		}
	} while (count == EVENTS && ++rounds < ROUNDS_MAX);
}

static void connect_queued(struct dns_engine *engine)
{
	for (size_t left = dns_portion(&engine->connecting); left && engine->connecting.count;
	     left--) {
		struct dns_exchange *exchange = TAILQ_FIRST(&engine->connecting.list);

		dns_exchange_move(exchange, &engine->flying);
		dns_tcp_ask(exchange);
	}
}

void dns_engine_turn(struct dns_engine *engine)
{
	int64_t now = clock_now();

	if (engine->due && now - engine->due > STALL_LIMIT)
		engine->stalled = now;
	take_events(engine);
	timers_run(&engine->timers, clock_now());
	dns_udp_send(engine->udp);
	connect_queued(engine);
	free_closed(engine);
	engine->due = next_turn(engine);
}

static void stop_all(struct dns_exchanges *exchanges)
{
	while (exchanges->count)
		dns_engine_stop(TAILQ_FIRST(&exchanges->list));
}

void dns_engine_close(struct dns_engine *engine)
{
	stop_all(&engine->flying);
	stop_all(&engine->connecting);
	dns_udp_close(engine->udp);
	free_closed(engine);
	timers_close(&engine->timers);
	close(engine->epoll);
	free(engine);
}
