/* The tables of haBond: columns, subjects, and how bad each state is.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/bond/rows.h"

#include "mib/ha-agentx-mib.h"

static const struct level missing_levels[] = {
	ALARM(HaRowState, missing, critical, bondMissing),
	{ .value = LEVELS_END },
};

static const struct watch missing_watch = {
	.notification = mib_haBondRowStateChange,
	.levels = missing_levels,
};

static const struct level redundancy_levels[] = {
	ALARM(haBondRedundancy, degraded, warning, bondDegraded),
	ALARM(haBondRedundancy, none, major, bondNoRedundancy),
	ALARM(haBondRedundancy, down, critical, bondDown),
	ALARM(haBondRedundancy, unmonitored, warning, bondUnmonitored),
	{ .value = LEVELS_END },
};

/* The module makes a bond0 when it is loaded: one that nobody expects or switches on serves nobody.
 */
static bool is_unused(const void *row)
{
	const struct bond_row *bond = row;

	return bond->configured == TruthValue_false && bond->admin_up == HaAnswer_no;
}

static const struct watch redundancy_watch = {
	.notification = mib_haBondRedundancyChange,
	.counts = true,
	.levels = redundancy_levels,
	.excused = is_unused,
};

static const struct watch active_watch = {
	.notification = mib_haBondActivePortChange,
	.number = offsetof(struct bond_row, active_index),
};

/* How bad it is says the redundancy of the bond. */
static const struct watch link_watch = {
	.notification = mib_haBondLinkChange,
	.counts = true,
};

static const struct level problems_levels[] = {
	{ 0, HaSeverity_cleared, 0 },
	{ LEVEL_OTHERWISE, HaSeverity_warning, HaAlarmType_bondPortProblem },
	{ .value = LEVELS_END },
};

static const struct watch problems_watch = {
	.notification = mib_haBondProblemsChange,
	.levels = problems_levels,
};

static const struct column bond_columns[] = {
	COLUMN(bond_row, haBondName, name),
	WATCHED_COLUMN(bond_row, haBondRowState, head.state, &missing_watch),
	COLUMN(bond_row, haBondLastChange, head.changed),
	COLUMN(bond_row, haBondTransitions, head.transitions),
	COLUMN(bond_row, haBondConfigured, configured),
	COLUMN(bond_row, haBondIfIndex, index),
	COLUMN(bond_row, haBondMacAddress, address),
	COLUMN(bond_row, haBondMode, mode),
	COLUMN(bond_row, haBondAdminUp, admin_up),
	WATCHED_COLUMN(bond_row, haBondOperState, oper, &watch_quiet),
	WATCHED_COLUMN(bond_row, haBondRedundancy, redundancy, &redundancy_watch),
	COLUMN(bond_row, haBondRedundancyTime, redundancy_time),
	COLUMN(bond_row, haBondMonitoring, monitoring),
	COLUMN(bond_row, haBondMonitorInterval, interval),
	COLUMN(bond_row, haBondUpDelay, up_delay),
	COLUMN(bond_row, haBondDownDelay, down_delay),
	COLUMN(bond_row, haBondArpTargets, arp_targets),
	WATCHED_COLUMN(bond_row, haBondActivePort, active, &active_watch),
	COLUMN(bond_row, haBondActivePortTime, active_time),
	COLUMN(bond_row, haBondActivePortChanges, active_changes),
	COLUMN(bond_row, haBondPrimary, primary),
	COLUMN(bond_row, haBondPrimaryReselect, reselect),
	COLUMN(bond_row, haBondPorts, ports),
	COLUMN(bond_row, haBondPortsUp, ports_up),
	COLUMN(bond_row, haBondMinLinks, min_links),
	COLUMN(bond_row, haBondSpeed, speed),
	COLUMN(bond_row, haBondLacpRate, lacp_rate),
	COLUMN(bond_row, haBondAdSelect, ad_select),
	COLUMN(bond_row, haBondAggregator, aggregator),
	COLUMN(bond_row, haBondAggregatorPorts, aggregator_ports),
	COLUMN(bond_row, haBondActorKey, actor_key),
	COLUMN(bond_row, haBondPartnerKey, partner_key),
	COLUMN(bond_row, haBondPartnerSystem, partner_system),
};

static const struct column port_columns[] = {
	COLUMN(bond_port_row, haBondName, bond),
	COLUMN(bond_port_row, haBondPortName, name),
	WATCHED_COLUMN(bond_port_row, haBondPortRowState, head.state, &watch_quiet),
	COLUMN(bond_port_row, haBondPortLastChange, head.changed),
	COLUMN(bond_port_row, haBondPortTransitions, head.transitions),
	COLUMN(bond_port_row, haBondPortConfigured, configured),
	COLUMN(bond_port_row, haBondPortIfIndex, index),
	WATCHED_COLUMN(bond_port_row, haBondPortLink, link, &link_watch),
	COLUMN(bond_port_row, haBondPortLinkTime, link_time),
	COLUMN(bond_port_row, haBondPortCarrier, carrier),
	WATCHED_COLUMN(bond_port_row, haBondPortUse, use, &watch_quiet),
	COLUMN(bond_port_row, haBondPortSpeed, speed),
	COLUMN(bond_port_row, haBondPortDuplex, duplex),
	COLUMN(bond_port_row, haBondPortLinkFailures, failures),
	COLUMN(bond_port_row, haBondPortPermanentAddress, address),
	COLUMN(bond_port_row, haBondPortQueueId, queue),
	WATCHED_COLUMN(bond_port_row, haBondPortProblems, problems, &problems_watch),
	COLUMN(bond_port_row, haBondPortAggregator, aggregator),
	COLUMN(bond_port_row, haBondPortActorState, actor_state),
	COLUMN(bond_port_row, haBondPortActorKey, actor_key),
	COLUMN(bond_port_row, haBondPortPartnerState, partner_state),
	COLUMN(bond_port_row, haBondPortPartnerSystem, partner_system),
	COLUMN(bond_port_row, haBondPortPartnerSystemPriority, partner_system_priority),
	COLUMN(bond_port_row, haBondPortPartnerKey, partner_key),
	COLUMN(bond_port_row, haBondPortPartnerPort, partner_port),
	COLUMN(bond_port_row, haBondPortPartnerPortPriority, partner_port_priority),
};

const struct table bond_table = TABLE(bond_row, haBondEntry, bond_columns, NULL);
const struct table bond_port_table = TABLE(bond_port_row, haBondPortEntry, port_columns, NULL);

const struct table *const bond_tables[] = { &bond_table, &bond_port_table, NULL };
