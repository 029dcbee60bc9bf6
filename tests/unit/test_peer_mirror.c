/* Tests the gathering of another agent's rows, from an agent that is played: whole, cut, wrong.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/peer/mirror.h"

#include <stdlib.h>
#include <string.h>

#include "lib/memory.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/sources/peer/rows.h"
#include "tests/unit/check.h"

#define CELLS_MAX 4000

/* ---- the agent ---- */

/* What it has, in the order of SNMP. */
static struct peer_cell agent[CELLS_MAX];
static size_t agent_count;
static char texts[CELLS_MAX][16];

static int by_name(const void *one, const void *other)
{
	const struct peer_cell *a = one, *b = other;

	return index_compare(a->name, a->name_length, b->name, b->name_length);
}

static struct peer_cell *add(unsigned int object, const char *instance)
{
	struct peer_cell *cell = &agent[agent_count++];

	memset(cell, 0, sizeof(*cell));
	cell->name_length = mib_oid(object, cell->name);
	if (instance) {
		cell->name[cell->name_length++] = (uint32_t)strlen(instance);
		for (; *instance; instance++)
			cell->name[cell->name_length++] = (unsigned char)*instance;
	} else {
		cell->name[cell->name_length++] = 0;
	}
	return cell;
}

static void add_number(unsigned int object, const char *instance, int64_t number)
{
	struct peer_cell *cell = add(object, instance);

	cell->kind = CELL_NUMBER;
	cell->number = number;
}

static void add_octets(unsigned int object, const char *instance, const void *octets, size_t length)
{
	struct peer_cell *cell = add(object, instance);

	cell->kind = CELL_OCTETS;
	cell->octets = octets;
	cell->octets_length = length;
}

static void add_instance(const char *name, uint32_t priority)
{
	add_number(mib_haVrrpInstanceRowState, name, HaRowState_fresh);
	add_number(mib_haVrrpInstanceState, name, HaVrrpState_backup);
	add_number(mib_haVrrpInstanceEffectivePriority, name, priority);
}

static void add_instances(unsigned int count)
{
	for (unsigned int i = 0; i < count; i++) {
		TEXT_PRINT(texts[i], "VI_%04u", i);
		add_instance(texts[i], i % 255);
	}
}

static void begin_agent(void)
{
	agent_count = 0;
	add_octets(mib_haAgentNode, NULL, "n2", 2);
	add_number(mib_haVrrpKeepalivedState, NULL, haVrrpKeepalivedState_running);
}

static struct peer_cell next_cell(const uint32_t *name, size_t length)
{
	static const struct peer_cell end = { .kind = CELL_NONE };

	for (size_t i = 0; i < agent_count; i++)
		if (index_compare(agent[i].name, agent[i].name_length, name, length) > 0)
			return agent[i];
	return end;
}

/* Answer as RFC 3416, 4.2.3, with `limit' variables at the most; the count. */
static size_t answer(const struct peer_question *question, struct peer_cell *cells, size_t limit)
{
	size_t count = 0, repeaters = question->count - question->singles;
	struct peer_question at = *question;

	for (size_t i = 0; i < question->singles && count < limit; i++)
		cells[count++] = next_cell(at.names[i].number, at.names[i].length);
	for (size_t r = 0; r < question->repetitions * repeaters && count < limit; r++) {
		size_t place = question->singles + r % repeaters;
		struct peer_cell cell = next_cell(at.names[place].number, at.names[place].length);

		cells[count++] = cell;
		if (cell.kind == CELL_NONE)
			continue;
		memcpy(at.names[place].number, cell.name, sizeof(cell.name));
		at.names[place].length = cell.name_length;
	}
	return count;
}

/* ---- collections ---- */

static struct mirror mirror;

static int open_mirror(void **state)
{
	(void)state;
	begin_agent();
	mirror_open(&mirror, peer_asked);
	return 0;
}

static int close_mirror(void **state)
{
	(void)state;
	mirror_close(&mirror);
	return 0;
}

/* Collect from answers of `limit' variables at the most; how many questions that took. */
static unsigned int collect(size_t limit)
{
	static struct peer_cell cells[CELLS_MAX];
	static struct peer_question question;
	unsigned int asked = 0;

	qsort(agent, agent_count, sizeof(*agent), by_name);
	mirror_begin(&mirror);
	while (mirror_ask(&mirror, &question)) {
		size_t count = answer(&question, cells, limit);

		assert_true(++asked < 10000);
		assert_true(mirror_take(&mirror, cells, count));
	}
	return asked;
}

static size_t rows_count(void)
{
	return mirror_rows(&mirror, &peer_instance_table)->count;
}

static const struct peer_instance_row *row_at(size_t position)
{
	return mirror_rows(&mirror, &peer_instance_table)->entries[position]->row;
}

