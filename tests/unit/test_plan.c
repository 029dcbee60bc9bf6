/* Tests plans: what a job does for each request, in words and in steps.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "actions/plan.h"

#include <string.h>

#include "lib/settings.h"
#include "lib/settings_bond.h"
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
static const struct settings settings = {
	.resources_count = 2,
	.resources = resources,
	.bond = &bond,
	.ipvs = &ipvs,
	.vrrp = &vrrp,
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
	assert_false(plan.has_undo);
}

TEST(a_port_is_made_active)
{
	plan_bond_port(&plan, 0, 1);
	check_plan(STEP_BOND_ACTIVE_PORT, "have bond0 use eth1", "see that bond0 uses eth1");
	assert_false(plan.has_undo);
}

TEST(a_server_gets_a_weight)
{
	plan_ipvs_weight(&plan, 0, 1, 3);
	check_plan(STEP_IPVS_WEIGHT, "give 192.0.2.2:80 of tcp 192.0.2.100:80 the weight 3",
		   "see that 192.0.2.2:80 of tcp 192.0.2.100:80 has the weight 3");
	assert_int_equal(plan.steps[0].step.value, 3);
	assert_false(plan.has_undo);
}

TEST(a_hold_is_taken_back_when_nobody_takes_over)
{
	plan_vrrp_hold(&plan, 0, 1900000000);
	check_plan(STEP_VRRP_HOLD, "hold VI_1", "see that another node has taken over VI_1");
	assert_int_equal(plan.steps[0].step.value, 1900000000);
	assert_true(plan.has_undo);
	assert_int_equal(plan.undo.verb, STEP_VRRP_RELEASE);
	assert_int_equal(plan.undo.subject, 0);
	assert_int_equal(plan.undo.value, 0);
	plan_vrrp_release(&plan, 0);
	check_plan(STEP_VRRP_RELEASE, "release VI_1", "see that VI_1 takes part");
	assert_false(plan.has_undo);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_resource_is_promoted_and_demoted, fill),
		cmocka_unit_test_setup(a_port_is_made_active, fill),
		cmocka_unit_test_setup(a_server_gets_a_weight, fill),
		cmocka_unit_test_setup(a_hold_is_taken_back_when_nobody_takes_over, fill),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
