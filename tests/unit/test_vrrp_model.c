/* Tests what is made of claims, adverts and addresses: the rows, and what they say when.
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The kernel's addresses and the hold files are played here, in place of addresses.c and hold.c.
 */
#include "subagent/sources/vrrp/model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/frame.h"
#include "lib/memory.h"
#include "lib/settings_vrrp.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/report.h"
#include "subagent/sources/vrrp/addresses.h"
#include "subagent/sources/vrrp/hold.h"
#include "subagent/sources/vrrp/keepalived/keepalived.h"
#include "subagent/sources/vrrp/rows.h"
#include "subagent/sources/vrrp/view.h"
#include "subagent/sources/vrrp/wire/wire.h"
#include "tests/unit/check.h"

#define WALL INT64_C(1700000000000)
#define GRACE 2000
#define SILENCE 3609 /* version 2, an interval of 1 s, priority 100 */
#define ETH0 2
#define ETH1 3
#define MANY 1000

#define STATE(label) HaVrrpState_##label
#define VERDICT(label) haVrrpInstanceConsistency_##label
#define REASON(label) haVrrpInstanceReason_##label

/* ---- the world ---- */

static struct settings_vrrp settings;
static struct settings_instance expected[1];
static struct vrrp_model *model;
static struct keepalived_status status;
static struct claim *claims;
static const struct claim *claimed[MANY];
static size_t claims_count;
static struct claim_address places[2];
static struct claim_file files[2];
static struct heard *routers;
static const struct heard *heard[MANY];
static size_t routers_count;
static struct present presents[4];
static size_t presents_count;
static bool running, complete, deaf;
static struct hold hold;
static long track_number;
static int64_t now;
static int pair[2]; /* the source's end, the hub's */

/* What the hub has been told last of each, and how many rows of each in the last look. */
static struct vrrp_row scalars;
static struct vrrp_instance_row instance_row;
static struct vrrp_address_row address_rows[2];
static struct vrrp_router_row router_rows[2];
static size_t instances_told, addresses_told, routers_told, gone;

bool addresses_complete(const struct addresses *addresses)
{
	(void)addresses;
	return complete;
}

const struct present *addresses_find(const struct addresses *addresses,
				     const struct address *address, uint32_t wanted)
{
	const struct present *found = NULL;

	(void)addresses;
	for (size_t i = 0; i < presents_count; i++)
		if (address_equal(&presents[i].address, address) &&
		    (!found || presents[i].interface == wanted))
			found = &presents[i];
	return found;
}

uint32_t addresses_interface(const struct addresses *addresses, const char *name)
{
	(void)addresses;
	return strncmp(name, "eth", 3) ? 0 : ETH0 + (uint32_t)atoi(name + 3);
}

const char *addresses_interface_name(const struct addresses *addresses, uint32_t index)
{
	(void)addresses;
	return index == ETH0 ? "eth0" : "eth1";
}

bool addresses_running(const struct addresses *addresses, const char *name)
{
	return running && addresses_interface(addresses, name);
}

const struct hold *holds_of(const struct holds *holds, size_t instance)
{
	(void)holds;
	assert_int_equal(instance, 0);
	return &hold;
}

long hold_number(const char *path)
{
	return strcmp(path, "/run/track") ? 0 : track_number;
}

static struct address address_of(const char *text)
{
	struct address address;

	assert_true(address_parse(&address, text, 0));
	return address;
}

/* VI_1 has two addresses on eth0, and is a backup that tracks a hold file and another. */
static struct claim *add_claim(const char *name, uint8_t vrid)
{
	struct claim *claim = &claims[claims_count];

	claimed[claims_count++] = claim;
	*claim = (struct claim){
		.state = STATE(backup),
		.wanted_state = STATE(backup),
		.origin = haVrrpInstanceStateOrigin_dbus,
		.confirmed = now,
		.changed = WALL,
		.vrid = vrid,
		.version = 2,
		.family = AF_INET,
		.base_priority = 100,
		.effective_priority = 100,
		.nopreempt = HaAnswer_no,
		.advert_interval = 1000,
		.auth_type = haVrrpRouterAuthType_none,
		.addresses_count = COUNT(places),
		.addresses = places,
		.files_known = HaAnswer_yes,
		.files_count = COUNT(files),
		.files = files,
	};
	TEXT_PUT(claim->name, name);
	TEXT_PUT(claim->interface, "eth0");
	return claim;
}

