/* Makes a port of a bond the active one, and says what came of it.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "actions/bond_port.h"

#include <errno.h>
#include <linux/if.h>
#include <linux/if_bonding.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <stdbool.h>
#include <string.h>

#include "actions/netlink.h"
#include "actions/netlink_message.h"
#include "actions/outcome.h"
#include "actions/step.h"
#include "lib/frame.h"
#include "lib/memory.h"
#include "lib/settings.h"
#include "lib/settings_bond.h"
#include "mib/ha-agentx-mib.h"

/* A bond or a port of one, as the kernel has it. */
struct link {
	uint32_t index; /* 0: it is not there */
	uint32_t flags; /* IFF_UP, .. */
	char name[SETTINGS_INTERFACE_SIZE];
	uint32_t master; /* of a port: index of its bond */
	bool is_bond, is_port;
	uint8_t mode;    /* of a bond: BOND_MODE_ACTIVEBACKUP, .. */
	uint32_t active; /* of a bond: index of its active port; 0: none */
	uint8_t watched; /* of a port: what the monitoring says, BOND_LINK_UP, .. */
};

/* A step from its first look to its result. */
struct change {
	const struct settings_expected_bond *names;
	const char *port_name;
	int64_t deadline;
	struct step_result *result;
	struct link bond, port;
	char active[SETTINGS_INTERFACE_SIZE]; /* the port in use; "no port" */
};

/* ---- what the kernel says ---- */

/* libnl writes to a policy nowhere, but takes it as if it did. */
static struct nla_policy link_policy[IFLA_MAX + 1] = {
	[IFLA_IFNAME] = { .type = NLA_STRING, .minlen = 1, .maxlen = SETTINGS_INTERFACE_SIZE },
	[IFLA_MASTER] = { .type = NLA_U32 },
	[IFLA_LINKINFO] = { .type = NLA_NESTED },
};

static struct nla_policy info_policy[IFLA_INFO_MAX + 1] = {
	[IFLA_INFO_KIND] = { .type = NLA_STRING },
	[IFLA_INFO_DATA] = { .type = NLA_NESTED },
	[IFLA_INFO_SLAVE_KIND] = { .type = NLA_STRING },
	[IFLA_INFO_SLAVE_DATA] = { .type = NLA_NESTED },
};

static struct nla_policy bond_policy[IFLA_BOND_MAX + 1] = {
	[IFLA_BOND_MODE] = { .type = NLA_U8 },
	[IFLA_BOND_ACTIVE_SLAVE] = { .type = NLA_U32 },
};

static struct nla_policy port_policy[IFLA_BOND_SLAVE_MAX + 1] = {
	[IFLA_BOND_SLAVE_MII_STATUS] = { .type = NLA_U8 },
};

static bool is_bonding(const struct nlattr *kind)
{
	return kind && !strcmp(nla_data(kind), "bond");
}

static void take_bond(struct link *link, struct nlattr *data)
{
	struct nlattr *found[IFLA_BOND_MAX + 1];

	if (!data || nla_parse_nested(found, IFLA_BOND_MAX, data, bond_policy) < 0 ||
	    !found[IFLA_BOND_MODE])
		return;
	link->is_bond = true;
	link->mode = nla_get_u8(found[IFLA_BOND_MODE]);
	if (found[IFLA_BOND_ACTIVE_SLAVE])
		link->active = nla_get_u32(found[IFLA_BOND_ACTIVE_SLAVE]);
}

static void take_port(struct link *link, struct nlattr *data)
{
	struct nlattr *found[IFLA_BOND_SLAVE_MAX + 1];

	if (!data || nla_parse_nested(found, IFLA_BOND_SLAVE_MAX, data, port_policy) < 0 ||
	    !found[IFLA_BOND_SLAVE_MII_STATUS])
		return;
	link->is_port = true;
	link->watched = nla_get_u8(found[IFLA_BOND_SLAVE_MII_STATUS]);
}

static void take_link(void *argument, struct nlmsghdr *message)
{
	struct nlattr *found[IFLA_MAX + 1], *info[IFLA_INFO_MAX + 1];
	struct link *link = argument;
	const struct ifinfomsg *head = nlmsg_data(message);

	if (message->nlmsg_type != RTM_NEWLINK ||
	    nlmsg_parse(message, sizeof(*head), found, IFLA_MAX, link_policy) < 0 ||
	    !found[IFLA_IFNAME])
		return;
	link->index = (uint32_t)head->ifi_index;
	link->flags = head->ifi_flags;
	text_put(link->name, sizeof(link->name), nla_get_string(found[IFLA_IFNAME]));
	link->master = found[IFLA_MASTER] ? nla_get_u32(found[IFLA_MASTER]) : 0;
	if (!found[IFLA_LINKINFO] ||
	    nla_parse_nested(info, IFLA_INFO_MAX, found[IFLA_LINKINFO], info_policy) < 0)
		return;
	if (is_bonding(info[IFLA_INFO_KIND]))
		take_bond(link, info[IFLA_INFO_DATA]);
	if (is_bonding(info[IFLA_INFO_SLAVE_KIND]))
		take_port(link, info[IFLA_INFO_SLAVE_DATA]);
}

/* A question about a link by its index, or by its name when that is 0. */
static struct nl_msg *ask_about(int type, uint32_t index, const char *name)
{
	struct ifinfomsg head = { .ifi_family = AF_UNSPEC, .ifi_index = (int)index };
	struct nl_msg *question = netlink_question(type, 0);

