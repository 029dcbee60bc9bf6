/* Who has been seen when: what the board tells a lease.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_SEEN_H
#define HA_SEEN_H

#include <stdbool.h>
#include <stdint.h>

struct board;
struct group_facts;
struct lease;

/* What is remembered from one look to the next; zeroed at first. */
struct seen {
	bool clean;     /* the data was the same when the peer went, and both were Secondary */
	int64_t synced; /* when it was last seen to be the same */
};

/* Tell the lease of the group everything that is on the board of peer, witnesses, links and data;
 * it may be told the same again and again. */
void seen_feed(struct seen *seen, struct lease *lease, const struct group_facts *facts,
	       const struct board *board, int64_t now);

/* This node cannot serve, and is about to leave it to a peer that answers: if both have the same
 * data it does not go on with it any more, and says so to the peer, which may then. */
void seen_yield(struct seen *seen, struct lease *lease, const struct group_facts *facts);

#endif
