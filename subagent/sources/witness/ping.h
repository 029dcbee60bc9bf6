/* The sockets that echo requests go out of, and answers come in by.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_WITNESS_PING_H
#define HA_WITNESS_PING_H

#include <stdbool.h>

struct address;
struct echo;

/* All -1 when closed. */
struct ping {
	int fds[2]; /* of IPv4, of IPv6; -1: there is none */
};

/* Raw sockets, which need CAP_NET_RAW. Datagram sockets of ICMP would need nothing, but only where
 * the group is in net.ipv4.ping_group_range, which the kernel leaves empty. `needed': bit 0 IPv4,
 * bit 1 IPv6. 0 or an errno. */
int ping_open(struct ping *ping, unsigned int needed);
void ping_close(struct ping *ping);

/* Send a request without waiting; 0 or an errno. */
int ping_send(const struct ping *ping, const struct address *address, const struct echo *echo);

/* The next answer that is there, and who sent it; false when none is, or too much else is. What is
 * no answer to a request like ours is passed over. */
bool ping_receive(const struct ping *ping, struct address *address, struct echo *echo);

#endif
