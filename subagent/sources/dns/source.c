/* The DNS source: name servers, zones, gates, and the resolver of this node.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/dns/source.h"

#include <sys/resource.h>

#include "lib/clock.h"
#include "lib/frame.h"
#include "lib/loop.h"
#include "lib/memory.h"
#include "lib/settings.h"
#include "lib/settings_dns.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/report.h"
#include "subagent/source.h"
#include "subagent/sources/dns/engine/engine.h"
#include "subagent/sources/dns/gates.h"
#include "subagent/sources/dns/resolver/resolver.h"
#include "subagent/sources/dns/rows.h"
#include "subagent/sources/dns/servers/servers.h"
#include "subagent/sources/dns/zones/zones.h"

struct dns {
	const struct settings_dns *settings;
	struct dns_engine *engine;
	struct dns_servers *servers;
	struct dns_zones *zones;
	struct dns_resolver *resolver;
	struct dns_gates *gates;
	int64_t patience; /* clock_now() at which rows go out with what is known; 0: they do */
};

/* A server whose zone is not known yet is not known to be fit. */
static int32_t fitness_of_zone(int32_t zone_state)
{
	switch (zone_state) {
	case haDnsZoneState_inSync:
	case haDnsZoneState_lagging:
		return haDnsServerState_up;
	case haDnsZoneState_unknown:
		return haDnsServerState_unknown;
	default:
		return haDnsServerState_down;
	}
}

static int32_t ask_for_gate(void *argument, const struct settings_gate *gate, size_t server)
{
	const struct dns *dns = argument;
	int32_t state = dns_servers_state(dns->servers, server);

	for (size_t i = 0; i < gate->zones_count && state != haDnsServerState_down; i++) {
		int32_t zone = dns_zones_state(dns->zones, gate->zones[i], server);
		int32_t fitness = fitness_of_zone(zone);

		if (fitness != haDnsServerState_up)
			state = fitness;
	}
	return state;
}

static void ask_for_resolver(void *argument, uint32_t position, struct lookup_server *health)
{
	const struct dns *dns = argument;

	dns_servers_health(dns->servers, position, health);
}

/* Each connection by TCP is a descriptor. */
static void raise_descriptors(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
}

static void report_table(const struct table *table, void (*report)(struct dns *dns),
			 struct dns *dns)
{
	report_begin(table);
	report(dns);
	report_end(table);
}

static void report_servers(struct dns *dns)
{
	dns_servers_report(dns->servers);
}

static void report_zones(struct dns *dns)
{
	dns_zones_report(dns->zones);
}

static void report_gates(struct dns *dns)
{
	dns_gates_report(dns->gates);
}

static void report_resolver(struct dns *dns)
{
	dns_resolver_report(dns->resolver);
}

static void open_parts(struct dns *dns, const struct settings_dns *settings)
{
	raise_descriptors();
	dns->settings = settings;
	dns->engine = dns_engine_open();
	dns->servers = dns_servers_open(settings, dns->engine);
	dns->zones = dns_zones_open(settings, dns->engine);
	dns->gates = dns_gates_open(settings, ask_for_gate, dns);
	dns->resolver = dns_resolver_open(settings, ask_for_resolver, dns);
	dns_servers_follow(dns->servers, dns_resolver_conf(dns->resolver));
	dns->patience = clock_now() + dns_servers_patience(dns->servers);
	report_hold(true);
}

static bool zones_known(const struct dns *dns)
{
	for (size_t z = 0; z < dns->settings->zones_count; z++) {
		const struct settings_zone *zone = &dns->settings->zones[z];

		for (size_t i = 0; i < zone->servers_count; i++)
			if (dns_zones_state(dns->zones, z, zone->servers[i]) ==
			    haDnsZoneState_unknown)
				return false;
	}
	return true;
}

/* Rows go out when everything has been asked once: a source that has been started again does not
 * take back what the hub knows, and nobody is told that what is up has come up. */
static void release_rows(struct dns *dns)
{
	if (!dns->patience)
		return;
	loop_wake(dns->patience);
	if (clock_now() < dns->patience && !(dns_servers_known(dns->servers) && zones_known(dns)))
		return;
	dns->patience = 0;
	report_hold(false);
	report_table(&dns_server_table, report_servers, dns);
	report_table(&dns_zone_table, report_zones, dns);
	report_table(&dns_gate_table, report_gates, dns);
	report_table(&dns_resolver_table, report_resolver, dns);
}

static void close_parts(struct dns *dns)
{
	dns_resolver_close(dns->resolver);
	dns_gates_close(dns->gates);
	dns_zones_close(dns->zones);
	dns_servers_close(dns->servers);
	dns_engine_close(dns->engine);
}

static void turn_parts(struct dns *dns)
{
	if (dns_resolver_turn(dns->resolver))
		dns_servers_follow(dns->servers, dns_resolver_conf(dns->resolver));
	dns_engine_turn(dns->engine);
	dns_servers_turn(dns->servers);
	dns_zones_turn(dns->zones);
	dns_gates_judge(dns->gates);
	dns_resolver_judge(dns->resolver);
	release_rows(dns);
}

static void tell_pulse(const struct dns *dns)
{
	struct pulse pulse = { .state = haSourceState_running, .reason = haSourceReason_none };

	TEXT_PUT(pulse.error, dns_servers_error(dns->servers));
	report_pulse(&pulse);
}

static void run(const struct settings *settings)
{
	struct dns dns;

	open_parts(&dns, settings->dns);
	while (!loop_ended() && !report_lost()) {
		turn_parts(&dns);
		tell_pulse(&dns);
		dns_gates_watch(dns.gates);
		dns_resolver_watch(dns.resolver);
		dns_engine_watch(dns.engine);
		loop_turn();
	}
	close_parts(&dns);
}

static bool is_wanted(const struct settings *settings)
{
	return settings->dns_watch != WATCH_NO;
}

static const char *refuse(const struct settings *settings, int *line)
{
	const char *error = dns_servers_refuse(settings->dns, line);

	return error ? error : dns_zones_refuse(settings->dns, line);
}

const struct source dns_source = {
	.name = "dns",
	.tables = dns_tables,
	.capabilities = 0,
	.wanted = is_wanted,
	.refuse = refuse,
	.run = run,
};
