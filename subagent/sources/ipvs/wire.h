/* What the kernel says about its virtual services, taken out of messages of generic netlink.
 *
 * A message is taken apart whole or refused: an attribute that must be there and is not, one that
 * is cut or of a wrong length. What else it carries disturbs nobody.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_IPVS_WIRE_H
#define HA_IPVS_WIRE_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/address.h"

struct nl_msg;
struct nlmsghdr;

/* What makes a virtual service. There are no unused octets: equal ones are equal octet by octet. */
struct ipvs_key {
	uint32_t protocol; /* enum HaIpvsProtocol */
	uint32_t mark;     /* of HaIpvsProtocol_fwmark, whose address is of a family and no more */
	struct address address;
};

/* Counters since it was made or zeroed, and the kernel's estimates of what comes in a second. */
struct ipvs_figures {
	uint64_t connections, in_packets, out_packets, in_octets, out_octets;
	uint64_t connection_rate, in_packet_rate, out_packet_rate, in_octet_rate, out_octet_rate;
};

struct ipvs_service {
	struct ipvs_key key;
	char scheduler[17];
	uint32_t persistence; /* seconds; 0: none */
	bool has_figures;
	struct ipvs_figures figures;
};

struct ipvs_real {
	struct address address;
	int32_t forwarding; /* enum haIpvsRealForwarding */
	uint32_t weight;
	uint32_t upper, lower; /* thresholds in connections; 0: none */
	uint32_t active, inactive, persistent;
	bool has_figures;
	struct ipvs_figures figures;
};

/* ---- answers: true when it is such a message and was understood ---- */

/* A family of generic netlink with this name, and its number. */
bool ipvs_wire_family(struct nlmsghdr *message, const char *name, uint16_t *family);

/* The version of IPVS, 0xMMmmpp. */
bool ipvs_wire_version(struct nlmsghdr *message, uint32_t *version);

/* A synchronisation daemon: IP_VS_STATE_MASTER or IP_VS_STATE_BACKUP (linux/ip_vs.h). */
bool ipvs_wire_daemon(struct nlmsghdr *message, uint32_t *state);

bool ipvs_wire_service(struct nlmsghdr *message, struct ipvs_service *service);

/* A server of a service whose address is of `family`: older kernels do not say that of each. */
bool ipvs_wire_real(struct nlmsghdr *message, uint16_t family, struct ipvs_real *real);

/* The errno that a message brings which ends a conversation (NLMSG_ERROR, NLMSG_DONE); 0: none. */
int ipvs_wire_error(struct nlmsghdr *message);

/* ---- questions: the caller frees them with nlmsg_free() ---- */

/* `flags` are of netlink(7), beside NLM_F_REQUEST. */
struct nl_msg *ipvs_wire_ask(uint16_t family, uint8_t command, int flags);

/* All servers of a service. */
struct nl_msg *ipvs_wire_ask_reals(uint16_t family, const struct ipvs_key *key);

#endif
