/* Tests what a source sends to the hub, and how it notices that nobody listens.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/report.h"

#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/frame.h"
#include "lib/loop.h"
#include "lib/memory.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/sources/drbd/rows.h"
#include "tests/unit/check.h"

static int pair[2]; /* the source's end, the hub's */
static struct frame frame;

static int open_pair(void **state)
{
	(void)state;
	frame_pair(pair);
	frame_nonblocking(pair[1]);
	report_open(pair[0]);
	return 0;
}

static int close_pair(void **state)
{
	(void)state;
	close(pair[0]);
	if (pair[1] >= 0)
		close(pair[1]);
	return 0;
}

static void hang_up(void)
{
	close(pair[1]);
	pair[1] = -1;
}

static void expect(unsigned int type, const struct table *table, size_t length)
{
	assert_int_equal(frame_receive(pair[1], &frame, NULL), FRAME_OK);
	assert_int_equal(frame.head.type, type);
	assert_int_equal(frame.head.table, table ? table->entry : 0);
	assert_int_equal(frame.head.length, length);
}

static void expect_nothing(void)
{
	assert_int_equal(frame_receive(pair[1], &frame, NULL), FRAME_AGAIN);
}

/* One turn of the loop of a source that waits for nothing but the hub. */
static bool turn_finds_lost(void)
{
	report_lost();
	loop_wake(clock_now() + 50);
	loop_turn();
	return report_lost();
}

TEST(rows_and_sweeps_come_in_their_order)
{
	const struct table *table = &drbd_resource_table;
	struct drbd_resource_row row = { .head.state = HaRowState_fresh,
					 .role = HaDrbdRole_primary };

	TEXT_PUT(row.name, "r0");
	report_begin(table);
	report_row(table, &row);
	report_end(table);
	report_gone(table, &row);
	expect(FRAME_BEGIN, table, 0);
	expect(FRAME_ROW, table, sizeof(row));
	assert_memory_equal(&frame.body, &row, sizeof(row));
	expect(FRAME_END, table, 0);
	expect(FRAME_GONE, table, sizeof(row));
	expect_nothing();
}

/* Pulses of all sources fall on one grid of two seconds; wait for its first half. */
TEST(a_pulse_is_sent_when_it_differs_and_on_the_grid)
{
	struct pulse pulse = { .state = haSourceState_running, .reason = haSourceReason_none };
	int64_t begin;

	while (clock_now() % 2000 >= 1000)
		poll(NULL, 0, 20);
	report_pulse(&pulse);
	begin = clock_now();
	expect(FRAME_PULSE, NULL, sizeof(pulse));
	report_pulse(&pulse);
	expect_nothing();
	pulse.unknown_words++;
	report_pulse(&pulse);
	expect(FRAME_PULSE, NULL, sizeof(pulse));
	assert_int_equal(frame.body.pulse.unknown_words, 1);
	while (frame_receive(pair[1], &frame, NULL) == FRAME_AGAIN && clock_now() - begin < 10000) {
		loop_turn();
		report_pulse(&pulse);
	}
	assert_int_equal(clock_now() / 2000, begin / 2000 + 1);
}

TEST(a_hub_that_listens_is_not_lost)
{
	assert_false(turn_finds_lost());
}

TEST(a_hub_that_hangs_up_is_noticed_while_waiting)
{
	assert_false(turn_finds_lost());
	hang_up();
	assert_true(turn_finds_lost());
}

TEST(a_hub_that_hangs_up_is_noticed_while_sending)
{
	hang_up();
	report_begin(&drbd_resource_table);
	assert_true(report_lost());
	report_begin(&drbd_resource_table);
}

/* The hub has nothing to say to a source that does not listen. */
TEST(a_hub_that_talks_is_lost)
{
	assert_int_equal(frame_send(pair[1], FRAME_BEGIN, 0, NULL, 0), FRAME_OK);
	assert_true(turn_finds_lost());
}

static void hear(void *argument, const struct frame *heard)
{
	unsigned int *sum = argument;

	assert_int_equal(heard->head.type, FRAME_ASK);
	*sum += heard->body.ask.ticket;
}

TEST(a_source_that_listens_hears_the_hub)
{
	struct ask ask = { .ticket = 40 };
	unsigned int sum = 0;

	report_listen(hear, &sum);
	assert_int_equal(frame_send(pair[1], FRAME_ASK, 0, &ask, sizeof(ask)), FRAME_OK);
	ask.ticket = 2;
	assert_int_equal(frame_send(pair[1], FRAME_ASK, 0, &ask, sizeof(ask)), FRAME_OK);
	assert_false(turn_finds_lost());
	assert_false(turn_finds_lost());
	assert_int_equal(sum, 42);
	hang_up();
	assert_true(turn_finds_lost());
}

TEST(rows_can_be_held_back_and_answers_not)
{
	struct drbd_resource_row row = { .name = "r0" };
	struct answer answer = { .ticket = 3, .state = ANSWER_UNSENT };

	report_hold(true);
	report_row(&drbd_resource_table, &row);
	report_answer(&answer);
	expect(FRAME_ANSWER, NULL, sizeof(answer));
	assert_int_equal(frame.body.answer.ticket, 3);
	expect_nothing();
	report_hold(false);
	report_row(&drbd_resource_table, &row);
	expect(FRAME_ROW, &drbd_resource_table, sizeof(row));
}

#define REPORT_TEST(sentence) cmocka_unit_test_setup_teardown(sentence, open_pair, close_pair)

int main(void)
{
	const struct CMUnitTest tests[] = {
		REPORT_TEST(rows_and_sweeps_come_in_their_order),
		REPORT_TEST(a_pulse_is_sent_when_it_differs_and_on_the_grid),
		REPORT_TEST(a_hub_that_listens_is_not_lost),
		REPORT_TEST(a_hub_that_hangs_up_is_noticed_while_waiting),
		REPORT_TEST(a_hub_that_hangs_up_is_noticed_while_sending),
		REPORT_TEST(a_hub_that_talks_is_lost),
		REPORT_TEST(a_source_that_listens_hears_the_hub),
		REPORT_TEST(rows_can_be_held_back_and_answers_not),
	};

	return cmocka_run_group_tests_name("report", tests, NULL, NULL);
}
