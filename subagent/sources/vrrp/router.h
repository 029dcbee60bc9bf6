/* One router that is heard on the wire: its row, and in what it differs from ours.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_VRRP_ROUTER_H
#define HA_VRRP_ROUTER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "lib/address.h"
#include "subagent/pace.h"
#include "subagent/sources/vrrp/rows.h"

struct claim;
struct heard;
struct instance;
struct vrrp_view;

/* Compared octet by octet; made of zeroed memory. */
struct router_key {
	char interface[16];
	struct address address; /* without a scope, which the interface says */
	uint32_t vrid;
};

struct router {
	struct router_key key;
	const struct heard *heard;     /* valid while looking; NULL: forgotten by the wire */
	struct instance *instance;     /* with the same VRID, interface and family; NULL: none */
	SLIST_ENTRY(router) next;      /* of the same instance */
	bool live;                     /* it advertises, and nobody has taken over from it */
	uint32_t heard_in, claimed_in; /* versions of both sides when they were compared */
	struct paced paced;
	struct vrrp_router_row row; /* as it is, or will be told */
};

SLIST_HEAD(router_list, router);

void router_make_key(struct router_key *key, const struct heard *heard);

struct router *router_new(const struct router_key *key);

/* Its row stays with the hub; or goes, too. */
void router_free(struct router *router, struct pace *pace);
void router_forget(struct router *router, struct pace *pace);

/* Find out which routers of a virtual router advertise now. One that was preempted says nothing of
 * it: it is not counted any more when its advert is overdue and another has begun. */
void router_judge_all(struct router_list *routers, struct vrrp_view *view);

/* Fill the row and tell it when it is another. `version' grows with every change of the claims. */
void router_tell(struct router *router, const char *instance, const struct claim *claim,
		 uint32_t version, const struct vrrp_view *view);

/* Silent for so long, and nobody's of this node, that it is not shown any more. */
bool router_is_past(const struct heard *heard, const struct instance *instance, int64_t now);

#endif
