/* The tables of haIpvs: columns, subjects, and how bad each state is.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/ipvs/rows.h"

#include <string.h>

#include "lib/memory.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/sources/ipvs/text.h"

static const struct level service_levels[] = {
	ALARM(haIpvsServiceState, degraded, warning, ipvsServiceDegraded),
	ALARM(haIpvsServiceState, down, critical, ipvsServiceDown),
	{ .value = LEVELS_END },
};

static const struct watch service_watch = {
	.notification = mib_haIpvsServiceChange,
	.counts = true,
	.levels = service_levels,
};

/* What the loss of a server means for its service, the service says. */
static const struct level real_levels[] = {
	ALARM(haIpvsRealState, drained, warning, ipvsRealDrained),
	{ .value = LEVELS_END },
};

static const struct watch real_watch = {
	.notification = mib_haIpvsRealChange,
	.counts = true,
	.levels = real_levels,
};

static const struct column service_columns[] = {
	COLUMN(ipvs_service_row, haIpvsServiceProtocol, protocol),
	COLUMN(ipvs_service_row, haIpvsServiceAddressType, address_type),
	COLUMN(ipvs_service_row, haIpvsServiceAddress, address),
	COLUMN(ipvs_service_row, haIpvsServicePort, port),
	WATCHED_COLUMN(ipvs_service_row, haIpvsServiceRowState, head.state, &watch_quiet),
	COLUMN(ipvs_service_row, haIpvsServiceLastChange, head.changed),
	COLUMN(ipvs_service_row, haIpvsServiceTransitions, head.transitions),
	COLUMN(ipvs_service_row, haIpvsServiceText, text),
	WATCHED_COLUMN(ipvs_service_row, haIpvsServiceState, service_state, &service_watch),
	COLUMN(ipvs_service_row, haIpvsServiceStateTime, state_time),
	COLUMN(ipvs_service_row, haIpvsServiceScheduler, scheduler),
	COLUMN(ipvs_service_row, haIpvsServicePersistenceTime, persistence),
	COLUMN(ipvs_service_row, haIpvsServiceReals, reals),
	COLUMN(ipvs_service_row, haIpvsServiceRealsActive, reals_active),
	COLUMN(ipvs_service_row, haIpvsServiceQuorum, quorum),
	COLUMN(ipvs_service_row, haIpvsServiceActiveConnections, active),
	COLUMN(ipvs_service_row, haIpvsServiceInactiveConnections, inactive),
	COLUMN(ipvs_service_row, haIpvsServiceConnections, figures.connections),
	COLUMN(ipvs_service_row, haIpvsServiceInPackets, figures.in_packets),
	COLUMN(ipvs_service_row, haIpvsServiceOutPackets, figures.out_packets),
	COLUMN(ipvs_service_row, haIpvsServiceInOctets, figures.in_octets),
	COLUMN(ipvs_service_row, haIpvsServiceOutOctets, figures.out_octets),
	COLUMN(ipvs_service_row, haIpvsServiceConnectionRate, figures.connection_rate),
	COLUMN(ipvs_service_row, haIpvsServiceInPacketRate, figures.in_packet_rate),
	COLUMN(ipvs_service_row, haIpvsServiceOutPacketRate, figures.out_packet_rate),
	COLUMN(ipvs_service_row, haIpvsServiceInOctetRate, figures.in_octet_rate),
	COLUMN(ipvs_service_row, haIpvsServiceOutOctetRate, figures.out_octet_rate),
};

