/* What the tables show of the job.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/jobs/inside.h"

#include "mib/ha-agentx-mib.h"
#include "subagent/board.h"
#include "subagent/changes.h"
#include "subagent/request_rows.h"

/* Of jobs that run beside each other the plain one is shown, then that of the first group, then
 * what the other node does. */
static uint32_t current_job(const struct jobs *jobs)
{
	for (size_t slot = 0; slot < JOB_SLOTS; slot++)
		if (slot != JOB_SLOT_ASIDE && job_is_running(&jobs->job[slot]))
			return jobs->job[slot].row.job;
	return 0;
}

void show_scalars(struct jobs *jobs, const struct instant *when)
{
	jobs->action.current_job = current_job(jobs);
	changes_put(jobs->changes, &action_table, &jobs->action, when);
	changes_put(jobs->changes, &force_table, &jobs->force, when);
}

void show_job(struct job *job, const struct instant *when)
{
	job->row.head.state = HaRowState_fresh;
	job->row.elapsed = (uint32_t)(when->now - job->requested);
	changes_put(job->jobs->changes, &job_table, &job->row, when);
	if (job->jobs->keep)
		job->jobs->keep(job->jobs->keeper, &job->row);
}

void show_step(struct job *job, const struct instant *when)
{
	job->step_row.head.state = HaRowState_fresh;
	job->step_row.elapsed = (uint32_t)(when->now - job->step_started);
	changes_put(job->jobs->changes, &job_step_table, &job->step_row, when);
}

void show_request(const struct job *job, const struct instant *when)
{
	request_rows_put(job->jobs, job->request.kind, job->request.index,
			 job->request.index_length, when);
}

void show_change(const struct job *job, uint16_t notification, int32_t old_state, int32_t severity,
		 const struct instant *when)
{
	struct happening happening = {
		.table = &job_table,
		.column = table_column(&job_table, mib_haActionState),
		.row = &job->row,
		.notification = notification,
		.severity = severity,
		.old_value = old_state,
		.new_value = job->row.state,
	};

	events_add(&job->jobs->changes->events, &happening, when);
}

/* Numbers may be missing, and jobs end in another order than they began in. */
static bool is_old(uint32_t number, const struct job *newest)
{
	return number + JOBS_KEPT <= newest->row.job;
}

void show_no_more(const struct job *job, const struct instant *when)
{
	struct changes *changes = job->jobs->changes;
	struct rows *jobs = board_rows(changes->board, mib_haActionEntry);
	struct rows *steps = board_rows(changes->board, mib_haActionStepEntry);

	for (size_t i = jobs->count; i-- > 0;) {
		const struct job_row *row = jobs->entries[i]->row;

		if (is_old(row->job, job) && !jobs->entries[i]->gone)
			changes_remove(changes, &job_table, row, when);
	}
	for (size_t i = steps->count; i-- > 0;) {
		const struct job_step_row *row = steps->entries[i]->row;

		if (is_old(row->job, job) && !steps->entries[i]->gone)
			changes_remove(changes, &job_step_table, row, when);
	}
}
