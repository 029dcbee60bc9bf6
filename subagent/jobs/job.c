/* The job of a slot: what it makes of everything that happens.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/jobs/inside.h"

#include <assert.h>
#include <string.h>

#include "lib/memory.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/board.h"

/* How often a job lets its executor come back, from which a step may be what ends it. */
#define LOSSES_MAX 3

bool job_is_running(const struct job *job)
{
	return job->phase > JOB_RESERVED;
}

bool job_is_about(const struct job *job, const struct request_kind *kind, const uint32_t *index,
		  size_t length)
{
	return job_is_running(job) && job->request.kind == kind &&
	       !index_compare(job->request.index, job->request.index_length, index, length);
}

/* ---- state x event; what a cell leaves out is written as ignore or impossible ---- */

typedef void job_cell(struct job *job, const struct instant *when);

/* A late answer, or news about something that is over. */
static void ignore(struct job *job, const struct instant *when)
{
	(void)job;
	(void)when;
}

static void impossible(struct job *job, const struct instant *when)
{
	(void)job;
	(void)when;
	assert(!"event in this phase");
}

/* That the other job ends comes first: then this one has done what it was for. */
static void cancel_other(struct job *job, const struct instant *when)
{
	struct jobs *jobs = job->jobs;

	for (size_t slot = 0; slot < JOB_SLOTS; slot++)
		if (slot != job->slot &&
		    job_is_about(&jobs->job[slot], job->request.kind, job->request.index,
				 job->request.index_length))
			job_happen(&jobs->job[slot], JOB_CANCEL, when);
}

/* What needs no step is done with its commit. */
static void begin_job(struct job *job, const struct instant *when)
{
	const struct request_kind *kind = job->request.kind;
	struct finding finding;

	if (job->request.verb == kind->cancels)
		cancel_other(job, when);
	group_note_begin(job);
	finding_open(&finding);
	if (kind->find_out)
		kind->find_out(job_board(job), &job->request, &finding);
	if (finding.reason != HaReason_none)
		job_end(job, HaJobState_failed, finding.reason, finding.message, when);
	else if (job->plan.count)
		job_begin_step(job, when);
	else
		job_finish(job, when);
}

/* The world is judged again. What is so already by a promise is from now on so for as long as was
 * asked. */
static void commit(struct job *job, const struct instant *when)
{
	struct request *request = &job->request;
	const struct request_kind *kind = request->kind;
	struct finding finding;

	kind->guard(job_board(job), request, &finding);
	job->row.started.wall = when->wall;
	job->row.state = HaJobState_running;
	job->phase = JOB_EXECUTING;
	locks_take(job->jobs, job->locks, when);
	show_job(job, when);
	show_request(job, when);
	show_change(job, mib_haActionStarted, HaJobState_waiting, HaSeverity_info, when);
	request->before = kind->state ? kind->state(job_board(job), request) : 0;
	if (request->verb == kind->opens &&
	    (finding.reason == HaReason_none ||
	     (finding.reason == HaReason_nothingToDo && request->promised)))
		keeping_begin(job, when);
	if (finding.reason == HaReason_nothingToDo)
		job_end(job, HaJobState_succeeded, finding.reason, finding.message, when);
	else if (finding.reason != HaReason_none)
		job_end(job, HaJobState_failed, finding.reason, finding.message, when);
	else
		begin_job(job, when);
}

/* A number is used again only when nobody can have seen a later one. */
static void give_back(struct job *job, const struct instant *when)
{
	(void)when;
	job->phase = JOB_IDLE;
	job->deadline = 0;
	if (job->row.job == job->jobs->last_job)
		job->jobs->last_job--;
}

static void step_failed(struct job *job, const struct instant *when)
{
	job_fail(job, job->result.reason, job->result.message, when);
}

/* What the executor had begun may have worked all the same: the facts will show. */
static void doubt(struct job *job, int32_t reason, const char *brief, const char *what,
		  const struct instant *when)
{
	job->result.reason = reason;
	TEXT_PRINT(job->result.message, "%s, and the %s was not reached", what,
		   job->request.kind->aim);
	job_end_step(job, HaJobState_failed, reason, brief, when);
	job_verify(job, when);
}

