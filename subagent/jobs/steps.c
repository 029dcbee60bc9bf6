/* The steps of a job, to its end or back to where it began.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/jobs/inside.h"

#include <string.h>

#include "lib/memory.h"
#include "lib/settings.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/changes.h"

/* Milliseconds without a word after which nobody waits for the peer any more: its source says the
 * last word before. */
#define PEER_PATIENCE 15000

const struct board *job_board(const struct job *job)
{
	return job->jobs->changes->board;
}

const struct plan_step *job_step(const struct job *job)
{
	return &job->plan.steps[job->step];
}

int64_t job_patience(const struct job *job, const struct plan_step *step)
{
	return job->request.kind->patience(job_board(job), &job->request, step);
}

/* ---- the end ---- */

/* What was asked for, and what a check finds, is no failure of anything. */
static int32_t severity_of(const struct job *job)
{
	bool harmless = job->row.state == HaJobState_succeeded ||
			job->row.state == HaJobState_cancelled ||
			job->row.verb == HaJobVerb_groupCheck;

	return harmless ? HaSeverity_info : HaSeverity_major;
}

void job_end(struct job *job, int32_t state, int32_t reason, const char *message,
	     const struct instant *when)
{
	int32_t before = job->row.state;

	job->phase = JOB_IDLE;
	job->deadline = 0;
	job->row.state = state;
	job->row.reason = reason;
	TEXT_PUT(job->row.message, message);
	job->row.ended.wall = when->wall;
	job->row.cancellable = TruthValue_false;
	if (state == HaJobState_succeeded)
		job->row.percent = 100;
	show_job(job, when);
	show_change(job, mib_haActionEnded, before, severity_of(job), when);
	show_scalars(job->jobs, when);
	group_note_end(job);
	keeping_settle(job);
	show_request(job, when);
	show_no_more(job, when);
}

void job_end_step(struct job *job, int32_t state, int32_t reason, const char *message,
		  const struct instant *when)
{
	job->step_row.state = state;
	job->step_row.reason = reason;
	TEXT_PUT(job->step_row.message, message);
	show_step(job, when);
}

static bool is_rolling_back(const struct job *job)
{
	return job->phase >= JOB_AWAITING_BACK;
}

/* What is taken back ends with what was the cause; of two failures the first stays the reason. */
void job_give_up(struct job *job, int32_t reason, const char *message, const struct instant *when)
{
	char text[sizeof(job->row.message)];

	if (is_rolling_back(job)) {
		TEXT_PRINT(text, "%s; NOT taken back: %s", job->cause.message, message);
		job_end(job, HaJobState_failed, job->cause.reason, text, when);
	} else {
		job_end(job, HaJobState_failed, reason, message, when);
	}
}

/* Whether the failure of the step has everything taken back; `least' says how bad it is. */
bool job_undoes(const struct job *job, enum plan_undo least)
{
	return !is_rolling_back(job) && job->plan.undo >= least &&
	       job->step >= job->plan.undo_begin && job->step < job->plan.undo_end;
}

/* The step has failed, and with it the job, or what it was to be. */
void job_fail(struct job *job, int32_t reason, const char *message, const struct instant *when)
{
	job_end_step(job, HaJobState_failed, reason, message, when);
	if (job_undoes(job, UNDO_FAILED)) {
		finding_open(&job->cause);
		finding_put(&job->cause, reason, "%s", message);
		job_roll_back(job, when);
	} else {
		job_give_up(job, reason, message, when);
	}
}

/* All steps are done. */
void job_finish(struct job *job, const struct instant *when)
{
	char text[sizeof(job->row.message)];

	if (is_rolling_back(job)) {
		TEXT_PRINT(text, "%s; taken back", job->cause.message);
		job_end(job,
			job->cause.reason == HaReason_cancelRequested ? HaJobState_cancelled :
									HaJobState_rolledBack,
			job->cause.reason, text, when);
	} else {
		job->request.kind->tell(&job->request, text, sizeof(text));
		job_end(job, HaJobState_succeeded, HaReason_none, text, when);
	}
}

/* Whether the facts show that the step has worked. */
static bool reached(const struct job *job)
{
	return job->request.kind->reached(job_board(job), &job->request, job_step(job));
}

/* ---- steps ---- */

void job_call_off(struct job *job, const struct instant *when)
{
	finding_open(&job->cause);
	finding_put(&job->cause, HaReason_cancelRequested, "cancelled by a request");
	job_roll_back(job, when);
}

/* On to the next step, where there is one. */
static void advance(struct job *job, const struct instant *when)
{
	job->result.reason = HaReason_none;
	if (job->cancelled && !is_rolling_back(job))
		job_call_off(job, when);
	else if (++job->step < job->plan.count)
		job_begin_step(job, when);
	else
		job_finish(job, when);
}

void job_next_step(struct job *job, const struct instant *when)
{
	bool idle = job->result.reason == HaReason_nothingToDo;

	group_note_step(job, &job_step(job)->step, when);
	job_end_step(job, idle ? HaJobState_skipped : HaJobState_succeeded, job->result.reason,
		     job->result.message, when);
	advance(job, when);
}

/* The last one shows that the whole has worked. */
static void verified(struct job *job, const struct instant *when)
{
	char text[sizeof(job->step_row.message)] = "";

	if (job->step + 1 == job->plan.count)
		job->request.kind->tell(&job->request, text, sizeof(text));
	job_end_step(job, HaJobState_succeeded, HaReason_none, text, when);
	advance(job, when);
}

