/* Tests the rows of bonds: what a kernel said in, what is published out.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/bond/model.h"

#include <linux/ethtool.h>
#include <linux/if_bonding.h>
#include <string.h>

#include "mib/ha-agentx-mib.h"
#include "tests/unit/check.h"
#include "tests/unit/test_bond_world.h"

#define PROBLEM(label) (UINT32_C(1) << haBondPortProblems_##label)

#define ETH0 1 /* positions in the recorded dumps */
#define ETH1 2
#define BOND0 3

/* A link of a recording, changed. */
#define CHANGED(file, number, ...)                                                                 \
	do {                                                                                       \
		struct bond_link changed = bonds_link(file, number);                               \
		struct bond_facts *of_bond __attribute__((unused)) = &changed.bond;                \
		struct bond_port_facts *of_port __attribute__((unused)) = &changed.port;           \
		changed.speed = 10000;                                                             \
		changed.duplex = DUPLEX_FULL;                                                      \
		__VA_ARGS__;                                                                       \
		bonds_tell(&changed);                                                              \
	} while (0)

static bool has(unsigned int object, const struct row *row)
{
	return !(row->absent >> mib_objects[object].arc & 1);
}

/* ---- as recorded ---- */

TEST(all_modes_are_known)
{
	static const struct {
		const char *file;
		int32_t mode, redundancy;
		uint32_t speed;
		const char *active;
	} modes[] = {
		{ "balance-rr.dump", haBondMode_balanceRr, haBondRedundancy_full, 20000, "" },
		{ "active-backup.dump", haBondMode_activeBackup, haBondRedundancy_full, 10000,
		  "eth0" },
		{ "balance-xor.dump", haBondMode_balanceXor, haBondRedundancy_full, 20000, "" },
		{ "broadcast.dump", haBondMode_broadcast, haBondRedundancy_full, 20000, "" },
		{ "lacp.dump", haBondMode_ieee8023ad, haBondRedundancy_full, 30000, "" },
		{ "balance-tlb.dump", haBondMode_balanceTlb, haBondRedundancy_full, 20000, "eth0" },
		{ "balance-alb.dump", haBondMode_balanceAlb, haBondRedundancy_full, 20000, "eth0" },
		{ "unmonitored.dump", haBondMode_activeBackup, haBondRedundancy_unmonitored, 10000,
		  "eth0" },
	};

	for (size_t i = 0; i < COUNT(modes); i++) {
		const struct bond_row *row;

		bonds_dump(modes[i].file);
		row = bonds_row("bond0");
		assert_non_null(row);
		assert_int_equal(row->mode, modes[i].mode);
		assert_int_equal(row->redundancy, modes[i].redundancy);
		assert_int_equal(row->speed, modes[i].speed);
		assert_string_equal(row->active, modes[i].active);
	}
}

TEST(a_bond_says_how_it_is_set)
{
	const struct bond_row *row;

	bonds_dump("delays.dump");
	row = bonds_row("bond0");
	assert_int_equal(row->head.state, HaRowState_fresh);
	assert_int_equal(row->configured, TruthValue_false);
	assert_int_equal(row->index, 4);
	assert_int_equal(row->address.length, 6);
	assert_int_equal(row->admin_up, HaAnswer_yes);
	assert_int_equal(row->oper, haBondOperState_up);
	assert_int_equal(row->monitoring, haBondMonitoring_mii);
	assert_int_equal(row->interval, 50);
	assert_int_equal(row->up_delay, 300);
	assert_int_equal(row->down_delay, 200);
	assert_string_equal(row->primary, "eth1");
	assert_string_equal(row->active, "eth1");
	assert_int_equal(row->active_index, 3);
	assert_int_equal(row->reselect, haBondPrimaryReselect_better);
	assert_int_equal(row->ports, 2);
	assert_int_equal(row->ports_up, 2);
	assert_int_equal(row->min_links, 1);
	assert_int_equal(row->redundancy_time.wall, BONDS_WALL);
	assert_false(has(mib_haBondAggregator, &row->head));
	assert_false(has(mib_haBondLacpRate, &row->head));
	bonds_dump("arp.dump");
	row = bonds_row("bond0");
	assert_int_equal(row->monitoring, haBondMonitoring_arp);
	assert_int_equal(row->interval, 200);
	assert_string_equal(row->arp_targets, "192.0.2.1,192.0.2.2");
}