	netlink_need(nlmsg_append(question, &head, sizeof(head), NLMSG_ALIGNTO) == 0);
	if (!index)
		netlink_need(nla_put_string(question, IFLA_IFNAME, name) == 0);
	return question;
}

/* Read a link; one that is not there has the index 0. False when the kernel cannot be asked. */
static bool read_link(struct change *change, uint32_t index, const char *name, struct link *link)
{
	struct netlink_answer answer = { .take = take_link, .argument = link };
	int error;

	memset(link, 0, sizeof(*link));
	error = netlink_ask(NETLINK_ROUTE, ask_about(RTM_GETLINK, index, name), change->deadline,
			    &answer);
	if (!error || error == ENODEV)
		return true;
	outcome_set(change->result,
		    error == ETIMEDOUT ? HaReason_timeout : HaReason_refusedByKernel,
		    "%s is left as it is: the kernel does not say how it is", change->names->name);
	TEXT_PUT(change->result->kernel, *answer.words ? answer.words : strerror(error));
	return false;
}

/* Read the bond, the port, and which one is in use. */
static bool look(struct change *change)
{
	struct link active = { .index = 0 };

	if (!read_link(change, 0, change->names->name, &change->bond) ||
	    !read_link(change, 0, change->port_name, &change->port) ||
	    (change->bond.active && !read_link(change, change->bond.active, NULL, &active)))
		return false;
	TEXT_PUT(change->active, active.index ? active.name : "no port");
	return true;
}

/* ---- what stands in the way ---- */

static bool has_active_port(uint8_t mode)
{
	return mode == BOND_MODE_ACTIVEBACKUP || mode == BOND_MODE_TLB || mode == BOND_MODE_ALB;
}

static bool is_up(const struct link *port)
{
	return port->flags & IFF_UP && port->flags & IFF_LOWER_UP && port->watched == BOND_LINK_UP;
}

static const char *what_is_down(const struct link *port)
{
	if (!(port->flags & IFF_UP))
		return "is switched off; switch it on";
	if (!(port->flags & IFF_LOWER_UP))
		return "has no carrier; check its cable and its switch";
	return "is down for the monitoring of the bond; check its switch";
}

/* Whether something forbids the change; the result then says so. */
static bool is_forbidden(struct change *change)
{
	const struct link *bond = &change->bond, *port = &change->port;
	const char *name = change->names->name;

	if (!bond->index || !bond->is_bond)
		outcome_set(change->result, HaReason_notUp, "%s is %s", name,
			    bond->index ? "no bond" : "not there");
	else if (!has_active_port(bond->mode))
		outcome_set(change->result, HaReason_badValue,
			    "%s is in a mode without an active port: it uses all of them", name);
	else if (!port->index || !port->is_port || port->master != bond->index)
		outcome_set(change->result, HaReason_badValue, "%s stays with %s: %s is %s", name,
			    change->active, change->port_name,
			    port->index ? "no port of it" : "not there");
	else if (!is_up(port))
		outcome_set(change->result, HaReason_targetDown, "%s stays with %s: %s %s", name,
			    change->active, change->port_name, what_is_down(port));
	else
		return false;
	return true;
}

/* ---- the change ---- */

static struct nl_msg *make_order(const struct change *change)
{
	struct nl_msg *order = ask_about(RTM_NEWLINK, change->bond.index, NULL);
	struct nlattr *info, *data;

	info = nla_nest_start(order, IFLA_LINKINFO);
	netlink_need(info && nla_put_string(order, IFLA_INFO_KIND, "bond") == 0);
	data = nla_nest_start(order, IFLA_INFO_DATA);
	netlink_need(data && nla_put_u32(order, IFLA_BOND_ACTIVE_SLAVE, change->port.index) == 0);
	nla_nest_end(order, data);
	nla_nest_end(order, info);
	return order;
}

/* Whether the kernel took the order says less than which port is in use after it. */
static void switch_over(struct change *change)
{
	struct netlink_answer answer = { .take = NULL };
	const char *name = change->names->name;
	int error = netlink_ask(NETLINK_ROUTE, make_order(change), change->deadline, &answer);

	if (!look(change))
		return;
	if (change->bond.index && change->bond.active == change->port.index) {
		outcome_set(change->result, HaReason_none, "%s uses %s", name, change->port_name);
		return;
	}
	if (error)
		TEXT_PUT(change->result->kernel, *answer.words ? answer.words : strerror(error));
	if (error == ETIMEDOUT)
		outcome_set(change->result, HaReason_timeout,
			    "%s still uses %s: the kernel does not answer", name, change->active);
	else if (error)
		outcome_set(change->result, HaReason_refusedByKernel,
			    "%s stays with %s: the kernel has refused %s", name, change->active,
			    change->port_name);
	else
		outcome_set(change->result, HaReason_roleNotReached,
			    "%s uses %s, although the kernel has taken %s", name, change->active,
			    change->port_name);
}

void bond_port_activate(const struct settings *settings, const struct step *step, int64_t deadline,
			struct step_result *result)
{
	const struct settings_expected_bond *names = &settings->bond->bonds[step->subject];
	struct change change = {
		.names = names,
		.port_name = names->ports[step->part],
		.deadline = deadline,
		.result = result,
	};

	outcome_begin(result);
	if (!look(&change) || is_forbidden(&change))
		return;
	if (change.bond.active == change.port.index)
		outcome_set(result, HaReason_none, "%s used %s already", names->name,
			    change.port_name);
	else
		switch_over(&change);
}
