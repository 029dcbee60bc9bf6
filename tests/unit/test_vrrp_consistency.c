/* Tests what is made of claims against facts: verdicts, and the time they are given.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/vrrp/consistency.h"

#include <string.h>

#include "mib/ha-agentx-mib.h"
#include "tests/unit/check.h"

#define GRACE 2000
#define SILENCE 3609 /* of version 2, an interval of 1 s, priority 100 */
#define BEAT 1350

#define VERDICT(label) haVrrpInstanceConsistency_##label

static struct vrrp_doubt doubt;
static struct vrrp_facts facts;
static int64_t now, due;

/* A backup that hears its master. */
static int make(void **state)
{
	(void)state;
	memset(&doubt, 0, sizeof(doubt));
	facts = (struct vrrp_facts){
		.state = HaVrrpState_backup,
		.addresses = 2,
		.others = 1,
		.silence = SILENCE,
		.beat = BEAT,
		.grace = GRACE,
	};
	now = facts.heard = facts.changed = 100000;
	return 0;
}

static int32_t judge(int64_t passed)
{
	now += passed;
	return vrrp_consistency(&doubt, &facts, now, &due);
}

static void become(int32_t state)
{
	facts.state = state;
	facts.changed = now;
	facts.own = state == HaVrrpState_master;
	facts.others = state != HaVrrpState_master;
	facts.present = state == HaVrrpState_master ? facts.addresses : 0;
}

/* It is pending now and up to the end of the time given, then this. */
static void expect_after(int64_t given, int32_t verdict)
{
	assert_int_equal(judge(0), VERDICT(pending));
	assert_int_equal(due, now + given);
	assert_int_equal(judge(given - 1), VERDICT(pending));
	assert_int_equal(judge(1), verdict);
	assert_int_equal(due, 0);
	assert_int_equal(judge(100000), verdict);
}

TEST(all_is_well)
{
	assert_int_equal(judge(0), VERDICT(consistent));
	become(HaVrrpState_master);
	assert_int_equal(judge(1000), VERDICT(consistent));
	assert_int_equal(due, 0);
	become(HaVrrpState_fault);
	assert_int_equal(judge(1000), VERDICT(consistent));
	become(HaVrrpState_stop);
	assert_int_equal(judge(1000), VERDICT(consistent));
}

TEST(what_is_not_known_is_not_judged)
{
	become(HaVrrpState_unknown);
	assert_int_equal(judge(0), VERDICT(unknown));
	become(HaVrrpState_other);
	assert_int_equal(judge(0), VERDICT(unknown));
	become(HaVrrpState_fault);
	facts.deaf = true;
	facts.others = 0;
	assert_int_equal(judge(0), VERDICT(unknown));
	become(HaVrrpState_master);
	facts.own = false;
	facts.present = 0;
	facts.blind = true;
	assert_int_equal(judge(0), VERDICT(consistent));
}

TEST(a_master_has_all_addresses)
{
	become(HaVrrpState_master);
	facts.present = 0;
	expect_after(GRACE, VERDICT(masterWithoutAddress));
	facts.present = 1;
	assert_int_equal(judge(0), VERDICT(addressMissing));
	facts.present = 2;
	assert_int_equal(judge(0), VERDICT(consistent));
	facts.present = 1;
	expect_after(GRACE, VERDICT(addressMissing));
	facts.addresses = facts.present = 0;
	assert_int_equal(judge(0), VERDICT(consistent));
}

TEST(nobody_else_has_them)
{
	static const int32_t states[] = { HaVrrpState_backup, HaVrrpState_fault, HaVrrpState_stop,
					  HaVrrpState_init, HaVrrpState_deleted };

	for (size_t i = 0; i < COUNT(states); i++) {
		become(HaVrrpState_master);
		judge(1000);
		become(states[i]);
		facts.present = 1;
		expect_after(GRACE, VERDICT(addressWithoutMaster));
	}
	facts.present = 0;
	assert_int_equal(judge(0), VERDICT(consistent));
}

TEST(two_masters_are_told_when_the_other_goes_on)
{
	become(HaVrrpState_master);
	facts.others = 1;
	expect_after(GRACE + BEAT, VERDICT(twoMasters));
	facts.own = false;
	assert_int_equal(judge(0), VERDICT(twoMasters));
	facts.own = true;
	facts.others = 0;
	assert_int_equal(judge(0), VERDICT(consistent));
}

TEST(a_takeover_has_its_time_before_nobody_is_master)
{
	judge(0);
	facts.others = 0;
	now += 3000;
	expect_after(SILENCE + GRACE - 3000, VERDICT(noMaster));
	facts.others = 1;
	assert_int_equal(judge(0), VERDICT(consistent));
}

TEST(a_frozen_master_is_none)
{
	become(HaVrrpState_master);
	facts.heard = now;
	assert_int_equal(judge(0), VERDICT(consistent));
	facts.own = false;
	expect_after(SILENCE + GRACE, VERDICT(noMaster));
}

TEST(what_passes_is_pending_and_no_more)
{
	judge(0);
	for (int i = 0; i < 10; i++) {
		become(HaVrrpState_master);
		facts.present = 0;
		assert_int_equal(judge(GRACE - 1), VERDICT(pending));
		facts.present = 2;
		assert_int_equal(judge(1), VERDICT(consistent));
		become(HaVrrpState_backup);
		facts.present = 2;
		assert_int_equal(judge(GRACE - 1), VERDICT(pending));
		facts.present = 0;
		assert_int_equal(judge(1), VERDICT(consistent));
	}
}

TEST(another_state_has_its_own_time)
{
	become(HaVrrpState_master);
	facts.present = 0;
	judge(0);
	judge(GRACE - 1);
	become(HaVrrpState_fault);
	facts.present = 1;
	expect_after(GRACE, VERDICT(addressWithoutMaster));
}

TEST(another_fault_of_the_same_state_has_not)
{
	become(HaVrrpState_master);
	facts.present = 0;
	judge(0);
	facts.present = 1;
	assert_int_equal(judge(GRACE - 1), VERDICT(pending));
	facts.present = 0;
	assert_int_equal(judge(1), VERDICT(masterWithoutAddress));
}

/* RFC 3768, 6.1 and RFC 5798, 6.1. */
TEST(silence_is_three_intervals_and_the_skew)
{
	assert_int_equal(vrrp_silence(2, 1000, 100), 3609);
	assert_int_equal(vrrp_silence(2, 5000, 255), 15003);
	assert_int_equal(vrrp_silence(3, 100, 100), 360);
	assert_int_equal(vrrp_silence(3, 40950, 1), 163640);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(all_is_well, make),
		cmocka_unit_test_setup(what_is_not_known_is_not_judged, make),
		cmocka_unit_test_setup(a_master_has_all_addresses, make),
		cmocka_unit_test_setup(nobody_else_has_them, make),
		cmocka_unit_test_setup(two_masters_are_told_when_the_other_goes_on, make),
		cmocka_unit_test_setup(a_takeover_has_its_time_before_nobody_is_master, make),
		cmocka_unit_test_setup(a_frozen_master_is_none, make),
		cmocka_unit_test_setup(what_passes_is_pending_and_no_more, make),
		cmocka_unit_test_setup(another_state_has_its_own_time, make),
		cmocka_unit_test_setup(another_fault_of_the_same_state_has_not, make),
		cmocka_unit_test(silence_is_three_intervals_and_the_skew),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
