/* Passes requests on to the peer's agent, and follows what it makes of them.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/peer/forward.h"

#include <string.h>

#include "lib/memory.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/report.h"
#include "subagent/sources/peer/client.h"
#include "subagent/sources/peer/question.h"

/* Milliseconds. */
#define SEND_TIME 5000    /* until a request must have been obeyed or refused */
#define SILENCE_MAX 10000 /* that a job may not be heard of */
#define RETRY 200         /* from a question without an answer to the next */
#define FOLLOW 200        /* from one look at a job to the next */

/* ---- what is asked ---- */

static struct peer_name *add_name(struct peer_question *question, unsigned int object)
{
	struct peer_name *name = &question->names[question->count++];

	name->length = mib_oid(object, name->number);
	return name;
}

static void ask_scalar(struct peer_question *question, unsigned int object)
{
	struct peer_name *name = add_name(question, object);

	name->number[name->length++] = 0;
}

static struct peer_name *add_of_group(struct peer_question *question, unsigned int object,
				      const char *group)
{
	struct peer_name *name = add_name(question, object);

	name->number[name->length++] = (uint32_t)strlen(group);
	for (; *group; group++)
		name->number[name->length++] = (unsigned char)*group;
	return name;
}

static void ask_of_job(struct peer_question *question, unsigned int object, uint32_t job)
{
	struct peer_name *name = add_name(question, object);

	name->number[name->length++] = job;
}

/* The places of the answers to each question. */
enum { PREPARED_NODE, PREPARED_LOCK, PREPARED_LAST_JOB, PREPARED_COUNT };
enum { FOUND_LAST_JOB, FOUND_REASON, FOUND_SUBJECT, FOUND_MESSAGE, FOUND_COUNT };
enum {
	FOLLOWED_VERB,
	FOLLOWED_STATE,
	FOLLOWED_REASON,
	FOLLOWED_PERCENT,
	FOLLOWED_MESSAGE,
	FOLLOWED_STEP,
	FOLLOWED_COUNT
};

static void ask_to_prepare(const struct forward *forward, struct peer_question *question)
{
	question->operation = PEER_GET;
	ask_scalar(question, mib_haAgentNode);
	ask_scalar(question, mib_haActionLock);
	add_of_group(question, mib_haActionGroupLastJob, forward->ask.group);
}

static void ask_to_set(const struct forward *forward, struct peer_question *question)
{
	const struct ask *ask = &forward->ask;
	struct peer_name *name;

	question->operation = PEER_SET;
	ask_scalar(question, mib_haActionLock);
	question->names[0].syntax = MIB_INTEGER;
	question->names[0].value = forward->lock;
	name = add_of_group(question, mib_haActionGroupRequest, ask->group);
	name->syntax = MIB_INTEGER;
	name->value = ask->verb;
	if (*ask->expected) {
		name = add_of_group(question, mib_haActionGroupExpectedActive, ask->group);
		name->syntax = MIB_STRING;
		TEXT_PUT(name->text, ask->expected);
	}
	if (ask->minutes) {
		name = add_of_group(question, mib_haActionGroupMinutes, ask->group);
		name->syntax = MIB_UNSIGNED;
		name->value = ask->minutes;
	}
}

static void ask_to_find(const struct forward *forward, struct peer_question *question)
{
	question->operation = PEER_GET;
	add_of_group(question, mib_haActionGroupLastJob, forward->ask.group);
	ask_scalar(question, mib_haActionLastRefusedReason);
	ask_scalar(question, mib_haActionLastRefusedSubject);
	ask_scalar(question, mib_haActionLastRefusedMessage);
}

static void ask_to_follow(const struct forward *forward, struct peer_question *question)
{
	question->operation = PEER_GET;
	ask_of_job(question, mib_haActionVerb, forward->said.job);
	ask_of_job(question, mib_haActionState, forward->said.job);
	ask_of_job(question, mib_haActionReason, forward->said.job);
	ask_of_job(question, mib_haActionPercent, forward->said.job);
	ask_of_job(question, mib_haActionMessage, forward->said.job);
	ask_of_job(question, mib_haActionCurrentStepText, forward->said.job);
}

