/* What the jobs say of a group, as the groups ask for it.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/groups/work.h"

#include "lib/memory.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/groups/follow.h"
#include "subagent/groups/groups.h"
#include "subagent/jobs.h"

static void look_at_running(const struct job_row *row, struct group_work *work)
{
	work->busy = true;
	work->job = row->job;
	work->verb = row->verb;
	work->rolling_back = row->state == HaJobState_rollingBack;
}

static void look_at_last(const struct job_row *row, struct group_work *work)
{
	work->last_job = row->job;
	work->last_verb = row->verb;
	work->last_state = row->state;
	work->last_reason = row->reason;
	work->last_wall = row->ended.wall;
	TEXT_PUT(work->last_text, row->message);
}

static void look(void *argument, size_t group, struct group_work *work)
{
	const struct jobs *jobs = argument;
	const struct job_row *running = jobs_group_running(jobs, group);
	const struct job_row *last = jobs_group_last(jobs, group);

	if (running)
		look_at_running(running, work);
	work->fenced = jobs_group_fenced(jobs, group);
	if (last)
		look_at_last(last, work);
	work->maintenance_ends = jobs_group_maintenance(jobs, group);
	work->maintenance = work->maintenance_ends != 0;
	work->own_hold = jobs_group_holds(jobs, group);
	work->suspended = jobs_group_suspended(jobs, group);
}

static bool start(void *argument, size_t group, const struct group_intent *intent,
		  const struct instant *when)
{
	return jobs_group_start(argument, group, intent, intent->origin, when);
}

void work_connect(struct groups *groups, struct jobs *jobs)
{
	groups->jobs = jobs;
	groups->look = look;
	groups->start = start;
}
