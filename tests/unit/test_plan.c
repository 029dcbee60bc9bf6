/* Tests plans: what a job does for each request, in words and in steps.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "actions/plan.h"

#include <string.h>

#include "lib/settings.h"
#include "lib/settings_bond.h"
#include "lib/settings_group.h"
#include "lib/settings_ipvs.h"
#include "lib/settings_vrrp.h"
#include "mib/ha-agentx-mib.h"
#include "tests/unit/check.h"

static struct settings_resource resources[] = { { "r0", true }, { "r1", true } };
static char ports[2][SETTINGS_INTERFACE_SIZE] = { "eth0", "eth1" };
static struct settings_expected_bond bonds[] = {
	{ .name = "bond0", .ports_count = 2, .ports = ports, .switchable = true },
};
static struct settings_bond bond = { .bonds_count = 1, .bonds = bonds };
static struct address servers[] = {
	{ .family = AF_INET, .port = 80, .octets = { 192, 0, 2, 1 } },
	{ .family = AF_INET, .port = 80, .octets = { 192, 0, 2, 2 } },
};
static char title[] = "tcp 192.0.2.100:80";
static struct settings_ipvs_service services[] = {
	{ .title = title, .servers_count = 2, .servers = servers, .switchable = true },
};
static struct settings_ipvs ipvs = { .services_count = 1, .services = services };
static struct settings_instance instances[] = { { .name = "VI_1", .switchable = true } };
static struct settings_vrrp vrrp = { .instances_count = 1, .instances = instances };
static struct settings_member members[] = {
	{ .kind = haGroupMemberKind_drbd, .name = "r1", .resource = 1 },
	{ .kind = haGroupMemberKind_mount, .name = "/srv/nfs", .resource = 1 },
	{ .kind = haGroupMemberKind_service, .name = "nfs-server.service", .resource = SIZE_MAX },
};
static struct settings_member many[SETTINGS_MEMBERS_MAX];
static struct settings_group groups[] = {
	{ .name = "nfs", .instance = 0, .members_count = COUNT(members), .members = members },
};
static struct settings_groups all_groups = { .count = 1, .groups = groups };
static const struct settings settings = {
	.resources_count = 2,
	.resources = resources,
	.bond = &bond,
	.ipvs = &ipvs,
	.vrrp = &vrrp,
	.groups = &all_groups,
};

/* Filled with what no plan leaves there. */
static struct plan plan;

static int fill(void **state)
{
	(void)state;
	memset(&plan, 0xa5, sizeof(plan));
	return 0;
}

static void check_step(size_t position, enum plan_kind kind, enum step_verb verb, const char *words)
{
	const struct plan_step *step = &plan.steps[position];
	char text[128];

	assert_int_equal(step->kind, kind);
	assert_int_equal(step->step.verb, verb);
	plan_print(&settings, step, text, sizeof(text));
	assert_string_equal(text, words);
}

/* That it does one thing, and sees that it is done. */
static void check_plan(enum step_verb verb, const char *does, const char *sees)
{
	assert_int_equal(plan.count, 2);
	check_step(0, PLAN_EXECUTE, verb, does);
	check_step(1, PLAN_VERIFY, verb, sees);
}

TEST(a_resource_is_promoted_and_demoted)
{
	plan_drbd_role(&plan, 1, HaDrbdRole_primary, 0);
	check_plan(STEP_DRBD_PRIMARY, "promote r1", "see that r1 is Primary");
	assert_int_equal(plan_role_of(&plan.steps[1].step), HaDrbdRole_primary);
	plan_drbd_role(&plan, 1, HaDrbdRole_primary, 1);
	check_plan(STEP_DRBD_PRIMARY_ALONE, "promote, connected or not, r1",
		   "see that r1 is Primary");
	plan_drbd_role(&plan, 0, HaDrbdRole_secondary, 1);
	check_plan(STEP_DRBD_SECONDARY, "demote r0", "see that r0 is Secondary");
	assert_int_equal(plan_role_of(&plan.steps[0].step), HaDrbdRole_secondary);
	assert_int_equal(plan.undo, UNDO_NEVER);
}

TEST(a_port_is_made_active)
{
	plan_bond_port(&plan, 0, 1);
	check_plan(STEP_BOND_ACTIVE_PORT, "have bond0 use eth1", "see that bond0 uses eth1");
	assert_int_equal(plan.undo, UNDO_NEVER);
}

