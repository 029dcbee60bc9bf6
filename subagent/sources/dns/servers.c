/* The name servers that are checked: those of the configuration, and those of resolv.conf.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/dns/servers.h"

#include <stdlib.h>
#include <string.h>

#include "lib/clock.h"
#include "lib/log.h"
#include "lib/loop.h"
#include "lib/memory.h"
#include "lib/settings_dns.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/report.h"
#include "subagent/sources/dns/check.h"
#include "subagent/sources/dns/engine.h"
#include "subagent/sources/dns/lookup.h"
#include "subagent/sources/dns/policy.h"
#include "subagent/sources/dns/resolv_conf.h"
#include "subagent/sources/dns/rows.h"
#include "subagent/sources/dns/tally.h"

#define ROWS_A_SECOND 1000
#define ROWS_AT_ONCE 100
#define PATIENCE_MORE 200   /* milliseconds, for what lies between a time-out and its being told */
#define RETIRED_KEPT 120000 /* milliseconds: an answer that comes too late is still counted */

enum { RCODE_SERVFAIL = 2, RCODE_NOTIMP = 4, RCODE_REFUSED = 5 };

struct server {
	struct dns_servers *servers;
	const struct dns_policy *policy;
	const struct settings_check *settings;
	const char *name; /* the settings', or `own_name' */
	char *own_name;
	struct server *next; /* of those whose figures are to be told, or of the retired */
	int64_t retired;     /* clock_now() */
	uint32_t position;   /* in resolv.conf, from 1; 0: not there */
	bool configured, missing, queued;
	bool first;   /* was in resolv.conf when it was read first */
	uint8_t open; /* exchanges of the check that have not ended */
	struct timer timer;
	struct dns_exchange exchange;
	struct dns_exchange *by_tcp; /* beside the first, when both transports must answer */
	struct dns_verdict verdict;  /* of the check under way */
	struct dns_check check;
	struct dns_tally tally;
};

/* Servers that are asked alike share what is made of that. */
struct shared_policy {
	const struct settings_check *settings;
	struct dns_policy *policy;
};

struct dns_servers {
	const struct settings_dns *settings;
	struct dns_engine *engine;
	struct shared_policy *policies;
	size_t policies_count;
	struct server *configured;                       /* at their positions */
	struct server *resolver[3 * RESOLV_SERVERS_MAX]; /* beside them: missing, going, coming */
	size_t resolver_count;
	struct server *by_position[RESOLV_SERVERS_MAX]; /* as resolv.conf names them */
	struct server *queue, **queue_end;
	struct server *retired; /* the last one first */
	int64_t credit_at;      /* clock_now() up to which rows have been granted */
	uint32_t credit;        /* rows that may be told now */
	bool followed;          /* resolv.conf has been read */
	char error[160];
};

/* ---- rows ---- */

static int32_t origin_of(const struct server *server)
{
	if (!server->configured)
		return haDnsServerOrigin_resolver;
	return server->position ? haDnsServerOrigin_both : haDnsServerOrigin_configuration;
}

static void put_settings(struct dns_server_row *row, const struct server *server)
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

static void report(const struct server *server)
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

/* ---- the queue of figures to tell ---- */

static void enqueue(struct server *server)
{
	struct dns_servers *servers = server->servers;

	if (server->queued)
		return;
	server->queued = true;
	server->next = NULL;
	*servers->queue_end = server;
	servers->queue_end = &server->next;
}

static struct server *dequeue(struct dns_servers *servers)
{
	struct server *server = servers->queue;

	servers->queue = server->next;
	if (!servers->queue)
		servers->queue_end = &servers->queue;
	server->queued = false;
	return server;
}

static void leave_queue(struct server *server)
{
	struct dns_servers *servers = server->servers;
	struct server **link = &servers->queue;

	while (*link && *link != server)
		link = &(*link)->next;
	if (!*link)
		return;
	*link = server->next;
	if (!*link)
		servers->queue_end = link;
	server->queued = false;
}

static void grant_rows(struct dns_servers *servers, int64_t now)
{
	int64_t granted = (now - servers->credit_at) * ROWS_A_SECOND / 1000;

	if (servers->credit + granted > ROWS_AT_ONCE)
		servers->credit = ROWS_AT_ONCE;
	else
		servers->credit += (uint32_t)granted;
	servers->credit_at = now;
}

static void tell_figures(struct dns_servers *servers)
{
	grant_rows(servers, clock_now());
	for (; servers->queue && servers->credit; servers->credit--)
		report(dequeue(servers));
	if (servers->queue)
		loop_wake(clock_now() + ROWS_AT_ONCE * 1000 / ROWS_A_SECOND / 2);
}

