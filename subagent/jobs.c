/* Requests become jobs, jobs become steps, and every job ends with a reason.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/jobs.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "actions/drbd_role.h"
#include "lib/memory.h"
#include "lib/settings.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/board.h"
#include "subagent/changes.h"
#include "subagent/guard.h"

/* A job's notifications are sent by hand, for each of two has its own layout. */
static const struct watch state_watch = { .counts = true };

static const struct column action_columns[] = {
	COLUMN(action_row, haActionLock, lock),
	COLUMN(action_row, haActionCurrentJob, current_job),
	COLUMN(action_row, haActionRefusals, refusals),
	COLUMN(action_row, haActionLastRefusedTime, refused),
	COLUMN(action_row, haActionLastRefusedVerb, refused_verb),
	COLUMN(action_row, haActionLastRefusedSubject, refused_subject),
	COLUMN(action_row, haActionLastRefusedReason, refused_reason),
	COLUMN(action_row, haActionLastRefusedMessage, refused_message),
};

static const struct column force_columns[] = {
	COLUMN(force_row, haForceLock, lock),
};

static const struct column job_columns[] = {
	COLUMN(job_row, haActionJob, job),
	COLUMN(job_row, haActionVerb, verb),
	COLUMN(job_row, haActionSubject, subject),
	COLUMN(job_row, haActionForced, forced),
	COLUMN(job_row, haActionOrigin, origin),
	WATCHED_COLUMN(job_row, haActionState, state, &state_watch),
	COLUMN(job_row, haActionLastChange, head.changed),
	COLUMN(job_row, haActionReason, reason),
	COLUMN(job_row, haActionMessage, message),
	COLUMN(job_row, haActionKernelMessage, kernel),
	COLUMN(job_row, haActionExitStatus, exit_status),
	COLUMN(job_row, haActionPercent, percent),
	COLUMN(job_row, haActionSteps, steps),
	COLUMN(job_row, haActionCurrentStep, current_step),
	COLUMN(job_row, haActionCurrentStepText, step_text),
	COLUMN(job_row, haActionCancellable, cancellable),
	COLUMN(job_row, haActionRequestTime, requested),
	COLUMN(job_row, haActionStartTime, started),
	COLUMN(job_row, haActionEndTime, ended),
	COLUMN(job_row, haActionElapsed, elapsed),
};

static const struct column job_step_columns[] = {
	COLUMN(job_step_row, haActionJob, job),
	COLUMN(job_step_row, haActionStepNumber, number),
	COLUMN(job_step_row, haActionStepText, text),
	COLUMN(job_step_row, haActionStepState, state),
	COLUMN(job_step_row, haActionStepStartTime, started),
	COLUMN(job_step_row, haActionStepElapsed, elapsed),
	COLUMN(job_step_row, haActionStepReason, reason),
	COLUMN(job_step_row, haActionStepMessage, message),
};

static const struct column action_drbd_columns[] = {
	COLUMN(action_drbd_row, haDrbdResourceName, name),
	COLUMN(action_drbd_row, haActionDrbdRequest, request),
	COLUMN(action_drbd_row, haActionDrbdAllowed, allowed),
	COLUMN(action_drbd_row, haActionDrbdLastJob, last_job),
};

static const struct column force_drbd_columns[] = {
	COLUMN(force_drbd_row, haDrbdResourceName, name),
	COLUMN(force_drbd_row, haForceDrbdRequest, request),
};

static void job_subject(const void *row, char *text, size_t size)
{
	const struct job_row *job = row;

	text_put(text, size, job->subject);
}

const struct table action_table = TABLE(action_row, haAction, action_columns, NULL);
const struct table force_table = TABLE(force_row, haForce, force_columns, NULL);
const struct table job_table = TABLE(job_row, haActionEntry, job_columns, job_subject);
const struct table job_step_table = TABLE(job_step_row, haActionStepEntry, job_step_columns, NULL);
const struct table action_drbd_table =
	TABLE(action_drbd_row, haActionDrbdEntry, action_drbd_columns, NULL);
const struct table force_drbd_table =
	TABLE(force_drbd_row, haForceDrbdEntry, force_drbd_columns, NULL);

/* ---- rows ---- */

