/* Questions that wait their turn: only a few at a time go to one server.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_DNS_INQUIRY_H
#define HA_DNS_INQUIRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "subagent/sources/dns/engine/engine.h"

struct dns_question;
struct inquiry;
struct settings_server;

/* One server, and those who want to ask it. */
struct queue {
	struct dns_engine *engine;
	const struct settings_server *server;
	size_t flying;
	struct inquiry *first, *last; /* that wait */
	int64_t heard;                /* clock_microseconds() of the last answer */
};

/* One question after the other by one who asks. The caller sets `done` and leaves the rest zero. */
struct inquiry {
	struct queue *queue;
	struct dns_exchange exchange;
	struct inquiry *next;
	bool waits;
	int64_t begun; /* clock_microseconds() */
	/* Called once for each question that is not stopped; the next may be asked then. */
	void (*done)(struct inquiry *inquiry, const struct dns_outcome *outcome);
};

void queue_open(struct queue *queue, struct dns_engine *engine,
		const struct settings_server *server);

/* Ask the server as its checks do, as soon as it is our turn. `question` must stay. `done` is not
 * called from within this. When a server says nothing at all for as long as a question takes to be
 * given up, those that wait are given up with it: it would take hours to hear it from each. */
void inquiry_ask(struct inquiry *inquiry, struct queue *queue, const struct dns_question *question);

/* Idempotent. */
void inquiry_stop(struct inquiry *inquiry);

#endif
