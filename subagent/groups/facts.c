/* What is known of one group: its address, disks, members, its peer and its jobs, in one struct.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/groups/facts.h"

#include <string.h>

#include "lib/memory.h"
#include "lib/rows.h"
#include "lib/settings.h"
#include "lib/settings_peer.h"
#include "lib/settings_vrrp.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/board.h"
#include "subagent/groups/nfs.h"
#include "subagent/groups/rows.h"
#include "subagent/sources/drbd/rows.h"
#include "subagent/sources/nfs/rows.h"
#include "subagent/sources/peer/rows.h"
#include "subagent/sources/vrrp/rows.h"

static bool is_fresh(const void *row)
{
	return row && ((const struct row *)row)->state == HaRowState_fresh;
}

static bool is_missing(const void *row)
{
	return row && ((const struct row *)row)->state == HaRowState_missing;
}

/* The rows whose index begins with the text: the first is at the position that is returned. */
static size_t first_of(const struct rows *rows, const char *text)
{
	uint32_t index[DRBD_NAME_MAX + 1];
	size_t length = 0;

	index[length++] = (uint32_t)strlen(text);
	while (*text && length <= DRBD_NAME_MAX)
		index[length++] = (unsigned char)*text++;
	return rows_position(rows, index, length);
}

/* The next row from *position on that belongs to the resource; NULL behind the last. */
static const void *next_of(const struct rows *rows, const char *resource, size_t *position)
{
	const struct column *name = table_column(rows->table, mib_haDrbdResourceName);

	while (*position < rows->count) {
		const struct entry *entry = rows->entries[(*position)++];

		if (strcmp(table_text(name, entry->row), resource) != 0)
			return NULL;
		if (!entry->gone)
			return entry->row;
	}
	return NULL;
}

/* ---- DRBD ---- */

static bool is_mount_of(const struct settings_group *group, const char *path)
{
	for (size_t i = 0; i < group->members_count; i++)
		if (group->members[i].kind == haGroupMemberKind_mount &&
		    !strcmp(group->members[i].name, path))
			return true;
	return false;
}

static void take_volume(struct group_resource *resource, const struct settings_group *group,
			const struct drbd_volume_row *row)
{
	bool first = resource->disk == HaDrbdDisk_upToDate || resource->disk == HaDrbdDisk_other;
	int32_t disk = is_fresh(row) ? row->disk : HaDrbdDisk_unknown;

	if (first && disk != resource->disk) {
		resource->disk = disk;
		resource->volume = row->number;
	}
	if (row->quorum == HaAnswer_no)
		resource->no_quorum = true;
	if (row->mount_point[0] && !is_mount_of(group, row->mount_point))
		resource->mounted = row->mount_point;
}

/* A peer without a disk of its own has nothing that could be behind. */
static void take_peer_volume(struct group_resource *resource,
			     const struct drbd_peer_volume_row *row)
{
	bool client = row->disk == HaDrbdDisk_diskless && row->client == HaAnswer_yes;
	int32_t how = row->replication;

	if (resource->peer_disk == HaDrbdDisk_upToDate && !client)
		resource->peer_disk = is_fresh(row) ? row->disk : HaDrbdDisk_unknown;
	if (how == HaDrbdReplication_verifyS || how == HaDrbdReplication_verifyT)
		resource->verifying = true;
	else if (how != HaDrbdReplication_established && how != HaDrbdReplication_off)
		resource->syncing = true;
	if (how == HaDrbdReplication_syncTarget || how == HaDrbdReplication_pausedSyncT ||
	    how == HaDrbdReplication_wfBitMapT || how == HaDrbdReplication_startingSyncT ||
	    how == HaDrbdReplication_behind)
		resource->target = true;
}

