/* The tables of the peer: what is published of it, and what is asked of its agent.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/peer/rows.h"

#include "mib/ha-agentx-mib.h"

/* Its change moves the time of the row's last change, and is no event. */
static const struct watch row_watch = { 0 };

static const struct level healthy_levels[] = {
	{ HaAnswer_no, HaSeverity_warning, HaAlarmType_vrrpPeerNotReady },
	{ .value = LEVELS_END },
};

static const struct watch healthy_watch = {
	.notification = mib_haVrrpPeerChange,
	.counts = true,
	.levels = healthy_levels,
	.reason = mib_haVrrpPeerCause,
};

static const struct column vrrp_columns[] = {
	COLUMN(peer_vrrp_row, haVrrpInstanceName, instance),
	WATCHED_COLUMN(peer_vrrp_row, haVrrpPeerRowState, head.state, &row_watch),
	COLUMN(peer_vrrp_row, haVrrpPeerLastChange, head.changed),
	COLUMN(peer_vrrp_row, haVrrpPeerTransitions, head.transitions),
	COLUMN(peer_vrrp_row, haVrrpPeerNode, node),
	WATCHED_COLUMN(peer_vrrp_row, haVrrpPeerState, vrrp_state, &row_watch),
	COLUMN(peer_vrrp_row, haVrrpPeerStateTime, state_time),
	COLUMN(peer_vrrp_row, haVrrpPeerReason, reason),
	COLUMN(peer_vrrp_row, haVrrpPeerEffectivePriority, priority),
	COLUMN(peer_vrrp_row, haVrrpPeerAddressesPresent, addresses_present),
	COLUMN(peer_vrrp_row, haVrrpPeerHeld, held),
	WATCHED_COLUMN(peer_vrrp_row, haVrrpPeerHealthy, healthy, &healthy_watch),
	COLUMN(peer_vrrp_row, haVrrpPeerCause, cause),
	COLUMN(peer_vrrp_row, haVrrpPeerAge, age),
};

const struct table peer_vrrp_table = TABLE(peer_vrrp_row, haVrrpPeerEntry, vrrp_columns, NULL);

const struct table *const peer_tables[] = { &peer_vrrp_table, NULL };

static const struct column agent_columns[] = {
	COLUMN(peer_agent_row, haAgentNode, node),
};

static const struct column keepalived_columns[] = {
	COLUMN(peer_keepalived_row, haVrrpKeepalivedState, keepalived),
};

static const struct column instance_columns[] = {
	COLUMN(peer_instance_row, haVrrpInstanceName, name),
	COLUMN(peer_instance_row, haVrrpInstanceRowState, head.state),
	COLUMN(peer_instance_row, haVrrpInstanceState, vrrp_state),
	COLUMN(peer_instance_row, haVrrpInstanceStateTime, state_time),
	COLUMN(peer_instance_row, haVrrpInstanceReason, reason),
	COLUMN(peer_instance_row, haVrrpInstanceEffectivePriority, priority),
	COLUMN(peer_instance_row, haVrrpInstanceAddressesPresent, addresses_present),
	COLUMN(peer_instance_row, haVrrpInstanceHeld, held),
};

const struct table peer_agent_table = TABLE(peer_agent_row, haAgent, agent_columns, NULL);
const struct table peer_keepalived_table =
	TABLE(peer_keepalived_row, haVrrp, keepalived_columns, NULL);
const struct table peer_instance_table =
	TABLE(peer_instance_row, haVrrpInstanceEntry, instance_columns, NULL);

const struct table *const peer_asked[] = {
	&peer_agent_table,
	&peer_keepalived_table,
	&peer_instance_table,
	NULL,
};
