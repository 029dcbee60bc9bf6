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
	show_scalars(jobs, when);
}

void jobs_close(struct jobs *jobs)
{
	promises_close(&jobs->promises);
}

void jobs_remember(struct jobs *jobs, const struct job_row *row, const struct instant *when)
{
	const struct request_kind *kind = request_kind_of_verb(row->verb);
	int32_t before = row->state;

	jobs->row = *row;
	jobs->requested = when->now - row->elapsed;
	if (row->job > jobs->last_job)
		jobs->last_job = row->job;
	if (before < HaJobState_succeeded) {
		jobs->row.state = HaJobState_failed;
		jobs->row.reason = HaReason_interrupted;
		jobs->row.ended.wall = when->wall;
		TEXT_PRINT(jobs->row.message, "the agent ended during this job; look at the %s",
			   kind ? kind->aim : "state");
	}
	show_job(jobs, when);
	if (before < HaJobState_succeeded)
		show_change(jobs, mib_haActionEnded, before, HaSeverity_major, when);
}

void jobs_set(struct jobs *jobs, const struct set *set, struct verdict *verdict,
	      const struct instant *when)
{
	bool ours = jobs->phase == JOB_RESERVED && jobs->transaction == set->transaction;

	memset(verdict, 0, sizeof(*verdict));
	verdict->transaction = set->transaction;
	switch ((enum set_phase)set->phase) {
	case SET_TEST:
	case SET_RESERVE:
		set_judge(jobs, set, verdict, when);
		if (!verdict->error && jobs->phase == JOB_RESERVED &&
		    jobs->transaction == set->transaction)
			verdict->job = jobs->row.job;
		break;
	case SET_COMMIT:
		if (ours)
			job_happen(jobs, JOB_COMMIT, when);
		break;
	case SET_UNDO:
		if (ours)
			job_happen(jobs, JOB_UNDO, when);
		break;
	}
}

void jobs_sender_lost(struct jobs *jobs, const struct instant *when)
{
	job_happen(jobs, JOB_UNDO, when);
}

void jobs_result(struct jobs *jobs, const struct step_result *result, const struct instant *when)
{
	bool asked = jobs->phase == JOB_EXECUTING || jobs->phase == JOB_ROLLING_BACK;

	if (!asked || result->job != jobs->row.job)
		return;
	jobs->result = *result;
	jobs->result.message[sizeof(jobs->result.message) - 1] = '\0';
	jobs->row.exit_status = result->exit_status;
	text_put_part(jobs->row.kernel, sizeof(jobs->row.kernel), result->kernel,
		      strnlen(result->kernel, sizeof(result->kernel)));
	job_happen(jobs,
		   result->reason == HaReason_none || result->reason == HaReason_nothingToDo ?
			   JOB_STEP_DONE :
			   JOB_STEP_FAILED,
		   when);
}

void jobs_executor_lost(struct jobs *jobs, const struct instant *when)
{
	job_happen(jobs, JOB_EXECUTOR_LOST, when);
}

void jobs_follow(struct jobs *jobs, const struct instant *when)
{
	keeping_follow(jobs, when);
	request_rows_follow(jobs, when);
}

void jobs_facts(struct jobs *jobs, const struct instant *when)
{
	job_happen(jobs, JOB_FACTS, when);
}

int64_t jobs_tick(struct jobs *jobs, const struct instant *when)
{
	int64_t next;

	if (jobs->deadline && when->now >= jobs->deadline)
		job_happen(jobs, JOB_DEADLINE, when);
	next = keeping_tick(jobs, when);
	return keeping_sooner(jobs->deadline, next);
}
