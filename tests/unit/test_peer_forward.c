/* Tests how a request is passed on to a peer that is played: obeyed, refused, lost on the way.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/peer/forward.h"

#include <string.h>
#include <unistd.h>

#include "lib/frame.h"
#include "lib/memory.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/report.h"
#include "subagent/sources/peer/client.h"
#include "subagent/sources/peer/question.h"
#include "tests/unit/check.h"

#define START 1000000
#define NO_ACCESS 6
#define INCONSISTENT_VALUE 12

/* ---- the peer ---- */

static struct {
	const char *node;
	int64_t lock, last_job;
	int64_t verb, state, reason, percent; /* of the last job */
	const char *message, *step;
	int64_t refused_reason;
	const char *refused_subject, *refused_message;
	unsigned int sets; /* that have come to it */
	bool groups;       /* it has some */
} peer;

static const char *group_of(const struct peer_name *name, unsigned int object)
{
	static char text[34];
	uint32_t base[MIB_OID_MAX];
	size_t length = mib_oid(object, base);

	assert_int_equal(name->length, length + 1 + name->number[length]);
	for (size_t i = 0; i < name->number[length]; i++)
		text[i] = (char)name->number[length + 1 + i];
	text[name->number[length]] = '\0';
	return text;
}

static bool is_of(const struct peer_name *name, unsigned int object)
{
	uint32_t base[MIB_OID_MAX];
	size_t length = mib_oid(object, base);

	return name->length > length && !memcmp(name->number, base, length * sizeof(*base));
}

static struct peer_cell number_cell(int64_t number)
{
	return (struct peer_cell){ .kind = CELL_NUMBER, .number = number };
}

static struct peer_cell text_cell(const char *text)
{
	return (struct peer_cell){ .kind = CELL_OCTETS,
				   .octets = (const uint8_t *)text,
				   .octets_length = strlen(text) };
}

static struct peer_cell cell_of(const struct peer_name *name)
{
	static const struct {
		unsigned int object;
		bool of_job;
		const int64_t *number;
		const char **text;
	} objects[] = {
		{ mib_haAgentNode, false, NULL, &peer.node },
		{ mib_haActionLock, false, &peer.lock, NULL },
		{ mib_haActionLastRefusedReason, false, &peer.refused_reason, NULL },
		{ mib_haActionLastRefusedSubject, false, NULL, &peer.refused_subject },
		{ mib_haActionLastRefusedMessage, false, NULL, &peer.refused_message },
		{ mib_haActionVerb, true, &peer.verb, NULL },
		{ mib_haActionState, true, &peer.state, NULL },
		{ mib_haActionReason, true, &peer.reason, NULL },
		{ mib_haActionPercent, true, &peer.percent, NULL },
		{ mib_haActionMessage, true, NULL, &peer.message },
		{ mib_haActionCurrentStepText, true, NULL, &peer.step },
	};
	struct peer_cell none = { .kind = CELL_NONE };

	if (is_of(name, mib_haActionGroupLastJob)) {
		assert_string_equal(group_of(name, mib_haActionGroupLastJob), "nfs");
		return peer.groups ? number_cell(peer.last_job) : none;
	}
	for (size_t i = 0; i < COUNT(objects); i++) {
		if (!is_of(name, objects[i].object))
			continue;
		if (name->number[name->length - 1] !=
		    (objects[i].of_job ? (uint32_t)peer.last_job : 0))
			return none;
		return objects[i].number ? number_cell(*objects[i].number) :
					   text_cell(*objects[i].text);
	}
	fail();
	return none;
}

/* ---- between the two ---- */

static struct forwards forwards;
static int hub;
static int64_t now;
static struct answer told;
static unsigned int told_count;
static struct peer_question question;

static int open_forwards(void **state)
{
	int pair[2];

	(void)state;
	frame_pair(pair);
	frame_nonblocking(pair[0]);
	hub = pair[0];
	report_open(pair[1]);
	now = START;
	memset(&peer, 0, sizeof(peer));
	peer.node = "n2";
	peer.lock = 7;
	peer.last_job = 41;
	peer.message = peer.step = peer.refused_subject = peer.refused_message = "";
	peer.verb = HaJobVerb_groupSwitchover;
	peer.groups = true;
	memset(&told, 0, sizeof(told));
	told_count = 0;
	forwards_open(&forwards, "n1");
	return 0;
}

