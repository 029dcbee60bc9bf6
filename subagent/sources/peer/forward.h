/* Passes requests on to the peer's agent, and follows what it makes of them.
 *
 * A request travels with the value of haActionLock that was read just before, so however often it
 * is sent, it is obeyed once at the most. When no answer comes to it, the peer is asked what has
 * become of it. Questions and answers are passed in, and the clock.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_PEER_FORWARD_H
#define HA_PEER_FORWARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/frame.h"
#include "lib/settings_group.h"

struct peer_answer;
struct peer_question;

/* Two for each group: one that is followed, and one that cancels it. */
#define FORWARDS_MAX (2 * SETTINGS_GROUPS_MAX)

enum forward_state {
	FORWARD_FREE,
	FORWARD_PREPARES, /* reads the lock, and which job was the group's last */
	FORWARD_SETS,     /* sends the request */
	FORWARD_FINDS,    /* reads what became of it */
	FORWARD_FOLLOWS   /* reads how its job is doing */
};

enum forward_fate {
	FATE_UNSENT, /* there was none */
	FATE_OBEYED,
	FATE_DENIED,
	FATE_UNSURE /* no answer came */
};

struct forward {
	enum forward_state state;
	struct ask ask;
	enum forward_fate fate; /* of the request that was sent last */
	bool unsure;            /* of this one or one before it */
	uint32_t lock;          /* the peer's, when it was last read */
	uint32_t last_job; /* of the group there, before a request was sent that it may have obeyed
			    */
	int64_t due;       /* clock_now() of the next question */
	int64_t deadline;  /* clock_now() at which it is given up unless an answer comes */
	char trouble[160]; /* why there was no answer */
	struct answer said;
};

struct forwards {
	const char *node; /* of this node */
	struct forward all[FORWARDS_MAX];
	struct forward *asking; /* whose question is under way; NULL: none */
};

void forwards_open(struct forwards *forwards, const char *node);

/* A request of the hub. What becomes of it is reported. */
void forwards_take(struct forwards *forwards, const struct ask *ask, int64_t now);

/* The next question, if one is due; forwards_answer() is called with what comes of it. */
bool forwards_ask(struct forwards *forwards, struct peer_question *question, int64_t now);
void forwards_answer(struct forwards *forwards, const struct peer_answer *answer, int64_t now);

/* When the next question will be due (clock_now()), 0: there is none. */
int64_t forwards_due(const struct forwards *forwards);

/* Give up what has waited too long; when to call again (clock_now()), 0: nothing waits. */
int64_t forwards_turn(struct forwards *forwards, int64_t now);

#endif
