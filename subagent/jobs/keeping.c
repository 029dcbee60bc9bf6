/* Promises, from the job that makes one to the job that keeps it.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/jobs/inside.h"

#include <string.h>

#include "lib/log.h"
#include "lib/memory.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/board.h"
#include "subagent/changes.h"
#include "subagent/request_rows.h"

/* Milliseconds from one attempt to keep a promise to the next. */
#define RETRY_FIRST 5000
#define RETRY_LAST 600000

/* How often what is left of a promise is published, milliseconds. */
#define COUNT_INTERVAL 1000

static struct promise_entry *find_promise(const struct jobs *jobs, const struct request *request)
{
	if (!request->kind->opens)
		return NULL;
	return promises_find(&jobs->promises, request->kind->opens, request->index,
			     request->index_length);
}

void keeping_look_up(const struct jobs *jobs, struct request *request)
{
	const struct promise_entry *entry = find_promise(jobs, request);

	request->promised = entry != NULL;
	if (entry)
		request->promise = entry->promise;
}

/* Promise before the order is given: whatever ends this process then, it is known what to give
 * back. */
void keeping_begin(const struct job *job, const struct instant *when)
{
	struct jobs *jobs = job->jobs;
	const struct request *request = &job->request;
	const struct plan_step *step = job->plan.steps;
	struct promise promise = {
		.verb = request->verb,
		.before = request->before,
		.ends = request->seconds ? request->asked + 1000 * (int64_t)request->seconds : 0,
		.index_length = request->index_length,
	};

	promise.weight = request->promised ? request->promise.weight :
					     request->kind->remember(jobs->changes->board, request);
	if (job->plan.undo != UNDO_NEVER)
		promise.proof = when->wall + step_time(jobs->settings, &step[0].step) +
				step_grace(&step[0].step) + job_patience(job, &step[1]);
	TEXT_PUT(promise.name, request->name);
	memcpy(promise.index, request->index, sizeof(promise.index));
	promises_put(&jobs->promises, &promise);
}

/* The job that made the promise has ended. Where it failed, the facts say whether there is anything
 * to give back; they may say it later. */
static void settle_opened(const struct job *job, struct promise_entry *entry)
{
	struct jobs *jobs = job->jobs;
	const struct request *request = &job->request;
	struct promise proven = entry->promise;
	bool failed = job->row.state == HaJobState_failed;

	proven.proof = 0;
	if (failed && request->promised)
		promises_put(&jobs->promises, &request->promise);
	else if (job->row.state == HaJobState_rolledBack ||
		 (failed && request->kind->holds(jobs->changes->board, &proven) == HaAnswer_no))
		promises_drop(&jobs->promises, entry);
	else if (!failed && entry->promise.proof)
		promises_put(&jobs->promises, &proven);
}

void keeping_settle(const struct job *job)
{
	struct promise_entry *entry = find_promise(job->jobs, &job->request);

	if (entry && job->row.verb == entry->promise.verb)
		settle_opened(job, entry);
	else if (entry && job->row.verb == job->request.kind->closes &&
		 job->row.state == HaJobState_succeeded)
		promises_drop(&job->jobs->promises, entry);
}

/* ---- promises that the facts contradict, or make ---- */

void jobs_amend(const struct jobs *jobs, const struct table *table, void *row)
{
	uint32_t index[INDEX_MAX];

	for (size_t i = 0; request_kinds[i] && jobs->promises.count; i++) {
		const struct request_kind *kind = request_kinds[i];

		if (kind->facts == table->entry && kind->amend &&
		    promises_find(&jobs->promises, kind->opens, index,
				  table_index(table, row, index)))
			kind->amend(row);
	}
}

static bool is_at_work(const struct jobs *jobs, const struct promise *promise)
{
	const struct request_kind *kind = request_kind_of_verb(promise->verb);

	for (size_t slot = 0; slot < JOB_SLOTS; slot++)
		if (job_is_about(&jobs->job[slot], kind, promise->index, promise->index_length))
			return true;
	return false;
}

static void drop_promise(struct jobs *jobs, struct promise_entry *entry, const struct instant *when)
{
	struct promise promise = entry->promise;

	promises_drop(&jobs->promises, entry);
	request_rows_put(jobs, request_kind_of_verb(promise.verb), promise.index,
			 promise.index_length, when);
}

/* Who changes by hand what was promised knows better. */
static void drop_void(struct jobs *jobs, const struct instant *when)
{
	for (size_t i = jobs->promises.count; i-- > 0;) {
		struct promise_entry *entry = &jobs->promises.entries[i];
		const struct promise *promise = &entry->promise;

		if (is_at_work(jobs, promise) ||
		    request_kind_of_verb(promise->verb)->holds(jobs->changes->board, promise) !=
			    HaAnswer_no)
			continue;
		log_warning("%s: %s is over, and not by this agent: it will not be taken back",
			    promise->name, mib_label_of(HaJobVerb_labels, promise->verb));
		drop_promise(jobs, entry, when);
	}
}

/* What ends by itself in the eyes of a source is to end, whoever had promised it. */
static void adopt(struct jobs *jobs, const struct request_kind *kind, const struct entry *found,
		  const struct instant *when)
{
	struct promise promise = {
		.verb = kind->opens,
		.ends = kind->ends(found->row),
		.index_length = found->index_length,
	};
	struct request request;

	memcpy(promise.index, found->index, found->index_length * sizeof(*found->index));
	if (!promise.ends || is_at_work(jobs, &promise) ||
	    promises_find(&jobs->promises, kind->opens, promise.index, promise.index_length))
		return;
	request_about(jobs->settings, kind, promise.index, promise.index_length, &request);
	if (!request.allowed)
		return;
	TEXT_PUT(promise.name, request.name);
	promises_put(&jobs->promises, &promise);
	request_rows_put(jobs, kind, promise.index, promise.index_length, when);
}

