/* Tests what the dumps of keepalived tell: recorded ones, and ones that are not as they should be.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/vrrp/keepalived/told.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "lib/memory.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/sources/vrrp/keepalived/told_data.h"
#include "subagent/sources/vrrp/keepalived/told_json.h"
#include "tests/unit/check.h"
#include "tests/unit/recorded.h"

static struct told told;
static struct told_global global;

static struct recorded recorded(const char *name)
{
	char path[64];

	TEXT_PRINT(path, "../keepalived/%s", name);
	return recorded_read(path);
}

static void read_json(const char *name)
{
	struct recorded dump = recorded(name);

	assert_true(told_json(&told, (const char *)dump.octets, dump.length));
	assert_string_equal(told.error, "");
	recorded_free(&dump);
}

static void read_data(const char *name)
{
	struct recorded dump = recorded(name);

	memset(&global, 0, sizeof(global));
	assert_true(told_data(&told, &global, (const char *)dump.octets, dump.length));
	assert_string_equal(told.error, "");
	recorded_free(&dump);
}

static void read_text(const char *text, const char *error)
{
	assert_true(told_json(&told, text, strlen(text)));
	assert_string_equal(told.error, error);
}

static void refuse_text(const char *text, const char *error)
{
	assert_false(told_json(&told, text, strlen(text)));
	assert_int_equal(told.count, 0);
	assert_non_null(strstr(told.error, error));
	told_free(&told);
}

static const struct claim *claim(const char *name)
{
	for (size_t i = 0; i < told.count; i++)
		if (!strcmp(told.claims[i].name, name))
			return &told.claims[i];
	fail_msg("there is no %s", name);
	return NULL;
}

static void expect_address(const char *name, size_t number, const char *text, uint8_t prefix,
			   const char *interface, bool excluded)
{
	const struct claim_address *address = &claim(name)->addresses[number];
	char found[ADDRESS_TEXT_MAX];

	assert_true(number < claim(name)->addresses_count);
	address_print(&address->address, found, sizeof(found));
	assert_string_equal(found, text);
	assert_int_equal(address->prefix_length, prefix);
	assert_string_equal(address->interface, interface);
	assert_int_equal(address->excluded, excluded);
}

static void expect_file(const char *name, size_t number, const char *path, int32_t weight,
			bool reverse)
{
	const struct claim_file *file = &claim(name)->files[number];

	assert_true(number < claim(name)->files_count);
	assert_string_equal(file->path, path);
	assert_int_equal(file->weight, weight);
	assert_int_equal(file->reverse, reverse);
}

/* ---- JSON ---- */

TEST(a_master_tells_everything_about_itself)
{
	const struct claim *master;

	read_json("pair.json");
	assert_int_equal(told.count, 1);
	master = claim("VI_1");
	assert_int_equal(master->state, HaVrrpState_master);
	assert_int_equal(master->wanted_state, HaVrrpState_master);
	assert_int_equal(master->changed, INT64_C(1795336213849));
	assert_int_equal(master->vrid, 51);
	assert_int_equal(master->version, 2);
	assert_int_equal(master->family, AF_INET);
	assert_string_equal(master->interface, "bond0");
	assert_int_equal(master->base_priority, 110);
	assert_int_equal(master->effective_priority, 110);
	assert_int_equal(master->nopreempt, HaAnswer_yes);
	assert_int_equal(master->advert_interval, 1000);
	assert_int_equal(master->auth_type, haVrrpRouterAuthType_none);
	assert_true(master->counted);
	assert_int_equal(master->adverts_sent, 53);
	assert_int_equal(master->adverts_received, 9);
	assert_int_equal(master->advert_errors, 0);
	assert_int_equal(master->mastership_changes, 1);
	assert_int_equal(master->files_known, HaAnswer_unknown);
	expect_address("VI_1", 0, "10.77.0.100", 24, "bond0", false);
	told_free(&told);
}

