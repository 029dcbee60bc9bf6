/* What this node is to a group: a state machine over what its facts show.
 *
 * Every look at the facts is one event, so a missed one is no harm. What contradicts itself for a
 * moment while the group moves is a transition; when it goes on it is a conflict.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_ROLE_H
#define HA_ROLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct group_facts;
struct group_intent;
struct group_ready;

enum group_state {
	GROUP_UNKNOWN,
	GROUP_STANDBY,
	GROUP_TAKING,
	GROUP_ACTIVE,
	GROUP_DEGRADED,
	GROUP_HANDING,
	GROUP_FAILED,
	GROUP_CONFLICT,
	GROUP_MAINTENANCE,
	GROUP_STATES
};

enum group_event {
	GROUP_MAINTAINED, /* nothing is done by itself */
	GROUP_TAKES,      /* a job of the group takes over, or takes back */
	GROUP_HANDS,      /* a job of the group hands over */
	GROUP_BLIND,      /* something that is needed is not known */
	GROUP_TWICE,      /* both nodes have it */
	GROUP_WHOLE,      /* address and all members are here */
	GROUP_FLAWED,     /* address and disks are here, and some member is not started */
	GROUP_SPLIT,      /* the address is here, the disks (without any: all members) are not */
	GROUP_DENIED,     /* it should be here, and must not, or cannot */
	GROUP_REST,       /* the address is not here, and something else is */
	GROUP_IDLE,       /* nothing of it is here */
	GROUP_EVENTS
};

struct role {
	enum group_state state;
	enum group_event event; /* the last one */
	int64_t begun;          /* clock_now() since when the events are the same */
	int64_t since;          /* clock_now() of the last change of the state */
	int64_t wake;           /* when to look again though nothing comes; 0: never */
};

/* Look at the facts; `intent' is what follow.h makes of them. */
void role_look(struct role *role, const struct group_facts *facts,
	       const struct group_intent *intent, int64_t now);

/* The next state; role_look() without its eyes. */
enum group_state role_next(const struct role *role, enum group_event event,
			   const struct group_facts *facts, int64_t now);

/* enum HaServiceRole, and why in a sentence. */
int32_t role_value(const struct role *role, const struct group_ready *ready);
void role_explain(const struct role *role, const struct group_facts *facts,
		  const struct group_intent *intent, const struct group_ready *ready, char *text,
		  size_t size);

#endif
