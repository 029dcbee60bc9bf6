/* What one RTM_NEWLINK says of a bond or of a port of one.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/bond/link.h"

#include <arpa/inet.h>
#include <linux/ethtool.h>
#include <linux/if.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <string.h>

#include "lib/memory.h"

/* ---- attributes of whatever length ---- */

/* Newer kernels widen numbers: any of the usual widths will do. */
static uint32_t number_of(const struct nlattr *attribute)
{
	uint8_t octet;
	uint16_t half;
	uint32_t word;

	switch (attribute ? nla_len(attribute) : 0) {
	case sizeof(octet):
		memcpy(&octet, nla_data(attribute), sizeof(octet));
		return octet;
	case sizeof(half):
		memcpy(&half, nla_data(attribute), sizeof(half));
		return half;
	case sizeof(word):
		memcpy(&word, nla_data(attribute), sizeof(word));
		return word;
	default:
		return BOND_UNTOLD;
	}
}

static void take_octets(const struct nlattr *attribute, size_t longest, struct octets *octets)
{
	size_t length = attribute ? (size_t)nla_len(attribute) : 0;

	if (!length || length > longest)
		return;
	octets->length = (uint8_t)length;
	memcpy(octets->octet, nla_data(attribute), length);
}

static bool is_word(const struct nlattr *attribute, const char *word)
{
	size_t length = strlen(word);

	return attribute && (size_t)nla_len(attribute) == length + 1 &&
	       !memcmp(nla_data(attribute), word, length + 1);
}

/* Nothing that does not end inside the attribute is a name; nor is what does not fit. */
static bool take_name(const struct nlattr *attribute, char name[BOND_NAME_SIZE])
{
	size_t length = attribute ? (size_t)nla_len(attribute) : 0;
	const char *text = attribute ? nla_data(attribute) : NULL;

	if (length < 2 || length > BOND_NAME_SIZE || !text[0] || text[length - 1])
		return false;
	text_put(name, BOND_NAME_SIZE, text);
	return true;
}

/* False when there is nothing inside. */
static bool open_nested(const struct nlattr *attribute, struct nlattr **inside, int highest)
{
	memset(inside, 0, sizeof(struct nlattr *) * (size_t)(highest + 1));
	return attribute &&
	       nla_parse(inside, highest, nla_data(attribute), nla_len(attribute), NULL) == 0;
}

/* ---- a bond ---- */

/* Whole addresses only. */
static void add_target(char *targets, size_t size, int family, const void *octets)
{
	char text[INET6_ADDRSTRLEN];
	size_t used = strlen(targets);

	if (!inet_ntop(family, octets, text, sizeof(text)) || used + strlen(text) + 2 > size)
		return;
	text_print(targets + used, size - used, "%s%s", used ? "," : "", text);
}

static void add_targets(char *targets, size_t size, const struct nlattr *list, int family)
{
	int length = family == AF_INET ? 4 : 16, left = list ? nla_len(list) : 0;
	const struct nlattr *target = list ? nla_data(list) : NULL;

	for (; target && nla_ok(target, left); target = nla_next(target, &left))
		if (nla_len(target) == length)
			add_target(targets, size, family, nla_data(target));
}

static void take_aggregator(const struct nlattr *info, struct bond_facts *bond)
{
	struct nlattr *inside[IFLA_BOND_AD_INFO_MAX + 1];

	if (!open_nested(info, inside, IFLA_BOND_AD_INFO_MAX))
		return;
	bond->aggregator = number_of(inside[IFLA_BOND_AD_INFO_AGGREGATOR]);
	bond->actor_key = number_of(inside[IFLA_BOND_AD_INFO_ACTOR_KEY]);
	bond->partner_key = number_of(inside[IFLA_BOND_AD_INFO_PARTNER_KEY]);
	take_octets(inside[IFLA_BOND_AD_INFO_PARTNER_MAC], 6, &bond->partner_system);
}