TEST(a_server_gets_a_weight)
{
	plan_ipvs_weight(&plan, 0, 1, 3);
	check_plan(STEP_IPVS_WEIGHT, "give 192.0.2.2:80 of tcp 192.0.2.100:80 the weight 3",
		   "see that 192.0.2.2:80 of tcp 192.0.2.100:80 has the weight 3");
	assert_int_equal(plan.steps[0].step.value, 3);
	assert_int_equal(plan.undo, UNDO_NEVER);
}

TEST(a_hold_is_taken_back_when_nobody_takes_over)
{
	plan_vrrp_hold(&plan, 0, 1900000000, true);
	assert_int_equal(plan.count, 2);
	check_step(0, PLAN_EXECUTE, STEP_VRRP_HOLD, "hold VI_1");
	check_step(1, PLAN_VERIFY_PEER, STEP_VRRP_HOLD,
		   "see that another node has taken over VI_1");
	assert_int_equal(plan.steps[0].step.value, 1900000000);
	assert_int_equal(plan.undo, UNDO_UNVERIFIED);
	plan_vrrp_hold(&plan, 0, 0, false);
	check_plan(STEP_VRRP_HOLD, "hold VI_1", "see that VI_1 is given away");
	assert_int_equal(plan.undo, UNDO_NEVER);
	plan_vrrp_release(&plan, 0);
	check_plan(STEP_VRRP_RELEASE, "release VI_1", "see that VI_1 takes part");
	assert_int_equal(plan.undo, UNDO_NEVER);
}

/* ---- groups ---- */

/* What a plan of the group of two resources and a mount consists of: from `first' on, words. */
static void check_words(size_t first, const char *const *words)
{
	char text[128];

	for (; *words; first++, words++) {
		assert_true(first < plan.count);
		plan_print(&settings, &plan.steps[first], text, sizeof(text));
		assert_string_equal(text, *words);
	}
	assert_int_equal(first, plan.count);
}

static void check_members(size_t first, enum step_verb verb, const size_t *parts, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		assert_int_equal(plan.steps[first + i].kind, PLAN_EXECUTE);
		assert_int_equal(plan.steps[first + i].step.verb, verb);
		assert_int_equal(plan.steps[first + i].step.subject, 0);
		assert_int_equal(plan.steps[first + i].step.part, parts[i]);
	}
}

TEST(a_group_starts_in_order_and_its_roles_are_verified_last)
{
	static const size_t parts[] = { 1, 2 };
	static const char *const sees[] = { "see that r1 is Primary", NULL };

	plan_group_promote(&plan, &settings, 0, false, false);
	check_step(0, PLAN_EXECUTE, STEP_DRBD_PRIMARY, "promote r1");
	check_members(1, STEP_MEMBER_START, parts, 2);
	check_words(3, sees);
	assert_int_equal(plan.undo, UNDO_FAILED);
	assert_int_equal(plan.point_of_no_return, 0);
	plan_group_promote(&plan, &settings, 0, true, true);
	assert_int_equal(plan.steps[0].step.verb, STEP_GROUP_FENCE);
	assert_int_equal(plan.steps[0].step.subject, 0);
	check_step(1, PLAN_EXECUTE, STEP_DRBD_PRIMARY_ALONE, "promote, connected or not, r1");
	assert_int_equal(plan.count, 5);
}

TEST(a_group_stops_backwards)
{
	static const size_t parts[] = { 2, 1 };
	static const char *const sees[] = { "demote r1", "see that r1 is Secondary", NULL };

	plan_group_demote(&plan, &settings, 0);
	check_members(0, STEP_MEMBER_STOP, parts, 2);
	check_words(2, sees);
	assert_int_equal(plan.undo, UNDO_NEVER);
}

TEST(a_switchover_gives_the_address_away_behind_everything_else)
{
	static const char *const words[] = {
		"demote r1",
		"see that r1 is Secondary",
		"hold VI_1",
		"see that another node has taken over VI_1",
		"see that r1 is Primary on another node",
		"release VI_1",
		"see that VI_1 takes part",
		NULL,
	};

	plan_group_switchover(&plan, &settings, 0, false);
	check_words(2, words);
	assert_int_equal(plan.undo, UNDO_FAILED);
	assert_int_equal(plan.point_of_no_return, 4);
	assert_int_equal(plan.steps[4].step.verb, STEP_VRRP_HOLD);
	assert_int_equal(plan.steps[4].step.value, 0);
}

