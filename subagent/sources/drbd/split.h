/* Whether there is a split brain towards one peer: judged from states and their history.
 *
 * The helper split-brain says it plainly, but DRBD does not always call it: after mutual fencing
 * with both nodes Primary the handshake ends in Disconnecting and StandAlone without a word. On the
 * other hand initial-split-brain is also called while a split brain is being resolved. StandAlone
 * alone proves nothing: an operator may have disconnected. So a refused handshake of a node that
 * was Primary while apart makes it suspected, a helper makes it detected, and both stay until the
 * nodes are connected with equal data.
 *
 * The latch is kept over restarts of the source (latch.h). One that starts without it and finds
 * StandAlone cannot tell, and says unknown.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_DRBD_SPLIT_H
#define HA_DRBD_SPLIT_H

#include <stdbool.h>
#include <stdint.h>

/* Filled by drbd_split_init(); read only for others. */
struct drbd_split {
	int32_t state;      /* enum haDrbdResourceSplitBrain */
	int64_t found;      /* wall clock of the last time it was suspected or detected, or 0 */
	bool handshake;     /* the nodes are talking, and are not connected yet */
	bool announced;     /* initial-split-brain was called in this handshake */
	bool primary_apart; /* this node was Primary since they were last connected */
};

/* What is known of the connection after a line of events2 was taken. */
struct drbd_split_facts {
	int64_t wall;
	bool primary;       /* this node is */
	int32_t connection; /* enum HaDrbdConnection, and what it was before */
	int32_t before;
	bool talking; /* a path is established, or DRBD 8.4 says Connected */
	bool joined;  /* connected, and the peer has told its role */
	bool equal;   /* on all volumes: established, and both disks UpToDate */
	bool syncing; /* on any volume */
	bool dumped;  /* read from a dump: what lies between is not known */
};

void drbd_split_init(struct drbd_split *split);

/* The kernel has called a helper: "split-brain", "initial-split-brain", or any other. */
void drbd_split_helper(struct drbd_split *split, const char *helper, int64_t wall);

/* A state has changed. */
void drbd_split_follow(struct drbd_split *split, const struct drbd_split_facts *facts);

/* The worse of two states, for a resource of several peers. */
int32_t drbd_split_worse(int32_t one, int32_t other);

#endif
