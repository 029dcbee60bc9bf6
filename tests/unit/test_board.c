/* Tests the board: marks, a reader that follows them, rows that are hidden and shown again.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/board.h"

#include <string.h>

#include "lib/memory.h"
#include "mib/ha-agentx-mib.h"
#include "tests/unit/check.h"
#include "tests/unit/world.h"

/* A reader that writes down what it is offered: "+a" for a row, "-a" for one that is gone. */
struct reader {
	char text[256];
	int patience; /* how many it takes before it refuses */
};

static bool take(void *argument, const struct table *table, const struct entry *entry)
{
	struct reader *reader = argument;
	size_t used = strlen(reader->text);

	if (reader->patience-- == 0)
		return false;
	text_print(reader->text + used, sizeof(reader->text) - used, "%c", entry->gone ? '-' : '+');
	table_subject(table, entry->row, reader->text + used + 1, sizeof(reader->text) - used - 1);
	return true;
}

/* What a reader of this patience is offered; whether it has all then. */
static void expect_offer(int patience, const char *text, bool all)
{
	struct reader reader = { .patience = patience };

	assert_int_equal(board_offer(&world.board, take, &reader), all);
	assert_string_equal(reader.text, text);
}

static void put(const char *name, uint32_t ports)
{
	struct sample_row row = sample_fine(name);

	row.ports = ports;
	board_put(&world.board, &sample_table, &row);
}

static void remove_row(const char *name)
{
	struct sample_row key = sample_fine(name);

	board_remove(&world.board, &sample_table,
		     rows_find_row(board_rows(&world.board, mib_haBondEntry), &key));
}

static void put_three(void)
{
	put("a", 1);
	put("b", 1);
	put("c", 1);
}

/* A reader that has three rows. */
static void follow_three(void)
{
	put_three();
	board_follow(&world.board, true);
	expect_offer(-1, "+a+b+c", true);
}

TEST(there_is_no_table_that_nobody_gave)
{
	assert_null(board_rows(&world.board, mib_haDnsServerEntry));
}

TEST(a_row_is_found_by_its_key_until_it_is_removed)
{
	put("a", 7);
	assert_int_equal(sample_shown("a")->ports, 7);
	assert_null(sample_shown("b"));
	remove_row("a");
	assert_null(sample_shown("a"));
	assert_int_equal(world_count(mib_haBondEntry), 0);
}

TEST(nothing_is_marked_while_nobody_follows)
{
	put_three();
	expect_offer(-1, "", true);
}

TEST(a_reader_gets_everything_and_then_what_changes)
{
	follow_three();
	expect_offer(-1, "", true);
	put("b", 1);
	expect_offer(-1, "", true);
	put("b", 2);
	put("d", 1);
	expect_offer(-1, "+b+d", true);
}

TEST(a_reader_that_refuses_is_offered_the_rest_later)
{
	follow_three();
	put("a", 2);
	put("b", 2);
	put("c", 2);
	expect_offer(0, "", false);
	expect_offer(2, "+a+b", false);
	put("a", 3);
	expect_offer(1, "+c", false);
	expect_offer(-1, "+a", true);
	expect_offer(-1, "", true);
}

TEST(a_slow_reader_gets_every_row_however_often_others_change)
{
	follow_three();
	put("c", 2);
	for (uint32_t i = 2; i < 100; i++) {
		put("a", i);
		expect_offer(1, i % 2 ? "+a" : "+c", false);
		put("c", i + 1);
	}
}

TEST(what_changed_first_is_offered_first)
{
	follow_three();
	put("c", 2);
	put("a", 2);
	put("b", 2);
	put("c", 3);
	expect_offer(-1, "+c+a+b", true);
}

TEST(the_newest_row_wins)
{
	follow_three();
	for (uint32_t i = 2; i < 100; i++)
		put("b", i);
	expect_offer(-1, "+b", true);
	assert_int_equal(sample_shown("b")->ports, 99);
}

