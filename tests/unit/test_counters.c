/* Tests that the numbers of events and jobs go on, whatever becomes of their file.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/counters.h"

#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "lib/settings.h"
#include "tests/unit/check.h"
#include "tests/unit/folder.h"

static struct settings settings;
static struct counters counters;

static int make(void **state)
{
	int outcome = folder_make(state);

	settings.state = folder;
	return outcome;
}

static void expect(uint32_t event, uint32_t job)
{
	counters_open(&counters, &settings);
	assert_int_equal(counters.event, event);
	assert_int_equal(counters.job, job);
	counters_close(&counters);
}

static void expect_time_of_day(void)
{
	uint32_t before = (uint32_t)time(NULL);

	counters_open(&counters, &settings);
	assert_in_range(counters.event, before, before + 60);
	assert_int_equal(counters.event, counters.job);
}

static void keep(uint32_t event, uint32_t job)
{
	counters_open(&counters, &settings);
	counters_keep(&counters, event, job);
	counters_close(&counters);
}

TEST(numbers_begin_with_nothing_and_go_on)
{
	expect(0, 0);
	keep(7, 3);
	expect(7, 3);
	keep(UINT32_MAX, 1);
	expect(UINT32_MAX, 1);
	keep(0, 0);
	expect(0, 0);
}

TEST(the_file_is_one_line_that_is_replaced_whole)
{
	char content[64];

	keep(UINT32_MAX, UINT32_MAX);
	keep(7, 3);
	folder_take("numbers", content, sizeof(content));
	assert_int_equal(strlen(content), 52);
	assert_memory_equal(content, "event 0000000007 job 0000000003 boot ", 37);
	assert_string_equal(content + 45, " final\n");
}

TEST(equal_numbers_are_not_written)
{
	char content[64];

	counters_open(&counters, &settings);
	counters_keep(&counters, 7, 3);
	assert_int_equal(truncate(folder_path("numbers"), 0), 0);
	counters_keep(&counters, 7, 3);
	folder_take("numbers", content, sizeof(content));
	assert_string_equal(content, "");
	counters_close(&counters);
}

TEST(a_crash_of_the_process_loses_nothing)
{
	struct counters crashed;

	counters_open(&crashed, &settings);
	counters_keep(&crashed, 7, 3);
	expect(7, 3);
	counters_close(&crashed);
}

TEST(a_power_cut_may_have_lost_some)
{
	folder_put("numbers", "event 0000000007 job 0000000003 boot 00000000 going\n");
	expect(1007, 13);
	expect(1007, 13);
	folder_put("numbers", "event 0000000007 job 0000000003 boot 00000000 final\n");
	expect(7, 3);
}

TEST(a_file_that_was_spoilt_begins_above_what_was_given_out)
{
	static const char *const contents[] = {
		"event 0000000007 job 0000000003 boot 00000000 going",
		"\n",
		"garbage garbage garbage garbage garbage garbage garb\n",
		"job 0000000003 event 0000000007 boot 00000000 final\n",
	};

	for (size_t i = 0; i < COUNT(contents); i++) {
		folder_put("numbers", contents[i]);
		expect_time_of_day();
		counters_keep(&counters, counters.event + 1, counters.job + 1);
		counters_close(&counters);
		counters_open(&counters, &settings);
		assert_true(counters.event > 1600000000);
		counters_close(&counters);
		unlink(folder_path("numbers"));
	}
}

TEST(without_a_folder_the_numbers_still_go_on)
{
	char missing[] = "/nonexistent/folder";

	settings.state = missing;
	expect_time_of_day();
	assert_int_equal(counters.fd, -1);
	counters_keep(&counters, counters.event + 1, counters.job);
	counters_close(&counters);
}

TEST(a_folder_in_the_place_of_the_file_is_survived)
{
	assert_int_equal(mkdir(folder_path("numbers"), 0700), 0);
	expect_time_of_day();
	counters_close(&counters);
}

#define COUNTERS_TEST(sentence) cmocka_unit_test_setup_teardown(sentence, make, folder_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		COUNTERS_TEST(numbers_begin_with_nothing_and_go_on),
		COUNTERS_TEST(the_file_is_one_line_that_is_replaced_whole),
		COUNTERS_TEST(equal_numbers_are_not_written),
		COUNTERS_TEST(a_crash_of_the_process_loses_nothing),
		COUNTERS_TEST(a_power_cut_may_have_lost_some),
		COUNTERS_TEST(a_file_that_was_spoilt_begins_above_what_was_given_out),
		COUNTERS_TEST(without_a_folder_the_numbers_still_go_on),
		COUNTERS_TEST(a_folder_in_the_place_of_the_file_is_survived),
	};

	return cmocka_run_group_tests_name("counters", tests, NULL, NULL);
}