/* ---- what is told ---- */

static void tell(struct forward *forward, enum answer_state state)
{
	forward->said.state = (int32_t)state;
	report_answer(&forward->said);
}

/* The last word; without a message, the one that stands there. */
static void conclude(struct forward *forward, enum answer_state state, const char *message)
{
	if (message)
		TEXT_PUT(forward->said.message, message);
	tell(forward, state);
	forward->state = FORWARD_FREE;
}

static void put_message(struct forward *forward, const struct peer_cell *cell)
{
	char *text = forward->said.message;

	text_put(text, sizeof(forward->said.message), "");
	if (cell->kind == CELL_OCTETS)
		text_put_part(text, sizeof(forward->said.message), (const char *)cell->octets,
			      cell->octets_length);
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7F)
			*text = '?';
}

/* ---- what the peer says ---- */

static void go_to(struct forward *forward, enum forward_state state, int64_t due)
{
	forward->state = state;
	forward->due = due;
}

/* Ask the same again: an agent that is being started has nothing, and then has it again. */
static void retry(struct forward *forward, const char *trouble, int64_t now)
{
	TEXT_PUT(forward->trouble, trouble);
	forward->due = now + RETRY;
}

static bool is_text(const struct peer_cell *cell, const char *text)
{
	return cell->kind == CELL_OCTETS && cell->octets_length == strlen(text) &&
	       !memcmp(cell->octets, text, strlen(text));
}

static bool are_numbers(const struct peer_cell *cells, size_t first, size_t last)
{
	for (; first <= last; first++)
		if (cells[first].kind != CELL_NUMBER)
			return false;
	return true;
}

static void take_prepared(const struct forwards *forwards, struct forward *forward,
			  const struct peer_cell *cells, int64_t now)
{
	if (is_text(&cells[PREPARED_NODE], forwards->node)) {
		conclude(forward, ANSWER_UNSENT, "the address of the peer leads to this node");
		return;
	}
	if (!are_numbers(cells, PREPARED_LOCK, PREPARED_LAST_JOB)) {
		retry(forward,
		      "the peer's agent has no such group, or does not show it to the user", now);
		return;
	}
	forward->lock = (uint32_t)cells[PREPARED_LOCK].number;
	if (!forward->unsure)
		forward->last_job = (uint32_t)cells[PREPARED_LAST_JOB].number;
	go_to(forward, FORWARD_SETS, now);
}

static void take_set(struct forward *forward, const struct peer_answer *answer, int64_t now)
{
	TEXT_PUT(forward->trouble, answer->error);
	forward->said.error = (uint32_t)answer->error_status;
	if (answer->error_status)
		forward->fate = FATE_DENIED;
	else
		forward->fate = answer->outcome == PEER_ANSWERED ? FATE_OBEYED : FATE_UNSURE;
	forward->unsure |= forward->fate == FATE_UNSURE;
	go_to(forward, FORWARD_FINDS, now);
}

static void follow(struct forward *forward, uint32_t job, int64_t now)
{
	forward->said.job = job;
	forward->said.error = 0;
	forward->deadline = now + SILENCE_MAX;
	go_to(forward, FORWARD_FOLLOWS, now);
}

/* Once more from the beginning. It can do no harm should an earlier one still be under way: each
 * carries a lock that fits once. */
static void repeat(struct forward *forward, int64_t now)
{
	go_to(forward, FORWARD_PREPARES, now + RETRY);
}