static bool has(unsigned int object, const struct peer_instance_row *row)
{
	return table_has(table_column(&peer_instance_table, object), row);
}

TEST(a_pair_is_asked_once)
{
	const struct peer_agent_row *named;
	const struct peer_keepalived_row *keepalived;

	add_instance("VI_1", 100);
	add_instance("VI_2", 90);
	assert_int_equal(collect(CELLS_MAX), 1);
	assert_int_equal(rows_count(), 2);
	assert_string_equal(row_at(0)->name, "VI_1");
	assert_int_equal(row_at(0)->priority, 100);
	assert_int_equal(row_at(0)->head.state, HaRowState_fresh);
	assert_int_equal(row_at(0)->vrrp_state, HaVrrpState_backup);
	assert_string_equal(row_at(1)->name, "VI_2");
	named = mirror_scalars(&mirror, &peer_agent_table);
	assert_string_equal(named->node, "n2");
	keepalived = mirror_scalars(&mirror, &peer_keepalived_table);
	assert_int_equal(keepalived->keepalived, haVrrpKeepalivedState_running);
}

TEST(many_rows_take_more_questions_and_all_come)
{
	add_instances(1000);
	assert_in_range(collect(CELLS_MAX), 2, 300);
	assert_int_equal(rows_count(), 1000);
	for (unsigned int i = 0; i < 1000; i++)
		assert_int_equal(row_at(i)->priority, i % 255);
	/* How many there are is known now. */
	assert_in_range(collect(CELLS_MAX), 2, 22);
	assert_int_equal(rows_count(), 1000);
}

TEST(an_answer_may_be_cut_anywhere)
{
	add_instances(7);
	for (size_t limit = 1; limit < 60; limit++) {
		collect(limit);
		assert_int_equal(rows_count(), 7);
		for (unsigned int i = 0; i < 7; i++) {
			assert_int_equal(row_at(i)->priority, i);
			assert_true(has(mib_haVrrpInstanceState, row_at(i)));
		}
	}
}

TEST(a_cell_that_is_not_there_is_absent)
{
	add_instance("VI_1", 100);
	add_number(mib_haVrrpInstanceRowState, "VI_2", HaRowState_missing);
	add_number(mib_haVrrpInstanceHeld, "VI_3", HaAnswer_yes);
	collect(CELLS_MAX);
	assert_int_equal(rows_count(), 3);
	assert_true(has(mib_haVrrpInstanceState, row_at(0)));
	assert_false(has(mib_haVrrpInstanceHeld, row_at(0)));
	assert_false(has(mib_haVrrpInstanceState, row_at(1)));
	assert_int_equal(row_at(1)->head.state, HaRowState_missing);
	assert_int_equal(row_at(2)->held, HaAnswer_yes);
}

TEST(rows_of_the_last_collection_do_not_stay)
{
	add_instance("VI_1", 100);
	collect(CELLS_MAX);
	begin_agent();
	collect(CELLS_MAX);
	assert_int_equal(rows_count(), 0);
}

TEST(an_agent_that_has_nothing_of_it_says_so)
{
	agent_count = 0;
	add_octets(mib_haAlarmActive, NULL, "x", 1);
	assert_int_equal(collect(CELLS_MAX), 1);
	assert_null(mirror_scalars(&mirror, &peer_agent_table));
	assert_null(mirror_scalars(&mirror, &peer_keepalived_table));
	assert_int_equal(rows_count(), 0);
}

/* ---- what makes no sense ---- */

static bool takes(struct peer_cell *cells, size_t count)
{
	struct peer_question question;

	mirror_begin(&mirror);
	assert_true(mirror_ask(&mirror, &question));
	return mirror_take(&mirror, cells, count);
}

TEST(an_answer_with_nothing_is_refused)
{
	assert_false(takes(agent, 0));
}

TEST(an_agent_that_goes_in_circles_is_refused)
{
	static struct peer_cell cells[CELLS_MAX];
	struct peer_question question;

	add_instances(3);
	qsort(agent, agent_count, sizeof(*agent), by_name);
	mirror_begin(&mirror);
	assert_true(mirror_ask(&mirror, &question));
	answer(&question, cells, CELLS_MAX);
	/* The second row is the first again. */
	memcpy(&cells[question.count], &cells[question.singles], sizeof(*cells));
	assert_false(mirror_take(&mirror, cells, question.count + 1));
}

