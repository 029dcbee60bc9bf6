/* Whether there is a split brain towards one peer: judged from states and their history.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/drbd/split.h"

#include <string.h>

#include "mib/ha-agentx-mib.h"

enum event {
	DECLARED, /* DRBD has said so */
	REFUSED,  /* a handshake has ended in StandAlone, and this node was Primary while apart */
	ALONE,    /* found StandAlone, without a history */
	SETTLING, /* connected and synchronising, after initial-split-brain */
	SYNCING,  /* connected and synchronising */
	EQUAL,    /* connected with equal data */
	EVENTS
};

#define OTHER haDrbdResourceSplitBrain_other
#define UNKNOWN haDrbdResourceSplitBrain_unknown
#define NONE haDrbdResourceSplitBrain_none
#define SUSPECTED haDrbdResourceSplitBrain_suspected
#define DETECTED haDrbdResourceSplitBrain_detected
#define RESOLVING haDrbdResourceSplitBrain_resolving

#define STATES (RESOLVING + 1)

/* A resynchronisation that breaks off leaves `resolving': whose data stays has been decided. A
 * later handshake that is refused is then another split brain. */
static const int32_t next[STATES][EVENTS] = {
	/*              DECLARED  REFUSED    ALONE      SETTLING   SYNCING    EQUAL */
	[UNKNOWN] = { DETECTED, SUSPECTED, UNKNOWN, RESOLVING, NONE, NONE },
	[NONE] = { DETECTED, SUSPECTED, UNKNOWN, RESOLVING, NONE, NONE },
	[SUSPECTED] = { DETECTED, SUSPECTED, SUSPECTED, RESOLVING, RESOLVING, NONE },
	[DETECTED] = { DETECTED, DETECTED, DETECTED, RESOLVING, RESOLVING, NONE },
	[RESOLVING] = { DETECTED, SUSPECTED, RESOLVING, RESOLVING, RESOLVING, NONE },
};

/* From harmless to harmful. */
static const int rank[STATES] = {
	[NONE] = 1, [OTHER] = 2, [UNKNOWN] = 3, [RESOLVING] = 4, [SUSPECTED] = 5, [DETECTED] = 6,
};

void drbd_split_init(struct drbd_split *split)
{
	memset(split, 0, sizeof(*split));
	split->state = NONE;
}

static bool is_bad(int32_t state)
{
	return state == SUSPECTED || state == DETECTED || state == RESOLVING;
}

static void happen(struct drbd_split *split, enum event event, int64_t wall)
{
	int32_t state = next[split->state][event];

	if (state != split->state && is_bad(state) && !is_bad(split->state))
		split->found = wall;
	split->state = state;
}

void drbd_split_helper(struct drbd_split *split, const char *helper, int64_t wall)
{
	if (!strcmp(helper, "initial-split-brain"))
		split->announced = true;
	else if (!strcmp(helper, "split-brain"))
		happen(split, DECLARED, wall);
}

static bool is_leaving(int32_t connection)
{
	return connection == HaDrbdConnection_disconnecting ||
	       connection == HaDrbdConnection_standAlone;
}

/* A handshake is over, or none has begun. When the peer was the one to refuse, a failure of the
 * network comes in between, which is not the end of it. */
static bool is_away(int32_t connection)
{
	return connection == HaDrbdConnection_unconnected ||
	       connection == HaDrbdConnection_connecting;
}

/* StandAlone or on the way to it. */
static void left(struct drbd_split *split, const struct drbd_split_facts *facts)
{
	if (facts->dumped && !split->handshake && !is_leaving(facts->before))
		happen(split, ALONE, facts->wall);
	else if (split->handshake && split->announced)
		happen(split, DECLARED, facts->wall);
	else if (split->handshake && split->primary_apart)
		happen(split, REFUSED, facts->wall);
	split->handshake = split->announced = false;
}

static void joined(struct drbd_split *split, const struct drbd_split_facts *facts)
{
	if (facts->equal)
		happen(split, EQUAL, facts->wall);
	else if (facts->syncing)
		happen(split, split->announced ? SETTLING : SYNCING, facts->wall);
	split->handshake = split->primary_apart = false;
	if (facts->equal || facts->syncing)
		split->announced = false;
}

void drbd_split_follow(struct drbd_split *split, const struct drbd_split_facts *facts)
{
	if (facts->joined) {
		joined(split, facts);
		return;
	}
	if (facts->primary)
		split->primary_apart = true;
	if (is_leaving(facts->connection))
		left(split, facts);
	else if (facts->talking)
		split->handshake = true;
	else if (is_away(facts->connection))
		split->handshake = split->announced = false;
}

int32_t drbd_split_worse(int32_t one, int32_t other)
{
	return rank[one] >= rank[other] ? one : other;
}