TEST(a_switchover_may_look_first)
{
	plan_group_switchover(&plan, &settings, 0, true);
	check_step(0, PLAN_EXECUTE, STEP_GROUP_LOOK, "see that nobody else uses the mounts of nfs");
	check_step(3, PLAN_EXECUTE, STEP_DRBD_SECONDARY, "demote r1");
	assert_int_equal(plan.undo_begin, 1);
	assert_int_equal(plan.point_of_no_return, 5);
	plan_group_check(&plan, &settings, 0);
	assert_int_equal(plan.count, 1);
	assert_int_equal(plan.steps[0].step.verb, STEP_GROUP_LOOK);
	assert_int_equal(plan.undo, UNDO_NEVER);
}

TEST(without_a_mount_there_is_nothing_to_look_at)
{
	groups[0].members_count = 1;
	plan_group_check(&plan, &settings, 0);
	assert_int_equal(plan.count, 0);
	groups[0].members_count = 3;
}

TEST(what_was_given_away_is_taken_again)
{
	static const size_t parts[] = { 1, 2 };
	static const char *const sees[] = { "see that r1 is Primary",
					    "see that VI_1 is master again", NULL };

	plan_group_retake(&plan, &settings, 0, false);
	check_step(0, PLAN_EXECUTE, STEP_VRRP_RELEASE, "release VI_1");
	check_step(1, PLAN_EXECUTE, STEP_DRBD_PRIMARY, "promote r1");
	check_members(2, STEP_MEMBER_START, parts, 2);
	check_words(4, sees);
	assert_int_equal(plan.undo, UNDO_NEVER);
	plan_group_retake(&plan, &settings, 0, true);
	check_step(1, PLAN_EXECUTE, STEP_DRBD_PRIMARY_ALONE, "promote, connected or not, r1");
}

TEST(a_group_holds_and_suspends)
{
	plan_group_hold(&plan, &settings, 0);
	check_plan(STEP_VRRP_HOLD, "hold VI_1", "see that VI_1 is given away");
	plan_group_release(&plan, &settings, 0);
	check_plan(STEP_VRRP_RELEASE, "release VI_1", "see that VI_1 takes part");
	plan_group_suspend(&plan, &settings, 0);
	assert_int_equal(plan.count, 1);
	assert_int_equal(plan.steps[0].step.verb, STEP_DRBD_SUSPEND);
	assert_int_equal(plan.steps[0].step.subject, 1);
	plan_group_resume(&plan, &settings, 0);
	assert_int_equal(plan.count, 1);
	assert_int_equal(plan.steps[0].step.verb, STEP_DRBD_RESUME);
}

/* Every step of the largest plan fits; more is refused by the settings. */
TEST(a_group_of_nothing_but_resources_fits)
{
	size_t count = groups[0].members_count;

	groups[0].members = many;
	groups[0].members_count = SETTINGS_MEMBERS_MAX;
	for (size_t i = 0; i < SETTINGS_MEMBERS_MAX; i++)
		many[i].kind = haGroupMemberKind_drbd;
	plan_group_switchover(&plan, &settings, 0, false);
	assert_int_equal(plan.count, 3 * SETTINGS_MEMBERS_MAX + 4);
	groups[0].members = members;
	groups[0].members_count = count;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_resource_is_promoted_and_demoted, fill),
		cmocka_unit_test_setup(a_port_is_made_active, fill),
		cmocka_unit_test_setup(a_server_gets_a_weight, fill),
		cmocka_unit_test_setup(a_hold_is_taken_back_when_nobody_takes_over, fill),
		cmocka_unit_test_setup(a_group_starts_in_order_and_its_roles_are_verified_last,
				       fill),
		cmocka_unit_test_setup(a_group_stops_backwards, fill),
		cmocka_unit_test_setup(a_switchover_gives_the_address_away_behind_everything_else,
				       fill),
		cmocka_unit_test_setup(a_switchover_may_look_first, fill),
		cmocka_unit_test_setup(without_a_mount_there_is_nothing_to_look_at, fill),
		cmocka_unit_test_setup(what_was_given_away_is_taken_again, fill),
		cmocka_unit_test_setup(a_group_holds_and_suspends, fill),
		cmocka_unit_test_setup(a_group_of_nothing_but_resources_fits, fill),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
