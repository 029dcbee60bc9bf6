/* Tests the reading of drbdadm's configuration, with recorded output of drbd-utils 9.22.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/drbd/config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "mib/ha-agentx-mib.h"
#include "tests/unit/test_drbd_world.h"

/* Read `text` in pieces of `piece` octets. */
static struct drbd_config *load(const char *text, const char *node, size_t piece)
{
	struct drbd_config_parser *parser = drbd_config_begin(node);
	size_t length = strlen(text);

	for (size_t at = 0; at < length; at += piece)
		if (!drbd_config_take(parser, text + at, length - at < piece ? length - at : piece))
			break;
	return drbd_config_end(parser, true);
}

static struct drbd_config *load_file(const char *name, const char *node, size_t piece)
{
	char *text = drbd_world_file(name);
	struct drbd_config *config = load(text, node, piece);

	free(text);
	assert_non_null(config);
	return config;
}

static const struct drbd_expected *find(const struct drbd_config *config, const char *name)
{
	const struct drbd_expected *resource = config->resources;

	while (resource && strcmp(resource->name, name) != 0)
		resource = resource->next;
	return resource;
}

static void check_drbd9(const struct drbd_config *config)
{
	const struct drbd_expected *r0 = find(config, "r0"), *r1 = find(config, "r1");
	const struct drbd_expected *r2 = find(config, "r2");

	assert_non_null(r0);
	assert_non_null(r1);
	assert_non_null(r2);
	assert_null(find(config, "other"));
	assert_string_equal(config->folders[0], "/etc/drbd.d");
	assert_string_equal(config->folders[1], "");

	assert_int_equal(r0->auto_promote, HaAnswer_no);
	assert_int_equal(r0->volumes->number, 0);
	assert_string_equal(r0->volumes->device, "/dev/drbd0");
	assert_string_equal(r0->volumes->disk, "/dev/ubda");
	assert_int_equal(r0->volumes->next->number, 1);
	assert_int_equal(r0->volumes->next->minor, 1);
	assert_string_equal(r0->volumes->next->device, "");
	assert_null(r0->volumes->next->next);
	assert_string_equal(r0->peers->name, "n2");
	assert_string_equal(r0->peers->local_address, "ipv4:10.77.0.1:7788");
	assert_string_equal(r0->peers->remote_address, "ipv4:10.77.0.2:7788");
	assert_int_equal(r0->peers->paths, 1);
	assert_int_equal(r0->peers->protocol, haDrbdPeerProtocol_c);
	assert_false(r0->peers->numbered);
	assert_null(r0->peers->next);

	assert_int_equal(r1->auto_promote, HaAnswer_yes);
	assert_int_equal(r1->volumes->minor, 10);
	assert_string_equal(r1->peers->name, "n2");
	assert_string_equal(r1->peers->next->name, "n3");
	assert_string_equal(r1->peers->next->remote_address, "ipv4:10.77.0.3:7799");
	assert_null(r1->peers->next->next);

	assert_int_equal(r2->peers->protocol, haDrbdPeerProtocol_a);
	assert_int_equal(r2->peers->paths, 2);
	assert_string_equal(r2->peers->local_address, "ipv4:10.77.0.1:7802");
	assert_null(r2->next);
}

static void test_drbd9_in_pieces(void **state)
{
	static const size_t pieces[] = { 1, 7, 100, 1 << 20 };

	(void)state;
	for (size_t i = 0; i < sizeof(pieces) / sizeof(*pieces); i++) {
		struct drbd_config *config = load_file("drbd9/dump-xml.n1.txt", "n1", pieces[i]);

		check_drbd9(config);
		drbd_config_free(config);
	}
}

/* A client has no disk of its own; its other hosts have. */
static void test_drbd9_of_the_client(void **state)
{
	struct drbd_config *config = load_file("drbd9/dump-xml.n1.txt", "n3", 4096);
	const struct drbd_expected *r1 = find(config, "r1");

	(void)state;
	assert_null(find(config, "r0"));
	assert_string_equal(r1->volumes->disk, "");
	assert_string_equal(r1->peers->name, "n1");
	assert_string_equal(r1->peers->local_address, "ipv4:10.77.0.3:7799");
	assert_string_equal(r1->peers->next->name, "n2");
	drbd_config_free(config);
}