static int close_forwards(void **state)
{
	(void)state;
	close(hub);
	return 0;
}

static void hear(void)
{
	struct frame frame;

	told_count = 0;
	while (frame_receive(hub, &frame, NULL) == FRAME_OK) {
		assert_int_equal(frame.head.type, FRAME_ANSWER);
		told = frame.body.answer;
		told_count++;
	}
}

static void request(uint32_t ticket)
{
	struct ask ask = { .ticket = ticket,
			   .verb = haActionGroupRequest_switchover,
			   .group = "nfs",
			   .expected = "n2" };

	forwards_take(&forwards, &ask, now);
}

/* Go to the next question, which is one of these. */
static void expect_question(enum peer_operation operation)
{
	int64_t due = forwards_due(&forwards);

	assert_true(due > 0);
	if (due > now)
		now = due;
	assert_true(forwards_ask(&forwards, &question, now));
	assert_int_equal(question.operation, operation);
}

static void give(enum peer_outcome outcome, long error_status, const struct peer_cell *cells,
		 size_t count)
{
	struct peer_answer answer = {
		.outcome = outcome, .error_status = error_status, .cells = cells, .count = count
	};

	if (outcome != PEER_ANSWERED || error_status)
		TEXT_PUT(answer.error, "10.77.0.2 complains");
	now += 5;
	forwards_answer(&forwards, &answer, now);
	hear();
}

static void read_well(void)
{
	struct peer_cell cells[QUESTION_NAMES_MAX];

	expect_question(PEER_GET);
	for (size_t i = 0; i < question.count; i++)
		cells[i] = cell_of(&question.names[i]);
	give(PEER_ANSWERED, 0, cells, question.count);
}

static void be_silent(enum peer_operation operation)
{
	expect_question(operation);
	give(PEER_SILENT, 0, NULL, 0);
}

/* The SET comes there: as with the lock of a real one, only if the lock is right. */
static bool take_set(void)
{
	const struct peer_name *lock = &question.names[0];

	peer.sets++;
	assert_true(is_of(lock, mib_haActionLock));
	if (lock->value != peer.lock) {
		peer.refused_reason = HaReason_noLock;
		peer.refused_subject = "nfs";
		return false;
	}
	peer.lock++;
	peer.last_job++;
	peer.state = HaJobState_running;
	return true;
}

static void refuse(int32_t reason, const char *message)
{
	expect_question(PEER_SET);
	peer.refused_reason = reason;
	peer.refused_subject = "nfs";
	peer.refused_message = message;
	give(PEER_ANSWERED, INCONSISTENT_VALUE, NULL, 0);
}

/* With or without an answer that arrives. */
static void obey(bool answered)
{
	bool obeyed;

	expect_question(PEER_SET);
	obeyed = take_set();
	if (answered)
		give(PEER_ANSWERED, obeyed ? 0 : INCONSISTENT_VALUE, NULL, 0);
	else
		give(PEER_SILENT, 0, NULL, 0);
}

static void check_last(enum answer_state state, const char *message)
{
	assert_int_equal(told_count, 1);
	assert_int_equal(told.state, state);
	assert_string_equal(told.message, message);
	assert_int_equal(forwards_due(&forwards), 0);
	assert_int_equal(forwards_turn(&forwards, now), 0);
}

/* ---- what goes well ---- */

TEST(a_request_carries_all_that_belongs_to_it)
{
	struct ask ask = { .ticket = 3,
			   .verb = haActionGroupRequest_maintenance,
			   .minutes = 20,
			   .group = "nfs",
			   .expected = "n2" };

	forwards_take(&forwards, &ask, now);
	read_well();
	expect_question(PEER_SET);
	assert_int_equal(question.count, 4);
	assert_true(is_of(&question.names[0], mib_haActionLock));
	assert_int_equal(question.names[0].syntax, MIB_INTEGER);
	assert_int_equal(question.names[0].value, 7);
	assert_string_equal(group_of(&question.names[1], mib_haActionGroupRequest), "nfs");
	assert_int_equal(question.names[1].syntax, MIB_INTEGER);
	assert_int_equal(question.names[1].value, haActionGroupRequest_maintenance);
	assert_string_equal(group_of(&question.names[2], mib_haActionGroupExpectedActive), "nfs");
	assert_int_equal(question.names[2].syntax, MIB_STRING);
	assert_string_equal(question.names[2].text, "n2");
	assert_string_equal(group_of(&question.names[3], mib_haActionGroupMinutes), "nfs");
	assert_int_equal(question.names[3].syntax, MIB_UNSIGNED);
	assert_int_equal(question.names[3].value, 20);
}

