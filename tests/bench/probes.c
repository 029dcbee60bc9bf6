/* Drives the DNS engine with full checking: flat out, or as thousands of servers on their schedule.
 * SPDX-License-Identifier: BSD-2-Clause
 *
 *     probes ADDRESS PORT NAME TYPE IN_FLIGHT SECONDS
 *
 * asks one server as fast as it goes, with IN_FLIGHT questions under way at any time, and prints
 * what a probe costs this process.
 *
 *     probes schedule SERVERS INTERVAL_MS SECONDS ADDRESS PORT [BLACKHOLES]
 *
 * asks SERVERS times in an interval for the SOA record of example.com, spread evenly, each as a
 * server of its own; BLACKHOLES of them are a port of this machine where nobody answers. Prints
 * what that costs and how far from its time a check of the others began.
 */
#include <err.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include "lib/address.h"
#include "lib/clock.h"
#include "lib/loop.h"
#include "lib/memory.h"
#include "lib/settings_dns.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/sources/dns/engine/engine.h"
#include "subagent/sources/dns/engine/tally.h"
#include "subagent/sources/dns/servers/check.h"
#include "subagent/sources/dns/servers/policy.h"

enum { JITTER_STEPS = 100000, STEP = 100 /* microseconds */ };

struct server {
	struct dns_exchange exchange;
	struct timer timer; /* when the next check is due */
	struct dns_tally tally;
	struct dns_check check;
	bool silent;
};

static struct {
	struct dns_engine *engine;
	struct dns_policy *policy;
	struct settings_check settings;
	uint32_t interval;
	int64_t end;
	uint64_t probes, good, skipped, begun;
	uint64_t jitter[JITTER_STEPS];
} bench;

static const char *const no_texts[] = { NULL };

static unsigned long number(const char *text)
{
	char *end;
	unsigned long value = strtoul(text, &end, 10);

	if (*end || !*text)
		errx(1, "%s is not a number", text);
	return value;
}

static void open_bench(const char *name, const char *type, uint32_t timeout)
{
	char error[256];

	bench.settings = (struct settings_check){
		.query = name,
		.type = type,
		.class = "IN",
		.timeout = timeout,
		.tries = 1,
		.rise = 1,
		.fall = 1,
		.edns_size = 1232,
		.rcodes = no_texts,
		.answers = no_texts,
	};
	bench.engine = dns_engine_open();
	bench.policy = dns_policy_make(&bench.settings, error, sizeof(error));
	if (!bench.policy)
		errx(1, "%s", error);
}

static void open_server(struct server *server, const char *address, unsigned long port,
			void (*done)(struct dns_exchange *, const struct dns_outcome *))
{
	server->exchange.question = dns_policy_question(bench.policy);
	server->exchange.tally = &server->tally;
	server->exchange.timeout = bench.settings.timeout;
	server->exchange.tries = (uint8_t)bench.settings.tries;
	server->exchange.done = done;
	dns_check_open(&server->check, DNS_WINDOW_MAX);
	if (!address_parse(&server->exchange.server, address, (uint16_t)port))
		errx(1, "%s is not an address", address);
}

static void judge(struct dns_exchange *exchange, const struct dns_outcome *outcome)
{
	struct server *server = (struct server *)exchange;
	struct dns_verdict verdict;

	dns_policy_judge(bench.policy, outcome, exchange->tally, &verdict);
	dns_check_take(&server->check, &bench.settings, &verdict, clock_wall());
	bench.probes++;
	bench.good += verdict.state == haDnsServerState_up;
}

