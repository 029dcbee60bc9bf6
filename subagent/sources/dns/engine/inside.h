/* The inside of the engine: what its parts know of each other.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_DNS_INSIDE_H
#define HA_DNS_INSIDE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "subagent/sources/dns/engine/engine.h"
#include "subagent/sources/dns/engine/timers.h"

#define DNS_HEADER 12 /* octets that every message begins with (RFC 1035, 4.1.1) */

struct dns_udp;

struct dns_exchanges {
	TAILQ_HEAD(dns_exchange_list, dns_exchange) list;
	size_t count;
};

/* The first member of everything that has a descriptor which epoll(7) watches. */
struct dns_endpoint {
	int fd; /* -1 when it is closed */
	void (*ready)(struct dns_endpoint *endpoint, uint32_t events);
	SLIST_ENTRY(dns_endpoint) link; /* of those that are closed */
};

struct dns_engine {
	int epoll;
	int64_t due;     /* when the next turn must come at the latest; 0: nothing is awaited */
	int64_t stalled; /* when a turn last came much too late */
	struct timers timers;
	struct dns_udp *udp;
	struct dns_exchanges connecting; /* to be asked by TCP in this turn */
	struct dns_exchanges flying;     /* asked, and not yet answered */
	size_t endpoints;
	/* Freed at the end of the turn: epoll_wait(2) may have told of them already. */
	SLIST_HEAD(dns_endpoints, dns_endpoint) closed;
};

/* Make it one of a list; it leaves the one that it is in. NULL: of none. */
void dns_exchange_move(struct dns_exchange *exchange, struct dns_exchanges *list);

/* The question has been sent, at `now`, clock_microseconds(). */
void dns_exchange_sent(struct dns_exchange *exchange, int64_t now);

/* How many of those that wait to be sent may go in this turn. Not more than there are now: what
 * begins anew meanwhile waits for the next. And of thousands that begin at once, which is so after
 * a stall, only a portion: they and their answers would overrun buffers on their way. */
size_t dns_portion(const struct dns_exchanges *queue);

/* A message has come from the right address under the right id, at `arrived`, clock_microseconds().
 * Afterwards the exchange may be over, and gone. */
void dns_exchange_hear(struct dns_exchange *exchange, const uint8_t *message, size_t length,
		       int64_t arrived);

/* Something that is no answer has come: haDnsServerReason_malformed or mismatched. The try goes on.
 */
void dns_exchange_doubt(struct dns_exchange *exchange, int32_t reason);

/* The try has failed: the next one begins, or the exchange is over. */
void dns_exchange_fail(struct dns_exchange *exchange, int32_t reason, int error);

/* The reason that goes with an errno of socket(2), connect(2), send(2) and their like. */
int32_t dns_reason_of(int error);

/* Watch a new descriptor; false, errno set, when that cannot be: the descriptor is closed then. */
bool dns_endpoint_open(struct dns_engine *engine, struct dns_endpoint *endpoint, int fd,
		       uint32_t events);

/* Close it; its memory, from memory_new(), is freed later. */
void dns_endpoint_close(struct dns_engine *engine, struct dns_endpoint *endpoint);

/* When a message came according to the kernel (SO_TIMESTAMPNS), as clock_microseconds(): a process
 * that was stopped reads it much later. `now` when that is not known. */
struct msghdr;
int64_t dns_arrival(struct msghdr *message, int64_t now);

#endif
