/* Requests become jobs, jobs become steps, and every job ends with a reason.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/jobs.h"

#include <string.h>

#include "lib/memory.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/changes.h"
#include "subagent/jobs/inside.h"
#include "subagent/request_rows.h"

void jobs_open(struct jobs *jobs, struct changes *changes, const struct settings *settings,
	       uint32_t last_job, const struct instant *when)
{
	memset(jobs, 0, sizeof(*jobs));
	jobs->changes = changes;
	jobs->settings = settings;
	jobs->last_job = last_job;
	jobs->action.head.state = jobs->force.head.state = HaRowState_fresh;
	/* Not 0: a manager that has missed a restart must not find its old value fit by chance. */
	jobs->action.lock = (int32_t)(when->wall / 1000 & INT32_MAX);
	jobs->force.lock = (int32_t)((when->wall / 1000 + INT32_MAX / 2) & INT32_MAX);
	jobs->action.refused_verb = HaJobVerb_none;
	jobs->action.refused_reason = HaReason_none;
	for (size_t slot = 0; slot < JOB_SLOTS; slot++) {
		jobs->job[slot].jobs = jobs;
		jobs->job[slot].slot = slot;
	}
	show_scalars(jobs, when);
}

void jobs_close(struct jobs *jobs)
{
	promises_close(&jobs->promises);
}

void jobs_remember(struct jobs *jobs, const struct job_row *row, const struct instant *when)
{
	const struct request_kind *kind = request_kind_of_verb(row->verb);
	struct job job = {
		.jobs = jobs,
		.row = *row,
		.requested = when->now - row->elapsed,
	};
	bool unfinished = row->state < HaJobState_succeeded;

	if (row->job > jobs->last_job)
		jobs->last_job = row->job;
	if (unfinished) {
		job.row.state = HaJobState_failed;
		job.row.reason = HaReason_interrupted;
		job.row.ended.wall = when->wall;
		job.row.cancellable = TruthValue_false;
		TEXT_PRINT(job.row.message, "the agent ended during this job; look at the %s",
			   kind ? kind->aim : "state");
	}
	show_job(&job, when);
	if (unfinished)
		show_change(&job, mib_haActionEnded, row->state, HaSeverity_major, when);
}

/* The job that a SET has reserved; NULL when it has none, or not any more. */
static struct job *reserved_by(struct jobs *jobs, const struct set *set)
{
	for (size_t slot = 0; slot < JOB_SLOTS; slot++)
		if (jobs->job[slot].phase == JOB_RESERVED &&
		    jobs->job[slot].transaction == set->transaction)
			return &jobs->job[slot];
	return NULL;
}

void jobs_set(struct jobs *jobs, const struct set *set, struct verdict *verdict,
	      const struct instant *when)
{
	struct job *ours = reserved_by(jobs, set);

	memset(verdict, 0, sizeof(*verdict));
	verdict->transaction = set->transaction;
	switch ((enum set_phase)set->phase) {
	case SET_TEST:
	case SET_RESERVE:
		set_judge(jobs, set, verdict, when);
		break;
	case SET_COMMIT:
		if (ours)
			job_happen(ours, JOB_COMMIT, when);
		break;
	case SET_UNDO:
		if (ours)
			job_happen(ours, JOB_UNDO, when);
		break;
	}
}

static void happen_to_all(struct jobs *jobs, enum job_event event, const struct instant *when)
{
	for (size_t slot = 0; slot < JOB_SLOTS; slot++)
		job_happen(&jobs->job[slot], event, when);
}

void jobs_sender_lost(struct jobs *jobs, const struct instant *when)
{
	happen_to_all(jobs, JOB_UNDO, when);
}

void jobs_result(struct jobs *jobs, size_t slot, const struct step_result *result,
		 const struct instant *when)
{
	struct job *job = &jobs->job[slot];
	bool asked = job->phase == JOB_EXECUTING || job->phase == JOB_ROLLING_BACK;

	if (!asked || result->job != job->row.job)
		return;
	job->result = *result;
	job->result.message[sizeof(job->result.message) - 1] = '\0';
	job->row.exit_status = result->exit_status;
	text_put_part(job->row.kernel, sizeof(job->row.kernel), result->kernel,
		      strnlen(result->kernel, sizeof(result->kernel)));
	job_happen(job,
		   result->reason == HaReason_none || result->reason == HaReason_nothingToDo ?
			   JOB_STEP_DONE :
			   JOB_STEP_FAILED,
		   when);
}

void jobs_executor_lost(struct jobs *jobs, size_t slot, const struct instant *when)
{
	job_happen(&jobs->job[slot], JOB_EXECUTOR_LOST, when);
}

void jobs_executor_came(struct jobs *jobs, size_t slot, const struct instant *when)
{
	job_happen(&jobs->job[slot], JOB_EXECUTOR_CAME, when);
}

void jobs_answer(struct jobs *jobs, const struct answer *answer, const struct instant *when)
{
	job_answer(&jobs->job[JOB_SLOT_PASSED], answer, when);
}

void jobs_peer_lost(struct jobs *jobs, const struct instant *when)
{
	job_happen(&jobs->job[JOB_SLOT_PASSED], JOB_EXECUTOR_LOST, when);
}

void jobs_follow(struct jobs *jobs, const struct instant *when)
{
	keeping_follow(jobs, when);
	request_rows_follow(jobs, when);
}

void jobs_facts(struct jobs *jobs, const struct instant *when)
{
	happen_to_all(jobs, JOB_FACTS, when);
}

int64_t jobs_tick(struct jobs *jobs, const struct instant *when)
{
	int64_t next;

	for (size_t slot = 0; slot < JOB_SLOTS; slot++) {
		struct job *job = &jobs->job[slot];

		if (job->deadline && when->now >= job->deadline)
			job_happen(job, JOB_DEADLINE, when);
	}
	next = keeping_tick(jobs, when);
	for (size_t slot = 0; slot < JOB_SLOTS; slot++)
		next = keeping_sooner(next, jobs->job[slot].deadline);
	return next;
}
