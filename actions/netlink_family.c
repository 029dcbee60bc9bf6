/* Finds a family of generic netlink by its name.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "actions/netlink_family.h"

#include <linux/genetlink.h>
#include <netlink/attr.h>
#include <netlink/genl/genl.h>
#include <netlink/msg.h>
#include <string.h>

#include "actions/netlink.h"
#include "actions/netlink_message.h"

#define CONTROLLER_VERSION 1

/* libnl writes to a policy nowhere, but takes it as if it did. */
static struct nla_policy policy[CTRL_ATTR_MAX + 1] = {
	[CTRL_ATTR_FAMILY_ID] = { .type = NLA_U16 },
	[CTRL_ATTR_FAMILY_NAME] = { .type = NLA_STRING, .minlen = 1, .maxlen = GENL_NAMSIZ },
	[CTRL_ATTR_VERSION] = { .type = NLA_U32 },
};

static void take(void *argument, struct nlmsghdr *message)
{
	struct nlattr *found[CTRL_ATTR_MAX + 1];
	struct netlink_family *family = argument;

	if (!genlmsg_valid_hdr(message, 0) ||
	    genlmsg_parse(message, 0, found, CTRL_ATTR_MAX, policy) < 0 ||
	    !found[CTRL_ATTR_FAMILY_ID] || !found[CTRL_ATTR_FAMILY_NAME] ||
	    strcmp(nla_get_string(found[CTRL_ATTR_FAMILY_NAME]), family->name) != 0)
		return;
	family->id = nla_get_u16(found[CTRL_ATTR_FAMILY_ID]);
	if (found[CTRL_ATTR_VERSION])
		family->version = nla_get_u32(found[CTRL_ATTR_VERSION]);
}

/* A list of all families loads no module, as a question for one by its name would. */
int netlink_family_find(struct netlink_family *family, int64_t deadline,
			struct netlink_answer *answer)
{
	family->id = 0;
	family->version = 0;
	answer->take = take;
	answer->argument = family;
	return netlink_ask(
		NETLINK_GENERIC,
		netlink_command(GENL_ID_CTRL, CTRL_CMD_GETFAMILY, CONTROLLER_VERSION, NLM_F_DUMP),
		deadline, answer);
}
