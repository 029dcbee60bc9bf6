/* Tests the files that hold and release VRRP instances, in folders that are safe and others.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "actions/vrrp_hold.h"

#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "actions/step.h"
#include "lib/clock.h"
#include "lib/frame.h"
#include "lib/memory.h"
#include "lib/settings.h"
#include "lib/settings_vrrp.h"
#include "mib/ha-agentx-mib.h"
#include "tests/unit/check.h"
#include "tests/unit/folder.h"

#define PATIENCE 20000

static char path[160];
static struct settings_instance instance = { .name = "VI_1", .hold = path, .switchable = true };
static struct settings_vrrp vrrp = { .instances_count = 1, .instances = &instance };
static const struct settings settings = { .vrrp = &vrrp };
static struct step_result result;

static int set_up(void **state)
{
	if (folder_make(state) < 0)
		return -1;
	folder_make_above("run/hold");
	TEXT_PUT(path, folder_path("run/hold"));
	memset(&result, 0xa5, sizeof(result));
	return 0;
}

static void take(enum step_verb verb, uint32_t until)
{
	const struct step step = { verb, until, 0, 0 };

	vrrp_hold_write(&settings, &step, clock_now() + PATIENCE, &result);
	assert_int_equal(result.exit_status, -1);
}

static void expect_file(const char *name, const char *content)
{
	char text[64];

	folder_take(name, text, sizeof(text));
	assert_string_equal(text, content);
}

/* That it worked, and what the file says now. */
static void expect(const char *message, const char *content)
{
	assert_string_equal(result.message, message);
	assert_int_equal(result.reason, HaReason_none);
	assert_string_equal(result.kernel, "");
	expect_file("run/hold", content);
	assert_false(folder_has("run/.ha-agentx-hold"));
}

/* That it was refused: `words' come after the path of the file. */
static void refused(int32_t reason, const char *words)
{
	char message[sizeof(result.message)];

	TEXT_PRINT(message, "VI_1 is not held: %s %s", path, words);
	assert_string_equal(result.message, message);
	assert_int_equal(result.reason, reason);
}

static ino_t number_of(const char *name)
{
	struct stat status;

	assert_int_equal(stat(folder_path(name), &status), 0);
	return status.st_ino;
}

/* ---- what works ---- */

TEST(an_instance_is_held_and_released)
{
	struct stat status;

	take(STEP_VRRP_HOLD, 0);
	expect("VI_1 is held", "1\n");
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 07777, 0644);
	take(STEP_VRRP_RELEASE, 0);
	expect("VI_1 is released", "0\n");
}

TEST(a_hold_may_say_when_it_ends)
{
	take(STEP_VRRP_HOLD, 1900000000);
	expect("VI_1 is held", "1\n1900000000\n");
	take(STEP_VRRP_HOLD, UINT32_MAX);
	expect("VI_1 is held", "1\n4294967295\n");
	take(STEP_VRRP_HOLD, 0);
	expect("VI_1 is held", "1\n");
}

TEST(a_file_that_says_so_already_is_left_alone)
{
	ino_t number;

	folder_put("run/hold", "1\n");
	number = number_of("run/hold");
	take(STEP_VRRP_HOLD, 0);
	expect("VI_1 was held already", "1\n");
	assert_true(number_of("run/hold") == number);
	folder_put("run/hold", "0\n");
	take(STEP_VRRP_RELEASE, 0);
	expect("VI_1 was released already", "0\n");
}

/* Whoever reads the file while it is replaced reads the old one or the new one. */
TEST(the_file_is_replaced_whole)
{
	ino_t number;

	folder_put("run/hold", "0\n");
	number = number_of("run/hold");
	assert_int_equal(link(path, folder_path("run/reader")), 0);
	take(STEP_VRRP_HOLD, 0);
	expect("VI_1 is held", "1\n");
	expect_file("run/reader", "0\n");
	assert_true(number_of("run/reader") == number);
	assert_true(number_of("run/hold") != number);
}

TEST(any_other_content_gives_way)
{
	folder_put("run/hold", "1\n1900000000\nand more words than anybody needs in such a file\n");
	take(STEP_VRRP_RELEASE, 0);
	expect("VI_1 is released", "0\n");
	folder_put("run/hold", "");
	take(STEP_VRRP_HOLD, 0);
	expect("VI_1 is held", "1\n");
}

TEST(what_a_death_has_left_is_not_in_the_way)
{
	folder_put("run/.ha-agentx-hold", "1");
	take(STEP_VRRP_HOLD, 0);
	expect("VI_1 is held", "1\n");
}

TEST(a_link_of_the_system_to_the_folder_is_followed)
{
	char real[160];

	TEXT_PUT(real, folder_path("run"));
	assert_int_equal(symlink(real, folder_path("var-run")), 0);
	TEXT_PUT(path, folder_path("var-run/hold"));
	take(STEP_VRRP_HOLD, 0);
	expect("VI_1 is held", "1\n");
}

