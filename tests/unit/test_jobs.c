/* Tests requests and jobs: the phases of a SET, every state x event, every way a job can end.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/jobs.h"

#include <string.h>

#include "actions/drbd_role.h"
#include "lib/memory.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/requests/drbd.h"
#include "tests/unit/check.h"
#include "tests/unit/pair.h"
#include "tests/unit/world.h"

#define PRIMARY haActionDrbdRequest_primary
#define SECONDARY haActionDrbdRequest_secondary

static struct jobs jobs;
static struct pair pair;

/* ---- the executor ---- */

static struct {
	bool present;
	unsigned int orders, abandoned;
	struct step_order order; /* the last */
} executor;

static bool execute(void *argument, size_t slot, const struct step_order *order)
{
	assert_ptr_equal(argument, &executor);
	assert_int_equal(slot, JOB_SLOT_PLAIN);
	executor.orders += executor.present;
	executor.order = *order;
	return executor.present;
}

static void abandon(void *argument, size_t slot)
{
	assert_ptr_equal(argument, &executor);
	assert_int_equal(slot, JOB_SLOT_PLAIN);
	executor.abandoned++;
}

/* ---- the world ---- */

static void say_role(int32_t role)
{
	pair.resource.role = role;
	pair_say(&pair);
}

static void open_jobs(uint32_t last_job)
{
	memset(&executor, 0, sizeof(executor));
	executor.present = true;
	jobs_open(&jobs, &world.changes, &world.settings, last_job, &world.when);
	jobs.execute = execute;
	jobs.abandon = abandon;
	jobs.executor = &executor;
}

static void say_all(void)
{
	struct pair other = pair_healthy("r1");

	pair = pair_healthy("r0");
	pair_say(&pair);
	pair_say(&other);
	jobs_follow(&jobs, &world.when);
	jobs_facts(&jobs, &world.when);
}

static int make(void **state)
{
	world_make(state);
	open_jobs(100);
	say_all();
	return 0;
}

/* ---- what is sent ---- */

/* A SET of the next transaction with nothing in it yet. */
static struct set new_set(void)
{
	static uint32_t transaction;

	transaction++;
	return (struct set){ .transaction = transaction, .origin = haActionOrigin_snmp };
}

static void add_request(struct set *set, const char *resource, uint16_t object, int32_t value)
{
	struct set_change *change = &set->changes[set->count++];
	struct action_drbd_row key = { .head.state = 0 };

	TEXT_PUT(key.name, resource);
	change->object = object;
	change->number = value;
	change->index_length = (uint16_t)table_index(&action_drbd_table, &key, change->index);
}

static void add_lock(struct set *set, uint16_t object, int32_t value)
{
	set->changes[set->count++] = (struct set_change){
		.object = object,
		.index_length = 1,
		.number = value,
	};
}

/* A request for r0 with the lock that it needs. */
static struct set make_set(int32_t value, bool forced)
{
	struct set set = new_set();

	add_request(&set, "r0", forced ? mib_haForceDrbdRequest : mib_haActionDrbdRequest, value);
	if (forced)
		add_lock(&set, mib_haForceLock, jobs.force.lock);
	else
		add_lock(&set, mib_haActionLock, jobs.action.lock);
	return set;
}

static struct verdict run_phase(struct set *set, enum set_phase phase)
{
	struct verdict verdict;

	set->phase = (uint8_t)phase;
	jobs_set(&jobs, set, &verdict, &world.when);
	assert_int_equal(verdict.transaction, set->transaction);
	return verdict;
}

/* All phases of a SET that is accepted; returns the job's number. */
static uint32_t carry_out(struct set *set)
{
	struct verdict verdict = run_phase(set, SET_TEST);

	assert_string_equal(verdict.message, "");
	assert_int_equal(verdict.error, SET_NO_ERROR);
	verdict = run_phase(set, SET_RESERVE);
	assert_int_equal(verdict.error, SET_NO_ERROR);
	run_phase(set, SET_COMMIT);
	return verdict.job;
}

static uint32_t request(int32_t value, bool forced)
{
	struct set set = make_set(value, forced);

	return carry_out(&set);
}

/* ---- what happens to the job ---- */

static struct step_result make_result(int32_t reason)
{
	struct step_result result = {
		.job = jobs.job[JOB_SLOT_PLAIN].row.job,
		.step = executor.order.step,
		.reason = reason,
		.exit_status = 11,
		.message = "it says this",
		.kernel = "kernel: that",
	};

	return result;
}

static void answer(int32_t reason)
{
	struct step_result result = make_result(reason);

	jobs_result(&jobs, JOB_SLOT_PLAIN, &result, &world.when);
}

static void facts(void)
{
	jobs_follow(&jobs, &world.when);
	jobs_facts(&jobs, &world.when);
}

static void reach(int32_t role)
{
	say_role(role);
	facts();
}

static void pass(int64_t milliseconds)
{
	world_pass(milliseconds);
	jobs_tick(&jobs, &world.when);
}

/* ---- what is shown ---- */

