/* All zones: opened, turned and reported together.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/dns/zones/zones.h"

#include <stdlib.h>

#include "lib/clock.h"
#include "lib/loop.h"
#include "lib/memory.h"
#include "lib/settings_dns.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/sources/dns/zones/inquiry.h"
#include "subagent/sources/dns/zones/zone.h"

/* Milliseconds from the start of one zone to that of the next. */
#define STAGGER 5

/* The time of day was set when it has moved by more than this against the time since boot. */
#define CLOCK_STEP 500

struct dns_zones {
	size_t count;
	struct zone *list;
	int64_t *due; /* of each zone, clock_now() */
	struct queue *queues;
	int64_t offset; /* time of day minus time since boot */
};

struct dns_zones *dns_zones_open(const struct settings_dns *settings, struct dns_engine *engine)
{
	struct dns_zones *zones = memory_new(1, sizeof(*zones));
	int64_t now = clock_now();

	zones->count = settings->zones_count;
	zones->list = memory_new(zones->count, sizeof(*zones->list));
	zones->due = memory_new(zones->count, sizeof(*zones->due));
	zones->queues = memory_new(settings->servers_count, sizeof(*zones->queues));
	zones->offset = clock_wall() - now;
	for (size_t i = 0; i < settings->servers_count; i++)
		queue_open(&zones->queues[i], engine, &settings->servers[i]);
	for (size_t i = 0; i < zones->count; i++) {
		int64_t wait = (int64_t)i * STAGGER % settings->zones[i].interval;

		zone_open(&zones->list[i], settings, &settings->zones[i], zones->queues,
			  now + wait);
	}
	return zones;
}

void dns_zones_close(struct dns_zones *zones)
{
	for (size_t i = 0; i < zones->count; i++)
		zone_close(&zones->list[i]);
	free(zones->queues);
	free(zones->due);
	free(zones->list);
	free(zones);
}

static bool is_member(const struct settings_zone *zone, int server)
{
	for (size_t i = 0; i < zone->servers_count; i++)
		if ((int)zone->servers[i] == server)
			return true;
	return false;
}

const char *dns_zones_refuse(const struct settings_dns *settings, int *line)
{
	static char error[512];
	struct terms terms;

	for (size_t i = 0; i < settings->zones_count; i++) {
		const struct settings_zone *zone = &settings->zones[i];

		*line = zone->line;
		if (!terms_read(&terms, zone, error, sizeof(error)))
			return error;
		terms_free(&terms);
		if (zone->primary >= 0 && !is_member(zone, zone->primary))
			return "the primary is none of the servers of the zone";
	}
	return NULL;
}

/* Whether the time of day was set since the last call. */
static bool notice_step(struct dns_zones *zones, int64_t offset)
{
	int64_t step = offset - zones->offset;
	bool was_set = step > CLOCK_STEP || step < -CLOCK_STEP;

	if (was_set)
		zones->offset = offset;
	return was_set;
}

void dns_zones_turn(struct dns_zones *zones)
{
	int64_t now = clock_now(), wall = clock_wall();
	bool was_set = notice_step(zones, wall - now);

	for (size_t i = 0; i < zones->count; i++) {
		if (was_set || zones->list[i].changed || now >= zones->due[i])
			zones->due[i] = zone_turn(&zones->list[i], now, wall);
		loop_wake(zones->due[i]);
	}
}

int32_t dns_zones_state(const struct dns_zones *zones, size_t zone, size_t server)
{
	return zone < zones->count ? zone_state(&zones->list[zone], server) :
				     haDnsZoneState_unknown;
}

void dns_zones_report(struct dns_zones *zones)
{
	int64_t now = clock_now(), wall = clock_wall();

	for (size_t i = 0; i < zones->count; i++)
		zone_report(&zones->list[i], now, wall);
}
