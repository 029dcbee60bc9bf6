/* What the tables show of the job.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/jobs/inside.h"

#include "mib/ha-agentx-mib.h"
#include "subagent/board.h"
#include "subagent/changes.h"
#include "subagent/request_rows.h"

void show_scalars(struct jobs *jobs, const struct instant *when)
{
	changes_put(jobs->changes, &action_table, &jobs->action, when);
	changes_put(jobs->changes, &force_table, &jobs->force, when);
}

void show_job(struct jobs *jobs, const struct instant *when)
{
	jobs->row.head.state = HaRowState_fresh;
	jobs->row.elapsed = (uint32_t)(when->now - jobs->requested);
	changes_put(jobs->changes, &job_table, &jobs->row, when);
	if (jobs->keep)
		jobs->keep(jobs->keeper, &jobs->row);
}

void show_step(struct jobs *jobs, const struct instant *when)
{
	jobs->step_row.head.state = HaRowState_fresh;
	jobs->step_row.elapsed = (uint32_t)(when->now - jobs->step_started);
	changes_put(jobs->changes, &job_step_table, &jobs->step_row, when);
}

void show_request(struct jobs *jobs, const struct instant *when)
{
	request_rows_put(jobs, jobs->request.kind, jobs->request.index, jobs->request.index_length,
			 when);
}

void show_change(struct jobs *jobs, uint16_t notification, int32_t old_state, int32_t severity,
		 const struct instant *when)
{
	struct happening happening = {
		.table = &job_table,
		.column = table_column(&job_table, mib_haActionState),
		.row = &jobs->row,
		.notification = notification,
		.severity = severity,
		.old_value = old_state,
		.new_value = jobs->row.state,
	};

	events_add(&jobs->changes->events, &happening, when);
}

void show_no_more(struct jobs *jobs, const struct instant *when)
{
	struct rows *rows = board_rows(jobs->changes->board, mib_haActionStepEntry);
	struct job_row job = { .job = jobs->row.job - JOBS_KEPT };

	if (jobs->row.job <= JOBS_KEPT)
		return;
	changes_remove(jobs->changes, &job_table, &job, when);
	for (size_t i = rows->count; i-- > 0;) {
		const struct job_step_row *step = rows->entries[i]->row;

		if (step->job <= job.job && !rows->entries[i]->gone)
			changes_remove(jobs->changes, &job_step_table, step, when);
	}
}
