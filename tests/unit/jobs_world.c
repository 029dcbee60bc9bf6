/* The hub's jobs in small: a board with the tables of the network, an executor that is asked and
 * answers when told to, and a clock that tests move.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "tests/unit/jobs_world.h"

#include <string.h>

#include "lib/memory.h"
#include "lib/settings_bond.h"
#include "lib/settings_group.h"
#include "lib/settings_ipvs.h"
#include "lib/settings_vrrp.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/alarms.h"
#include "subagent/groups/journal.h"
#include "subagent/requests/drbd.h"
#include "tests/unit/check.h"

struct jobs_world hub;

static const struct table *const tables[] = {
	&action_table,
	&force_table,
	&job_table,
	&job_step_table,
	&action_bond_table,
	&action_ipvs_table,
	&action_vrrp_table,
	&force_vrrp_table,
	&bond_table,
	&bond_port_table,
	&ipvs_service_table,
	&ipvs_real_table,
	&vrrp_instance_table,
	&vrrp_router_table,
	&peer_vrrp_table,
	&group_table,
	&action_group_table,
	&force_group_table,
	&drbd_resource_table,
	&drbd_volume_table,
	&drbd_peer_table,
	&drbd_peer_volume_table,
	&action_drbd_table,
	&force_drbd_table,
	&alarm_table,
	&event_table,
	NULL,
};

/* ---- the settings ---- */

static char ports[2][SETTINGS_INTERFACE_SIZE] = { "eth0", "eth1" };
static struct settings_expected_bond bonds[] = {
	{ .name = "bond0", .ports_count = 2, .ports = ports, .switchable = true },
	{ .name = "bond1", .ports_count = 2, .ports = ports },
};
static struct settings_bond bond_settings = { .bonds_count = COUNT(bonds), .bonds = bonds };

static struct address servers[2];
static char titles[2][32] = { "udp 192.0.2.100:53", "tcp 192.0.2.100:53" };
static struct settings_ipvs_service services[] = {
	{ .title = titles[0],
	  .protocol = HaIpvsProtocol_udp,
	  .servers_count = 2,
	  .servers = servers },
	{ .title = titles[1],
	  .protocol = HaIpvsProtocol_tcp,
	  .servers_count = 2,
	  .servers = servers,
	  .switchable = true },
};
static struct settings_ipvs ipvs_settings = {
	.interval = 1000,
	.services_count = COUNT(services),
	.services = services,
};

static char hold_file[] = "/run/ha-hold/VI_1";
static struct settings_instance instances[] = {
	{ .name = "VI_2" },
	{ .name = "VI_1", .hold = hold_file, .switchable = true },
	{ .name = "VI_3", .hold = hold_file },
	{ .name = "VI_4", .hold = hold_file },
};
static struct settings_vrrp vrrp_settings = {
	.instances_count = COUNT(instances),
	.instances = instances,
};

static struct settings_resource resources[] = { { .name = "r0" }, { .name = "r1" } };
static struct settings_member nfs_members[] = {
	{ .kind = haGroupMemberKind_drbd, .name = "r0", .resource = 0 },
	{ .kind = haGroupMemberKind_mount,
	  .name = "/srv/nfs",
	  .resource = 0,
	  .start_time = 10000,
	  .stop_time = 10000 },
	{ .kind = haGroupMemberKind_service,
	  .name = "nfs-server.service",
	  .resource = SIZE_MAX,
	  .start_time = 10000,
	  .stop_time = 10000 },
};
static struct settings_member mail_members[] = {
	{ .kind = haGroupMemberKind_drbd, .name = "r1", .resource = 1 },
	{ .kind = haGroupMemberKind_mount,
	  .name = "/srv/mail",
	  .resource = 1,
	  .start_time = 10000,
	  .stop_time = 10000 },
	{ .kind = haGroupMemberKind_service,
	  .name = "postfix.service",
	  .resource = SIZE_MAX,
	  .start_time = 10000,
	  .stop_time = 10000 },
};
static char fence_program[] = "/usr/sbin/fence";
static char *fence[] = { fence_program, NULL };
static struct settings_group groups[] = {
	{ .name = "nfs",
	  .instance = 2,
	  .policy = haGroupFencingPolicy_fence,
	  .fence = fence,
	  .fence_time = 30000,
	  .maintenance = 60,
	  .switchable = true,
	  .members_count = COUNT(nfs_members),
	  .members = nfs_members },
	{ .name = "mail",
	  .instance = 3,
	  .policy = haGroupFencingPolicy_never,
	  .maintenance = 60,
	  .switchable = true,
	  .members_count = COUNT(mail_members),
	  .members = mail_members },
	{ .name = "off", .instance = 0 },
};
static struct settings_groups group_settings = { .count = COUNT(groups), .groups = groups };
static char node[] = "n1";

