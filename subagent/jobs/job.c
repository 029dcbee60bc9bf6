/* The one job: its steps, and what it makes of everything that happens.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/jobs/inside.h"

#include <assert.h>
#include <string.h>

#include "lib/memory.h"
#include "lib/settings.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/changes.h"

int64_t job_patience(const struct jobs *jobs)
{
	return jobs->request.kind->patience(jobs->settings, jobs->changes->board, &jobs->request);
}

static void end_job(struct jobs *jobs, int32_t state, int32_t reason, const char *message,
		    const struct instant *when)
{
	int32_t before = jobs->row.state;

	jobs->phase = JOB_IDLE;
	jobs->deadline = 0;
	jobs->row.state = state;
	jobs->row.reason = reason;
	TEXT_PUT(jobs->row.message, message);
	jobs->row.ended.wall = when->wall;
	jobs->row.cancellable = TruthValue_false;
	if (state == HaJobState_succeeded)
		jobs->row.percent = 100;
	show_job(jobs, when);
	show_change(jobs, mib_haActionEnded, before,
		    state == HaJobState_succeeded ? HaSeverity_info : HaSeverity_major, when);
	jobs->action.current_job = 0;
	show_scalars(jobs, when);
	keeping_settle(jobs);
	show_request(jobs, when);
	show_no_more(jobs, when);
}

static void end_step(struct jobs *jobs, int32_t state, int32_t reason, const char *message,
		     const struct instant *when)
{
	jobs->step_row.state = state;
	jobs->step_row.reason = reason;
	TEXT_PUT(jobs->step_row.message, message);
	show_step(jobs, when);
}

static bool is_rolling_back(const struct jobs *jobs)
{
	return jobs->phase == JOB_ROLLING_BACK || jobs->phase == JOB_VERIFYING_BACK;
}

/* The step has failed, and with it the job; of one that was rolling back what failed first stays
 * the reason. */
static void fail(struct jobs *jobs, int32_t reason, const char *message, const struct instant *when)
{
	char text[sizeof(jobs->row.message)];

	end_step(jobs, HaJobState_failed, reason, message, when);
	if (!is_rolling_back(jobs)) {
		end_job(jobs, HaJobState_failed, reason, message, when);
		return;
	}
	TEXT_PRINT(text, "%s; NOT taken back: %s", jobs->cause.message, message);
	end_job(jobs, HaJobState_failed, jobs->cause.reason, text, when);
}

static void succeed(struct jobs *jobs, const struct instant *when)
{
	char text[sizeof(jobs->row.message)];

	jobs->request.kind->tell(&jobs->request, text, sizeof(text));
	end_step(jobs, HaJobState_succeeded, HaReason_none, text, when);
	if (!is_rolling_back(jobs)) {
		end_job(jobs, HaJobState_succeeded, HaReason_none, text, when);
		return;
	}
	TEXT_PRINT(text, "%s; taken back", jobs->cause.message);
	end_job(jobs, HaJobState_rolledBack, jobs->cause.reason, text, when);
}

/* Whether the facts show that the step has worked. */
static bool reached(const struct jobs *jobs)
{
	return jobs->request.kind->reached(jobs->changes->board, &jobs->request);
}

/* ---- steps ---- */

static void begin_step(struct jobs *jobs, const struct instant *when);

static void next_step(struct jobs *jobs, const struct instant *when)
{
	end_step(jobs, HaJobState_succeeded, HaReason_none, jobs->result.message, when);
	jobs->result.reason = HaReason_none;
	if (++jobs->step < jobs->plan.count)
		begin_step(jobs, when);
}

static void begin_verification(struct jobs *jobs, const struct instant *when)
{
	bool back = is_rolling_back(jobs);

	jobs->phase = back ? JOB_VERIFYING_BACK : JOB_VERIFYING;
	jobs->row.state = back ? HaJobState_rollingBack : HaJobState_verifying;
	jobs->step_row.state = HaJobState_verifying;
	jobs->deadline = when->now + job_patience(jobs);
	show_step(jobs, when);
	show_job(jobs, when);
	if (reached(jobs))
		succeed(jobs, when);
}

static void begin_execution(struct jobs *jobs, const struct instant *when)
{
	const struct step *step = &jobs->plan.steps[jobs->step].step;
	bool back = is_rolling_back(jobs);
	struct step_order order = {
		.job = jobs->row.job,
		.step = step_number(step),
		.deadline = step_time(jobs->settings, step),
		.value = step->value,
		.digest = jobs->settings->digest,
	};

	jobs->phase = back ? JOB_ROLLING_BACK : JOB_EXECUTING;
	jobs->row.state = back ? HaJobState_rollingBack : HaJobState_running;
	jobs->step_row.state = HaJobState_running;
	jobs->deadline = when->now + order.deadline + step_grace(step);
	show_step(jobs, when);
	show_job(jobs, when);
	if (!jobs->execute(jobs->executor, &order))
		fail(jobs, HaReason_executorAbsent, "the executor is not running; nothing was done",
		     when);
}

