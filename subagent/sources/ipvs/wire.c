/* What the kernel says about its virtual services, taken out of messages of generic netlink.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/ipvs/wire.h"

#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>
#include <linux/genetlink.h>
#include <linux/ip_vs.h>
#include <netlink/attr.h>
#include <netlink/genl/genl.h>
#include <netlink/msg.h>
#include <string.h>

#include "lib/log.h"
#include "lib/memory.h"
#include "mib/ha-agentx-mib.h"

/* Longest name of a scheduler that is taken: IP_VS_SCHEDNAME_MAXLEN with its NUL. */
#define SCHEDULER_SIZE (IP_VS_SCHEDNAME_MAXLEN + 1)

/* An attribute of exactly so many octets, whatever they mean: an address, a port, a struct. */
#define EXACTLY(size)                                                                              \
	{                                                                                          \
		.type = NLA_UNSPEC, .minlen = (size), .maxlen = (size)                             \
	}
#define NUMBER(size, kind)                                                                         \
	{                                                                                          \
		.type = (kind), .minlen = (size), .maxlen = (size)                                 \
	}
#define NUMBER16 NUMBER(2, NLA_U16)
#define NUMBER32 NUMBER(4, NLA_U32)
#define NUMBER64 NUMBER(8, NLA_U64)
#define NESTED                                                                                     \
	{                                                                                          \
		.type = NLA_NESTED                                                                 \
	}

/* libnl writes to a policy nowhere, but takes it as if it did. */
static struct nla_policy family_policy[CTRL_ATTR_MAX + 1] = {
	[CTRL_ATTR_FAMILY_ID] = NUMBER16,
	[CTRL_ATTR_FAMILY_NAME] = { .type = NLA_STRING, .minlen = 1, .maxlen = GENL_NAMSIZ },
};

static struct nla_policy info_policy[IPVS_INFO_ATTR_MAX + 1] = {
	[IPVS_INFO_ATTR_VERSION] = NUMBER32,
};

static struct nla_policy command_policy[IPVS_CMD_ATTR_MAX + 1] = {
	[IPVS_CMD_ATTR_SERVICE] = NESTED,
	[IPVS_CMD_ATTR_DEST] = NESTED,
	[IPVS_CMD_ATTR_DAEMON] = NESTED,
};

static struct nla_policy daemon_policy[IPVS_DAEMON_ATTR_MAX + 1] = {
	[IPVS_DAEMON_ATTR_STATE] = NUMBER32,
};

static struct nla_policy service_policy[IPVS_SVC_ATTR_MAX + 1] = {
	[IPVS_SVC_ATTR_AF] = NUMBER16,
	[IPVS_SVC_ATTR_PROTOCOL] = NUMBER16,
	[IPVS_SVC_ATTR_ADDR] = EXACTLY(16),
	[IPVS_SVC_ATTR_PORT] = NUMBER16,
	[IPVS_SVC_ATTR_FWMARK] = NUMBER32,
	[IPVS_SVC_ATTR_SCHED_NAME] = { .type = NLA_STRING, .minlen = 1, .maxlen = SCHEDULER_SIZE },
	[IPVS_SVC_ATTR_FLAGS] = EXACTLY(sizeof(struct ip_vs_flags)),
	[IPVS_SVC_ATTR_TIMEOUT] = NUMBER32,
	[IPVS_SVC_ATTR_STATS] = NESTED,
	[IPVS_SVC_ATTR_STATS64] = NESTED,
};

static struct nla_policy real_policy[IPVS_DEST_ATTR_MAX + 1] = {
	[IPVS_DEST_ATTR_ADDR] = EXACTLY(16),       [IPVS_DEST_ATTR_PORT] = NUMBER16,
	[IPVS_DEST_ATTR_FWD_METHOD] = NUMBER32,    [IPVS_DEST_ATTR_WEIGHT] = NUMBER32,
	[IPVS_DEST_ATTR_U_THRESH] = NUMBER32,      [IPVS_DEST_ATTR_L_THRESH] = NUMBER32,
	[IPVS_DEST_ATTR_ACTIVE_CONNS] = NUMBER32,  [IPVS_DEST_ATTR_INACT_CONNS] = NUMBER32,
	[IPVS_DEST_ATTR_PERSIST_CONNS] = NUMBER32, [IPVS_DEST_ATTR_STATS] = NESTED,
	[IPVS_DEST_ATTR_ADDR_FAMILY] = NUMBER16,   [IPVS_DEST_ATTR_STATS64] = NESTED,
};