static const struct job_row *shown_job(uint32_t number)
{
	struct job_row key = { .job = number };

	return board_row(&world.board, mib_haActionEntry, &key);
}

static const struct job_step_row *shown_step(uint32_t job, uint32_t number)
{
	struct job_step_row key = { .job = job, .number = number };

	return board_row(&world.board, mib_haActionStepEntry, &key);
}

static const struct action_drbd_row *shown_action(const char *resource)
{
	struct action_drbd_row key = { .head.state = 0 };

	TEXT_PUT(key.name, resource);
	return board_row(&world.board, mib_haActionDrbdEntry, &key);
}

static const struct force_drbd_row *shown_force(const char *resource)
{
	struct force_drbd_row key = { .head.state = 0 };

	TEXT_PUT(key.name, resource);
	return board_row(&world.board, mib_haForceDrbdEntry, &key);
}

static const struct action_row *shown_scalars(void)
{
	return board_rows(&world.board, mib_haAction)->entries[0]->row;
}

/* The job of this number is over. */
static void expect_end(uint32_t number, int32_t state, int32_t reason, const char *message)
{
	const struct job_row *job = shown_job(number);

	assert_non_null(job);
	assert_int_equal(job->state, state);
	assert_int_equal(job->reason, reason);
	assert_string_equal(job->message, message);
	assert_int_equal(job->ended.wall, world.when.wall);
	assert_int_equal(job->percent == 100, state == HaJobState_succeeded);
	assert_int_equal(jobs.job[JOB_SLOT_PLAIN].phase, JOB_IDLE);
	assert_int_equal(jobs_tick(&jobs, &world.when), 0);
	assert_int_equal(shown_scalars()->current_job, 0);
	assert_int_equal(shown_action("r0")->request, haActionDrbdRequest_none);
	assert_int_equal(shown_force("r0")->request, haForceDrbdRequest_none);
	assert_int_equal(shown_action("r0")->last_job, number);
	assert_int_equal(world_event(0)->notification, mib_haActionEnded);
	assert_int_equal(world_event(0)->new_state, state);
}

static void expect_step(uint32_t job, uint32_t number, int32_t state, int32_t reason)
{
	assert_non_null(shown_step(job, number));
	assert_int_equal(shown_step(job, number)->state, state);
	assert_int_equal(shown_step(job, number)->reason, reason);
}

/* Nothing has come of it: no job, no order, the locks as they were. */
static void expect_refusal(struct set *set, uint16_t error, uint16_t which, int32_t reason)
{
	static const enum set_phase phases[] = { SET_TEST, SET_RESERVE };
	struct jobs before = jobs;

	for (size_t i = 0; i < COUNT(phases); i++) {
		struct verdict verdict = run_phase(set, phases[i]);

		assert_int_equal(verdict.error, error);
		assert_int_equal(verdict.which, which);
		assert_int_equal(verdict.job, 0);
		assert_int_not_equal(verdict.message[0], '\0');
		assert_string_equal(verdict.message, shown_scalars()->refused_message);
		assert_int_equal(shown_scalars()->refused_reason, reason);
		assert_int_equal(shown_scalars()->refused.wall, world.when.wall);
		assert_int_equal(shown_scalars()->refusals, before.action.refusals + i + 1);
	}
	run_phase(set, SET_COMMIT);
	assert_int_equal(jobs.job[JOB_SLOT_PLAIN].phase, before.job[JOB_SLOT_PLAIN].phase);
	assert_int_equal(jobs.last_job, before.last_job);
	assert_int_equal(jobs.action.lock, before.action.lock);
	assert_int_equal(jobs.force.lock, before.force.lock);
	assert_int_equal(executor.orders, 0);
}

/* ---- a job that goes well ---- */

TEST(a_request_becomes_a_job_that_promotes_and_verifies)
{
	int32_t lock = jobs.action.lock, force = jobs.force.lock;
	uint32_t job = request(PRIMARY, false);
	const struct job_row *row = shown_job(job);

	assert_int_equal(job, 101);
	assert_int_equal(jobs.action.lock, lock + 1);
	assert_int_equal(jobs.force.lock, force);
	assert_int_equal(row->verb, HaJobVerb_drbdPrimary);
	assert_string_equal(row->subject, "r0");
	assert_int_equal(row->forced, TruthValue_false);
	assert_int_equal(row->origin, haActionOrigin_snmp);
	assert_int_equal(row->state, HaJobState_running);
	assert_int_equal(row->steps, 2);
	assert_int_equal(row->current_step, 1);
	assert_string_equal(row->step_text, "promote r0");
	assert_int_equal(row->exit_status, -1);
	assert_int_equal(shown_scalars()->current_job, job);
	assert_int_equal(shown_action("r0")->request, PRIMARY);
	assert_int_equal(shown_action("r1")->request, haActionDrbdRequest_none);
	assert_int_equal(world_event(0)->notification, mib_haActionStarted);
	expect_step(job, 1, HaJobState_running, HaReason_none);

	world_pass(250);
	answer(HaReason_none);
	assert_int_equal(shown_job(job)->state, HaJobState_verifying);
	assert_int_equal(shown_job(job)->percent, 50);
	assert_int_equal(shown_job(job)->current_step, 2);
	assert_int_equal(shown_job(job)->exit_status, 11);
	assert_string_equal(shown_job(job)->kernel, "kernel: that");
	expect_step(job, 1, HaJobState_succeeded, HaReason_none);
	assert_int_equal(shown_step(job, 1)->elapsed, 250);
	assert_string_equal(shown_step(job, 1)->message, "it says this");
	expect_step(job, 2, HaJobState_verifying, HaReason_none);

	world_pass(50);
	reach(HaDrbdRole_primary);
	expect_step(job, 2, HaJobState_succeeded, HaReason_none);
	expect_end(job, HaJobState_succeeded, HaReason_none, "r0 is Primary on this node");
	assert_int_equal(shown_job(job)->elapsed, 300);
	assert_int_equal(world_event(0)->severity, HaSeverity_info);
	assert_int_equal(shown_job(job)->head.changed, world.when.now);
}