static void take_denial(struct forward *forward, const struct peer_cell *cells, int64_t now)
{
	int32_t reason = (int32_t)cells[FOUND_REASON].number;

	/* What the peer refused last may have been somebody else's. */
	if (!is_text(&cells[FOUND_SUBJECT], forward->ask.group)) {
		conclude(forward, ANSWER_REFUSED, forward->trouble);
	} else if (reason == HaReason_noLock) {
		repeat(forward, now);
	} else {
		forward->said.reason = reason;
		put_message(forward, &cells[FOUND_MESSAGE]);
		conclude(forward, ANSWER_REFUSED, NULL);
	}
}

static void take_found(struct forward *forward, const struct peer_cell *cells, int64_t now)
{
	bool worked = cells[FOUND_LAST_JOB].number != forward->last_job &&
		      (forward->unsure || forward->fate == FATE_OBEYED);

	if (!are_numbers(cells, FOUND_LAST_JOB, FOUND_REASON)) {
		retry(forward, "the peer's agent has the group no more", now);
	} else if (worked) {
		follow(forward, (uint32_t)cells[FOUND_LAST_JOB].number, now);
	} else if (forward->fate == FATE_OBEYED) {
		forward->said.job_state = HaJobState_succeeded;
		conclude(forward, ANSWER_ENDED, "the peer has done it without a job");
	} else if (forward->fate == FATE_DENIED) {
		take_denial(forward, cells, now);
	} else {
		repeat(forward, now);
	}
}

static int32_t verb_of(int32_t request)
{
	switch (request) {
	case haActionGroupRequest_switchover:
		return HaJobVerb_groupSwitchover;
	case haActionGroupRequest_check:
		return HaJobVerb_groupCheck;
	case haActionGroupRequest_maintenance:
		return HaJobVerb_groupMaintenance;
	case haActionGroupRequest_resume:
		return HaJobVerb_groupResume;
	case haActionGroupRequest_cancel:
		return HaJobVerb_groupCancel;
	default:
		return HaJobVerb_none;
	}
}

static bool has_ended(int32_t job_state)
{
	return job_state == HaJobState_succeeded || job_state == HaJobState_failed ||
	       job_state == HaJobState_rolledBack || job_state == HaJobState_cancelled ||
	       job_state == HaJobState_skipped;
}

static void take_followed(struct forward *forward, const struct peer_cell *cells, int64_t now)
{
	struct answer before = forward->said;

	if (!are_numbers(cells, FOLLOWED_VERB, FOLLOWED_PERCENT)) {
		retry(forward, "the peer's agent has the job no more", now);
		return;
	}
	if (cells[FOLLOWED_VERB].number != verb_of(forward->ask.verb)) {
		conclude(forward, ANSWER_LOST, "the peer does something else with the group now");
		return;
	}
	forward->said.job_state = (int32_t)cells[FOLLOWED_STATE].number;
	forward->said.reason = (int32_t)cells[FOLLOWED_REASON].number;
	forward->said.percent = (uint32_t)cells[FOLLOWED_PERCENT].number;
	put_message(forward, &cells[FOLLOWED_MESSAGE]);
	if (!*forward->said.message)
		put_message(forward, &cells[FOLLOWED_STEP]);
	forward->deadline = now + SILENCE_MAX;
	forward->due = now + FOLLOW;
	if (has_ended(forward->said.job_state)) {
		conclude(forward, ANSWER_ENDED, NULL);
	} else {
		forward->said.state = ANSWER_FOLLOWED;
		if (memcmp(&before, &forward->said, sizeof(before)) != 0)
			tell(forward, ANSWER_FOLLOWED);
	}
}

/* ---- from question to question ---- */

/* Cells that answer the question of this state; without, a GET was refused or cut. */
static size_t cells_of(enum forward_state state)
{
	return state == FORWARD_PREPARES ? PREPARED_COUNT :
	       state == FORWARD_FINDS    ? FOUND_COUNT :
	       state == FORWARD_FOLLOWS  ? FOLLOWED_COUNT :
					   0;
}

