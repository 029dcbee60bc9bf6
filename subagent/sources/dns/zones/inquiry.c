/* A queue before every server.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/dns/zones/inquiry.h"

#include "lib/clock.h"
#include "lib/settings_dns.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/sources/dns/engine/tally.h"

#define FLYING_MAX 4

/* The figures of haDnsServerTable are of the checks alone. Not to be freed: the engine counts into
 * it what comes too late, for anybody. */
static struct dns_tally sink;

void queue_open(struct queue *queue, struct dns_engine *engine,
		const struct settings_server *server)
{
	*queue = (struct queue){ .engine = engine, .server = server };
}

static struct inquiry *inquiry_of(struct dns_exchange *exchange)
{
	return (struct inquiry *)((char *)exchange - offsetof(struct inquiry, exchange));
}

static void push(struct queue *queue, struct inquiry *inquiry)
{
	inquiry->waits = true;
	inquiry->next = NULL;
	if (queue->first)
		queue->last->next = inquiry;
	else
		queue->first = inquiry;
	queue->last = inquiry;
}

static void pull(struct queue *queue, struct inquiry *inquiry)
{
	struct inquiry *before = NULL;

	for (struct inquiry *other = queue->first; other != inquiry; other = other->next)
		before = other;
	if (before)
		before->next = inquiry->next;
	else
		queue->first = inquiry->next;
	if (queue->last == inquiry)
		queue->last = before;
	inquiry->waits = false;
}

static void start(struct inquiry *inquiry)
{
	inquiry->queue->flying++;
	inquiry->begun = clock_microseconds();
	dns_engine_start(inquiry->queue->engine, &inquiry->exchange);
}

static void send_waiting(struct queue *queue)
{
	while (queue->first && queue->flying < FLYING_MAX) {
		struct inquiry *inquiry = queue->first;

		pull(queue, inquiry);
		start(inquiry);
	}
}

/* Those that ask again when they are told come behind the last of this time. */
static void give_up_waiting(struct queue *queue, const struct dns_outcome *outcome)
{
	struct inquiry *last = queue->last;
	bool more = queue->first != NULL;

	while (more && queue->first) {
		struct inquiry *inquiry = queue->first;

		more = inquiry != last;
		pull(queue, inquiry);
		inquiry->done(inquiry, outcome);
	}
}

static void take_outcome(struct dns_exchange *exchange, const struct dns_outcome *outcome)
{
	struct inquiry *inquiry = inquiry_of(exchange);
	struct queue *queue = inquiry->queue;
	bool silent = outcome->reason == haDnsServerReason_timeout && queue->heard < inquiry->begun;

	queue->flying--;
	if (outcome->reason == haDnsServerReason_none)
		queue->heard = clock_microseconds();
	inquiry->done(inquiry, outcome);
	if (silent)
		give_up_waiting(queue, outcome);
	send_waiting(queue);
}

void inquiry_ask(struct inquiry *inquiry, struct queue *queue, const struct dns_question *question)
{
	const struct settings_server *server = queue->server;
	struct dns_exchange *exchange = &inquiry->exchange;

	inquiry->queue = queue;
	exchange->question = question;
	exchange->server = server->address;
	exchange->tally = &sink;
	exchange->timeout = server->check->timeout;
	exchange->tries = (uint8_t)server->check->tries;
	exchange->tcp = server->check->transport == haDnsServerTransport_tcp;
	exchange->done = take_outcome;
	push(queue, inquiry);
	send_waiting(queue);
}

void inquiry_stop(struct inquiry *inquiry)
{
	if (inquiry->waits) {
		pull(inquiry->queue, inquiry);
	} else if (inquiry->queue && dns_exchange_runs(&inquiry->exchange)) {
		dns_engine_stop(&inquiry->exchange);
		inquiry->queue->flying--;
		send_waiting(inquiry->queue);
	}
}