TEST(a_port_says_how_it_is)
{
	const struct bond_port_row *row;

	bonds_dump("active-backup.dump");
	row = bonds_port("bond0", "eth1");
	assert_int_equal(row->head.state, HaRowState_fresh);
	assert_int_equal(row->index, 3);
	assert_int_equal(row->link, haBondPortLink_up);
	assert_int_equal(row->carrier, HaAnswer_yes);
	assert_int_equal(row->use, haBondPortUse_backup);
	assert_int_equal(row->speed, 10000);
	assert_int_equal(row->duplex, haBondPortDuplex_full);
	assert_int_equal(row->failures, 0);
	assert_int_equal(row->address.octet[5], 1);
	assert_int_equal(row->problems, 0);
	assert_false(has(mib_haBondPortAggregator, &row->head));
	assert_false(has(mib_haBondPortPartnerSystem, &row->head));
	assert_int_equal(bonds_port("bond0", "eth0")->use, haBondPortUse_active);
	assert_null(bonds_port("bond0", "lo"));
}

TEST(a_port_that_waits_is_down_before_the_bond_looks)
{
	const struct bond_port_row *port;
	const struct bond_row *bond;

	bonds_dump("active-backup.dump");
	bonds_row("bond0");
	bonds_pass(5000);
	CHANGED("active-backup.dump", ETH1, changed.carrier = 0);
	port = bonds_port("bond0", "eth1");
	assert_int_equal(port->link, haBondPortLink_down);
	assert_int_equal(port->carrier, HaAnswer_no);
	assert_int_equal(port->use, haBondPortUse_backup);
	assert_int_equal(port->link_time.wall, BONDS_WALL + 5000);
	bond = bonds_row("bond0");
	assert_int_equal(bond->redundancy, haBondRedundancy_none);
	assert_int_equal(bond->redundancy_time.wall, BONDS_WALL + 5000);
	assert_int_equal(bond->ports_up, 1);
}

TEST(the_active_port_is_down_when_the_bond_leaves_it)
{
	bonds_dump("active-backup.dump");
	bonds_event("active-backup.events", 0);
	assert_int_equal(bonds_port("bond0", "eth0")->carrier, HaAnswer_no);
	assert_int_equal(bonds_port("bond0", "eth0")->link, haBondPortLink_up);
	assert_int_equal(bonds_row("bond0")->redundancy, haBondRedundancy_full);
	bonds_event("active-backup.events", 1);
	assert_int_equal(bonds_port("bond0", "eth0")->link, haBondPortLink_down);
	assert_int_equal(bonds_port("bond0", "eth0")->use, haBondPortUse_backup);
	assert_int_equal(bonds_row("bond0")->redundancy, haBondRedundancy_none);
}

TEST(a_pulled_cable_moves_the_active_port_and_back)
{
	const struct bond_row *bond;

	bonds_dump("active-backup.dump");
	bonds_row("bond0");
	bonds_pass(5000);
	for (unsigned int i = 0; i < 7; i++)
		bonds_event("active-backup.events", i);
	bond = bonds_row("bond0");
	assert_string_equal(bond->active, "eth1");
	assert_int_equal(bond->active_index, 3);
	assert_int_equal(bond->active_changes, 1);
	assert_int_equal(bond->active_time.wall, BONDS_WALL + 5000);
	assert_int_equal(bonds_port("bond0", "eth0")->failures, 1);
	assert_int_equal(bonds_port("bond0", "eth1")->use, haBondPortUse_active);
	bonds_event("active-backup.events", 7);
	assert_int_equal(bonds_port("bond0", "eth0")->carrier, HaAnswer_yes);
	assert_int_equal(bonds_port("bond0", "eth0")->link, haBondPortLink_down);
	bonds_event("active-backup.events", 8);
	assert_int_equal(bonds_row("bond0")->redundancy, haBondRedundancy_full);
	assert_int_equal(bonds_row("bond0")->active_changes, 1);
}