static void test_numbers(void **state)
{
	struct drbd_config *config = load_file("drbd9/dump-xml.n1.txt", "n1", 4096);
	char *text = drbd_world_file("drbd9/new-peer.n1.txt");
	const struct drbd_expected *r1 = find(config, "r1");

	(void)state;
	for (const char *line = text; *line; line += strcspn(line, "\n") + 1)
		assert_true(drbd_config_number(config, line, strcspn(line, "\n")));
	assert_true(r1->peers->numbered);
	assert_int_equal(r1->peers->node_id, 1);
	assert_true(r1->peers->next->numbered);
	assert_int_equal(r1->peers->next->node_id, 2);
	assert_false(drbd_config_number(config, "", 0));
	assert_false(drbd_config_number(config, "x new-peer r0 32 --_name=n2", 27));
	assert_false(drbd_config_number(config, "x new-peer r0 --_name=n2", 24));
	assert_false(drbd_config_number(config, "x new-path r0 1 --_name=n2", 26));
	assert_true(drbd_config_number(config, "x new-peer r9 3 --_name=n2", 26));
	assert_true(drbd_config_number(config, "x new-peer r0 3 --_name=n9", 26));
	assert_int_equal(find(config, "r0")->peers->node_id, 1);
	drbd_config_free(config);
	free(text);
}

static void test_drbd84(void **state)
{
	struct drbd_config *config = load_file("drbd84/dump-xml.n1.txt", "n1", 4096);
	const struct drbd_expected *r0 = find(config, "r0"), *many = find(config, "many");

	(void)state;
	assert_string_equal(r0->peers->name, "n2");
	assert_string_equal(r0->peers->local_address, "ipv4:10.77.0.1:7788");
	assert_int_equal(r0->peers->paths, 1);
	assert_null(r0->peers->next);
	assert_int_equal(many->volumes->number, 0);
	assert_int_equal(many->volumes->next->number, 3);
	assert_string_equal(many->volumes->next->device, "/dev/drbd_many3");
	assert_string_equal(many->peers->remote_address, "ipv6:[fd00::2]:7789");
	drbd_config_free(config);
}

/* A host may have several names; protocol may be set for one connection. */
static void test_names_and_options(void **state)
{
	static const char text[] =
		"<config><common><section name='net'><option name='protocol' value='B'/></section>"
		"</common><resource name='a'><host name='x n1 y'><volume vnr='0'><device "
		"minor='3'/>"
		"</volume></host><host name='n2 other'/><host name='n3'/>"
		"<connection><host name='x'/><host name='n2'/></connection></resource>"
		"<resource name='b'><host name='n1'/><host name='n2'/>"
		"<connection><host name='n2'/><host name='n1'/>"
		"<section name='net'><option name='protocol' value='A'/></section></connection>"
		"</resource></config>";
	struct drbd_config *config = load(text, "n1", 10);

	(void)state;
	assert_non_null(config);
	assert_int_equal(find(config, "a")->volumes->minor, 3);
	assert_null(find(config, "a")->peers);
	assert_int_equal(find(config, "b")->peers->protocol, haDrbdPeerProtocol_a);
	assert_string_equal(find(config, "b")->peers->name, "n2");
	drbd_config_free(config);
	config = load(text, "x", 10);
	assert_int_equal(find(config, "a")->peers->protocol, haDrbdPeerProtocol_b);
	drbd_config_free(config);
}

static void test_bad_text(void **state)
{
	static const char *const cases[] = {
		"",
		"<config>",
		"garbage",
		"<config></resource></config>",
		"<config>&undefined;</config>",
		"<a><a><a><a><a><a><a><a><a></a></a></a></a></a></a></a></a></a>",
		"<resource name='r'><resource name='s'></resource></resource><more/>",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_null(load(cases[i], "n1", 3));
	drbd_config_free(NULL);
	assert_null(drbd_config_end(drbd_config_begin("n1"), false));
}

static void test_odd_but_well_formed(void **state)
{
	static const char *const cases[] = {
		"<config/>",
		"<config><resource/></config>",
		"<config><resource name='r'><host name='n1'/></resource></config>",
		"<resource name='r'><resource name='s'><host name='n1'/></resource></resource>",
		"<config><device minor='1'>x</device><address/><path/><connection/></config>",
		"<config><resource name='r'><volume vnr='99999999999'><disk>x</disk></volume>"
		"<connection><path/><host/><host/><host/></connection></resource></config>",
		"<config><resource name='0123456789012345678901234567890123456789012345678901234567"
		"890123456789'><host name='n1'/></resource></config>",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct drbd_config *config = load(cases[i], "n1", 5);

		assert_non_null(config);
		drbd_config_free(config);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_drbd9_in_pieces),
		cmocka_unit_test(test_drbd9_of_the_client),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_drbd84),
		cmocka_unit_test(test_names_and_options),
		cmocka_unit_test(test_bad_text),
		cmocka_unit_test(test_odd_but_well_formed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
