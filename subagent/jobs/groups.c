/* What groups do by themselves, and what the journal is told of it.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/jobs/inside.h"

#include <string.h>

#include "lib/settings.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/board.h"
#include "subagent/changes.h"
#include "subagent/groups/follow.h"
#include "subagent/requests/group.h"

/* ---- the journal ---- */

static struct journal_entry *entry_of(const struct job *job)
{
	return job->request.kind == &request_group && job->plan.count && !job->request.passed &&
			       job->row.verb != HaJobVerb_groupCheck ?
		       &job->jobs->journal.entries[job->request.subject] :
		       NULL;
}

static bool has_step(const struct plan *plan, enum step_verb verb)
{
	for (size_t i = 0; i < plan->count; i++)
		if (plan->steps[i].kind == PLAN_EXECUTE && plan->steps[i].step.verb == verb)
			return true;
	return false;
}

/* It is written before the first step: what may be held is held then for whoever finds it. */
void group_note_begin(const struct job *job)
{
	struct journal_entry *entry = entry_of(job);
	bool taking =
		job->row.verb == HaJobVerb_groupPromote || job->row.verb == HaJobVerb_groupTakeover;

	if (!entry)
		return;
	if (has_step(&job->plan, STEP_DRBD_SUSPEND))
		entry->suspended = 1;
	if (job->slot == JOB_SLOT_ASIDE) {
		journal_write(&job->jobs->journal);
		return;
	}
	entry->phase = taking ? JOURNAL_TAKING : JOURNAL_HANDING;
	entry->job = job->row.job;
	entry->verb = job->row.verb;
	if (has_step(&job->plan, STEP_VRRP_HOLD))
		entry->held = 1;
	journal_write(&job->jobs->journal);
}

void group_note_step(struct job *job, const struct step *step, const struct instant *when)
{
	struct journal_entry *entry = entry_of(job);

	if (step->verb == STEP_GROUP_FENCE)
		job->fenced = when->now;
	if (entry && step->verb == STEP_VRRP_RELEASE)
		entry->held = 0;
	else if (entry && step->verb == STEP_DRBD_RESUME)
		entry->suspended = 0;
}

void group_note_end(const struct job *job)
{
	struct journal_entry *entry = entry_of(job);

	if (!entry)
		return;
	if (job->slot != JOB_SLOT_ASIDE)
		entry->phase = JOURNAL_DONE;
	journal_write(&job->jobs->journal);
}

/* ---- what groups do by themselves ---- */

static int32_t verb_of(enum group_aim aim)
{
	switch (aim) {
	case AIM_PROMOTE:
		return HaJobVerb_groupPromote;
	case AIM_DEMOTE:
		return HaJobVerb_groupDemote;
	case AIM_HOLD:
		return HaJobVerb_groupHold;
	case AIM_RELEASE:
		return HaJobVerb_groupRelease;
	case AIM_SUSPEND:
		return HaJobVerb_groupSuspend;
	case AIM_RESUME:
		return HaJobVerb_groupUnsuspend;
	case AIM_NOTHING:
		break;
	}
	return HaJobVerb_none;
}

bool jobs_group_start(struct jobs *jobs, size_t group, const struct group_intent *intent,
		      int32_t origin, const struct instant *when)
{
	struct request request;
	struct job *job;

	request_of_group(jobs->settings, group, &request);
	request.verb = verb_of(intent->aim);
	request.own = true;
	request.alone = intent->alone;
	request.fence = intent->fence;
	request.asked = when->wall;
	job = job_of(jobs, &request);
	if (request.verb == HaJobVerb_none || job->phase != JOB_IDLE ||
	    !jobs->present(jobs->executor, job->slot))
		return false;
	job_happen(job_reserve(jobs, &request, origin, when), JOB_COMMIT, when);
	return true;
}

const struct job_row *jobs_group_running(const struct jobs *jobs, size_t group)
{
	const struct job *job = &jobs->job[JOB_SLOT_GROUP + group];

	return job_is_running(job) ? &job->row : NULL;
}

int64_t jobs_group_fenced(const struct jobs *jobs, size_t group)
{
	return jobs->job[JOB_SLOT_GROUP + group].fenced;
}

const struct job_row *jobs_group_last(const struct jobs *jobs, size_t group)
{
	const struct rows *rows = board_rows(jobs->changes->board, mib_haActionEntry);
	const char *name = jobs->settings->groups->groups[group].name;

	for (size_t i = rows->count; i-- > 0;) {
		const struct job_row *row = rows->entries[i]->row;

		if (!rows->entries[i]->gone && row->state >= HaJobState_succeeded &&
		    request_moves_group(row->verb) && !row->passed && !strcmp(row->subject, name))
			return row;
	}
	return NULL;
}

int64_t jobs_group_maintenance(const struct jobs *jobs, size_t group)
{
	const struct promise_entry *entry;
	struct request request;

	request_of_group(jobs->settings, group, &request);
	entry = promises_find(&jobs->promises, request_group.opens, request.index,
			      request.index_length);
	return entry ? entry->promise.ends : 0;
}

bool jobs_group_holds(const struct jobs *jobs, size_t group)
{
	return jobs->journal.entries[group].held;
}

bool jobs_group_suspended(const struct jobs *jobs, size_t group)
{
	return jobs->journal.entries[group].suspended;
}