/* ---- checks ---- */

static void note_error(struct dns_servers *servers, const struct server *server)
{
	const struct dns_verdict *last = &server->check.last;

	if (last->reason == haDnsServerReason_socketError)
		TEXT_PRINT(servers->error, "%s: cannot ask: %s", server->name,
			   strerror(last->error));
}

static void end_check(struct server *server)
{
	struct dns_servers *servers = server->servers;
	uint32_t failures = server->check.failures;
	bool moved =
		dns_check_take(&server->check, server->settings, &server->verdict, clock_wall());

	note_error(servers, server);
	if (moved || failures != server->check.failures)
		report(server);
	else
		enqueue(server);
}

static void take_outcome(struct server *server, const struct dns_outcome *outcome)
{
	struct dns_verdict verdict;

	dns_policy_judge(server->policy, outcome, &server->tally, &verdict);
	if (server->verdict.state == 0 || dns_verdict_worse(&verdict, &server->verdict))
		server->verdict = verdict;
	if (--server->open == 0)
		end_check(server);
}

static void exchange_done(struct dns_exchange *exchange, const struct dns_outcome *outcome)
{
	take_outcome(
		(struct server *)(void *)((char *)exchange - offsetof(struct server, exchange)),
		outcome);
}

/* The exchange beside the first lies by itself, and behind it whose it is. */
struct second_exchange {
	struct dns_exchange exchange;
	struct server *server;
};

static void second_done(struct dns_exchange *exchange, const struct dns_outcome *outcome)
{
	take_outcome(((struct second_exchange *)(void *)exchange)->server, outcome);
}

/* The schedule is kept whatever happens: a check that is still under way when the next is due, or
 * a time that was slept through, is left out. */
static void begin_check(struct timer *timer)
{
	struct server *server = (void *)((char *)timer - offsetof(struct server, timer));
	int64_t now = clock_now(), next = timer->when + server->settings->interval;

	if (next <= now)
		next += (now - next) / server->settings->interval * server->settings->interval +
			server->settings->interval;
	timers_set(dns_engine_timers(server->servers->engine), timer, next);
	if (server->open)
		return;
	memset(&server->verdict, 0, sizeof(server->verdict));
	server->open = server->by_tcp ? 2 : 1;
	dns_engine_start(server->servers->engine, &server->exchange);
	if (server->by_tcp)
		dns_engine_start(server->servers->engine, server->by_tcp);
}

/* ---- one server ---- */

static const struct dns_policy *policy_for(struct dns_servers *servers,
					   const struct settings_check *settings)
{
	struct shared_policy *shared;
	char error[160];

	for (size_t i = servers->policies_count; i-- > 0;)
		if (servers->policies[i].settings == settings)
			return servers->policies[i].policy;
	servers->policies = memory_resize(servers->policies, servers->policies_count + 1,
					  sizeof(*servers->policies));
	shared = &servers->policies[servers->policies_count++];
	shared->settings = settings;
	shared->policy = dns_policy_make(settings, error, sizeof(error));
	if (!shared->policy)
		log_fatal("%s", error);
	return shared->policy;
}

static void open_exchange(struct dns_exchange *exchange, struct server *server,
			  const struct address *address, bool tcp)
{
	exchange->question = dns_policy_question(server->policy);
	exchange->server = *address;
	exchange->tally = &server->tally;
	exchange->timeout = server->settings->timeout;
	exchange->tries = (uint8_t)server->settings->tries;
	exchange->tcp = tcp;
}

static void open_second(struct server *server, const struct address *address)
{
	struct second_exchange *second = memory_new(1, sizeof(*second));

	second->server = server;
	open_exchange(&second->exchange, server, address, true);
	second->exchange.done = second_done;
	server->by_tcp = &second->exchange;
}

static void open_server(struct server *server, struct dns_servers *servers,
			const struct settings_check *settings, const struct address *address)
{
	server->servers = servers;
	server->settings = settings;
	server->policy = policy_for(servers, settings);
	dns_check_open(&server->check, servers->settings->window);
	open_exchange(&server->exchange, server, address,
		      settings->transport == haDnsServerTransport_tcp);
	server->exchange.done = exchange_done;
	if (settings->transport == haDnsServerTransport_both)
		open_second(server, address);
	server->timer.call = begin_check;
}

/* `phase' of `phases': where in its interval the server begins. */
static void start_server(struct server *server, size_t phase, size_t phases)
{
	int64_t delay = (int64_t)(server->settings->interval * (uint64_t)phase / phases);

	timers_set(dns_engine_timers(server->servers->engine), &server->timer, clock_now() + delay);
}

