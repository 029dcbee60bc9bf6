/* Tests the reading of passwords from files: what is private enough, and what is a password.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/peer/secret.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/memory.h"
#include "tests/unit/check.h"
#include "tests/unit/folder.h"

static char path[128], password[SETTINGS_PASSWORD_MAX + 1], error[SECRET_ERROR_MAX];

static bool reads(const char *content, mode_t mode)
{
	struct settings_secret secret = { .file = path };

	folder_put("secret", content);
	TEXT_PUT(path, folder_path("secret"));
	assert_int_equal(chmod(path, mode), 0);
	memset(password, 0, sizeof(password));
	error[0] = '\0';
	return peer_secret_read(&secret, password, error);
}

static void check_refused(const char *content, mode_t mode, const char *why)
{
	char wanted[SECRET_ERROR_MAX];

	assert_false(reads(content, mode));
	TEXT_PRINT(wanted, "%s: %s", path, why);
	assert_string_equal(error, wanted);
}

TEST(the_first_line_is_the_password)
{
	assert_true(reads("pass word 1\nrest\n", 0600));
	assert_string_equal(password, "pass word 1");
	assert_true(reads("12345678", 0640));
	assert_string_equal(password, "12345678");
	assert_true(reads("12345678\r\n", 0400));
	assert_string_equal(password, "12345678");
}

TEST(what_others_may_touch_is_refused)
{
	check_refused("12345678\n", 0604, "others may read or write it: chmod o=");
	check_refused("12345678\n", 0602, "others may read or write it: chmod o=");
}

TEST(a_password_has_its_limits)
{
	char text[SETTINGS_PASSWORD_MAX + 3];

	memset(text, 'x', sizeof(text));
	text[SETTINGS_PASSWORD_MAX] = '\0';
	assert_true(reads(text, 0600));
	assert_string_equal(password, text);
	text[SETTINGS_PASSWORD_MAX] = 'x';
	text[SETTINGS_PASSWORD_MAX + 1] = '\0';
	check_refused(text, 0600, "the password is too long");
	check_refused("1234567\n8", 0600, "the password is too short: 8 octets are the least");
	check_refused("", 0600, "the password is too short: 8 octets are the least");
}

TEST(a_file_that_is_none_is_refused)
{
	struct settings_secret secret = { .file = path };

	TEXT_PUT(path, folder_path("pipe"));
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_false(peer_secret_read(&secret, password, error));
	assert_non_null(strstr(error, "is not a file"));
	TEXT_PUT(path, folder_path("nothing"));
	assert_false(peer_secret_read(&secret, password, error));
	assert_non_null(strstr(error, "No such file or directory"));
}

TEST(without_a_file_it_is_the_settings_own)
{
	struct settings_secret secret = { .password = "12345678" };

	assert_true(peer_secret_read(&secret, password, error));
	assert_string_equal(password, "12345678");
}

TEST(it_is_seen_who_may_read_a_file)
{
	folder_put("conf", "");
	TEXT_PUT(path, folder_path("conf"));
	assert_int_equal(chmod(path, 0640), 0);
	assert_false(peer_secret_is_open(path));
	assert_int_equal(chmod(path, 0644), 0);
	assert_true(peer_secret_is_open(path));
	assert_int_equal(unlink(path), 0);
	assert_false(peer_secret_is_open(path));
}

#define SECRET_TEST(sentence) cmocka_unit_test_setup_teardown(sentence, folder_make, folder_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		SECRET_TEST(the_first_line_is_the_password),
		SECRET_TEST(what_others_may_touch_is_refused),
		SECRET_TEST(a_password_has_its_limits),
		SECRET_TEST(a_file_that_is_none_is_refused),
		SECRET_TEST(without_a_file_it_is_the_settings_own),
		SECRET_TEST(it_is_seen_who_may_read_a_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
