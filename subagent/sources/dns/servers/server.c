/* One name server that is checked on its schedule.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/dns/servers/server.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "lib/clock.h"
#include "lib/memory.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/report.h"
#include "subagent/sources/dns/resolver/lookup.h"
#include "subagent/sources/dns/rows.h"

#define GRID 5 /* milliseconds */

enum { RCODE_SERVFAIL = 2, RCODE_NOTIMP = 4, RCODE_REFUSED = 5 };

/* ---- rows ---- */

static int32_t origin_of(const struct dns_server *server)
{
	if (!server->configured)
		return haDnsServerOrigin_resolver;
	return server->position ? haDnsServerOrigin_both : haDnsServerOrigin_configuration;
}

static void put_settings(struct dns_server_row *row, const struct dns_server *server)
{
	const struct settings_check *settings = server->settings;

	row->address_type = address_octets(&server->exchange.server, &row->address);
	row->port = server->exchange.server.port;
	row->transport = settings->transport;
	TEXT_PUT(row->query, settings->query);
	row->type = dns_policy_type(server->policy);
	row->class = dns_policy_class(server->policy);
	row->interval = settings->interval;
	row->timeout = settings->timeout;
	row->tries = settings->tries;
	row->rise = settings->rise;
	row->fall = settings->fall;
	row->latency_warn = settings->latency_warn;
	row->latency_limit = settings->latency_limit;
}

static void put_check(struct dns_server_row *row, const struct dns_check *check)
{
	struct dns_latency latency = dns_check_latency(check);

	row->server_state = check->state;
	row->reason = check->reason;
	row->state_time.wall = check->state_wall;
	row->rcode = check->last.rcode;
	row->flags = check->last.flags;
	row->edns_size = check->last.edns_size;
	TEXT_PUT(row->nsid, check->last.nsid);
	row->latency = check->last.latency;
	row->latency_min = latency.min;
	row->latency_mean = latency.mean;
	row->latency_max = latency.max;
	row->latency_p95 = latency.p95;
	row->failures = check->failures;
	row->good_time.wall = check->good_wall;
}

static void put_tally(struct dns_server_row *row, const struct dns_tally *tally)
{
	row->queries = tally->queries;
	row->answers = tally->answers;
	row->timeouts = tally->timeouts;
	row->unreachables = tally->unreachables;
	row->bad_rcodes = tally->bad_rcodes;
	row->refused = tally->refused;
	row->server_failures = tally->server_failures;
	row->wrong_answers = tally->wrong_answers;
	row->malformed = tally->malformed;
	row->mismatched = tally->mismatched;
	row->late = tally->late;
	row->truncated = tally->truncated;
}

void dns_server_report(const struct dns_server *server)
{
	struct dns_server_row row = {
		.head.state = server->missing ? HaRowState_missing : HaRowState_fresh,
		.origin = origin_of(server),
		.position = server->position,
	};

	TEXT_PUT(row.name, server->name);
	put_settings(&row, server);
	put_check(&row, &server->check);
	put_tally(&row, &server->tally);
	report_row(&dns_server_table, &row);
}

/* ---- checks ---- */

static void end_check(struct dns_server *server)
{
	server->checked(server, dns_check_take(&server->check, server->settings, &server->verdict,
					       clock_wall()));
}

static void take_outcome(struct dns_server *server, const struct dns_outcome *outcome)
{
	struct dns_verdict verdict;

	dns_policy_judge(server->policy, outcome, &server->tally, &verdict);
	if (server->verdict.state == 0 || dns_verdict_worse(&verdict, &server->verdict))
		server->verdict = verdict;
	if (--server->running == 0)
		end_check(server);
}

static void exchange_done(struct dns_exchange *exchange, const struct dns_outcome *outcome)
{
	take_outcome((struct dns_server *)(void *)((char *)exchange -
						   offsetof(struct dns_server, exchange)),
		     outcome);
}

/* The exchange beside the first lies by itself, and behind it whose it is. */
struct second_exchange {
	struct dns_exchange exchange;
	struct dns_server *server;
};