static void publish_scalars(struct jobs *jobs, const struct instant *when)
{
	changes_put(jobs->changes, &action_table, &jobs->action, when);
	changes_put(jobs->changes, &force_table, &jobs->force, when);
}

static void publish_job(struct jobs *jobs, const struct instant *when)
{
	jobs->row.head.state = HaRowState_fresh;
	jobs->row.elapsed = (uint32_t)(when->now - jobs->requested);
	changes_put(jobs->changes, &job_table, &jobs->row, when);
	if (jobs->keep)
		jobs->keep(jobs->keeper, &jobs->row);
}

static void publish_step(struct jobs *jobs, const struct instant *when)
{
	jobs->step_row.head.state = HaRowState_fresh;
	jobs->step_row.elapsed = (uint32_t)(when->now - jobs->step_started);
	changes_put(jobs->changes, &job_step_table, &jobs->step_row, when);
}

/* Number of the last job for a subject, 0 when none is remembered. */
static uint32_t last_job_of(const struct jobs *jobs, const char *subject)
{
	const struct rows *rows = board_rows(jobs->changes->board, mib_haActionEntry);

	for (size_t i = rows->count; i-- > 0;) {
		const struct job_row *row = rows->entries[i]->row;

		if (!rows->entries[i]->gone && !strcmp(row->subject, subject))
			return row->job;
	}
	return 0;
}

/* What the two request columns of a resource read: the request of its running job. */
static void publish_resource(struct jobs *jobs, const char *name, const struct instant *when)
{
	int position = settings_find_resource(jobs->settings, name);
	bool active = jobs->phase > JOB_RESERVED && !strcmp(jobs->row.subject, name);
	bool forced = jobs->row.forced == TruthValue_true;
	bool primary = jobs->row.verb == HaJobVerb_drbdPrimary;
	int32_t request = primary ? haActionDrbdRequest_primary : haActionDrbdRequest_secondary;
	struct action_drbd_row action = { .head.state = HaRowState_fresh };
	struct force_drbd_row force = { .head.state = HaRowState_fresh };

	TEXT_PUT(action.name, name);
	TEXT_PUT(force.name, name);
	action.allowed = TruthValue_false;
	if (position >= 0 && jobs->settings->resources[position].switchable)
		action.allowed = TruthValue_true;
	action.last_job = last_job_of(jobs, name);
	action.request = active && !forced ? request : haActionDrbdRequest_none;
	force.request = active && forced ? request : haForceDrbdRequest_none;
	changes_put(jobs->changes, &action_drbd_table, &action, when);
	changes_put(jobs->changes, &force_drbd_table, &force, when);
}

/* The request tables have a row for each row of haDrbdResourceTable. */
static void publish_resources(struct jobs *jobs, const struct instant *when)
{
	const struct rows *rows = board_rows(jobs->changes->board, mib_haDrbdResourceEntry);
	const struct column *name = table_column(rows->table, mib_haDrbdResourceName);

	changes_begin(jobs->changes, &action_drbd_table);
	changes_begin(jobs->changes, &force_drbd_table);
	for (size_t i = 0; i < rows->count; i++)
		if (!rows->entries[i]->gone)
			publish_resource(jobs, table_text(name, rows->entries[i]->row), when);
	changes_end(jobs->changes, &action_drbd_table, when);
	changes_end(jobs->changes, &force_drbd_table, when);
}

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
	publish_scalars(jobs, when);
}

/* ---- the job ---- */

static void tell(struct jobs *jobs, uint16_t notification, int32_t old_state, int32_t severity,
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

void jobs_remember(struct jobs *jobs, const struct job_row *row, const struct instant *when)
{
	int32_t before = row->state;

	jobs->row = *row;
	jobs->requested = when->now - row->elapsed;
	if (row->job > jobs->last_job)
		jobs->last_job = row->job;
	if (before < HaJobState_succeeded) {
		jobs->row.state = HaJobState_failed;
		jobs->row.reason = HaReason_interrupted;
		jobs->row.ended.wall = when->wall;
		TEXT_PUT(jobs->row.message, "the agent ended during this job; look at the role");
	}
	publish_job(jobs, when);
	if (before < HaJobState_succeeded)
		tell(jobs, mib_haActionEnded, before, HaSeverity_major, when);
}

static void drop_oldest(struct jobs *jobs, const struct instant *when)
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
	publish_job(jobs, when);
	tell(jobs, mib_haActionEnded, before,
	     state == HaJobState_succeeded ? HaSeverity_info : HaSeverity_major, when);
	jobs->action.current_job = 0;
	publish_scalars(jobs, when);
	publish_resources(jobs, when);
	drop_oldest(jobs, when);
}

