/* Tests requests to drain and restore a real server: what is refused, and what becomes of the
 * others.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/requests/ipvs.h"

#include <string.h>

#include "actions/plan.h"
#include "lib/memory.h"
#include "mib/ha-agentx-mib.h"
#include "tests/unit/check.h"
#include "tests/unit/jobs_world.h"

#define DRAIN haActionIpvsRequest_drain
#define RESTORE haActionIpvsRequest_restore
#define NAME "tcp 192.0.2.100:53 -> 192.0.2.2:53"

/* From the end of the step to the end of the verification: a look of the source, too. */
#define PATIENCE (PLAN_VERIFY_DEADLINE + 1000)

static struct set make_set(int32_t value)
{
	struct action_ipvs_row key = jobs_world_server(2);

	return jobs_world_set(mib_haActionIpvsRequest, &key, value, "");
}

static struct set make_timed(int32_t value, uint32_t seconds)
{
	struct set set = make_set(value);

	jobs_world_add_seconds(&set, mib_haActionIpvsSeconds, seconds);
	return set;
}

/* What the source says after somebody has set the weight. */
static void weigh(uint32_t weight)
{
	hub.real[0].weight = weight;
	hub.real[0].real_state = weight ? haIpvsRealState_active : haIpvsRealState_quiesced;
	jobs_world_say();
}

static uint32_t drain(uint32_t seconds)
{
	struct set set = make_timed(DRAIN, seconds);
	uint32_t job = jobs_world_obey(&set);

	jobs_world_answer(HaReason_none);
	weigh(0);
	return job;
}

static int32_t shown_state(void)
{
	const struct ipvs_real_row *row = board_row(&hub.board, mib_haIpvsRealEntry, &hub.real[0]);

	return row->real_state;
}

static void expect_refusal(int32_t value, int32_t reason)
{
	struct set set;

	jobs_world_say();
	set = make_set(value);
	jobs_world_refuse(&set, SET_INCONSISTENT_VALUE, 0, reason);
	assert_string_equal(hub.jobs.action.refused_subject, NAME);
	assert_int_equal(hub.orders, 0);
}

TEST(a_drain_gives_the_weight_0_and_remembers_the_old)
{
	struct set set = make_set(DRAIN);
	uint32_t job = jobs_world_obey(&set);

	assert_int_equal(hub.step.verb, STEP_IPVS_WEIGHT);
	assert_int_equal(hub.step.subject, 1);
	assert_int_equal(hub.step.part, 0);
	assert_int_equal(hub.step.value, 0);
	assert_int_equal(jobs_world_job(job)->verb, HaJobVerb_ipvsDrain);
	assert_string_equal(jobs_world_job(job)->subject, NAME);
	assert_int_equal(jobs_world_server(2).request, DRAIN);
	assert_int_equal(jobs_world_server(3).request, haActionIpvsRequest_none);
	jobs_world_answer(HaReason_none);
	assert_int_equal(hub.jobs.job[JOB_SLOT_PLAIN].phase, JOB_VERIFYING);
	weigh(0);
	jobs_world_expect(job, HaJobState_succeeded, HaReason_none, NAME " is drained");
	assert_int_equal(shown_state(), haIpvsRealState_drained);
	assert_int_equal(jobs_world_server(2).last_job, job);
	assert_int_equal(jobs_world_server(2).seconds, 0);
	assert_int_equal(hub.jobs.promises.count, 1);
	assert_int_equal(hub.jobs.promises.entries[0].promise.weight, 3);
}

TEST(a_restore_gives_the_weight_back)
{
	struct set set;
	uint32_t job;

	drain(0);
	set = make_set(RESTORE);
	job = jobs_world_obey(&set);
	assert_int_equal(hub.step.verb, STEP_IPVS_WEIGHT);
	assert_int_equal(hub.step.value, 3);
	assert_int_equal(jobs_world_job(job)->verb, HaJobVerb_ipvsRestore);
	jobs_world_answer(HaReason_none);
	weigh(3);
	jobs_world_expect(job, HaJobState_succeeded, HaReason_none, NAME " has the weight 3 again");
	assert_int_equal(hub.jobs.promises.count, 0);
	assert_int_equal(shown_state(), haIpvsRealState_active);
}