/* ---- attributes ---- */

static bool take_apart(struct nlmsghdr *message, struct nlattr **found, int last,
		       struct nla_policy *policy)
{
	return genlmsg_valid_hdr(message, 0) && genlmsg_parse(message, 0, found, last, policy) == 0;
}

/* The attributes inside the attribute `which` of a message. */
static bool take_nested(struct nlmsghdr *message, int which, struct nlattr **found, int last,
			struct nla_policy *policy)
{
	struct nlattr *outer[IPVS_CMD_ATTR_MAX + 1];

	return take_apart(message, outer, IPVS_CMD_ATTR_MAX, command_policy) && outer[which] &&
	       nla_parse_nested(found, last, outer[which], policy) == 0;
}

static uint32_t number_of(struct nlattr *attribute)
{
	return attribute ? nla_get_u32(attribute) : 0;
}

/* ---- figures ---- */

/* Their order is that of IPVS_STATS_ATTR_CONNS to IPVS_STATS_ATTR_OUTBPS. */
static const size_t figure_offsets[IPVS_STATS_ATTR_OUTBPS + 1] = {
	[IPVS_STATS_ATTR_CONNS] = offsetof(struct ipvs_figures, connections),
	[IPVS_STATS_ATTR_INPKTS] = offsetof(struct ipvs_figures, in_packets),
	[IPVS_STATS_ATTR_OUTPKTS] = offsetof(struct ipvs_figures, out_packets),
	[IPVS_STATS_ATTR_INBYTES] = offsetof(struct ipvs_figures, in_octets),
	[IPVS_STATS_ATTR_OUTBYTES] = offsetof(struct ipvs_figures, out_octets),
	[IPVS_STATS_ATTR_CPS] = offsetof(struct ipvs_figures, connection_rate),
	[IPVS_STATS_ATTR_INPPS] = offsetof(struct ipvs_figures, in_packet_rate),
	[IPVS_STATS_ATTR_OUTPPS] = offsetof(struct ipvs_figures, out_packet_rate),
	[IPVS_STATS_ATTR_INBPS] = offsetof(struct ipvs_figures, in_octet_rate),
	[IPVS_STATS_ATTR_OUTBPS] = offsetof(struct ipvs_figures, out_octet_rate),
};

/* Numbers of 32 or 64 bits, as each kernel has them: octets were of 64 bits always. */
static bool take_figures(struct nlattr *nest, struct ipvs_figures *figures)
{
	struct nlattr *found[IPVS_STATS_ATTR_MAX + 1];

	if (!nest || nla_parse_nested(found, IPVS_STATS_ATTR_MAX, nest, NULL) < 0)
		return false;
	for (int i = IPVS_STATS_ATTR_CONNS; i <= IPVS_STATS_ATTR_OUTBPS; i++) {
		uint64_t value;

		if (found[i] && nla_len(found[i]) == sizeof(uint64_t))
			value = nla_get_u64(found[i]);
		else if (found[i] && nla_len(found[i]) == sizeof(uint32_t))
			value = nla_get_u32(found[i]);
		else
			return false;
		memcpy((char *)figures + figure_offsets[i], &value, sizeof(value));
	}
	return true;
}

/* Those of 64 bits came with Linux 4.1. */
static bool take_either(struct nlattr *wide, struct nlattr *narrow, struct ipvs_figures *figures)
{
	return take_figures(wide, figures) || take_figures(narrow, figures);
}

/* ---- addresses ---- */

static bool take_address(struct nlattr *octets, uint16_t family, struct address *address)
{
	size_t length = family == AF_INET ? 4 : 16;

	if (!octets || (family != AF_INET && family != AF_INET6))
		return false;
	address->family = family;
	memcpy(address->octets, nla_data(octets), length);
	return true;
}