/* One that advertises what the claims say. */
static struct heard *add_router(const char *source, uint8_t vrid, bool own)
{
	struct heard *router = &routers[routers_count];

	heard[routers_count++] = router;
	*router = (struct heard){
		.interface = ETH0,
		.vrid = vrid,
		.source = address_of(source),
		.own = own,
		.state = haVrrpRouterState_advertising,
		.since = WALL + now,
		.version = 2,
		.priority = own ? 100 : 150,
		.interval = 1000,
		.auth_type = haVrrpRouterAuthType_none,
		.addresses_count = 2,
		.addresses_kept = 2,
		.addresses = { places[0].address, places[1].address },
		.last = now,
		.last_wall = WALL + now,
		.adverts = 1,
		.seen_in = 1,
	};
	TEXT_PUT(router->interface_name, "eth0");
	return router;
}

static int make_with(size_t instances)
{
	files[0] = (struct claim_file){ .path = "/run/hold" };
	files[1] = (struct claim_file){ .path = "/run/track", .weight = 0 };
	places[0] = (struct claim_address){ address_of("192.0.2.10"), 24, "eth0", false };
	places[1] = (struct claim_address){ address_of("192.0.2.11"), 32, "eth0", false };
	expected[0] = (struct settings_instance){ .name = "VI_1" };
	expected[0].hold = memory_text("/run/hold");
	settings = (struct settings_vrrp){
		.grace = GRACE,
		.instances_count = instances,
		.instances = expected,
	};
	status = (struct keepalived_status){ .state = haVrrpKeepalivedState_running,
					     .since = WALL - 1000,
					     .pid = 7,
					     .version = "2.2.7" };
	hold = (struct hold){ .folder = true };
	claims = memory_new(MANY, sizeof(*claims));
	routers = memory_new(MANY, sizeof(*routers));
	now = 100000;
	claims_count = routers_count = presents_count = 0;
	track_number = 0;
	running = complete = true;
	deaf = false;
	frame_pair(pair);
	frame_nonblocking(pair[1]);
	report_open(pair[0]);
	model = vrrp_model_new(&settings);
	return 0;
}

static int make(void **state)
{
	(void)state;
	return make_with(0);
}

static int make_expecting(void **state)
{
	(void)state;
	return make_with(1);
}

static int unmake(void **state)
{
	(void)state;
	vrrp_model_free(model);
	free(claims);
	free(routers);
	free(expected[0].hold);
	close(pair[0]);
	close(pair[1]);
	return 0;
}

/* ---- the hub's end ---- */

static void hear(const struct frame *frame)
{
	const struct vrrp_address_row *address = (const void *)&frame->body.row;
	const struct vrrp_router_row *router = (const void *)&frame->body.row;

	gone += frame->head.type == FRAME_GONE;
	if (frame->head.type != FRAME_ROW)
		return;
	if (frame->head.table == mib_haVrrp) {
		memcpy(&scalars, &frame->body.row, sizeof(scalars));
	} else if (frame->head.table == mib_haVrrpInstanceEntry) {
		memcpy(&instance_row, &frame->body.row, sizeof(instance_row));
		instances_told++;
	} else if (frame->head.table == mib_haVrrpAddressEntry) {
		address_rows[address->value.octet[3] - 10] = *address;
		addresses_told++;
	} else {
		router_rows[router->own == TruthValue_true] = *router;
		routers_told++;
	}
}

static void receive(void)
{
	static struct frame frame;

	while (frame_receive(pair[1], &frame, NULL) == FRAME_OK)
		hear(&frame);
}

