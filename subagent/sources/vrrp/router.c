/* One router that is heard on the wire: its row, and in what it differs from ours.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/vrrp/router.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "lib/memory.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/report.h"
#include "subagent/sources/vrrp/keepalived/keepalived.h"
#include "subagent/sources/vrrp/view.h"
#include "subagent/sources/vrrp/wire/wire.h"

#define KEEP INT64_C(3600000) /* milliseconds that a router is shown which is silent */
#define LATENESS 100          /* milliseconds that an advert may be late on a busy machine */

void router_make_key(struct router_key *key, const struct heard *heard)
{
	memset(key, 0, sizeof(*key));
	TEXT_PUT(key->interface, heard->interface_name);
	key->address.family = heard->source.family;
	memcpy(key->address.octets, heard->source.octets, sizeof(key->address.octets));
	key->vrid = heard->vrid;
}

static void tell(struct paced *paced)
{
	const struct router *router = (void *)((char *)paced - offsetof(struct router, paced));

	report_row(&vrrp_router_table, &router->row);
}

struct router *router_new(const struct router_key *key)
{
	struct router *router = memory_new(1, sizeof(*router));
	struct vrrp_router_row *row = &router->row;

	router->key = *key;
	router->paced.tell = tell;
	TEXT_PUT(row->interface, key->interface);
	row->vrid = key->vrid;
	row->type = address_octets(&key->address, &row->address);
	return router;
}

void router_free(struct router *router, struct pace *pace)
{
	pace_drop(pace, &router->paced);
	free(router);
}

void router_forget(struct router *router, struct pace *pace)
{
	report_gone(&vrrp_router_table, &router->row);
	router_free(router, pace);
}

bool router_is_past(const struct heard *heard, const struct instance *instance, int64_t now)
{
	return !instance && heard->state == haVrrpRouterState_silent && now - heard->last > KEEP;
}

/* ---- who advertises ---- */

/* The moment at which the next advert is late. */
static int64_t overdue(const struct heard *heard)
{
	return heard->last + heard->interval + heard->interval / 4 + LATENESS;
}

static bool advertises(const struct router *router)
{
	return router->heard && router->heard->state == haVrrpRouterState_advertising;
}

/* Of those that advertise the two that began last. */
static void find_newest(const struct router_list *routers, const struct router *newest[2])
{
	const struct router *router;

	newest[0] = newest[1] = NULL;
	for (router = SLIST_FIRST(routers); router; router = SLIST_NEXT(router, next)) {
		if (!advertises(router))
			continue;
		if (!newest[0] || router->heard->since > newest[0]->heard->since) {
			newest[1] = newest[0];
			newest[0] = router;
		} else if (!newest[1] || router->heard->since > newest[1]->heard->since) {
			newest[1] = router;
		}
	}
}

void router_judge_all(struct router_list *routers, struct vrrp_view *view)
{
	const struct router *newest[2], *other;
	struct router *router;

	find_newest(routers, newest);
	for (router = SLIST_FIRST(routers); router; router = SLIST_NEXT(router, next)) {
		const struct heard *heard = router->heard;

		router->live = advertises(router);
		other = newest[router == newest[0]];
		if (!router->live || !other ||
		    other->heard->since + other->heard->interval < heard->last_wall)
			continue;
		router->live = view->now < overdue(heard);
		if (router->live)
			vrrp_view_again(view, overdue(heard));
	}
}

/* ---- what does not fit ---- */

#define BIT(label) (1U << haVrrpRouterMismatch_##label)

static bool is_claimed(const struct claim *claim, const struct address *address)
{
	for (size_t i = 0; i < claim->addresses_count; i++)
		if (!claim->addresses[i].excluded &&
		    claim->addresses[i].address.family == address->family &&
		    !memcmp(claim->addresses[i].address.octets, address->octets,
			    sizeof(address->octets)))
			return true;
	return false;
}