static void second_done(struct dns_exchange *exchange, const struct dns_outcome *outcome)
{
	take_outcome(((struct second_exchange *)(void *)exchange)->server, outcome);
}

/* The schedule is kept whatever happens: a check that is still under way when the next is due, or
 * a time that was slept through, is left out. */
static void begin_check(struct timer *timer)
{
	struct dns_server *server = (void *)((char *)timer - offsetof(struct dns_server, timer));
	int64_t now = clock_now(), next = timer->when + server->settings->interval;

	if (next <= now)
		next += (now - next) / server->settings->interval * server->settings->interval +
			server->settings->interval;
	timers_set(dns_engine_timers(server->engine), timer, next);
	if (server->running)
		return;
	memset(&server->verdict, 0, sizeof(server->verdict));
	server->running = server->by_tcp ? 2 : 1;
	dns_engine_start(server->engine, &server->exchange);
	if (server->by_tcp)
		dns_engine_start(server->engine, server->by_tcp);
}

/* ---- life ---- */

static void open_exchange(struct dns_exchange *exchange, struct dns_server *server,
			  const struct address *address, bool tcp)
{
	exchange->question = dns_policy_question(server->policy);
	exchange->server = *address;
	exchange->tally = &server->tally;
	exchange->timeout = server->settings->timeout;
	exchange->tries = (uint8_t)server->settings->tries;
	exchange->tcp = tcp;
}

static void open_second(struct dns_server *server, const struct address *address)
{
	struct second_exchange *second = memory_new(1, sizeof(*second));

	second->server = server;
	open_exchange(&second->exchange, server, address, true);
	second->exchange.done = second_done;
	server->by_tcp = &second->exchange;
}

void dns_server_open(struct dns_server *server, struct dns_engine *engine,
		     const struct settings_check *settings, const struct dns_policy *policy,
		     const struct address *address, uint32_t window)
{
	server->engine = engine;
	server->settings = settings;
	server->policy = policy;
	dns_check_open(&server->check, window);
	open_exchange(&server->exchange, server, address,
		      settings->transport == haDnsServerTransport_tcp);
	server->exchange.done = exchange_done;
	if (settings->transport == haDnsServerTransport_both)
		open_second(server, address);
	server->timer.call = begin_check;
}

/* On a grid, so that of ten thousand servers many share a turn, and the system calls of it. */
void dns_server_start(struct dns_server *server, int64_t delay)
{
	int64_t when = (clock_now() + delay + GRID - 1) / GRID * GRID;

	timers_set(dns_engine_timers(server->engine), &server->timer, when);
}

void dns_server_stop(struct dns_server *server)
{
	timers_stop(dns_engine_timers(server->engine), &server->timer);
	dns_engine_stop(&server->exchange);
	if (server->by_tcp)
		dns_engine_stop(server->by_tcp);
	server->running = 0;
}

void dns_server_close(struct dns_server *server)
{
	dns_server_stop(server);
	free(server->by_tcp);
}

/* ---- what the C library makes of it ---- */

static bool is_passed_over(int32_t rcode)
{
	return rcode == RCODE_SERVFAIL || rcode == RCODE_NOTIMP || rcode == RCODE_REFUSED;
}

/* What makes the C library ask the next server, and what makes it wait (glibc, res_send.c). */
static enum lookup_health health_of(const struct dns_check *check)
{
	if (check->state == haDnsServerState_unknown)
		return LOOKUP_UNKNOWN;
	switch (check->last.reason) {
	case haDnsServerReason_timeout:
	case haDnsServerReason_malformed:
	case haDnsServerReason_mismatched:
	case haDnsServerReason_truncated:
		return LOOKUP_SILENT;
	case haDnsServerReason_unreachable:
	case haDnsServerReason_portClosed:
	case haDnsServerReason_socketError:
		return LOOKUP_REFUSES;
	case haDnsServerReason_rcode:
		return is_passed_over(check->last.rcode) ? LOOKUP_REFUSES : LOOKUP_ANSWERS;
	default:
		return LOOKUP_ANSWERS;
	}
}

void dns_server_health(const struct dns_server *server, struct lookup_server *health)
{
	health->health = health_of(&server->check);
	health->latency = server->check.last.latency;
}