TEST(instances_of_all_kinds_are_read)
{
	read_json("mixed.json");
	assert_int_equal(told.count, 4);
	assert_int_equal(claim("plain")->state, HaVrrpState_fault);
	assert_int_equal(claim("plain")->addresses_count, 4);
	expect_address("plain", 0, "10.77.0.100", 24, "record0", false);
	expect_address("plain", 1, "10.77.0.101", 32, "record0", false);
	expect_address("plain", 2, "10.77.0.102", 32, "record0", true);
	expect_address("plain", 3, "fd77::102", 64, "record0", true);
	assert_int_equal(claim("in group")->auth_type, haVrrpRouterAuthType_simple);
	assert_int_equal(claim("in group")->advert_interval, 2000);
	assert_int_equal(claim("in group")->nopreempt, HaAnswer_no);
	assert_string_equal(claim("in group")->interface, "record0.7");
	assert_int_equal(claim("in_group_6")->family, AF_INET6);
	assert_int_equal(claim("in_group_6")->version, 3);
	assert_int_equal(claim("in_group_6")->advert_interval, 500);
	expect_address("in_group_6", 0, "fe80::52", 128, "record0.7", false);
	assert_int_equal(claim("faulty")->vrid, 255);
	told_free(&told);
}

/* As vrrp_json.c of keepalived 2.4 writes it with json_version 2. */
TEST(the_second_version_is_an_object)
{
	read_text("{\"vrrp\":[{\"data\":{\"iname\":\"a\",\"state\":1,\"wantstate\":2,"
		  "\"last_transition\":1.5,\"vrid\":7,\"version\":3,\"base_priority\":100,"
		  "\"effective_priority\":90,\"nopreempt\":false,\"adver_int\":0.01}}],"
		  "\"track_process\":[]}\n",
		  "");
	assert_int_equal(claim("a")->state, HaVrrpState_backup);
	assert_int_equal(claim("a")->wanted_state, HaVrrpState_master);
	assert_int_equal(claim("a")->changed, 1500);
	assert_int_equal(claim("a")->effective_priority, 90);
	assert_int_equal(claim("a")->advert_interval, 10);
	assert_int_equal(claim("a")->family, 0);
	assert_false(claim("a")->counted);
	told_free(&told);
}

TEST(a_dump_that_breaks_off_anywhere_is_refused)
{
	struct recorded dump = recorded("mixed.json");

	for (size_t length = 0; length + 1 < dump.length; length++) {
		assert_false(told_json(&told, (const char *)dump.octets, length));
		assert_memory_equal(told.error, "no whole JSON: ", 15);
		told_free(&told);
	}
	recorded_free(&dump);
}

TEST(other_json_is_no_dump)
{
	refuse_text("", "breaks off");
	refuse_text("{}", "no list of instances");
	refuse_text("{\"vrrp\":{}}", "no list of instances");
	refuse_text("[\"\\ud800\"]", "no whole JSON");
	refuse_text("[}", "no whole JSON");
	read_text("[]", "");
	assert_int_equal(told.count, 0);
	told_free(&told);
	read_text("[1,null,[],{\"data\":3}]", "instance ?: iname is missing");
	assert_int_equal(told.count, 0);
	told_free(&told);
}

TEST(what_is_missing_or_wrong_is_named_and_the_rest_is_kept)
{
	read_text("[{\"data\":{\"iname\":\"a\",\"state\":2,\"wantstate\":2,"
		  "\"last_transition\":\"then\",\"vrid\":300,\"version\":-1}}]",
		  "instance a: last_transition is no number");
	assert_int_equal(claim("a")->state, HaVrrpState_master);
	assert_int_equal(claim("a")->changed, 0);
	assert_int_equal(claim("a")->vrid, 0);
	assert_int_equal(claim("a")->version, 0);
	assert_int_equal(claim("a")->nopreempt, HaAnswer_unknown);
	told_free(&told);
	read_text("[{\"data\":{\"iname\":\"a\",\"state\":\"MASTER\"}}]",
		  "instance a: state is missing");
	assert_int_equal(claim("a")->state, HaVrrpState_unknown);
	told_free(&told);
	read_text("[{\"data\":{\"iname\":\"a\",\"state\":4,\"wantstate\":0,\"last_transition\":"
		  "1e99}}]",
		  "instance a: last_transition is out of range");
	assert_int_equal(claim("a")->state, HaVrrpState_other);
	assert_int_equal(claim("a")->wanted_state, HaVrrpState_init);
	told_free(&told);
}

