/* The tables of the peer: what is published of it, and what is asked of its agent.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/peer/rows.h"

#include "mib/ha-agentx-mib.h"

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
	WATCHED_COLUMN(peer_vrrp_row, haVrrpPeerRowState, head.state, &watch_quiet),
	COLUMN(peer_vrrp_row, haVrrpPeerLastChange, head.changed),
	COLUMN(peer_vrrp_row, haVrrpPeerTransitions, head.transitions),
	COLUMN(peer_vrrp_row, haVrrpPeerNode, node),
	WATCHED_COLUMN(peer_vrrp_row, haVrrpPeerState, vrrp_state, &watch_quiet),
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

static const struct watch role_watch = { .counts = true };

static const struct column group_columns[] = {
	COLUMN(peer_group_row, haGroupName, group),
	WATCHED_COLUMN(peer_group_row, haGroupPeerNodeRowState, head.state, &watch_quiet),
	COLUMN(peer_group_row, haGroupPeerNodeLastChange, head.changed),
	COLUMN(peer_group_row, haGroupPeerNodeTransitions, head.transitions),
	COLUMN(peer_group_row, haGroupPeerNodeName, node),
	WATCHED_COLUMN(peer_group_row, haGroupPeerNodeAnswers, answers, &watch_quiet),
	COLUMN(peer_group_row, haGroupPeerNodeCause, cause),
	WATCHED_COLUMN(peer_group_row, haGroupPeerNodeRole, role, &role_watch),
	COLUMN(peer_group_row, haGroupPeerNodeRoleText, role_text),
	COLUMN(peer_group_row, haGroupPeerNodeActive, active),
	COLUMN(peer_group_row, haGroupPeerNodeSwitchReady, switch_ready),
	COLUMN(peer_group_row, haGroupPeerNodeBlockers, blockers),
	COLUMN(peer_group_row, haGroupPeerNodeMaintenance, maintenance),
	COLUMN(peer_group_row, haGroupPeerNodeFencingPolicy, policy),
	COLUMN(peer_group_row, haGroupPeerNodeMembers, members),
	COLUMN(peer_group_row, haGroupPeerNodeMembersFailed, members_failed),
	COLUMN(peer_group_row, haGroupPeerNodeAge, age),
	COLUMN(peer_group_row, haGroupPeerNodeDataBehind, behind),
	COLUMN(peer_group_row, haGroupPeerNodeNfsScope, nfs_scope),
	COLUMN(peer_group_row, haGroupPeerNodeNfsVersions, nfs_versions),
};

const struct table peer_group_table = TABLE(peer_group_row, haGroupPeerEntry, group_columns, NULL);

static const struct column member_columns[] = {
	COLUMN(peer_member_row, haGroupName, group),
	COLUMN(peer_member_row, haGroupMemberKind, kind),
	COLUMN(peer_member_row, haGroupMemberName, name),
	WATCHED_COLUMN(peer_member_row, haGroupPeerMemberRowState, head.state, &watch_quiet),
	COLUMN(peer_member_row, haGroupPeerMemberLastChange, head.changed),
	COLUMN(peer_member_row, haGroupPeerMemberSettings, settings),
	WATCHED_COLUMN(peer_member_row, haGroupPeerMemberAlike, alike, &watch_quiet),
};

const struct table peer_member_table =
	TABLE(peer_member_row, haGroupPeerMemberEntry, member_columns, NULL);

const struct table *const peer_tables[] = {
	&peer_vrrp_table,
	&peer_group_table,
	&peer_member_table,
	NULL,
};

static const struct column agent_columns[] = {
	COLUMN(peer_agent_row, haAgentNode, node),
};

static const struct column keepalived_columns[] = {
	COLUMN(peer_keepalived_row, haVrrpKeepalivedState, keepalived),
};

static const struct column nfs_columns[] = {
	COLUMN(peer_nfs_row, haNfsState, nfs_state),
	COLUMN(peer_nfs_row, haNfsVersions, versions),
	COLUMN(peer_nfs_row, haNfsScope, scope),
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

static const struct column asked_group_columns[] = {
	COLUMN(peer_asked_group_row, haGroupName, name),
	COLUMN(peer_asked_group_row, haGroupRowState, head.state),
	COLUMN(peer_asked_group_row, haGroupRole, role),
	COLUMN(peer_asked_group_row, haGroupRoleText, role_text),
	COLUMN(peer_asked_group_row, haGroupActiveNode, active),
	COLUMN(peer_asked_group_row, haGroupSwitchReady, switch_ready),
	COLUMN(peer_asked_group_row, haGroupSwitchBlockers, blockers),
	COLUMN(peer_asked_group_row, haGroupMaintenance, maintenance),
	COLUMN(peer_asked_group_row, haGroupFencingPolicy, policy),
	COLUMN(peer_asked_group_row, haGroupMembers, members),
	COLUMN(peer_asked_group_row, haGroupMembersFailed, members_failed),
	COLUMN(peer_asked_group_row, haGroupDataBehind, behind),
};

static const struct column asked_member_columns[] = {
	COLUMN(peer_asked_member_row, haGroupName, group),
	COLUMN(peer_asked_member_row, haGroupMemberKind, kind),
	COLUMN(peer_asked_member_row, haGroupMemberName, name),
	COLUMN(peer_asked_member_row, haGroupMemberSettings, settings),
};

const struct table peer_agent_table = TABLE(peer_agent_row, haAgent, agent_columns, NULL);
const struct table peer_keepalived_table =
	TABLE(peer_keepalived_row, haVrrp, keepalived_columns, NULL);
const struct table peer_nfs_table = TABLE(peer_nfs_row, haNfs, nfs_columns, NULL);
const struct table peer_instance_table =
	TABLE(peer_instance_row, haVrrpInstanceEntry, instance_columns, NULL);

const struct table peer_asked_group_table =
	TABLE(peer_asked_group_row, haGroupEntry, asked_group_columns, NULL);

const struct table peer_asked_member_table =
	TABLE(peer_asked_member_row, haGroupMemberEntry, asked_member_columns, NULL);

const struct table *const peer_asked[] = {
	&peer_agent_table,
	&peer_keepalived_table,
	&peer_instance_table,
	NULL,
};

const struct table *const peer_asked_groups[] = {
	&peer_agent_table,    &peer_keepalived_table,  &peer_nfs_table,
	&peer_instance_table, &peer_asked_group_table, NULL,
};

const struct table *const peer_asked_members[] = { &peer_asked_member_table, NULL };