static void adopt_all(struct jobs *jobs, const struct instant *when)
{
	for (size_t k = 0; request_kinds[k]; k++) {
		const struct rows *rows = board_rows(jobs->changes->board, request_kinds[k]->facts);

		for (size_t i = 0; rows && request_kinds[k]->ends && i < rows->count; i++)
			if (!rows->entries[i]->gone)
				adopt(jobs, request_kinds[k], rows->entries[i], when);
	}
}

void keeping_follow(struct jobs *jobs, const struct instant *when)
{
	drop_void(jobs, when);
	adopt_all(jobs, when);
}

/* ---- promises that are due ---- */

static void try_later(struct promise_entry *entry, const struct instant *when)
{
	entry->pause = entry->pause ? 2 * entry->pause : RETRY_FIRST;
	if (entry->pause > RETRY_LAST)
		entry->pause = RETRY_LAST;
	entry->next_try = when->now + entry->pause;
}

static void postpone(struct promise_entry *entry, const char *why, const struct instant *when)
{
	if (!entry->pause)
		log_warning("%s cannot be given back now, and will be tried again: %s",
			    entry->promise.name, why);
	try_later(entry, when);
}

/* When it is due, clock_wall(); 0: never. */
static int64_t due_of(const struct promise *promise)
{
	return promise->proof && (!promise->ends || promise->proof < promise->ends) ?
		       promise->proof :
		       promise->ends;
}

/* A job that was to be proven has ended with the process that did it: whether it had ended well. */
static bool prove(struct jobs *jobs, struct promise_entry *entry)
{
	struct promise promise = entry->promise;
	struct request request;
	struct plan plan;

	request_keep(jobs->settings, &promise, &request);
	request.verb = promise.verb;
	request.before = promise.before;
	request.kind->plan(&request, &plan);
	if (!request.kind->reached(jobs->changes->board, &request, &plan.steps[1]))
		return false;
	promise.proof = 0;
	promises_put(&jobs->promises, &promise);
	return true;
}

/* Make a job of a promise that is due; one that cannot be had now is tried again later. */
static void keep_promise(struct jobs *jobs, struct promise_entry *entry, const struct instant *when)
{
	bool recovery = entry->promise.proof && when->wall >= entry->promise.proof;
	struct finding finding;
	struct request request;

	if (recovery && prove(jobs, entry))
		return;
	request_keep(jobs->settings, &entry->promise, &request);
	request.asked = when->wall;
	request.kind->guard(jobs->changes->board, &request, &finding);
	if (!request.allowed) {
		log_warning("%s: the configuration does not allow to give it back: do it by hand",
			    request.name);
		drop_promise(jobs, entry, when);
	} else if (finding.reason == HaReason_nothingToDo) {
		drop_promise(jobs, entry, when);
	} else if (finding.reason != HaReason_none) {
		postpone(entry, finding.message, when);
	} else {
		try_later(entry, when);
		job_happen(job_reserve(jobs, &request,
				       recovery ? haActionOrigin_recovery : haActionOrigin_deadline,
				       when),
			   JOB_COMMIT, when);
	}
}

/* When to look at it again, clock_now(); 0: never. */
static int64_t look_again(const struct promise_entry *entry, const struct instant *when)
{
	int64_t due = due_of(&entry->promise);
	int64_t at = when->now + (due > when->wall ? due - when->wall : 0);

	if (!due)
		return 0;
	return at > entry->next_try ? at : entry->next_try;
}

int64_t keeping_sooner(int64_t one, int64_t other)
{
	return !one || (other && other < one) ? other : one;
}

/* A job that is at work where this one would be comes first; when it has ended is soon enough. */
static bool is_free(struct jobs *jobs, const struct promise_entry *entry)
{
	struct request request;

	request_keep(jobs->settings, &entry->promise, &request);
	return job_of(jobs, &request)->phase == JOB_IDLE;
}

/* Keep what is due; when to call again. */
static int64_t keep_promises(struct jobs *jobs, const struct instant *when)
{
	int64_t next = 0, at;

	for (size_t i = jobs->promises.count; i-- > 0;) {
		at = look_again(&jobs->promises.entries[i], when);
		if (at && at <= when->now && is_free(jobs, &jobs->promises.entries[i]))
			keep_promise(jobs, &jobs->promises.entries[i], when);
	}
	for (size_t i = 0; i < jobs->promises.count; i++) {
		at = look_again(&jobs->promises.entries[i], when);
		if (at && is_free(jobs, &jobs->promises.entries[i]))
			next = keeping_sooner(next, at);
	}
	return next;
}

/* What is left of the promises is a number that runs. */
static int64_t count_down(struct jobs *jobs, const struct instant *when)
{
	bool ends = false, due = when->now >= jobs->counted + COUNT_INTERVAL;

	for (size_t i = 0; i < jobs->promises.count; i++) {
		const struct promise *promise = &jobs->promises.entries[i].promise;

		ends |= promise->ends > when->wall;
		if (due && promise->ends)
			request_rows_put(jobs, request_kind_of_verb(promise->verb), promise->index,
					 promise->index_length, when);
	}
	if (due)
		jobs->counted = when->now;
	return ends ? jobs->counted + COUNT_INTERVAL : 0;
}

int64_t keeping_tick(struct jobs *jobs, const struct instant *when)
{
	int64_t next = keep_promises(jobs, when);

	return keeping_sooner(next, count_down(jobs, when));
}