static void begin_step(struct jobs *jobs, const struct instant *when)
{
	const struct plan_step *step = &jobs->plan.steps[jobs->step];

	jobs->step_row = (struct job_step_row){
		.job = jobs->row.job,
		.number = (uint32_t)jobs->step + 1,
		.started.wall = when->wall,
		.reason = HaReason_none,
	};
	jobs->step_started = when->now;
	plan_print(jobs->settings, step, jobs->step_row.text, sizeof(jobs->step_row.text));
	TEXT_PUT(jobs->row.step_text, jobs->step_row.text);
	jobs->row.current_step = (uint32_t)jobs->step + 1;
	jobs->row.percent = (uint32_t)(100 * jobs->step / jobs->plan.count);
	if (step->kind == PLAN_EXECUTE)
		begin_execution(jobs, when);
	else
		begin_verification(jobs, when);
}

/* From here on the job is what takes it back. */
static void roll_back(struct jobs *jobs, const struct instant *when)
{
	struct plan *plan = &jobs->plan;

	assert(plan->count + 2 <= PLAN_STEPS_MAX);
	end_step(jobs, HaJobState_failed, jobs->cause.reason, jobs->cause.message, when);
	jobs->step = plan->count;
	plan->steps[plan->count++] = (struct plan_step){ PLAN_EXECUTE, plan->undo };
	plan->steps[plan->count++] = (struct plan_step){ PLAN_VERIFY, plan->undo };
	jobs->row.steps = (uint32_t)plan->count;
	jobs->request.verb = jobs->request.kind->closes;
	jobs->request.seconds = 0;
	jobs->phase = JOB_ROLLING_BACK;
	begin_step(jobs, when);
}

/* ---- state x event; what a cell leaves out is written as ignore or impossible ---- */

typedef void job_cell(struct jobs *jobs, const struct instant *when);

/* A late answer, or news about something that is over. */
static void ignore(struct jobs *jobs, const struct instant *when)
{
	(void)jobs;
	(void)when;
}

static void impossible(struct jobs *jobs, const struct instant *when)
{
	(void)jobs;
	(void)when;
	assert(!"event in this phase");
}

/* The world is judged again. What is so already by a promise is from now on so for as long as was
 * asked. */
static void commit(struct jobs *jobs, const struct instant *when)
{
	struct request *request = &jobs->request;
	const struct request_kind *kind = request->kind;
	struct finding finding;

	jobs->action.current_job = jobs->row.job;
	locks_take(jobs, jobs->locks, when);
	jobs->row.started.wall = when->wall;
	jobs->row.state = HaJobState_running;
	jobs->phase = JOB_EXECUTING;
	show_job(jobs, when);
	show_request(jobs, when);
	show_change(jobs, mib_haActionStarted, HaJobState_waiting, HaSeverity_info, when);
	request->before = kind->state ? kind->state(jobs->changes->board, request) : 0;
	kind->guard(jobs->changes->board, request, &finding);
	if (request->verb == kind->opens &&
	    (finding.reason == HaReason_none ||
	     (finding.reason == HaReason_nothingToDo && request->promised)))
		keeping_begin(jobs, when);
	if (finding.reason == HaReason_nothingToDo)
		end_job(jobs, HaJobState_succeeded, finding.reason, finding.message, when);
	else if (finding.reason != HaReason_none)
		end_job(jobs, HaJobState_failed, finding.reason, finding.message, when);
	else
		begin_step(jobs, when);
}

static void give_back(struct jobs *jobs, const struct instant *when)
{
	(void)when;
	jobs->phase = JOB_IDLE;
	jobs->deadline = 0;
	jobs->last_job--;
}

static void step_failed(struct jobs *jobs, const struct instant *when)
{
	fail(jobs, jobs->result.reason, jobs->result.message, when);
}

/* What the executor had begun may have worked all the same: the facts will show. */
static void doubt(struct jobs *jobs, int32_t reason, const char *brief, const char *what,
		  const struct instant *when)
{
	jobs->result.reason = reason;
	TEXT_PRINT(jobs->result.message, "%s, and the %s was not reached", what,
		   jobs->request.kind->aim);
	end_step(jobs, HaJobState_failed, reason, brief, when);
	begin_verification(jobs, when);
}

static void executor_lost(struct jobs *jobs, const struct instant *when)
{
	doubt(jobs, HaReason_executorFailed, "the executor ended",
	      "the executor ended during the step", when);
}

