/* One name server that is checked on its schedule.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_DNS_SERVER_H
#define HA_DNS_SERVER_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/settings_dns.h"
#include "subagent/pace.h"
#include "subagent/sources/dns/engine/engine.h"
#include "subagent/sources/dns/engine/tally.h"
#include "subagent/sources/dns/engine/timers.h"
#include "subagent/sources/dns/servers/check.h"

struct lookup_server;

struct dns_server {
	/* The owner's: */
	char name[SETTINGS_DNS_NAME_MAX + 1];
	uint32_t position;       /* in resolv.conf, from 1; 0: not there */
	bool configured;         /* named in the configuration */
	bool missing;            /* was in resolv.conf, and is no more */
	bool first;              /* was there when resolv.conf was read first */
	struct paced paced;      /* its figures wait to be told */
	struct dns_server *next; /* of the retired */
	int64_t retired;         /* clock_now() */
	/* A check has ended; `moved': state or reason are others than before it. */
	void (*checked)(struct dns_server *server, bool moved);
	void *owner;

	struct dns_engine *engine;
	const struct dns_policy *policy;
	const struct settings_check *settings;
	uint8_t running; /* exchanges of the check that have not ended */
	struct timer timer;
	struct dns_exchange exchange;
	struct dns_exchange *by_tcp; /* beside the first, when both transports must answer */
	struct dns_verdict verdict;  /* of the check under way */
	struct dns_check check;
	struct dns_tally tally;
};

/* Make a zeroed server ready to be asked as `settings' and the policy made of them say; both
 * outlive it. Latencies are kept of `window' checks. */
void dns_server_open(struct dns_server *server, struct dns_engine *engine,
		     const struct settings_check *settings, const struct dns_policy *policy,
		     const struct address *address, uint32_t window);

/* Check it in `delay' milliseconds for the first time, and then once in its interval. */
void dns_server_start(struct dns_server *server, int64_t delay);

/* Check it no more, and leave the check that is under way. Idempotent. */
void dns_server_stop(struct dns_server *server);

/* Stop it, and free what it owns. The engine may count into its tally until it is closed itself, or
 * for two minutes. */
void dns_server_close(struct dns_server *server);

/* Report its row. */
void dns_server_report(const struct dns_server *server);

/* How it meets a question of the C library now. */
void dns_server_health(const struct dns_server *server, struct lookup_server *health);

#endif