/* What is not kept of a long advert may be whatever it is, as long as the number is right. */
static bool same_addresses(const struct heard *heard, const struct claim *claim)
{
	size_t count = 0;

	for (size_t i = 0; i < claim->addresses_count; i++)
		count += !claim->addresses[i].excluded;
	if (count != heard->addresses_count)
		return false;
	for (size_t i = 0; i < heard->addresses_kept; i++)
		if (!is_claimed(claim, &heard->addresses[i]))
			return false;
	return true;
}

static bool is_known_auth(int32_t type)
{
	return type != 0 && type != haVrrpRouterAuthType_unknown;
}

/* In version 3 a backup takes the interval of the master (RFC 5798, 6.4.2). What keepalived has not
 * told is not compared. */
static uint32_t mismatch_of(const struct heard *heard, const struct claim *claim)
{
	uint32_t bits = 0;

	if (claim->version && heard->version != claim->version)
		bits |= BIT(version);
	if (heard->version == 2 && claim->version == 2 && claim->advert_interval &&
	    heard->interval != claim->advert_interval)
		bits |= BIT(interval);
	if (is_known_auth(claim->auth_type) && is_known_auth(heard->auth_type) &&
	    claim->auth_type != heard->auth_type)
		bits |= BIT(authentication);
	if (claim->addresses_count && !same_addresses(heard, claim))
		bits |= BIT(addresses);
	if (heard->priority && heard->priority == claim->effective_priority)
		bits |= BIT(priority);
	return bits;
}

static void compare(struct router *router, struct vrrp_router_row *row, const struct claim *claim,
		    uint32_t version, int64_t now)
{
	const struct heard *heard = router->heard;

	if (heard->own || !claim ||
	    (heard->state == haVrrpRouterState_silent && now - heard->last > KEEP)) {
		row->mismatch = 0;
		router->heard_in = 0;
		return;
	}
	if (router->heard_in == heard->seen_in && router->claimed_in == version)
		return;
	row->mismatch = mismatch_of(heard, claim);
	router->heard_in = heard->seen_in;
	router->claimed_in = version;
}

/* ---- its row ---- */

static void fill(struct vrrp_router_row *row, const struct heard *heard)
{
	row->head.state = HaRowState_fresh;
	row->router_state = heard->state;
	row->state_time.wall = heard->since;
	row->own = heard->own ? TruthValue_true : TruthValue_false;
	row->version = heard->version;
	row->priority = heard->priority;
	row->interval = heard->interval;
	row->auth_type = heard->auth_type;
	row->addresses = heard->addresses_count;
	row->last_heard.wall = heard->last_wall;
	row->age.since = heard->last;
	row->adverts = heard->adverts;
	row->lost = heard->lost;
	row->resignations = heard->resignations;
	row->errors = heard->errors;
}

/* A new row is no event; that somebody begins to advertise is one. */
static void tell_birth(const struct vrrp_router_row *row)
{
	struct vrrp_router_row born = *row;

	born.head.state = HaRowState_fresh;
	born.router_state = haVrrpRouterState_silent;
	born.own = TruthValue_false;
	born.auth_type = haVrrpRouterAuthType_unknown;
	report_row(&vrrp_router_table, &born);
}

void router_tell(struct router *router, const char *instance, const struct claim *claim,
		 uint32_t version, const struct vrrp_view *view)
{
	struct vrrp_router_row row = router->row;
	bool moved, counted;

	if (view->settled && !row.router_state)
		tell_birth(&row);
	fill(&row, router->heard);
	TEXT_PUT(row.instance, instance);
	compare(router, &row, claim, version, view->now);
	moved = memcmp(&row, &router->row, VRRP_ROUTER_STATES) != 0;
	counted = memcmp((const char *)&row + VRRP_ROUTER_STATES,
			 (const char *)&router->row + VRRP_ROUTER_STATES,
			 sizeof(row) - VRRP_ROUTER_STATES) != 0;
	router->row = row;
	if (moved)
		pace_pass(view->pace, &router->paced);
	else if (counted)
		pace_add(view->pace, &router->paced);
}
