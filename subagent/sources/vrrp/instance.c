/* One VRRP instance: what keepalived says of it, what is so, and its row.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/vrrp/instance.h"

#include <stdlib.h>
#include <string.h>

#include "lib/memory.h"
#include "lib/settings_vrrp.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/report.h"
#include "subagent/sources/vrrp/addresses.h"
#include "subagent/sources/vrrp/hold.h"
#include "subagent/sources/vrrp/keepalived/keepalived.h"
#include "subagent/sources/vrrp/reason.h"
#include "subagent/sources/vrrp/view.h"
#include "subagent/sources/vrrp/virtual.h"
#include "subagent/sources/vrrp/wire/wire.h"

#define INTERVAL 1000 /* milliseconds: keepalived's own, where it is not known */
#define PRIORITY 100  /* the same */
#define LATENESS 100  /* milliseconds that an advert may be late on a busy machine */

static void tell(struct paced *paced)
{
	const struct instance *instance =
		(void *)((char *)paced - offsetof(struct instance, paced));

	report_row(&vrrp_instance_table, &instance->row);
}

struct instance *instance_new(const char *name)
{
	struct instance *instance = memory_new(1, sizeof(*instance));
	struct vrrp_instance_row *row = &instance->row;

	SLIST_INIT(&instance->routers);
	instance->paced.tell = tell;
	instance->fault_reason = haVrrpInstanceReason_unknown;
	TEXT_PUT(row->name, name);
	row->vrrp_state = row->wanted = HaVrrpState_unknown;
	row->origin = haVrrpInstanceStateOrigin_unknown;
	row->reason = haVrrpInstanceReason_none;
	row->consistency = haVrrpInstanceConsistency_unknown;
	row->nopreempt = HaAnswer_unknown;
	return instance;
}

void instance_free(struct instance *instance, struct pace *pace)
{
	for (size_t i = 0; i < instance->virtuals_count; i++) {
		pace_drop(pace, &instance->virtuals[i]->paced);
		free(instance->virtuals[i]);
	}
	free(instance->virtuals);
	pace_drop(pace, &instance->paced);
	free(instance);
}

/* ---- what keepalived says ---- */

/* keepalived keeps the order of its configuration, so most stand where they stood. */
static struct virtual *find_virtual(struct virtual **virtuals, size_t count, size_t hint,
				    const struct claim_address *claimed)
{
	if (hint < count && virtuals[hint] && virtual_is(virtuals[hint], claimed))
		count = hint + 1;
	else
		hint = 0;
	for (size_t i = hint; i < count; i++) {
		struct virtual *found = virtuals[i];

		if (found && virtual_is(found, claimed)) {
			virtuals[i] = NULL;
			return found;
		}
	}
	return NULL;
}

static void take_virtuals(struct instance *instance, const struct claim *claim, struct pace *pace)
{
	struct virtual **old = instance->virtuals;
	size_t old_count = instance->virtuals_count;

	instance->virtuals = memory_new(claim->addresses_count + 1, sizeof(*instance->virtuals));
	instance->virtuals_count = claim->addresses_count;
	for (size_t i = 0; i < claim->addresses_count; i++) {
		const struct claim_address *claimed = &claim->addresses[i];
		struct virtual *virtual = find_virtual(old, old_count, i, claimed);

		if (!virtual)
			virtual = virtual_new(instance->row.name, claimed);
		virtual_take(virtual, claimed);
		instance->virtuals[i] = virtual;
	}
	for (size_t i = 0; i < old_count; i++)
		if (old[i])
			virtual_forget(old[i], pace);
	free(old);
}

