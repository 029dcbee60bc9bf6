/* Tests what is told of bonds: events and alarms that follow from their rows.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/bond/rows.h"

#include <string.h>

#include "lib/memory.h"
#include "lib/rows.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/alarms.h"
#include "subagent/board.h"
#include "subagent/changes.h"
#include "subagent/events.h"
#include "subagent/source.h"
#include "subagent/sources/bond/source.h"
#include "subagent/tables.h"
#include "tests/unit/check.h"

const struct source *const sources[] = { &bond_source, NULL };

static struct board board;
static struct changes changes;
static const struct instant now = { 1000000, INT64_C(1700000000000) };

static int set_up(void **state)
{
	(void)state;
	memset(&changes, 0, sizeof(changes));
	board_open(&board, tables_all());
	changes_open(&changes, &board, 0, 20);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	changes_close(&changes);
	board_close(&board);
	return 0;
}

/* A bond that works. */
static struct bond_row make_bond(void)
{
	struct bond_row row;

	memset(&row, 0, sizeof(row));
	row.head.state = HaRowState_fresh;
	TEXT_PUT(row.name, "bond0");
	TEXT_PUT(row.active, "eth0");
	row.configured = TruthValue_false;
	row.admin_up = HaAnswer_yes;
	row.active_index = 2;
	row.oper = haBondOperState_up;
	row.redundancy = haBondRedundancy_full;
	return row;
}

static void say(const struct bond_row *row)
{
	changes_put(&changes, &bond_table, row, &now);
}

static size_t count(unsigned int entry)
{
	const struct rows *rows = board_rows(&board, entry);
	size_t standing = 0;

	for (size_t i = 0; i < rows->count; i++)
		standing += !rows->entries[i]->gone;
	return standing;
}

/* The newest. */
static const struct event_row *event(void)
{
	const struct rows *rows = board_rows(&board, mib_haEventEntry);

	assert_true(rows->count > 0);
	return rows->entries[rows->count - 1]->row;
}

/* The only one. */
static const struct alarm_row *alarm_standing(void)
{
	const struct rows *rows = board_rows(&board, mib_haAlarmEntry);

	assert_int_equal(count(mib_haAlarmEntry), 1);
	for (size_t i = 0; i < rows->count; i++)
		if (!rows->entries[i]->gone)
			return rows->entries[i]->row;
	return NULL;
}

TEST(another_active_port_is_told_with_both_names_and_indexes)
{
	struct bond_row row = make_bond();

	say(&row);
	assert_int_equal(count(mib_haEventEntry), 0);
	TEXT_PUT(row.active, "eth1");
	row.active_index = 3;
	say(&row);
	assert_int_equal(event()->kind, HaEventType_bondActivePortChange);
	assert_string_equal(event()->subject, "bond0");
	assert_int_equal(event()->old_state, 2);
	assert_int_equal(event()->new_state, 3);
	assert_string_equal(event()->old_label, "eth0");
	assert_string_equal(event()->new_label, "eth1");
	assert_string_equal(event()->text, "bond0: haBondActivePort was eth0, is eth1");
	TEXT_PUT(row.active, "");
	row.active_index = 0;
	say(&row);
	assert_int_equal(event()->new_state, 0);
	assert_string_equal(event()->old_label, "eth1");
	assert_int_equal(count(mib_haAlarmEntry), 0);
}

TEST(each_loss_of_redundancy_is_an_alarm)
{
	static const struct {
		int32_t redundancy, alarm, severity;
	} losses[] = {
		{ haBondRedundancy_degraded, HaAlarmType_bondDegraded, HaSeverity_warning },
		{ haBondRedundancy_none, HaAlarmType_bondNoRedundancy, HaSeverity_major },
		{ haBondRedundancy_down, HaAlarmType_bondDown, HaSeverity_critical },
		{ haBondRedundancy_unmonitored, HaAlarmType_bondUnmonitored, HaSeverity_warning },
	};
	struct bond_row row = make_bond();

	say(&row);
	for (size_t i = 0; i < COUNT(losses); i++) {
		row.redundancy = losses[i].redundancy;
		say(&row);
		assert_int_equal(alarm_standing()->kind, losses[i].alarm);
		assert_int_equal(alarm_standing()->severity, losses[i].severity);
		assert_int_equal(event()->kind, HaEventType_bondRedundancyChange);
	}
	row.redundancy = haBondRedundancy_full;
	say(&row);
	assert_int_equal(count(mib_haAlarmEntry), 0);
	assert_int_equal(event()->severity, HaSeverity_cleared);
}

TEST(a_bond_that_nobody_uses_is_no_alarm)
{
	struct bond_row row = make_bond();

	row.admin_up = HaAnswer_no;
	row.redundancy = haBondRedundancy_down;
	say(&row);
	assert_int_equal(count(mib_haAlarmEntry), 0);
	assert_int_equal(count(mib_haEventEntry), 0);
	row.configured = TruthValue_true;
	say(&row);
	assert_int_equal(alarm_standing()->kind, HaAlarmType_bondDown);
}

TEST(a_missing_bond_is_told_and_its_other_alarms_end)
{
	struct bond_row row = make_bond();

	row.redundancy = haBondRedundancy_none;
	say(&row);
	assert_int_equal(alarm_standing()->kind, HaAlarmType_bondNoRedundancy);
	row.head.state = HaRowState_missing;
	row.redundancy = haBondRedundancy_unknown;
	say(&row);
	assert_int_equal(alarm_standing()->kind, HaAlarmType_bondMissing);
	assert_int_equal(alarm_standing()->severity, HaSeverity_critical);
	row = make_bond();
	say(&row);
	assert_int_equal(count(mib_haAlarmEntry), 0);
}

TEST(problems_of_a_port_are_one_alarm)
{
	struct bond_port_row row;

	memset(&row, 0, sizeof(row));
	row.head.state = HaRowState_fresh;
	TEXT_PUT(row.bond, "bond0");
	TEXT_PUT(row.name, "eth0");
	row.link = haBondPortLink_up;
	row.use = haBondPortUse_active;
	changes_put(&changes, &bond_port_table, &row, &now);
	row.problems = 1U << haBondPortProblems_speedDiffers;
	changes_put(&changes, &bond_port_table, &row, &now);
	row.problems |= 1U << haBondPortProblems_linkFlaps;
	changes_put(&changes, &bond_port_table, &row, &now);
	assert_int_equal(alarm_standing()->kind, HaAlarmType_bondPortProblem);
	assert_string_equal(alarm_standing()->subject, "bond0/eth0");
	assert_int_equal(count(mib_haEventEntry), 2);
	row.problems = 0;
	changes_put(&changes, &bond_port_table, &row, &now);
	assert_int_equal(count(mib_haAlarmEntry), 0);
	assert_int_equal(event()->severity, HaSeverity_cleared);
}

#define BOND_TEST(sentence) cmocka_unit_test_setup_teardown(sentence, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOND_TEST(another_active_port_is_told_with_both_names_and_indexes),
		BOND_TEST(each_loss_of_redundancy_is_an_alarm),
		BOND_TEST(a_bond_that_nobody_uses_is_no_alarm),
		BOND_TEST(a_missing_bond_is_told_and_its_other_alarms_end),
		BOND_TEST(problems_of_a_port_are_one_alarm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