/* Of several peers the one stands that is most in the way. */
static void take_peer(struct group_resource *resource, const struct drbd_peer_row *row)
{
	int32_t role = is_fresh(row) ? row->role : HaDrbdRole_unknown;
	int32_t connection = is_fresh(row) ? row->connection : HaDrbdConnection_unknown;
	bool connected = connection == HaDrbdConnection_connected;

	if (role != HaDrbdRole_primary && role != HaDrbdRole_secondary)
		role = HaDrbdRole_unknown;
	if (!resource->peer || role == HaDrbdRole_primary ||
	    (role == HaDrbdRole_unknown && resource->peer_role == HaDrbdRole_secondary)) {
		resource->peer_role = role;
		resource->peer = row->name;
	}
	if (connected && resource->connected == HaAnswer_other) {
		resource->connected = HaAnswer_yes;
	} else if (!connected && resource->connected != HaAnswer_no) {
		resource->connected =
			connection == HaDrbdConnection_unknown ? HaAnswer_unknown : HaAnswer_no;
		resource->connection = connection;
		resource->lost = row->name;
	}
}

static void take_resource_row(struct group_resource *resource, const struct drbd_resource_row *row)
{
	resource->up = is_fresh(row)   ? HaAnswer_yes :
		       is_missing(row) ? HaAnswer_no :
					 HaAnswer_unknown;
	resource->role = is_fresh(row) ? row->role : HaDrbdRole_unknown;
	if (!is_fresh(row))
		return;
	resource->suspended = row->suspended;
	resource->split_brain = row->split_brain == haDrbdResourceSplitBrain_detected ||
				row->split_brain == haDrbdResourceSplitBrain_suspected;
}

/* HaAnswer_other and HaDrbdDisk_other stand for `not seen any yet' meanwhile. */
static void collect_resource(struct group_resource *resource, const struct settings_group *group,
			     const char *name, const struct board *board)
{
	const struct rows *volumes = board_rows(board, mib_haDrbdVolumeEntry);
	const struct rows *peers = board_rows(board, mib_haDrbdPeerEntry);
	const struct rows *peer_volumes = board_rows(board, mib_haDrbdPeerVolumeEntry);
	struct drbd_resource_row key = { .head.state = 0 };
	const void *row;
	size_t at;

	*resource = (struct group_resource){
		.name = name,
		.peer_role = HaDrbdRole_unknown,
		.connected = HaAnswer_other,
		.connection = HaDrbdConnection_connected,
		.disk = HaDrbdDisk_other,
		.peer_disk = HaDrbdDisk_upToDate,
	};
	TEXT_PUT(key.name, name);
	take_resource_row(resource, board_row(board, mib_haDrbdResourceEntry, &key));
	for (at = first_of(volumes, name); (row = next_of(volumes, name, &at));)
		take_volume(resource, group, row);
	for (at = first_of(peers, name); (row = next_of(peers, name, &at));)
		take_peer(resource, row);
	for (at = first_of(peer_volumes, name); (row = next_of(peer_volumes, name, &at));)
		take_peer_volume(resource, row);
	if (resource->disk == HaDrbdDisk_other)
		resource->disk = HaDrbdDisk_unknown;
	if (resource->connected == HaAnswer_other)
		resource->connected =
			resource->up == HaAnswer_unknown ? HaAnswer_unknown : HaAnswer_no;
	if (!resource->peer)
		resource->peer = "the peer";
	if (!resource->lost)
		resource->lost = resource->peer;
}

static void add_up(struct group_facts *facts, const struct group_resource *resource)
{
	bool primary = resource->role == HaDrbdRole_primary;

	if (resource->up == HaAnswer_unknown ||
	    (resource->up == HaAnswer_yes && !primary && resource->role != HaDrbdRole_secondary))
		facts->disks_known = false;
	if (primary)
		facts->any_primary = true;
	else
		facts->all_primary = false;
	if (resource->peer_role == HaDrbdRole_primary)
		facts->any_peer_primary = true;
	if (resource->connected != HaAnswer_yes || resource->peer_role == HaDrbdRole_unknown)
		facts->all_connected = false;
}

static void collect_resources(struct group_facts *facts, const struct board *board)
{
	const struct settings_group *group = facts->settings;

	facts->disks_known = facts->all_primary = facts->all_connected = true;
	for (size_t i = 0; i < group->members_count; i++) {
		const struct settings_member *member = &group->members[i];
		struct group_resource *resource = &facts->resources[facts->resources_count];

		if (member->kind != haGroupMemberKind_drbd)
			continue;
		collect_resource(resource, group, member->name, board);
		add_up(facts, resource);
		facts->resources_count++;
	}
	facts->drbd = facts->resources_count > 0;
}