static void stop_server(struct server *server)
{
	timers_stop(dns_engine_timers(server->servers->engine), &server->timer);
	dns_engine_stop(&server->exchange);
	if (server->by_tcp)
		dns_engine_stop(server->by_tcp);
	server->open = 0;
}

static void close_server(struct server *server)
{
	stop_server(server);
	leave_queue(server);
	free(server->by_tcp);
	free(server->own_name);
}

/* The engine may count into it for a while. */
static void retire_server(struct server *server)
{
	struct dns_servers *servers = server->servers;

	stop_server(server);
	leave_queue(server);
	server->retired = clock_now();
	server->next = servers->retired;
	servers->retired = server;
}

static void free_retired(struct dns_servers *servers, int64_t before)
{
	struct server **link = &servers->retired, *server;

	while (*link && (*link)->retired >= before)
		link = &(*link)->next;
	server = *link;
	*link = NULL;
	while (server) {
		struct server *next = server->next;

		close_server(server);
		free(server);
		server = next;
	}
}

/* A handful is checked at once, ten thousand each in its moment. */
static bool is_spread(const struct settings_dns *settings)
{
	return settings->servers_count > ROWS_AT_ONCE;
}

struct dns_servers *dns_servers_open(const struct settings_dns *settings, struct dns_engine *engine)
{
	struct dns_servers *servers = memory_new(1, sizeof(*servers));
	size_t count = settings->servers_count;

	servers->settings = settings;
	servers->engine = engine;
	servers->queue_end = &servers->queue;
	servers->configured = memory_new(count + 1, sizeof(*servers->configured));
	for (size_t i = 0; i < count; i++) {
		struct server *server = &servers->configured[i];

		server->name = settings->servers[i].name;
		server->configured = true;
		open_server(server, servers, settings->servers[i].check,
			    &settings->servers[i].address);
		start_server(server, is_spread(settings) ? i : 0, count);
	}
	return servers;
}

void dns_servers_close(struct dns_servers *servers)
{
	for (size_t i = 0; i < servers->settings->servers_count; i++)
		close_server(&servers->configured[i]);
	for (size_t i = 0; i < servers->resolver_count; i++) {
		close_server(servers->resolver[i]);
		free(servers->resolver[i]);
	}
	free_retired(servers, INT64_MAX);
	for (size_t i = 0; i < servers->policies_count; i++)
		dns_policy_free(servers->policies[i].policy);
	free(servers->policies);
	free(servers->configured);
	free(servers);
}

static const char *refuse_check(const struct settings_check *check)
{
	static char error[200];
	struct dns_policy *policy = dns_policy_make(check, error, sizeof(error));

	if (!policy)
		return error;
	dns_policy_free(policy);
	return NULL;
}

const char *dns_servers_refuse(const struct settings_dns *settings, int *line)
{
	const struct settings_check *last = NULL;
	const char *error = NULL;

	for (size_t i = 0; i < settings->servers_count && !error; i++) {
		*line = settings->servers[i].line;
		if (settings->servers[i].check != last)
			error = refuse_check(settings->servers[i].check);
		last = settings->servers[i].check;
	}
	if (error)
		return error;
	*line = settings->resolver_line;
	return refuse_check(settings->resolver_check);
}

/* ---- resolv.conf ---- */

static struct server *find_by_address(const struct dns_servers *servers,
				      const struct address *address)
{
	for (size_t i = 0; i < servers->settings->servers_count; i++)
		if (address_equal(&servers->configured[i].exchange.server, address))
			return &servers->configured[i];
	for (size_t i = 0; i < servers->resolver_count; i++)
		if (address_equal(&servers->resolver[i]->exchange.server, address))
			return servers->resolver[i];
	return NULL;
}

static bool is_taken(const struct dns_servers *servers, const char *name)
{
	for (size_t i = 0; i < servers->settings->servers_count; i++)
		if (!strcmp(servers->settings->servers[i].name, name))
			return true;
	return false;
}

/* An address may be the name that somebody has given to another server. */
static char *make_name(const struct dns_servers *servers, const struct address *address)
{
	char name[SETTINGS_DNS_NAME_MAX + 1], text[ADDRESS_TEXT_MAX];

	address_print(address, text, sizeof(text));
	TEXT_PUT(name, text);
	if (is_taken(servers, name))
		TEXT_PRINT(name, "resolver:%.31s", text);
	return memory_text(name);
}

static struct server *add_server(struct dns_servers *servers, const struct address *address)
{
	struct server *server;

