/* Tests requests to hold and release a VRRP instance: what is refused, what becomes of the others,
 * and how a hold that nobody takes over is taken back.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/requests/vrrp.h"

#include <string.h>

#include "actions/plan.h"
#include "lib/memory.h"
#include "mib/ha-agentx-mib.h"
#include "tests/unit/check.h"
#include "tests/unit/jobs_world.h"

#define HOLD haActionVrrpRequest_hold
#define RELEASE haActionVrrpRequest_release

/* Three adverts of a second, the skew time, and a margin. */
#define TAKEOVER 6000

static struct set make_set(int32_t value, bool forced)
{
	struct action_vrrp_row key = { .name = "VI_1" };

	if (!forced)
		return jobs_world_set(mib_haActionVrrpRequest, &key, value, "");
	/* The tables have the same index. */
	return jobs_world_set(mib_haForceVrrpRequest, &key, value, "");
}

static struct set make_timed(uint32_t seconds, bool forced)
{
	struct set set = make_set(HOLD, forced);

	jobs_world_add_seconds(&set, mib_haActionVrrpSeconds, seconds);
	return set;
}

/* What keepalived makes of the file. */
static void enter(bool held, int32_t state)
{
	hub.instance.held = held ? HaAnswer_yes : HaAnswer_no;
	hub.instance.vrrp_state = state;
	jobs_world_say();
}

/* The other node begins to advertise, or ceases. */
static void take_over(bool taken)
{
	hub.router.router_state = taken ? haVrrpRouterState_advertising : haVrrpRouterState_silent;
	jobs_world_say();
}

static uint32_t hold(uint32_t seconds)
{
	struct set set = make_timed(seconds, false);
	uint32_t job = jobs_world_obey(&set);

	jobs_world_answer(HaReason_none);
	enter(true, HaVrrpState_fault);
	take_over(true);
	return job;
}

static void expect_refusal(int32_t value, int32_t reason, const char *message)
{
	struct set set;

	jobs_world_say();
	set = make_set(value, false);
	jobs_world_refuse(&set, SET_INCONSISTENT_VALUE, 0, reason);
	assert_string_equal(hub.jobs.action.refused_message, message);
	assert_string_equal(hub.jobs.action.refused_subject, "VI_1");
	assert_int_equal(hub.orders, 0);
}

/* ---- jobs that go well ---- */

TEST(a_hold_gives_the_address_to_the_other_node)
{
	struct set set = make_set(HOLD, false);
	uint32_t job = jobs_world_obey(&set);

	assert_int_equal(hub.step.verb, STEP_VRRP_HOLD);
	assert_int_equal(hub.step.subject, 1);
	assert_int_equal(hub.step.value, 0);
	assert_int_equal(jobs_world_instance("VI_1").request, HOLD);
	jobs_world_answer(HaReason_none);
	enter(true, HaVrrpState_fault);
	assert_int_equal(hub.jobs.job[JOB_SLOT_PLAIN].phase, JOB_VERIFYING);
	take_over(true);
	jobs_world_expect(job, HaJobState_succeeded, HaReason_none,
			  "VI_1 is held, and another node has taken over");
	assert_int_equal(jobs_world_job(job)->steps, 2);
	assert_int_equal(jobs_world_instance("VI_1").request, haActionVrrpRequest_none);
	assert_int_equal(hub.jobs.promises.count, 1);
	assert_int_equal(hub.jobs.promises.entries[0].promise.proof, 0);
}

TEST(a_hold_of_a_backup_needs_nobody_to_take_over)
{
	struct set set;
	uint32_t job;

	enter(false, HaVrrpState_backup);
	set = make_set(HOLD, false);
	job = jobs_world_obey(&set);
	jobs_world_answer(HaReason_none);
	enter(true, HaVrrpState_fault);
	jobs_world_expect(job, HaJobState_succeeded, HaReason_none, "VI_1 is held");
}