TEST(the_order_says_what_to_do_by_number)
{
	struct step step = { .verb = STEP_DRBD_PRIMARY, .subject = 0 };
	uint32_t job = request(PRIMARY, false);

	assert_int_equal(executor.orders, 1);
	assert_int_equal(executor.order.job, job);
	assert_int_equal(executor.order.step, step_number(&step));
	assert_int_equal(executor.order.deadline, world.settings.drbd_deadline);
	assert_true(executor.order.digest == world.settings.digest);
}

TEST(each_request_has_its_own_step)
{
	static const struct {
		int32_t value, before;
		bool forced;
		enum step_verb verb;
	} requests[] = {
		{ PRIMARY, HaDrbdRole_secondary, false, STEP_DRBD_PRIMARY },
		{ PRIMARY, HaDrbdRole_secondary, true, STEP_DRBD_PRIMARY_ALONE },
		{ SECONDARY, HaDrbdRole_primary, false, STEP_DRBD_SECONDARY },
		{ SECONDARY, HaDrbdRole_primary, true, STEP_DRBD_SECONDARY },
	};

	for (size_t i = 0; i < COUNT(requests); i++) {
		int32_t lock = jobs.action.lock, force = jobs.force.lock;
		struct step step;
		uint32_t job;

		say_role(requests[i].before);
		job = request(requests[i].value, requests[i].forced);
		assert_true(step_decode(&world.settings, executor.order.step, executor.order.value,
					&step));
		assert_int_equal(step.verb, requests[i].verb);
		assert_int_equal(jobs.action.lock, lock + !requests[i].forced);
		assert_int_equal(jobs.force.lock, force + requests[i].forced);
		assert_int_equal(shown_job(job)->forced,
				 requests[i].forced ? TruthValue_true : TruthValue_false);
		assert_int_equal(shown_force("r0")->request,
				 requests[i].forced ? requests[i].value : haForceDrbdRequest_none);
		assert_int_equal(shown_action("r0")->request,
				 requests[i].forced ? haActionDrbdRequest_none : requests[i].value);
		say_role(requests[i].before == HaDrbdRole_primary ? HaDrbdRole_secondary :
								    HaDrbdRole_primary);
		answer(HaReason_nothingToDo);
		assert_int_equal(shown_job(job)->state, HaJobState_succeeded);
	}
}

TEST(facts_that_came_first_verify_at_once)
{
	uint32_t job = request(PRIMARY, false);

	reach(HaDrbdRole_primary);
	assert_int_equal(jobs.job[JOB_SLOT_PLAIN].phase, JOB_EXECUTING);
	answer(HaReason_none);
	expect_end(job, HaJobState_succeeded, HaReason_none, "r0 is Primary on this node");
}

TEST(a_role_that_is_there_already_is_a_success_without_a_step)
{
	uint32_t job = request(SECONDARY, false);

	expect_end(job, HaJobState_succeeded, HaReason_nothingToDo,
		   "r0 is Secondary on this node already");
	assert_int_equal(executor.orders, 0);
	assert_null(shown_step(job, 1));
}

/* ---- jobs that go wrong ---- */

TEST(a_step_that_fails_ends_the_job_with_its_reason)
{
	uint32_t job = request(PRIMARY, false);

	answer(HaReason_refusedByKernel);
	expect_step(job, 1, HaJobState_failed, HaReason_refusedByKernel);
	expect_end(job, HaJobState_failed, HaReason_refusedByKernel, "it says this");
	assert_int_equal(world_event(0)->severity, HaSeverity_major);
	assert_string_equal(shown_job(job)->kernel, "kernel: that");
}

TEST(a_message_without_its_nul_is_taken)
{
	struct step_result result;
	uint32_t job = request(PRIMARY, false);

	memset(&result, 'x', sizeof(result));
	result.job = job;
	result.reason = HaReason_toolFailed;
	jobs_result(&jobs, JOB_SLOT_PLAIN, &result, &world.when);
	assert_int_equal(strlen(shown_job(job)->message), sizeof(result.message) - 1);
	assert_int_equal(strlen(shown_job(job)->kernel), sizeof(result.kernel) - 1);
}

