/* This node's own resolver: the file, its servers, and what a lookup costs now.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/dns/resolver/resolver.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/log.h"
#include "lib/loop.h"
#include "lib/memory.h"
#include "lib/settings_dns.h"
#include "lib/table.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/report.h"
#include "subagent/sources/dns/resolver/delay.h"
#include "subagent/sources/dns/resolver/lookup.h"
#include "subagent/sources/dns/resolver/resolv_conf.h"
#include "subagent/sources/dns/rows.h"
#include "subagent/watched_files.h"

/* Milliseconds: whoever writes the file may write several times. */
#define PAUSE 100
#define FIGURES_INTERVAL 2000

struct dns_resolver {
	const struct settings_dns *settings;
	dns_resolver_ask *ask;
	void *argument;
	struct watched_files *files; /* the one, number 0 */
	int64_t read_at;             /* when it is to be read; 0: when it changes */
	struct resolv_conf conf;
	bool broken[RESOLV_USED_MAX]; /* servers of a family that this kernel has not got */
	struct dns_delay delays[RESOLV_USED_MAX];
	struct dns_resolver_row row, said;
	int64_t told; /* clock_now() of the last report */
};

/* ---- the file ---- */

static void fill_facts(struct dns_resolver *resolver)
{
	const struct resolv_conf *conf = &resolver->conf;
	struct dns_resolver_row *row = &resolver->row;

	row->read_time.wall = clock_wall();
	row->stub = conf->stub ? HaAnswer_yes : HaAnswer_no;
	if (conf->error)
		row->stub = HaAnswer_unknown;
	row->servers = resolv_conf_used(conf);
	row->ignored = conf->servers_count - row->servers;
	row->timeout = conf->timeout;
	row->attempts = conf->attempts;
	row->rotate = conf->rotate ? TruthValue_true : TruthValue_false;
	row->ndots = conf->ndots;
	TEXT_PUT(row->search, conf->search);
}

