/* One VRRP instance: what keepalived says of it, what is so, and its row.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_VRRP_INSTANCE_H
#define HA_VRRP_INSTANCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "subagent/pace.h"
#include "subagent/sources/vrrp/consistency.h"
#include "subagent/sources/vrrp/router.h"
#include "subagent/sources/vrrp/rows.h"

struct claim;
struct settings_instance;
struct virtual;
struct vrrp_view;

struct instance {
	const struct settings_instance *settings; /* NULL: the configuration does not name it */
	size_t number;                            /* of the settings */
	const struct claim *claim;                /* valid while looking; NULL: there is none */
	bool known;                               /* keepalived has had it */
	uint16_t family;                          /* of its adverts */
	uint32_t interface;                       /* index, 0: not there */
	int64_t listening;                        /* clock_now() since when on this interface */
	int64_t changed;                          /* clock_now() at which the state was seen */
	int32_t fault_reason;                     /* of the last FAULT */
	struct vrrp_doubt doubt;
	struct router_list routers; /* that advertise it; filled anew for each look */
	struct virtual **virtuals;
	size_t virtuals_count;
	struct paced paced;
	struct vrrp_instance_row row; /* as it is, or will be told */
};

struct instance *instance_new(const char *name);

/* Its rows stay with the hub. */
void instance_free(struct instance *instance, struct pace *pace);

/* keepalived says this of it now, or nothing (NULL). */
void instance_take(struct instance *instance, const struct claim *claim, struct vrrp_view *view);

/* Find out how it is, when its routers are known, and tell the rows that are others. */
void instance_judge(struct instance *instance, struct vrrp_view *view);

#endif