TEST(what_need_not_be_said_is_not_said)
{
	struct ask ask = { .verb = haActionGroupRequest_check, .group = "nfs" };

	forwards_take(&forwards, &ask, now);
	read_well();
	expect_question(PEER_SET);
	assert_int_equal(question.count, 2);
}

TEST(its_job_is_followed_to_the_end)
{
	request(5);
	read_well();
	obey(true);
	read_well();
	assert_int_equal(told_count, 0);
	peer.percent = 10;
	peer.step = "stop the service";
	read_well();
	assert_int_equal(told_count, 1);
	assert_int_equal(told.ticket, 5);
	assert_int_equal(told.state, ANSWER_FOLLOWED);
	assert_int_equal(told.job, 42);
	assert_int_equal(told.job_state, HaJobState_running);
	assert_int_equal(told.percent, 10);
	assert_string_equal(told.message, "stop the service");
	read_well();
	assert_int_equal(told_count, 0);
	peer.percent = 50;
	read_well();
	assert_int_equal(told_count, 1);
	peer.state = HaJobState_rolledBack;
	peer.reason = HaReason_timeout;
	peer.message = "n1 did not take over";
	read_well();
	check_last(ANSWER_ENDED, "n1 did not take over");
	assert_int_equal(told.job_state, HaJobState_rolledBack);
	assert_int_equal(told.reason, HaReason_timeout);
	assert_int_equal(peer.sets, 1);
}

TEST(what_needs_no_job_is_done_at_once)
{
	request(5);
	read_well();
	expect_question(PEER_SET);
	give(PEER_ANSWERED, 0, NULL, 0);
	read_well();
	check_last(ANSWER_ENDED, "the peer has done it without a job");
	assert_int_equal(told.job, 0);
	assert_int_equal(told.job_state, HaJobState_succeeded);
}

/* ---- what is refused ---- */

TEST(a_refusal_is_told_in_the_words_of_the_peer)
{
	request(5);
	read_well();
	refuse(HaReason_busy, "another job is running");
	read_well();
	check_last(ANSWER_REFUSED, "another job is running");
	assert_int_equal(told.error, INCONSISTENT_VALUE);
	assert_int_equal(told.reason, HaReason_busy);
	assert_int_equal(told.job, 0);
}

TEST(a_refusal_of_something_else_is_not_ours)
{
	request(5);
	read_well();
	refuse(HaReason_busy, "another job is running");
	peer.refused_subject = "other";
	read_well();
	check_last(ANSWER_REFUSED, "10.77.0.2 complains");
	assert_int_equal(told.error, INCONSISTENT_VALUE);
}

/* The job is not ours, be it new. */
TEST(what_was_refused_is_not_followed)
{
	request(5);
	read_well();
	refuse(HaReason_busy, "another job is running");
	peer.last_job++;
	read_well();
	check_last(ANSWER_REFUSED, "another job is running");
}

TEST(a_user_that_may_not_write_is_refused)
{
	request(5);
	read_well();
	expect_question(PEER_SET);
	give(PEER_REFUSED, NO_ACCESS, NULL, 0);
	read_well();
	check_last(ANSWER_REFUSED, "10.77.0.2 complains");
	assert_int_equal(told.error, NO_ACCESS);
}

TEST(somebody_else_may_have_been_faster)
{
	request(5);
	read_well();
	peer.lock++;
	obey(true);
	read_well();
	assert_int_equal(told_count, 0);
	read_well();
	obey(true);
	read_well();
	read_well();
	assert_int_equal(told.state, ANSWER_FOLLOWED);
	assert_int_equal(peer.sets, 2);
}