TEST(a_release_lets_it_take_part_again)
{
	struct set set;
	uint32_t job;

	hold(0);
	set = make_set(RELEASE, false);
	job = jobs_world_obey(&set);
	assert_int_equal(hub.step.verb, STEP_VRRP_RELEASE);
	jobs_world_answer(HaReason_none);
	enter(false, HaVrrpState_fault);
	assert_int_equal(hub.jobs.job[JOB_SLOT_PLAIN].phase, JOB_VERIFYING);
	enter(false, HaVrrpState_backup);
	jobs_world_expect(job, HaJobState_succeeded, HaReason_none, "VI_1 takes part again");
	assert_int_equal(hub.jobs.promises.count, 0);
}

TEST(a_hold_with_seconds_ends_by_itself)
{
	uint32_t job = hold(600);

	assert_int_equal(hub.step.value, JOBS_WALL / 1000 + 600);
	jobs_world_expect(job, HaJobState_succeeded, HaReason_none,
			  "VI_1 is held for 600 s, and another node has taken over");
	assert_int_equal(jobs_world_instance("VI_1").seconds, 600);
	jobs_world_pass(599999);
	assert_int_equal(jobs_world_instance("VI_1").seconds, 1);
	assert_int_equal(hub.orders, 1);
	jobs_world_pass(1);
	assert_int_equal(hub.orders, 2);
	assert_int_equal(hub.step.verb, STEP_VRRP_RELEASE);
	assert_int_equal(jobs_world_job(job + 1)->origin, haActionOrigin_deadline);
	jobs_world_answer(HaReason_none);
	enter(false, HaVrrpState_backup);
	jobs_world_expect(job + 1, HaJobState_succeeded, HaReason_none, "VI_1 takes part again");
	assert_int_equal(jobs_world_instance("VI_1").seconds, 0);
}

TEST(a_second_hold_changes_the_end)
{
	struct set set;
	uint32_t job;

	hold(600);
	hub.instance.hold_ends.wall = JOBS_WALL + 600000;
	jobs_world_say();
	set = make_timed(60, false);
	job = jobs_world_obey(&set);
	assert_int_equal(hub.step.value, JOBS_WALL / 1000 + 60);
	hub.instance.hold_ends.wall = JOBS_WALL + 60000;
	jobs_world_say();
	jobs_world_answer(HaReason_none);
	jobs_world_expect(job, HaJobState_succeeded, HaReason_none, "VI_1 is held for 60 s");
	assert_int_equal(jobs_world_instance("VI_1").seconds, 60);
	set = make_timed(30, false);
	jobs_world_obey(&set);
	jobs_world_answer(HaReason_refusedByKernel);
	assert_int_equal(jobs_world_instance("VI_1").seconds, 60);
}

TEST(what_is_so_already_needs_no_step)
{
	struct set set = make_set(RELEASE, false);

	jobs_world_expect(jobs_world_obey(&set), HaJobState_succeeded, HaReason_nothingToDo,
			  "VI_1 is not held");
	enter(true, HaVrrpState_fault);
	set = make_set(HOLD, false);
	jobs_world_expect(jobs_world_obey(&set), HaJobState_succeeded, HaReason_nothingToDo,
			  "VI_1 is held already");
	assert_int_equal(hub.orders, 0);
}

TEST(a_forced_hold_does_without_a_peer_and_is_not_taken_back)
{
	struct set set;
	uint32_t job;

	hub.peer.healthy = HaAnswer_no;
	jobs_world_say();
	set = make_timed(600, true);
	job = jobs_world_obey(&set);
	assert_int_equal(jobs_world_job(job)->forced, TruthValue_true);
	assert_int_equal(jobs_world_instance("VI_1").request, haActionVrrpRequest_none);
	jobs_world_answer(HaReason_none);
	enter(true, HaVrrpState_fault);
	jobs_world_expect(job, HaJobState_succeeded, HaReason_none, "VI_1 is held for 600 s");
	jobs_world_pass(60000);
	assert_int_equal(hub.orders, 1);
	assert_int_equal(jobs_world_instance("VI_1").seconds, 540);
	set = make_set(RELEASE, true);
	job = jobs_world_obey(&set);
	jobs_world_answer(HaReason_none);
	enter(false, HaVrrpState_master);
	jobs_world_expect(job, HaJobState_succeeded, HaReason_none, "VI_1 takes part again");
}