	if (servers->resolver_count == sizeof(servers->resolver) / sizeof(*servers->resolver))
		return NULL;
	server = memory_new(1, sizeof(*server));
	server->own_name = make_name(servers, address);
	server->name = server->own_name;
	server->first = !servers->followed;
	open_server(server, servers, servers->settings->resolver_check, address);
	start_server(server, 0, 1);
	servers->resolver[servers->resolver_count++] = server;
	return server;
}

static void drop_server(struct dns_servers *servers, size_t at)
{
	struct server *server = servers->resolver[at];
	struct dns_server_row row = { .head.state = HaRowState_missing };

	TEXT_PUT(row.name, server->name);
	report_gone(&dns_server_table, &row);
	retire_server(server);
	servers->resolver[at] = servers->resolver[--servers->resolver_count];
}

/* It is no longer in resolv.conf. */
static void lose_server(struct server *server)
{
	uint32_t window = server->servers->settings->window;

	stop_server(server);
	server->missing = true;
	dns_check_open(&server->check, window);
	report(server);
}

static void drop_unnamed(struct dns_servers *servers)
{
	for (size_t i = servers->resolver_count; i-- > 0;) {
		struct server *server = servers->resolver[i];

		if (server->position || server->missing)
			continue;
		if (server->first)
			lose_server(server);
		else
			drop_server(servers, i);
	}
}

static void name_server(struct dns_servers *servers, const struct address *address, uint32_t at)
{
	struct server *server = find_by_address(servers, address);

	if (!server)
		server = add_server(servers, address);
	servers->by_position[at] = server;
	if (!server || server->position)
		return;
	server->position = at + 1;
	if (server->missing) {
		server->missing = false;
		start_server(server, 0, 1);
	}
	report(server);
}

static void forget_positions(struct dns_servers *servers)
{
	for (size_t i = 0; i < servers->settings->servers_count; i++) {
		struct server *server = &servers->configured[i];

		if (server->position)
			enqueue(server);
		server->position = 0;
	}
	for (size_t i = 0; i < servers->resolver_count; i++)
		servers->resolver[i]->position = 0;
	memset(servers->by_position, 0, sizeof(servers->by_position));
}

void dns_servers_follow(struct dns_servers *servers, const struct resolv_conf *conf)
{
	free_retired(servers, clock_now() - RETIRED_KEPT);
	forget_positions(servers);
	for (uint32_t i = 0; i < conf->servers_count && i < RESOLV_SERVERS_MAX; i++)
		name_server(servers, &conf->servers[i], i);
	drop_unnamed(servers);
	servers->followed = true;
}

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

void dns_servers_health(const struct dns_servers *servers, uint32_t position,
			struct lookup_server *health)
{
	const struct server *server =
		position < RESOLV_SERVERS_MAX ? servers->by_position[position] : NULL;

	health->health = server ? health_of(&server->check) : LOOKUP_UNKNOWN;
	health->latency = server ? server->check.last.latency : 0;
}

/* ---- everything ---- */

void dns_servers_turn(struct dns_servers *servers)
{
	tell_figures(servers);
}

static bool is_known(const struct server *server)
{
	return server->missing || server->check.state != haDnsServerState_unknown;
}

bool dns_servers_known(const struct dns_servers *servers)
{
	for (size_t i = 0; i < servers->resolver_count; i++)
		if (!is_known(servers->resolver[i]))
			return false;
	for (size_t i = servers->settings->servers_count; i-- > 0;)
		if (!is_known(&servers->configured[i]))
			return false;
	return true;
}

static int64_t patience_for(const struct settings_check *check, bool spread)
{
	return (spread ? check->interval : 0) + (int64_t)check->timeout * check->tries +
	       PATIENCE_MORE;
}

int64_t dns_servers_patience(const struct dns_servers *servers)
{
	size_t count = servers->settings->servers_count;
	int64_t longest = patience_for(servers->settings->resolver_check, false);

	for (size_t i = 0; i < count; i++) {
		int64_t patience =
			patience_for(servers->configured[i].settings, is_spread(servers->settings));

		if (patience > longest)
			longest = patience;
	}
	return longest;
}

int32_t dns_servers_state(const struct dns_servers *servers, size_t position)
{
	return servers->configured[position].check.state;
}

void dns_servers_report(struct dns_servers *servers)
{
	for (size_t i = 0; i < servers->settings->servers_count; i++)
		report(&servers->configured[i]);
	for (size_t i = 0; i < servers->resolver_count; i++)
		report(servers->resolver[i]);
}

const char *dns_servers_error(const struct dns_servers *servers)
{
	return servers->error;
}
