/* A group in small: a board with the tables it is made of, and a clock that tests move.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "tests/unit/groups_world.h"

#include <string.h>

#include "lib/memory.h"
#include "lib/settings_bond.h"
#include "lib/settings_ipvs.h"
#include "lib/settings_peer.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/alarms.h"
#include "tests/unit/check.h"

struct groups_world net;

static bool dead; /* the other node */

static const struct table *const tables[] = {
	&group_table,       &group_member_table, &peer_group_table,
	&peer_member_table, &witness_table,      &nfs_table,
	&nfs_export_table,  &vrrp_table,         &vrrp_instance_table,
	&vrrp_router_table, &peer_vrrp_table,    &drbd_resource_table,
	&drbd_volume_table, &drbd_peer_table,    &drbd_peer_volume_table,
	&alarm_table,       &event_table,        NULL,
};

/* ---- the settings ---- */

static char node[] = "n1", hold_file[] = "/run/ha-hold/VI_1";
static struct address addresses[2];
static struct settings_instance instances[] = {
	{ .name = "VI_0" },
	{ .name = "VI_1", .hold = hold_file },
};
static struct settings_vrrp vrrp = { .grace = 1000,
				     .instances_count = COUNT(instances),
				     .instances = instances };
static struct settings_peer peer = {
	.addresses_count = 1,
	.addresses = &addresses[0],
	.interval = 1000,
	.timeout = 1000,
};
static struct settings_resource resources[] = { { "r0", false } };
static struct settings_bond no_bond;
static struct settings_ipvs no_ipvs;

static void make_members(void)
{
	static const struct {
		int32_t kind;
		const char *name;
	} members[] = {
		{ haGroupMemberKind_drbd, "r0" },
		{ haGroupMemberKind_mount, "/srv/nfs" },
		{ haGroupMemberKind_service, "nfs-server.service" },
	};

	for (size_t i = 0; i < COUNT(members); i++) {
		net.members[i] = (struct settings_member){
			.kind = members[i].kind,
			.resource = i < 2 ? 0 : SIZE_MAX,
			.start_time = 10000,
			.stop_time = 10000,
		};
		TEXT_PUT(net.members[i].name, members[i].name);
	}
}

static void make_settings(void)
{
	assert_true(address_parse(&addresses[0], "192.0.2.2", 161));
	assert_true(address_parse(&addresses[1], "192.0.2.254", 0));
	make_members();
	net.group = (struct settings_group){
		.name = "nfs",
		.instance = 1,
		.policy = haGroupFencingPolicy_witness,
		.witnesses_count = 1,
		.witnesses = &addresses[1],
		.lease = 1200,
		.give_up = 1200,
		.takeover = 3200,
		.cool_down = 10,
		.maintenance = 60,
		.switchable = true,
		.members_count = COUNT(net.members),
		.members = net.members,
	};
	net.list = (struct settings_groups){ 1, &net.group };
	net.settings = (struct settings){
		.node = node,
		.events = 50,
		.resources_count = COUNT(resources),
		.resources = resources,
		.bond = &no_bond,
		.groups = &net.list,
		.ipvs = &no_ipvs,
		.peer = &peer,
		.vrrp = &vrrp,
	};
}

/* ---- the facts ---- */

static void make_vrrp(void)
{
	net.keepalived = (struct vrrp_row){
		.head.state = HaRowState_fresh,
		.keepalived = haVrrpKeepalivedState_running,
	};
	net.instance = (struct vrrp_instance_row){
		.head.state = HaRowState_fresh,
		.name = "VI_1",
		.vrid = 51,
		.address_type = InetAddressType_ipv4,
		.interface = "eth0",
		.interval = 1000,
		.nopreempt = HaAnswer_yes,
		.reason = haVrrpInstanceReason_started,
		.consistency = haVrrpInstanceConsistency_consistent,
		.hold_effective = HaAnswer_yes,
		.held = HaAnswer_no,
	};
	net.router = (struct vrrp_router_row){
		.head.state = HaRowState_fresh,
		.interface = "eth0",
		.vrid = 51,
		.type = InetAddressType_ipv4,
		.address = { .length = 4, .octet = { 192, 0, 2, 2 } },
		.own = TruthValue_false,
	};
	net.peer_vrrp = (struct peer_vrrp_row){
		.head.state = HaRowState_fresh,
		.instance = "VI_1",
		.node = "n2",
		.healthy = HaAnswer_yes,
		.cause = haVrrpPeerCause_none,
	};
}