static void make_settings(void)
{
	assert_true(address_parse(&servers[0], "192.0.2.2", 53));
	assert_true(address_parse(&servers[1], "192.0.2.3", 53));
	for (size_t i = 0; i < COUNT(services); i++)
		assert_true(address_parse(&services[i].address, "192.0.2.100", 53));
	services[1].switchable = true;
	hub.settings = (struct settings){
		.digest = 0x0123456789abcdef,
		.events = 50,
		.bond = &bond_settings,
		.ipvs = &ipvs_settings,
		.vrrp = &vrrp_settings,
		.groups = &group_settings,
		.drbd_deadline = 10000,
		.resources_count = COUNT(resources),
		.resources = resources,
		.node = node,
	};
}

/* ---- the facts ---- */

static void make_bond(void)
{
	hub.bond = (struct bond_row){
		.head.state = HaRowState_fresh,
		.name = "bond0",
		.mode = haBondMode_activeBackup,
		.redundancy = haBondRedundancy_full,
		.monitoring = haBondMonitoring_mii,
		.active = "eth0",
	};
	for (size_t i = 0; i < 2; i++) {
		hub.port[i] = (struct bond_port_row){
			.head.state = HaRowState_fresh,
			.bond = "bond0",
			.link = haBondPortLink_up,
			.carrier = HaAnswer_yes,
			.use = haBondPortUse_active,
		};
		TEXT_PUT(hub.port[i].name, ports[i]);
	}
}

static void make_servers(void)
{
	for (size_t i = 0; i < 2; i++) {
		struct ipvs_real_row *real = &hub.real[i];

		*real = (struct ipvs_real_row){
			.head.state = HaRowState_fresh,
			.protocol = HaIpvsProtocol_tcp,
			.service_port = 53,
			.port = 53,
			.real_state = haIpvsRealState_active,
			.check = haIpvsRealCheck_unknown,
			.forwarding = haIpvsRealForwarding_unknown,
			.weight = 3,
		};
		real->service_type = address_octets(&services[1].address, &real->service);
		real->address_type = address_octets(&servers[i], &real->address);
		address_print_port(&servers[i], real->text, sizeof(real->text));
	}
}

static void make_instance(void)
{
	hub.instance = (struct vrrp_instance_row){
		.head.state = HaRowState_fresh,
		.name = "VI_1",
		.vrrp_state = HaVrrpState_master,
		.wanted = HaVrrpState_master,
		.vrid = 51,
		.address_type = InetAddressType_ipv4,
		.interface = "eth0",
		.interval = 1000,
		.consistency = haVrrpInstanceConsistency_consistent,
		.masters = 1,
		.hold_effective = HaAnswer_yes,
		.held = HaAnswer_no,
	};
	hub.router = (struct vrrp_router_row){
		.head.state = HaRowState_fresh,
		.interface = "eth0",
		.vrid = 51,
		.type = InetAddressType_ipv4,
		.address = { .length = 4, .octet = { 10, 77, 0, 2 } },
		.router_state = haVrrpRouterState_silent,
		.own = TruthValue_false,
	};
	hub.peer = (struct peer_vrrp_row){
		.head.state = HaRowState_fresh,
		.instance = "VI_1",
		.node = "n2",
		.vrrp_state = HaVrrpState_backup,
		.healthy = HaAnswer_yes,
		.cause = haVrrpPeerCause_none,
	};
}

/* This node serves both groups. */
static void make_group(size_t i)
{
	struct jobs_group *group = &hub.group[i];

	group->instance = hub.instance;
	group->instance.vrid = 60 + (uint32_t)i;
	TEXT_PUT(group->instance.name, instances[groups[i].instance].name);
	group->router = hub.router;
	group->router.vrid = group->instance.vrid;
	group->disks = pair_healthy(resources[i].name);
	group->disks.resource.role = HaDrbdRole_primary;
	for (size_t m = 0; m < JOBS_MEMBERS; m++)
		group->started[m] = true;
	group->row = (struct group_row){
		.head.state = HaRowState_fresh,
		.role = HaServiceRole_active,
		.active_node = "n1",
		.peer = "n2",
		.switch_ready = HaAnswer_yes,
	};
	TEXT_PUT(group->row.name, groups[i].name);
	group->peer_takes = true;
}