static const struct column real_columns[] = {
	COLUMN(ipvs_real_row, haIpvsServiceProtocol, protocol),
	COLUMN(ipvs_real_row, haIpvsServiceAddressType, service_type),
	COLUMN(ipvs_real_row, haIpvsServiceAddress, service),
	COLUMN(ipvs_real_row, haIpvsServicePort, service_port),
	COLUMN(ipvs_real_row, haIpvsRealAddressType, address_type),
	COLUMN(ipvs_real_row, haIpvsRealAddress, address),
	COLUMN(ipvs_real_row, haIpvsRealPort, port),
	WATCHED_COLUMN(ipvs_real_row, haIpvsRealRowState, head.state, &watch_quiet),
	COLUMN(ipvs_real_row, haIpvsRealLastChange, head.changed),
	COLUMN(ipvs_real_row, haIpvsRealTransitions, head.transitions),
	COLUMN(ipvs_real_row, haIpvsRealText, text),
	WATCHED_COLUMN(ipvs_real_row, haIpvsRealState, real_state, &real_watch),
	COLUMN(ipvs_real_row, haIpvsRealStateTime, state_time),
	WATCHED_COLUMN(ipvs_real_row, haIpvsRealCheck, check, &watch_quiet),
	COLUMN(ipvs_real_row, haIpvsRealForwarding, forwarding),
	COLUMN(ipvs_real_row, haIpvsRealWeight, weight),
	COLUMN(ipvs_real_row, haIpvsRealNormalWeight, normal_weight),
	COLUMN(ipvs_real_row, haIpvsRealUpperThreshold, upper),
	COLUMN(ipvs_real_row, haIpvsRealLowerThreshold, lower),
	COLUMN(ipvs_real_row, haIpvsRealActiveConnections, active),
	COLUMN(ipvs_real_row, haIpvsRealInactiveConnections, inactive),
	COLUMN(ipvs_real_row, haIpvsRealPersistentConnections, persistent),
	COLUMN(ipvs_real_row, haIpvsRealConnections, figures.connections),
	COLUMN(ipvs_real_row, haIpvsRealInPackets, figures.in_packets),
	COLUMN(ipvs_real_row, haIpvsRealOutPackets, figures.out_packets),
	COLUMN(ipvs_real_row, haIpvsRealInOctets, figures.in_octets),
	COLUMN(ipvs_real_row, haIpvsRealOutOctets, figures.out_octets),
	COLUMN(ipvs_real_row, haIpvsRealConnectionRate, figures.connection_rate),
	COLUMN(ipvs_real_row, haIpvsRealInPacketRate, figures.in_packet_rate),
	COLUMN(ipvs_real_row, haIpvsRealOutPacketRate, figures.out_packet_rate),
	COLUMN(ipvs_real_row, haIpvsRealInOctetRate, figures.in_octet_rate),
	COLUMN(ipvs_real_row, haIpvsRealOutOctetRate, figures.out_octet_rate),
};

static const struct column columns[] = {
	COLUMN(ipvs_row, haIpvsVersion, version),
	COLUMN(ipvs_row, haIpvsSync, sync),
};

uint64_t ipvs_bits_of(const uint16_t *objects, size_t count)
{
	uint64_t bits = 0;

	while (count-- > 0)
		bits |= UINT64_C(1) << mib_objects[objects[count]].arc;
	return bits;
}

static void call_service(const void *row, char *text, size_t size)
{
	const struct ipvs_service_row *service = row;

	text_put(text, size, service->text);
}

/* The service as the index has it, for its text is not in this row. */
static void call_real(const void *row, char *text, size_t size)
{
	const struct ipvs_real_row *real = row;
	struct ipvs_key key = {
		.protocol = (uint32_t)real->protocol,
		.mark = real->service_port,
		.address.family = real->service_type == InetAddressType_ipv6 ? AF_INET6 : AF_INET,
		.address.port = (uint16_t)real->service_port,
	};
	char service[65];

	memcpy(key.address.octets, real->service.octet, sizeof(key.address.octets));
	ipvs_text_service(&key, service, sizeof(service));
	text_print(text, size, "%s -> %s", service, real->text);
}

const struct table ipvs_service_table =
	TABLE(ipvs_service_row, haIpvsServiceEntry, service_columns, call_service);
const struct table ipvs_real_table = TABLE(ipvs_real_row, haIpvsRealEntry, real_columns, call_real);
const struct table ipvs_table = TABLE(ipvs_row, haIpvs, columns, NULL);

const struct table *const ipvs_tables[] = {
	&ipvs_service_table,
	&ipvs_real_table,
	&ipvs_table,
	NULL,
};