static void executor_lost(struct job *job, const struct instant *when)
{
	if (job_step(job)->kind == PLAN_ASK)
		job_fail(job, HaReason_interrupted,
			 "the source peer ended: look at the other node what has become of it",
			 when);
	else if (!job->request.kind->executor_patience)
		doubt(job, HaReason_executorFailed, "the executor ended",
		      "the executor ended during the step", when);
	else if (++job->losses < LOSSES_MAX)
		job_await_executor(job, when);
	else
		job_fail(job, HaReason_executorFailed, "the executor ended again and again", when);
}

static void executor_late(struct job *job, const struct instant *when)
{
	const struct jobs *jobs = job->jobs;

	if (job_step(job)->kind == PLAN_ASK) {
		job_fail(job, HaReason_timeout, "nothing is heard of it any more", when);
		return;
	}
	jobs->abandon(jobs->executor, job->slot);
	if (job->request.kind->executor_patience)
		job_fail(job, HaReason_timeout, "the executor did not answer in time", when);
	else
		doubt(job, HaReason_timeout, "the executor did not answer",
		      "the executor did not answer in time", when);
}

static void executor_absent(struct job *job, const struct instant *when)
{
	job_fail(job, HaReason_executorAbsent, "the executor is not running", when);
}

/* As soon as the step is over that the executor has begun. */
static void call_off_later(struct job *job, const struct instant *when)
{
	job->cancelled = true;
	job->row.cancellable = TruthValue_false;
	show_job(job, when);
}

static void call_off_now(struct job *job, const struct instant *when)
{
	job_end_step(job, HaJobState_cancelled, HaReason_cancelRequested, "", when);
	job_call_off(job, when);
}

/* Why the step is not verified: what its doer said, else what the facts say. */
static void explain(const struct job *job, struct finding *finding)
{
	finding_open(finding);
	if (job->result.reason != HaReason_none)
		finding_put(finding, job->result.reason, "%s", job->result.message);
	else
		job->request.kind->explain(job_board(job), &job->request, job_step(job), finding);
}

static void unverified(struct job *job, const struct instant *when)
{
	explain(job, &job->cause);
	job_end_step(job, HaJobState_failed, job->cause.reason, job->cause.message, when);
	if (job_undoes(job, UNDO_UNVERIFIED))
		job_roll_back(job, when);
	else
		job_give_up(job, job->cause.reason, job->cause.message, when);
}

static void unverified_back(struct job *job, const struct instant *when)
{
	struct finding finding;

	explain(job, &finding);
	job_fail(job, finding.reason, finding.message, when);
}

