/* Judges whether the peer would take an instance over, from what its agent says.
 *
 * What was said last counts for a while (`limit'): one lost packet, or an agent that is started
 * again, is no reason to call a peer unhealthy. Its clock is passed in.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_PEER_VRRP_H
#define HA_PEER_VRRP_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/rows.h"
#include "subagent/pace.h"
#include "subagent/sources/peer/rows.h"

/* An instance of the peer. */
struct peer_instance {
	struct paced paced;
	bool expected;     /* by the configuration: its row stays for ever */
	int64_t confirmed; /* clock_now() at which the peer last knew itself what it said; 0: never
			    */
	int32_t content;   /* enum haVrrpPeerCause: what that comes to */
	int32_t trouble;   /* enum haVrrpPeerCause: why it was not confirmed since; none: it was */
	struct peer_vrrp_row row; /* as it is, or will be told */
};

/* Not to be copied, as the pace points into it. */
struct peer_vrrp {
	int64_t limit; /* milliseconds */
	int64_t begun; /* clock_now() */
	struct pace pace;
	char node[256]; /* of the peer; empty: not known yet */
	struct peer_instance **instances;
	size_t count, room; /* in the order of their names */
};

/* What the peer has answered, all of it. */
struct peer_said {
	const char *node;
	int32_t keepalived;           /* enum haVrrpKeepalivedState; unknown when it did not say */
	const struct rows *instances; /* struct peer_instance_row */
};

void peer_vrrp_open(struct peer_vrrp *vrrp, int64_t limit, int64_t now);
void peer_vrrp_close(struct peer_vrrp *vrrp);

/* The peer is to have this instance. */
void peer_vrrp_expect(struct peer_vrrp *vrrp, const char *name);

/* The peer has answered; or has not, for this reason (enum haVrrpPeerCause). */
void peer_vrrp_take(struct peer_vrrp *vrrp, const struct peer_said *said, int64_t now);
void peer_vrrp_fail(struct peer_vrrp *vrrp, int32_t cause, int64_t now);

/* Report rows that have become too old, and those whose turn it is; when to call again
 * (clock_now()), 0: nothing waits. */
int64_t peer_vrrp_turn(struct peer_vrrp *vrrp, int64_t now);

/* Report every row as it is. */
void peer_vrrp_report(struct peer_vrrp *vrrp);

#endif