TEST(delays_are_told)
{
	bonds_dump("delays.dump");
	bonds_event("delays.events", 0);
	assert_int_equal(bonds_port("bond0", "eth0")->link, haBondPortLink_goingDown);
	assert_int_equal(bonds_row("bond0")->redundancy, haBondRedundancy_full);
	bonds_event("delays.events", 1);
	assert_int_equal(bonds_port("bond0", "eth0")->link, haBondPortLink_down);
	assert_int_equal(bonds_row("bond0")->redundancy, haBondRedundancy_none);
	bonds_event("delays.events", 2);
	assert_int_equal(bonds_port("bond0", "eth0")->link, haBondPortLink_goingBack);
	bonds_event("delays.events", 3);
	assert_int_equal(bonds_port("bond0", "eth0")->link, haBondPortLink_up);
}

TEST(unmonitored_links_are_what_the_bond_takes_them_for)
{
	bonds_dump("unmonitored.dump");
	bonds_event("unmonitored.events", 0);
	assert_int_equal(bonds_port("bond0", "eth0")->link, haBondPortLink_up);
	assert_int_equal(bonds_port("bond0", "eth0")->carrier, HaAnswer_no);
	assert_int_equal(bonds_row("bond0")->redundancy, haBondRedundancy_unmonitored);
	assert_int_equal(bonds_row("bond0")->monitoring, haBondMonitoring_none);
}

/* ---- LACP ---- */

TEST(lacp_says_who_is_at_the_other_end)
{
	const struct bond_port_row *port;
	const struct bond_row *bond;

	bonds_lacp("lacp.proc");
	bonds_dump("lacp.dump");
	bond = bonds_row("bond0");
	assert_int_equal(bond->lacp_rate, haBondLacpRate_fast);
	assert_int_equal(bond->ad_select, haBondAdSelect_stable);
	assert_int_equal(bond->aggregator, 1);
	assert_int_equal(bond->aggregator_ports, 3);
	assert_int_equal(bond->actor_key, 15);
	assert_int_equal(bond->partner_key, 15);
	assert_int_equal(bond->partner_system.octet[4], 2);
	port = bonds_port("bond0", "eth2");
	assert_int_equal(port->aggregator, 1);
	assert_int_equal(port->actor_state, 0x3f);
	assert_int_equal(port->partner_state, 0x3f);
	assert_int_equal(port->actor_key, 15);
	assert_int_equal(port->partner_key, 15);
	assert_int_equal(port->partner_port, 3);
	assert_int_equal(port->partner_system.octet[4], 2);
	assert_true(has(mib_haBondPortPartnerSystem, &port->head));
}

TEST(without_the_right_to_know_the_partner_is_left_out)
{
	const struct bond_port_row *port;

	bonds_lacp(NULL);
	bonds_dump("lacp.dump");
	port = bonds_port("bond0", "eth0");
	assert_true(has(mib_haBondPortAggregator, &port->head));
	assert_false(has(mib_haBondPortPartnerSystem, &port->head));
	assert_false(has(mib_haBondPortActorKey, &port->head));
}

/* It is given time to be heard of when the link comes up. */
TEST(a_port_without_partner_is_told_after_a_while)
{
	bonds_dump("lacp-alone.dump");
	assert_int_equal(bonds_port("bond0", "eth0")->problems, 0);
	assert_int_equal(bond_model_due(bonds), bonds_now + 6000);
	bonds_pass(6000);
	assert_int_equal(bonds_port("bond0", "eth0")->problems, PROBLEM(noPartner));
	assert_int_equal(bonds_port("bond0", "eth1")->problems, PROBLEM(noPartner));
	assert_int_equal(bond_model_due(bonds), 0);
}

TEST(a_port_at_another_switch_is_foreign)
{
	const struct bond_row *bond;

	bonds_dump("lacp-foreign.dump");
	bonds_row("bond0");
	bonds_pass(6000);
	bond = bonds_row("bond0");
	assert_int_equal(bond->ports_up, 3);
	assert_int_equal(bond->aggregator_ports, 2);
	assert_int_equal(bond->speed, 20000);
	assert_int_equal(bonds_port("bond0", "eth1")->problems, 0);
	assert_int_equal(bonds_port("bond0", "eth2")->problems, PROBLEM(foreignAggregator));
}

