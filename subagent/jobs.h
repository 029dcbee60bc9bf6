/* Requests become jobs, jobs become steps, and every job ends with a reason.
 *
 * A SET comes in phases (RFC 2741, 7.2.4): SET_TEST judges it, SET_RESERVE judges it again and
 * takes the one job slot, SET_COMMIT lets the job go, SET_UNDO gives the slot back. A slot that
 * hears neither is given back after JOB_RESERVATION. What a request asks for is its kind's: see
 * requests/request.h. A promise that is due becomes a job, too.
 *
 * Pure: it is told what happens and when, and asks through one call.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_JOBS_H
#define HA_JOBS_H

#include <stdbool.h>
#include <stdint.h>

#include "actions/plan.h"
#include "lib/frame.h"
#include "subagent/events.h"
#include "subagent/job_rows.h"
#include "subagent/promises.h"
#include "subagent/requests/finding.h"
#include "subagent/requests/request.h"

struct changes;
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

enum job_phase {
	JOB_IDLE,
	JOB_RESERVED,
	JOB_EXECUTING,
	JOB_VERIFYING,
	JOB_ROLLING_BACK,   /* the step that takes it back is being executed, */
	JOB_VERIFYING_BACK, /* and verified */
	JOB_PHASES
};

struct jobs {
	struct changes *changes;
	const struct settings *settings;
	/* Hand a step to the executor; false when there is none. */
	bool (*execute)(void *executor, const struct step_order *order);
	/* It did not answer by its deadline: end it. */
	void (*abandon)(void *executor);
	void *executor;
	/* Write the row of a job down, for jobs_remember() after a restart; or NULL. */
	void (*keep)(void *keeper, const struct job_row *row);
	void *keeper;

	struct promises promises; /* empty at first; freed by jobs_close() */
	int64_t counted;          /* clock_now() when what is left of them was last published */
	struct action_row action;
	struct force_row force;
	uint32_t last_job; /* number; the caller keeps it over restarts */

	/* The one job that there can be. */
	enum job_phase phase;
	uint32_t transaction; /* that reserved it */
	unsigned int locks;   /* that its SET carried */
	struct request request;
	struct plan plan;
	size_t step; /* position in the plan */
	struct job_row row;
	struct job_step_row step_row;
	int64_t requested, step_started; /* clock_now() */
	int64_t deadline;                /* of the phase */
	struct step_result result;       /* why the job will have failed, should it not verify */
	struct finding cause;            /* why it is being rolled back */
};

/* No job yet. Set `execute`, `abandon` and `executor` after. */
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

/* The executor answers, or is gone. */
void jobs_result(struct jobs *jobs, const struct step_result *result, const struct instant *when);
void jobs_executor_lost(struct jobs *jobs, const struct instant *when);

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