static void put(const struct table *table, const void *row)
{
	_Alignas(struct row) unsigned char copy[ROW_SIZE_MAX];

	memcpy(copy, row, table->size);
	jobs_amend(&hub.jobs, table, copy);
	changes_put(&hub.changes, table, copy, &hub.when);
}

static void say_group(const struct jobs_group *group)
{
	put(&group_table, &group->row);
	put(&vrrp_instance_table, &group->instance);
	put(&vrrp_router_table, &group->router);
	put(&drbd_resource_table, &group->disks.resource);
	put(&drbd_peer_table, &group->disks.peer);
	for (size_t i = 0; i < PAIR_VOLUMES; i++) {
		put(&drbd_volume_table, &group->disks.volume[i]);
		put(&drbd_peer_volume_table, &group->disks.peer_volume[i]);
	}
}

void jobs_world_say(void)
{
	put(&bond_table, &hub.bond);
	put(&vrrp_instance_table, &hub.instance);
	put(&vrrp_router_table, &hub.router);
	put(&peer_vrrp_table, &hub.peer);
	for (size_t i = 0; i < 2; i++) {
		put(&bond_port_table, &hub.port[i]);
		put(&ipvs_real_table, &hub.real[i]);
	}
	for (size_t i = 0; i < JOBS_GROUPS; i++)
		say_group(&hub.group[i]);
	jobs_follow(&hub.jobs, &hub.when);
	jobs_facts(&hub.jobs, &hub.when);
	jobs_tick(&hub.jobs, &hub.when);
}

void jobs_world_pass(int64_t milliseconds)
{
	hub.when.now += milliseconds;
	hub.when.wall += milliseconds;
	jobs_tick(&hub.jobs, &hub.when);
}

/* ---- the hub ---- */

static bool execute(void *executor, size_t slot, const struct step_order *order)
{
	assert_ptr_equal(executor, &hub);
	if (hub.absent)
		return false;
	hub.orders++;
	hub.order = *order;
	hub.slot = slot;
	hub.given[slot] = *order;
	assert_true(order->digest == hub.settings.digest);
	assert_true(step_decode(&hub.settings, order->step, order->value, &hub.step));
	return true;
}

static void abandon(void *executor, size_t slot)
{
	assert_ptr_equal(executor, &hub);
	hub.abandoned++;
	hub.slot = slot;
}

static bool present(void *executor, size_t slot)
{
	assert_ptr_equal(executor, &hub);
	assert_true(slot < JOB_SLOTS);
	return !hub.absent;
}

static bool ask(void *peer, const struct ask *ask)
{
	assert_ptr_equal(peer, &hub);
	if (hub.absent)
		return false;
	hub.asked++;
	hub.ask = *ask;
	return true;
}

static void open_hub(void)
{
	board_open(&hub.board, tables);
	changes_open(&hub.changes, &hub.board, 0, hub.settings.events);
	jobs_open(&hub.jobs, &hub.changes, &hub.settings, 100, &hub.when);
	hub.jobs.execute = execute;
	hub.jobs.abandon = abandon;
	hub.jobs.present = present;
	hub.jobs.executor = &hub;
	hub.jobs.ask = ask;
	hub.jobs.peer = &hub;
}

int jobs_world_make(void **state)
{
	(void)state;
	memset(&hub, 0, sizeof(hub));
	make_settings();
	make_bond();
	make_servers();
	make_instance();
	for (size_t i = 0; i < JOBS_GROUPS; i++)
		make_group(i);
	hub.when = (struct instant){ 1000000, JOBS_WALL };
	open_hub();
	jobs_world_say();
	return 0;
}

int jobs_world_remove(void **state)
{
	(void)state;
	jobs_close(&hub.jobs);
	changes_close(&hub.changes);
	board_close(&hub.board);
	return 0;
}

void jobs_world_restart(char *folder)
{
	jobs_world_remove(NULL);
	open_hub();
	if (folder) {
		hub.settings.state = folder;
		promises_open(&hub.jobs.promises, folder);
		journal_open(&hub.jobs.journal, &hub.settings);
	}
	jobs_world_say();
}

/* ---- SETs ---- */

struct set jobs_world_set(uint16_t object, const void *key, int32_t value, const char *text)
{
	static uint32_t transaction;
	bool forced;
	const struct request_kind *kind = request_kind_of_object(object, &forced);
	struct set set = {
		.transaction = transaction + 1,
		.origin = haActionOrigin_snmp,
		.count = 2,
		.changes = { { .object = object, .number = value },
			     { .object = forced ? mib_haForceLock : mib_haActionLock,
			       .index_length = 1,
			       .number = forced ? hub.jobs.force.lock : hub.jobs.action.lock } },
	};

