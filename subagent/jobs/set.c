/* Judges a SET: which request it makes, and what is in its way.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/jobs/inside.h"

#include <inttypes.h>

#include "lib/memory.h"
#include "lib/settings.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/changes.h"

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

void locks_take(struct jobs *jobs, unsigned int locks, const struct instant *when)
{
	if (locks & ACTION_LOCK)
		count_up(&jobs->action.lock);
	if (locks & FORCE_LOCK)
		count_up(&jobs->force.lock);
	show_scalars(jobs, when);
}

/* A SET as it is judged. */
struct judged {
	struct request request;
	uint16_t which;         /* position of its change in the SET */
	uint16_t which_seconds; /* and of what goes with it */
	struct verdict *verdict;
	struct finding finding;
};

static void refuse(struct judged *judged, uint16_t which, uint16_t error, int32_t reason,
		   const char *message)
{
	judged->verdict->error = error;
	judged->verdict->which = which;
	judged->finding.reason = reason;
	TEXT_PUT(judged->finding.message, message);
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
static bool may_take(const struct jobs *jobs, const struct set *set, struct judged *judged)
{
	unsigned int lock = judged->request.forced ? FORCE_LOCK : ACTION_LOCK;
	uint16_t which;

	if (!locks_fit(jobs, set, &which)) {
		refuse(judged, which, SET_INCONSISTENT_VALUE, HaReason_noLock,
		       "the lock has another value now: read it again, somebody else was faster");
		return false;
	}
	if (locks_of(set) & lock)
		return true;
	refuse(judged, judged->which, SET_INCONSISTENT_VALUE, HaReason_noLock,
	       "the lock must be written in the same SET, with the value just read");
	return false;
}

/* Seconds belong to what makes a promise; the moment that they lead to must have a number. */
static bool judge_seconds(struct judged *judged)
{
	const struct request *request = &judged->request;

	if (!request->timed)
		return true;
	if (request->verb != request->kind->opens)
		refuse(judged, judged->which_seconds, SET_INCONSISTENT_VALUE, HaReason_badValue,
		       "this request has no end");
	else if (request->asked / 1000 + request->seconds > UINT32_MAX)
		refuse(judged, judged->which_seconds, SET_WRONG_VALUE, HaReason_badValue,
		       "this end is too far away");
	return judged->verdict->error == SET_NO_ERROR;
}

/* Whether another SET has been told that it may go on with the same lock. */
static bool is_promised(const struct jobs *jobs, unsigned int locks)
{
	for (size_t slot = 0; slot < JOB_SLOTS; slot++)
		if (jobs->job[slot].phase == JOB_RESERVED && jobs->job[slot].locks & locks)
			return true;
	return false;
}

/* What the state of the world has against it. */
static void judge_world(const struct jobs *jobs, struct judged *judged)
{
	judged->request.kind->guard(jobs->changes->board, &judged->request, &judged->finding);
	if (judged->finding.reason == HaReason_none ||
	    judged->finding.reason == HaReason_nothingToDo)
		return;
	judged->verdict->error = SET_INCONSISTENT_VALUE;
	judged->verdict->which = judged->which;
}

/* Everything that can be in the way of one request. */
static void judge(struct jobs *jobs, const struct set *set, struct judged *judged)
{
	const struct request *request = &judged->request;
	char text[96];

	if (request->verb == HaJobVerb_none) {
		refuse(judged, judged->which, SET_WRONG_VALUE, HaReason_badValue,
		       "this value asks for nothing");
	} else if (!settings_allow_actions(jobs->settings)) {
		refuse(judged, judged->which, SET_INCONSISTENT_VALUE, HaReason_actionsDisabled,
		       "the configuration allows no actions");
	} else if (!request->allowed) {
		TEXT_PRINT(text, "the configuration does not make this %s switchable",
			   request->kind->noun);
		refuse(judged, judged->which, SET_INCONSISTENT_VALUE, HaReason_notAllowed, text);
	} else if (!judge_seconds(judged) || !may_take(jobs, set, judged)) {
		return;
	} else if (job_of(jobs, request)->phase != JOB_IDLE || is_promised(jobs, locks_of(set))) {
		refuse(judged, judged->which, SET_RESOURCE_UNAVAILABLE, HaReason_busy,
		       "another job is running: see haActionCurrentJob");
	} else {
		judge_world(jobs, judged);
	}
}

static void note_refusal(struct jobs *jobs, const struct judged *judged, const struct instant *when)
{
	jobs->action.refusals++;
	jobs->action.refused.wall = when->wall;
	jobs->action.refused_verb = judged->request.verb;
	jobs->action.refused_reason = judged->finding.reason;
	TEXT_PUT(jobs->action.refused_subject, judged->request.name);
	TEXT_PUT(jobs->action.refused_message, judged->finding.message);
	TEXT_PUT(judged->verdict->message, judged->finding.message);
	show_scalars(jobs, when);
}

/* A SET that carries a lock and no request: RFC 2579 lets it count the lock up. */
static void judge_lock_alone(struct jobs *jobs, const struct set *set, struct verdict *verdict,
			     const struct instant *when)
{
	if (!locks_fit(jobs, set, &verdict->which))
		verdict->error = SET_INCONSISTENT_VALUE;
	else if (set->phase == SET_RESERVE)
		locks_take(jobs, locks_of(set), when);
}

/* Find the one request of a SET; how many there are. What is neither request, seconds nor lock is
 * at fault. */
static unsigned int find_request(const struct jobs *jobs, const struct set *set,
				 struct judged *judged)
{
	unsigned int requests = 0;

	for (uint16_t i = 0; i < set->count; i++) {
		const struct set_change *change = &set->changes[i];
		struct request request;

		if (request_take(jobs->settings, change, &request)) {
			judged->request = request;
			judged->which = i;
			if (requests++)
				refuse(judged, i, SET_RESOURCE_UNAVAILABLE, HaReason_busy,
				       "one request at a time");
		} else if (!lock_of(change) && !request_is_companion(change)) {
			judged->verdict->error = SET_NOT_WRITABLE;
			judged->verdict->which = i;
			return requests;
		}
	}
	return requests;
}

/* The line has judged this already, of SNMP's SETs; of hactl's nobody has. */
static bool judge_range(const struct set_change *change, uint16_t which, struct judged *judged)
{
	const struct mib_object *object = &mib_objects[change->object];
	char text[96];

	if (object->syntax != MIB_UNSIGNED || (!object->min && !object->max) ||
	    (change->number >= object->min && change->number <= object->max))
		return true;
	TEXT_PRINT(text, "%s is from %" PRId64 " to %" PRId64, object->name, object->min,
		   object->max);
	refuse(judged, which, SET_WRONG_VALUE, HaReason_badValue, text);
	return false;
}

/* What goes with a request must go with this one. */
static void find_companions(const struct set *set, struct judged *judged)
{
	for (uint16_t i = 0; i < set->count && !judged->verdict->error; i++) {
		if (!request_is_companion(&set->changes[i]) ||
		    !judge_range(&set->changes[i], i, judged))
			continue;
		judged->which_seconds = i;
		if (!judged->request.kind ||
		    !request_take_companion(&set->changes[i], &judged->request))
			refuse(judged, i, SET_INCONSISTENT_VALUE, HaReason_badValue,
			       "this is written with the request that it is for");
	}
}

/* How long it lasts where the SET does not say. */
static void fill_in(const struct jobs *jobs, struct request *request, const struct instant *when)
{
	const struct request_kind *kind = request->kind;

	request->asked = when->wall;
	request->passed = kind->passes && kind->passes(jobs->changes->board, request);
	if (kind->prepare)
		kind->prepare(jobs->changes->board, request);
	keeping_look_up(jobs, request);
	if (request->verb == kind->opens && !request->timed && kind->usual)
		request->seconds = kind->usual(request);
}

void set_judge(struct jobs *jobs, const struct set *set, struct verdict *verdict,
	       const struct instant *when)
{
	struct judged judged = { .request.verb = HaJobVerb_none, .verdict = verdict };
	unsigned int requests = find_request(jobs, set, &judged);

	if (verdict->error == SET_NOT_WRITABLE)
		return;
	find_companions(set, &judged);
	if (requests == 0 && !verdict->error) {
		judge_lock_alone(jobs, set, verdict, when);
		return;
	}
	if (!verdict->error) {
		fill_in(jobs, &judged.request, when);
		judge(jobs, set, &judged);
	}
	if (verdict->error) {
		note_refusal(jobs, &judged, when);
	} else if (set->phase == SET_RESERVE) {
		struct job *job = job_reserve(jobs, &judged.request, set->origin, when);

		job->transaction = set->transaction;
		job->locks = locks_of(set);
		verdict->job = job->row.job;
	}
}