TEST(without_an_executor_nothing_is_done)
{
	uint32_t job;

	executor.present = false;
	job = request(PRIMARY, false);
	expect_step(job, 1, HaJobState_failed, HaReason_executorAbsent);
	expect_end(job, HaJobState_failed, HaReason_executorAbsent,
		   "the executor is not running; nothing was done");
}

TEST(a_lost_executor_may_have_reached_the_role)
{
	uint32_t job = request(PRIMARY, false);

	say_role(HaDrbdRole_primary);
	jobs_executor_lost(&jobs, JOB_SLOT_PLAIN, &world.when);
	expect_end(job, HaJobState_succeeded, HaReason_none, "r0 is Primary on this node");
}

TEST(a_lost_executor_may_turn_out_to_have_reached_it)
{
	uint32_t job = request(PRIMARY, false);

	jobs_executor_lost(&jobs, JOB_SLOT_PLAIN, &world.when);
	assert_int_equal(shown_job(job)->state, HaJobState_verifying);
	pass(PLAN_VERIFY_DEADLINE - 1);
	reach(HaDrbdRole_primary);
	expect_end(job, HaJobState_succeeded, HaReason_none, "r0 is Primary on this node");
}

TEST(a_lost_executor_that_did_not_reach_it_has_failed)
{
	uint32_t job = request(PRIMARY, false);

	jobs_executor_lost(&jobs, JOB_SLOT_PLAIN, &world.when);
	pass(PLAN_VERIFY_DEADLINE);
	expect_step(job, 1, HaJobState_failed, HaReason_executorFailed);
	expect_end(job, HaJobState_failed, HaReason_executorFailed,
		   "the executor ended during the step, and the role was not reached");
	assert_int_equal(executor.abandoned, 0);
}

TEST(a_late_executor_is_ended_and_the_facts_decide)
{
	uint32_t job = request(PRIMARY, false);

	pass(world.settings.drbd_deadline + DRBD_ROLE_GRACE - 1);
	assert_int_equal(executor.abandoned, 0);
	pass(1);
	assert_int_equal(executor.abandoned, 1);
	assert_int_equal(jobs.job[JOB_SLOT_PLAIN].phase, JOB_VERIFYING);
	jobs_executor_lost(&jobs, JOB_SLOT_PLAIN, &world.when);
	pass(PLAN_VERIFY_DEADLINE);
	expect_end(job, HaJobState_failed, HaReason_timeout,
		   "the executor did not answer in time, and the role was not reached");
	assert_int_equal(executor.abandoned, 1);
}

TEST(a_role_that_is_not_reached_fails_the_job)
{
	uint32_t job = request(PRIMARY, false);

	answer(HaReason_none);
	facts();
	pass(PLAN_VERIFY_DEADLINE - 1);
	assert_int_equal(jobs.job[JOB_SLOT_PLAIN].phase, JOB_VERIFYING);
	pass(1);
	expect_step(job, 2, HaJobState_failed, HaReason_roleNotReached);
	expect_end(job, HaJobState_failed, HaReason_roleNotReached,
		   "the tool succeeded, and yet DRBD does not report the role");
}

TEST(stale_facts_verify_nothing)
{
	uint32_t job = request(PRIMARY, false);

	say_role(HaDrbdRole_primary);
	board_hide(&world.board, &drbd_resource_table, HaRowState_stale);
	answer(HaReason_none);
	facts();
	pass(PLAN_VERIFY_DEADLINE);
	expect_end(
		job, HaJobState_failed, HaReason_factsStale,
		"the tool succeeded, but the source cannot tell the role; look at haSourceTable");
}

TEST(answers_that_belong_to_no_step_do_nothing)
{
	struct step_result other = make_result(HaReason_none);

	jobs_result(&jobs, JOB_SLOT_PLAIN, &other, &world.when);
	assert_int_equal(jobs.job[JOB_SLOT_PLAIN].phase, JOB_IDLE);
	request(PRIMARY, false);
	other.job = jobs.job[JOB_SLOT_PLAIN].row.job - 1;
	jobs_result(&jobs, JOB_SLOT_PLAIN, &other, &world.when);
	assert_int_equal(jobs.job[JOB_SLOT_PLAIN].phase, JOB_EXECUTING);
	answer(HaReason_none);
	answer(HaReason_toolFailed);
	assert_int_equal(jobs.job[JOB_SLOT_PLAIN].phase, JOB_VERIFYING);
}

/* ---- state x event ---- */

static struct set cell_set; /* that reserved the job of the cell */

static void bring_to(enum job_phase phase)
{
	cell_set = make_set(PRIMARY, false);
	if (phase >= JOB_RESERVED)
		assert_int_equal(run_phase(&cell_set, SET_RESERVE).error, SET_NO_ERROR);
	if (phase >= JOB_EXECUTING)
		run_phase(&cell_set, SET_COMMIT);
	if (phase >= JOB_VERIFYING)
		answer(HaReason_none);
	assert_int_equal(jobs.job[JOB_SLOT_PLAIN].phase, phase);
}

