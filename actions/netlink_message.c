/* Makes questions to the kernel.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "actions/netlink_message.h"

#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <netlink/msg.h>

#include "lib/log.h"

void netlink_need(int has_room)
{
	if (!has_room)
		log_fatal("out of memory");
}

struct nl_msg *netlink_question(int type, int flags)
{
	struct nl_msg *question = nlmsg_alloc_simple(type, NLM_F_REQUEST | flags);

	netlink_need(question != NULL);
	return question;
}

struct nl_msg *netlink_command(uint16_t family, uint8_t command, uint8_t version, int flags)
{
	struct genlmsghdr head = { .cmd = command, .version = version };
	struct nl_msg *question = netlink_question(family, flags);

	netlink_need(nlmsg_append(question, &head, sizeof(head), NLMSG_ALIGNTO) == 0);
	return question;
}