TEST(a_drain_with_seconds_ends_by_itself)
{
	uint32_t job = drain(60);

	jobs_world_expect(job, HaJobState_succeeded, HaReason_none, NAME " is drained for 60 s");
	assert_int_equal(jobs_world_server(2).seconds, 60);
	jobs_world_pass(10500);
	assert_int_equal(jobs_world_server(2).seconds, 50);
	jobs_world_pass(49499);
	assert_int_equal(hub.orders, 1);
	jobs_world_pass(1);
	assert_int_equal(hub.orders, 2);
	assert_int_equal(hub.step.value, 3);
	assert_int_equal(jobs_world_job(job + 1)->origin, haActionOrigin_deadline);
	assert_int_equal(jobs_world_job(job + 1)->verb, HaJobVerb_ipvsRestore);
	assert_int_equal(jobs_world_server(2).request, RESTORE);
	jobs_world_answer(HaReason_none);
	weigh(3);
	jobs_world_expect(job + 1, HaJobState_succeeded, HaReason_none,
			  NAME " has the weight 3 again");
	assert_int_equal(jobs_world_server(2).seconds, 0);
	assert_int_equal(jobs_tick(&hub.jobs, &hub.when), 0);
}

TEST(a_second_drain_changes_the_end_and_nothing_else)
{
	uint32_t job;
	struct set set;

	drain(60);
	set = make_timed(DRAIN, 600);
	job = jobs_world_obey(&set);
	jobs_world_expect(job, HaJobState_succeeded, HaReason_nothingToDo,
			  NAME " is drained already");
	assert_int_equal(hub.orders, 1);
	assert_int_equal(jobs_world_server(2).seconds, 600);
	assert_int_equal(hub.jobs.promises.entries[0].promise.weight, 3);
	set = make_set(DRAIN);
	jobs_world_obey(&set);
	assert_int_equal(jobs_world_server(2).seconds, 0);
	assert_int_equal(jobs_tick(&hub.jobs, &hub.when), 0);
}

TEST(who_changes_the_weight_by_hand_ends_the_drain)
{
	drain(60);
	weigh(5);
	assert_int_equal(hub.jobs.promises.count, 0);
	assert_int_equal(jobs_world_server(2).seconds, 0);
	weigh(0);
	assert_int_equal(shown_state(), haIpvsRealState_quiesced);
	jobs_world_pass(120000);
	assert_int_equal(hub.orders, 1);
}

TEST(a_server_that_keepalived_removes_stays_promised_until_it_is_back)
{
	drain(60);
	hub.real[0].real_state = haIpvsRealState_removed;
	hub.real[0].head.state = HaRowState_missing;
	jobs_world_say();
	assert_int_equal(hub.jobs.promises.count, 1);
	jobs_world_pass(61000);
	assert_int_equal(hub.orders, 1);
	hub.real[0].head.state = HaRowState_fresh;
	weigh(3);
	assert_int_equal(hub.jobs.promises.count, 0);
}

TEST(a_drain_that_is_not_done_leaves_no_promise)
{
	struct set set = make_timed(DRAIN, 60);
	uint32_t job = jobs_world_obey(&set);

	assert_int_equal(hub.jobs.promises.count, 1);
	jobs_world_answer(HaReason_refusedByKernel);
	jobs_world_expect(job, HaJobState_failed, HaReason_refusedByKernel, "it says this");
	assert_int_equal(hub.jobs.promises.count, 0);
	hub.absent = true;
	set = make_timed(DRAIN, 60);
	job = jobs_world_obey(&set);
	jobs_world_expect(job, HaJobState_failed, HaReason_executorAbsent,
			  "the executor is not running; nothing was done");
	assert_int_equal(hub.jobs.promises.count, 0);
}

