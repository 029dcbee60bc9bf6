/* Tests the journal of the groups: what outlives a hub, and what is not believed.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/groups/journal.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/memory.h"
#include "lib/settings.h"
#include "mib/ha-agentx-mib.h"
#include "tests/unit/check.h"
#include "tests/unit/folder.h"

static struct settings_group list[] = { { .name = "nfs" }, { .name = "mail" } };
static struct settings_group swapped[] = { { .name = "mail" }, { .name = "web" } };
static struct settings_groups groups;
static struct settings settings = { .state = folder, .groups = &groups };
static struct journal journal;

static void open_with(struct settings_group *these)
{
	groups = (struct settings_groups){ .count = 2, .groups = these };
	journal_open(&journal, &settings);
}

static int make(void **state)
{
	if (folder_make(state) < 0)
		return -1;
	open_with(list);
	return 0;
}

static void begin_job(void)
{
	struct journal_entry *entry = &journal.entries[1];

	entry->phase = JOURNAL_HANDING;
	entry->job = 17;
	entry->verb = HaJobVerb_groupSwitchover;
	entry->held = 1;
	journal_write(&journal);
}

static void expect_empty(void)
{
	for (size_t i = 0; i < journal.count; i++) {
		assert_int_equal(journal.entries[i].phase, JOURNAL_DONE);
		assert_int_equal(journal.entries[i].held, 0);
		assert_string_equal(journal.entries[i].group, groups.groups[i].name);
	}
}

TEST(a_first_start_finds_nothing)
{
	assert_int_equal(journal.count, 2);
	expect_empty();
	assert_false(folder_has("groups"));
}

TEST(what_was_begun_outlives_the_hub)
{
	begin_job();
	open_with(list);
	assert_int_equal(journal.entries[0].phase, JOURNAL_DONE);
	assert_int_equal(journal.entries[1].phase, JOURNAL_HANDING);
	assert_int_equal(journal.entries[1].job, 17);
	assert_int_equal(journal.entries[1].verb, HaJobVerb_groupSwitchover);
	assert_int_equal(journal.entries[1].held, 1);
	assert_false(folder_has("groups.new"));
}

TEST(groups_are_known_by_name)
{
	begin_job();
	open_with(swapped);
	assert_string_equal(journal.entries[0].group, "mail");
	assert_int_equal(journal.entries[0].phase, JOURNAL_HANDING);
	assert_string_equal(journal.entries[1].group, "web");
	assert_int_equal(journal.entries[1].phase, JOURNAL_DONE);
}

static void change(off_t offset, bool cut)
{
	int fd = open(folder_path("groups"), O_RDWR);
	char octet;

	assert_true(fd >= 0);
	assert_int_equal(pread(fd, &octet, 1, offset), 1);
	octet ^= 1;
	if (cut)
		assert_int_equal(ftruncate(fd, offset), 0);
	else
		assert_int_equal(pwrite(fd, &octet, 1, offset), 1);
	close(fd);
}

TEST(what_was_not_written_so_is_not_believed)
{
	struct stat status;

	begin_job();
	assert_int_equal(stat(folder_path("groups"), &status), 0);
	for (off_t offset = 0; offset < status.st_size; offset++) {
		begin_job();
		change(offset, offset % 2);
		open_with(list);
		expect_empty();
	}
}

/* No service waits for the disk of the journal. */
TEST(a_folder_that_cannot_be_written_is_no_reason_to_stop)
{
	settings.state = memory_text(folder_path("nowhere"));
	open_with(list);
	begin_job();
	assert_int_equal(journal.entries[1].held, 1);
	free(settings.state);
	settings.state = folder;
}

#define JOURNAL_TEST(sentence) cmocka_unit_test_setup_teardown(sentence, make, folder_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		JOURNAL_TEST(a_first_start_finds_nothing),
		JOURNAL_TEST(what_was_begun_outlives_the_hub),
		JOURNAL_TEST(groups_are_known_by_name),
		JOURNAL_TEST(what_was_not_written_so_is_not_believed),
		JOURNAL_TEST(a_folder_that_cannot_be_written_is_no_reason_to_stop),
	};

	return cmocka_run_group_tests_name("journal", tests, NULL, NULL);
}
