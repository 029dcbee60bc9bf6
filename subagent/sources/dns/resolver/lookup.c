/* What one lookup of this node costs now: the C library's resolver, played through.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/dns/resolver/lookup.h"

#include <stdint.h>

#define SECOND 1000000
#define HOUR 3600000

/* A lookup under way, as __res_context_send() and send_dg() of glibc's resolv/res_send.c go about
 * it. All in microseconds since its begin. */
struct course {
	const struct resolv_conf *conf;
	const struct lookup_server *servers;
	uint64_t now;
	uint64_t asked[RESOLV_USED_MAX]; /* when each was first asked by the socket that it has */
	bool open[RESOLV_USED_MAX];      /* whether it has one */
	bool broken;
};

/* Each twice as long as the one before, and all but the first divided by their number. */
uint64_t lookup_patience(const struct resolv_conf *conf, uint32_t position)
{
	uint32_t seconds = conf->timeout << position;

	if (position > 0)
		seconds /= resolv_conf_used(conf);
	return (seconds ? seconds : 1) * (uint64_t)SECOND;
}

/* A server that is given up for its error takes the sockets of all others with it. */
static bool refused(struct course *course, uint32_t latency, uint64_t limit)
{
	course->now += latency < limit ? latency : limit;
	for (uint32_t i = 0; i < RESOLV_USED_MAX; i++)
		course->open[i] = false;
	return false;
}

/* A server that was not waited for long enough keeps its socket: when it is asked again, the answer
 * to the first question is taken. */
static bool answered(struct course *course, uint32_t position, uint32_t latency, uint64_t limit)
{
	uint64_t arrival;

	if (!course->open[position])
		course->asked[position] = course->now;
	course->open[position] = true;
	arrival = course->asked[position] + latency;
	if (arrival > course->now + limit) {
		course->now += limit;
		return false;
	}
	if (arrival > course->now)
		course->now = arrival;
	return true;
}

/* Whether the server answers when it is asked now. */
static bool ask(struct course *course, uint32_t position)
{
	const struct lookup_server *server = &course->servers[position];
	uint64_t limit = lookup_patience(course->conf, position);

	switch (server->health) {
	case LOOKUP_UNKNOWN:
	case LOOKUP_ANSWERS:
		return answered(course, position, server->latency, limit);
	case LOOKUP_REFUSES:
		return refused(course, server->latency, limit);
	case LOOKUP_BREAKS:
		course->broken = true;
		return false;
	case LOOKUP_SILENT:
		break;
	}
	course->now += limit;
	return false;
}

/* Whether one is answered that begins with the server at `first`. */
static bool run(struct course *course, uint32_t first)
{
	uint32_t used = resolv_conf_used(course->conf);
	uint32_t questions = used * course->conf->attempts;

	for (uint32_t i = 0; i < questions && !course->broken; i++)
		if (ask(course, (first + i) % used))
			return true;
	return false;
}

static uint32_t milliseconds(uint64_t microseconds)
{
	return (uint32_t)((microseconds + 999) / 1000);
}

void lookup_judge(const struct resolv_conf *conf, const struct lookup_server *servers,
		  struct lookup_cost *cost)
{
	uint32_t used = resolv_conf_used(conf);
	uint32_t courses = conf->rotate && used > 0 ? used : 1;
	uint64_t sum = 0, worst = 0;

	cost->fails = false;
	for (uint32_t first = 0; first < courses; first++) {
		struct course course = { .conf = conf, .servers = servers };

		if (used && !run(&course, first))
			cost->fails = true;
		sum += course.now;
		worst = course.now > worst ? course.now : worst;
	}
	cost->expected = milliseconds(sum / courses);
	cost->worst = milliseconds(worst);
	cost->per_hour = HOUR / (cost->expected ? cost->expected : 1);
}