	assert_non_null(kind);
	transaction++;
	TEXT_PUT(set.changes[0].text, text);
	set.changes[0].index_length = (uint16_t)table_index(kind->table, key, set.changes[0].index);
	return set;
}

void jobs_world_add_seconds(struct set *set, uint16_t object, uint32_t seconds)
{
	struct set_change *change = &set->changes[set->count++];

	*change = set->changes[0];
	change->object = object;
	change->number = seconds;
}

static struct verdict send_set(struct set *set, enum set_phase phase)
{
	struct verdict verdict;

	set->phase = (uint8_t)phase;
	jobs_set(&hub.jobs, set, &verdict, &hub.when);
	return verdict;
}

uint32_t jobs_world_obey(struct set *set)
{
	struct verdict verdict = send_set(set, SET_TEST);

	assert_string_equal(verdict.message, "");
	assert_int_equal(verdict.error, SET_NO_ERROR);
	verdict = send_set(set, SET_RESERVE);
	assert_int_equal(verdict.error, SET_NO_ERROR);
	send_set(set, SET_COMMIT);
	return verdict.job;
}

void jobs_world_refuse(struct set *set, uint16_t error, uint16_t which, int32_t reason)
{
	uint32_t refusals = hub.jobs.action.refusals, jobs = hub.jobs.last_job;
	struct verdict verdict = send_set(set, SET_RESERVE);

	assert_int_equal(hub.jobs.action.refused_reason, reason);
	assert_int_equal(verdict.error, error);
	assert_int_equal(verdict.which, which);
	assert_int_not_equal(verdict.message[0], '\0');
	assert_string_equal(verdict.message, hub.jobs.action.refused_message);
	assert_int_equal(hub.jobs.action.refusals, refusals + 1);
	send_set(set, SET_COMMIT);
	assert_int_equal(hub.jobs.last_job, jobs);
}

void jobs_world_answer(int32_t reason)
{
	jobs_world_answer_in(hub.slot, reason);
}

void jobs_world_answer_in(size_t slot, int32_t reason)
{
	struct step_result result = {
		.job = hub.given[slot].job,
		.step = hub.given[slot].step,
		.reason = reason,
		.exit_status = -1,
		.message = "it says this",
	};

	jobs_result(&hub.jobs, slot, &result, &hub.when);
}

/* ---- what is shown ---- */

const struct job_row *jobs_world_job(uint32_t number)
{
	struct job_row key = { .job = number };

	return board_row(&hub.board, mib_haActionEntry, &key);
}

const struct job_step_row *jobs_world_step(uint32_t job, uint32_t number)
{
	struct job_step_row key = { .job = job, .number = number };

	return board_row(&hub.board, mib_haActionStepEntry, &key);
}

void jobs_world_expect(uint32_t number, int32_t state, int32_t reason, const char *message)
{
	const struct job_row *job = jobs_world_job(number);

	assert_non_null(job);
	assert_string_equal(job->message, message);
	assert_int_equal(job->state, state);
	assert_int_equal(job->reason, reason);
	assert_int_equal(hub.jobs.job[JOB_SLOT_PLAIN].phase, JOB_IDLE);
	assert_int_equal(hub.jobs.action.current_job, 0);
}

struct action_bond_row jobs_world_bond(const char *name)
{
	struct action_bond_row key = { .head.state = 0 };
	const struct action_bond_row *row;

	TEXT_PUT(key.name, name);
	row = board_row(&hub.board, mib_haActionBondEntry, &key);
	return row ? *row : key;
}

struct action_ipvs_row jobs_world_server(unsigned int number)
{
	const struct ipvs_real_row *real = &hub.real[number - 2];
	struct action_ipvs_row key = {
		.protocol = real->protocol,
		.service_type = real->service_type,
		.service = real->service,
		.service_port = real->service_port,
		.address_type = real->address_type,
		.address = real->address,
		.port = real->port,
	};
	const struct action_ipvs_row *row = board_row(&hub.board, mib_haActionIpvsEntry, &key);

	return row ? *row : key;
}

struct action_vrrp_row jobs_world_instance(const char *name)
{
	struct action_vrrp_row key = { .head.state = 0 };
	const struct action_vrrp_row *row;

	TEXT_PUT(key.name, name);
	row = board_row(&hub.board, mib_haActionVrrpEntry, &key);
	return row ? *row : key;
}