static void commit(void)
{
	run_phase(&cell_set, SET_COMMIT);
}
static void undo(void)
{
	run_phase(&cell_set, SET_UNDO);
}
static void lose_sender(void)
{
	jobs_sender_lost(&jobs, &world.when);
}
static void succeed(void)
{
	answer(HaReason_none);
}
static void fail_step(void)
{
	answer(HaReason_toolFailed);
}
static void lose_executor(void)
{
	jobs_executor_lost(&jobs, JOB_SLOT_PLAIN, &world.when);
}
static void reach_primary(void)
{
	reach(HaDrbdRole_primary);
}
static void wait_long(void)
{
	pass(60000);
}

TEST(every_phase_answers_every_event)
{
	static const struct {
		void (*event)(void);
		enum job_phase after[4]; /* by the phase before */
	} cells[] = {
		{ commit, { JOB_IDLE, JOB_EXECUTING, JOB_EXECUTING, JOB_VERIFYING } },
		{ undo, { JOB_IDLE, JOB_IDLE, JOB_EXECUTING, JOB_VERIFYING } },
		{ lose_sender, { JOB_IDLE, JOB_IDLE, JOB_EXECUTING, JOB_VERIFYING } },
		{ succeed, { JOB_IDLE, JOB_RESERVED, JOB_VERIFYING, JOB_VERIFYING } },
		{ fail_step, { JOB_IDLE, JOB_RESERVED, JOB_IDLE, JOB_VERIFYING } },
		{ lose_executor, { JOB_IDLE, JOB_RESERVED, JOB_VERIFYING, JOB_VERIFYING } },
		{ facts, { JOB_IDLE, JOB_RESERVED, JOB_EXECUTING, JOB_VERIFYING } },
		{ reach_primary, { JOB_IDLE, JOB_RESERVED, JOB_EXECUTING, JOB_IDLE } },
		{ wait_long, { JOB_IDLE, JOB_IDLE, JOB_VERIFYING, JOB_IDLE } },
	};

	static const enum job_phase phases[] = {
		JOB_IDLE,
		JOB_RESERVED,
		JOB_EXECUTING,
		JOB_VERIFYING,
	};

	for (size_t i = 0; i < COUNT(cells); i++)
		for (size_t k = 0; k < COUNT(phases); k++) {
			world_remove(NULL);
			make(NULL);
			bring_to(phases[k]);
			cells[i].event();
			if (jobs.job[JOB_SLOT_PLAIN].phase != cells[i].after[k])
				fail_msg("event %zu in phase %d leads to %d", i, (int)phases[k],
					 (int)jobs.job[JOB_SLOT_PLAIN].phase);
		}
}

/* ---- the phases of a SET ---- */

TEST(a_test_reserves_nothing)
{
	struct set set = make_set(PRIMARY, false);

	assert_int_equal(run_phase(&set, SET_TEST).error, SET_NO_ERROR);
	assert_int_equal(jobs.job[JOB_SLOT_PLAIN].phase, JOB_IDLE);
	run_phase(&set, SET_COMMIT);
	assert_int_equal(jobs.job[JOB_SLOT_PLAIN].phase, JOB_IDLE);
	assert_int_equal(world_count(mib_haActionEntry), 0);
}

TEST(a_reservation_shows_nothing_until_it_is_committed)
{
	struct set set = make_set(PRIMARY, false);
	int32_t lock = jobs.action.lock;

	assert_int_equal(run_phase(&set, SET_RESERVE).job, 101);
	facts();
	assert_int_equal(world_count(mib_haActionEntry), 0);
	assert_int_equal(shown_scalars()->current_job, 0);
	assert_int_equal(shown_action("r0")->request, haActionDrbdRequest_none);
	assert_int_equal(jobs.action.lock, lock);
}

TEST(an_undone_reservation_leaves_nothing)
{
	struct set set = make_set(PRIMARY, false);
	int32_t lock = jobs.action.lock;

	run_phase(&set, SET_RESERVE);
	run_phase(&set, SET_UNDO);
	assert_int_equal(jobs.action.lock, lock);
	assert_int_equal(world.changes.events.newest, 0);
	assert_int_equal(request(PRIMARY, false), 101);
}

TEST(a_reservation_expires)
{
	struct set set = make_set(PRIMARY, false);

	run_phase(&set, SET_RESERVE);
	pass(JOB_RESERVATION - 1);
	assert_int_equal(jobs.job[JOB_SLOT_PLAIN].phase, JOB_RESERVED);
	pass(1);
	assert_int_equal(jobs.job[JOB_SLOT_PLAIN].phase, JOB_IDLE);
	run_phase(&set, SET_COMMIT);
	assert_int_equal(jobs.job[JOB_SLOT_PLAIN].phase, JOB_IDLE);
	assert_int_equal(executor.orders, 0);
}