static void fill_claim(struct vrrp_instance_row *row, const struct claim *claim)
{
	row->wanted = claim->wanted_state ? claim->wanted_state : HaVrrpState_unknown;
	row->origin = claim->origin ? claim->origin : haVrrpInstanceStateOrigin_unknown;
	row->vrid = claim->vrid;
	row->version = claim->version;
	row->address_type = claim->family == AF_INET6 ? InetAddressType_ipv6 :
			    claim->family == AF_INET  ? InetAddressType_ipv4 :
							InetAddressType_unknown;
	TEXT_PUT(row->interface, claim->interface);
	TEXT_PUT(row->sync_group, claim->sync_group);
	row->base_priority = claim->base_priority;
	row->effective_priority = claim->effective_priority;
	row->nopreempt = claim->nopreempt ? claim->nopreempt : HaAnswer_unknown;
	row->interval = claim->advert_interval;
	row->age.since = claim->confirmed;
	row->sent = claim->adverts_sent;
	row->received = claim->adverts_received;
	row->errors = claim->advert_errors;
}

void instance_take(struct instance *instance, const struct claim *claim, struct vrrp_view *view)
{
	uint32_t interface;

	instance->claim = claim;
	SLIST_INIT(&instance->routers);
	if (!claim) {
		for (size_t i = 0; i < instance->virtuals_count; i++)
			instance->virtuals[i]->claimed = false;
	} else {
		instance->known = true;
		instance->family = claim->family;
		if (view->claims_moved)
			take_virtuals(instance, claim, view->pace);
	}
	interface = addresses_interface(view->addresses,
					claim ? claim->interface : instance->row.interface);
	if (interface != instance->interface)
		instance->listening = view->now;
	instance->interface = interface;
}

/* ---- what is so ---- */

static uint32_t interval_of(const struct instance *instance, const struct router *master)
{
	uint32_t interval = instance->row.interval;

	if (master && master->heard->interval > interval)
		interval = master->heard->interval;
	return interval ? interval : INTERVAL;
}

static uint32_t look_at_addresses(struct instance *instance, const struct vrrp_view *view)
{
	uint32_t present = 0;

	for (size_t i = 0; i < instance->virtuals_count; i++) {
		struct virtual *virtual = instance->virtuals[i];
		uint32_t interface = addresses_interface(view->addresses, virtual->interface);

		present += virtual_look(virtual, interface, view);
	}
	return present;
}

/* Whom a backup would accept: the highest priority, then the highest address. */
static bool is_better(const struct router *one, const struct router *other)
{
	if (one->heard->priority != other->heard->priority)
		return one->heard->priority > other->heard->priority;
	return memcmp(one->key.address.octets, other->key.address.octets,
		      sizeof(one->key.address.octets)) > 0;
}

static const struct router *find_master(const struct instance *instance, bool claimed)
{
	const struct router *router, *master = NULL;

	for (router = SLIST_FIRST(&instance->routers); router; router = SLIST_NEXT(router, next)) {
		if (!router->live)
			continue;
		if (router->heard->own && claimed)
			return router;
		if (!master || is_better(router, master))
			master = router;
	}
	return master;
}

static void fill_master(struct vrrp_instance_row *row, const struct router *master)
{
	bool claimed = row->vrrp_state == HaVrrpState_master;

	row->master_type = InetAddressType_unknown;
	memset(&row->master, 0, sizeof(row->master));
	row->master_priority = 0;
	row->master_time.wall = 0;
	if (master) {
		row->master_type = address_octets(&master->key.address, &row->master);
		row->master_priority = master->heard->priority;
		row->master_time.wall = master->heard->since;
	}
	if (claimed && (!master || master->heard->own)) {
		row->master_priority = row->effective_priority;
		row->master_time = row->state_time;
	}
}

/* ---- the hold file ---- */

static int32_t answer(bool yes)
{
	return yes ? HaAnswer_yes : HaAnswer_no;
}

/* Where keepalived does not say what it tracks, it cannot be told, unless it is plain already. */
static int32_t is_effective(const struct instance *instance, const struct hold *hold)
{
	const struct claim *claim = instance->claim;

	if (!hold->folder)
		return HaAnswer_no;
	for (size_t i = 0; claim && i < claim->files_count; i++)
		if (!strcmp(claim->files[i].path, instance->settings->hold))
			return answer(claim->files[i].weight == 0 && !claim->files[i].reverse);
	return claim && claim->files_known == HaAnswer_yes ? HaAnswer_no : HaAnswer_unknown;
}

