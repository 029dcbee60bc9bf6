/* The tables of haDns: columns, subjects, and how bad each state is.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/dns/rows.h"

#include "lib/memory.h"
#include "mib/ha-agentx-mib.h"

static const struct level server_levels[] = {
	ALARM(haDnsServerState, degraded, warning, dnsServerDegraded),
	ALARM(haDnsServerState, down, major, dnsServerDown),
	{ .value = LEVELS_END },
};

static const struct watch server_watch = {
	.notification = mib_haDnsServerChange,
	.counts = true,
	.levels = server_levels,
	.reason = mib_haDnsServerReason,
};

static const struct watch reason_watch = {
	.notification = mib_haDnsServerChange,
	.beside = mib_haDnsServerState,
};

/* Lagging is what every change of a zone begins with. */
static const struct level zone_levels[] = {
	{ haDnsZoneState_lagging, HaSeverity_info, 0 },
	ALARM(haDnsZoneState, late, major, dnsZoneLate),
	ALARM(haDnsZoneState, ahead, major, dnsZoneAhead),
	ALARM(haDnsZoneState, unavailable, major, dnsZoneUnavailable),
	{ .value = LEVELS_END },
};

static const struct watch zone_watch = {
	.notification = mib_haDnsZoneChange,
	.counts = true,
	.levels = zone_levels,
};

static const struct level security_levels[] = {
	ALARM(haDnsZoneSecurity, bogus, critical, dnsBogus),
	{ .value = LEVELS_END },
};

static const struct watch security_watch = {
	.notification = mib_haDnsSecurityChange,
	.levels = security_levels,
};

static const struct level signature_levels[] = {
	ALARM(haDnsZoneSignatureState, warning, warning, dnsSignatureExpiring),
	ALARM(haDnsZoneSignatureState, critical, major, dnsSignatureExpiring),
	ALARM(haDnsZoneSignatureState, expired, critical, dnsSignatureExpiring),
	{ .value = LEVELS_END },
};

static const struct watch signature_watch = {
	.notification = mib_haDnsSignatureChange,
	.levels = signature_levels,
};

static const struct level agreement_levels[] = {
	ALARM(haDnsZoneAgreement, differs, major, dnsDisagreement),
	{ .value = LEVELS_END },
};

static const struct watch agreement_watch = {
	.notification = mib_haDnsAgreementChange,
	.levels = agreement_levels,
};

static const struct level gate_levels[] = {
	ALARM(haDnsGateState, closed, major, dnsGateClosed),
	{ .value = LEVELS_END },
};

static const struct watch gate_watch = {
	.notification = mib_haDnsGateChange,
	.counts = true,
	.levels = gate_levels,
};

static const struct level file_levels[] = {
	ALARM(haDnsGateFileState, failed, major, dnsGateFileFailed),
	{ .value = LEVELS_END },
};

static const struct watch file_watch = {
	.notification = mib_haDnsGateChange,
	.levels = file_levels,
};

/* A node that asks its own name server without a file is as the C library means it. */
static const struct level resolver_levels[] = {
	ALARM(haResolverState, degraded, warning, dnsResolverDown),
	ALARM(haResolverState, down, critical, dnsResolverDown),
	{ haResolverState_noServers, HaSeverity_info, 0 },
	ALARM(haResolverState, unreadable, major, dnsResolverDown),
	{ .value = LEVELS_END },
};

static const struct watch resolver_watch = {
	.notification = mib_haDnsResolverChange,
	.counts = true,
	.levels = resolver_levels,
};

static const struct level cost_levels[] = {
	ALARM(haResolverCost, aboveLimit, warning, dnsResolverSlow),
	{ .value = LEVELS_END },
};

static const struct watch cost_watch = {
	.notification = mib_haDnsResolverChange,
	.levels = cost_levels,
};

