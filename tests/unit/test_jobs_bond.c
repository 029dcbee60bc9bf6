/* Tests requests for the active port of a bond: what is refused, and what becomes of the others.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/requests/bond.h"

#include <string.h>

#include "actions/plan.h"
#include "lib/memory.h"
#include "mib/ha-agentx-mib.h"
#include "tests/unit/check.h"
#include "tests/unit/jobs_world.h"

static struct set make_set(const char *bond, const char *port)
{
	struct action_bond_row key = { .head.state = 0 };

	TEXT_PUT(key.name, bond);
	return jobs_world_set(mib_haActionBondActivePort, &key, 0, port);
}

static void use(const char *port)
{
	TEXT_PUT(hub.bond.active, port);
	jobs_world_say();
}

static void expect_refusal(const char *port, int32_t reason)
{
	struct set set;

	jobs_world_say();
	set = make_set("bond0", port);
	jobs_world_refuse(&set, SET_INCONSISTENT_VALUE, 0, reason);
	assert_string_equal(hub.jobs.action.refused_subject, "bond0");
	assert_int_equal(hub.jobs.action.refused_verb, HaJobVerb_bondActivePort);
	assert_int_equal(hub.orders, 0);
}

TEST(a_port_that_is_up_becomes_active)
{
	struct set set = make_set("bond0", "eth1");
	uint32_t job = jobs_world_obey(&set);
	const struct job_row *row = jobs_world_job(job);

	assert_int_equal(hub.step.verb, STEP_BOND_ACTIVE_PORT);
	assert_int_equal(hub.step.subject, 0);
	assert_int_equal(hub.step.part, 1);
	assert_int_equal(row->verb, HaJobVerb_bondActivePort);
	assert_string_equal(row->subject, "bond0");
	assert_string_equal(jobs_world_bond("bond0").port, "eth1");
	jobs_world_answer(HaReason_none);
	assert_int_equal(hub.jobs.job[JOB_SLOT_PLAIN].phase, JOB_VERIFYING);
	use("eth1");
	jobs_world_expect(job, HaJobState_succeeded, HaReason_none, "bond0 uses eth1");
	assert_string_equal(jobs_world_bond("bond0").port, "");
	assert_int_equal(jobs_world_bond("bond0").last_job, job);
}

TEST(a_port_that_is_active_needs_no_step)
{
	struct set set = make_set("bond0", "eth0");
	uint32_t job = jobs_world_obey(&set);

	jobs_world_expect(job, HaJobState_succeeded, HaReason_nothingToDo,
			  "bond0 uses eth0 already");
	assert_int_equal(hub.orders, 0);
}

TEST(a_change_that_is_not_seen_has_failed)
{
	struct set set = make_set("bond0", "eth1");
	uint32_t job = jobs_world_obey(&set);

	jobs_world_answer(HaReason_none);
	jobs_world_pass(PLAN_VERIFY_DEADLINE);
	jobs_world_expect(job, HaJobState_failed, HaReason_roleNotReached,
			  "it was done, and yet bond0 uses eth0");
	set = make_set("bond0", "eth1");
	job = jobs_world_obey(&set);
	board_hide(&hub.board, &bond_table, HaRowState_stale);
	jobs_world_answer(HaReason_none);
	jobs_world_pass(PLAN_VERIFY_DEADLINE);
	jobs_world_expect(job, HaJobState_failed, HaReason_factsStale,
			  "it was done, but the source cannot tell the active port; look at "
			  "haSourceTable");
}

TEST(a_lost_executor_may_have_done_it)
{
	struct set set = make_set("bond0", "eth1");
	uint32_t job = jobs_world_obey(&set);

	jobs_executor_lost(&hub.jobs, JOB_SLOT_PLAIN, &hub.when);
	use("eth1");
	jobs_world_expect(job, HaJobState_succeeded, HaReason_none, "bond0 uses eth1");
	use("eth0");
	set = make_set("bond0", "eth1");
	job = jobs_world_obey(&set);
	jobs_executor_lost(&hub.jobs, JOB_SLOT_PLAIN, &hub.when);
	jobs_world_pass(PLAN_VERIFY_DEADLINE);
	jobs_world_expect(job, HaJobState_failed, HaReason_executorFailed,
			  "the executor ended during the step, and the active port was not "
			  "reached");
}

TEST(a_port_without_a_link_is_refused)
{
	static const int32_t links[] = { haBondPortLink_down, haBondPortLink_goingDown,
					 haBondPortLink_goingBack, haBondPortLink_other };

	for (size_t i = 0; i < COUNT(links); i++) {
		hub.port[1].link = links[i];
		expect_refusal("eth1", HaReason_targetDown);
	}
	hub.port[1].link = haBondPortLink_up;
	hub.port[1].carrier = HaAnswer_no;
	expect_refusal("eth1", HaReason_targetDown);
	assert_string_equal(hub.jobs.action.refused_message,
			    "eth1 is not up (up, no carrier): see to its link first");
}

TEST(a_port_that_is_not_in_the_bond_is_refused)
{
	expect_refusal("eth2", HaReason_badValue);
	hub.port[1].head.state = HaRowState_missing;
	expect_refusal("eth1", HaReason_targetDown);
}

TEST(only_some_modes_have_an_active_port)
{
	for (int32_t mode = haBondMode_other; mode <= haBondMode_balanceAlb; mode++) {
		bool has = mode == haBondMode_activeBackup || mode >= haBondMode_balanceTlb;

		hub.bond.mode = mode;
		if (!has)
			expect_refusal("eth1", mode == haBondMode_unknown ? HaReason_factsStale :
									    HaReason_badValue);
	}
	hub.bond.mode = haBondMode_balanceAlb;
	jobs_world_say();
	{
		struct set set = make_set("bond0", "eth1");

		assert_int_equal(jobs_world_obey(&set), 101);
	}
}

TEST(what_is_not_known_allows_nothing)
{
	struct set set = make_set("bond0", "eth1");

	board_hide(&hub.board, &bond_port_table, HaRowState_stale);
	jobs_world_refuse(&set, SET_INCONSISTENT_VALUE, 0, HaReason_factsStale);
	board_hide(&hub.board, &bond_table, HaRowState_stale);
	jobs_world_refuse(&set, SET_INCONSISTENT_VALUE, 0, HaReason_factsStale);
	hub.bond.head.state = HaRowState_missing;
	expect_refusal("eth1", HaReason_notUp);
	changes_remove(&hub.changes, &bond_table, &hub.bond, &hub.when);
	jobs_world_refuse(&set, SET_INCONSISTENT_VALUE, 0, HaReason_noSubject);
}

TEST(a_bond_that_is_not_switchable_is_refused)
{
	struct set set = make_set("bond1", "eth1");

	jobs_world_refuse(&set, SET_INCONSISTENT_VALUE, 0, HaReason_notAllowed);
	assert_string_equal(hub.jobs.action.refused_message,
			    "the configuration does not make this bond switchable");
	set = make_set("bond9", "eth1");
	jobs_world_refuse(&set, SET_INCONSISTENT_VALUE, 0, HaReason_notAllowed);
}

TEST(no_port_asks_for_nothing)
{
	struct set set = make_set("bond0", "");

	jobs_world_refuse(&set, SET_WRONG_VALUE, 0, HaReason_badValue);
}

TEST(bonds_have_their_rows_of_requests)
{
	struct bond_row other = hub.bond;

	TEXT_PUT(other.name, "bond1");
	changes_put(&hub.changes, &bond_table, &other, &hub.when);
	jobs_world_say();
	assert_int_equal(jobs_world_bond("bond0").allowed, TruthValue_true);
	assert_int_equal(jobs_world_bond("bond1").allowed, TruthValue_false);
	changes_remove(&hub.changes, &bond_table, &hub.bond, &hub.when);
	jobs_follow(&hub.jobs, &hub.when);
	assert_int_equal(jobs_world_bond("bond0").allowed, 0);
	assert_int_equal(jobs_world_bond("bond1").allowed, TruthValue_false);
}

#define BOND_TEST(sentence)                                                                        \
	cmocka_unit_test_setup_teardown(sentence, jobs_world_make, jobs_world_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOND_TEST(a_port_that_is_up_becomes_active),
		BOND_TEST(a_port_that_is_active_needs_no_step),
		BOND_TEST(a_change_that_is_not_seen_has_failed),
		BOND_TEST(a_lost_executor_may_have_done_it),
		BOND_TEST(a_port_without_a_link_is_refused),
		BOND_TEST(a_port_that_is_not_in_the_bond_is_refused),
		BOND_TEST(only_some_modes_have_an_active_port),
		BOND_TEST(what_is_not_known_allows_nothing),
		BOND_TEST(a_bond_that_is_not_switchable_is_refused),
		BOND_TEST(no_port_asks_for_nothing),
		BOND_TEST(bonds_have_their_rows_of_requests),
	};

	return cmocka_run_group_tests_name("jobs of bonds", tests, NULL, NULL);
}
