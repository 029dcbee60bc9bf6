/* What the hub remembers of one group, and the rows made of it.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_GROUP_H
#define HA_GROUP_H

#include <stdbool.h>
#include <stdint.h>

#include "subagent/groups/facts.h"
#include "subagent/groups/follow.h"
#include "subagent/groups/lease.h"
#include "subagent/groups/ready.h"
#include "subagent/groups/role.h"
#include "subagent/groups/rows.h"
#include "subagent/groups/seen.h"

struct changes;
struct instant;

/* Where it is active, as far as this node can see. */
enum group_place { PLACE_UNKNOWN, PLACE_HERE, PLACE_THERE, PLACE_NOWHERE };

/* How the group last changed its place, or tried to. */
struct group_switches {
	enum group_place last; /* of here and there; unknown at first */
	uint32_t count;
	uint32_t job, seen; /* the job that moves it; the last that ended and was looked at */
	bool begun;         /* a job was looked at at all */
	int64_t unserved;   /* clock_now() since when it was nowhere, 0: it is served */
	int64_t left;       /* clock_now() at which it was seen there last; 0: it is */
	uint32_t duration;  /* milliseconds from then until it was seen somewhere again */
	int64_t moved;      /* clock_wall() of the last time that went well, 0: never */
	struct moment time;
	uint32_t last_job;
	int32_t result, reason;
};

struct group {
	struct lease lease;
	struct seen seen;
	struct follow follow;
	struct role role;
	struct group_facts facts; /* its texts are valid while it is being looked at */
	struct group_intent intent;
	struct group_ready ready;
	struct group_switches switches;
	int32_t watchdog; /* enum haGroupWatchdog */
	uint32_t watchdog_timeout;
	int64_t due; /* clock_now() of the next look, 0: at once */
	struct group_row row;
};

enum group_place group_place(const struct group *group);

/* Keep count of where it is. */
void group_count(struct group *group, const struct instant *when);

/* Fill its row, and publish it; raise or clear the alarm that it is served nowhere. */
void group_show(struct group *group, struct changes *changes, const struct instant *when);

/* Complete the row of a member; `old' is what stands on the board, or NULL. */
void group_amend(const struct group *group, struct group_member_row *row,
		 const struct group_member_row *old, const struct instant *when);

#endif