TEST(a_removed_row_is_forgotten_once_it_is_taken)
{
	follow_three();
	remove_row("b");
	assert_null(sample_shown("b"));
	assert_int_equal(board_rows(&world.board, mib_haBondEntry)->count, 3);
	expect_offer(0, "", false);
	expect_offer(-1, "-b", true);
	assert_int_equal(board_rows(&world.board, mib_haBondEntry)->count, 2);
	expect_offer(-1, "", true);
}

TEST(a_row_that_returns_before_it_was_taken_is_a_row)
{
	follow_three();
	remove_row("b");
	put("b", 1);
	assert_non_null(sample_shown("b"));
	expect_offer(-1, "+b", true);
	remove_row("b");
	expect_offer(-1, "-b", true);
}

TEST(a_row_that_comes_and_goes_unread_costs_nothing)
{
	follow_three();
	for (int i = 0; i < 100; i++) {
		put("x", 1);
		remove_row("x");
	}
	assert_int_equal(board_rows(&world.board, mib_haBondEntry)->count, 3);
	expect_offer(-1, "", true);
}

TEST(a_new_reader_has_nothing)
{
	follow_three();
	remove_row("b");
	put("c", 2);
	board_follow(&world.board, false);
	assert_int_equal(board_rows(&world.board, mib_haBondEntry)->count, 2);
	remove_row("c");
	board_follow(&world.board, true);
	expect_offer(-1, "+a", true);
	board_follow(&world.board, true);
	expect_offer(-1, "+a", true);
}

TEST(hidden_rows_show_their_state_and_return_as_they_were)
{
	follow_three();
	remove_row("c");
	board_hide(&world.board, &sample_table, HaRowState_stale);
	expect_offer(-1, "-c+a+b", true);
	assert_int_equal(sample_shown("a")->head.state, HaRowState_stale);
	assert_int_equal(sample_shown("a")->state, haBondOperState_up);
	board_hide(&world.board, &sample_table, HaRowState_stale);
	expect_offer(-1, "", true);
	board_hide(&world.board, &sample_table, HaRowState_unknown);
	assert_int_equal(sample_shown("b")->head.state, HaRowState_unknown);
	assert_int_equal(sample_shown("b")->state, haBondOperState_unknown);
	assert_int_equal(sample_shown("b")->ports, 1);
	board_show(&world.board, &sample_table);
	expect_offer(-1, "+a+b", true);
	assert_int_equal(sample_shown("b")->head.state, HaRowState_fresh);
	assert_int_equal(sample_shown("b")->state, haBondOperState_up);
	board_show(&world.board, &sample_table);
	expect_offer(-1, "", true);
}

TEST(hiding_leaves_other_tables_alone)
{
	put_three();
	board_hide(&world.board, &event_table, HaRowState_unknown);
	assert_int_equal(sample_shown("a")->head.state, HaRowState_fresh);
}

#define BOARD_TEST(sentence) cmocka_unit_test_setup_teardown(sentence, world_make, world_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOARD_TEST(there_is_no_table_that_nobody_gave),
		BOARD_TEST(a_row_is_found_by_its_key_until_it_is_removed),
		BOARD_TEST(nothing_is_marked_while_nobody_follows),
		BOARD_TEST(a_reader_gets_everything_and_then_what_changes),
		BOARD_TEST(a_reader_that_refuses_is_offered_the_rest_later),
		BOARD_TEST(a_slow_reader_gets_every_row_however_often_others_change),
		BOARD_TEST(what_changed_first_is_offered_first),
		BOARD_TEST(the_newest_row_wins),
		BOARD_TEST(a_removed_row_is_forgotten_once_it_is_taken),
		BOARD_TEST(a_row_that_returns_before_it_was_taken_is_a_row),
		BOARD_TEST(a_row_that_comes_and_goes_unread_costs_nothing),
		BOARD_TEST(a_new_reader_has_nothing),
		BOARD_TEST(hidden_rows_show_their_state_and_return_as_they_were),
		BOARD_TEST(hiding_leaves_other_tables_alone),
	};

	return cmocka_run_group_tests_name("board", tests, NULL, NULL);
}
