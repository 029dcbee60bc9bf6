/* Requests become jobs, jobs become steps, and every job ends with a reason.
 *
 * A SET comes in phases (RFC 2741, 7.2.4): SET_TEST judges it, SET_RESERVE judges it again and
 * takes the slot of its job, SET_COMMIT lets the job go, SET_UNDO gives the slot back. A slot that
 * hears neither is given back after JOB_RESERVATION. What a request asks for is its kind's: see
 * requests/request.h. A promise that is due becomes a job, too, and so does what a group is to do
 * by itself.
 *
 * Each slot has one job at most, and an executor of its own: no group waits for another one.
 *
 * Pure: it is told what happens and when, and asks through a few calls.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_JOBS_H
#define HA_JOBS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "actions/plan.h"
#include "lib/frame.h"
#include "lib/settings_group.h"
#include "subagent/events.h"
#include "subagent/groups/journal.h"
#include "subagent/job_rows.h"
#include "subagent/promises.h"
#include "subagent/requests/finding.h"
#include "subagent/requests/request.h"

struct changes;
struct group_intent; /* subagent/groups/follow.h */
struct settings;

/* Milliseconds that a reserved slot waits for its commit. */
#define JOB_RESERVATION 10000

/* Jobs that are kept as rows. */
#define JOBS_KEPT 50

/* SNMP error-status of a refused SET (RFC 3416, section 3). */
enum set_error {
	SET_NO_ERROR = 0,
	SET_GENERAL_ERROR = 5,
	SET_WRONG_TYPE = 7,
	SET_WRONG_LENGTH = 8,
	SET_WRONG_VALUE = 10,
	SET_NO_CREATION = 11,
	SET_INCONSISTENT_VALUE = 12,
	SET_RESOURCE_UNAVAILABLE = 13,
	SET_NOT_WRITABLE = 17
};

/* For requests of one thing; for each group, by its position in the settings; for what must not
 * wait for the job of a group; and, without an executor, for what the other node is asked to do. */
enum {
	JOB_SLOT_PLAIN,
	JOB_SLOT_GROUP,
	JOB_SLOT_ASIDE = JOB_SLOT_GROUP + SETTINGS_GROUPS_MAX,
	JOB_SLOT_PASSED,
	JOB_SLOTS
};

enum job_phase {
	JOB_IDLE,
	JOB_RESERVED,
	JOB_AWAITING, /* the executor, which is being started again */
	JOB_EXECUTING,
	JOB_VERIFYING,
	/* The same for the steps that take it back. */
	JOB_AWAITING_BACK,
	JOB_ROLLING_BACK,
	JOB_VERIFYING_BACK,
	JOB_PHASES
};

/* The job of a slot. */
struct job {
	struct jobs *jobs; /* whose slot it is, and which one */
	size_t slot;
	enum job_phase phase;
	uint32_t transaction; /* that reserved it */
	unsigned int locks;   /* that its SET carried */
	struct request request;
	struct plan plan;    /* of what is done now: the request, or taking it back */
	uint32_t steps_past; /* of the plan before that one */
	size_t step;         /* position in the plan */
	struct job_row row;
	struct job_step_row step_row;
	int64_t requested, step_started; /* clock_now() */
	int64_t deadline;                /* of the phase */
	int64_t fenced;                  /* when a job of this slot last had the peer fenced */
	unsigned int losses;             /* of its executor */
	bool cancelled;                  /* it is taken back as soon as its step is over */
	struct step_result result;       /* why the job will have failed, should it not verify */
	struct finding cause;            /* why it is being rolled back */
};

struct jobs {
	struct changes *changes;
	const struct settings *settings;
	/* Hand a step to the executor of a slot; false when there is none. */
	bool (*execute)(void *executor, size_t slot, const struct step_order *order);
	/* It did not answer by its deadline: end it. */
	void (*abandon)(void *executor, size_t slot);
	/* Whether it is there. */
	bool (*present)(void *executor, size_t slot);
	void *executor;
	/* Pass a request on to the peer's agent; false when nobody can. */
	bool (*ask)(void *peer, const struct ask *ask);
	void *peer;
	/* Write the row of a job down, for jobs_remember() after a restart; or NULL. */
	void (*keep)(void *keeper, const struct job_row *row);
	void *keeper;

