/* The sockets that echo requests go out of, and answers come in by.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/witness/ping.h"

#include <errno.h>
#include <linux/icmp.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/address.h"
#include "subagent/sources/witness/echo.h"

/* What waits behind so much that is no answer is left to the next turn. */
#define PASSED_OVER_MAX 64

/* TC_PRIO_INTERACTIVE of linux/pkt_sched.h: ahead of the data that fills the links. */
#define PRIORITY 6

static const int families[] = { AF_INET, AF_INET6 };

/* A raw socket sees the answers to all requests of the machine, and nothing else after this. */
static bool let_in_answers(int fd, int family)
{
	struct icmp_filter filter = { .data = ~(1U << ICMP_ECHOREPLY) };
	struct icmp6_filter filter6;

	if (family == AF_INET)
		return setsockopt(fd, SOL_RAW, ICMP_FILTER, &filter, sizeof(filter)) == 0;
	ICMP6_FILTER_SETBLOCKALL(&filter6);
	ICMP6_FILTER_SETPASS(ICMP6_ECHO_REPLY, &filter6);
	return setsockopt(fd, IPPROTO_ICMPV6, ICMP6_FILTER, &filter6, sizeof(filter6)) == 0;
}

static int open_socket(int family)
{
	int fd = socket(family, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC,
			family == AF_INET ? IPPROTO_ICMP : IPPROTO_ICMPV6);

	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_PRIORITY, &(int){ PRIORITY }, sizeof(int));
	if (let_in_answers(fd, family))
		return fd;
	close(fd);
	return -1;
}

int ping_open(struct ping *ping, unsigned int needed)
{
	ping->fds[0] = ping->fds[1] = -1;
	for (size_t i = 0; i < 2; i++) {
		if (!(needed >> i & 1))
			continue;
		ping->fds[i] = open_socket(families[i]);
		if (ping->fds[i] < 0) {
			int error = errno;

			ping_close(ping);
			return error;
		}
	}
	return 0;
}

void ping_close(struct ping *ping)
{
	for (size_t i = 0; i < 2; i++) {
		if (ping->fds[i] >= 0)
			close(ping->fds[i]);
		ping->fds[i] = -1;
	}
}

int ping_send(const struct ping *ping, const struct address *address, const struct echo *echo)
{
	unsigned char packet[ECHO_SIZE];
	struct sockaddr_storage to;
	struct address plain = *address;
	socklen_t length;

	/* To a raw socket of IPv6 a port is a protocol (ipv6(7)). */
	plain.port = 0;
	length = address_to_socket(&plain, &to);
	echo_write(echo, address->family, packet);
	return sendto(ping->fds[address->family == AF_INET6], packet, sizeof(packet), 0,
		      (struct sockaddr *)&to, length) < 0 ?
		       errno :
		       0;
}

/* False when nothing is there; `good' says whether it was an answer. */
static bool receive(int fd, int family, struct address *address, struct echo *echo, bool *good)
{
	unsigned char packet[512];
	struct sockaddr_storage from;
	socklen_t length = sizeof(from);
	ssize_t octets;

	memset(&from, 0, sizeof(from));
	octets = recvfrom(fd, packet, sizeof(packet), 0, (struct sockaddr *)&from, &length);
	if (octets < 0)
		return false;
	*good = echo_read(echo, family, packet, (size_t)octets) &&
		address_from_socket(address, &from);
	address->port = 0;
	return true;
}

bool ping_receive(const struct ping *ping, struct address *address, struct echo *echo)
{
	bool good = false;

	for (size_t i = 0; i < 2 && !good; i++)
		for (int n = 0; n < PASSED_OVER_MAX && !good && ping->fds[i] >= 0; n++)
			if (!receive(ping->fds[i], families[i], address, echo, &good))
				break;
	return good;
}