TEST(addresses_that_are_none_are_passed_over)
{
	read_text("[{\"data\":{\"iname\":\"a\",\"state\":1,\"wantstate\":1,\"last_transition\":1,"
		  "\"vrid\":1,\"version\":2,\"base_priority\":1,\"effective_priority\":1,"
		  "\"adver_int\":1,\"vips\":[\"None\",7,\"10.0.0.1/99 dev a@b\"],\"evips\":{}}}]",
		  "instance a: vips has what is no address");
	assert_int_equal(claim("a")->addresses_count, 1);
	expect_address("a", 0, "10.0.0.1", 32, "a", false);
	told_free(&told);
}

/* ---- the data dump ---- */

TEST(the_hold_file_of_the_pair_is_known)
{
	read_data("pair.data");
	assert_int_equal(told.count, 1);
	assert_int_equal(claim("VI_1")->files_known, HaAnswer_yes);
	assert_int_equal(claim("VI_1")->files_count, 1);
	expect_file("VI_1", 0, "/run/cluster/fault", 0, false);
	assert_string_equal(claim("VI_1")->sync_group, "");
	assert_true(global.bus);
	assert_string_equal(global.bus_name, "");
	assert_int_equal(global.fifos_count, 1);
	assert_string_equal(global.fifos[0], "/run/keepalived.fifo");
	told_free(&told);
}

TEST(files_are_known_that_are_tracked_through_a_group)
{
	read_data("mixed.data");
	assert_int_equal(told.count, 4);
	assert_int_equal(claim("plain")->files_count, 2);
	expect_file("plain", 0, "/run/ha-agentx-record/hold", 0, false);
	expect_file("plain", 1, "/run/ha-agentx-record/better", 7, true);
	assert_int_equal(claim("in group")->files_count, 0);
	assert_int_equal(claim("in group")->files_known, HaAnswer_yes);
	assert_int_equal(claim("in_group_6")->files_count, 1);
	expect_file("in_group_6", 0, "/run/ha-agentx-record/hold", 0, false);
	assert_string_equal(claim("in_group_6")->sync_group, "both");
	assert_int_equal(claim("in_group_6")->family, AF_INET6);
	assert_int_equal(claim("plain")->family, AF_INET);
	expect_file("faulty", 0, "/run/ha-agentx-record/better", -5, true);
	told_free(&told);
}

TEST(a_data_dump_that_breaks_off_before_its_last_section_is_refused)
{
	struct recorded dump = recorded("mixed.data");
	const char *text = (const char *)dump.octets;
	const char *last = memmem(text, dump.length, "------< Interfaces", 18);

	assert_non_null(last);
	for (const char *end = text; end <= last; end += 7) {
		assert_false(told_data(&told, &global, text, (size_t)(end - text)));
		assert_string_equal(told.error, "it breaks off");
		assert_int_equal(told.count, 0);
	}
	recorded_free(&dump);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_master_tells_everything_about_itself),
		cmocka_unit_test(instances_of_all_kinds_are_read),
		cmocka_unit_test(the_second_version_is_an_object),
		cmocka_unit_test(a_dump_that_breaks_off_anywhere_is_refused),
		cmocka_unit_test(other_json_is_no_dump),
		cmocka_unit_test(what_is_missing_or_wrong_is_named_and_the_rest_is_kept),
		cmocka_unit_test(addresses_that_are_none_are_passed_over),
		cmocka_unit_test(the_hold_file_of_the_pair_is_known),
		cmocka_unit_test(files_are_known_that_are_tracked_through_a_group),
		cmocka_unit_test(a_data_dump_that_breaks_off_before_its_last_section_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