void forwards_answer(struct forwards *forwards, const struct peer_answer *answer, int64_t now)
{
	struct forward *forward = forwards->asking;
	const struct peer_cell *cells = answer->cells;

	forwards->asking = NULL;
	/* It was given up. */
	if (!forward)
		return;
	if (forward->state == FORWARD_SETS) {
		take_set(forward, answer, now);
		return;
	}
	if (answer->outcome != PEER_ANSWERED || answer->count != cells_of(forward->state)) {
		retry(forward, answer->error, now);
		return;
	}
	switch (forward->state) {
	case FORWARD_PREPARES:
		take_prepared(forwards, forward, cells, now);
		break;
	case FORWARD_FINDS:
		take_found(forward, cells, now);
		break;
	case FORWARD_FOLLOWS:
		take_followed(forward, cells, now);
		break;
	case FORWARD_SETS:
	case FORWARD_FREE:
		break;
	}
}

/* The one whose question is due first; FORWARDS_MAX: none has any. */
static size_t find_first(const struct forwards *forwards)
{
	const struct forward *all = forwards->all;
	size_t first = FORWARDS_MAX;

	for (size_t i = 0; i < FORWARDS_MAX; i++)
		if (all[i].state != FORWARD_FREE &&
		    (first == FORWARDS_MAX || all[i].due < all[first].due))
			first = i;
	return first;
}

int64_t forwards_due(const struct forwards *forwards)
{
	size_t first = find_first(forwards);

	return first == FORWARDS_MAX ? 0 : forwards->all[first].due;
}

bool forwards_ask(struct forwards *forwards, struct peer_question *question, int64_t now)
{
	size_t position = find_first(forwards);
	struct forward *first = &forwards->all[position];

	if (position == FORWARDS_MAX || first->due > now)
		return false;
	memset(question, 0, sizeof(*question));
	if (first->state == FORWARD_PREPARES)
		ask_to_prepare(first, question);
	else if (first->state == FORWARD_SETS)
		ask_to_set(first, question);
	else if (first->state == FORWARD_FINDS)
		ask_to_find(first, question);
	else
		ask_to_follow(first, question);
	forwards->asking = first;
	return true;
}

/* ---- beginning and end ---- */

void forwards_open(struct forwards *forwards, const char *node)
{
	memset(forwards, 0, sizeof(*forwards));
	forwards->node = node;
}

void forwards_take(struct forwards *forwards, const struct ask *ask, int64_t now)
{
	struct forward full = { .said.ticket = ask->ticket };
	struct forward *forward = forwards->all;

	while (forward < forwards->all + FORWARDS_MAX && forward->state != FORWARD_FREE)
		forward++;
	if (forward == forwards->all + FORWARDS_MAX) {
		conclude(&full, ANSWER_UNSENT, "too many requests are under way to the peer");
		return;
	}
	memset(forward, 0, sizeof(*forward));
	forward->ask = *ask;
	forward->said.ticket = ask->ticket;
	forward->deadline = now + SEND_TIME;
	TEXT_PUT(forward->trouble, "nobody could ask the peer in time");
	go_to(forward, FORWARD_PREPARES, now);
}

static void give_up(struct forward *forward)
{
	if (forward->state == FORWARD_FOLLOWS || forward->unsure || forward->fate == FATE_OBEYED)
		conclude(forward, ANSWER_LOST, forward->trouble);
	else if (forward->fate == FATE_DENIED)
		conclude(forward, ANSWER_REFUSED, forward->trouble);
	else
		conclude(forward, ANSWER_UNSENT, forward->trouble);
}

int64_t forwards_turn(struct forwards *forwards, int64_t now)
{
	int64_t next = 0;

	for (struct forward *forward = forwards->all; forward < forwards->all + FORWARDS_MAX;
	     forward++) {
		if (forward->state != FORWARD_FREE && now >= forward->deadline) {
			if (forwards->asking == forward)
				forwards->asking = NULL;
			give_up(forward);
		}
		if (forward->state != FORWARD_FREE && (!next || forward->deadline < next))
			next = forward->deadline;
	}
	return next;
}