static void executor_late(struct jobs *jobs, const struct instant *when)
{
	jobs->abandon(jobs->executor);
	doubt(jobs, HaReason_timeout, "the executor did not answer",
	      "the executor did not answer in time", when);
}

static void look(struct jobs *jobs, const struct instant *when)
{
	if (reached(jobs))
		succeed(jobs, when);
}

/* Why the step is not verified: what its doer said, else what the facts say. */
static void explain(const struct jobs *jobs, struct finding *finding)
{
	finding_open(finding);
	if (jobs->result.reason != HaReason_none)
		finding_put(finding, jobs->result.reason, "%s", jobs->result.message);
	else
		jobs->request.kind->explain(jobs->changes->board, &jobs->request, finding);
}

static void unverified(struct jobs *jobs, const struct instant *when)
{
	explain(jobs, &jobs->cause);
	if (jobs->plan.has_undo)
		roll_back(jobs, when);
	else
		fail(jobs, jobs->cause.reason, jobs->cause.message, when);
}

static void unverified_back(struct jobs *jobs, const struct instant *when)
{
	struct finding finding;

	explain(jobs, &finding);
	fail(jobs, finding.reason, finding.message, when);
}

static job_cell *const cells[JOB_PHASES][JOB_EVENTS] = {
	[JOB_IDLE] = {
		[JOB_COMMIT] = ignore, [JOB_UNDO] = ignore, [JOB_STEP_DONE] = ignore,
		[JOB_STEP_FAILED] = ignore, [JOB_EXECUTOR_LOST] = ignore, [JOB_FACTS] = ignore,
		[JOB_DEADLINE] = impossible,
	},
	[JOB_RESERVED] = {
		[JOB_COMMIT] = commit, [JOB_UNDO] = give_back, [JOB_STEP_DONE] = ignore,
		[JOB_STEP_FAILED] = ignore, [JOB_EXECUTOR_LOST] = ignore, [JOB_FACTS] = ignore,
		[JOB_DEADLINE] = give_back,
	},
	[JOB_EXECUTING] = {
		[JOB_COMMIT] = ignore, [JOB_UNDO] = ignore, [JOB_STEP_DONE] = next_step,
		[JOB_STEP_FAILED] = step_failed, [JOB_EXECUTOR_LOST] = executor_lost,
		[JOB_FACTS] = ignore, [JOB_DEADLINE] = executor_late,
	},
	[JOB_VERIFYING] = {
		[JOB_COMMIT] = ignore, [JOB_UNDO] = ignore, [JOB_STEP_DONE] = ignore,
		[JOB_STEP_FAILED] = ignore, [JOB_EXECUTOR_LOST] = ignore, [JOB_FACTS] = look,
		[JOB_DEADLINE] = unverified,
	},
	[JOB_ROLLING_BACK] = {
		[JOB_COMMIT] = ignore, [JOB_UNDO] = ignore, [JOB_STEP_DONE] = next_step,
		[JOB_STEP_FAILED] = step_failed, [JOB_EXECUTOR_LOST] = executor_lost,
		[JOB_FACTS] = ignore, [JOB_DEADLINE] = executor_late,
	},
	[JOB_VERIFYING_BACK] = {
		[JOB_COMMIT] = ignore, [JOB_UNDO] = ignore, [JOB_STEP_DONE] = ignore,
		[JOB_STEP_FAILED] = ignore, [JOB_EXECUTOR_LOST] = ignore, [JOB_FACTS] = look,
		[JOB_DEADLINE] = unverified_back,
	},
};

void job_happen(struct jobs *jobs, enum job_event event, const struct instant *when)
{
	cells[jobs->phase][event](jobs, when);
}

/* Take the slot, which is free, for a job. */
void job_reserve(struct jobs *jobs, const struct request *request, int32_t origin,
		 const struct instant *when)
{
	jobs->phase = JOB_RESERVED;
	jobs->deadline = when->now + JOB_RESERVATION;
	jobs->requested = when->now;
	jobs->transaction = 0;
	jobs->locks = 0;
	jobs->step = 0;
	jobs->request = *request;
	memset(&jobs->result, 0, sizeof(jobs->result));
	jobs->result.reason = HaReason_none;
	finding_open(&jobs->cause);
	request->kind->plan(request, &jobs->plan);
	jobs->row = (struct job_row){
		.job = ++jobs->last_job,
		.verb = request->verb,
		.forced = request->forced ? TruthValue_true : TruthValue_false,
		.origin = origin,
		.state = HaJobState_waiting,
		.reason = HaReason_none,
		.exit_status = -1,
		.steps = (uint32_t)jobs->plan.count,
		.cancellable = TruthValue_false,
		.requested.wall = when->wall,
	};
	TEXT_PUT(jobs->row.subject, request->name);
}