static void take_bond(const struct nlattr *data, struct bond_facts *bond)
{
	struct nlattr *inside[IFLA_BOND_MAX + 1];

	open_nested(data, inside, IFLA_BOND_MAX);
	*bond = (struct bond_facts){
		.mode = number_of(inside[IFLA_BOND_MODE]),
		.active = number_of(inside[IFLA_BOND_ACTIVE_SLAVE]),
		.primary = number_of(inside[IFLA_BOND_PRIMARY]),
		.reselect = number_of(inside[IFLA_BOND_PRIMARY_RESELECT]),
		.miimon = number_of(inside[IFLA_BOND_MIIMON]),
		.arp_interval = number_of(inside[IFLA_BOND_ARP_INTERVAL]),
		.up_delay = number_of(inside[IFLA_BOND_UPDELAY]),
		.down_delay = number_of(inside[IFLA_BOND_DOWNDELAY]),
		.use_carrier = number_of(inside[IFLA_BOND_USE_CARRIER]),
		.min_links = number_of(inside[IFLA_BOND_MIN_LINKS]),
		.lacp_rate = number_of(inside[IFLA_BOND_AD_LACP_RATE]),
		.ad_select = number_of(inside[IFLA_BOND_AD_SELECT]),
		.aggregator = BOND_UNTOLD,
		.actor_key = BOND_UNTOLD,
		.partner_key = BOND_UNTOLD,
	};
	take_aggregator(inside[IFLA_BOND_AD_INFO], bond);
	add_targets(bond->arp_targets, sizeof(bond->arp_targets), inside[IFLA_BOND_ARP_IP_TARGET],
		    AF_INET);
	add_targets(bond->arp_targets, sizeof(bond->arp_targets), inside[IFLA_BOND_NS_IP6_TARGET],
		    AF_INET6);
}

/* ---- a port ---- */

static void take_port(const struct nlattr *data, struct bond_port_facts *port)
{
	struct nlattr *inside[IFLA_BOND_SLAVE_MAX + 1];

	open_nested(data, inside, IFLA_BOND_SLAVE_MAX);
	*port = (struct bond_port_facts){
		.state = number_of(inside[IFLA_BOND_SLAVE_STATE]),
		.mii_status = number_of(inside[IFLA_BOND_SLAVE_MII_STATUS]),
		.failures = number_of(inside[IFLA_BOND_SLAVE_LINK_FAILURE_COUNT]),
		.queue = number_of(inside[IFLA_BOND_SLAVE_QUEUE_ID]),
		.aggregator = number_of(inside[IFLA_BOND_SLAVE_AD_AGGREGATOR_ID]),
		.actor_state = number_of(inside[IFLA_BOND_SLAVE_AD_ACTOR_OPER_PORT_STATE]),
		.partner_state = number_of(inside[IFLA_BOND_SLAVE_AD_PARTNER_OPER_PORT_STATE]),
	};
	take_octets(inside[IFLA_BOND_SLAVE_PERM_HWADDR], 20, &port->address);
}

/* ---- the link ---- */

static void take_kind(const struct nlattr *info, struct bond_link *link, uint32_t master)
{
	struct nlattr *inside[IFLA_INFO_MAX + 1];

	if (!open_nested(info, inside, IFLA_INFO_MAX))
		return;
	link->is_bond = is_word(inside[IFLA_INFO_KIND], "bond");
	if (link->is_bond)
		take_bond(inside[IFLA_INFO_DATA], &link->bond);
	if (master == BOND_UNTOLD || !is_word(inside[IFLA_INFO_SLAVE_KIND], "bond"))
		return;
	link->master = master;
	take_port(inside[IFLA_INFO_SLAVE_DATA], &link->port);
}

/* Bridges tell their ports' news in messages of these types, too, with a family of their own. */
static const struct ifinfomsg *head_of(const struct nlmsghdr *message, int type)
{
	const struct ifinfomsg *head = nlmsg_data(message);

	if (!nlmsg_valid_hdr(message, sizeof(*head)) || message->nlmsg_type != type ||
	    head->ifi_family != AF_UNSPEC || head->ifi_index <= 0)
		return NULL;
	return head;
}

void bond_link_clear(struct bond_link *link)
{
	*link = (struct bond_link){
		.oper = BOND_UNTOLD,
		.carrier = BOND_UNTOLD,
		.duplex = DUPLEX_UNKNOWN,
	};
	take_bond(NULL, &link->bond);
	take_port(NULL, &link->port);
}

bool bond_link_read(struct bond_link *link, const struct nlmsghdr *message)
{
	const struct ifinfomsg *head = head_of(message, RTM_NEWLINK);
	struct nlattr *inside[IFLA_MAX + 1];

	bond_link_clear(link);
	if (!head || nla_parse(inside, IFLA_MAX, nlmsg_attrdata(message, sizeof(*head)),
			       nlmsg_attrlen(message, sizeof(*head)), NULL) < 0)
		return false;
	link->index = (uint32_t)head->ifi_index;
	link->admin_up = head->ifi_flags & IFF_UP;
	link->oper = number_of(inside[IFLA_OPERSTATE]);
	link->carrier = number_of(inside[IFLA_CARRIER]);
	take_octets(inside[IFLA_ADDRESS], 20, &link->address);
	take_kind(inside[IFLA_LINKINFO], link, number_of(inside[IFLA_MASTER]));
	return take_name(inside[IFLA_IFNAME], link->name);
}

uint32_t bond_link_gone(const struct nlmsghdr *message)
{
	const struct ifinfomsg *head = head_of(message, RTM_DELLINK);

	return head ? (uint32_t)head->ifi_index : 0;
}