/* Time passes, routers that advertise go on, and somebody looks. */
static void look(int64_t passed)
{
	struct vrrp_view view = {
		.now = now + passed,
		.wall = WALL + now + passed,
		.status = &status,
		.claims = claimed,
		.claims_count = claims_count,
		.claims_moved = true,
		.routers = heard,
		.routers_count = routers_count,
		.deaf = deaf,
	};

	now += passed;
	instances_told = addresses_told = routers_told = gone = 0;
	vrrp_model_look(model, &view);
	receive();
}

static void beat(struct heard *router)
{
	router->last = now;
	router->last_wall = WALL + now;
	router->adverts++;
}

static void bring_addresses(bool here)
{
	presents_count = here ? 2 : 0;
	presents[0] = (struct present){ .address = places[0].address, .interface = ETH0 };
	presents[1] = (struct present){ .address = places[1].address, .interface = ETH0 };
}

/* VI_1 as a backup of 192.0.2.2, seen once. */
static struct claim *make_backup(void)
{
	struct claim *claim = add_claim("VI_1", 51);

	add_router("192.0.2.2", 51, false);
	look(0);
	return claim;
}

/* It takes over as keepalived does: addresses, adverts, its word. */
static void take_over(struct claim *claim)
{
	bring_addresses(true);
	look(1);
	add_router("192.0.2.1", 51, true);
	claim->state = claim->wanted_state = STATE(master);
	claim->changed = WALL + now;
	look(1);
}

/* ---- a pair ---- */

TEST(a_backup_and_its_master)
{
	make_backup();
	assert_string_equal(instance_row.name, "VI_1");
	assert_int_equal(instance_row.head.state, HaRowState_fresh);
	assert_int_equal(instance_row.vrrp_state, STATE(backup));
	assert_int_equal(instance_row.state_time.wall, WALL);
	assert_int_equal(instance_row.origin, haVrrpInstanceStateOrigin_dbus);
	assert_int_equal(instance_row.reason, REASON(none));
	assert_int_equal(instance_row.vrid, 51);
	assert_int_equal(instance_row.address_type, InetAddressType_ipv4);
	assert_int_equal(instance_row.index, ETH0);
	assert_int_equal(instance_row.interval, 1000);
	assert_int_equal(instance_row.master_type, InetAddressType_ipv4);
	assert_memory_equal(instance_row.master.octet, routers[0].source.octets, 4);
	assert_int_equal(instance_row.master_priority, 150);
	assert_int_equal(instance_row.master_time.wall, routers[0].since);
	assert_int_equal(instance_row.consistency, VERDICT(consistent));
	assert_int_equal(instance_row.addresses, 2);
	assert_int_equal(instance_row.present, 0);
	assert_int_equal(instance_row.masters, 1);
	assert_string_equal(instance_row.hold, "");
	assert_int_equal(instance_row.held, HaAnswer_no);
	assert_true(instance_row.head.absent >> mib_objects[mib_haVrrpInstanceAdvertsSent].arc & 1);
	assert_int_equal(address_rows[0].address_state, haVrrpAddressState_absent);
	assert_int_equal(address_rows[1].prefix_length, 32);
	assert_string_equal(router_rows[0].instance, "VI_1");
	assert_int_equal(router_rows[0].mismatch, 0);
	assert_int_equal(scalars.keepalived, haVrrpKeepalivedState_running);
	assert_int_equal(scalars.pid, 7);
}

TEST(nothing_new_is_nothing_told)
{
	make_backup();
	look(10);
	assert_int_equal(instances_told + addresses_told + routers_told, 0);
	claims[0].effective_priority = 90;
	look(10);
	assert_int_equal(instances_told, 1);
	assert_int_equal(addresses_told + routers_told, 0);
}

TEST(figures_wait_for_their_turn)
{
	make_backup();
	vrrp_model_turn(model, now);
	receive();
	now += 500;
	beat(&routers[0]);
	look(0);
	assert_int_equal(instances_told + routers_told, 0);
	assert_int_equal(vrrp_model_turn(model, now), 0);
	receive();
	assert_int_equal(routers_told, 1);
	assert_int_equal(router_rows[0].adverts, 2);
	assert_int_equal(router_rows[0].age.since, now);
}