/* A service of a firewall mark has neither protocol nor address. */
static bool take_key(struct nlattr **found, struct ipvs_key *key)
{
	uint16_t family = found[IPVS_SVC_ATTR_AF] ? nla_get_u16(found[IPVS_SVC_ATTR_AF]) : 0;

	if (found[IPVS_SVC_ATTR_FWMARK]) {
		key->protocol = HaIpvsProtocol_fwmark;
		key->mark = nla_get_u32(found[IPVS_SVC_ATTR_FWMARK]);
		key->address.family = family;
		return family == AF_INET || family == AF_INET6;
	}
	if (!found[IPVS_SVC_ATTR_PROTOCOL] || !found[IPVS_SVC_ATTR_PORT])
		return false;
	key->protocol = nla_get_u16(found[IPVS_SVC_ATTR_PROTOCOL]);
	key->address.port = ntohs(nla_get_u16(found[IPVS_SVC_ATTR_PORT]));
	return take_address(found[IPVS_SVC_ATTR_ADDR], family, &key->address);
}

/* ---- answers ---- */

bool ipvs_wire_family(struct nlmsghdr *message, const char *name, uint16_t *family)
{
	struct nlattr *found[CTRL_ATTR_MAX + 1];

	if (!take_apart(message, found, CTRL_ATTR_MAX, family_policy) ||
	    !found[CTRL_ATTR_FAMILY_ID] || !found[CTRL_ATTR_FAMILY_NAME] ||
	    strcmp(nla_get_string(found[CTRL_ATTR_FAMILY_NAME]), name) != 0)
		return false;
	*family = nla_get_u16(found[CTRL_ATTR_FAMILY_ID]);
	return true;
}

bool ipvs_wire_version(struct nlmsghdr *message, uint32_t *version)
{
	struct nlattr *found[IPVS_INFO_ATTR_MAX + 1];

	if (!take_apart(message, found, IPVS_INFO_ATTR_MAX, info_policy) ||
	    !found[IPVS_INFO_ATTR_VERSION])
		return false;
	*version = nla_get_u32(found[IPVS_INFO_ATTR_VERSION]);
	return true;
}

bool ipvs_wire_daemon(struct nlmsghdr *message, uint32_t *state)
{
	struct nlattr *found[IPVS_DAEMON_ATTR_MAX + 1];

	if (!take_nested(message, IPVS_CMD_ATTR_DAEMON, found, IPVS_DAEMON_ATTR_MAX,
			 daemon_policy) ||
	    !found[IPVS_DAEMON_ATTR_STATE])
		return false;
	*state = nla_get_u32(found[IPVS_DAEMON_ATTR_STATE]);
	return true;
}

/* The kernel gives every service a time-out, and means it only where this flag is set. */
static bool is_persistent(struct nlattr *attribute)
{
	struct ip_vs_flags flags;

	if (!attribute)
		return false;
	memcpy(&flags, nla_data(attribute), sizeof(flags));
	return flags.flags & IP_VS_SVC_F_PERSISTENT;
}

bool ipvs_wire_service(struct nlmsghdr *message, struct ipvs_service *service)
{
	struct nlattr *found[IPVS_SVC_ATTR_MAX + 1];

	memset(service, 0, sizeof(*service));
	if (!take_nested(message, IPVS_CMD_ATTR_SERVICE, found, IPVS_SVC_ATTR_MAX,
			 service_policy) ||
	    !take_key(found, &service->key) || !found[IPVS_SVC_ATTR_SCHED_NAME])
		return false;
	TEXT_PUT(service->scheduler, nla_get_string(found[IPVS_SVC_ATTR_SCHED_NAME]));
	if (is_persistent(found[IPVS_SVC_ATTR_FLAGS]))
		service->persistence = number_of(found[IPVS_SVC_ATTR_TIMEOUT]);
	service->has_figures = take_either(found[IPVS_SVC_ATTR_STATS64], found[IPVS_SVC_ATTR_STATS],
					   &service->figures);
	return true;
}

static int32_t forwarding_of(uint32_t flags)
{
	switch (flags & IP_VS_CONN_F_FWD_MASK) {
	case IP_VS_CONN_F_MASQ:
		return haIpvsRealForwarding_masquerade;
	case IP_VS_CONN_F_LOCALNODE:
		return haIpvsRealForwarding_local;
	case IP_VS_CONN_F_TUNNEL:
		return haIpvsRealForwarding_tunnel;
	case IP_VS_CONN_F_DROUTE:
		return haIpvsRealForwarding_directRoute;
	case IP_VS_CONN_F_BYPASS:
		return haIpvsRealForwarding_bypass;
	default:
		return haIpvsRealForwarding_other;
	}
}