/* ---- VRRP ---- */

/* An instance on an interface of its own (use_vmac) is heard on the one below: the source tells by
 * name whose router it is. */
static bool is_other_router(const struct vrrp_router_row *router,
			    const struct vrrp_instance_row *instance)
{
	return is_fresh(router) && router->own != TruthValue_true &&
	       router->vrid == instance->vrid && router->type == instance->address_type &&
	       (!strcmp(router->interface, instance->interface) ||
		!strcmp(router->instance, instance->name));
}

static void collect_routers(struct group_vrrp *vrrp, const struct vrrp_instance_row *instance,
			    const struct board *board)
{
	const struct rows *rows = board_rows(board, mib_haVrrpRouterEntry);

	for (size_t i = 0; i < rows->count; i++) {
		const struct vrrp_router_row *router = rows->entries[i]->row;

		if (rows->entries[i]->gone || !is_other_router(router, instance))
			continue;
		if (router->router_state == haVrrpRouterState_advertising)
			vrrp->other_master = true;
		if (router->age.since > vrrp->heard.since)
			vrrp->heard = router->age;
	}
}

static void take_instance(struct group_vrrp *vrrp, const struct vrrp_instance_row *row,
			  const struct board *board)
{
	vrrp->held = row->held;
	if (is_missing(row)) {
		vrrp->state = HaVrrpState_stop;
		return;
	}
	vrrp->state = row->vrrp_state == HaVrrpState_deleted ? HaVrrpState_stop : row->vrrp_state;
	vrrp->hold_effective = row->hold_effective;
	vrrp->consistency = row->consistency;
	vrrp->nopreempt = row->nopreempt == HaAnswer_yes;
	vrrp->linked = row->vrrp_state != HaVrrpState_fault ||
		       row->reason != haVrrpInstanceReason_trackInterface;
	collect_routers(vrrp, row, board);
}

static void collect_vrrp(struct group_facts *facts, const struct board *board)
{
	struct vrrp_instance_row key = { .head.state = 0 };
	struct peer_vrrp_row peer_key = { .head.state = 0 };
	struct group_vrrp *vrrp = &facts->vrrp;
	const struct vrrp_instance_row *row;
	const struct peer_vrrp_row *peer;
	struct vrrp_row scalars = { .head.state = 0 };
	const struct vrrp_row *keepalived = board_row(board, mib_haVrrp, &scalars);

	*vrrp = (struct group_vrrp){
		.state = HaVrrpState_unknown,
		.held = HaAnswer_unknown,
		.hold_effective = HaAnswer_unknown,
		.consistency = haVrrpInstanceConsistency_unknown,
		.peer_healthy = HaAnswer_unknown,
		.peer_cause = haVrrpPeerCause_unknown,
	};
	TEXT_PUT(key.name, facts->instance);
	TEXT_PUT(peer_key.instance, facts->instance);
	row = board_row(board, mib_haVrrpInstanceEntry, &key);
	peer = board_row(board, mib_haVrrpPeerEntry, &peer_key);
	vrrp->gone = is_fresh(keepalived) &&
		     (keepalived->keepalived == haVrrpKeepalivedState_stopped ||
		      keepalived->keepalived == haVrrpKeepalivedState_notInstalled);
	if (is_fresh(row) || is_missing(row))
		take_instance(vrrp, row, board);
	if (vrrp->gone)
		vrrp->state = HaVrrpState_stop;
	if (is_fresh(peer)) {
		vrrp->peer_healthy = peer->healthy;
		vrrp->peer_cause = peer->cause;
	}
}

/* ---- members ---- */

int32_t facts_resource_state(const struct group_resource *resource)
{
	if (resource->up == HaAnswer_no)
		return haGroupMemberState_failed;
	if (resource->role == HaDrbdRole_secondary)
		return haGroupMemberState_stopped;
	if (resource->role != HaDrbdRole_primary)
		return haGroupMemberState_unknown;
	return resource->suspended || resource->no_quorum ? haGroupMemberState_failed :
							    haGroupMemberState_started;
}

