/* A gate before a server: what leaves from its port of an address is thrown away while it is
 * closed. SPDX-License-Identifier: BSD-2-Clause
 */
#include "actions/port_gate.h"

#include <errno.h>
#include <linux/fib_rules.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <netinet/in.h>
#include <netlink/attr.h>
#include <netlink/msg.h>

#include "actions/netlink.h"
#include "actions/netlink_message.h"
#include "lib/address.h"

/* Behind the table `local' (0), before `main' (32766). */
#define PRIORITY 2049

/* systemd-networkd takes away what others have made, but for what is the kernel's. */
#define PROTOCOL RTPROT_KERNEL

static struct nl_msg *rule_message(int type, int flags, const struct address *server)
{
	struct nl_msg *message = netlink_question(type, flags);
	int length = server->family == AF_INET ? 4 : 16;
	struct fib_rule_hdr head = {
		.family = (uint8_t)server->family,
		.src_len = (uint8_t)(length * 8),
		.action = FR_ACT_BLACKHOLE,
	};
	struct fib_rule_port_range port = { .start = server->port, .end = server->port };

	netlink_need(nlmsg_append(message, &head, sizeof(head), NLMSG_ALIGNTO) == 0 &&
		     nla_put(message, FRA_SRC, length, server->octets) == 0 &&
		     nla_put_u32(message, FRA_PRIORITY, PRIORITY) == 0 &&
		     nla_put_u8(message, FRA_PROTOCOL, PROTOCOL) == 0 &&
		     nla_put_u8(message, FRA_IP_PROTO, IPPROTO_TCP) == 0 &&
		     nla_put(message, FRA_SPORT_RANGE, sizeof(port), &port) == 0);
	return message;
}

static int ask(struct nl_msg *question, int64_t deadline)
{
	struct netlink_answer answer = { .take = NULL };

	return netlink_ask(NETLINK_ROUTE, question, deadline, &answer);
}

int port_gate_close(const struct address *server, int64_t deadline)
{
	int error = ask(rule_message(RTM_NEWRULE, NLM_F_CREATE | NLM_F_EXCL, server), deadline);

	return error == EEXIST ? 0 : error;
}

int port_gate_open(const struct address *server, int64_t deadline)
{
	int error = ask(rule_message(RTM_DELRULE, 0, server), deadline);

	return error == ENOENT ? 0 : error;
}
