/* What keepalived says of an instance, against what is so: addresses on interfaces, adverts heard.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_VRRP_CONSISTENCY_H
#define HA_VRRP_CONSISTENCY_H

#include <stdbool.h>
#include <stdint.h>

/* Times are of clock_now(), in milliseconds. */
struct vrrp_facts {
	int32_t state;               /* enum HaVrrpState: what keepalived says */
	int64_t changed;             /* when the state was first seen to be so */
	uint32_t addresses, present; /* how many it has, and how many are here */
	bool blind;                  /* which addresses are here is not known */
	bool deaf;                   /* nobody can be heard on its interface */
	bool own;                    /* this node is heard to advertise */
	uint32_t others;             /* routers beside it that are */
	int64_t heard;               /* when anybody was heard last, or listening began */
	uint32_t silence; /* after which a backup takes over: three intervals and its skew time */
	uint32_t beat;    /* in which a master is heard for sure: an interval and a bit */
	int64_t grace;
};

/* How a verdict came about; begins as zeros. */
struct vrrp_doubt {
	int32_t verdict; /* enum haVrrpInstanceConsistency, as if there were no grace time */
	int32_t state;   /* at which the time began to run */
	int64_t since;   /* when it was last consistent, or changed its state */
};

/* Milliseconds of silence after which a backup of this priority takes over (RFC 5798, 6.1; in
 * version 2 the skew time does not depend on the interval). */
uint32_t vrrp_silence(uint32_t version, uint32_t interval, uint32_t priority);

/* The verdict at this moment, enum haVrrpInstanceConsistency. At `due' it may be another although
 * nothing else changes; 0: it stays. */
int32_t vrrp_consistency(struct vrrp_doubt *doubt, const struct vrrp_facts *facts, int64_t now,
			 int64_t *due);

#endif
