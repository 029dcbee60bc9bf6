/* The name servers that are checked: those of the configuration, and those of resolv.conf.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/dns/servers/servers.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "lib/clock.h"
#include "lib/log.h"
#include "lib/loop.h"
#include "lib/memory.h"
#include "lib/settings_dns.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/report.h"
#include "subagent/sources/dns/engine/engine.h"
#include "subagent/sources/dns/resolver/lookup.h"
#include "subagent/sources/dns/resolver/resolv_conf.h"
#include "subagent/sources/dns/rows.h"
#include "subagent/sources/dns/servers/policy.h"
#include "subagent/sources/dns/servers/server.h"

#define SPREAD_ABOVE 100    /* servers */
#define PATIENCE_MORE 200   /* milliseconds, for what lies between a time-out and its being told */
#define RETIRED_KEPT 120000 /* milliseconds: an answer that comes too late is still counted */

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
	struct dns_server *configured; /* at their positions */
	struct dns_server
		*resolver[3 * RESOLV_SERVERS_MAX]; /* beside them: missing, going, coming */
	size_t resolver_count;
	struct dns_server *by_position[RESOLV_SERVERS_MAX]; /* as resolv.conf names them */
	struct pace pace;
	struct dns_server *retired; /* the last one first */
	bool followed;              /* resolv.conf has been read */
	char error[160];
};

/* ---- one server ---- */

static void note_error(struct dns_servers *servers, const struct dns_server *server)
{
	const struct dns_verdict *last = &server->check.last;

	if (last->reason == haDnsServerReason_socketError)
		TEXT_PRINT(servers->error, "%s: cannot ask: %s", server->name,
			   strerror(last->error));
}

static void take_check(struct dns_server *server, bool moved)
{
	struct dns_servers *servers = server->owner;

	note_error(servers, server);
	if (moved)
		pace_pass(&servers->pace, &server->paced);
	else
		pace_add(&servers->pace, &server->paced);
}

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

static void tell_server(struct paced *paced)
{
	dns_server_report((void *)((char *)paced - offsetof(struct dns_server, paced)));
}

static void open_server(struct dns_server *server, struct dns_servers *servers,
			const struct settings_check *settings, const struct address *address)
{
	server->owner = servers;
	server->checked = take_check;
	server->paced.tell = tell_server;
	dns_server_open(server, servers->engine, settings, policy_for(servers, settings), address,
			servers->settings->window);
}

/* The engine may count into it for a while. */
static void retire_server(struct dns_server *server)
{
	struct dns_servers *servers = server->owner;

	dns_server_stop(server);
	pace_drop(&servers->pace, &server->paced);
	server->retired = clock_now();
	server->next = servers->retired;
	servers->retired = server;
}

static void free_retired(struct dns_servers *servers, int64_t before)
{
	struct dns_server **link = &servers->retired, *server;

	while (*link && (*link)->retired >= before)
		link = &(*link)->next;
	server = *link;
	*link = NULL;
	while (server) {
		struct dns_server *next = server->next;

		dns_server_close(server);
		free(server);
		server = next;
	}
}

/* A handful is checked at once, ten thousand each in its moment. */
static bool is_spread(const struct settings_dns *settings)
{
	return settings->servers_count > SPREAD_ABOVE;
}

/* When in its interval a server of so many begins, in milliseconds. */
static int64_t phase_of(const struct settings_check *settings, size_t position, size_t count)
{
	return (int64_t)((uint64_t)settings->interval * position / count);
}

struct dns_servers *dns_servers_open(const struct settings_dns *settings, struct dns_engine *engine)
{
	struct dns_servers *servers = memory_new(1, sizeof(*servers));
	size_t count = settings->servers_count;

