/* Tests the reading of NFS clients: what a real kernel showed, IPv6, what is missing or nonsense.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/nfs/clients.h"

#include <stdlib.h>

#include "mib/ha-agentx-mib.h"
#include "tests/unit/check.h"
#include "tests/unit/folder.h"
#include "tests/unit/recorded.h"

static struct nfs_client_row row, taken;
static size_t calls;

static void take(void *argument, const void *client)
{
	assert_null(argument);
	taken = *(const struct nfs_client_row *)client;
	calls++;
}

TEST(a_recorded_client_is_read)
{
	static const uint8_t id[] = { 0x99, 0xc7, 0xd5, 0x9d, 0x6b, 0x03, 0x50, 0xd6 };
	static const uint8_t address[] = { 10, 77, 0, 3 };
	char *text = recorded_text("nfs/client-info");

	assert_int_equal(nfs_client_read(text, &row), 0);
	free(text);
	assert_int_equal(row.head.state, HaRowState_fresh);
	assert_int_equal(row.id.length, 8);
	assert_memory_equal(row.id.octet, id, sizeof(id));
	assert_int_equal(row.address_type, InetAddressType_ipv4);
	assert_int_equal(row.address.length, 4);
	assert_memory_equal(row.address.octet, address, sizeof(address));
	assert_int_equal(row.port, 928);
	assert_string_equal(row.name, "Linux NFSv4.2 c1");
	assert_int_equal(row.minor_version, 2);
	assert_int_equal(row.status, haNfsClientStatus_confirmed);
	assert_int_equal(row.callback, haNfsClientCallback_up);
	assert_int_equal(row.renew_age, 5);
}

TEST(an_address_of_version_6_stands_in_brackets)
{
	assert_int_equal(nfs_client_read("clientid: 0x1\naddress: \"[fd00:77::3]:928\"\n"
					 "status: courtesy\ncallback state: DOWN",
					 &row),
			 0);
	assert_int_equal(row.address_type, InetAddressType_ipv6);
	assert_int_equal(row.address.length, 16);
	assert_int_equal(row.address.octet[15], 3);
	assert_int_equal(row.port, 928);
	assert_int_equal(row.status, haNfsClientStatus_courtesy);
	assert_int_equal(row.callback, haNfsClientCallback_down);
}

TEST(what_is_missing_or_nonsense_is_unknown)
{
	assert_int_equal(nfs_client_read("", &row), -1);
	assert_int_equal(nfs_client_read("status: confirmed\n", &row), -1);
	assert_int_equal(nfs_client_read("clientid: 0x2\naddress: \"[]\"\nname\n: :\n", &row), 0);
	assert_int_equal(row.address.length, 0);
	assert_int_equal(row.address_type, InetAddressType_unknown);
	assert_int_equal(row.status, haNfsClientStatus_unknown);
	assert_int_equal(nfs_client_read("clientid: 0x2\naddress: \":\"\nstatus: new-word\n", &row),
			 0);
	assert_int_equal(row.address.length, 0);
	assert_int_equal(row.status, haNfsClientStatus_other);
}

TEST(each_folder_with_a_number_is_a_client)
{
	char *info = recorded_text("nfs/client-info"), *states = recorded_text("nfs/client-states");
	uint32_t rejected = 0;

	folder_put("clients/5/info", info);
	folder_put("clients/5/states", states);
	folder_put("clients/6/info", "no client\n");
	folder_put("clients/x/info", info);
	folder_make_above("clients/7/info");
	calls = 0;
	assert_int_equal(nfs_clients_look(folder_path("clients"), take, NULL, &rejected), 1);
	assert_int_equal(calls, 1);
	assert_int_equal(rejected, 1);
	assert_int_equal(taken.states, 2);
	assert_int_equal(nfs_clients_look(folder_path("nowhere"), take, NULL, &rejected), 0);
	free(info);
	free(states);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_recorded_client_is_read),
		cmocka_unit_test(an_address_of_version_6_stands_in_brackets),
		cmocka_unit_test(what_is_missing_or_nonsense_is_unknown),
		cmocka_unit_test_setup_teardown(each_folder_with_a_number_is_a_client, folder_make,
						folder_remove),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