TEST(more_than_was_asked_for_is_refused)
{
	static struct peer_cell cells[CELLS_MAX];
	struct peer_question question;
	size_t count;

	/* Only scalars are left to ask for: none of them was in the first answer. */
	mirror_begin(&mirror);
	assert_true(mirror_ask(&mirror, &question));
	for (size_t i = 0; i < mirror.columns_count; i++)
		mirror.columns[i].done = !mirror.columns[i].single;
	assert_true(mirror_ask(&mirror, &question));
	assert_int_equal(question.count, question.singles);
	count = answer(&question, cells, CELLS_MAX);
	cells[count] = cells[count - 1];
	assert_false(mirror_take(&mirror, cells, count + 1));
}

/* The next row of a table that never ends: names of two octets, in their order. */
static void make_endless(struct peer_cell *cell, const struct peer_question *question, size_t place,
			 unsigned int number)
{
	size_t base = question->names[place].length - (number > 0 ? 3 : 0);

	memset(cell, 0, sizeof(*cell));
	memcpy(cell->name, question->names[place].number, base * sizeof(*cell->name));
	cell->name[base] = 2;
	cell->name[base + 1] = 1 + number / 255;
	cell->name[base + 2] = 1 + number % 255;
	cell->name_length = base + 3;
	cell->kind = place < question->singles ? CELL_NONE : CELL_NUMBER;
	cell->number = 1;
}

TEST(rows_without_end_are_refused)
{
	static struct peer_cell cells[MIRROR_COLUMNS_MAX];
	static struct peer_question question;
	unsigned int asked = 0;

	mirror_begin(&mirror);
	while (asked <= MIRROR_ROWS_MAX && mirror_ask(&mirror, &question)) {
		for (size_t i = 0; i < question.count; i++)
			make_endless(&cells[i], &question, i, asked);
		if (!mirror_take(&mirror, cells, question.count))
			break;
		asked++;
	}
	assert_int_equal(asked, MIRROR_ROWS_MAX);
}

/* ---- values ---- */

TEST(a_value_of_another_type_is_no_value)
{
	add_octets(mib_haVrrpInstanceState, "VI_1", "backup", 6);
	add_number(mib_haVrrpInstanceStateTime, "VI_1", 5);
	add_number(mib_haVrrpInstanceEffectivePriority, "VI_1", -1);
	add_number(mib_haVrrpInstanceRowState, "VI_1", HaRowState_fresh);
	collect(CELLS_MAX);
	assert_int_equal(rows_count(), 1);
	assert_false(has(mib_haVrrpInstanceState, row_at(0)));
	assert_false(has(mib_haVrrpInstanceStateTime, row_at(0)));
	assert_false(has(mib_haVrrpInstanceEffectivePriority, row_at(0)));
	assert_true(has(mib_haVrrpInstanceRowState, row_at(0)));
	assert_int_equal(mirror.rejected, 3);
}

TEST(a_word_of_a_newer_peer_is_other)
{
	add_number(mib_haVrrpInstanceState, "VI_1", 77);
	add_number(mib_haVrrpInstanceRowState, "VI_1", 77);
	collect(CELLS_MAX);
	assert_int_equal(row_at(0)->vrrp_state, HaVrrpState_other);
	assert_false(has(mib_haVrrpInstanceRowState, row_at(0)));
}

TEST(times_are_of_the_peers_zone)
{
	static const uint8_t east[] = { 0x07, 0xEA, 11, 22, 18, 30, 0, 5, '+', 1, 30 };
	static const uint8_t west[] = { 0x07, 0xEA, 11, 22, 12, 0, 0, 5, '-', 5, 0 };
	static const uint8_t plain[] = { 0x07, 0xEA, 11, 22, 17, 0, 0, 5 };
	static const uint8_t never[8] = { 0 };

	add_octets(mib_haVrrpInstanceStateTime, "a", east, sizeof(east));
	add_octets(mib_haVrrpInstanceStateTime, "b", west, sizeof(west));
	add_octets(mib_haVrrpInstanceStateTime, "c", plain, sizeof(plain));
	add_octets(mib_haVrrpInstanceStateTime, "d", never, sizeof(never));
	add_octets(mib_haVrrpInstanceStateTime, "e", east, 9);
	collect(CELLS_MAX);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(row_at(i)->state_time.wall, 1795366800500);
	assert_int_equal(row_at(3)->state_time.wall, 0);
	assert_true(has(mib_haVrrpInstanceStateTime, row_at(3)));
	assert_false(has(mib_haVrrpInstanceStateTime, row_at(4)));
}

static void collect_groups(void)
{
	mirror_close(&mirror);
	mirror_open(&mirror, peer_asked_groups);
	collect(CELLS_MAX);
}

static const struct peer_asked_group_row *group_at(size_t position)
{
	return mirror_rows(&mirror, &peer_asked_group_table)->entries[position]->row;
}

