/* Why the state of an instance has changed, as far as it can be told from what was so around it.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_VRRP_REASON_H
#define HA_VRRP_REASON_H

#include <stdbool.h>
#include <stdint.h>

struct vrrp_change {
	int32_t from, to; /* enum HaVrrpState; `from' 0: nothing is known of before */
	int32_t before;   /* enum haVrrpInstanceReason of the change before this one */
	bool started;     /* keepalived started or read its configuration */
	bool gone;        /* keepalived has ended */
	bool held;        /* the hold file is set */
	bool running;     /* its interface is up and has a carrier */
	bool tracked;     /* a file that it tracks with weight 0 is not 0 */
	bool weighed;     /* one that it tracks with another weight is not 0 */
	bool resigned;    /* a peer has just sent priority 0 */
	bool outranked;   /* a peer is heard, and its priority is lower */
};

/* enum haVrrpInstanceReason */
int32_t vrrp_reason(const struct vrrp_change *change);

#endif