TEST(min_links_count_ports_of_the_aggregator)
{
	static const struct {
		uint32_t min_links;
		int32_t redundancy;
	} cases[] = {
		{ 0, haBondRedundancy_full },
		{ 1, haBondRedundancy_full },
		{ 2, haBondRedundancy_none },
		{ 3, haBondRedundancy_down },
	};

	bonds_dump("lacp-foreign.dump");
	for (size_t i = 0; i < COUNT(cases); i++) {
		CHANGED("lacp-foreign.dump", 4, of_bond->min_links = cases[i].min_links);
		assert_int_equal(bonds_row("bond0")->redundancy, cases[i].redundancy);
	}
}

/* The kernel does not look at it there. */
TEST(min_links_mean_nothing_in_other_modes)
{
	bonds_dump("balance-rr.dump");
	CHANGED("balance-rr.dump", BOND0, of_bond->min_links = 2);
	assert_int_equal(bonds_row("bond0")->redundancy, haBondRedundancy_full);
}

/* ---- redundancy ---- */

TEST(redundancy_counts_what_is_left)
{
	bonds_dump("lacp.dump");
	CHANGED("lacp.dump", ETH0, of_port->mii_status = BOND_LINK_DOWN);
	assert_int_equal(bonds_row("bond0")->redundancy, haBondRedundancy_degraded);
	CHANGED("lacp.dump", ETH1, of_port->mii_status = BOND_LINK_FAIL);
	assert_int_equal(bonds_row("bond0")->redundancy, haBondRedundancy_degraded);
	CHANGED("lacp.dump", ETH1, of_port->mii_status = BOND_LINK_DOWN);
	assert_int_equal(bonds_row("bond0")->redundancy, haBondRedundancy_none);
	CHANGED("lacp.dump", 3, of_port->mii_status = BOND_LINK_BACK);
	assert_int_equal(bonds_row("bond0")->redundancy, haBondRedundancy_down);
}

TEST(a_bond_that_is_off_is_down)
{
	bonds_dump("active-backup.dump");
	CHANGED("active-backup.dump", BOND0, changed.admin_up = false);
	assert_int_equal(bonds_row("bond0")->redundancy, haBondRedundancy_down);
	CHANGED("active-backup.dump", BOND0, changed.carrier = 0);
	assert_int_equal(bonds_row("bond0")->redundancy, haBondRedundancy_down);
}

/* ARP monitoring sees what has a carrier and nothing behind it. */
TEST(a_mute_port_is_down_with_a_carrier)
{
	bonds_dump("arp.dump");
	CHANGED("arp.dump", ETH1, of_port->mii_status = BOND_LINK_DOWN);
	assert_int_equal(bonds_port("bond0", "eth1")->link, haBondPortLink_down);
	assert_int_equal(bonds_port("bond0", "eth1")->carrier, HaAnswer_yes);
	assert_int_equal(bonds_row("bond0")->redundancy, haBondRedundancy_none);
}

TEST(a_port_that_is_switched_off_has_no_link)
{
	bonds_dump("active-backup.dump");
	CHANGED("active-backup.dump", ETH1, changed.admin_up = false);
	assert_int_equal(bonds_port("bond0", "eth1")->link, haBondPortLink_down);
	assert_int_equal(bonds_port("bond0", "eth1")->carrier, HaAnswer_no);
}

/* Drivers without a carrier of their own are asked by ioctl(2): use_carrier is off for them. */
TEST(a_carrier_that_the_bond_does_not_use_says_nothing)
{
	bonds_dump("active-backup.dump");
	CHANGED("active-backup.dump", BOND0, of_bond->use_carrier = 0);
	CHANGED("active-backup.dump", ETH1, changed.carrier = 0);
	assert_int_equal(bonds_port("bond0", "eth1")->link, haBondPortLink_up);
}

TEST(what_is_not_told_is_unknown)
{
	bonds_dump("active-backup.dump");
	CHANGED("active-backup.dump", BOND0,
		of_bond->mode = of_bond->miimon = of_bond->arp_interval = of_bond->min_links =
			BOND_UNTOLD);
	CHANGED("active-backup.dump", ETH1,
		of_port->mii_status = of_port->state = of_port->failures = BOND_UNTOLD);
	assert_int_equal(bonds_row("bond0")->mode, haBondMode_unknown);
	assert_int_equal(bonds_row("bond0")->monitoring, haBondMonitoring_unknown);
	assert_int_equal(bonds_row("bond0")->redundancy, haBondRedundancy_unknown);
	assert_false(has(mib_haBondMinLinks, &bonds_row("bond0")->head));
	assert_int_equal(bonds_port("bond0", "eth1")->link, haBondPortLink_unknown);
	assert_int_equal(bonds_port("bond0", "eth1")->use, haBondPortUse_unknown);
	assert_false(has(mib_haBondPortLinkFailures, &bonds_port("bond0", "eth1")->head));
	CHANGED("active-backup.dump", BOND0, of_bond->mode = 7);
	assert_int_equal(bonds_row("bond0")->mode, haBondMode_other);
}