static job_cell *const cells[JOB_PHASES][JOB_EVENTS] = {
	[JOB_IDLE] = {
		[JOB_COMMIT] = ignore, [JOB_UNDO] = ignore, [JOB_STEP_DONE] = ignore,
		[JOB_STEP_FAILED] = ignore, [JOB_EXECUTOR_LOST] = ignore,
		[JOB_EXECUTOR_CAME] = ignore, [JOB_FACTS] = ignore, [JOB_CANCEL] = ignore,
		[JOB_DEADLINE] = impossible,
	},
	[JOB_RESERVED] = {
		[JOB_COMMIT] = commit, [JOB_UNDO] = give_back, [JOB_STEP_DONE] = ignore,
		[JOB_STEP_FAILED] = ignore, [JOB_EXECUTOR_LOST] = ignore,
		[JOB_EXECUTOR_CAME] = ignore, [JOB_FACTS] = ignore, [JOB_CANCEL] = ignore,
		[JOB_DEADLINE] = give_back,
	},
	[JOB_AWAITING] = {
		[JOB_COMMIT] = ignore, [JOB_UNDO] = ignore, [JOB_STEP_DONE] = ignore,
		[JOB_STEP_FAILED] = ignore, [JOB_EXECUTOR_LOST] = ignore,
		[JOB_EXECUTOR_CAME] = job_execute, [JOB_FACTS] = ignore,
		[JOB_CANCEL] = call_off_now, [JOB_DEADLINE] = executor_absent,
	},
	[JOB_EXECUTING] = {
		[JOB_COMMIT] = ignore, [JOB_UNDO] = ignore, [JOB_STEP_DONE] = job_next_step,
		[JOB_STEP_FAILED] = step_failed, [JOB_EXECUTOR_LOST] = executor_lost,
		[JOB_EXECUTOR_CAME] = ignore, [JOB_FACTS] = ignore,
		[JOB_CANCEL] = call_off_later, [JOB_DEADLINE] = executor_late,
	},
	[JOB_VERIFYING] = {
		[JOB_COMMIT] = ignore, [JOB_UNDO] = ignore, [JOB_STEP_DONE] = ignore,
		[JOB_STEP_FAILED] = ignore, [JOB_EXECUTOR_LOST] = ignore,
		[JOB_EXECUTOR_CAME] = ignore, [JOB_FACTS] = job_look, [JOB_CANCEL] = call_off_now,
		[JOB_DEADLINE] = unverified,
	},
	[JOB_AWAITING_BACK] = {
		[JOB_COMMIT] = ignore, [JOB_UNDO] = ignore, [JOB_STEP_DONE] = ignore,
		[JOB_STEP_FAILED] = ignore, [JOB_EXECUTOR_LOST] = ignore,
		[JOB_EXECUTOR_CAME] = job_execute, [JOB_FACTS] = ignore,
		[JOB_CANCEL] = ignore, [JOB_DEADLINE] = executor_absent,
	},
	[JOB_ROLLING_BACK] = {
		[JOB_COMMIT] = ignore, [JOB_UNDO] = ignore, [JOB_STEP_DONE] = job_next_step,
		[JOB_STEP_FAILED] = step_failed, [JOB_EXECUTOR_LOST] = executor_lost,
		[JOB_EXECUTOR_CAME] = ignore, [JOB_FACTS] = ignore, [JOB_CANCEL] = ignore,
		[JOB_DEADLINE] = executor_late,
	},
	[JOB_VERIFYING_BACK] = {
		[JOB_COMMIT] = ignore, [JOB_UNDO] = ignore, [JOB_STEP_DONE] = ignore,
		[JOB_STEP_FAILED] = ignore, [JOB_EXECUTOR_LOST] = ignore,
		[JOB_EXECUTOR_CAME] = ignore, [JOB_FACTS] = job_look, [JOB_CANCEL] = ignore,
		[JOB_DEADLINE] = unverified_back,
	},
};

void job_happen(struct job *job, enum job_event event, const struct instant *when)
{
	cells[job->phase][event](job, when);
}

struct job *job_of(struct jobs *jobs, const struct request *request)
{
	size_t (*slot)(const struct request *) = request->kind->slot;

	return &jobs->job[slot ? slot(request) : JOB_SLOT_PLAIN];
}

struct job *job_reserve(struct jobs *jobs, const struct request *request, int32_t origin,
			const struct instant *when)
{
	struct job *job = job_of(jobs, request);

	job->phase = JOB_RESERVED;
	job->deadline = when->now + JOB_RESERVATION;
	job->requested = when->now;
	job->transaction = 0;
	job->locks = 0;
	job->steps_past = 0;
	job->step = 0;
	job->losses = 0;
	job->cancelled = false;
	job->request = *request;
	memset(&job->result, 0, sizeof(job->result));
	job->result.reason = HaReason_none;
	finding_open(&job->cause);
	request->kind->plan(request, &job->plan);
	job->row = (struct job_row){
		.job = ++jobs->last_job,
		.verb = request->verb,
		.forced = request->forced ? TruthValue_true : TruthValue_false,
		.origin = origin,
		.state = HaJobState_waiting,
		.reason = HaReason_none,
		.exit_status = -1,
		.steps = (uint32_t)job->plan.count,
		.cancellable = TruthValue_false,
		.requested.wall = when->wall,
		.passed = request->passed,
	};
	TEXT_PUT(job->row.subject, request->name);
	return job;
}