static void end_step(struct jobs *jobs, int32_t state, int32_t reason, const char *message,
		     const struct instant *when)
{
	jobs->step_row.state = state;
	jobs->step_row.reason = reason;
	TEXT_PUT(jobs->step_row.message, message);
	publish_step(jobs, when);
}

static void fail(struct jobs *jobs, int32_t reason, const char *message, const struct instant *when)
{
	end_step(jobs, HaJobState_failed, reason, message, when);
	end_job(jobs, HaJobState_failed, reason, message, when);
}

static void succeed(struct jobs *jobs, const struct instant *when)
{
	const struct step *step = &jobs->plan.steps[jobs->step].step;
	char text[160];

	TEXT_PRINT(text, "%s is %s on this node", jobs->row.subject,
		   plan_role_of(step) == HaDrbdRole_primary ? "Primary" : "Secondary");
	end_step(jobs, HaJobState_succeeded, HaReason_none, text, when);
	end_job(jobs, HaJobState_succeeded, HaReason_none, text, when);
}

/* Whether the facts show that the step has worked. */
static bool reached(const struct jobs *jobs)
{
	const struct step *step = &jobs->plan.steps[jobs->step].step;

	return guard_drbd_role_now(jobs->changes->board, jobs->row.subject) == plan_role_of(step);
}

static void begin_step(struct jobs *jobs, const struct instant *when);

static void next_step(struct jobs *jobs, const struct instant *when)
{
	end_step(jobs, HaJobState_succeeded, HaReason_none, jobs->result.message, when);
	if (++jobs->step < jobs->plan.count)
		begin_step(jobs, when);
}

static void begin_verification(struct jobs *jobs, const struct instant *when)
{
	jobs->phase = JOB_VERIFYING;
	jobs->row.state = jobs->step_row.state = HaJobState_verifying;
	jobs->deadline = when->now + PLAN_VERIFY_DEADLINE;
	publish_step(jobs, when);
	publish_job(jobs, when);
	if (reached(jobs))
		succeed(jobs, when);
}