TEST(a_forced_hold_without_effect_fails)
{
	struct set set = make_set(HOLD, true);
	uint32_t job = jobs_world_obey(&set);

	jobs_world_answer(HaReason_none);
	jobs_world_pass(TAKEOVER);
	jobs_world_expect(job, HaJobState_failed, HaReason_roleNotReached,
			  "the hold file is written, and yet keepalived does not give VI_1 away");
	assert_int_equal(hub.orders, 1);
	assert_int_equal(hub.jobs.promises.count, 0);
}

/* ---- taken back ---- */

TEST(a_hold_that_nobody_takes_over_is_taken_back)
{
	struct set set = make_timed(600, false);
	uint32_t job = jobs_world_obey(&set);

	jobs_world_answer(HaReason_none);
	enter(true, HaVrrpState_fault);
	jobs_world_pass(TAKEOVER - 1);
	assert_int_equal(hub.orders, 1);
	jobs_world_pass(1);
	assert_int_equal(hub.orders, 2);
	assert_int_equal(hub.step.verb, STEP_VRRP_RELEASE);
	assert_int_equal(hub.jobs.job[JOB_SLOT_PLAIN].phase, JOB_ROLLING_BACK);
	assert_int_equal(jobs_world_job(job)->state, HaJobState_rollingBack);
	assert_int_equal(jobs_world_job(job)->steps, 4);
	assert_int_equal(jobs_world_job(job)->current_step, 3);
	assert_int_equal(jobs_world_step(job, 2)->state, HaJobState_failed);
	assert_int_equal(jobs_world_step(job, 2)->reason, HaReason_notTakenOver);
	jobs_world_answer(HaReason_none);
	assert_int_equal(hub.jobs.job[JOB_SLOT_PLAIN].phase, JOB_VERIFYING_BACK);
	assert_int_equal(jobs_world_job(job)->state, HaJobState_rollingBack);
	enter(false, HaVrrpState_master);
	jobs_world_expect(job, HaJobState_rolledBack, HaReason_notTakenOver,
			  "no other node has taken over VI_1; taken back");
	assert_int_equal(jobs_world_job(job)->verb, HaJobVerb_vrrpHold);
	assert_int_equal(jobs_world_step(job, 4)->state, HaJobState_succeeded);
	assert_int_equal(hub.jobs.promises.count, 0);
	assert_int_equal(jobs_world_instance("VI_1").seconds, 0);
	assert_int_equal(jobs_world_instance("VI_1").last_job, job);
}

/* A job that is being taken back, in this phase. */
static uint32_t bring_to(enum job_phase phase)
{
	struct set set = make_set(HOLD, false);
	uint32_t job = jobs_world_obey(&set);

	jobs_world_answer(HaReason_none);
	enter(true, HaVrrpState_fault);
	jobs_world_pass(TAKEOVER);
	if (phase == JOB_VERIFYING_BACK)
		jobs_world_answer(HaReason_none);
	assert_int_equal(hub.jobs.job[JOB_SLOT_PLAIN].phase, phase);
	return job;
}

static void commit(void)
{
	struct set set = { .transaction = hub.jobs.job[JOB_SLOT_PLAIN].transaction,
			   .phase = SET_COMMIT };
	struct verdict verdict;

	jobs_set(&hub.jobs, &set, &verdict, &hub.when);
}
static void lose_sender(void)
{
	jobs_sender_lost(&hub.jobs, &hub.when);
}
static void succeed(void)
{
	jobs_world_answer(HaReason_none);
}
static void fail_step(void)
{
	jobs_world_answer(HaReason_toolFailed);
}
static void lose_executor(void)
{
	jobs_executor_lost(&hub.jobs, JOB_SLOT_PLAIN, &hub.when);
}
static void see_nothing_new(void)
{
	jobs_world_say();
}
static void see_it_back(void)
{
	enter(false, HaVrrpState_master);
}
static void wait_long(void)
{
	jobs_world_pass(60000);
}