	servers->settings = settings;
	servers->engine = engine;
	pace_open(&servers->pace);
	servers->configured = memory_new(count + 1, sizeof(*servers->configured));
	for (size_t i = 0; i < count; i++) {
		struct dns_server *server = &servers->configured[i];

		TEXT_PUT(server->name, settings->servers[i].name);
		server->configured = true;
		open_server(server, servers, settings->servers[i].check,
			    &settings->servers[i].address);
		dns_server_start(server,
				 is_spread(settings) ? phase_of(server->settings, i, count) : 0);
	}
	return servers;
}

void dns_servers_close(struct dns_servers *servers)
{
	for (size_t i = 0; i < servers->settings->servers_count; i++)
		dns_server_close(&servers->configured[i]);
	for (size_t i = 0; i < servers->resolver_count; i++) {
		dns_server_close(servers->resolver[i]);
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

static struct dns_server *find_by_address(const struct dns_servers *servers,
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
static void put_name(const struct dns_servers *servers, struct dns_server *server,
		     const struct address *address)
{
	char text[ADDRESS_TEXT_MAX];

	address_print(address, text, sizeof(text));
	TEXT_PUT(server->name, text);
	if (is_taken(servers, server->name))
		TEXT_PRINT(server->name, "resolver:%.31s", text);
}

static struct dns_server *add_server(struct dns_servers *servers, const struct address *address)
{
	struct dns_server *server;

	if (servers->resolver_count == sizeof(servers->resolver) / sizeof(*servers->resolver))
		return NULL;
	server = memory_new(1, sizeof(*server));
	put_name(servers, server, address);
	server->first = !servers->followed;
	open_server(server, servers, servers->settings->resolver_check, address);
	dns_server_start(server, 0);
	servers->resolver[servers->resolver_count++] = server;
	return server;
}

static void drop_server(struct dns_servers *servers, size_t at)
{
	struct dns_server *server = servers->resolver[at];
	struct dns_server_row row = { .head.state = HaRowState_missing };

	TEXT_PUT(row.name, server->name);
	report_gone(&dns_server_table, &row);
	retire_server(server);
	servers->resolver[at] = servers->resolver[--servers->resolver_count];
}

/* It is no longer in resolv.conf. */
static void lose_server(struct dns_server *server)
{
	const struct dns_servers *servers = server->owner;

	dns_server_stop(server);
	server->missing = true;
	dns_check_open(&server->check, servers->settings->window);
	dns_server_report(server);
}

static void drop_unnamed(struct dns_servers *servers)
{
	for (size_t i = servers->resolver_count; i-- > 0;) {
		struct dns_server *server = servers->resolver[i];

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
	struct dns_server *server = find_by_address(servers, address);

	if (!server)
		server = add_server(servers, address);
	servers->by_position[at] = server;
	if (!server || server->position)
		return;
	server->position = at + 1;
	if (server->missing) {
		server->missing = false;
		dns_server_start(server, 0);
	}
	dns_server_report(server);
}

static void forget_positions(struct dns_servers *servers)
{
	for (size_t i = 0; i < servers->settings->servers_count; i++) {
		struct dns_server *server = &servers->configured[i];

		if (server->position)
			pace_add(&servers->pace, &server->paced);
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

void dns_servers_health(const struct dns_servers *servers, uint32_t position,
			struct lookup_server *health)
{
	const struct dns_server *server =
		position < RESOLV_SERVERS_MAX ? servers->by_position[position] : NULL;

	*health = (struct lookup_server){ .health = LOOKUP_UNKNOWN };
	if (server)
		dns_server_health(server, health);
}

/* ---- everything ---- */

void dns_servers_turn(struct dns_servers *servers)
{
	loop_wake(pace_turn(&servers->pace, clock_now()));
}

static bool is_known(const struct dns_server *server)
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
		dns_server_report(&servers->configured[i]);
	for (size_t i = 0; i < servers->resolver_count; i++)
		dns_server_report(servers->resolver[i]);
}

const char *dns_servers_error(const struct dns_servers *servers)
{
	return servers->error;
}