TEST(groups_come_beside_instances)
{
	add_instance("VI_1", 100);
	add_number(mib_haGroupRowState, "nfs", HaRowState_fresh);
	add_number(mib_haGroupRole, "nfs", HaServiceRole_standbyHot);
	add_octets(mib_haGroupActiveNode, "nfs", "n1", 2);
	add_number(mib_haGroupMembers, "nfs", 4);
	collect_groups();
	assert_int_equal(rows_count(), 1);
	assert_int_equal(mirror_rows(&mirror, &peer_asked_group_table)->count, 1);
	assert_string_equal(group_at(0)->name, "nfs");
	assert_int_equal(group_at(0)->role, HaServiceRole_standbyHot);
	assert_string_equal(group_at(0)->active, "n1");
	assert_int_equal(group_at(0)->members, 4);
	assert_int_equal(collect(CELLS_MAX), 1);
}

/* With many columns fewer rows are asked for at first: their answer is to fit into few packets. */
TEST(many_columns_are_asked_for_few_rows)
{
	struct peer_question question;

	mirror_close(&mirror);
	mirror_open(&mirror, peer_asked_groups);
	mirror_begin(&mirror);
	assert_true(mirror_ask(&mirror, &question));
	assert_int_equal(question.operation, PEER_BULK);
	assert_int_equal(question.repetitions, 2);
}

TEST(bits_are_counted_from_the_highest)
{
	static const uint8_t some[] = { 0x02, 0, 0, 0x40 }, one[] = { 0x80 },
			     newer[] = { 0, 0, 0, 0, 0, 0x01 };

	add_octets(mib_haGroupSwitchBlockers, "a", some, sizeof(some));
	add_octets(mib_haGroupSwitchBlockers, "b", one, sizeof(one));
	add_octets(mib_haGroupSwitchBlockers, "c", newer, sizeof(newer));
	add_octets(mib_haGroupSwitchBlockers, "d", one, 0);
	add_number(mib_haGroupSwitchBlockers, "e", 7);
	collect_groups();
	assert_int_equal(group_at(0)->blockers, 1U << 6 | 1U << 25);
	assert_int_equal(group_at(1)->blockers, 1U << 0);
	assert_int_equal(group_at(2)->blockers, 1U << 0);
	assert_int_equal(group_at(3)->blockers, 0);
	assert_int_equal(mirror.rejected, 1);
}

TEST(a_name_disturbs_no_terminal)
{
	const struct peer_agent_row *named;

	agent_count = 0;
	add_octets(mib_haAgentNode, NULL, "n2\033[2J\n", 7);
	collect(CELLS_MAX);
	named = mirror_scalars(&mirror, &peer_agent_table);
	assert_string_equal(named->node, "n2?[2J?");
}

TEST(after_a_loss_less_is_asked_for)
{
	struct peer_question question;

	add_instances(100);
	collect(CELLS_MAX);
	mirror_begin(&mirror);
	assert_true(mirror_ask(&mirror, &question));
	assert_int_equal(question.repetitions, 50);
	mirror_shrink(&mirror);
	assert_true(mirror_ask(&mirror, &question));
	assert_int_equal(question.repetitions, 25);
	for (int i = 0; i < 9; i++)
		mirror_shrink(&mirror);
	assert_true(mirror_ask(&mirror, &question));
	assert_int_equal(question.repetitions, 4);
}

#define MIRROR_TEST(sentence) cmocka_unit_test_setup_teardown(sentence, open_mirror, close_mirror)

int main(void)
{
	const struct CMUnitTest tests[] = {
		MIRROR_TEST(a_pair_is_asked_once),
		MIRROR_TEST(many_rows_take_more_questions_and_all_come),
		MIRROR_TEST(an_answer_may_be_cut_anywhere),
		MIRROR_TEST(a_cell_that_is_not_there_is_absent),
		MIRROR_TEST(rows_of_the_last_collection_do_not_stay),
		MIRROR_TEST(an_agent_that_has_nothing_of_it_says_so),
		MIRROR_TEST(an_answer_with_nothing_is_refused),
		MIRROR_TEST(an_agent_that_goes_in_circles_is_refused),
		MIRROR_TEST(more_than_was_asked_for_is_refused),
		MIRROR_TEST(rows_without_end_are_refused),
		MIRROR_TEST(a_value_of_another_type_is_no_value),
		MIRROR_TEST(a_word_of_a_newer_peer_is_other),
		MIRROR_TEST(times_are_of_the_peers_zone),
		MIRROR_TEST(groups_come_beside_instances),
		MIRROR_TEST(many_columns_are_asked_for_few_rows),
		MIRROR_TEST(bits_are_counted_from_the_highest),
		MIRROR_TEST(a_name_disturbs_no_terminal),
		MIRROR_TEST(after_a_loss_less_is_asked_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