static void take_connections(struct nlattr **found, struct ipvs_real *real)
{
	real->upper = number_of(found[IPVS_DEST_ATTR_U_THRESH]);
	real->lower = number_of(found[IPVS_DEST_ATTR_L_THRESH]);
	real->active = number_of(found[IPVS_DEST_ATTR_ACTIVE_CONNS]);
	real->inactive = number_of(found[IPVS_DEST_ATTR_INACT_CONNS]);
	real->persistent = number_of(found[IPVS_DEST_ATTR_PERSIST_CONNS]);
	real->has_figures = take_either(found[IPVS_DEST_ATTR_STATS64], found[IPVS_DEST_ATTR_STATS],
					&real->figures);
}

bool ipvs_wire_real(struct nlmsghdr *message, uint16_t family, struct ipvs_real *real)
{
	struct nlattr *found[IPVS_DEST_ATTR_MAX + 1];

	memset(real, 0, sizeof(*real));
	if (!take_nested(message, IPVS_CMD_ATTR_DEST, found, IPVS_DEST_ATTR_MAX, real_policy) ||
	    !found[IPVS_DEST_ATTR_PORT] || !found[IPVS_DEST_ATTR_FWD_METHOD] ||
	    !found[IPVS_DEST_ATTR_WEIGHT])
		return false;
	if (found[IPVS_DEST_ATTR_ADDR_FAMILY])
		family = nla_get_u16(found[IPVS_DEST_ATTR_ADDR_FAMILY]);
	if (!take_address(found[IPVS_DEST_ATTR_ADDR], family, &real->address))
		return false;
	real->address.port = ntohs(nla_get_u16(found[IPVS_DEST_ATTR_PORT]));
	real->forwarding = forwarding_of(nla_get_u32(found[IPVS_DEST_ATTR_FWD_METHOD]));
	real->weight = nla_get_u32(found[IPVS_DEST_ATTR_WEIGHT]);
	take_connections(found, real);
	return true;
}

int ipvs_wire_error(struct nlmsghdr *message)
{
	int error = 0;

	if (nlmsg_datalen(message) >= (int)sizeof(error))
		memcpy(&error, nlmsg_data(message), sizeof(error));
	else if (message->nlmsg_type == NLMSG_ERROR)
		return EPROTO;
	if (error == INT_MIN)
		return EPROTO;
	return error < 0 ? -error : 0;
}

/* ---- questions ---- */

/* libnl says that there is no memory or no room in a page, which these never fill. */
static void need(bool done)
{
	if (!done)
		log_fatal("out of memory");
}

struct nl_msg *ipvs_wire_ask(uint16_t family, uint8_t command, int flags)
{
	struct nl_msg *question = nlmsg_alloc();

	need(question);
	need(genlmsg_put(question, NL_AUTO_PORT, NL_AUTO_SEQ, family, 0, NLM_F_REQUEST | flags,
			 command, IPVS_GENL_VERSION));
	return question;
}

static void put_key(struct nl_msg *question, const struct ipvs_key *key)
{
	need(nla_put_u16(question, IPVS_SVC_ATTR_AF, key->address.family) == 0);
	if (key->protocol == HaIpvsProtocol_fwmark) {
		need(nla_put_u32(question, IPVS_SVC_ATTR_FWMARK, key->mark) == 0);
		return;
	}
	need(nla_put_u16(question, IPVS_SVC_ATTR_PROTOCOL, (uint16_t)key->protocol) == 0);
	need(nla_put(question, IPVS_SVC_ATTR_ADDR, sizeof(key->address.octets),
		     key->address.octets) == 0);
	need(nla_put_u16(question, IPVS_SVC_ATTR_PORT, htons(key->address.port)) == 0);
}

struct nl_msg *ipvs_wire_ask_reals(uint16_t family, const struct ipvs_key *key)
{
	struct nl_msg *question = ipvs_wire_ask(family, IPVS_CMD_GET_DEST, NLM_F_DUMP);
	struct nlattr *nest = nla_nest_start(question, IPVS_CMD_ATTR_SERVICE);

	need(nest);
	put_key(question, key);
	nla_nest_end(question, nest);
	return question;
}
