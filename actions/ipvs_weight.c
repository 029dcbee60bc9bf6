/* Gives a real server of a virtual service a weight, and says what came of it.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "actions/ipvs_weight.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/genetlink.h>
#include <linux/ip_vs.h>
#include <netlink/attr.h>
#include <netlink/genl/genl.h>
#include <netlink/msg.h>
#include <stdbool.h>
#include <string.h>

#include "actions/netlink.h"
#include "actions/netlink_family.h"
#include "actions/netlink_message.h"
#include "actions/outcome.h"
#include "actions/step.h"
#include "lib/frame.h"
#include "lib/memory.h"
#include "lib/settings.h"
#include "lib/settings_ipvs.h"
#include "mib/ha-agentx-mib.h"

/* Attributes of a server that an order repeats: a good hundred octets in Linux 6. */
#define KEPT_SIZE 512

/* A step from its first look to its result. */
struct change {
	const struct settings_ipvs_service *service;
	const struct address *server;
	uint32_t wanted;
	int64_t deadline;
	struct step_result *result;
	char name[ADDRESS_TEXT_MAX]; /* of the server */
	struct netlink_family family;

	/* What the last look has found: */
	bool found; /* the server is there */
	uint32_t weight;
	uint32_t others; /* servers that have a weight, without this one */
	/* Its attributes as the kernel has told them, but figures and weight. */
	_Alignas(struct nlattr) unsigned char kept[KEPT_SIZE];
	size_t kept_length;
	bool overflown;
};

/* ---- what the kernel says ---- */

/* libnl writes to a policy nowhere, but takes it as if it did. */
static struct nla_policy command_policy[IPVS_CMD_ATTR_MAX + 1] = {
	[IPVS_CMD_ATTR_DEST] = { .type = NLA_NESTED },
};

static struct nla_policy server_policy[IPVS_DEST_ATTR_MAX + 1] = {
	[IPVS_DEST_ATTR_ADDR] = { .type = NLA_UNSPEC, .minlen = 16 },
	[IPVS_DEST_ATTR_PORT] = { .type = NLA_U16 },
	[IPVS_DEST_ATTR_WEIGHT] = { .type = NLA_U32 },
	[IPVS_DEST_ATTR_ADDR_FAMILY] = { .type = NLA_U16 },
};

/* Older kernels do not say the family of each server: it is that of the service. */
static bool is_ours(const struct change *change, struct nlattr **found)
{
	const struct address *server = change->server;
	uint16_t family = change->service->address.family;

	if (found[IPVS_DEST_ATTR_ADDR_FAMILY])
		family = nla_get_u16(found[IPVS_DEST_ATTR_ADDR_FAMILY]);
	return family == server->family &&
	       ntohs(nla_get_u16(found[IPVS_DEST_ATTR_PORT])) == server->port &&
	       !memcmp(nla_data(found[IPVS_DEST_ATTR_ADDR]), server->octets,
		       family == AF_INET ? 4 : 16);
}

static bool is_setting(int type)
{
	switch (type) {
	case IPVS_DEST_ATTR_WEIGHT:
	case IPVS_DEST_ATTR_ACTIVE_CONNS:
	case IPVS_DEST_ATTR_INACT_CONNS:
	case IPVS_DEST_ATTR_PERSIST_CONNS:
	case IPVS_DEST_ATTR_STATS:
	case IPVS_DEST_ATTR_STATS64:
		return false;
	default:
		return true;
	}
}

/* What a newer kernel may have added is kept as well. */
static void keep_settings(struct change *change, struct nlattr *server)
{
	struct nlattr *attribute;
	int left;

	change->kept_length = 0;
	nla_for_each_nested(attribute, server, left)
	{
		size_t length = (size_t)nla_total_size(nla_len(attribute));

		if (!is_setting(nla_type(attribute)))
			continue;
		if (change->kept_length + length > sizeof(change->kept)) {
			change->overflown = true;
			return;
		}
		memset(change->kept + change->kept_length, 0, length);
		memcpy(change->kept + change->kept_length, attribute, attribute->nla_len);
		change->kept_length += length;
	}
}

static void take_server(void *argument, struct nlmsghdr *message)
{
	struct nlattr *outer[IPVS_CMD_ATTR_MAX + 1], *found[IPVS_DEST_ATTR_MAX + 1];
	struct change *change = argument;
	uint32_t weight;

	if (!genlmsg_valid_hdr(message, 0) ||
	    genlmsg_parse(message, 0, outer, IPVS_CMD_ATTR_MAX, command_policy) < 0 ||
	    !outer[IPVS_CMD_ATTR_DEST] ||
	    nla_parse_nested(found, IPVS_DEST_ATTR_MAX, outer[IPVS_CMD_ATTR_DEST], server_policy) <
		    0 ||
	    !found[IPVS_DEST_ATTR_ADDR] || !found[IPVS_DEST_ATTR_PORT] ||
	    !found[IPVS_DEST_ATTR_WEIGHT])
		return;
	weight = nla_get_u32(found[IPVS_DEST_ATTR_WEIGHT]);
	if (!is_ours(change, found)) {
		change->others += weight > 0;
		return;
	}
	change->found = true;
	change->weight = weight;
	keep_settings(change, outer[IPVS_CMD_ATTR_DEST]);
}

/* ---- questions ---- */

static struct nl_msg *ask_about(const struct change *change, uint8_t command, int flags)
{
	return netlink_command(change->family.id, command, IPVS_GENL_VERSION, flags);
}

