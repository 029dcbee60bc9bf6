/* What DRBD is told of a peer that it does not see any more, judged from the rows of the hub.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_VERDICT_H
#define HA_VERDICT_H

#include <stdbool.h>

struct board;

/* Exit status of the handler fence-peer, as the kernel takes it (conn_try_outdate_peer() of DRBD).
 * Any other: the handler is broken, I/O that waits goes on waiting, and nobody is promoted. */
enum verdict_status {
	VERDICT_NONE = 0,        /* not yet: look again */
	VERDICT_UNDECIDED = 1,   /* nothing can be said */
	VERDICT_OUTDATED = 4,    /* the peer does not use its data any more */
	VERDICT_UNREACHABLE = 5, /* taken for dead, which DRBD believes of UpToDate data only */
	VERDICT_FENCED = 7       /* the peer is off */
};

struct verdict_view {
	enum verdict_status status;
	bool known;     /* how it is with the resource here; if not, the next two say nothing */
	bool primary;   /* this node is */
	bool connected; /* all peers are, as far as the hub has heard */
	bool shoot;     /* nothing but the fence program can decide it */
	char group[33];
	char why[200]; /* a sentence */
};

/* Judge a DRBD resource. `patient': the peer's agent, while it answers, is given time to say that
 * its data is behind. */
void verdict_judge(const struct board *board, const char *resource, bool patient,
		   struct verdict_view *view);

#endif