static const struct group_member_row *row_of(const struct group_facts *facts,
					     const struct settings_member *member,
					     const struct board *board)
{
	struct group_member_row key = { .kind = member->kind };

	TEXT_PUT(key.group, facts->settings->name);
	TEXT_PUT(key.name, member->name);
	return board_row(board, mib_haGroupMemberEntry, &key);
}

/* That a program has failed is no matter where it need not run. */
static int32_t state_of(const struct group_facts *facts, const struct group_member_row *row)
{
	if (is_missing(row))
		return haGroupMemberState_failed;
	if (!is_fresh(row))
		return haGroupMemberState_unknown;
	if (row->member_state == haGroupMemberState_failed && settings_is_program(row->kind) &&
	    facts_address(facts) == HaAnswer_no)
		return haGroupMemberState_stopped;
	return row->member_state;
}

static void take_member(struct group_members *members, const struct settings_member *member,
			int32_t state, const char *error)
{
	unsigned int *counter[] = {
		[haGroupMemberState_other] = &members->unknown,
		[haGroupMemberState_unknown] = &members->unknown,
		[haGroupMemberState_started] = &members->started,
		[haGroupMemberState_stopped] = &members->stopped,
		[haGroupMemberState_starting] = &members->moving,
		[haGroupMemberState_stopping] = &members->moving,
		[haGroupMemberState_failed] = &members->failed,
	};

	members->total++;
	++*counter[state >= haGroupMemberState_other && state <= haGroupMemberState_failed ?
			   state :
			   haGroupMemberState_unknown];
	if (state != haGroupMemberState_started && !members->not_started)
		members->not_started = member;
	if (!members->running &&
	    (state == haGroupMemberState_started || state == haGroupMemberState_starting ||
	     state == haGroupMemberState_stopping))
		members->running = member;
	if (state == haGroupMemberState_failed &&
	    (!members->failure || members->failure->kind == haGroupMemberKind_drbd)) {
		members->failure = member;
		members->error = error;
	}
}

static void collect_members(struct group_facts *facts, const struct board *board)
{
	const struct group_resource *resource = facts->resources;
	const struct settings_group *group = facts->settings;

	facts->members.error = "";
	for (size_t i = 0; i < group->members_count; i++) {
		const struct settings_member *member = &group->members[i];
		const struct group_member_row *row = row_of(facts, member, board);
		int32_t state = member->kind == haGroupMemberKind_drbd ?
					facts_resource_state(resource++) :
					state_of(facts, row);

		take_member(&facts->members, member, state, row ? row->error : "");
	}
}

/* ---- NFS ---- */

static void collect_nfs(struct group_facts *facts, const struct settings *settings, size_t group,
			const struct board *board)
{
	const uint32_t vague = 1U << HaNfsProblems_other | 1U << HaNfsProblems_unknown;
	struct nfs_row key = { .head.state = 0 };
	const struct nfs_row *server;
	const struct rows *exports = board_rows(board, mib_haNfsExportEntry);
	struct nfs_difference difference;

	nfs_compare_exports(settings, group, board, &difference);
	facts->nfs_problems = difference.problems & ~vague;
	TEXT_PUT(facts->nfs_differences, difference.text);
	if (!settings_group_has(facts->settings, haGroupMemberKind_export))
		return;
	server = board_row(board, mib_haNfs, &key);
	if (is_fresh(server)) {
		facts->nfs_problems |= server->problems;
		facts->nfs_text = server->problems_text;
	}
	for (size_t i = 0; i < exports->count; i++) {
		const struct nfs_export_row *row = exports->entries[i]->row;

		if (!exports->entries[i]->gone && is_fresh(row) &&
		    !strcmp(row->group, facts->settings->name))
			facts->nfs_problems |= row->problems;
	}
	facts->nfs_problems &= ~vague;
}

/* ---- the peer ---- */