static bool is_broken(const struct address *server)
{
	int fd = socket(server->family, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return errno == EAFNOSUPPORT;
	close(fd);
	return false;
}

static void begin_servers(struct dns_resolver *resolver)
{
	const struct resolv_conf *conf = &resolver->conf;

	for (uint32_t i = 0; i < RESOLV_USED_MAX; i++)
		dns_delay_close(&resolver->delays[i]);
	for (uint32_t i = 0; i < resolv_conf_used(conf); i++) {
		resolver->broken[i] = is_broken(&conf->servers[i]);
		dns_delay_open(&resolver->delays[i], &conf->servers[i], lookup_patience(conf, i));
	}
}

static void read_file(struct dns_resolver *resolver)
{
	const char *path = resolver->settings->resolver_file;
	int error = resolver->conf.error;

	resolv_conf_read(&resolver->conf, path);
	fill_facts(resolver);
	begin_servers(resolver);
	if (resolver->conf.error && resolver->conf.error != error)
		log_warning("%s: %s", path, strerror(resolver->conf.error));
}

static bool same_servers(const struct resolv_conf *one, const struct resolv_conf *other)
{
	return one->servers_count == other->servers_count &&
	       !memcmp(one->servers, other->servers, sizeof(one->servers));
}

bool dns_resolver_turn(struct dns_resolver *resolver)
{
	struct resolv_conf before;

	if (watched_files_take(resolver->files, 0) && !resolver->read_at)
		resolver->read_at = clock_now() + PAUSE;
	if (!resolver->read_at || clock_now() < resolver->read_at)
		return false;
	resolver->read_at = 0;
	before = resolver->conf;
	read_file(resolver);
	return !same_servers(&before, &resolver->conf);
}

const struct resolv_conf *dns_resolver_conf(const struct dns_resolver *resolver)
{
	return &resolver->conf;
}

/* ---- the verdict ---- */

static bool has(const struct lookup_server *servers, uint32_t count, enum lookup_health health)
{
	for (uint32_t i = 0; i < count; i++)
		if (servers[i].health == health)
			return true;
	return false;
}

/* Of servers with which a lookup need not fail. One that begins with the first server is not harmed
 * by the others. */
static int32_t state_of_used(const struct resolv_conf *conf, const struct lookup_server *servers)
{
	uint32_t used = resolv_conf_used(conf), asked = conf->rotate ? used : 1;

	if (!has(servers, used, LOOKUP_ANSWERS) && has(servers, used, LOOKUP_UNKNOWN))
		return haResolverState_unknown;
	if (has(servers, asked, LOOKUP_SILENT) || has(servers, asked, LOOKUP_REFUSES))
		return haResolverState_degraded;
	return has(servers, asked, LOOKUP_UNKNOWN) ? haResolverState_unknown : haResolverState_ok;
}

static int32_t state_of(const struct resolv_conf *conf, const struct lookup_server *servers,
			const struct lookup_cost *cost)
{
	if (conf->error)
		return haResolverState_unreadable;
	if (!resolv_conf_used(conf))
		return haResolverState_noServers;
	return cost->fails ? haResolverState_down : state_of_used(conf, servers);
}

static int32_t cost_of(const struct dns_resolver *resolver, const struct lookup_cost *cost)
{
	uint32_t limit = resolver->settings->resolver_limit;

	if (resolver->row.resolver_state == haResolverState_unknown)
		return haResolverCost_unknown;
	return limit && cost->expected > limit ? haResolverCost_aboveLimit :
						 haResolverCost_withinLimit;
}

/* What is known of a server by its checks, which wait for other times than the C library. One that
 * refuses with an answer has told its latency. */
static void measure(struct dns_resolver *resolver, uint32_t position, struct lookup_server *server)
{
	struct dns_delay *delay = &resolver->delays[position];
	uint64_t microseconds;

	if (server->health != LOOKUP_SILENT &&
	    (server->health != LOOKUP_REFUSES || server->latency)) {
		dns_delay_close(delay);
		return;
	}
	dns_delay_turn(delay);
	if (!dns_delay_told(delay, &microseconds) && server->health == LOOKUP_SILENT)
		return;
	server->health = microseconds < delay->limit ? LOOKUP_REFUSES : LOOKUP_SILENT;
	server->latency = (uint32_t)microseconds;
}

static void ask_all(struct dns_resolver *resolver, struct lookup_server *servers)
{
	for (uint32_t i = 0; i < resolv_conf_used(&resolver->conf); i++) {
		if (resolver->broken[i]) {
			servers[i].health = LOOKUP_BREAKS;
			continue;
		}
		resolver->ask(resolver->argument, i, &servers[i]);
		measure(resolver, i, &servers[i]);
	}
}

/* For the state, a server that answers too late is as good as silent. */
static void silence_late(const struct resolv_conf *conf, struct lookup_server *servers)
{
	for (uint32_t i = 0; i < resolv_conf_used(conf); i++)
		if (servers[i].health == LOOKUP_ANSWERS &&
		    servers[i].latency > lookup_patience(conf, i))
			servers[i].health = LOOKUP_SILENT;
}

static void judge(struct dns_resolver *resolver)
{
	struct lookup_server servers[RESOLV_USED_MAX] = { { .health = LOOKUP_UNKNOWN } };
	struct dns_resolver_row *row = &resolver->row;
	struct lookup_cost cost;
	int32_t state;

	ask_all(resolver, servers);
	lookup_judge(&resolver->conf, servers, &cost);
	silence_late(&resolver->conf, servers);
	state = state_of(&resolver->conf, servers, &cost);
	if (state != row->resolver_state)
		row->state_time.wall = clock_wall();
	row->resolver_state = state;
	row->expected = cost.expected;
	row->worst = cost.worst;
	row->lookups_per_hour = cost.per_hour;
	row->cost = cost_of(resolver, &cost);
}

static bool is_figure(const struct column *column)
{
	return column->object == mib_haResolverExpectedTime ||
	       column->object == mib_haResolverWorstTime ||
	       column->object == mib_haResolverLookupsPerHour;
}

/* Whether the row differs from the one that was reported last; in a figure, or in all else. */
static bool is_news(const struct dns_resolver *resolver, bool figure)
{
	const struct table *table = &dns_resolver_table;

	for (size_t i = 0; i < table->columns_count; i++)
		if (is_figure(&table->columns[i]) == figure &&
		    table_differs(&table->columns[i], &resolver->row, &resolver->said))
			return true;
	return false;
}

void dns_resolver_judge(struct dns_resolver *resolver)
{
	bool due = clock_now() >= resolver->told + FIGURES_INTERVAL;

	judge(resolver);
	if (is_news(resolver, false) || (due && is_news(resolver, true)))
		dns_resolver_report(resolver);
}

void dns_resolver_report(struct dns_resolver *resolver)
{
	report_row(&dns_resolver_table, &resolver->row);
	resolver->said = resolver->row;
	resolver->told = clock_now();
}

void dns_resolver_watch(struct dns_resolver *resolver)
{
	watched_files_watch(resolver->files);
	for (uint32_t i = 0; i < resolv_conf_used(&resolver->conf); i++)
		dns_delay_watch(&resolver->delays[i]);
	loop_wake(resolver->read_at);
	if (is_news(resolver, true))
		loop_wake(resolver->told + FIGURES_INTERVAL);
}

/* ---- the whole ---- */

struct dns_resolver *dns_resolver_open(const struct settings_dns *settings, dns_resolver_ask *ask,
				       void *argument)
{
	struct dns_resolver *resolver = memory_new(1, sizeof(*resolver));

	resolver->settings = settings;
	resolver->ask = ask;
	resolver->argument = argument;
	resolver->row.head.state = HaRowState_fresh;
	resolver->row.resolver_state = haResolverState_unknown;
	resolver->row.state_time.wall = clock_wall();
	resolver->row.limit = settings->resolver_limit;
	TEXT_PUT(resolver->row.file, settings->resolver_file);
	resolver->files = watched_files_open();
	watched_files_add(resolver->files, settings->resolver_file);
	watched_files_take(resolver->files, 0);
	for (uint32_t i = 0; i < RESOLV_USED_MAX; i++)
		resolver->delays[i].fd = -1;
	read_file(resolver);
	return resolver;
}

void dns_resolver_close(struct dns_resolver *resolver)
{
	watched_files_close(resolver->files);
	for (uint32_t i = 0; i < RESOLV_USED_MAX; i++)
		dns_delay_close(&resolver->delays[i]);
	free(resolver);
}
