/* Tests the section `peer' of the configuration: what is taken, what is refused, where passwords
 * go. SPDX-License-Identifier: BSD-2-Clause
 */
#include "lib/settings_peer.h"

#include <string.h>

#include "lib/memory.h"
#include "lib/settings.h"
#include "tests/unit/check.h"
#include "tests/unit/configuration.h"
#include "tests/unit/folder.h"

#define PASSWORDS "auth-password = \"secret-a\" priv-password = 'secret-p' "

TEST(without_an_address_there_is_no_peer)
{
	struct settings *settings = configuration_load("");

	assert_int_equal(settings->peer->addresses_count, 0);
	assert_int_equal(settings->peer->interval, 1000);
	assert_int_equal(settings->peer->timeout, 1000);
	assert_int_equal(settings->peer->limit, 5000);
	assert_string_equal(settings->peer->user, "ha-agentx");
	assert_string_equal(settings->peer->auth.protocol, "SHA-256");
	assert_string_equal(settings->peer->priv.protocol, "AES");
	settings_free(settings);
}

TEST(everything_can_be_said)
{
	struct settings *settings = configuration_load(
		"peer { address = { \"10.77.0.2\", \"fd00:77::2\" } port = 1161 user = watcher\n"
		" auth-protocol = SHA-512 priv-protocol = AES-256 " PASSWORDS
		" interval = 0.5 timeout = 0.25 limit = 2.5 }");
	const struct settings_peer *peer = settings->peer;
	struct address wanted;

	assert_int_equal(peer->addresses_count, 2);
	assert_true(address_parse(&wanted, "10.77.0.2", 1161));
	assert_true(address_equal(&peer->addresses[0], &wanted));
	assert_true(address_parse(&wanted, "fd00:77::2", 1161));
	assert_true(address_equal(&peer->addresses[1], &wanted));
	assert_string_equal(peer->user, "watcher");
	assert_string_equal(peer->auth.protocol, "SHA-512");
	assert_string_equal(peer->auth.password, "secret-a");
	assert_null(peer->auth.file);
	assert_string_equal(peer->priv.protocol, "AES-256");
	assert_string_equal(peer->priv.password, "secret-p");
	assert_int_equal(peer->interval, 500);
	assert_int_equal(peer->timeout, 250);
	assert_int_equal(peer->limit, 2500);
	settings_free(settings);
}

TEST(one_address_needs_no_braces)
{
	struct settings *settings = configuration_load("peer { address = 10.77.0.2 " PASSWORDS "}");

	assert_int_equal(settings->peer->addresses_count, 1);
	settings_free(settings);
}

TEST(passwords_can_be_in_files)
{
	struct settings *settings =
		configuration_load("peer { address = 10.77.0.2 auth-file = /a/b priv-file = /c }");

	assert_string_equal(settings->peer->auth.file, "/a/b");
	assert_string_equal(settings->peer->auth.password, "");
	assert_string_equal(settings->peer->priv.file, "/c");
	settings_free(settings);
}

TEST(what_is_wrong_is_refused_with_its_line)
{
	configuration_refused("peer {\naddress = \"n2.example\" }",
			      "2: \"n2.example\" is not an address, as \"192.0.2.2\" or "
			      "\"2001:db8::2\"");
	configuration_refused("peer {\nport = 0 }", "2: port must be 1 to 65535");
	configuration_refused("peer { user = \"\" }", "1: user must have 1 to 32 octets");
	configuration_refused("peer {\n\nauth-protocol = MD5 }",
			      "3: auth-protocol must be SHA, SHA-224, SHA-256, SHA-384 or SHA-512");
	configuration_refused("peer { priv-protocol = DES }",
			      "1: priv-protocol must be AES, AES-192 or AES-256");
	configuration_refused("peer { auth-file = relative }",
			      "1: auth-file must be an absolute path of at most 107 octets");
	configuration_refused("peer { interval = 0 }", "1: interval must be 0.1 to 60 seconds");
	configuration_refused("peer { timeout = 11 }", "1: timeout must be 0.1 to 10 seconds");
	configuration_refused("peer { limit = 0.1 }", "1: limit must be 0.5 to 300 seconds");
}

TEST(a_peer_needs_both_passwords_once)
{
	configuration_refused("peer { address = 10.77.0.2 }",
			      "1: the peer, which ends here, has auth given neither as a password "
			      "nor as a file");
	configuration_refused("peer { address = 10.77.0.2\n auth-file = /a\n}",
			      "3: the peer, which ends here, has priv given neither as a password "
			      "nor as a file");
	configuration_refused("peer { address = 10.77.0.2 auth-file = /a " PASSWORDS "}",
			      "1: the peer, which ends here, has auth given both as a password and "
			      "as a file");
}

