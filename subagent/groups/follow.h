/* What a group should do by itself now.
 *
 * A group follows its VRRP instance: where that is master its members are to run, and nowhere else.
 * What a node may do without its peer is the group's fencing policy. What is refused or has failed
 * is tried again after a pause that grows.
 *
 * Pure: facts and a clock in, an intent out.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_FOLLOW_H
#define HA_FOLLOW_H

#include <stdbool.h>
#include <stdint.h>

struct group_facts;

/* Milliseconds from a try that failed to the next: doubled each time. */
#define FOLLOW_PAUSE_MIN 1000
#define FOLLOW_PAUSE_MAX 30000
#define FOLLOW_REPAIR_PAUSE_MAX 600000 /* of what is served all the same */

enum group_aim {
	AIM_NOTHING,
	AIM_PROMOTE, /* start everything that is not started */
	AIM_DEMOTE,  /* stop everything that is not stopped */
	AIM_HOLD,    /* give the address back by the hold file, as nothing can be served here */
	AIM_RELEASE, /* end that hold */
	AIM_SUSPEND, /* suspend I/O of every resource that is Primary; at once, whatever job runs */
	AIM_RESUME   /* end that */
};

struct group_intent {
	enum group_aim aim;
	enum group_aim wanted; /* the same, also while it has to wait for a pause to be over */
	bool alone;            /* AIM_PROMOTE: although a resource has lost its peer */
	bool fence;            /* AIM_PROMOTE: the fence step comes first */
	bool repair; /* AIM_PROMOTE: the group is served, and some member has to be started again */
	/* The group should serve here, and must not or cannot; or should have stopped, and has not.
	 * Without AIM_HOLD it may pass by itself. */
	bool denied;
	/* It had lost its lease, and the peer has not taken over, and cannot without our knowing:
	 * the lease may begin anew. */
	bool forgiven;
	int32_t reason; /* enum HaReason: of the denial, or why this is done; none: there is none */
	char text[160]; /* the same as a sentence; "" */
	int32_t origin; /* enum haActionOrigin of the job that it becomes: vrrp or lease */
};

/* What the jobs of a group do and did; the jobs fill it (see groups.h). */
struct group_work {
	bool busy;    /* a job of this group is being executed or verified; a mere reservation is
		       * not one */
	uint32_t job; /* its number */
	int32_t verb; /* enum HaJobVerb: groupPromote, groupDemote, groupSwitchover, ... */
	bool rolling_back;

	/* When the fence program last reported the peer off to a job (clock_now()), 0: never. The
	 * job goes on from there: DRBD's handler, which it makes the kernel call, is to know. */
	int64_t fenced;

	/* A hold of the group's instance stands that a job of the group has set, a switchover or
	 * AIM_HOLD; the journal keeps it over restarts. */
	bool own_hold;
	bool suspended; /* a job of the group has suspended I/O and none has resumed it; likewise */

	bool maintenance;
	int64_t maintenance_ends; /* clock_wall(), 0: never by itself */

	/* The newest job that ended and was to change where the group runs (promote, demote,
	 * switchover, takeover), also of an earlier life; 0: there was none. */
	uint32_t last_job;
	int32_t last_verb;   /* enum HaJobVerb */
	int32_t last_state;  /* enum HaJobState */
	int32_t last_reason; /* enum HaReason */
	int64_t last_wall;   /* clock_wall() at which it ended */
	char last_text[160]; /* its message */
};

/* What is remembered from one look to the next; zeroed at first. */
struct follow {
	int64_t master_since, other_since; /* clock_now() of the last edges, 0: not in that state */
	int64_t stopping;     /* since when it has to stop (clock_now()), 0: it has not */
	bool jumped;          /* the hub stood still for longer than a lease */
	bool suspended;       /* I/O was to be suspended by ourselves, and not resumed since */
	enum group_aim tried; /* what was started last; */
	int64_t next_try;     /* not again before this (clock_now()), */
	int64_t pause;        /* as long after the end of its job */
	int64_t wake;         /* when to look again (clock_now()), 0: when facts come */
};

/* What to do now. */
void follow_decide(struct follow *follow, const struct group_facts *facts, int64_t now,
		   struct group_intent *intent);

/* It was started, or could not be: the same is not tried again before the pause is over. */
void follow_started(struct follow *follow, const struct group_intent *intent, int64_t now);

/* The hub did nothing for longer than a lease: it may have been frozen. */
void follow_jumped(struct follow *follow);

#endif