static void fill_hold(const struct instance *instance, struct vrrp_instance_row *row,
		      const struct hold *hold)
{
	row->hold_effective = row->held = HaAnswer_no;
	row->hold_ends.wall = 0;
	if (!instance->settings || !instance->settings->hold)
		return;
	TEXT_PUT(row->hold, instance->settings->hold);
	row->hold_effective = is_effective(instance, hold);
	row->held = answer(hold->set && row->hold_effective != HaAnswer_no);
	if (row->held == HaAnswer_yes)
		row->hold_ends.wall = hold->ends;
}

static const struct hold *hold_of(const struct instance *instance, const struct vrrp_view *view)
{
	static const struct hold none;

	return instance->settings ? holds_of(view->holds, instance->number) : &none;
}

/* ---- the state, and why it is so ---- */

static void look_at_peers(const struct instance *instance, struct vrrp_change *change,
			  const struct vrrp_view *view)
{
	const struct router *router;

	for (router = SLIST_FIRST(&instance->routers); router; router = SLIST_NEXT(router, next)) {
		const struct heard *heard = router->heard;
		int64_t silent = view->now - heard->last;

		if (heard->own || silent >= 3 * (int64_t)heard->interval)
			continue;
		if (heard->state == haVrrpRouterState_resigned || heard->priority == 0)
			change->resigned = true;
		else if (instance->claim && heard->priority <= instance->claim->effective_priority)
			change->outranked = true;
	}
}

static void look_at_files(const struct claim *claim, const char *hold, struct vrrp_change *change)
{
	for (size_t i = 0; claim && i < claim->files_count; i++) {
		const struct claim_file *file = &claim->files[i];

		if ((hold && !strcmp(file->path, hold)) ||
		    (hold_number(file->path) != 0) == file->reverse)
			continue;
		if (file->weight == 0)
			change->tracked = true;
		else
			change->weighed = true;
	}
}

static int32_t reason_of(struct instance *instance, const struct vrrp_instance_row *row, bool gone,
			 const struct vrrp_view *view)
{
	const struct claim *claim = instance->claim;
	int32_t from = instance->row.vrrp_state;
	struct vrrp_change change = {
		.from = from == HaVrrpState_unknown ? 0 : from,
		.to = row->vrrp_state,
		.before = instance->fault_reason,
		.started = claim && claim->started,
		.gone = gone,
		.held = hold_of(instance, view)->set,
		.running = addresses_running(view->addresses, row->interface),
	};
	int32_t reason;

	look_at_peers(instance, &change, view);
	look_at_files(claim, instance->settings ? instance->settings->hold : NULL, &change);
	reason = vrrp_reason(&change);
	if (row->vrrp_state == HaVrrpState_fault)
		instance->fault_reason = reason;
	return reason;
}

static bool is_gone(const struct keepalived_status *status)
{
	return status->state == haVrrpKeepalivedState_stopped ||
	       status->state == haVrrpKeepalivedState_notInstalled;
}

static int32_t state_of(const struct instance *instance, bool gone)
{
	if (gone)
		return instance->known ? HaVrrpState_stop : HaVrrpState_unknown;
	if (instance->claim)
		return instance->claim->state ? instance->claim->state : HaVrrpState_unknown;
	return instance->known ? HaVrrpState_deleted : HaVrrpState_unknown;
}

/* When it changed, as far as keepalived or its end tells. */
static int64_t time_of(const struct instance *instance, bool gone, bool moved,
		       const struct vrrp_view *view)
{
	int64_t told = gone ? view->status->since : 0;

	if (!gone && instance->claim)
		told = instance->claim->changed;
	if (told)
		return told;
	return moved && instance->row.vrrp_state != HaVrrpState_unknown ?
		       view->wall :
		       instance->row.state_time.wall;
}

static void fill_state(struct instance *instance, struct vrrp_instance_row *row,
		       const struct vrrp_view *view)
{
	bool gone = is_gone(view->status), moved;

	row->head.state = instance->claim || (gone && instance->known) ? HaRowState_fresh :
									 HaRowState_missing;
	row->vrrp_state = state_of(instance, gone);
	if (gone || !instance->claim)
		row->wanted = row->vrrp_state;
	if (gone && instance->known)
		row->origin = haVrrpInstanceStateOrigin_process;
	moved = row->vrrp_state != instance->row.vrrp_state;
	row->state_time.wall = time_of(instance, gone, moved, view);
	if (!moved)
		return;
	instance->changed = view->now;
	row->reason = reason_of(instance, row, gone, view);
}