TEST(the_silent_master_is_followed)
{
	struct claim *claim = make_backup();

	routers[0].state = haVrrpRouterState_silent;
	look(SILENCE);
	assert_int_equal(instance_row.consistency, VERDICT(pending));
	assert_int_equal(instance_row.masters, 0);
	assert_int_equal(instance_row.master_type, InetAddressType_unknown);
	take_over(claim);
	assert_int_equal(instance_row.vrrp_state, STATE(master));
	assert_int_equal(instance_row.reason, REASON(peerSilent));
	assert_int_equal(instance_row.consistency, VERDICT(consistent));
	assert_int_equal(instance_row.present, 2);
	assert_int_equal(instance_row.masters, 1);
	assert_memory_equal(instance_row.master.octet, routers[1].source.octets, 4);
	assert_int_equal(instance_row.master_time.wall, claim->changed);
	assert_int_equal(router_rows[1].own, TruthValue_true);
	assert_int_equal(router_rows[1].mismatch, 0);
}

TEST(a_master_that_resigns_is_followed)
{
	struct claim *claim = make_backup();

	routers[0].state = haVrrpRouterState_resigned;
	routers[0].priority = 0;
	look(609);
	take_over(claim);
	assert_int_equal(instance_row.reason, REASON(peerResigned));
}

/* Whoever is preempted falls silent without a word. */
TEST(a_preempted_router_is_no_master_for_long)
{
	struct claim *claim = make_backup();

	routers[0].priority = 90;
	look(500);
	take_over(claim);
	assert_int_equal(instance_row.reason, REASON(peerPriority));
	assert_int_equal(instance_row.masters, 2);
	assert_int_equal(instance_row.consistency, VERDICT(pending));
	assert_memory_equal(instance_row.master.octet, routers[1].source.octets, 4);
	look(1000);
	assert_int_equal(instance_row.masters, 1);
	assert_int_equal(instance_row.consistency, VERDICT(consistent));
}

TEST(this_node_is_preempted)
{
	struct claim *claim = make_backup();

	take_over(claim);
	now += 1000;
	beat(&routers[1]);
	routers[0].since = WALL + now;
	beat(&routers[0]);
	bring_addresses(false);
	look(1);
	claim->state = STATE(backup);
	look(1);
	assert_int_equal(instance_row.reason, REASON(peerPriority));
	assert_memory_equal(instance_row.master.octet, routers[0].source.octets, 4);
	assert_int_equal(instance_row.consistency, VERDICT(consistent));
}

TEST(addresses_move_with_their_instance)
{
	struct claim *claim = make_backup();

	bring_addresses(true);
	look(1);
	assert_int_equal(addresses_told, 2); /* where it is, not yet that it is right */
	assert_int_equal(address_rows[0].address_state, haVrrpAddressState_absent);
	assert_string_equal(address_rows[0].present_interface, "eth0");
	claim->state = STATE(master);
	look(1);
	assert_int_equal(addresses_told, 2);
	assert_int_equal(address_rows[0].address_state, haVrrpAddressState_present);
	assert_int_equal(address_rows[0].moving, TruthValue_true);
	assert_int_equal(address_rows[0].state_time.wall, WALL + now);
}

TEST(an_address_that_moves_alone_is_told)
{
	struct claim *claim = make_backup();

	take_over(claim);
	presents_count = 1;
	look(5000);
	assert_int_equal(address_rows[1].address_state, haVrrpAddressState_present);
	assert_true(vrrp_model_due(model) > now && vrrp_model_due(model) <= now + 500);
	look(500);
	assert_int_equal(address_rows[1].address_state, haVrrpAddressState_absent);
	assert_int_equal(address_rows[1].moving, TruthValue_false);
	presents_count = 2;
	presents[1].interface = ETH1;
	look(5000);
	assert_int_equal(address_rows[1].address_state, haVrrpAddressState_elsewhere);
	assert_string_equal(address_rows[1].present_interface, "eth1");
	presents[1].interface = ETH0;
	presents[1].tentative = true;
	look(5000);
	assert_int_equal(address_rows[1].address_state, haVrrpAddressState_tentative);
	presents[1].duplicate = true;
	look(5000);
	assert_int_equal(address_rows[1].address_state, haVrrpAddressState_duplicate);
	assert_int_equal(instance_row.present, 1);
}