static double processor_seconds(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
	       (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

/* Resident now, in octets (proc(5)). */
static double resident(void)
{
	unsigned long total = 0, pages = 0;
	FILE *file = fopen("/proc/self/statm", "re");

	if (!file || fscanf(file, "%lu %lu", &total, &pages) != 2)
		errx(1, "/proc/self/statm cannot be read");
	fclose(file);
	return (double)pages * 4096;
}

static void run_for(unsigned long seconds)
{
	bench.end = clock_now() + (int64_t)seconds * 1000;
	while (clock_now() < bench.end) {
		dns_engine_turn(bench.engine);
		dns_engine_watch(bench.engine);
		loop_wake(bench.end);
		loop_turn();
	}
}

/* ---- flat out ---- */

static void ask_again(struct dns_exchange *exchange, const struct dns_outcome *outcome)
{
	judge(exchange, outcome);
	dns_engine_start(bench.engine, exchange);
}

static void run_flat_out(char **argument)
{
	unsigned long in_flight = number(argument[4]), seconds = number(argument[5]);
	struct server *servers = memory_new(in_flight, sizeof(*servers));
	double used;

	open_bench(argument[2], argument[3], 2000);
	for (unsigned long i = 0; i < in_flight; i++) {
		open_server(&servers[i], argument[0], number(argument[1]), ask_again);
		dns_engine_start(bench.engine, &servers[i].exchange);
	}
	used = processor_seconds();
	run_for(seconds);
	used = processor_seconds() - used;
	printf("probes: %llu\ngood: %llu\nprobes per second: %.0f\nprocessor seconds: %.2f\n"
	       "probes per core-second: %.0f\nmicroseconds per probe: %.2f\n",
	       (unsigned long long)bench.probes, (unsigned long long)bench.good,
	       (double)bench.probes / (double)seconds, used, (double)bench.probes / used,
	       used * 1e6 / (double)bench.probes);
	dns_engine_close(bench.engine);
	dns_policy_free(bench.policy);
	free(servers);
}

/* ---- on schedule ---- */

static void note_jitter(const struct server *server)
{
	int64_t step = (clock_microseconds() - server->timer.when * 1000) / STEP;

	if (server->silent)
		return;
	bench.jitter[step < JITTER_STEPS ? step : JITTER_STEPS - 1]++;
	bench.begun++;
}

static void begin_check(struct timer *timer)
{
	struct server *server = TIMER_OWNER(timer, server, timer);

	note_jitter(server);
	timers_set(dns_engine_timers(bench.engine), timer, timer->when + bench.interval);
	if (dns_exchange_runs(&server->exchange))
		bench.skipped++;
	else
		dns_engine_start(bench.engine, &server->exchange);
}

static double jitter_at(double share)
{
	uint64_t wanted = (uint64_t)((double)bench.begun * share), seen = 0;
	int step = 0;

	while (step < JITTER_STEPS - 1 && (seen += bench.jitter[step]) <= wanted)
		step++;
	return (double)(step + 1) * STEP / 1000;
}

static double jitter_max(void)
{
	int step = JITTER_STEPS - 1;

	while (step > 0 && !bench.jitter[step])
		step--;
	return (double)(step + 1) * STEP / 1000;
}

/* A port at which questions are kept, and nobody reads them. */
static uint16_t open_black_hole(const char *address)
{
	struct sockaddr_storage name;
	socklen_t length = sizeof(name);
	struct address hole;
	int fd;

	if (!address_parse(&hole, address, 0))
		errx(1, "%s is not an address", address);
	fd = socket(hole.family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	length = address_to_socket(&hole, &name);
	if (fd < 0 || bind(fd, (struct sockaddr *)&name, length) < 0)
		err(1, "a port that does not answer");
	length = sizeof(name);
	if (getsockname(fd, (struct sockaddr *)&name, &length) < 0 ||
	    !address_from_socket(&hole, &name))
		err(1, "getsockname");
	return hole.port;
}

static void schedule(struct server *servers, unsigned long count, unsigned long holes,
		     char **argument)
{
	uint16_t hole = open_black_hole(argument[4]);
	int64_t begin = clock_now() + 100;

	for (unsigned long i = 0; i < count; i++) {
		struct server *server = &servers[i];

		server->silent = i * holes / count != (i + 1) * holes / count;
		open_server(server, argument[4], server->silent ? hole : number(argument[5]),
			    judge);
		server->timer.call = begin_check;
		timers_set(dns_engine_timers(bench.engine), &server->timer,
			   begin + (int64_t)(i * bench.interval / count));
	}
}

static void print_schedule(unsigned long count, unsigned long seconds, double used, double memory)
{
	printf("probes: %llu\ngood: %llu\nskipped: %llu\nprobes per second: %.0f\n"
	       "share of a core: %.1f %%\nmicroseconds per probe: %.1f\n",
	       (unsigned long long)bench.probes, (unsigned long long)bench.good,
	       (unsigned long long)bench.skipped, (double)bench.probes / (double)seconds,
	       used * 100 / (double)seconds, used * 1e6 / (double)bench.probes);
	printf("jitter p50: %.1f ms\njitter p99: %.1f ms\njitter max: %.1f ms\n"
	       "sockets: %zu\nmemory per server: %.0f octets\n",
	       jitter_at(0.5), jitter_at(0.99), jitter_max(), dns_engine_sockets(bench.engine),
	       memory / (double)count);
}

static void run_schedule(int count, char **argument)
{
	unsigned long servers_count = number(argument[1]), seconds = number(argument[3]);
	unsigned long holes = count > 6 ? number(argument[6]) : 0;
	double before = resident(), used, memory;
	struct server *servers = memory_new(servers_count, sizeof(*servers));

	bench.interval = (uint32_t)number(argument[2]);
	open_bench("example.com", "SOA", bench.interval * 9 / 10);
	schedule(servers, servers_count, holes, argument);
	used = processor_seconds();
	run_for(seconds);
	used = processor_seconds() - used;
	memory = resident() - before;
	print_schedule(servers_count, seconds, used, memory);
	dns_engine_close(bench.engine);
	dns_policy_free(bench.policy);
	free(servers);
}

int main(int argc, char **argv)
{
	if (argc >= 7 && argc <= 8 && !strcmp(argv[1], "schedule"))
		run_schedule(argc - 1, argv + 1);
	else if (argc == 7)
		run_flat_out(argv + 1);
	else
		errx(2, "usage: probes ADDRESS PORT NAME TYPE IN_FLIGHT SECONDS\n"
			"       probes schedule SERVERS INTERVAL_MS SECONDS ADDRESS PORT "
			"[BLACKHOLES]");
	return 0;
}
