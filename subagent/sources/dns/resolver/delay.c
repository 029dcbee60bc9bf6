/* How long a server that gives no answer keeps the C library waiting, asked as it asks.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/dns/resolver/delay.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/loop.h"

#define INTERVAL 7000 /* milliseconds from two questions to the next two */

/* The name servers of the root, recursion desired (RFC 1035, 4.1): any question would do, as
 * nothing is made of the answer. */
static const uint8_t question[] = { 0x68, 0x61, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 1 };

void dns_delay_open(struct dns_delay *delay, const struct address *server, uint64_t limit)
{
	*delay = (struct dns_delay){ .server = *server, .limit = limit, .fd = -1 };
}

static void hang_up(struct dns_delay *delay)
{
	if (delay->fd >= 0)
		close(delay->fd);
	delay->fd = -1;
}

void dns_delay_close(struct dns_delay *delay)
{
	hang_up(delay);
	delay->count = 0;
	delay->second = false;
	delay->next = 0;
}

/* Microseconds that the question under way has taken by now. */
static uint64_t taken_by(const struct dns_delay *delay)
{
	uint64_t taken = (uint64_t)(clock_microseconds() - delay->sent);

	return taken < delay->limit ? taken : delay->limit;
}

/* While a check has the kernel look for a neighbour, the error comes early; who asks right after
 * it waits for a whole search. */
static void end(struct dns_delay *delay)
{
	uint64_t taken = taken_by(delay);

	hang_up(delay);
	delay->seen[delay->count++ % DELAYS_KEPT] = taken;
	delay->second = !delay->second && taken < delay->limit;
	delay->next = clock_now() + (delay->second ? 0 : INTERVAL);
}

/* Asks for the ICMP errors that a socket is not told otherwise, as the C library does. */
static bool send_question(struct dns_delay *delay)
{
	const int on = 1;
	bool ipv6 = delay->server.family == AF_INET6;
	struct sockaddr_storage to;
	socklen_t length = address_to_socket(&delay->server, &to);

	setsockopt(delay->fd, ipv6 ? IPPROTO_IPV6 : IPPROTO_IP, ipv6 ? IPV6_RECVERR : IP_RECVERR,
		   &on, sizeof(on));
	return connect(delay->fd, (struct sockaddr *)&to, length) == 0 &&
	       send(delay->fd, question, sizeof(question), MSG_NOSIGNAL) == sizeof(question);
}

static void ask(struct dns_delay *delay)
{
	delay->sent = clock_microseconds();
	delay->fd = socket(delay->server.family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (delay->fd < 0)
		delay->next = clock_now() + INTERVAL;
	else if (!send_question(delay))
		end(delay);
}

void dns_delay_turn(struct dns_delay *delay)
{
	if (delay->fd < 0 && clock_now() >= delay->next)
		ask(delay);
	else if (delay->fd >= 0 && clock_microseconds() >= delay->sent + (int64_t)delay->limit)
		end(delay);
}

bool dns_delay_told(const struct dns_delay *delay, uint64_t *microseconds)
{
	uint32_t kept = delay->count < DELAYS_KEPT ? delay->count : DELAYS_KEPT;

	*microseconds = delay->fd < 0 ? 0 : taken_by(delay);
	for (uint32_t i = 0; i < kept; i++)
		if (delay->seen[i] > *microseconds)
			*microseconds = delay->seen[i];
	return kept > 1 || *microseconds == delay->limit;
}

/* An answer is not waited for, and does not end the waiting: whether the server is well again is
 * for its checks to say. */
static void take(void *argument, short events)
{
	struct dns_delay *delay = argument;
	char octet;

	if (delay->fd < 0)
		return;
	if (events & POLLERR || (recv(delay->fd, &octet, 1, 0) < 0 && errno != EAGAIN))
		end(delay);
}

void dns_delay_watch(struct dns_delay *delay)
{
	loop_watch(delay->fd, POLLIN, take, delay);
	if (delay->fd >= 0)
		loop_wake(clock_now() +
			  ((int64_t)delay->limit - (clock_microseconds() - delay->sent)) / 1000 +
			  1);
	else
		loop_wake(delay->next);
}
