/* One virtual address of an instance: whether it is on an interface of this node, and its row.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/vrrp/virtual.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "lib/memory.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/report.h"
#include "subagent/sources/vrrp/addresses.h"
#include "subagent/sources/vrrp/keepalived/keepalived.h"
#include "subagent/sources/vrrp/view.h"

#define MOMENT 500 /* milliseconds that a busy keepalived may take to say what it has done */

static void tell(struct paced *paced)
{
	const struct virtual *virtual = (void *)((char *)paced - offsetof(struct virtual, paced));

	report_row(&vrrp_address_table, &virtual->row);
}

struct virtual *virtual_new(const char *instance, const struct claim_address *claimed)
{
	struct virtual *virtual = memory_new(1, sizeof(*virtual));

	virtual->address.family = claimed->address.family;
	memcpy(virtual->address.octets, claimed->address.octets, sizeof(virtual->address.octets));
	virtual->paced.tell = tell;
	TEXT_PUT(virtual->row.name, instance);
	virtual->row.type = address_octets(&virtual->address, &virtual->row.value);
	virtual->row.address_state = haVrrpAddressState_unknown;
	virtual->row.moving = TruthValue_false;
	return virtual;
}

void virtual_forget(struct virtual *virtual, struct pace *pace)
{
	report_gone(&vrrp_address_table, &virtual->row);
	pace_drop(pace, &virtual->paced);
	free(virtual);
}

bool virtual_is(const struct virtual *virtual, const struct claim_address *claimed)
{
	return virtual->address.family == claimed->address.family &&
	       !memcmp(virtual->address.octets, claimed->address.octets,
		       sizeof(virtual->address.octets));
}

void virtual_take(struct virtual *virtual, const struct claim_address *claimed)
{
	struct vrrp_address_row *row = &virtual->row;
	int32_t excluded = claimed->excluded ? TruthValue_true : TruthValue_false;

	virtual->shown = virtual->shown && virtual->claimed &&
			 !strcmp(virtual->interface, claimed->interface) &&
			 row->prefix_length == claimed->prefix_length && row->excluded == excluded;
	virtual->claimed = true;
	TEXT_PUT(virtual->interface, claimed->interface);
	TEXT_PUT(row->interface, claimed->interface);
	row->prefix_length = claimed->prefix_length;
	row->excluded = excluded;
}

/* ---- where it is ---- */

static int32_t state_of(const struct present *present, uint32_t interface)
{
	if (!present)
		return haVrrpAddressState_absent;
	if (present->duplicate)
		return haVrrpAddressState_duplicate;
	if (present->tentative)
		return haVrrpAddressState_tentative;
	return !interface || present->interface == interface ? haVrrpAddressState_present :
							       haVrrpAddressState_elsewhere;
}

bool virtual_look(struct virtual *virtual, uint32_t interface, const struct vrrp_view *view)
{
	const struct present *present =
		addresses_find(view->addresses, &virtual->address, interface);
	const char *name =
		present ? addresses_interface_name(view->addresses, present->interface) : NULL;
	int32_t found = addresses_complete(view->addresses) ? state_of(present, interface) :
							      haVrrpAddressState_unknown;

	if (found != virtual->found)
		virtual->found_at = view->now;
	virtual->found = found;
	if (strcmp(virtual->row.present_interface, name ? name : "") != 0) {
		TEXT_PUT(virtual->row.present_interface, name ? name : "");
		virtual->shown = false;
	}
	return present && !present->duplicate &&
	       !(present->loopback && found == haVrrpAddressState_elsewhere);
}

/* ---- its row ---- */

static bool fits(int32_t found, bool master)
{
	return (found == haVrrpAddressState_absent) == !master;
}

static void enter_state(struct virtual *virtual, bool moving, int64_t wall)
{
	struct vrrp_address_row *row = &virtual->row;

	if (row->address_state != haVrrpAddressState_unknown)
		row->state_time.wall = wall;
	row->address_state = virtual->found;
	row->moving = moving ? TruthValue_true : TruthValue_false;
	virtual->shown = false;
}

void virtual_tell(struct virtual *virtual, bool master, int64_t changed, struct vrrp_view *view)
{
	struct vrrp_address_row *row = &virtual->row;
	int32_t state = virtual->claimed ? HaRowState_fresh : HaRowState_missing;
	bool right = fits(virtual->found, master);

	if (virtual->found != row->address_state) {
		if (right || row->address_state == haVrrpAddressState_unknown ||
		    view->now >= virtual->found_at + MOMENT)
			enter_state(virtual, right && view->now - changed <= view->grace,
				    view->wall);
		else
			vrrp_view_again(view, virtual->found_at + MOMENT);
	}
	virtual->shown = virtual->shown && row->head.state == state;
	row->head.state = state;
	if (!virtual->shown)
		pace_pass(view->pace, &virtual->paced);
	virtual->shown = true;
}