static void begin_execution(struct jobs *jobs, const struct instant *when)
{
	struct step_order order = {
		.job = jobs->row.job,
		.step = step_number(&jobs->plan.steps[jobs->step].step),
		.deadline = (uint32_t)jobs->settings->drbd_deadline,
		.digest = jobs->settings->digest,
	};

	jobs->phase = JOB_EXECUTING;
	jobs->row.state = jobs->step_row.state = HaJobState_running;
	jobs->deadline = when->now + jobs->settings->drbd_deadline + DRBD_ROLE_GRACE;
	publish_step(jobs, when);
	publish_job(jobs, when);
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

/* ---- state x event; what a cell leaves out is written as ignore or impossible ---- */

enum job_event {
	JOB_COMMIT,
	JOB_UNDO,
	JOB_STEP_DONE,
	JOB_STEP_FAILED,
	JOB_EXECUTOR_LOST,
	JOB_FACTS,
	JOB_DEADLINE,
	JOB_EVENTS
};

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

/* The locks that a SET carries, one bit each. */
enum { ACTION_LOCK = 1, FORCE_LOCK = 2 };

static unsigned int lock_of(const struct set_change *change)
{
	if (change->object == mib_haActionLock)
		return ACTION_LOCK;
	return change->object == mib_haForceLock ? FORCE_LOCK : 0;
}

static unsigned int locks_of(const struct set *set)
{
	unsigned int locks = 0;

	for (uint16_t i = 0; i < set->count; i++)
		locks |= lock_of(&set->changes[i]);
	return locks;
}

/* TestAndIncr of RFC 2579 */
static void count_up(int32_t *lock)
{
	*lock = *lock == INT32_MAX ? 0 : *lock + 1;
}

static void take_locks(struct jobs *jobs, unsigned int locks, const struct instant *when)
{
	if (locks & ACTION_LOCK)
		count_up(&jobs->action.lock);
	if (locks & FORCE_LOCK)
		count_up(&jobs->force.lock);
	publish_scalars(jobs, when);
}

static void commit(struct jobs *jobs, const struct instant *when)
{
	struct finding finding;

	jobs->action.current_job = jobs->row.job;
	take_locks(jobs, jobs->locks, when);
	jobs->row.started.wall = when->wall;
	jobs->row.state = HaJobState_running;
	jobs->phase = JOB_EXECUTING;
	publish_job(jobs, when);
	publish_resources(jobs, when);
	tell(jobs, mib_haActionStarted, HaJobState_waiting, HaSeverity_info, when);
	guard_drbd_role(jobs->changes->board, jobs->row.subject,
			plan_role_of(&jobs->plan.steps[0].step),
			jobs->row.forced == TruthValue_true, &finding);
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
static void doubt(struct jobs *jobs, const struct instant *when)
{
	jobs->result.reason = HaReason_executorFailed;
	TEXT_PUT(jobs->result.message,
		 "the executor ended during the step, and the role was not reached");
	end_step(jobs, HaJobState_failed, HaReason_executorFailed, "the executor ended", when);
	begin_verification(jobs, when);
}

static void look(struct jobs *jobs, const struct instant *when)
{
	if (reached(jobs))
		succeed(jobs, when);
}

static void executor_late(struct jobs *jobs, const struct instant *when)
{
	jobs->result.reason = HaReason_timeout;
	TEXT_PUT(jobs->result.message,
		 "the executor did not answer in time, and the role was not reached");
	end_step(jobs, HaJobState_failed, HaReason_timeout, "the executor did not answer", when);
	jobs->abandon(jobs->executor);
	begin_verification(jobs, when);
}

static void unverified(struct jobs *jobs, const struct instant *when)
{
	if (jobs->result.reason != HaReason_none)
		fail(jobs, jobs->result.reason, jobs->result.message, when);
	else if (guard_drbd_role_now(jobs->changes->board, jobs->row.subject) == HaDrbdRole_unknown)
		fail(jobs, HaReason_factsStale,
		     "the tool succeeded, but the source cannot tell the role; look at "
		     "haSourceTable",
		     when);
	else
		fail(jobs, HaReason_roleNotReached,
		     "the tool succeeded, and yet DRBD does not report the role", when);
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
		[JOB_STEP_FAILED] = step_failed, [JOB_EXECUTOR_LOST] = doubt, [JOB_FACTS] = ignore,
		[JOB_DEADLINE] = executor_late,
	},
	[JOB_VERIFYING] = {
		[JOB_COMMIT] = ignore, [JOB_UNDO] = ignore, [JOB_STEP_DONE] = ignore,
		[JOB_STEP_FAILED] = ignore, [JOB_EXECUTOR_LOST] = ignore, [JOB_FACTS] = look,
		[JOB_DEADLINE] = unverified,
	},
};

static void happen(struct jobs *jobs, enum job_event event, const struct instant *when)
{
	cells[jobs->phase][event](jobs, when);
}

/* ---- requests ---- */

/* One request as it is judged. */
struct request {
	uint16_t which;    /* position of its change in the SET */
	unsigned int lock; /* that it needs */
	bool forced;
	int32_t role; /* enum HaDrbdRole; 0 when the value asks for nothing */
	int resource; /* position in the settings, -1 when they do not name it */
	char subject[65];
};

/* Read one change as a request; false when it is none (a lock). */
static bool take_request(const struct jobs *jobs, const struct set *set, uint16_t which,
			 struct request *request)
{
	const struct set_change *change = &set->changes[which];
	struct action_drbd_row key = { .head.state = 0 };

	*request = (struct request){ .which = which, .lock = ACTION_LOCK };
	if (change->object == mib_haForceDrbdRequest) {
		request->forced = true;
		request->lock = FORCE_LOCK;
	} else if (change->object != mib_haActionDrbdRequest) {
		return false;
	}
	if (change->number == haActionDrbdRequest_primary)
		request->role = HaDrbdRole_primary;
	else if (change->number == haActionDrbdRequest_secondary)
		request->role = HaDrbdRole_secondary;
	if (change->index_length <= INDEX_MAX &&
	    table_set_index(&action_drbd_table, &key, change->index, change->index_length))
		TEXT_PUT(request->subject, key.name);
	request->resource = settings_find_resource(jobs->settings, request->subject);
	return true;
}

static void refuse(struct verdict *verdict, const struct request *request, uint16_t error,
		   int32_t reason, const char *message, struct finding *finding)
{
	verdict->error = error;
	verdict->which = request->which;
	finding->reason = reason;
	TEXT_PUT(finding->message, message);
}

/* Whether every lock that the SET carries has its value; if not, `which` is the first that has not.
 */
static bool locks_fit(const struct jobs *jobs, const struct set *set, uint16_t *which)
{
	for (*which = 0; *which < set->count; ++*which) {
		const struct set_change *change = &set->changes[*which];
		unsigned int lock = lock_of(change);

		if (lock &&
		    change->number != (lock == ACTION_LOCK ? jobs->action.lock : jobs->force.lock))
			return false;
	}
	return true;
}

/* Whether the lock that the request needs is there, and no lock has a wrong value. */
static bool may_take(const struct jobs *jobs, const struct set *set, const struct request *request,
		     struct verdict *verdict, struct finding *finding)
{
	struct request lock = { .which = 0 };

	if (!locks_fit(jobs, set, &lock.which)) {
		refuse(verdict, &lock, SET_INCONSISTENT_VALUE, HaReason_noLock,
		       "the lock has another value now: read it again, somebody else was faster",
		       finding);
		return false;
	}
	if (locks_of(set) & request->lock)
		return true;
	refuse(verdict, request, SET_INCONSISTENT_VALUE, HaReason_noLock,
	       "the lock must be written in the same SET, with the value just read", finding);
	return false;
}

/* Everything that can be in the way of one request. */
static void judge(const struct jobs *jobs, const struct set *set, const struct request *request,
		  struct verdict *verdict, struct finding *finding)
{
	if (!request->role)
		refuse(verdict, request, SET_WRONG_VALUE, HaReason_badValue,
		       "this value asks for nothing", finding);
	else if (!settings_allow_actions(jobs->settings))
		refuse(verdict, request, SET_INCONSISTENT_VALUE, HaReason_actionsDisabled,
		       "the configuration allows no actions", finding);
	else if (request->resource < 0 || !jobs->settings->resources[request->resource].switchable)
		refuse(verdict, request, SET_INCONSISTENT_VALUE, HaReason_notAllowed,
		       "the configuration does not make this resource switchable", finding);
	else if (!may_take(jobs, set, request, verdict, finding))
		return;
	else if (jobs->phase != JOB_IDLE)
		refuse(verdict, request, SET_RESOURCE_UNAVAILABLE, HaReason_busy,
		       "another job is running: see haActionCurrentJob", finding);
	else {
		guard_drbd_role(jobs->changes->board, request->subject, request->role,
				request->forced, finding);
		if (finding->reason != HaReason_none && finding->reason != HaReason_nothingToDo)
			refuse(verdict, request, SET_INCONSISTENT_VALUE, finding->reason,
			       finding->message, finding);
	}
}

static int32_t verb_of(int32_t role)
{
	if (role == HaDrbdRole_primary)
		return HaJobVerb_drbdPrimary;
	return role == HaDrbdRole_secondary ? HaJobVerb_drbdSecondary : HaJobVerb_none;
}

static void note_refusal(struct jobs *jobs, const struct request *request,
			 const struct finding *finding, struct verdict *verdict,
			 const struct instant *when)
{
	jobs->action.refusals++;
	jobs->action.refused.wall = when->wall;
	jobs->action.refused_verb = verb_of(request->role);
	jobs->action.refused_reason = finding->reason;
	TEXT_PUT(jobs->action.refused_subject, request->subject);
	TEXT_PUT(jobs->action.refused_message, finding->message);
	TEXT_PUT(verdict->message, finding->message);
	publish_scalars(jobs, when);
}

static void reserve(struct jobs *jobs, const struct set *set, const struct request *request,
		    const struct instant *when)
{
	bool primary = request->role == HaDrbdRole_primary;

	jobs->phase = JOB_RESERVED;
	jobs->deadline = when->now + JOB_RESERVATION;
	jobs->requested = when->now;
	jobs->transaction = set->transaction;
	jobs->locks = locks_of(set);
	jobs->step = 0;
	memset(&jobs->result, 0, sizeof(jobs->result));
	jobs->result.reason = HaReason_none;
	plan_drbd_role(&jobs->plan, (size_t)request->resource, request->role, request->forced);
	jobs->row = (struct job_row){
		.job = ++jobs->last_job,
		.verb = primary ? HaJobVerb_drbdPrimary : HaJobVerb_drbdSecondary,
		.forced = request->forced ? TruthValue_true : TruthValue_false,
		.origin = set->origin,
		.state = HaJobState_waiting,
		.reason = HaReason_none,
		.exit_status = -1,
		.steps = (uint32_t)jobs->plan.count,
		.cancellable = TruthValue_false,
		.requested.wall = when->wall,
	};
	TEXT_PUT(jobs->row.subject, request->subject);
}

/* A SET that carries a lock and no request: RFC 2579 lets it count the lock up. */
static void judge_lock_alone(struct jobs *jobs, const struct set *set, struct verdict *verdict,
			     const struct instant *when)
{
	if (!locks_fit(jobs, set, &verdict->which))
		verdict->error = SET_INCONSISTENT_VALUE;
	else if (set->phase == SET_RESERVE)
		take_locks(jobs, locks_of(set), when);
}

static void judge_set(struct jobs *jobs, const struct set *set, struct verdict *verdict,
		      const struct instant *when)
{
	struct request request = { .which = 0 }, other;
	struct finding finding = { .reason = HaReason_none };
	unsigned int requests = 0;

	for (uint16_t i = 0; i < set->count; i++) {
		if (!take_request(jobs, set, i, &other)) {
			if (lock_of(&set->changes[i]))
				continue;
			verdict->error = SET_NOT_WRITABLE;
			verdict->which = i;
			return;
		}
		request = other;
		if (requests++)
			refuse(verdict, &request, SET_RESOURCE_UNAVAILABLE, HaReason_busy,
			       "one request at a time", &finding);
	}
	if (requests == 0) {
		judge_lock_alone(jobs, set, verdict, when);
		return;
	}
	if (!verdict->error)
		judge(jobs, set, &request, verdict, &finding);
	if (verdict->error)
		note_refusal(jobs, &request, &finding, verdict, when);
	else if (set->phase == SET_RESERVE)
		reserve(jobs, set, &request, when);
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
		judge_set(jobs, set, verdict, when);
		if (!verdict->error && jobs->phase == JOB_RESERVED &&
		    jobs->transaction == set->transaction)
			verdict->job = jobs->row.job;
		break;
	case SET_COMMIT:
		if (ours)
			happen(jobs, JOB_COMMIT, when);
		break;
	case SET_UNDO:
		if (ours)
			happen(jobs, JOB_UNDO, when);
		break;
	}
}