/* ---- what goes wrong ---- */

TEST(keepalived_is_killed)
{
	struct claim *claim = make_backup();

	take_over(claim);
	look(10000);
	status = (struct keepalived_status){ .state = haVrrpKeepalivedState_stopped,
					     .since = WALL + now };
	look(1);
	assert_int_equal(scalars.keepalived, haVrrpKeepalivedState_stopped);
	assert_int_equal(scalars.expected, TruthValue_true);
	assert_int_equal(instance_row.vrrp_state, STATE(stop));
	assert_int_equal(instance_row.origin, haVrrpInstanceStateOrigin_process);
	assert_int_equal(instance_row.reason, REASON(keepalivedGone));
	assert_int_equal(instance_row.state_time.wall, status.since);
	assert_int_equal(instance_row.head.state, HaRowState_fresh);
	assert_int_equal(instance_row.consistency, VERDICT(pending));
	assert_int_equal(vrrp_model_due(model), now + GRACE);
	look(GRACE);
	assert_int_equal(instance_row.consistency, VERDICT(addressWithoutMaster));
	claims_count = 0;
	look(1);
	assert_int_equal(instance_row.head.state, HaRowState_fresh);
	assert_int_equal(instance_row.addresses, 2);
}

TEST(a_frozen_keepalived_is_found_out)
{
	struct claim *claim = make_backup();

	take_over(claim);
	now += 4000;
	beat(&routers[1]);
	routers[0].state = routers[1].state = haVrrpRouterState_silent;
	look(3100);
	assert_int_equal(instance_row.consistency, VERDICT(pending));
	look(SILENCE + GRACE - 3100);
	assert_int_equal(instance_row.consistency, VERDICT(noMaster));
	routers[0].state = haVrrpRouterState_advertising;
	beat(&routers[0]);
	look(0);
	assert_int_equal(instance_row.consistency, VERDICT(twoMasters));
	assert_memory_equal(instance_row.master.octet, routers[0].source.octets, 4);
}

TEST(two_masters_go_on)
{
	struct claim *claim = make_backup();

	take_over(claim);
	for (int i = 0; i < 4; i++) {
		now += 1000;
		beat(&routers[0]);
		beat(&routers[1]);
		look(0);
		assert_int_equal(instance_row.masters, 2);
		assert_int_equal(instance_row.consistency,
				 i < 3 ? VERDICT(pending) : VERDICT(twoMasters));
	}
}

TEST(nobody_can_be_heard)
{
	struct claim *claim = make_backup();

	running = false;
	claim->state = STATE(fault);
	routers[0].state = haVrrpRouterState_silent;
	look(60000);
	assert_int_equal(instance_row.reason, REASON(trackInterface));
	assert_int_equal(instance_row.consistency, VERDICT(unknown));
	running = true;
	deaf = true;
	look(1);
	assert_int_equal(instance_row.consistency, VERDICT(unknown));
	deaf = false;
	look(SILENCE + GRACE);
	assert_int_equal(instance_row.consistency, VERDICT(noMaster));
}

TEST(a_tracked_file_fails)
{
	struct claim *claim = make_backup();

	track_number = 1;
	claim->state = STATE(fault);
	look(1);
	assert_int_equal(instance_row.reason, REASON(trackFile));
	track_number = 0;
	claim->state = STATE(backup);
	look(1);
	assert_int_equal(instance_row.reason, REASON(trackFile));
}