/* ---- what is refused ---- */

TEST(a_link_in_its_place_is_not_followed)
{
	folder_put("precious", "keep me\n");
	assert_int_equal(symlink("../precious", path), 0);
	take(STEP_VRRP_HOLD, 0);
	refused(HaReason_notAllowed, "is no plain file that can be read");
	expect_file("precious", "keep me\n");
	assert_int_equal(unlink(path), 0);
	assert_int_equal(symlink("nowhere", path), 0);
	take(STEP_VRRP_HOLD, 0);
	refused(HaReason_notAllowed, "is no plain file that can be read");
	assert_false(folder_has("run/nowhere"));
}

TEST(nothing_but_a_plain_file_may_be_in_its_place)
{
	assert_int_equal(mkdir(path, 0755), 0);
	take(STEP_VRRP_HOLD, 0);
	refused(HaReason_notAllowed, "is no plain file that can be read");
	assert_int_equal(rmdir(path), 0);
	assert_int_equal(mkfifo(path, 0600), 0);
	take(STEP_VRRP_HOLD, 0);
	refused(HaReason_notAllowed, "is no plain file that can be read");
}

TEST(nobody_else_may_write_to_its_folder)
{
	static const mode_t modes[] = { 0775, 0757, 01777 };

	for (size_t i = 0; i < COUNT(modes); i++) {
		assert_int_equal(chmod(folder_path("run"), modes[i]), 0);
		take(STEP_VRRP_HOLD, 0);
		refused(HaReason_notAllowed, "is in a folder that others than root can write to");
	}
	assert_false(folder_has("run/hold"));
}

TEST(nobody_else_may_write_to_a_folder_above_it)
{
	folder_make_above("run/deep/hold");
	TEXT_PUT(path, folder_path("run/deep/hold"));
	assert_int_equal(chmod(folder_path("run"), 0777), 0);
	take(STEP_VRRP_HOLD, 0);
	refused(HaReason_notAllowed, "is in a folder that others than root can write to");
	/* With the sticky bit they cannot touch what is ours. */
	assert_int_equal(chmod(folder_path("run"), 01777), 0);
	take(STEP_VRRP_HOLD, 0);
	assert_int_equal(result.reason, HaReason_none);
	expect_file("run/deep/hold", "1\n");
}

TEST(nobody_else_may_own_its_folder)
{
	if (geteuid() != 0)
		skip();
	assert_int_equal(chown(folder_path("run"), 12345, 12345), 0);
	take(STEP_VRRP_HOLD, 0);
	refused(HaReason_notAllowed, "is in a folder that others than root can write to");
}

TEST(its_folder_must_be_there)
{
	TEXT_PUT(path, folder_path("gone/hold"));
	take(STEP_VRRP_HOLD, 0);
	refused(HaReason_notAllowed, "has no folder that can be opened");
	assert_string_equal(result.kernel, "No such file or directory");
	folder_put("gone", "");
	take(STEP_VRRP_HOLD, 0);
	refused(HaReason_notAllowed, "has no folder that can be opened");
}

TEST(a_path_to_no_file_is_refused)
{
	TEXT_PUT(path, folder_path("run/"));
	take(STEP_VRRP_HOLD, 0);
	refused(HaReason_refusedByKernel, "cannot be written");
	assert_false(folder_has("run/.ha-agentx-hold"));
	TEXT_PUT(path, folder_path("run/.."));
	take(STEP_VRRP_HOLD, 0);
	refused(HaReason_notAllowed, "is no plain file that can be read");
}

TEST(after_the_deadline_nothing_is_written)
{
	const struct step step = { STEP_VRRP_HOLD, 0, 0, 0 };

	vrrp_hold_write(&settings, &step, clock_now(), &result);
	refused(HaReason_timeout, "was not written: it is too late");
	assert_false(folder_has("run/hold"));
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, set_up, folder_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_FOLDER(an_instance_is_held_and_released),
		IN_FOLDER(a_hold_may_say_when_it_ends),
		IN_FOLDER(a_file_that_says_so_already_is_left_alone),
		IN_FOLDER(the_file_is_replaced_whole),
		IN_FOLDER(any_other_content_gives_way),
		IN_FOLDER(what_a_death_has_left_is_not_in_the_way),
		IN_FOLDER(a_link_of_the_system_to_the_folder_is_followed),
		IN_FOLDER(a_link_in_its_place_is_not_followed),
		IN_FOLDER(nothing_but_a_plain_file_may_be_in_its_place),
		IN_FOLDER(nobody_else_may_write_to_its_folder),
		IN_FOLDER(nobody_else_may_write_to_a_folder_above_it),
		IN_FOLDER(nobody_else_may_own_its_folder),
		IN_FOLDER(its_folder_must_be_there),
		IN_FOLDER(a_path_to_no_file_is_refused),
		IN_FOLDER(after_the_deadline_nothing_is_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