TEST(a_drain_of_which_nothing_is_known_stays_promised)
{
	struct set set = make_timed(DRAIN, 60);
	uint32_t job = jobs_world_obey(&set);

	board_hide(&hub.board, &ipvs_real_table, HaRowState_stale);
	jobs_executor_lost(&hub.jobs, JOB_SLOT_PLAIN, &hub.when);
	jobs_world_pass(PATIENCE);
	jobs_world_expect(job, HaJobState_failed, HaReason_executorFailed,
			  "the executor ended during the step, and the weight was not reached");
	assert_int_equal(hub.jobs.promises.count, 1);
	weigh(0);
	jobs_world_pass(60000);
	assert_int_equal(hub.orders, 2);
}

TEST(a_weight_that_is_not_seen_has_failed)
{
	struct set set = make_set(DRAIN);
	uint32_t job = jobs_world_obey(&set);

	jobs_world_answer(HaReason_none);
	jobs_world_pass(PATIENCE - 1);
	assert_int_equal(hub.jobs.job[JOB_SLOT_PLAIN].phase, JOB_VERIFYING);
	jobs_world_pass(1);
	jobs_world_expect(job, HaJobState_failed, HaReason_roleNotReached,
			  "it was done, and yet the weight is 3: did keepalived set it?");
	assert_int_equal(hub.jobs.promises.count, 0);
}

TEST(the_last_server_of_a_service_is_not_drained)
{
	hub.real[1].weight = 0;
	hub.real[1].real_state = haIpvsRealState_quiesced;
	expect_refusal(DRAIN, HaReason_noHealthyPeer);
	hub.real[1].weight = 3;
	hub.real[1].head.state = HaRowState_missing;
	expect_refusal(DRAIN, HaReason_noHealthyPeer);
	hub.real[1].head.state = HaRowState_fresh;
	hub.real[1].protocol = HaIpvsProtocol_udp;
	changes_remove(&hub.changes, &ipvs_real_table,
		       board_rows(&hub.board, mib_haIpvsRealEntry)->entries[1]->row, &hub.when);
	expect_refusal(DRAIN, HaReason_noHealthyPeer);
}

TEST(a_server_that_is_not_in_the_kernel_is_refused)
{
	hub.real[0].real_state = haIpvsRealState_removed;
	hub.real[0].weight = 0;
	expect_refusal(DRAIN, HaReason_targetDown);
	hub.real[0].head.state = HaRowState_missing;
	expect_refusal(DRAIN, HaReason_targetDown);
	expect_refusal(RESTORE, HaReason_targetDown);
}

TEST(what_was_not_drained_by_a_request_is_not_restored)
{
	struct set set = make_set(RESTORE);
	uint32_t job = jobs_world_obey(&set);

	jobs_world_expect(job, HaJobState_succeeded, HaReason_nothingToDo,
			  NAME " has the weight 3 already");
	hub.real[0].real_state = haIpvsRealState_quiesced;
	hub.real[0].weight = 0;
	expect_refusal(RESTORE, HaReason_targetDown);
	set = make_timed(DRAIN, 60);
	job = jobs_world_obey(&set);
	jobs_world_expect(job, HaJobState_succeeded, HaReason_nothingToDo,
			  NAME " has the weight 0 already, and not by a request");
	assert_int_equal(hub.jobs.promises.count, 0);
}

TEST(a_server_whose_check_fails_is_not_restored)
{
	struct set set;

	drain(0);
	hub.real[0].check = haIpvsRealCheck_down;
	jobs_world_say();
	set = make_set(RESTORE);
	jobs_world_refuse(&set, SET_INCONSISTENT_VALUE, 0, HaReason_targetDown);
}

TEST(what_is_not_known_allows_nothing)
{
	struct set set = make_set(DRAIN);

	hub.real[0].real_state = haIpvsRealState_unknown;
	expect_refusal(DRAIN, HaReason_factsStale);
	board_hide(&hub.board, &ipvs_real_table, HaRowState_stale);
	jobs_world_refuse(&set, SET_INCONSISTENT_VALUE, 0, HaReason_factsStale);
	changes_remove(&hub.changes, &ipvs_real_table, &hub.real[0], &hub.when);
	jobs_world_refuse(&set, SET_INCONSISTENT_VALUE, 0, HaReason_noSubject);
}