TEST(what_fits_not_is_said)
{
	struct claim *claim = make_backup();
	struct heard *router = &routers[0];

	router->version = 3;
	router->interval = 2000;
	router->auth_type = haVrrpRouterAuthType_simple;
	router->addresses_count = router->addresses_kept = 1;
	router->priority = 100;
	router->seen_in++;
	look(1);
	assert_int_equal(router_rows[0].mismatch, 1 << haVrrpRouterMismatch_version |
							  1 << haVrrpRouterMismatch_authentication |
							  1 << haVrrpRouterMismatch_addresses |
							  1 << haVrrpRouterMismatch_priority);
	router->version = 2;
	router->auth_type = haVrrpRouterAuthType_none;
	router->priority = 150;
	router->seen_in++;
	look(1);
	assert_int_equal(router_rows[0].mismatch,
			 1 << haVrrpRouterMismatch_interval | 1 << haVrrpRouterMismatch_addresses);
	claim->advert_interval = 2000;
	places[0].excluded = true;
	router->addresses[0] = places[1].address;
	look(1);
	assert_int_equal(router_rows[0].mismatch, 0);
}

TEST(a_stranger_is_nobodys)
{
	make_backup();
	add_router("192.0.2.3", 52, false);
	look(1);
	assert_string_equal(router_rows[0].instance, "");
	assert_int_equal(instance_row.masters, 1);
	routers[1].state = haVrrpRouterState_silent;
	look(3599999);
	assert_int_equal(gone, 0);
	look(1);
	assert_int_equal(gone, 1);
	look(1);
	assert_int_equal(gone, 0);
}

TEST(who_begins_later_is_told_to_begin)
{
	make_backup();
	assert_int_equal(routers_told, 1);
	add_router("192.0.2.3", 52, false);
	look(4999);
	assert_int_equal(routers_told, 1);
	add_router("192.0.2.4", 52, false);
	look(1);
	assert_int_equal(routers_told, 2); /* silent, and at once advertising */
	assert_int_equal(router_rows[0].router_state, haVrrpRouterState_advertising);
}

TEST(an_address_on_a_loopback_is_not_served)
{
	make_backup();
	bring_addresses(true);
	for (size_t i = 0; i < presents_count; i++) {
		presents[i].interface = 1;
		presents[i].loopback = true;
	}
	look(1);
	look(GRACE);
	assert_int_equal(address_rows[0].address_state, haVrrpAddressState_elsewhere);
	assert_int_equal(instance_row.present, 0);
	assert_int_equal(instance_row.consistency, VERDICT(consistent));
}

TEST(a_router_that_the_wire_forgets_goes)
{
	make_backup();
	routers_count = 0;
	look(1);
	assert_int_equal(gone, 1);
	assert_int_equal(instance_row.masters, 0);
}

/* ---- what is expected, and holds ---- */

TEST(an_expected_instance_is_missing)
{
	look(0);
	assert_int_equal(instance_row.head.state, HaRowState_missing);
	assert_int_equal(instance_row.vrrp_state, STATE(unknown));
	assert_int_equal(instance_row.consistency, VERDICT(unknown));
	assert_string_equal(instance_row.hold, "/run/hold");
	make_backup();
	assert_int_equal(instance_row.head.state, HaRowState_fresh);
}

TEST(an_instance_that_a_reload_removed_is_missing)
{
	struct claim *claim = make_backup();

	take_over(claim);
	claims_count = 0;
	bring_addresses(false);
	look(1);
	assert_int_equal(instance_row.head.state, HaRowState_missing);
	assert_int_equal(instance_row.vrrp_state, STATE(deleted));
	assert_int_equal(address_rows[0].head.state, HaRowState_missing);
	bring_addresses(true);
	look(1);
	look(GRACE);
	assert_int_equal(instance_row.consistency, VERDICT(addressWithoutMaster));
	claims_count = 1;
	claims[0].addresses_count = 1;
	look(1);
	assert_int_equal(instance_row.head.state, HaRowState_fresh);
	assert_int_equal(gone, 1);
}