TEST(every_phase_of_taking_back_answers_every_event)
{
	static const struct {
		void (*event)(void);
		enum job_phase rolling, verifying; /* the phase after, by the phase before */
	} cells[] = {
		{ commit, JOB_ROLLING_BACK, JOB_VERIFYING_BACK },
		{ lose_sender, JOB_ROLLING_BACK, JOB_VERIFYING_BACK },
		{ succeed, JOB_VERIFYING_BACK, JOB_VERIFYING_BACK },
		{ fail_step, JOB_IDLE, JOB_VERIFYING_BACK },
		{ lose_executor, JOB_VERIFYING_BACK, JOB_VERIFYING_BACK },
		{ see_nothing_new, JOB_ROLLING_BACK, JOB_VERIFYING_BACK },
		{ see_it_back, JOB_ROLLING_BACK, JOB_IDLE },
		/* A job of its own tries once more. */
		{ wait_long, JOB_VERIFYING_BACK, JOB_EXECUTING },
	};

	for (size_t i = 0; i < 2 * COUNT(cells); i++) {
		enum job_phase before = i % 2 ? JOB_VERIFYING_BACK : JOB_ROLLING_BACK;
		enum job_phase after = i % 2 ? cells[i / 2].verifying : cells[i / 2].rolling;

		jobs_world_remove(NULL);
		jobs_world_make(NULL);
		bring_to(before);
		cells[i / 2].event();
		if (hub.jobs.job[JOB_SLOT_PLAIN].phase != after)
			fail_msg("event %zu in phase %d leads to %d", i / 2, (int)before,
				 (int)hub.jobs.job[JOB_SLOT_PLAIN].phase);
	}
}

TEST(a_hold_that_cannot_be_taken_back_says_so)
{
	uint32_t job = bring_to(JOB_ROLLING_BACK);

	jobs_world_answer(HaReason_toolFailed);
	jobs_world_expect(job, HaJobState_failed, HaReason_notTakenOver,
			  "no other node has taken over VI_1; NOT taken back: it says this");
	assert_int_equal(hub.jobs.promises.count, 1);
	/* It is tried again, as often as it takes. */
	jobs_world_pass(60000);
	assert_int_equal(jobs_world_job(job + 1)->verb, HaJobVerb_vrrpRelease);
	assert_int_equal(jobs_world_job(job + 1)->origin, haActionOrigin_recovery);
	jobs_world_answer(HaReason_none);
	enter(false, HaVrrpState_master);
	jobs_world_expect(job + 1, HaJobState_succeeded, HaReason_none, "VI_1 takes part again");
	assert_int_equal(hub.jobs.promises.count, 0);
}

TEST(a_hold_is_not_taken_back_without_an_executor)
{
	struct set set = make_set(HOLD, false);
	uint32_t job = jobs_world_obey(&set);

	jobs_executor_lost(&hub.jobs, JOB_SLOT_PLAIN, &hub.when);
	hub.absent = true;
	enter(true, HaVrrpState_fault);
	jobs_world_pass(TAKEOVER);
	jobs_world_expect(job, HaJobState_failed, HaReason_executorFailed,
			  "the executor ended during the step, and the state was not reached; NOT "
			  "taken back: the executor is not running; nothing was done");
}

TEST(a_release_that_is_not_seen_while_taking_back_fails)
{
	uint32_t job = bring_to(JOB_VERIFYING_BACK);

	enter(false, HaVrrpState_fault);
	jobs_world_pass(PLAN_VERIFY_DEADLINE);
	jobs_world_expect(job, HaJobState_failed, HaReason_notTakenOver,
			  "no other node has taken over VI_1; NOT taken back: VI_1 is released, "
			  "and yet keepalived reports fault: see haVrrpInstanceReason");
	assert_int_equal(hub.jobs.promises.count, 0);
}

TEST(a_step_that_fails_is_not_taken_back)
{
	struct set set = make_set(HOLD, false);
	uint32_t job = jobs_world_obey(&set);

	jobs_world_answer(HaReason_notAllowed);
	jobs_world_expect(job, HaJobState_failed, HaReason_notAllowed, "it says this");
	assert_int_equal(hub.jobs.promises.count, 0);
	assert_int_equal(hub.orders, 1);
}

TEST(a_lost_executor_may_have_held_it)
{
	struct set set = make_set(HOLD, false);
	uint32_t job = jobs_world_obey(&set);

	jobs_executor_lost(&hub.jobs, JOB_SLOT_PLAIN, &hub.when);
	enter(true, HaVrrpState_fault);
	take_over(true);
	jobs_world_expect(job, HaJobState_succeeded, HaReason_none,
			  "VI_1 is held, and another node has taken over");
}

