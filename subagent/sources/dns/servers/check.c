/* The memory of one server's checks: state with rise and fall, and latencies over a window.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/dns/servers/check.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "lib/settings_dns.h"
#include "mib/ha-agentx-mib.h"

void dns_check_open(struct dns_check *check, uint32_t window)
{
	assert(window >= 1 && window <= DNS_WINDOW_MAX);
	memset(check, 0, sizeof(*check));
	check->state = haDnsServerState_unknown;
	check->reason = haDnsServerReason_unknown;
	check->last.state = haDnsServerState_unknown;
	check->last.reason = haDnsServerReason_unknown;
	check->last.rcode = -1;
	check->window = (uint8_t)window;
}

static void take_latency(struct dns_check *check, uint32_t latency)
{
	check->latencies[check->next] = latency;
	check->next = (uint8_t)((check->next + 1) % check->window);
	if (check->filled < check->window)
		check->filled++;
}

/* How many good or bad checks in a row it takes to believe them. */
static uint32_t patience(const struct dns_check *check, const struct settings_check *settings,
			 bool good)
{
	if (check->state == haDnsServerState_unknown)
		return 1;
	if (check->state == haDnsServerState_down)
		return good ? settings->rise : 1;
	return good ? 1 : settings->fall;
}

static bool believe(struct dns_check *check, const struct dns_verdict *verdict, int64_t wall)
{
	if (check->state == verdict->state && check->reason == verdict->reason)
		return false;
	if (check->state != verdict->state)
		check->state_wall = wall;
	check->state = verdict->state;
	check->reason = verdict->reason;
	return true;
}

bool dns_check_take(struct dns_check *check, const struct settings_check *settings,
		    const struct dns_verdict *verdict, int64_t wall)
{
	bool good = verdict->state != haDnsServerState_down;
	uint32_t row;

	check->last = *verdict;
	check->successes = good ? check->successes + 1 : 0;
	check->failures = good ? 0 : check->failures + 1;
	row = good ? check->successes : check->failures;
	if (good)
		check->good_wall = wall;
	if (verdict->rcode >= 0)
		take_latency(check, verdict->latency);
	return row >= patience(check, settings, good) && believe(check, verdict, wall);
}

/* ---- latencies ---- */

static int compare(const void *one, const void *other)
{
	const uint32_t *a = one, *b = other;

	return (*a > *b) - (*a < *b);
}

struct dns_latency dns_check_latency(const struct dns_check *check)
{
	struct dns_latency latency = { 0 };
	uint32_t sorted[DNS_WINDOW_MAX];
	uint32_t count = check->filled;
	uint64_t sum = 0;

	if (count == 0)
		return latency;
	memcpy(sorted, check->latencies, count * sizeof(*sorted));
	qsort(sorted, count, sizeof(*sorted), compare);
	for (uint32_t i = 0; i < count; i++)
		sum += sorted[i];
	latency.min = sorted[0];
	latency.mean = (uint32_t)((sum + count / 2) / count);
	latency.max = sorted[count - 1];
	/* By nearest rank: the least that is not below 95 of 100. */
	latency.p95 = sorted[(count * 95 + 99) / 100 - 1];
	return latency;
}
