/* What there is to judge at one moment: what keepalived says, who is heard, which addresses are
 * here. SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_VRRP_VIEW_H
#define HA_VRRP_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct addresses;
struct claim;
struct heard;
struct holds;
struct keepalived_status;
struct pace;

struct vrrp_view {
	int64_t now;  /* clock_now() */
	int64_t wall; /* clock_wall() */
	const struct keepalived_status *status;
	const struct claim *const *claims;
	size_t claims_count;
	bool claims_moved; /* they are others than at the last look */
	const struct heard *const *routers;
	size_t routers_count;
	bool deaf; /* the wire cannot be listened to */
	const struct addresses *addresses;
	const struct holds *holds;
	/* Of whoever looks: */
	struct pace *pace;
	int64_t grace; /* milliseconds */
	bool settled;  /* whoever advertises has been heard by now: who comes is new */
	int64_t due;   /* clock_now() at which to look again though nothing changes; 0: never */
};

/* Look again at this time at the latest; 0 is passed over. */
void vrrp_view_again(struct vrrp_view *view, int64_t when);

#endif
