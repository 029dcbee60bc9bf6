/* What the parts of the jobs do for each other.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_JOBS_INSIDE_H
#define HA_JOBS_INSIDE_H

#include "subagent/jobs.h"

/* ---- job.c: the one job ---- */

enum job_event {
	JOB_COMMIT,
	JOB_UNDO,
	JOB_STEP_DONE,
	JOB_STEP_FAILED,
	JOB_EXECUTOR_LOST,
	JOB_FACTS,
	JOB_DEADLINE,
	JOB_EVENTS
};

void job_happen(struct jobs *jobs, enum job_event event, const struct instant *when);

/* Take the slot, which is free, for a job. */
void job_reserve(struct jobs *jobs, const struct request *request, int32_t origin,
		 const struct instant *when);

/* Milliseconds that its verification may take. */
int64_t job_patience(const struct jobs *jobs);

/* ---- set.c: requests ---- */

/* Judge SET_TEST and SET_RESERVE; a SET_RESERVE that is accepted has the slot. */
void set_judge(struct jobs *jobs, const struct set *set, struct verdict *verdict,
	       const struct instant *when);

/* Count up the locks that the SET of the job carried. */
void locks_take(struct jobs *jobs, unsigned int locks, const struct instant *when);

/* ---- keeping.c: promises ---- */

/* Fill what the request must know of the promise about its subject. */
void keeping_look_up(const struct jobs *jobs, struct request *request);

/* The job makes a promise; and it has ended, whatever became of it. */
void keeping_begin(struct jobs *jobs, const struct instant *when);
void keeping_settle(struct jobs *jobs);

/* Facts have come that may contradict a promise. */
void keeping_follow(struct jobs *jobs, const struct instant *when);

/* Keep what is due. When to call again (clock_now()), 0: never; and the sooner of two such. */
int64_t keeping_tick(struct jobs *jobs, const struct instant *when);
int64_t keeping_sooner(int64_t one, int64_t other);

/* ---- show.c: the tables ---- */

void show_scalars(struct jobs *jobs, const struct instant *when);
void show_job(struct jobs *jobs, const struct instant *when);
void show_step(struct jobs *jobs, const struct instant *when);
void show_request(struct jobs *jobs, const struct instant *when);

/* Tell of a change of the job's state, by this notification. */
void show_change(struct jobs *jobs, uint16_t notification, int32_t old_state, int32_t severity,
		 const struct instant *when);

/* Take off what is older than the jobs that are kept. */
void show_no_more(struct jobs *jobs, const struct instant *when);

#endif