static void make_drbd(void)
{
	net.resource = (struct drbd_resource_row){
		.head.state = HaRowState_fresh,
		.name = "r0",
		.split_brain = haDrbdResourceSplitBrain_none,
	};
	net.volume = (struct drbd_volume_row){
		.head.state = HaRowState_fresh,
		.resource = "r0",
		.disk = HaDrbdDisk_upToDate,
		.quorum = HaAnswer_unknown,
	};
	net.drbd_peer = (struct drbd_peer_row){
		.head.state = HaRowState_fresh,
		.resource = "r0",
		.name = "n2",
		.connection = HaDrbdConnection_connected,
	};
	net.peer_volume = (struct drbd_peer_volume_row){
		.head.state = HaRowState_fresh,
		.resource = "r0",
		.peer_name = "n2",
		.replication = HaDrbdReplication_established,
		.disk = HaDrbdDisk_upToDate,
		.client = HaAnswer_unknown,
	};
}

static void make_member(int which, int32_t kind, const char *name)
{
	net.member[which] = (struct group_member_row){
		.head.state = HaRowState_fresh,
		.group = "nfs",
		.kind = kind,
		.member_state = haGroupMemberState_unknown,
	};
	TEXT_PUT(net.member[which].name, name);
}

static void make_peer(void)
{
	net.peer = (struct peer_group_row){
		.head.state = HaRowState_fresh,
		.answers = HaAnswer_yes,
		.cause = haGroupPeerNodeCause_none,
		.maintenance = HaAnswer_no,
		.policy = haGroupFencingPolicy_witness,
		.members = 4,
		.group = "nfs",
		.node = "n2",
	};
	net.witness = (struct witness_row){
		.head.state = HaRowState_fresh,
		.group = "nfs",
		.kind = haGroupWitnessKind_witness,
		.witness_state = haGroupWitnessState_reachable,
	};
	net.witness.type = address_octets(&addresses[1], &net.witness.address);
}

static void place(bool here)
{
	int32_t state = here ? haGroupMemberState_started : haGroupMemberState_stopped;

	net.instance.vrrp_state = here ? HaVrrpState_master : HaVrrpState_backup;
	net.router.router_state = here ? haVrrpRouterState_silent : haVrrpRouterState_advertising;
	net.resource.role = here ? HaDrbdRole_primary : HaDrbdRole_secondary;
	net.drbd_peer.role = here ? HaDrbdRole_secondary : HaDrbdRole_primary;
	net.member[WORLD_MOUNT].member_state = state;
	net.member[WORLD_SERVICE].member_state = state;
	net.peer.role = here ? HaServiceRole_standbyHot : HaServiceRole_active;
	net.peer.switch_ready = HaAnswer_yes;
	TEXT_PUT(net.peer.active, here ? "n1" : "n2");
}

void groups_world_active(void)
{
	place(true);
}

void groups_world_standby(void)
{
	place(false);
}

void groups_world_bury(void)
{
	dead = true;
	net.router.router_state = haVrrpRouterState_silent;
	net.peer.head.state = HaRowState_stale;
	net.peer.answers = HaAnswer_no;
	net.peer_vrrp.head.state = HaRowState_stale;
	net.drbd_peer.connection = HaDrbdConnection_connecting;
	net.drbd_peer.role = HaDrbdRole_unknown;
	net.peer_volume.replication = HaDrbdReplication_off;
	net.peer_volume.disk = HaDrbdDisk_dUnknown;
}

/* ---- the hub ---- */