/* ---- problems ---- */

TEST(the_slower_port_is_flagged)
{
	bonds_dump("balance-rr.dump");
	CHANGED("balance-rr.dump", ETH1, changed.speed = 1000);
	assert_int_equal(bonds_port("bond0", "eth0")->problems, 0);
	assert_int_equal(bonds_port("bond0", "eth1")->problems, PROBLEM(speedDiffers));
	assert_int_equal(bonds_row("bond0")->speed, 11000);
	CHANGED("balance-rr.dump", ETH1, changed.duplex = DUPLEX_HALF);
	assert_int_equal(bonds_port("bond0", "eth1")->problems,
			 PROBLEM(duplexDiffers) | PROBLEM(halfDuplex));
	CHANGED("balance-rr.dump", ETH1, changed.duplex = DUPLEX_HALF,
		of_port->mii_status = BOND_LINK_DOWN);
	assert_int_equal(bonds_port("bond0", "eth1")->problems, 0);
	CHANGED("balance-rr.dump", ETH1, changed.speed = 0, changed.duplex = DUPLEX_UNKNOWN);
	assert_int_equal(bonds_port("bond0", "eth1")->problems, 0);
}

TEST(a_link_that_fails_three_times_in_five_minutes_flaps)
{
	bonds_dump("active-backup.dump");
	CHANGED("active-backup.dump", ETH1, of_port->failures = 1);
	bonds_pass(1000);
	CHANGED("active-backup.dump", ETH1, of_port->failures = 2);
	assert_int_equal(bonds_port("bond0", "eth1")->problems, 0);
	bonds_pass(1000);
	CHANGED("active-backup.dump", ETH1, of_port->failures = 3);
	assert_int_equal(bonds_port("bond0", "eth1")->problems, PROBLEM(linkFlaps));
	assert_int_equal(bond_model_due(bonds), bonds_now - 2000 + 300000);
	bonds_pass(298000);
	assert_int_equal(bonds_port("bond0", "eth1")->problems, 0);
}

TEST(failures_of_long_ago_are_no_flapping)
{
	bonds_dump("active-backup.dump");
	for (uint32_t i = 1; i < 9; i++) {
		bonds_pass(150000);
		CHANGED("active-backup.dump", ETH1, of_port->failures = i);
		assert_int_equal(bonds_port("bond0", "eth1")->problems, 0);
	}
}

/* ---- which rows there are ---- */

TEST(what_is_expected_and_not_there_is_missing)
{
	const struct bond_port_row *port;
	const struct bond_row *bond;

	bonds_expect();
	bond = bonds_row("bond0");
	assert_int_equal(bond->head.state, HaRowState_missing);
	assert_int_equal(bond->configured, TruthValue_true);
	assert_int_equal(bond->index, 0);
	assert_int_equal(bond->redundancy, haBondRedundancy_unknown);
	assert_int_equal(bond->admin_up, HaAnswer_unknown);
	assert_int_equal(bond->ports, 2);
	port = bonds_port("bond0", "eth0");
	assert_int_equal(port->head.state, HaRowState_missing);
	assert_int_equal(port->link, haBondPortLink_unknown);
	assert_int_equal(port->carrier, HaAnswer_unknown);
	bonds_dump("active-backup.dump");
	bond = bonds_row("bond0");
	assert_int_equal(bond->head.state, HaRowState_fresh);
	assert_int_equal(bond->redundancy, haBondRedundancy_full);
	assert_int_equal(bonds_port("bond0", "eth0")->head.state, HaRowState_fresh);
	assert_int_equal(bonds_port("bond0", "eth0")->configured, TruthValue_true);
}