TEST(a_hold_is_shown)
{
	struct claim *claim = make_backup();

	assert_int_equal(instance_row.hold_effective, HaAnswer_yes);
	assert_int_equal(instance_row.held, HaAnswer_no);
	hold.set = true;
	hold.ends = WALL + 900000;
	claim->state = STATE(fault);
	look(1);
	assert_int_equal(instance_row.held, HaAnswer_yes);
	assert_int_equal(instance_row.hold_ends.wall, WALL + 900000);
	assert_int_equal(instance_row.reason, REASON(operator));
	hold.set = false;
	claim->state = STATE(backup);
	look(1);
	assert_int_equal(instance_row.held, HaAnswer_no);
	assert_int_equal(instance_row.hold_ends.wall, 0);
	assert_int_equal(instance_row.reason, REASON(operator));
}

TEST(a_hold_that_cannot_work_says_so)
{
	struct claim *claim = make_backup();

	hold.folder = false;
	look(1);
	assert_int_equal(instance_row.hold_effective, HaAnswer_no);
	hold.folder = hold.set = true;
	files[0].weight = 1;
	look(1);
	assert_int_equal(instance_row.hold_effective, HaAnswer_no);
	assert_int_equal(instance_row.held, HaAnswer_no);
	files[0].weight = 0;
	files[0].reverse = true;
	look(1);
	assert_int_equal(instance_row.hold_effective, HaAnswer_no);
	claim->files_count = 0;
	look(1);
	assert_int_equal(instance_row.hold_effective, HaAnswer_no);
	claim->files_known = HaAnswer_unknown;
	look(1);
	assert_int_equal(instance_row.hold_effective, HaAnswer_unknown);
	assert_int_equal(instance_row.held, HaAnswer_yes);
}

/* ---- many ---- */

TEST(a_thousand_instances_are_looked_at)
{
	size_t count;

	for (unsigned int i = 0; i < MANY; i++) {
		char name[16], source[32];

		snprintf(name, sizeof(name), "VI_%u", i);
		snprintf(source, sizeof(source), "10.0.%u.%u", i / 250, i % 250 + 1);
		add_claim(name, (uint8_t)(i % 250 + 1));
		snprintf(claims[i].interface, sizeof(claims[i].interface), "eth%u", i / 250);
		add_router(source, (uint8_t)(i % 250 + 1), false)->interface = ETH0 + i / 250;
		if (i % 20 == 19)
			look(0);
	}
	look(0);
	assert_int_equal(instances_told, 0);
	assert_int_equal(vrrp_model_count(model), MANY);
	assert_int_equal(vrrp_model_interfaces(model, &count)[0], ETH0);
	assert_int_equal(count, MANY / 250);
	claims[7].state = STATE(fault);
	look(1);
	assert_int_equal(instances_told, 1);
}

#define WITH(test) cmocka_unit_test_setup_teardown(test, make, unmake)
#define EXPECTING(test) cmocka_unit_test_setup_teardown(test, make_expecting, unmake)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(a_backup_and_its_master),
		WITH(nothing_new_is_nothing_told),
		WITH(figures_wait_for_their_turn),
		WITH(the_silent_master_is_followed),
		WITH(a_master_that_resigns_is_followed),
		WITH(a_preempted_router_is_no_master_for_long),
		WITH(this_node_is_preempted),
		WITH(addresses_move_with_their_instance),
		WITH(an_address_that_moves_alone_is_told),
		WITH(keepalived_is_killed),
		WITH(a_frozen_keepalived_is_found_out),
		WITH(two_masters_go_on),
		WITH(nobody_can_be_heard),
		WITH(a_tracked_file_fails),
		WITH(what_fits_not_is_said),
		WITH(a_stranger_is_nobodys),
		WITH(who_begins_later_is_told_to_begin),
		WITH(an_address_on_a_loopback_is_not_served),
		WITH(a_router_that_the_wire_forgets_goes),
		EXPECTING(an_expected_instance_is_missing),
		WITH(an_instance_that_a_reload_removed_is_missing),
		EXPECTING(a_hold_is_shown),
		EXPECTING(a_hold_that_cannot_work_says_so),
		WITH(a_thousand_instances_are_looked_at),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