TEST(only_the_transaction_that_reserved_can_commit_or_undo)
{
	struct set ours = make_set(PRIMARY, false), other = make_set(PRIMARY, false);

	run_phase(&ours, SET_RESERVE);
	run_phase(&other, SET_COMMIT);
	run_phase(&other, SET_UNDO);
	assert_int_equal(jobs.job[JOB_SLOT_PLAIN].phase, JOB_RESERVED);
	run_phase(&ours, SET_COMMIT);
	assert_int_equal(jobs.job[JOB_SLOT_PLAIN].phase, JOB_EXECUTING);
}

TEST(the_world_is_judged_again_at_the_commit)
{
	struct set set = make_set(PRIMARY, false);
	uint32_t job = run_phase(&set, SET_RESERVE).job;

	pair.peer.role = HaDrbdRole_primary;
	pair_say(&pair);
	run_phase(&set, SET_COMMIT);
	expect_end(job, HaJobState_failed, HaReason_peerPrimary,
		   "r0 is Primary on n2: make it Secondary there first");
	assert_int_equal(executor.orders, 0);
}

/* ---- what is refused ---- */

TEST(a_wrong_or_missing_lock_is_refused)
{
	struct set wrong = new_set(), missing = new_set(), others = new_set();

	add_lock(&wrong, mib_haActionLock, jobs.action.lock + 1);
	add_request(&wrong, "r0", mib_haActionDrbdRequest, PRIMARY);
	expect_refusal(&wrong, SET_INCONSISTENT_VALUE, 0, HaReason_noLock);
	add_request(&missing, "r0", mib_haActionDrbdRequest, PRIMARY);
	expect_refusal(&missing, SET_INCONSISTENT_VALUE, 0, HaReason_noLock);
	add_request(&others, "r0", mib_haActionDrbdRequest, PRIMARY);
	add_lock(&others, mib_haForceLock, jobs.force.lock);
	expect_refusal(&others, SET_INCONSISTENT_VALUE, 0, HaReason_noLock);
}

TEST(a_forced_request_needs_the_lock_of_its_own_subtree)
{
	struct set set = new_set();

	add_request(&set, "r0", mib_haForceDrbdRequest, PRIMARY);
	add_lock(&set, mib_haActionLock, jobs.action.lock);
	expect_refusal(&set, SET_INCONSISTENT_VALUE, 0, HaReason_noLock);
}

TEST(a_lock_beside_the_needed_one_must_fit_too_and_counts)
{
	struct set wrong = make_set(PRIMARY, false), right = make_set(PRIMARY, false);
	int32_t force = jobs.force.lock;

	add_lock(&wrong, mib_haForceLock, force + 1);
	expect_refusal(&wrong, SET_INCONSISTENT_VALUE, 2, HaReason_noLock);
	add_lock(&right, mib_haForceLock, force);
	carry_out(&right);
	assert_int_equal(jobs.force.lock, force + 1);
}

TEST(a_value_that_asks_for_nothing_is_wrong)
{
	static const int32_t values[] = { haActionDrbdRequest_none, 0, 4, -1 };

	for (size_t i = 0; i < COUNT(values); i++) {
		struct set set = make_set(values[i], i % 2);

		expect_refusal(&set, SET_WRONG_VALUE, 0, HaReason_badValue);
	}
}

TEST(what_is_neither_a_request_nor_a_lock_is_not_writable)
{
	struct set set = make_set(PRIMARY, false);

	add_lock(&set, mib_haAgentNode, 1);
	assert_int_equal(run_phase(&set, SET_RESERVE).error, SET_NOT_WRITABLE);
	assert_int_equal(run_phase(&set, SET_RESERVE).which, 2);
	assert_int_equal(jobs.job[JOB_SLOT_PLAIN].phase, JOB_IDLE);
}

TEST(a_resource_that_is_not_switchable_is_refused)
{
	static const char *const names[] = { "r1", "r2", "" };

	for (size_t i = 0; i < COUNT(names); i++) {
		struct set set = new_set();

		add_lock(&set, mib_haActionLock, jobs.action.lock);
		add_request(&set, names[i], mib_haActionDrbdRequest, PRIMARY);
		expect_refusal(&set, SET_INCONSISTENT_VALUE, 1, HaReason_notAllowed);
		assert_string_equal(shown_scalars()->refused_subject, names[i]);
	}
}

TEST(an_index_that_is_none_is_refused)
{
	struct set set = make_set(PRIMARY, false);

	set.changes[0].index_length = UINT16_MAX;
	expect_refusal(&set, SET_INCONSISTENT_VALUE, 0, HaReason_notAllowed);
	set.changes[0].index_length = 2;
	expect_refusal(&set, SET_INCONSISTENT_VALUE, 0, HaReason_notAllowed);
}

TEST(a_configuration_without_actions_allows_none)
{
	struct set set = make_set(PRIMARY, true);

	world.resources[0].switchable = false;
	expect_refusal(&set, SET_INCONSISTENT_VALUE, 0, HaReason_actionsDisabled);
}

