/* Which events are held back in a storm of them, and what is to be told of those at its end.
 *
 * An event is sent at once as long as its kind has tokens: a burst of them, which come back at a
 * rate. What is more is held back, and so is everything else about the same subject until a pause
 * later; then it is summed up. haEventsCoalesced in the MIB has the rule as a manager sees it.
 *
 * The clock of all this stands still while nobody is there to be told anything.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_STORM_H
#define HA_STORM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct event_row;

#define STORM_KINDS_MAX 128

/* What tokens are for: each lane has its own, so that no storm in one uses up those of another. */
enum storm_lane {
	STORM_PLAIN,
	STORM_CRITICAL, /* events of HaSeverity_critical */
	STORM_CLOSING,  /* to tell anew, at the end of a pause, how a subject is */
	STORM_LANES
};

struct storm_kind {
	int32_t kind;              /* enum HaEventType */
	int64_t full[STORM_LANES]; /* when all tokens are back; times here are of the own clock */
	int64_t begun, length;     /* of the pause; length 0: there is none */
	int64_t last_held;         /* when something was last held back */
	uint32_t count;            /* how many were held back in this pause .. */
	uint32_t first, last;      /* .. from which sequence to which .. */
	int32_t worst;             /* .. and the highest severity of them */
};

/* What the held events are about: a column of a row. */
struct storm_subject {
	int32_t kind;        /* enum HaEventType: in whose pause it is told again */
	uint32_t changes;    /* held back in this pause */
	bool known;          /* a notification told its state: */
	int32_t told;        /* this .. */
	char told_label[65]; /* .. with this label */
	int32_t severity;    /* for whoever closes the pause: how bad it is to be told, 0 for not */
	bool chosen;         /* .. and that it is */
	uint16_t object;     /* enum mib_id of the column */
	uint16_t index_length;
	uint32_t index[];
};

struct storm {
	uint32_t burst;  /* tokens of a kind; 0: nothing is ever held back */
	int64_t spacing; /* milliseconds until a token comes back */
	bool running;    /* the clock is */
	int64_t stood;   /* how long it has stood still; while it does, when it stopped */
	struct storm_kind kinds[STORM_KINDS_MAX];
	size_t kinds_count;
	int64_t full[STORM_LANES];       /* of the tokens of all kinds together */
	struct storm_subject **subjects; /* in order of object and index */
	size_t count, room;
};

/* Hold back what exceeds `burst` events of a kind and `rate` a minute. Without this call, or with
 * a burst of 0, nothing is. */
void storm_limit(struct storm *storm, uint32_t burst, uint32_t rate);
void storm_close(struct storm *storm);

/* From now on (clock_now()) there is somebody to be told, or there is nobody. */
void storm_run(struct storm *storm, bool running, int64_t now);

/* Whether this event, which is complete but for that, is held back. */
bool storm_hold(struct storm *storm, const struct event_row *event, int64_t now);

/* A kind whose pause is over, the worst first; NULL when there is none. */
struct storm_kind *storm_ended(struct storm *storm, int64_t now);

/* Take a token to tell anew how a subject of this kind is; false when there is none. */
bool storm_spend(struct storm *storm, struct storm_kind *kind, int64_t now);

/* What was held back in the pause is told: the next one begins, or the storm of this kind is over.
 * Subjects that were quiet in it are forgotten. */
void storm_go_on(struct storm *storm, struct storm_kind *kind, int64_t now);

/* When a pause ends (clock_now()); 0 for none. */
int64_t storm_next(const struct storm *storm);

#endif