void groups_world_put(const struct table *table, const void *row)
{
	_Alignas(struct row) unsigned char copy[ROW_SIZE_MAX];

	memcpy(copy, row, table->size);
	groups_amend(&net.groups, table, copy, &net.when);
	changes_put(&net.changes, table, copy, &net.when);
}

void groups_world_say(void)
{
	if (net.router.router_state == haVrrpRouterState_advertising)
		net.router.age.since = net.when.now;
	if (!dead && net.peer.answers == HaAnswer_yes)
		net.peer.age.since = net.when.now;
	if (net.witness.witness_state == haGroupWitnessState_reachable)
		net.witness.age.since = net.when.now;
	groups_world_put(&vrrp_table, &net.keepalived);
	groups_world_put(&vrrp_instance_table, &net.instance);
	groups_world_put(&vrrp_router_table, &net.router);
	groups_world_put(&peer_vrrp_table, &net.peer_vrrp);
	groups_world_put(&drbd_resource_table, &net.resource);
	groups_world_put(&drbd_volume_table, &net.volume);
	groups_world_put(&drbd_peer_table, &net.drbd_peer);
	groups_world_put(&drbd_peer_volume_table, &net.peer_volume);
	groups_world_put(&peer_group_table, &net.peer);
	groups_world_put(&witness_table, &net.witness);
	for (int i = 0; i < WORLD_MEMBERS; i++)
		groups_world_put(&group_member_table, &net.member[i]);
	groups_follow(&net.groups, &net.when);
	groups_tick(&net.groups, &net.when);
}

void groups_world_pass(int64_t milliseconds)
{
	while (milliseconds > 0) {
		int64_t step = milliseconds < 100 ? milliseconds : 100;

		net.when.now += step;
		net.when.wall += step;
		milliseconds -= step;
		groups_world_say();
	}
}

static void look(void *jobs, size_t group, struct group_work *work)
{
	assert_ptr_equal(jobs, &net);
	assert_int_equal(group, 0);
	*work = net.work;
}

static bool start(void *jobs, size_t group, const struct group_intent *intent,
		  const struct instant *when)
{
	assert_ptr_equal(jobs, &net);
	assert_int_equal(group, 0);
	assert_int_equal(when->now, net.when.now);
	if (net.absent)
		return false;
	net.started++;
	net.work.busy = net.prompt;
	net.intent = *intent;
	return true;
}

int groups_world_make(void **state)
{
	(void)state;
	memset(&net, 0, sizeof(net));
	dead = false;
	make_settings();
	make_vrrp();
	make_drbd();
	make_member(WORLD_VRRP, haGroupMemberKind_vrrp, "VI_1");
	make_member(WORLD_DRBD, haGroupMemberKind_drbd, "r0");
	make_member(WORLD_MOUNT, haGroupMemberKind_mount, "/srv/nfs");
	make_member(WORLD_SERVICE, haGroupMemberKind_service, "nfs-server.service");
	make_peer();
	place(true);
	net.when = (struct instant){ GROUPS_START, GROUPS_WALL };
	board_open(&net.board, tables);
	changes_open(&net.changes, &net.board, 0, net.settings.events);
	groups_open(&net.groups, &net.changes, &net.settings, &net.when);
	net.groups.jobs = &net;
	net.groups.look = look;
	net.groups.start = start;
	groups_world_say();
	return 0;
}

int groups_world_remove(void **state)
{
	(void)state;
	groups_close(&net.groups);
	changes_close(&net.changes);
	board_close(&net.board);
	return 0;
}

/* ---- what is to be seen ---- */

const struct group_facts *groups_world_facts(void)
{
	return &net.groups.list[0].facts;
}

const struct group_row *groups_world_row(void)
{
	struct group_row key = { .name = "nfs" };

	return board_row(&net.board, mib_haGroupEntry, &key);
}

const struct group_member_row *groups_world_member(int which)
{
	return board_row(&net.board, mib_haGroupMemberEntry, &net.member[which]);
}