TEST(this_node_is_not_its_own_peer)
{
	peer.node = "n1";
	request(5);
	read_well();
	check_last(ANSWER_UNSENT, "the address of the peer leads to this node");
}

/* ---- what is lost ---- */

TEST(a_question_without_an_answer_is_asked_again)
{
	request(5);
	be_silent(PEER_GET);
	read_well();
	obey(true);
	be_silent(PEER_GET);
	read_well();
	be_silent(PEER_GET);
	read_well();
	assert_int_equal(told.state, ANSWER_FOLLOWED);
	assert_int_equal(peer.sets, 1);
}

TEST(a_request_whose_answer_is_lost_is_found)
{
	request(5);
	read_well();
	obey(false);
	read_well();
	read_well();
	assert_int_equal(told.state, ANSWER_FOLLOWED);
	assert_int_equal(told.job, 42);
	assert_int_equal(peer.sets, 1);
}

TEST(a_request_that_is_lost_is_sent_again)
{
	request(5);
	read_well();
	be_silent(PEER_SET);
	read_well();
	read_well();
	obey(true);
	read_well();
	read_well();
	assert_int_equal(told.state, ANSWER_FOLLOWED);
	assert_int_equal(peer.sets, 1);
}

/* The first one was only slow: it comes there before the second. */
TEST(a_request_that_comes_twice_is_obeyed_once)
{
	request(5);
	read_well();
	be_silent(PEER_SET);
	read_well();
	read_well();
	expect_question(PEER_SET);
	assert_true(take_set());
	assert_false(take_set());
	give(PEER_ANSWERED, INCONSISTENT_VALUE, NULL, 0);
	read_well();
	read_well();
	assert_int_equal(told.state, ANSWER_FOLLOWED);
	assert_int_equal(told.job, 42);
}

TEST(another_job_is_not_taken_for_ours)
{
	request(5);
	read_well();
	be_silent(PEER_SET);
	peer.last_job++;
	peer.verb = HaJobVerb_groupDemote;
	peer.state = HaJobState_running;
	read_well();
	read_well();
	check_last(ANSWER_LOST, "the peer does something else with the group now");
}

/* Until it is given up; `unanswered' are the operations that get no answer any more. */
static void wait_for_the_end(void)
{
	for (int i = 0; i < 200 && told_count == 0; i++) {
		int64_t due = forwards_due(&forwards);

		now = due > now ? due : now + 1;
		if (forwards_ask(&forwards, &question, now))
			give(PEER_SILENT, 0, NULL, 0);
		forwards_turn(&forwards, now);
		hear();
	}
}

TEST(a_peer_that_never_answers_has_not_got_it)
{
	request(5);
	wait_for_the_end();
	check_last(ANSWER_UNSENT, "10.77.0.2 complains");
	assert_in_range(now, START + 5000, START + 5200);
}

TEST(what_may_have_come_there_is_lost)
{
	request(5);
	read_well();
	be_silent(PEER_SET);
	wait_for_the_end();
	check_last(ANSWER_LOST, "10.77.0.2 complains");
}

TEST(a_job_that_is_not_heard_of_is_lost)
{
	int64_t heard;

	request(5);
	read_well();
	obey(true);
	read_well();
	read_well();
	heard = now;
	told_count = 0;
	wait_for_the_end();
	check_last(ANSWER_LOST, "10.77.0.2 complains");
	assert_int_equal(told.job, 42);
	assert_in_range(now, heard + 10000, heard + 10200);
}

/* Answer well, but for what is not there any more, until it is given up. */
static void read_to_the_end(void)
{
	for (int i = 0; i < 200 && told_count == 0; i++) {
		read_well();
		forwards_turn(&forwards, now);
		if (!told_count)
			hear();
	}
}

TEST(a_peer_without_the_group_is_not_asked_for_it)
{
	peer.groups = false;
	request(5);
	read_to_the_end();
	check_last(ANSWER_UNSENT,
		   "the peer's agent has no such group, or does not show it to the user");
	assert_in_range(now, START + 5000, START + 5200);
}