TEST(only_a_router_of_the_instance_takes_over)
{
	const struct vrrp_router_row good = hub.router;
	struct set set = make_set(HOLD, false);
	uint32_t job = jobs_world_obey(&set);

	jobs_world_answer(HaReason_none);
	hub.instance.held = HaAnswer_yes;
	hub.instance.vrrp_state = HaVrrpState_fault;
	for (int i = 0; i < 4; i++) {
		changes_remove(&hub.changes, &vrrp_router_table, &hub.router, &hub.when);
		hub.router = good;
		if (i == 0)
			hub.router.vrid = 52;
		else if (i == 1)
			hub.router.type = InetAddressType_ipv6;
		else if (i == 2)
			hub.router.own = TruthValue_true;
		else
			TEXT_PUT(hub.router.interface, "eth1");
		take_over(true);
		assert_int_equal(hub.jobs.job[JOB_SLOT_PLAIN].phase, JOB_VERIFYING);
	}
	TEXT_PUT(hub.router.instance, "VI_1");
	jobs_world_say();
	jobs_world_expect(job, HaJobState_succeeded, HaReason_none,
			  "VI_1 is held, and another node has taken over");
}

TEST(slow_adverts_have_more_time)
{
	struct set set;
	uint32_t job;

	hub.instance.interval = 5000;
	jobs_world_say();
	set = make_set(HOLD, false);
	job = jobs_world_obey(&set);
	jobs_world_answer(HaReason_none);
	enter(true, HaVrrpState_fault);
	jobs_world_pass(21999);
	assert_int_equal(hub.jobs.job[JOB_SLOT_PLAIN].phase, JOB_VERIFYING);
	take_over(true);
	jobs_world_expect(job, HaJobState_succeeded, HaReason_none,
			  "VI_1 is held, and another node has taken over");
}

/* ---- what is refused ---- */

TEST(a_hold_needs_a_healthy_peer)
{
	hub.peer.healthy = HaAnswer_no;
	hub.peer.cause = haVrrpPeerCause_fault;
	expect_refusal(HOLD, HaReason_noHealthyPeer,
		       "VI_1 would not be taken over by n2: fault, row fresh");
	hub.peer.healthy = HaAnswer_unknown;
	hub.peer.cause = haVrrpPeerCause_unreachable;
	expect_refusal(HOLD, HaReason_noHealthyPeer,
		       "VI_1 would not be taken over by n2: unreachable, row fresh");
	hub.peer.healthy = HaAnswer_yes;
	hub.peer.head.state = HaRowState_stale;
	expect_refusal(HOLD, HaReason_noHealthyPeer,
		       "VI_1 would not be taken over by n2: unreachable, row stale");
	TEXT_PUT(hub.peer.instance, "VI_2");
	changes_begin(&hub.changes, &peer_vrrp_table);
	changes_end(&hub.changes, &peer_vrrp_table, &hub.when);
	expect_refusal(HOLD, HaReason_noHealthyPeer,
		       "no peer is known that has VI_1: configure one in the section peer");
}

TEST(a_hold_needs_a_file_with_an_effect)
{
	hub.instance.hold_effective = HaAnswer_no;
	expect_refusal(HOLD, HaReason_notUp,
		       "the hold file of VI_1 would have no effect: keepalived must track it with "
		       "weight 0, and its folder must be there");
	hub.instance.hold_effective = HaAnswer_unknown;
	expect_refusal(HOLD, HaReason_factsStale,
		       "whether keepalived tracks the hold file of VI_1 is not known");
}

TEST(a_hold_needs_keepalived)
{
	hub.instance.vrrp_state = HaVrrpState_stop;
	expect_refusal(HOLD, HaReason_notUp, "keepalived does not run VI_1");
	hub.instance.vrrp_state = HaVrrpState_unknown;
	expect_refusal(HOLD, HaReason_factsStale,
		       "what is known of VI_1 is not current: see haSourceTable");
	hub.instance.head.state = HaRowState_missing;
	expect_refusal(HOLD, HaReason_notUp, "keepalived does not have VI_1");
	changes_remove(&hub.changes, &vrrp_instance_table, &hub.instance, &hub.when);
	{
		struct set set = make_set(HOLD, false);

		jobs_world_refuse(&set, SET_INCONSISTENT_VALUE, 0, HaReason_noSubject);
	}
}

