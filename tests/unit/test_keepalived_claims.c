/* Tests what becomes of claims when keepalived's voices differ, fall silent, or come late.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/vrrp/keepalived/claims.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "lib/memory.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/sources/vrrp/keepalived/told.h"
#include "tests/unit/check.h"

enum { JSON = haVrrpInstanceStateOrigin_json, FIFO = haVrrpInstanceStateOrigin_fifo };
enum { BUS = haVrrpInstanceStateOrigin_dbus, PROCESS = haVrrpInstanceStateOrigin_process };
enum { BACKUP = HaVrrpState_backup, MASTER = HaVrrpState_master, FAULT = HaVrrpState_fault };

static struct claims *claims;
static struct telling telling;

static int make(void **state)
{
	(void)state;
	claims = claims_new();
	telling = (struct telling){ .now = 1000, .exact = 1000000, .wall = 5000, .fifo = true };
	return 0;
}

static int remove_all(void **state)
{
	(void)state;
	claims_free(claims);
	return 0;
}

static void pass(int64_t milliseconds)
{
	telling.now += milliseconds;
	telling.exact += milliseconds * 1000;
	telling.wall += milliseconds;
}

static bool hear(const char *name, int32_t state, int32_t origin)
{
	struct news news = { .name = name, .state = state, .origin = origin, .priority = 90 };

	return claims_hear(claims, &news, &telling);
}

/* A dump with one instance, that was asked for so long ago. */
static size_t dump(const char *name, int32_t state, int64_t changed, int64_t ago)
{
	struct told told = { 0 };
	struct claim *claim = told_add(&told);
	size_t lost;

	TEXT_PUT(claim->name, name);
	claim->state = claim->wanted_state = state;
	claim->changed = changed;
	claim->vrid = 51;
	claim->effective_priority = 110;
	lost = claims_take(claims, &told, telling.exact - ago * 1000, &telling);
	told_free(&told);
	return lost;
}

static const struct claim *only(void)
{
	size_t count;
	const struct claim *const *list = claims_list(claims, &count);

	assert_int_equal(count, 1);
	return list[0];
}

static void expect(int32_t state, int32_t origin, int64_t changed)
{
	assert_int_equal(only()->state, state);
	assert_int_equal(only()->origin, origin);
	assert_int_equal(only()->changed, changed);
}

TEST(a_dump_is_believed_and_confirms)
{
	dump("a", MASTER, 3000, 10);
	expect(MASTER, JSON, 3000);
	assert_int_equal(only()->vrid, 51);
	assert_int_equal(only()->confirmed, 1000);
	pass(500);
	dump("a", MASTER, 3000, 10);
	assert_int_equal(only()->confirmed, 1500);
}

TEST(a_dump_that_was_asked_for_before_takes_nothing_back)
{
	dump("a", BACKUP, 3000, 10);
	pass(1000);
	assert_true(hear("a", MASTER, BUS));
	pass(5);
	dump("a", BACKUP, 3000, 20);
	expect(MASTER, BUS, 6000);
	assert_int_equal(only()->effective_priority, 90);
	pass(100);
	telling.bus = true;
	dump("a", MASTER, 5998, 20);
	expect(MASTER, BUS, 6000);
	assert_int_equal(only()->effective_priority, 110);
}

TEST(a_dump_corrects_what_nobody_has_told)
{
	hear("a", MASTER, BUS);
	pass(1000);
	telling.bus = true;
	dump("a", FAULT, 5900, 10);
	expect(FAULT, JSON, 5900);
}

TEST(the_origin_is_the_best_voice_that_is_still_heard)
{
	telling.bus = true;
	hear("a", MASTER, FIFO);
	expect(MASTER, FIFO, 5000);
	assert_false(hear("a", MASTER, BUS));
	expect(MASTER, BUS, 5000);
	pass(100);
	hear("a", FAULT, FIFO);
	expect(FAULT, BUS, 5100);
	pass(100);
	telling.bus = false;
	dump("a", FAULT, 5100, 10);
	expect(FAULT, JSON, 5100);
	hear("a", MASTER, FIFO);
	pass(100);
	dump("a", MASTER, 5200, 10);
	expect(MASTER, FIFO, 5200);
	telling.fifo = false;
	dump("a", MASTER, 5200, 10);
	expect(MASTER, JSON, 5200);
}

TEST(a_line_that_is_missing_is_noticed)
{
	assert_int_equal(dump("a", BACKUP, 3000, 10), 0);
	pass(1000);
	hear("a", MASTER, FIFO);
	pass(1000);
	assert_int_equal(dump("a", MASTER, 6000, 10), 0);
	pass(1000);
	assert_int_equal(dump("a", FAULT, 7500, 10), 1);
	pass(1000);
	assert_int_equal(dump("a", FAULT, 7500, 10), 0);
}