static const struct column server_columns[] = {
	COLUMN(dns_server_row, haDnsServerName, name),
	WATCHED_COLUMN(dns_server_row, haDnsServerRowState, head.state, &watch_quiet),
	COLUMN(dns_server_row, haDnsServerLastChange, head.changed),
	COLUMN(dns_server_row, haDnsServerTransitions, head.transitions),
	COLUMN(dns_server_row, haDnsServerOrigin, origin),
	COLUMN(dns_server_row, haDnsServerResolverPosition, position),
	COLUMN(dns_server_row, haDnsServerAddressType, address_type),
	COLUMN(dns_server_row, haDnsServerAddress, address),
	COLUMN(dns_server_row, haDnsServerPort, port),
	COLUMN(dns_server_row, haDnsServerTransport, transport),
	COLUMN(dns_server_row, haDnsServerQueryName, query),
	COLUMN(dns_server_row, haDnsServerQueryType, type),
	COLUMN(dns_server_row, haDnsServerQueryClass, class),
	COLUMN(dns_server_row, haDnsServerInterval, interval),
	COLUMN(dns_server_row, haDnsServerTimeout, timeout),
	COLUMN(dns_server_row, haDnsServerTries, tries),
	COLUMN(dns_server_row, haDnsServerRise, rise),
	COLUMN(dns_server_row, haDnsServerFall, fall),
	WATCHED_COLUMN(dns_server_row, haDnsServerState, server_state, &server_watch),
	COLUMN(dns_server_row, haDnsServerStateTime, state_time),
	WATCHED_COLUMN(dns_server_row, haDnsServerReason, reason, &reason_watch),
	COLUMN(dns_server_row, haDnsServerRcode, rcode),
	COLUMN(dns_server_row, haDnsServerFlags, flags),
	COLUMN(dns_server_row, haDnsServerEdnsSize, edns_size),
	COLUMN(dns_server_row, haDnsServerNsid, nsid),
	COLUMN(dns_server_row, haDnsServerLatency, latency),
	COLUMN(dns_server_row, haDnsServerLatencyMin, latency_min),
	COLUMN(dns_server_row, haDnsServerLatencyMean, latency_mean),
	COLUMN(dns_server_row, haDnsServerLatencyMax, latency_max),
	COLUMN(dns_server_row, haDnsServerLatencyP95, latency_p95),
	COLUMN(dns_server_row, haDnsServerLatencyWarn, latency_warn),
	COLUMN(dns_server_row, haDnsServerLatencyLimit, latency_limit),
	COLUMN(dns_server_row, haDnsServerFailures, failures),
	COLUMN(dns_server_row, haDnsServerLastGood, good_time),
	COLUMN(dns_server_row, haDnsServerQueries, queries),
	COLUMN(dns_server_row, haDnsServerAnswers, answers),
	COLUMN(dns_server_row, haDnsServerTimeouts, timeouts),
	COLUMN(dns_server_row, haDnsServerUnreachables, unreachables),
	COLUMN(dns_server_row, haDnsServerBadRcodes, bad_rcodes),
	COLUMN(dns_server_row, haDnsServerWrongAnswers, wrong_answers),
	COLUMN(dns_server_row, haDnsServerMalformed, malformed),
	COLUMN(dns_server_row, haDnsServerMismatched, mismatched),
	COLUMN(dns_server_row, haDnsServerLate, late),
	COLUMN(dns_server_row, haDnsServerTruncated, truncated),
	COLUMN(dns_server_row, haDnsServerRefused, refused),
	COLUMN(dns_server_row, haDnsServerServerFailures, server_failures),
};

static const struct column zone_columns[] = {
	COLUMN(dns_zone_row, haDnsServerName, server),
	COLUMN(dns_zone_row, haDnsZoneName, name),
	WATCHED_COLUMN(dns_zone_row, haDnsZoneRowState, head.state, &watch_quiet),
	COLUMN(dns_zone_row, haDnsZoneLastChange, head.changed),
	COLUMN(dns_zone_row, haDnsZoneTransitions, head.transitions),
	WATCHED_COLUMN(dns_zone_row, haDnsZoneState, zone_state, &zone_watch),
	COLUMN(dns_zone_row, haDnsZoneStateTime, state_time),
	COLUMN(dns_zone_row, haDnsZoneSerial, serial),
	COLUMN(dns_zone_row, haDnsZoneReference, reference),
	COLUMN(dns_zone_row, haDnsZoneReferenceSerial, reference_serial),
	COLUMN(dns_zone_row, haDnsZoneLag, lag),
	COLUMN(dns_zone_row, haDnsZoneLagTime, lag_time),
	COLUMN(dns_zone_row, haDnsZoneTolerance, tolerance),
	WATCHED_COLUMN(dns_zone_row, haDnsZoneSecurity, security, &security_watch),
	WATCHED_COLUMN(dns_zone_row, haDnsZoneSignatureState, signature_state, &signature_watch),
	COLUMN(dns_zone_row, haDnsZoneSignatureTimeLeft, time_left),
	COLUMN(dns_zone_row, haDnsZoneSignatureWarn, signature_warn),
	COLUMN(dns_zone_row, haDnsZoneSignatureLimit, signature_limit),
	WATCHED_COLUMN(dns_zone_row, haDnsZoneAgreement, agreement, &agreement_watch),
};