TEST(a_service_that_is_not_switchable_is_refused)
{
	struct set set;

	hub.real[0].protocol = HaIpvsProtocol_udp;
	jobs_world_say();
	assert_int_equal(jobs_world_server(2).allowed, TruthValue_false);
	set = make_set(DRAIN);
	jobs_world_refuse(&set, SET_INCONSISTENT_VALUE, 0, HaReason_notAllowed);
	hub.real[0].protocol = HaIpvsProtocol_tcp;
	hub.real[0].port = 54;
	set = make_set(DRAIN);
	jobs_world_refuse(&set, SET_INCONSISTENT_VALUE, 0, HaReason_notAllowed);
}

TEST(seconds_belong_to_a_drain_of_the_same_server)
{
	struct action_ipvs_row key = jobs_world_server(3);
	struct set set = make_timed(RESTORE, 60);

	jobs_world_refuse(&set, SET_INCONSISTENT_VALUE, 2, HaReason_badValue);
	set = make_timed(DRAIN, UINT32_MAX);
	jobs_world_refuse(&set, SET_WRONG_VALUE, 2, HaReason_badValue);
	set = make_timed(DRAIN, 60);
	set.changes[2].index_length =
		(uint16_t)table_index(&action_ipvs_table, &key, set.changes[2].index);
	jobs_world_refuse(&set, SET_INCONSISTENT_VALUE, 2, HaReason_badValue);
	set = make_timed(DRAIN, 60);
	set.changes[0] = set.changes[2];
	set.count = 2;
	jobs_world_refuse(&set, SET_INCONSISTENT_VALUE, 0, HaReason_badValue);
	set = make_timed(DRAIN, 60);
	set.changes[2].object = mib_haActionVrrpSeconds;
	jobs_world_refuse(&set, SET_INCONSISTENT_VALUE, 2, HaReason_badValue);
}

TEST(none_asks_for_nothing)
{
	struct set set = make_set(haActionIpvsRequest_none);

	jobs_world_refuse(&set, SET_WRONG_VALUE, 0, HaReason_badValue);
}

TEST(servers_have_their_rows_of_requests)
{
	assert_int_equal(jobs_world_server(2).allowed, TruthValue_true);
	assert_int_equal(jobs_world_server(2).request, haActionIpvsRequest_none);
	changes_remove(&hub.changes, &ipvs_real_table, &hub.real[0], &hub.when);
	jobs_follow(&hub.jobs, &hub.when);
	assert_int_equal(jobs_world_server(2).allowed, 0);
	assert_int_equal(jobs_world_server(3).allowed, TruthValue_true);
	jobs_world_say();
	assert_int_equal(jobs_world_server(2).allowed, TruthValue_true);
}

#define IPVS_TEST(sentence)                                                                        \
	cmocka_unit_test_setup_teardown(sentence, jobs_world_make, jobs_world_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IPVS_TEST(a_drain_gives_the_weight_0_and_remembers_the_old),
		IPVS_TEST(a_restore_gives_the_weight_back),
		IPVS_TEST(a_drain_with_seconds_ends_by_itself),
		IPVS_TEST(a_second_drain_changes_the_end_and_nothing_else),
		IPVS_TEST(who_changes_the_weight_by_hand_ends_the_drain),
		IPVS_TEST(a_server_that_keepalived_removes_stays_promised_until_it_is_back),
		IPVS_TEST(a_drain_that_is_not_done_leaves_no_promise),
		IPVS_TEST(a_drain_of_which_nothing_is_known_stays_promised),
		IPVS_TEST(a_weight_that_is_not_seen_has_failed),
		IPVS_TEST(the_last_server_of_a_service_is_not_drained),
		IPVS_TEST(a_server_that_is_not_in_the_kernel_is_refused),
		IPVS_TEST(what_was_not_drained_by_a_request_is_not_restored),
		IPVS_TEST(a_server_whose_check_fails_is_not_restored),
		IPVS_TEST(what_is_not_known_allows_nothing),
		IPVS_TEST(a_service_that_is_not_switchable_is_refused),
		IPVS_TEST(seconds_belong_to_a_drain_of_the_same_server),
		IPVS_TEST(none_asks_for_nothing),
		IPVS_TEST(servers_have_their_rows_of_requests),
	};

	return cmocka_run_group_tests_name("jobs of real servers", tests, NULL, NULL);
}
