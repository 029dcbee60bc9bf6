/* Asks the kernel one thing over netlink, and waits for the whole answer.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_NETLINK_H
#define HA_NETLINK_H

#include <stdint.h>

struct nl_msg;
struct nlmsghdr;

struct netlink_answer {
	/* Is given every message of it; NULL: only its end matters. */
	void (*take)(void *argument, struct nlmsghdr *message);
	void *argument;
	char words[256]; /* what the kernel says beside an error; empty when it says nothing */
};

/* Send the question, which is freed, over a socket of its own for `protocol' (NETLINK_ROUTE, ..),
 * and hear the kernel out, until `deadline' (clock_now()). Returns 0, or the errno of the kernel or
 * of the socket; ETIMEDOUT at the deadline. */
int netlink_ask(int protocol, struct nl_msg *question, int64_t deadline,
		struct netlink_answer *answer);

#endif