TEST(the_guard_refuses_with_its_reason)
{
	struct set set = make_set(PRIMARY, false);

	pair.volume[0].disk = HaDrbdDisk_inconsistent;
	pair_say(&pair);
	expect_refusal(&set, SET_INCONSISTENT_VALUE, 0, HaReason_notUpToDate);
	assert_string_equal(shown_scalars()->refused_subject, "r0");
	assert_int_equal(shown_scalars()->refused_verb, HaJobVerb_drbdPrimary);
}

TEST(only_one_job_at_a_time)
{
	struct set set;

	bring_to(JOB_RESERVED);
	set = make_set(PRIMARY, true);
	expect_refusal(&set, SET_RESOURCE_UNAVAILABLE, 0, HaReason_busy);
	run_phase(&cell_set, SET_COMMIT);
	executor.orders = 0;
	set = make_set(SECONDARY, false);
	expect_refusal(&set, SET_RESOURCE_UNAVAILABLE, 0, HaReason_busy);
	answer(HaReason_none);
	expect_refusal(&set, SET_RESOURCE_UNAVAILABLE, 0, HaReason_busy);
}

TEST(two_requests_in_one_set_are_refused)
{
	struct set set = make_set(PRIMARY, false);

	add_request(&set, "r0", mib_haForceDrbdRequest, SECONDARY);
	expect_refusal(&set, SET_RESOURCE_UNAVAILABLE, 2, HaReason_busy);
}

TEST(a_set_that_is_sent_twice_is_obeyed_once)
{
	struct set set = make_set(PRIMARY, false), again = set;
	uint32_t job = carry_out(&set);

	executor.orders = 0;
	again.transaction = new_set().transaction;
	expect_refusal(&again, SET_INCONSISTENT_VALUE, 1, HaReason_noLock);
	reach(HaDrbdRole_primary);
	answer(HaReason_none);
	assert_int_equal(shown_job(job)->state, HaJobState_succeeded);
	say_role(HaDrbdRole_secondary);
	expect_refusal(&again, SET_INCONSISTENT_VALUE, 1, HaReason_noLock);
	assert_int_equal(jobs.last_job, job);
}

/* ---- locks ---- */

TEST(a_lock_alone_counts_up)
{
	struct set set = new_set();
	int32_t lock = jobs.action.lock;

	add_lock(&set, mib_haActionLock, lock);
	assert_int_equal(run_phase(&set, SET_TEST).error, SET_NO_ERROR);
	assert_int_equal(jobs.action.lock, lock);
	assert_int_equal(run_phase(&set, SET_RESERVE).error, SET_NO_ERROR);
	run_phase(&set, SET_COMMIT);
	assert_int_equal(jobs.action.lock, lock + 1);
	assert_int_equal(shown_scalars()->lock, lock + 1);
	assert_int_equal(run_phase(&set, SET_RESERVE).error, SET_INCONSISTENT_VALUE);
	assert_int_equal(jobs.action.lock, lock + 1);
}

TEST(locks_wrap_at_their_largest_value)
{
	jobs.action.lock = INT32_MAX;
	request(SECONDARY, false);
	assert_int_equal(jobs.action.lock, 0);
	jobs.force.lock = INT32_MAX;
	request(SECONDARY, true);
	assert_int_equal(jobs.force.lock, 0);
}

TEST(locks_differ_after_a_restart)
{
	int32_t action = jobs.action.lock, force = jobs.force.lock;

	world_pass(1000);
	open_jobs(100);
	assert_int_not_equal(jobs.action.lock, action);
	assert_int_not_equal(jobs.force.lock, force);
	assert_int_not_equal(jobs.action.lock, jobs.force.lock);
	world.when.wall = INT64_C(1) << 45;
	open_jobs(100);
	assert_true(jobs.action.lock >= 0 && jobs.force.lock >= 0);
}

/* ---- rows ---- */

TEST(every_resource_has_its_request_rows)
{
	assert_int_equal(world_count(mib_haActionDrbdEntry), 2);
	assert_int_equal(world_count(mib_haForceDrbdEntry), 2);
	assert_int_equal(shown_action("r0")->allowed, TruthValue_true);
	assert_int_equal(shown_action("r1")->allowed, TruthValue_false);
	changes_remove(&world.changes, &drbd_resource_table, &pair.resource, &world.when);
	facts();
	assert_null(shown_action("r0"));
	assert_null(shown_force("r0"));
	assert_non_null(shown_action("r1"));
}

TEST(the_newest_jobs_are_kept)
{
	uint32_t first = 0, last = 0;

	open_jobs(0);
	for (int i = 0; i < JOBS_KEPT + 10; i++) {
		last = request(PRIMARY, false);
		first = first ? first : last;
		answer(HaReason_toolFailed);
	}
	assert_int_equal(first, 1);
	assert_int_equal(last, JOBS_KEPT + 10);
	assert_int_equal(world_count(mib_haActionEntry), JOBS_KEPT);
	assert_int_equal(world_count(mib_haActionStepEntry), JOBS_KEPT);
	assert_null(shown_job(last - JOBS_KEPT));
	assert_null(shown_step(last - JOBS_KEPT, 1));
	assert_non_null(shown_job(last - JOBS_KEPT + 1));
	assert_non_null(shown_step(last - JOBS_KEPT + 1, 1));
}