	struct promises promises; /* empty at first; freed by jobs_close() */
	struct journal journal;   /* likewise */
	int64_t counted;          /* clock_now() when what is left of them was last published */
	struct action_row action;
	struct force_row force;
	uint32_t last_job; /* number; the caller keeps it over restarts */
	struct job job[JOB_SLOTS];
};

/* No job yet. Set the calls after. */
void jobs_open(struct jobs *jobs, struct changes *changes, const struct settings *settings,
	       uint32_t last_job, const struct instant *when);

void jobs_close(struct jobs *jobs);

/* A job of an earlier life, as `keep` got it. One that had not ended ended with that life. */
void jobs_remember(struct jobs *jobs, const struct job_row *row, const struct instant *when);

/* A phase of a SET; `verdict` is to be sent back for SET_TEST and SET_RESERVE. */
void jobs_set(struct jobs *jobs, const struct set *set, struct verdict *verdict,
	      const struct instant *when);

/* The sender of the SETs is gone: what it has reserved is given back. */
void jobs_sender_lost(struct jobs *jobs, const struct instant *when);

/* The executor of a slot answers, is gone, or has come. */
void jobs_result(struct jobs *jobs, size_t slot, const struct step_result *result,
		 const struct instant *when);
void jobs_executor_lost(struct jobs *jobs, size_t slot, const struct instant *when);
void jobs_executor_came(struct jobs *jobs, size_t slot, const struct instant *when);

/* What the peer's agent makes of a request; and nobody can tell any more. */
void jobs_answer(struct jobs *jobs, const struct answer *answer, const struct instant *when);
void jobs_peer_lost(struct jobs *jobs, const struct instant *when);

/* ---- groups, by their positions in the settings ---- */

/* Have a job do what the group is to do by itself; `origin' is of enum haActionOrigin. False when
 * the last one is not over, or its executor is not there. I/O is suspended and resumed whatever
 * else the group is doing. */
bool jobs_group_start(struct jobs *jobs, size_t group, const struct group_intent *intent,
		      int32_t origin, const struct instant *when);

/* The row of its job that is at work, what only suspends or resumes I/O not counted; NULL: none. */
const struct job_row *jobs_group_running(const struct jobs *jobs, size_t group);

/* When a job of it last had the peer fenced, clock_now(), be that job over or not; 0: none has. */
int64_t jobs_group_fenced(const struct jobs *jobs, size_t group);

/* The row of the last job that has ended, and was to change on which node the group runs
 * (groupSwitchover, groupTakeover, groupPromote, groupDemote), also of an earlier life; NULL: there
 * was none. Valid until the board changes. */
const struct job_row *jobs_group_last(const struct jobs *jobs, size_t group);

/* Until when it is in maintenance, clock_wall(); 0: it is not. */
int64_t jobs_group_maintenance(const struct jobs *jobs, size_t group);

/* Whether a job of the group, of an earlier life, too, may have left its instance held, and I/O of
 * its resources suspended. */
bool jobs_group_holds(const struct jobs *jobs, size_t group);
bool jobs_group_suspended(const struct jobs *jobs, size_t group);

/* ---- facts ---- */

/* Write into a row of facts, before it is published, what only a promise tells of it. */
void jobs_amend(const struct jobs *jobs, const struct table *table, void *row);

/* Rows of a source have come: the tables of requests follow them, and promises that the facts
 * contradict are void. */
void jobs_follow(struct jobs *jobs, const struct instant *when);

/* Something may have changed that a job waits for. */
void jobs_facts(struct jobs *jobs, const struct instant *when);

/* Do what is due, promises, too; returns when to call again (clock_now()), 0 for never. */
int64_t jobs_tick(struct jobs *jobs, const struct instant *when);

#endif