static const struct column gate_columns[] = {
	COLUMN(dns_gate_row, haDnsGateName, name),
	WATCHED_COLUMN(dns_gate_row, haDnsGateRowState, head.state, &watch_quiet),
	COLUMN(dns_gate_row, haDnsGateLastChange, head.changed),
	COLUMN(dns_gate_row, haDnsGateTransitions, head.transitions),
	WATCHED_COLUMN(dns_gate_row, haDnsGateState, gate_state, &gate_watch),
	COLUMN(dns_gate_row, haDnsGateStateTime, state_time),
	COLUMN(dns_gate_row, haDnsGateRule, rule),
	COLUMN(dns_gate_row, haDnsGateNeeded, needed),
	COLUMN(dns_gate_row, haDnsGateServers, servers),
	COLUMN(dns_gate_row, haDnsGateServersUp, servers_up),
	COLUMN(dns_gate_row, haDnsGateFile, file),
	WATCHED_COLUMN(dns_gate_row, haDnsGateFileState, file_state, &file_watch),
	COLUMN(dns_gate_row, haDnsGateFileTime, file_time),
	COLUMN(dns_gate_row, haDnsGateFileWeight, weight),
	COLUMN(dns_gate_row, haDnsGateLastError, error),
};

static const struct column resolver_columns[] = {
	WATCHED_COLUMN(dns_resolver_row, haResolverState, resolver_state, &resolver_watch),
	COLUMN(dns_resolver_row, haResolverStateTime, state_time),
	COLUMN(dns_resolver_row, haResolverLastChange, head.changed),
	COLUMN(dns_resolver_row, haResolverTransitions, head.transitions),
	COLUMN(dns_resolver_row, haResolverFile, file),
	WATCHED_COLUMN(dns_resolver_row, haResolverReadTime, read_time, &watch_quiet),
	COLUMN(dns_resolver_row, haResolverStub, stub),
	COLUMN(dns_resolver_row, haResolverServers, servers),
	COLUMN(dns_resolver_row, haResolverServersIgnored, ignored),
	COLUMN(dns_resolver_row, haResolverTimeout, timeout),
	COLUMN(dns_resolver_row, haResolverAttempts, attempts),
	COLUMN(dns_resolver_row, haResolverRotate, rotate),
	COLUMN(dns_resolver_row, haResolverNdots, ndots),
	COLUMN(dns_resolver_row, haResolverSearch, search),
	COLUMN(dns_resolver_row, haResolverExpectedTime, expected),
	COLUMN(dns_resolver_row, haResolverWorstTime, worst),
	COLUMN(dns_resolver_row, haResolverTimeLimit, limit),
	COLUMN(dns_resolver_row, haResolverLookupsPerHour, lookups_per_hour),
	WATCHED_COLUMN(dns_resolver_row, haResolverCost, cost, &cost_watch),
};
static void call_zone(const void *row, char *text, size_t size)
{
	const struct dns_zone_row *zone = row;

	text_print(text, size, "%s@%s", zone->name, zone->server);
}

static void call_resolver(const void *row, char *text, size_t size)
{
	const struct dns_resolver_row *resolver = row;

	text_put(text, size, resolver->file);
}

const struct table dns_server_table = TABLE(dns_server_row, haDnsServerEntry, server_columns, NULL);
const struct table dns_zone_table = TABLE(dns_zone_row, haDnsZoneEntry, zone_columns, call_zone);
const struct table dns_gate_table = TABLE(dns_gate_row, haDnsGateEntry, gate_columns, NULL);
const struct table dns_resolver_table =
	TABLE(dns_resolver_row, haDns, resolver_columns, call_resolver);

const struct table *const dns_tables[] = {
	&dns_server_table, &dns_zone_table, &dns_gate_table, &dns_resolver_table, NULL,
};