TEST(the_limit_leaves_time_for_a_question)
{
	configuration_refused("peer { address = 10.77.0.2 interval = 4 timeout = 2 " PASSWORDS "}",
			      "1: the peer, which ends here, has a limit below interval and "
			      "timeout together");
}

/* ---- passwords ---- */

TEST(a_password_that_cannot_be_one_is_refused)
{
	char text[400], long_word[SETTINGS_PASSWORD_MAX + 2];

	configuration_refused("peer {\n\nauth-password = \"7654321\" }",
			      "3: auth-password must have 8 to 255 octets");
	memset(long_word, 'x', sizeof(long_word) - 1);
	long_word[sizeof(long_word) - 1] = '\0';
	TEXT_PRINT(text, "peer { priv-password = %s }", long_word);
	configuration_refused(text, "1: priv-password must have 8 to 255 octets");
	configuration_refused("peer { priv-password = \"back\\\\slash\" }",
			      "1: priv-password must be printable ASCII without a backslash: give "
			      "the password in a file");
}

TEST(no_message_tells_a_password)
{
	char message[512];
	const char *text = "peer { auth-password = \"secret-a\" nonsense = 1 }";

	configuration_elsewhere(configuration_open(text, strlen(text)), message, sizeof(message));
	assert_null(strstr(message, "secret"));
	assert_non_null(strstr(message, "nonsense"));
}

static uint64_t digest_of(const char *text)
{
	struct settings *settings = configuration_load(text);
	uint64_t digest = settings->digest;

	settings_free(settings);
	return digest;
}

/* It is published: with passwords in it, anybody could try some against it. */
TEST(the_digest_says_nothing_of_passwords)
{
	uint64_t digest = digest_of("peer { " PASSWORDS "}");

	assert_true(digest_of("peer { auth-password = \"another1\" priv-password = 'password' }") ==
		    digest);
	assert_true(digest_of("peer { port = 1 " PASSWORDS "}") != digest);
}

TEST(a_password_is_found_however_it_is_written)
{
	static const char *const forms[] = {
		"peer{auth-password=secret-a priv-password=secret-p}",
		"peer { auth-password\n=\n'secret-a' priv-password\t= secret-p\n}",
		"peer { # auth-password = \"in-a-comment\n auth-password = secret-a\n"
		" /* priv-password = in-another */ priv-password = \"secret-p\" }",
		"peer { user = \"auth-password = no\" auth-password = 'first-one'\n"
		" auth-password = 'secret-a' priv-password = 'secret-p' }",
	};

	for (size_t i = 0; i < COUNT(forms); i++) {
		struct settings *settings = configuration_load(forms[i]);

		assert_string_equal(settings->peer->auth.password, "secret-a");
		assert_string_equal(settings->peer->priv.password, "secret-p");
		settings_free(settings);
	}
}

TEST(a_password_may_have_any_sign_in_quotes)
{
	struct settings *settings = configuration_load(
		"peer { auth-password = \"a'b{c}d=e#f g//h\" priv-password = 'a\"b /* c' }");

	assert_string_equal(settings->peer->auth.password, "a'b{c}d=e#f g//h");
	assert_string_equal(settings->peer->priv.password, "a\"b /* c");
	settings_free(settings);
}

TEST(they_are_forgotten)
{
	static const char nothing[SETTINGS_PASSWORD_MAX + 1];
	struct settings *settings = configuration_load("peer { " PASSWORDS "}");

	settings_forget_secrets(settings);
	assert_memory_equal(settings->peer->auth.password, nothing, sizeof(nothing));
	assert_memory_equal(settings->peer->priv.password, nothing, sizeof(nothing));
	settings_free(settings);
	settings = configuration_load("");
	assert_memory_equal(settings->peer->auth.password, nothing, sizeof(nothing));
	settings_free(settings);
}

#define SETTINGS_TEST(sentence)                                                                    \
	cmocka_unit_test_setup_teardown(sentence, folder_make, folder_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		SETTINGS_TEST(without_an_address_there_is_no_peer),
		SETTINGS_TEST(everything_can_be_said),
		SETTINGS_TEST(one_address_needs_no_braces),
		SETTINGS_TEST(passwords_can_be_in_files),
		SETTINGS_TEST(what_is_wrong_is_refused_with_its_line),
		SETTINGS_TEST(a_peer_needs_both_passwords_once),
		SETTINGS_TEST(the_limit_leaves_time_for_a_question),
		SETTINGS_TEST(a_password_that_cannot_be_one_is_refused),
		SETTINGS_TEST(no_message_tells_a_password),
		SETTINGS_TEST(the_digest_says_nothing_of_passwords),
		SETTINGS_TEST(a_password_is_found_however_it_is_written),
		SETTINGS_TEST(a_password_may_have_any_sign_in_quotes),
		SETTINGS_TEST(they_are_forgotten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