TEST(what_is_not_current_is_neither_held_nor_released)
{
	struct set set = make_set(HOLD, false);

	board_hide(&hub.board, &vrrp_instance_table, HaRowState_stale);
	jobs_world_refuse(&set, SET_INCONSISTENT_VALUE, 0, HaReason_factsStale);
	set = make_set(RELEASE, false);
	jobs_world_refuse(&set, SET_INCONSISTENT_VALUE, 0, HaReason_factsStale);
	set = make_set(HOLD, true);
	jobs_world_refuse(&set, SET_INCONSISTENT_VALUE, 0, HaReason_factsStale);
}

TEST(a_hold_is_released_even_where_keepalived_is_gone)
{
	struct set set;
	uint32_t job;

	hold(0);
	enter(true, HaVrrpState_stop);
	set = make_set(RELEASE, false);
	job = jobs_world_obey(&set);
	jobs_world_answer(HaReason_none);
	enter(false, HaVrrpState_stop);
	jobs_world_expect(job, HaJobState_succeeded, HaReason_none, "VI_1 takes part again");
}

TEST(an_instance_that_is_not_switchable_is_refused)
{
	struct action_vrrp_row key = { .name = "VI_2" };
	struct set set = jobs_world_set(mib_haActionVrrpRequest, &key, HOLD, "");

	jobs_world_refuse(&set, SET_INCONSISTENT_VALUE, 0, HaReason_notAllowed);
}

TEST(force_needs_its_own_lock)
{
	struct set set = make_set(HOLD, true);

	set.changes[1].object = mib_haActionLock;
	set.changes[1].number = hub.jobs.action.lock;
	jobs_world_refuse(&set, SET_INCONSISTENT_VALUE, 0, HaReason_noLock);
}

TEST(a_release_has_no_seconds)
{
	struct set set = make_set(RELEASE, false);

	jobs_world_add_seconds(&set, mib_haActionVrrpSeconds, 60);
	jobs_world_refuse(&set, SET_INCONSISTENT_VALUE, 2, HaReason_badValue);
}

#define VRRP_TEST(sentence)                                                                        \
	cmocka_unit_test_setup_teardown(sentence, jobs_world_make, jobs_world_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		VRRP_TEST(a_hold_gives_the_address_to_the_other_node),
		VRRP_TEST(a_hold_of_a_backup_needs_nobody_to_take_over),
		VRRP_TEST(a_release_lets_it_take_part_again),
		VRRP_TEST(a_hold_with_seconds_ends_by_itself),
		VRRP_TEST(a_second_hold_changes_the_end),
		VRRP_TEST(what_is_so_already_needs_no_step),
		VRRP_TEST(a_forced_hold_does_without_a_peer_and_is_not_taken_back),
		VRRP_TEST(a_forced_hold_without_effect_fails),
		VRRP_TEST(a_hold_that_nobody_takes_over_is_taken_back),
		VRRP_TEST(every_phase_of_taking_back_answers_every_event),
		VRRP_TEST(a_hold_that_cannot_be_taken_back_says_so),
		VRRP_TEST(a_hold_is_not_taken_back_without_an_executor),
		VRRP_TEST(a_release_that_is_not_seen_while_taking_back_fails),
		VRRP_TEST(a_step_that_fails_is_not_taken_back),
		VRRP_TEST(a_lost_executor_may_have_held_it),
		VRRP_TEST(only_a_router_of_the_instance_takes_over),
		VRRP_TEST(slow_adverts_have_more_time),
		VRRP_TEST(a_hold_needs_a_healthy_peer),
		VRRP_TEST(a_hold_needs_a_file_with_an_effect),
		VRRP_TEST(a_hold_needs_keepalived),
		VRRP_TEST(what_is_not_current_is_neither_held_nor_released),
		VRRP_TEST(a_hold_is_released_even_where_keepalived_is_gone),
		VRRP_TEST(an_instance_that_is_not_switchable_is_refused),
		VRRP_TEST(force_needs_its_own_lock),
		VRRP_TEST(a_release_has_no_seconds),
	};

	return cmocka_run_group_tests_name("jobs of VRRP instances", tests, NULL, NULL);
}