void jobs_sender_lost(struct jobs *jobs, const struct instant *when)
{
	happen(jobs, JOB_UNDO, when);
}

void jobs_result(struct jobs *jobs, const struct step_result *result, const struct instant *when)
{
	if (jobs->phase != JOB_EXECUTING || result->job != jobs->row.job)
		return;
	jobs->result = *result;
	jobs->result.message[sizeof(jobs->result.message) - 1] = '\0';
	jobs->row.exit_status = result->exit_status;
	text_put_part(jobs->row.kernel, sizeof(jobs->row.kernel), result->kernel,
		      strnlen(result->kernel, sizeof(result->kernel)));
	happen(jobs,
	       result->reason == HaReason_none || result->reason == HaReason_nothingToDo ?
		       JOB_STEP_DONE :
		       JOB_STEP_FAILED,
	       when);
}

void jobs_executor_lost(struct jobs *jobs, const struct instant *when)
{
	happen(jobs, JOB_EXECUTOR_LOST, when);
}

void jobs_follow(struct jobs *jobs, const struct instant *when)
{
	publish_resources(jobs, when);
}

void jobs_facts(struct jobs *jobs, const struct instant *when)
{
	happen(jobs, JOB_FACTS, when);
}

int64_t jobs_tick(struct jobs *jobs, const struct instant *when)
{
	if (jobs->deadline && when->now >= jobs->deadline)
		happen(jobs, JOB_DEADLINE, when);
	return jobs->deadline;
}
