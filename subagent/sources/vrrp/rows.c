/* The tables of haVrrp: columns, subjects, and how bad each state is.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/vrrp/rows.h"

#include <arpa/inet.h>
#include <stdbool.h>

#include "lib/memory.h"
#include "mib/ha-agentx-mib.h"

/* ---- keepalived ---- */

static const struct level keepalived_levels[] = {
	ALARM(haVrrpKeepalivedState, stopped, major, vrrpKeepalivedGone),
	ALARM(haVrrpKeepalivedState, notInstalled, major, vrrpKeepalivedGone),
	{ .value = LEVELS_END },
};

/* A machine on which keepalived lies and nothing asks for it. */
static bool is_unused(const void *row)
{
	return ((const struct vrrp_row *)row)->expected == TruthValue_false;
}

static const struct watch keepalived_watch = {
	.notification = mib_haVrrpKeepalivedChange,
	.counts = true,
	.levels = keepalived_levels,
	.excused = is_unused,
};

/* ---- instances ---- */

static const struct level missing_levels[] = {
	ALARM(HaRowState, missing, major, vrrpInstanceMissing),
	{ .value = LEVELS_END },
};

static const struct watch missing_watch = {
	.notification = mib_haVrrpRowStateChange,
	.levels = missing_levels,
};

static const struct level state_levels[] = {
	ALARM(HaVrrpState, fault, major, vrrpFault),
	{ .value = LEVELS_END },
};

/* Whoever holds an instance wants it in FAULT; that it is held is an alarm of its own. */
static bool is_held(const void *row)
{
	return ((const struct vrrp_instance_row *)row)->held == HaAnswer_yes;
}

static const struct watch state_watch = {
	.notification = mib_haVrrpStateChange,
	.counts = true,
	.levels = state_levels,
	.excused = is_held,
	.reason = mib_haVrrpInstanceReason,
};

static const struct level consistency_levels[] = {
	ALARM(haVrrpInstanceConsistency, masterWithoutAddress, critical, vrrpMasterWithoutAddress),
	ALARM(haVrrpInstanceConsistency, addressWithoutMaster, critical, vrrpAddressWithoutMaster),
	ALARM(haVrrpInstanceConsistency, twoMasters, critical, vrrpTwoMasters),
	ALARM(haVrrpInstanceConsistency, noMaster, critical, vrrpNoMaster),
	ALARM(haVrrpInstanceConsistency, addressMissing, major, vrrpAddressMissing),
	{ .value = LEVELS_END },
};

static bool is_fine(int32_t consistency)
{
	return consistency == haVrrpInstanceConsistency_consistent ||
	       consistency == haVrrpInstanceConsistency_pending;
}

/* The moments at which claims and facts differ while the state changes: that it changes is told. */
static bool is_passing(const void *row, const void *before)
{
	const struct vrrp_instance_row *instance = row, *old = before;

	return is_fine(instance->consistency) && is_fine(old->consistency);
}

static const struct watch consistency_watch = {
	.notification = mib_haVrrpConsistencyChange,
	.levels = consistency_levels,
	.known = is_passing,
};

static const struct level held_levels[] = {
	ALARM(HaAnswer, yes, warning, vrrpHeld),
	{ .value = LEVELS_END },
};

static const struct watch held_watch = {
	.notification = mib_haVrrpHeldChange,
	.levels = held_levels,
};

/* ---- addresses and routers ---- */

static bool is_moving(const void *row, const void *before)
{
	(void)before;
	return ((const struct vrrp_address_row *)row)->moving == TruthValue_true;
}

/* How bad it is says the consistency of the instance. */
static const struct watch address_watch = {
	.notification = mib_haVrrpAddressChange,
	.counts = true,
	.known = is_moving,
};

/* The state of the instance tells of this node. */
static bool is_own(const void *row, const void *before)
{
	(void)before;
	return ((const struct vrrp_router_row *)row)->own == TruthValue_true;
}

static const struct watch router_watch = {
	.notification = mib_haVrrpRouterChange,
	.counts = true,
	.known = is_own,
};

static const struct level mismatch_levels[] = {
	{ 0, HaSeverity_cleared, 0 },
	{ LEVEL_OTHERWISE, HaSeverity_warning, HaAlarmType_vrrpRouterMismatch },
	{ .value = LEVELS_END },
};

static const struct watch mismatch_watch = {
	.notification = mib_haVrrpMismatchChange,
	.levels = mismatch_levels,
};