/* ---- the verdict ---- */

static void fill_consistency(struct instance *instance, struct vrrp_instance_row *row,
			     const struct router *master, struct vrrp_view *view)
{
	uint32_t interval = interval_of(instance, master);
	struct vrrp_facts facts = {
		.state = row->vrrp_state,
		.changed = instance->changed,
		.addresses = row->addresses,
		.present = row->present,
		.blind = !addresses_complete(view->addresses),
		.deaf = view->deaf || !instance->interface ||
			!addresses_running(view->addresses, row->interface),
		.heard = instance->listening,
		.silence =
			vrrp_silence(row->version, interval,
				     row->effective_priority ? row->effective_priority : PRIORITY),
		.beat = interval + interval / 4 + LATENESS,
		.grace = view->grace,
	};
	const struct router *router;
	int64_t due;
	int32_t verdict;

	for (router = SLIST_FIRST(&instance->routers); router; router = SLIST_NEXT(router, next)) {
		facts.own |= router->live && router->heard->own;
		facts.others += router->live && !router->heard->own;
		if (router->heard->last > facts.heard)
			facts.heard = router->heard->last;
	}
	row->masters = facts.others + facts.own;
	verdict = vrrp_consistency(&instance->doubt, &facts, view->now, &due);
	vrrp_view_again(view, due);
	if (verdict != row->consistency)
		row->consistency_time.wall = view->wall;
	row->consistency = verdict;
}

/* ---- the row ---- */

static uint64_t absent_of(const struct vrrp_instance_row *row, const struct claim *claim)
{
	static const uint16_t counters[] = {
		mib_haVrrpInstanceAdvertsSent,
		mib_haVrrpInstanceAdvertsReceived,
		mib_haVrrpInstanceAdvertErrors,
	};
	uint64_t bits = 0;

	for (size_t i = 0; i < sizeof(counters) / sizeof(*counters); i++)
		if (!claim || !claim->counted)
			bits |= UINT64_C(1) << mib_objects[counters[i]].arc;
	if (!row->age.since)
		bits |= UINT64_C(1) << mib_objects[mib_haVrrpInstanceStateAge].arc;
	return bits;
}

static void tell_row(struct instance *instance, const struct vrrp_instance_row *row,
		     struct pace *pace)
{
	bool moved = memcmp(row, &instance->row, VRRP_INSTANCE_STATES) != 0;
	bool counted = memcmp((const char *)row + VRRP_INSTANCE_STATES,
			      (const char *)&instance->row + VRRP_INSTANCE_STATES,
			      sizeof(*row) - VRRP_INSTANCE_STATES) != 0;

	instance->row = *row;
	if (moved)
		pace_pass(pace, &instance->paced);
	else if (counted)
		pace_add(pace, &instance->paced);
}

void instance_judge(struct instance *instance, struct vrrp_view *view)
{
	struct vrrp_instance_row row = instance->row;
	const struct router *master;

	if (instance->claim)
		fill_claim(&row, instance->claim);
	row.index = (int32_t)instance->interface;
	row.addresses = (uint32_t)instance->virtuals_count;
	row.present = look_at_addresses(instance, view);
	fill_state(instance, &row, view);
	fill_hold(instance, &row, hold_of(instance, view));
	router_judge_all(&instance->routers, view);
	master = find_master(instance, row.vrrp_state == HaVrrpState_master);
	fill_master(&row, master);
	fill_consistency(instance, &row, master, view);
	row.head.absent = absent_of(&row, instance->claim);
	tell_row(instance, &row, view->pace);
	for (size_t i = 0; i < instance->virtuals_count; i++)
		virtual_tell(instance->virtuals[i], row.vrrp_state == HaVrrpState_master,
			     instance->changed, view);
}
