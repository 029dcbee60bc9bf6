/* How the other node configures the members that both nodes must have alike:
 * haGroupPeerMemberTable.
 *
 * Its clock is passed in.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_PEER_MEMBERS_H
#define HA_PEER_MEMBERS_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/rows.h"

struct settings_groups;

/* Not to be copied. */
struct peer_members {
	const struct settings_groups *groups;
	const char *node;  /* this one */
	int64_t limit;     /* milliseconds that what was said counts */
	int64_t confirmed; /* clock_now() at which the peer said it; 0: never */
	struct rows rows;  /* struct peer_member_row, as they are reported */
};

void peer_members_open(struct peer_members *members, const struct settings_groups *groups,
		       const char *node, int64_t limit);
void peer_members_close(struct peer_members *members);

/* The peer has said all its members, struct peer_asked_member_row; none at all: it is too old to
 * say them. */
void peer_members_take(struct peer_members *members, const struct rows *said, int64_t now);

/* Report rows that have become too old. When to call again (clock_now()), 0: nothing changes. */
int64_t peer_members_turn(struct peer_members *members, int64_t now);

/* Report every row as it is. */
void peer_members_report(const struct peer_members *members);

#endif