/* ---- columns ---- */

static const struct column columns[] = {
	WATCHED_COLUMN(vrrp_row, haVrrpKeepalivedState, keepalived, &keepalived_watch),
	COLUMN(vrrp_row, haVrrpKeepalivedTime, time),
	COLUMN(vrrp_row, haVrrpKeepalivedVersion, version),
	COLUMN(vrrp_row, haVrrpKeepalivedPid, pid),
	COLUMN(vrrp_row, haVrrpKeepalivedRestarts, head.transitions),
};

static const struct column instance_columns[] = {
	COLUMN(vrrp_instance_row, haVrrpInstanceName, name),
	WATCHED_COLUMN(vrrp_instance_row, haVrrpInstanceRowState, head.state, &missing_watch),
	COLUMN(vrrp_instance_row, haVrrpInstanceLastChange, head.changed),
	COLUMN(vrrp_instance_row, haVrrpInstanceTransitions, head.transitions),
	WATCHED_COLUMN(vrrp_instance_row, haVrrpInstanceState, vrrp_state, &state_watch),
	COLUMN(vrrp_instance_row, haVrrpInstanceWantedState, wanted),
	COLUMN(vrrp_instance_row, haVrrpInstanceStateTime, state_time),
	COLUMN(vrrp_instance_row, haVrrpInstanceStateOrigin, origin),
	COLUMN(vrrp_instance_row, haVrrpInstanceStateAge, age),
	COLUMN(vrrp_instance_row, haVrrpInstanceReason, reason),
	COLUMN(vrrp_instance_row, haVrrpInstanceVrid, vrid),
	COLUMN(vrrp_instance_row, haVrrpInstanceVersion, version),
	COLUMN(vrrp_instance_row, haVrrpInstanceAddressType, address_type),
	COLUMN(vrrp_instance_row, haVrrpInstanceInterface, interface),
	COLUMN(vrrp_instance_row, haVrrpInstanceIfIndex, index),
	COLUMN(vrrp_instance_row, haVrrpInstanceSyncGroup, sync_group),
	COLUMN(vrrp_instance_row, haVrrpInstanceBasePriority, base_priority),
	COLUMN(vrrp_instance_row, haVrrpInstanceEffectivePriority, effective_priority),
	COLUMN(vrrp_instance_row, haVrrpInstanceNopreempt, nopreempt),
	COLUMN(vrrp_instance_row, haVrrpInstanceAdvertInterval, interval),
	COLUMN(vrrp_instance_row, haVrrpInstanceMasterAddressType, master_type),
	COLUMN(vrrp_instance_row, haVrrpInstanceMasterAddress, master),
	COLUMN(vrrp_instance_row, haVrrpInstanceMasterPriority, master_priority),
	COLUMN(vrrp_instance_row, haVrrpInstanceMasterTime, master_time),
	WATCHED_COLUMN(vrrp_instance_row, haVrrpInstanceConsistency, consistency,
		       &consistency_watch),
	COLUMN(vrrp_instance_row, haVrrpInstanceConsistencyTime, consistency_time),
	COLUMN(vrrp_instance_row, haVrrpInstanceAddresses, addresses),
	COLUMN(vrrp_instance_row, haVrrpInstanceAddressesPresent, present),
	COLUMN(vrrp_instance_row, haVrrpInstanceMasters, masters),
	COLUMN(vrrp_instance_row, haVrrpInstanceHoldFile, hold),
	COLUMN(vrrp_instance_row, haVrrpInstanceHoldEffective, hold_effective),
	WATCHED_COLUMN(vrrp_instance_row, haVrrpInstanceHeld, held, &held_watch),
	COLUMN(vrrp_instance_row, haVrrpInstanceHoldEnds, hold_ends),
	COLUMN(vrrp_instance_row, haVrrpInstanceAdvertsSent, sent),
	COLUMN(vrrp_instance_row, haVrrpInstanceAdvertsReceived, received),
	COLUMN(vrrp_instance_row, haVrrpInstanceAdvertErrors, errors),
};