TEST(a_job_that_is_forgotten_is_lost)
{
	request(5);
	read_well();
	obey(true);
	read_well();
	peer.last_job++;
	read_to_the_end();
	check_last(ANSWER_LOST, "the peer's agent has the job no more");
}

TEST(a_peer_that_is_started_again_is_waited_for)
{
	request(5);
	peer.groups = false;
	read_well();
	peer.groups = true;
	read_well();
	obey(true);
	peer.groups = false;
	read_well();
	peer.groups = true;
	read_well();
	peer.last_job++;
	read_well();
	peer.last_job--;
	read_well();
	assert_int_equal(told_count, 1);
	assert_int_equal(told.state, ANSWER_FOLLOWED);
}

/* Nobody could ask: there are no passwords yet. */
TEST(without_a_question_it_is_given_up_too)
{
	request(5);
	assert_int_equal(forwards_turn(&forwards, now), START + 5000);
	now += 5000;
	forwards_turn(&forwards, now);
	hear();
	check_last(ANSWER_UNSENT, "nobody could ask the peer in time");
}

TEST(an_answer_to_what_was_given_up_is_passed_over)
{
	request(5);
	expect_question(PEER_GET);
	now += 5000;
	forwards_turn(&forwards, now);
	hear();
	assert_int_equal(told_count, 1);
	request(6);
	give(PEER_SILENT, 0, NULL, 0);
	assert_int_equal(told_count, 0);
	read_well();
	obey(true);
}

/* ---- several ---- */

TEST(several_are_passed_on_in_turn)
{
	request(5);
	now++;
	request(6);
	read_well();
	read_well();
	obey(true);
	/* The other one's lock is used up. */
	obey(true);
	assert_int_equal(peer.sets, 2);
	assert_int_equal(peer.last_job, 42);
}

TEST(there_are_not_too_many)
{
	for (uint32_t i = 0; i < FORWARDS_MAX; i++)
		request(i);
	hear();
	assert_int_equal(told_count, 0);
	request(99);
	hear();
	assert_int_equal(told_count, 1);
	assert_int_equal(told.ticket, 99);
	assert_int_equal(told.state, ANSWER_UNSENT);
	assert_string_equal(told.message, "too many requests are under way to the peer");
}

#define FORWARD_TEST(test) cmocka_unit_test_setup_teardown(test, open_forwards, close_forwards)

int main(void)
{
	const struct CMUnitTest tests[] = {
		FORWARD_TEST(a_request_carries_all_that_belongs_to_it),
		FORWARD_TEST(what_need_not_be_said_is_not_said),
		FORWARD_TEST(its_job_is_followed_to_the_end),
		FORWARD_TEST(what_needs_no_job_is_done_at_once),
		FORWARD_TEST(a_refusal_is_told_in_the_words_of_the_peer),
		FORWARD_TEST(a_refusal_of_something_else_is_not_ours),
		FORWARD_TEST(what_was_refused_is_not_followed),
		FORWARD_TEST(a_user_that_may_not_write_is_refused),
		FORWARD_TEST(somebody_else_may_have_been_faster),
		FORWARD_TEST(a_peer_without_the_group_is_not_asked_for_it),
		FORWARD_TEST(this_node_is_not_its_own_peer),
		FORWARD_TEST(a_question_without_an_answer_is_asked_again),
		FORWARD_TEST(a_request_whose_answer_is_lost_is_found),
		FORWARD_TEST(a_request_that_is_lost_is_sent_again),
		FORWARD_TEST(a_request_that_comes_twice_is_obeyed_once),
		FORWARD_TEST(another_job_is_not_taken_for_ours),
		FORWARD_TEST(a_peer_that_never_answers_has_not_got_it),
		FORWARD_TEST(what_may_have_come_there_is_lost),
		FORWARD_TEST(a_job_that_is_not_heard_of_is_lost),
		FORWARD_TEST(a_job_that_is_forgotten_is_lost),
		FORWARD_TEST(a_peer_that_is_started_again_is_waited_for),
		FORWARD_TEST(without_a_question_it_is_given_up_too),
		FORWARD_TEST(an_answer_to_what_was_given_up_is_passed_over),
		FORWARD_TEST(several_are_passed_on_in_turn),
		FORWARD_TEST(there_are_not_too_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