static void put_service(struct nl_msg *question, const struct settings_ipvs_service *service)
{
	const struct address *address = &service->address;
	struct nlattr *nest = nla_nest_start(question, IPVS_CMD_ATTR_SERVICE);

	netlink_need(nest && nla_put_u16(question, IPVS_SVC_ATTR_AF, address->family) == 0);
	if (service->protocol == HaIpvsProtocol_fwmark) {
		netlink_need(nla_put_u32(question, IPVS_SVC_ATTR_FWMARK, service->mark) == 0);
	} else {
		netlink_need(nla_put_u16(question, IPVS_SVC_ATTR_PROTOCOL,
					 (uint16_t)service->protocol) == 0);
		netlink_need(nla_put(question, IPVS_SVC_ATTR_ADDR, sizeof(address->octets),
				     address->octets) == 0);
		netlink_need(nla_put_u16(question, IPVS_SVC_ATTR_PORT, htons(address->port)) == 0);
	}
	nla_nest_end(question, nest);
}

/* False, and the result says so, when the kernel did not answer. */
static bool is_answered(struct change *change, int error, const struct netlink_answer *answer)
{
	if (!error)
		return true;
	outcome_set(change->result,
		    error == ETIMEDOUT ? HaReason_timeout : HaReason_refusedByKernel,
		    "%s is left as it is: the kernel does not say how it is", change->name);
	TEXT_PUT(change->result->kernel, *answer->words ? answer->words : strerror(error));
	return false;
}

static bool find_family(struct change *change)
{
	struct netlink_answer answer = { .take = NULL };
	int error = netlink_family_find(&change->family, change->deadline, &answer);

	return is_answered(change, error, &answer);
}

static bool look(struct change *change)
{
	struct netlink_answer answer = { .take = take_server, .argument = change };
	struct nl_msg *question = ask_about(change, IPVS_CMD_GET_DEST, NLM_F_DUMP);

	change->found = change->overflown = false;
	change->others = 0;
	put_service(question, change->service);
	return is_answered(
		change, netlink_ask(NETLINK_GENERIC, question, change->deadline, &answer), &answer);
}

/* ---- the change ---- */

/* Whether something forbids the change; the result then says so. */
static bool is_forbidden(struct change *change)
{
	if (!change->family.id)
		outcome_set(change->result, HaReason_notUp, "the kernel has no IPVS now");
	else if (!change->found)
		outcome_set(change->result, HaReason_notUp,
			    "the kernel has no server %s of %s now: see what removed it",
			    change->name, change->service->title);
	else if (change->wanted == 0 && change->weight > 0 && !change->others)
		outcome_set(change->result, HaReason_noHealthyPeer,
			    "%s keeps the weight %u: it is the last server of %s that has one",
			    change->name, change->weight, change->service->title);
	else if (change->overflown)
		outcome_set(change->result, HaReason_refusedByKernel,
			    "%s keeps the weight %u: the kernel has more of it than can be kept",
			    change->name, change->weight);
	else
		return false;
	return true;
}

static struct nl_msg *make_order(struct change *change)
{
	struct nl_msg *order = ask_about(change, IPVS_CMD_SET_DEST, 0);
	struct nlattr *nest;

	put_service(order, change->service);
	nest = nla_nest_start(order, IPVS_CMD_ATTR_DEST);
	netlink_need(nest &&
		     nlmsg_append(order, change->kept, change->kept_length, NLA_ALIGNTO) == 0);
	netlink_need(nla_put_u32(order, IPVS_DEST_ATTR_WEIGHT, change->wanted) == 0);
	nla_nest_end(order, nest);
	return order;
}

/* Whether the kernel took the order says less than the weight after it. */
static void give_weight(struct change *change)
{
	struct netlink_answer answer = { .take = NULL };
	uint32_t before = change->weight;
	int error = netlink_ask(NETLINK_GENERIC, make_order(change), change->deadline, &answer);

	if (!look(change))
		return;
	if (change->found && change->weight == change->wanted) {
		outcome_set(change->result, HaReason_none, "%s has the weight %u, it had %u",
			    change->name, change->wanted, before);
		return;
	}
	if (error)
		TEXT_PUT(change->result->kernel, *answer.words ? answer.words : strerror(error));
	if (!change->found)
		outcome_set(change->result, HaReason_notUp,
			    "%s was removed from the kernel just now", change->name);
	else if (error == ETIMEDOUT)
		outcome_set(change->result, HaReason_timeout,
			    "%s still has the weight %u: the kernel does not answer", change->name,
			    change->weight);
	else if (error)
		outcome_set(change->result, HaReason_refusedByKernel,
			    "%s keeps the weight %u: the kernel has refused another", change->name,
			    change->weight);
	else
		outcome_set(change->result, HaReason_roleNotReached,
			    "%s has the weight %u, although the kernel has taken %u", change->name,
			    change->weight, change->wanted);
}

void ipvs_weight_set(const struct settings *settings, const struct step *step, int64_t deadline,
		     struct step_result *result)
{
	const struct settings_ipvs_service *service = &settings->ipvs->services[step->subject];
	struct change change = {
		.service = service,
		.family.name = IPVS_GENL_NAME,
		.server = &service->servers[step->part],
		.wanted = step->value,
		.deadline = deadline,
		.result = result,
	};

	address_print_port(change.server, change.name, sizeof(change.name));
	outcome_begin(result);
	if (!find_family(&change) || (change.family.id && !look(&change)) || is_forbidden(&change))
		return;
	if (change.weight == change.wanted)
		outcome_set(result, HaReason_none, "%s had the weight %u already", change.name,
			    change.wanted);
	else
		give_weight(&change);
}
