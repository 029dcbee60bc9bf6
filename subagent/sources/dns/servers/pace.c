/* Rows that wait to be told: figures of ten thousand servers are told at a pace that costs little.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/dns/servers/pace.h"

#include <string.h>

#include "lib/clock.h"
#include "lib/loop.h"
#include "subagent/sources/dns/servers/server.h"

#define PAUSE (PACE_ROWS_AT_ONCE * 1000 / PACE_ROWS_A_SECOND / 2) /* milliseconds */

void dns_pace_open(struct dns_pace *pace)
{
	memset(pace, 0, sizeof(*pace));
	pace->end = &pace->queue;
}

void dns_pace_add(struct dns_pace *pace, struct dns_server *server)
{
	if (server->queued)
		return;
	server->queued = true;
	server->next = NULL;
	*pace->end = server;
	pace->end = &server->next;
}

static struct dns_server *take_first(struct dns_pace *pace)
{
	struct dns_server *server = pace->queue;

	pace->queue = server->next;
	if (!pace->queue)
		pace->end = &pace->queue;
	server->queued = false;
	return server;
}

void dns_pace_drop(struct dns_pace *pace, struct dns_server *server)
{
	struct dns_server **link = &pace->queue;

	if (!server->queued)
		return;
	while (*link != server)
		link = &(*link)->next;
	*link = server->next;
	if (!*link)
		pace->end = link;
	server->queued = false;
}

static void grant(struct dns_pace *pace, int64_t now)
{
	int64_t more = (now - pace->granted_at) * PACE_ROWS_A_SECOND / 1000;

	if (pace->granted + more > PACE_ROWS_AT_ONCE)
		pace->granted = PACE_ROWS_AT_ONCE;
	else
		pace->granted += (uint32_t)more;
	pace->granted_at = now;
}

void dns_pace_tell(struct dns_pace *pace)
{
	int64_t now = clock_now();

	grant(pace, now);
	for (; pace->queue && pace->granted; pace->granted--)
		dns_server_report(take_first(pace));
	if (pace->queue)
		loop_wake(now + PAUSE);
}
