/* What the parts of the jobs do for each other.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_JOBS_INSIDE_H
#define HA_JOBS_INSIDE_H

#include "subagent/jobs.h"

/* ---- job.c: the job of a slot ---- */

enum job_event {
	JOB_COMMIT,
	JOB_UNDO,
	JOB_STEP_DONE,
	JOB_STEP_FAILED,
	JOB_EXECUTOR_LOST,
	JOB_EXECUTOR_CAME,
	JOB_FACTS,
	JOB_CANCEL,
	JOB_DEADLINE,
	JOB_EVENTS
};

void job_happen(struct job *job, enum job_event event, const struct instant *when);

/* The slot of a request. */
struct job *job_of(struct jobs *jobs, const struct request *request);

/* Take the slot of the request, which is free, for a job. */
struct job *job_reserve(struct jobs *jobs, const struct request *request, int32_t origin,
			const struct instant *when);

/* Whether it is at work: committed, and not over. */
bool job_is_running(const struct job *job);

/* Whether a job of this kind is at work on the thing of this index. */
bool job_is_about(const struct job *job, const struct request_kind *kind, const uint32_t *index,
		  size_t length);

/* ---- steps.c: its steps ---- */

const struct board *job_board(const struct job *job);

/* The step at work. */
const struct plan_step *job_step(const struct job *job);

/* Milliseconds that the verification of a step may take. */
int64_t job_patience(const struct job *job, const struct plan_step *step);

/* Begin the step at work: have the executor do it (again), or look whether it is so already. */
void job_begin_step(struct job *job, const struct instant *when);
void job_execute(struct job *job, const struct instant *when);
void job_verify(struct job *job, const struct instant *when);

/* Its executor is gone: wait until it is started again, as long as the kind of the job does. */
void job_await_executor(struct job *job, const struct instant *when);

/* The executor has done it: on to the next one; and if the facts show that it is so, likewise. */
void job_next_step(struct job *job, const struct instant *when);
void job_look(struct job *job, const struct instant *when);

/* The step is over so; and it has failed, with all that follows from that. */
void job_end_step(struct job *job, int32_t state, int32_t reason, const char *message,
		  const struct instant *when);
void job_fail(struct job *job, int32_t reason, const char *message, const struct instant *when);

/* Whether a failure of the step that is so bad has everything taken back; have it, because of
 * `cause'; or because a request asks for it. */
bool job_undoes(const struct job *job, enum plan_undo least);
void job_roll_back(struct job *job, const struct instant *when);
void job_call_off(struct job *job, const struct instant *when);

/* The job is over: all is done; it failed, or could not be taken back; or as it is said. */
void job_finish(struct job *job, const struct instant *when);
void job_give_up(struct job *job, int32_t reason, const char *message, const struct instant *when);
void job_end(struct job *job, int32_t state, int32_t reason, const char *message,
	     const struct instant *when);

/* What the peer says of the job that was passed on to it. */
void job_answer(struct job *job, const struct answer *answer, const struct instant *when);

/* ---- set.c: requests ---- */

/* Judge SET_TEST and SET_RESERVE; a SET_RESERVE that is accepted has its slot. */
void set_judge(struct jobs *jobs, const struct set *set, struct verdict *verdict,
	       const struct instant *when);

/* Count up the locks that the SET of a job carried. */
void locks_take(struct jobs *jobs, unsigned int locks, const struct instant *when);

/* ---- keeping.c: promises ---- */

/* Fill what the request must know of the promise about its subject. */
void keeping_look_up(const struct jobs *jobs, struct request *request);

/* The job makes a promise; and it has ended, whatever became of it. */
void keeping_begin(const struct job *job, const struct instant *when);
void keeping_settle(const struct job *job);

/* Facts have come that may contradict a promise. */
void keeping_follow(struct jobs *jobs, const struct instant *when);

/* Keep what is due. When to call again (clock_now()), 0: never; and the sooner of two such. */
int64_t keeping_tick(struct jobs *jobs, const struct instant *when);
int64_t keeping_sooner(int64_t one, int64_t other);

/* ---- groups.c: the journal ---- */

/* A job of a group begins, its executor has done a step of it, and it has ended; jobs of other
 * kinds are passed over. */
void group_note_begin(const struct job *job);
void group_note_step(struct job *job, const struct step *step, const struct instant *when);
void group_note_end(const struct job *job);

/* ---- show.c: the tables ---- */

void show_scalars(struct jobs *jobs, const struct instant *when);
void show_job(struct job *job, const struct instant *when);
void show_step(struct job *job, const struct instant *when);
void show_request(const struct job *job, const struct instant *when);

/* Tell of a change of the job's state, by this notification. */
void show_change(const struct job *job, uint16_t notification, int32_t old_state, int32_t severity,
		 const struct instant *when);

/* Take off what is older than the jobs that are kept. */
void show_no_more(const struct job *job, const struct instant *when);

#endif