/* The phase of a step, in the one direction or the other. */
static void enter(struct job *job, enum job_phase phase, int32_t state)
{
	bool back = is_rolling_back(job);

	job->phase = back ? phase + (JOB_AWAITING_BACK - JOB_AWAITING) : phase;
	job->row.state = back ? HaJobState_rollingBack : state;
	job->step_row.state = state;
}

void job_verify(struct job *job, const struct instant *when)
{
	enter(job, JOB_VERIFYING, HaJobState_verifying);
	job->deadline = when->now + job_patience(job, job_step(job));
	show_step(job, when);
	show_job(job, when);
	job_look(job, when);
}

void job_look(struct job *job, const struct instant *when)
{
	if (reached(job))
		verified(job, when);
}

/* It is started again by whoever has it. */
void job_await_executor(struct job *job, const struct instant *when)
{
	int64_t patience = job->request.kind->executor_patience;

	if (!patience) {
		job_fail(job, HaReason_executorAbsent,
			 "the executor is not running; nothing was done", when);
		return;
	}
	enter(job, JOB_AWAITING, HaJobState_running);
	job->deadline = when->now + patience;
	show_step(job, when);
	show_job(job, when);
}

void job_execute(struct job *job, const struct instant *when)
{
	const struct jobs *jobs = job->jobs;
	const struct step *step = &job_step(job)->step;
	struct step_order order = {
		.job = job->row.job,
		.step = step_number(step),
		.deadline = step_time(jobs->settings, step),
		.value = step->value,
		.digest = jobs->settings->digest,
	};

	enter(job, JOB_EXECUTING, HaJobState_running);
	job->deadline = when->now + order.deadline + step_grace(step);
	show_step(job, when);
	show_job(job, when);
	if (!jobs->execute(jobs->executor, job->slot, &order))
		job_await_executor(job, when);
}

/* The other node does it, as a job of its own. */
static void begin_asking(struct job *job, const struct instant *when)
{
	const struct jobs *jobs = job->jobs;
	struct ask ask = {
		.ticket = job->row.job,
		.verb = request_value_of(job->request.kind, false, job->request.verb),
	};

	TEXT_PUT(ask.group, job->request.name);
	TEXT_PUT(ask.expected, job->request.expected);
	enter(job, JOB_EXECUTING, HaJobState_running);
	job->deadline = when->now + PEER_PATIENCE;
	show_step(job, when);
	show_job(job, when);
	if (!jobs->ask(jobs->peer, &ask))
		job_fail(job, HaReason_peerUnreachable, "the source peer is not running", when);
}

void job_begin_step(struct job *job, const struct instant *when)
{
	struct job_row *row = &job->row;

	row->current_step = job->steps_past + (uint32_t)job->step + 1;
	row->percent = 100 * (row->current_step - 1) / row->steps;
	row->cancellable = !is_rolling_back(job) && job->step < job->plan.point_of_no_return ?
				   TruthValue_true :
				   TruthValue_false;
	job->step_row = (struct job_step_row){
		.job = row->job,
		.number = row->current_step,
		.started.wall = when->wall,
		.reason = HaReason_none,
	};
	job->step_started = when->now;
	plan_print(job->jobs->settings, job_step(job), job->step_row.text,
		   sizeof(job->step_row.text));
	TEXT_PUT(row->step_text, job->step_row.text);
	if (job_step(job)->kind == PLAN_EXECUTE)
		job_execute(job, when);
	else if (job_step(job)->kind == PLAN_ASK)
		begin_asking(job, when);
	else
		job_verify(job, when);
}

/* From here on the job is what takes it back. */
void job_roll_back(struct job *job, const struct instant *when)
{
	job->steps_past += (uint32_t)job->step + 1;
	job->step = 0;
	job->losses = 0;
	job->result.reason = HaReason_none;
	job->phase = JOB_ROLLING_BACK;
	job->request.kind->undo(job_board(job), &job->request, &job->plan);
	job->row.steps = job->steps_past + (uint32_t)job->plan.count;
	job_begin_step(job, when);
}

/* ---- the other node's ---- */

/* As the peer's job ends, so does this one. */
static void end_as_peer(struct job *job, const struct answer *answer, const struct instant *when)
{
	if (answer->job_state == HaJobState_succeeded) {
		job_next_step(job, when);
		return;
	}
	job_end_step(job, HaJobState_failed, job->result.reason, job->result.message, when);
	job_end(job,
		answer->job_state == HaJobState_rolledBack ||
				answer->job_state == HaJobState_cancelled ?
			answer->job_state :
			HaJobState_failed,
		job->result.reason, job->result.message, when);
}

static void follow_peer(struct job *job, const struct answer *answer, const struct instant *when)
{
	job->deadline = when->now + PEER_PATIENCE;
	job->row.percent = answer->percent;
	TEXT_PUT(job->step_row.message, job->result.message);
	show_step(job, when);
	show_job(job, when);
}

void job_answer(struct job *job, const struct answer *answer, const struct instant *when)
{
	if (job->phase != JOB_EXECUTING || answer->ticket != job->row.job)
		return;
	job->result.reason =
		mib_label_of(HaReason_labels, answer->reason) ? answer->reason : HaReason_other;
	text_put_part(job->result.message, sizeof(job->result.message), answer->message,
		      strnlen(answer->message, sizeof(answer->message)));
	switch ((enum answer_state)answer->state) {
	case ANSWER_FOLLOWED:
		follow_peer(job, answer, when);
		break;
	case ANSWER_ENDED:
		end_as_peer(job, answer, when);
		break;
	case ANSWER_REFUSED:
	case ANSWER_UNSENT:
	case ANSWER_LOST:
		job_fail(job, job->result.reason, job->result.message, when);
		break;
	}
}