static void collect_peer(struct group_facts *facts, const struct settings_peer *settings,
			 const struct board *board)
{
	struct peer_group_row key = { .head.state = 0 };
	struct group_peer *peer = &facts->peer;
	const struct peer_group_row *row;

	*peer = (struct group_peer){
		.answers = HaAnswer_unknown,
		.node = "",
		.active = "",
		.role_text = "",
		.role = HaServiceRole_unknown,
		.ready = HaAnswer_unknown,
		.maintenance = HaAnswer_unknown,
		.policy = haGroupFencingPolicy_unknown,
	};
	TEXT_PUT(key.group, facts->settings->name);
	row = board_row(board, mib_haGroupPeerEntry, &key);
	if (!row)
		return;
	peer->missing = is_missing(row);
	peer->answers =
		is_fresh(row) || row->answers != HaAnswer_yes ? row->answers : HaAnswer_unknown;
	peer->node = row->node;
	peer->active = row->active;
	peer->role = row->role;
	peer->role_text = row->role_text;
	peer->ready = row->switch_ready;
	peer->blockers = row->blockers;
	peer->maintenance = row->maintenance;
	peer->policy = row->policy;
	peer->members = row->members;
	peer->confirmed = row->age;
	if (row->age.since)
		peer->overdue = row->age.since + settings->interval + settings->timeout;
	peer->behind = peer->answers == HaAnswer_yes && row->behind == HaAnswer_yes;
}

void facts_collect(struct group_facts *facts, const struct settings *settings, size_t group,
		   const struct board *board)
{
	memset(facts, 0, sizeof(*facts));
	facts->settings = &settings->groups->groups[group];
	facts->node = settings->node;
	facts->instance = settings->vrrp->instances[facts->settings->instance].name;
	facts->actions = settings_allow_actions(settings);
	facts->nfs_text = "";
	facts->witness = haGroupWitness_unknown;
	collect_vrrp(facts, board);
	collect_resources(facts, board);
	collect_members(facts, board);
	collect_nfs(facts, settings, group, board);
	collect_peer(facts, settings->peer, board);
	facts->peer.configured = settings->peer->addresses_count > 0;
}

/* ---- what follows at once ---- */

bool facts_runs(const struct group_facts *facts)
{
	return facts->any_primary || facts->members.started || facts->members.moving;
}

bool facts_rests(const struct group_facts *facts)
{
	bool known = facts->drbd ? facts->disks_known : !facts->members.unknown;

	return known && !facts_runs(facts);
}

bool facts_whole(const struct group_facts *facts)
{
	return facts->members.started == facts->members.total;
}

int32_t facts_address(const struct group_facts *facts)
{
	switch (facts->vrrp.state) {
	case HaVrrpState_master:
		return HaAnswer_yes;
	case HaVrrpState_init:
	case HaVrrpState_backup:
	case HaVrrpState_fault:
	case HaVrrpState_stop:
		return HaAnswer_no;
	default:
		return HaAnswer_unknown;
	}
}

bool facts_synced(const struct group_facts *facts)
{
	for (size_t i = 0; i < facts->resources_count; i++) {
		const struct group_resource *resource = &facts->resources[i];

		if (resource->connected != HaAnswer_yes || resource->syncing ||
		    resource->disk != HaDrbdDisk_upToDate ||
		    resource->peer_disk != HaDrbdDisk_upToDate)
			return false;
	}
	return true;
}

static bool peer_is_outdated(const struct group_facts *facts)
{
	for (size_t i = 0; i < facts->resources_count; i++)
		if (facts->resources[i].peer_disk != HaDrbdDisk_outdated)
			return false;
	return facts->resources_count > 0;
}

bool facts_newest_here(const struct group_facts *facts)
{
	const struct lease_standing *lease = &facts->lease;

	return lease->holds && facts->settings->policy != haGroupFencingPolicy_never &&
	       (peer_is_outdated(facts) || (lease->peer_behind && !lease->behind));
}

bool facts_peer_serves(const struct group_facts *facts, int64_t since)
{
	const struct group_peer *peer = &facts->peer;
	bool active = peer->role == HaServiceRole_active || peer->role == HaServiceRole_degraded;

	if (peer->role == HaServiceRole_maintenance)
		active = peer->node[0] && !strcmp(peer->active, peer->node);
	return active && peer->answers == HaAnswer_yes && peer->confirmed.since >= since;
}