TEST(a_port_that_has_left_counts_when_it_is_expected)
{
	bonds_expect();
	bonds_dump("lacp.dump");
	assert_int_equal(bonds_port("bond0", "eth2")->configured, TruthValue_false);
	CHANGED("lacp.dump", ETH0, changed.master = 0);
	assert_int_equal(bonds_port("bond0", "eth0")->head.state, HaRowState_missing);
	assert_int_equal(bonds_row("bond0")->ports, 3);
	assert_int_equal(bonds_row("bond0")->redundancy, haBondRedundancy_degraded);
	CHANGED("lacp.dump", 3, changed.master = 0);
	assert_null(bonds_port("bond0", "eth2"));
	assert_int_equal(bonds_row("bond0")->ports, 2);
}

TEST(what_goes_away_and_is_not_expected_is_no_row)
{
	bonds_dump("active-backup.dump");
	assert_non_null(bonds_row("bond0"));
	bond_model_unlink(bonds, 4);
	assert_null(bonds_row("bond0"));
	assert_null(bonds_port("bond0", "eth0"));
	assert_false(bond_model_is_used(bonds));
}

TEST(what_a_dump_does_not_tell_has_gone)
{
	bonds_dump("lacp.dump");
	assert_non_null(bonds_port("bond0", "eth2"));
	bonds_dump("active-backup.dump");
	assert_null(bonds_port("bond0", "eth2"));
}

TEST(a_bond_with_a_new_name_is_a_new_row)
{
	bonds_dump("active-backup.dump");
	assert_non_null(bonds_row("bond0"));
	CHANGED("active-backup.dump", BOND0, strcpy(changed.name, "lan"));
	assert_null(bonds_row("bond0"));
	assert_int_equal(bonds_row("lan")->redundancy, haBondRedundancy_full);
	assert_non_null(bonds_port("lan", "eth0"));
	assert_null(bonds_port("bond0", "eth0"));
}

TEST(what_has_not_changed_is_not_reported_again)
{
	bonds_dump("active-backup.dump");
	bonds_row("bond0");
	assert_int_equal(bonds_reported(), 3);
	bonds_pass(1000);
	bonds_dump("active-backup.dump");
	bonds_row("bond0");
	assert_int_equal(bonds_reported(), 0);
	bonds_event("active-backup.events", 1);
	bonds_row("bond0");
	assert_int_equal(bonds_reported(), 2);
}

#define BOND_TEST(sentence) cmocka_unit_test_setup_teardown(sentence, bonds_make, bonds_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOND_TEST(all_modes_are_known),
		BOND_TEST(a_bond_says_how_it_is_set),
		BOND_TEST(a_port_says_how_it_is),
		BOND_TEST(a_port_that_waits_is_down_before_the_bond_looks),
		BOND_TEST(the_active_port_is_down_when_the_bond_leaves_it),
		BOND_TEST(a_pulled_cable_moves_the_active_port_and_back),
		BOND_TEST(delays_are_told),
		BOND_TEST(unmonitored_links_are_what_the_bond_takes_them_for),
		BOND_TEST(lacp_says_who_is_at_the_other_end),
		BOND_TEST(without_the_right_to_know_the_partner_is_left_out),
		BOND_TEST(a_port_without_partner_is_told_after_a_while),
		BOND_TEST(a_port_at_another_switch_is_foreign),
		BOND_TEST(min_links_count_ports_of_the_aggregator),
		BOND_TEST(min_links_mean_nothing_in_other_modes),
		BOND_TEST(redundancy_counts_what_is_left),
		BOND_TEST(a_bond_that_is_off_is_down),
		BOND_TEST(a_mute_port_is_down_with_a_carrier),
		BOND_TEST(a_port_that_is_switched_off_has_no_link),
		BOND_TEST(a_carrier_that_the_bond_does_not_use_says_nothing),
		BOND_TEST(what_is_not_told_is_unknown),
		BOND_TEST(the_slower_port_is_flagged),
		BOND_TEST(a_link_that_fails_three_times_in_five_minutes_flaps),
		BOND_TEST(failures_of_long_ago_are_no_flapping),
		BOND_TEST(what_is_expected_and_not_there_is_missing),
		BOND_TEST(a_port_that_has_left_counts_when_it_is_expected),
		BOND_TEST(what_goes_away_and_is_not_expected_is_no_row),
		BOND_TEST(what_a_dump_does_not_tell_has_gone),
		BOND_TEST(a_bond_with_a_new_name_is_a_new_row),
		BOND_TEST(what_has_not_changed_is_not_reported_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