/* ---- an earlier life ---- */

static struct job_row kept; /* as it was last written down */

static void keep(void *keeper, const struct job_row *row)
{
	assert_ptr_equal(keeper, &kept);
	kept = *row;
}

/* The agent ends while the job is in this phase, and starts again a minute later. */
static void live_on(enum job_phase phase, void (*event)(void))
{
	jobs.keep = keep;
	jobs.keeper = &kept;
	bring_to(phase);
	if (event)
		event();
	world_remove(NULL);
	world_make(NULL);
	open_jobs(0);
	world_pass(60000);
	jobs_remember(&jobs, &kept, &world.when);
	say_all();
}

TEST(a_job_that_had_ended_is_remembered_as_it_was)
{
	live_on(JOB_EXECUTING, fail_step);
	assert_int_equal(shown_job(101)->state, HaJobState_failed);
	assert_int_equal(shown_job(101)->reason, HaReason_toolFailed);
	assert_int_equal(shown_job(101)->ended.wall, WORLD_WALL);
	assert_int_equal(shown_action("r0")->last_job, 101);
	assert_int_equal(world.changes.events.newest, 0);
	assert_int_equal(request(PRIMARY, false), 102);
}

TEST(a_job_that_had_not_ended_was_interrupted)
{
	live_on(JOB_VERIFYING, NULL);
	expect_end(101, HaJobState_failed, HaReason_interrupted,
		   "the agent ended during this job; look at the role");
	assert_int_equal(world.changes.events.newest, 1);
	assert_int_equal(request(PRIMARY, false), 102);
}

#define JOBS_TEST(sentence) cmocka_unit_test_setup_teardown(sentence, make, world_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		JOBS_TEST(a_request_becomes_a_job_that_promotes_and_verifies),
		JOBS_TEST(the_order_says_what_to_do_by_number),
		JOBS_TEST(each_request_has_its_own_step),
		JOBS_TEST(facts_that_came_first_verify_at_once),
		JOBS_TEST(a_role_that_is_there_already_is_a_success_without_a_step),
		JOBS_TEST(a_step_that_fails_ends_the_job_with_its_reason),
		JOBS_TEST(a_message_without_its_nul_is_taken),
		JOBS_TEST(without_an_executor_nothing_is_done),
		JOBS_TEST(a_lost_executor_may_have_reached_the_role),
		JOBS_TEST(a_lost_executor_may_turn_out_to_have_reached_it),
		JOBS_TEST(a_lost_executor_that_did_not_reach_it_has_failed),
		JOBS_TEST(a_late_executor_is_ended_and_the_facts_decide),
		JOBS_TEST(a_role_that_is_not_reached_fails_the_job),
		JOBS_TEST(stale_facts_verify_nothing),
		JOBS_TEST(answers_that_belong_to_no_step_do_nothing),
		JOBS_TEST(every_phase_answers_every_event),
		JOBS_TEST(a_test_reserves_nothing),
		JOBS_TEST(a_reservation_shows_nothing_until_it_is_committed),
		JOBS_TEST(an_undone_reservation_leaves_nothing),
		JOBS_TEST(a_reservation_expires),
		JOBS_TEST(only_the_transaction_that_reserved_can_commit_or_undo),
		JOBS_TEST(the_world_is_judged_again_at_the_commit),
		JOBS_TEST(a_wrong_or_missing_lock_is_refused),
		JOBS_TEST(a_forced_request_needs_the_lock_of_its_own_subtree),
		JOBS_TEST(a_lock_beside_the_needed_one_must_fit_too_and_counts),
		JOBS_TEST(a_value_that_asks_for_nothing_is_wrong),
		JOBS_TEST(what_is_neither_a_request_nor_a_lock_is_not_writable),
		JOBS_TEST(a_resource_that_is_not_switchable_is_refused),
		JOBS_TEST(an_index_that_is_none_is_refused),
		JOBS_TEST(a_configuration_without_actions_allows_none),
		JOBS_TEST(the_guard_refuses_with_its_reason),
		JOBS_TEST(only_one_job_at_a_time),
		JOBS_TEST(two_requests_in_one_set_are_refused),
		JOBS_TEST(a_set_that_is_sent_twice_is_obeyed_once),
		JOBS_TEST(a_lock_alone_counts_up),
		JOBS_TEST(locks_wrap_at_their_largest_value),
		JOBS_TEST(locks_differ_after_a_restart),
		JOBS_TEST(every_resource_has_its_request_rows),
		JOBS_TEST(the_newest_jobs_are_kept),
		JOBS_TEST(a_job_that_had_ended_is_remembered_as_it_was),
		JOBS_TEST(a_job_that_had_not_ended_was_interrupted),
	};

	return cmocka_run_group_tests_name("jobs", tests, NULL, NULL);
}