static const struct column address_columns[] = {
	COLUMN(vrrp_address_row, haVrrpInstanceName, name),
	COLUMN(vrrp_address_row, haVrrpAddressType, type),
	COLUMN(vrrp_address_row, haVrrpAddressValue, value),
	WATCHED_COLUMN(vrrp_address_row, haVrrpAddressRowState, head.state, &watch_quiet),
	COLUMN(vrrp_address_row, haVrrpAddressLastChange, head.changed),
	COLUMN(vrrp_address_row, haVrrpAddressTransitions, head.transitions),
	WATCHED_COLUMN(vrrp_address_row, haVrrpAddressState, address_state, &address_watch),
	COLUMN(vrrp_address_row, haVrrpAddressStateTime, state_time),
	COLUMN(vrrp_address_row, haVrrpAddressPrefixLength, prefix_length),
	COLUMN(vrrp_address_row, haVrrpAddressInterface, interface),
	COLUMN(vrrp_address_row, haVrrpAddressPresentInterface, present_interface),
	COLUMN(vrrp_address_row, haVrrpAddressExcluded, excluded),
};

static const struct column router_columns[] = {
	COLUMN(vrrp_router_row, haVrrpRouterInterface, interface),
	COLUMN(vrrp_router_row, haVrrpRouterVrid, vrid),
	COLUMN(vrrp_router_row, haVrrpRouterAddressType, type),
	COLUMN(vrrp_router_row, haVrrpRouterAddress, address),
	WATCHED_COLUMN(vrrp_router_row, haVrrpRouterRowState, head.state, &watch_quiet),
	COLUMN(vrrp_router_row, haVrrpRouterLastChange, head.changed),
	COLUMN(vrrp_router_row, haVrrpRouterTransitions, head.transitions),
	WATCHED_COLUMN(vrrp_router_row, haVrrpRouterState, router_state, &router_watch),
	COLUMN(vrrp_router_row, haVrrpRouterStateTime, state_time),
	COLUMN(vrrp_router_row, haVrrpRouterOwn, own),
	COLUMN(vrrp_router_row, haVrrpRouterInstanceName, instance),
	COLUMN(vrrp_router_row, haVrrpRouterVersion, version),
	COLUMN(vrrp_router_row, haVrrpRouterPriority, priority),
	COLUMN(vrrp_router_row, haVrrpRouterAdvertInterval, interval),
	COLUMN(vrrp_router_row, haVrrpRouterAuthType, auth_type),
	COLUMN(vrrp_router_row, haVrrpRouterAddresses, addresses),
	WATCHED_COLUMN(vrrp_router_row, haVrrpRouterMismatch, mismatch, &mismatch_watch),
	COLUMN(vrrp_router_row, haVrrpRouterLastHeard, last_heard),
	COLUMN(vrrp_router_row, haVrrpRouterAge, age),
	COLUMN(vrrp_router_row, haVrrpRouterAdverts, adverts),
	COLUMN(vrrp_router_row, haVrrpRouterLost, lost),
	COLUMN(vrrp_router_row, haVrrpRouterResignations, resignations),
	COLUMN(vrrp_router_row, haVrrpRouterErrors, errors),
};

/* ---- subjects ---- */

static void print_octets(int32_t type, const struct octets *octets, char *text, socklen_t size)
{
	if (!inet_ntop(type == InetAddressType_ipv6 ? AF_INET6 : AF_INET, octets->octet, text,
		       size))
		text[0] = '\0';
}

static void call_keepalived(const void *row, char *text, size_t size)
{
	(void)row;
	text_put(text, size, "keepalived");
}

static void call_address(const void *row, char *text, size_t size)
{
	const struct vrrp_address_row *address = row;
	char value[INET6_ADDRSTRLEN];

	print_octets(address->type, &address->value, value, sizeof(value));
	text_print(text, size, "%s/%s", address->name, value);
}

static void call_router(const void *row, char *text, size_t size)
{
	const struct vrrp_router_row *router = row;
	char value[INET6_ADDRSTRLEN];

	print_octets(router->type, &router->address, value, sizeof(value));
	text_print(text, size, "%s %u %s", value, router->vrid, router->interface);
}

const struct table vrrp_table = TABLE(vrrp_row, haVrrp, columns, call_keepalived);
const struct table vrrp_instance_table =
	TABLE(vrrp_instance_row, haVrrpInstanceEntry, instance_columns, NULL);
const struct table vrrp_address_table =
	TABLE(vrrp_address_row, haVrrpAddressEntry, address_columns, call_address);
const struct table vrrp_router_table =
	TABLE(vrrp_router_row, haVrrpRouterEntry, router_columns, call_router);

const struct table *const vrrp_tables[] = {
	&vrrp_table, &vrrp_instance_table, &vrrp_address_table, &vrrp_router_table, NULL,
};