TEST(a_line_is_missed_only_where_one_is_due)
{
	dump("a", BACKUP, 3000, 10);
	pass(1000);
	telling.started = true;
	assert_int_equal(dump("a", FAULT, 5500, 10), 0);
	telling.started = false;
	telling.fifo = false;
	pass(1000);
	assert_int_equal(dump("a", BACKUP, 6500, 10), 0);
}

TEST(what_a_dump_does_not_list_is_gone)
{
	dump("a", BACKUP, 3000, 10);
	dump("b", BACKUP, 3000, 10);
	assert_string_equal(only()->name, "b");
}

TEST(instances_stand_in_the_order_of_their_names)
{
	static const char *const names[] = { "m", "b", "z", "a", "m" };
	const struct claim *const *list;
	size_t count;

	for (size_t i = 0; i < COUNT(names); i++)
		hear(names[i], BACKUP, FIFO);
	list = claims_list(claims, &count);
	assert_int_equal(count, 4);
	assert_true(claims_has(claims, "z"));
	assert_false(claims_has(claims, "y"));
	for (size_t i = 1; i < count; i++)
		assert_true(strcmp(list[i - 1]->name, list[i]->name) < 0);
	pass(100);
	hear("b", BACKUP, BUS);
	claims_drop(claims, telling.now);
	assert_string_equal(only()->name, "b");
}

TEST(without_keepalived_all_have_stopped)
{
	dump("a", MASTER, 3000, 10);
	pass(1000);
	claims_stop(claims, &telling);
	expect(HaVrrpState_stop, PROCESS, 6000);
	assert_int_equal(only()->vrid, 51);
	assert_false(only()->started);
	claims_confirm_stop(claims, 99999);
	assert_int_equal(only()->confirmed, 99999);
	pass(1000);
	hear("a", BACKUP, FIFO);
	assert_true(only()->started);
	pass(3000);
	hear("a", MASTER, FIFO);
	assert_false(only()->started);
}

/* keepalived gives instances a new time of transition when it reads its configuration. */
TEST(a_reload_is_no_transition)
{
	dump("a", MASTER, 3000, 10);
	pass(60000);
	assert_int_equal(dump("a", MASTER, 64000, 10), 0);
	expect(MASTER, JSON, 3000);
}

TEST(the_data_dump_adds_files_and_groups)
{
	struct told told = { 0 };
	struct claim *claim;
	struct claim_file *file;

	dump("a", MASTER, 3000, 10);
	assert_true(claims_lack_data(claims));
	claim = told_add(&told);
	TEXT_PUT(claim->name, "a");
	TEXT_PUT(claim->sync_group, "g");
	claim->family = AF_INET6;
	claim->files_known = HaAnswer_yes;
	file = told_add_file(claim);
	TEXT_PUT(file->path, "/run/hold");
	TEXT_PUT(told_add(&told)->name, "stranger");
	claims_take_data(claims, &told);
	told_free(&told);
	assert_false(claims_lack_data(claims));
	assert_string_equal(only()->sync_group, "g");
	assert_int_equal(only()->files_known, HaAnswer_yes);
	assert_int_equal(only()->files_count, 1);
	assert_string_equal(only()->files[0].path, "/run/hold");
	dump("a", MASTER, 3000, 10);
	assert_int_equal(only()->family, AF_INET6);
	assert_int_equal(only()->files_count, 1);
}

#define CLAIMS_TEST(test) cmocka_unit_test_setup_teardown(test, make, remove_all)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CLAIMS_TEST(a_dump_is_believed_and_confirms),
		CLAIMS_TEST(a_dump_that_was_asked_for_before_takes_nothing_back),
		CLAIMS_TEST(a_dump_corrects_what_nobody_has_told),
		CLAIMS_TEST(the_origin_is_the_best_voice_that_is_still_heard),
		CLAIMS_TEST(a_line_that_is_missing_is_noticed),
		CLAIMS_TEST(a_line_is_missed_only_where_one_is_due),
		CLAIMS_TEST(what_a_dump_does_not_list_is_gone),
		CLAIMS_TEST(instances_stand_in_the_order_of_their_names),
		CLAIMS_TEST(without_keepalived_all_have_stopped),
		CLAIMS_TEST(a_reload_is_no_transition),
		CLAIMS_TEST(the_data_dump_adds_files_and_groups),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
