/* The engine: any number of questions to any number of name servers at once, without waiting.
 *
 * A try is a question with a random id from a random port. UDP sockets are shared by the tries that
 * start within a moment and then thrown away, so that ports are as random as ids (RFC 5452, 9.2)
 * and ten thousand servers need no ten thousand sockets. An answer is believed when address, port,
 * id and question are those of a try that still waits; everything else is counted and dropped.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_DNS_ENGINE_H
#define HA_DNS_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "lib/address.h"
#include "subagent/sources/dns/engine/timers.h"

struct dns_answer;
struct dns_question;
struct dns_tally;
struct dns_engine;
struct dns_exchange;

/* What came of an exchange. */
struct dns_outcome {
	int32_t reason;   /* enum haDnsServerReason: none, when there is an answer; timeout,
			     unreachable, portClosed, truncated, malformed, mismatched or socketError
			   */
	int error;        /* errno, with socketError and unreachable; else 0 */
	uint32_t latency; /* microseconds from the try that was answered */
	const struct dns_answer *answer; /* of reason `none'; valid during the call */
};

/* One question to one server, until it is answered or given up after `tries'. */
struct dns_exchange {
	/* The caller's; they stay as they are, and where they are, while it runs: */
	const struct dns_question *question;
	struct address server;
	struct dns_tally *tally; /* counted into, also for what comes seconds later: it must stay
				    until the engine is closed */
	uint32_t timeout;        /* milliseconds of one try */
	uint8_t tries;
	bool tcp; /* ask by TCP; else by UDP, and by TCP what was truncated */
	/* Called once, unless it is stopped before. The exchange may be started again then. */
	void (*done)(struct dns_exchange *exchange, const struct dns_outcome *outcome);

	/* The engine's; zero before the first start: */
	struct dns_engine *engine; /* NULL when it does not run */
	TAILQ_ENTRY(dns_exchange) link;
	struct dns_exchanges
		*list;      /* that it is linked in: to be sent, or waiting for its answer */
	struct timer timer; /* for the end of the try */
	struct dns_connection *connection; /* of a try by TCP */
	struct dns_socket *socket;         /* of a try by UDP, once it is sent */
	int64_t sent;                      /* clock_microseconds() of the try */
	uint16_t id;
	uint8_t tried;
	uint8_t excused; /* tries that were begun again, for nobody watched them */
	bool truncated;  /* the try goes on by TCP */
	int32_t trouble; /* what says most of all that came instead of an answer: a reason, or 0 */
	int error;       /* with it */
};

/* Owned by the caller of dns_engine_open(). */
struct dns_engine *dns_engine_open(void);

/* Exchanges that run are stopped, their `done' is not called. */
void dns_engine_close(struct dns_engine *engine);

/* Begin now. Sending may be put off to the end of the turn, to share a system call; `done' is never
 * called from within this. A network that cannot be asked at all is an outcome like any other. */
void dns_engine_start(struct dns_engine *engine, struct dns_exchange *exchange);

/* Idempotent. */
void dns_engine_stop(struct dns_exchange *exchange);

/* Whether it has been started and not ended. */
bool dns_exchange_runs(const struct dns_exchange *exchange);

/* For schedules: run by dns_engine_turn(). */
struct timers *dns_engine_timers(struct dns_engine *engine);

/* Register for the coming turn of the loop (lib/loop.h): what the engine waits for, and until when.
 */
void dns_engine_watch(struct dns_engine *engine);

/* After every turn: take what has come, then let time pass, then send. In this order, so that a
 * process that was stopped, or a machine that slept, finds the answers that wait for it before it
 * calls them late; tries that it could not watch (more than half a second between two turns that
 * were due) are begun again and held against nobody. */
void dns_engine_turn(struct dns_engine *engine);

/* Tries in flight, and how many sockets the engine holds: for tests and figures. */
size_t dns_engine_flying(const struct dns_engine *engine);
size_t dns_engine_sockets(const struct dns_engine *engine);

#endif
