/* Tests what is read of the kernel's NFS server: a folder plays /proc/fs/nfsd.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/nfs/server.h"

#include <unistd.h>

#include "lib/memory.h"
#include "mib/ha-agentx-mib.h"
#include "tests/unit/check.h"
#include "tests/unit/folder.h"

#define V(version) (1U << haNfsVersions_##version)

static char nfsd[128], filesystems[128];
static struct nfs_server server;
static struct nfs_row row;

static int make(void **state)
{
	folder_make(state);
	TEXT_PUT(nfsd, folder_path("nfsd"));
	TEXT_PUT(filesystems, folder_path("filesystems"));
	server = (struct nfs_server){ .folder = nfsd, .filesystems = filesystems };
	folder_put("filesystems", "nodev\tproc\n\text4\nnodev\tnfsd\n");
	return 0;
}

static void put_server(const char *threads, const char *end_grace)
{
	folder_put("nfsd/threads", threads);
	folder_put("nfsd/versions", "-2 +3 +4 +4.1 +4.2\n");
	folder_put("nfsd/nfsv4gracetime", "10\n");
	folder_put("nfsd/nfsv4leasetime", "15\n");
	folder_put("nfsd/v4_end_grace", end_grace);
}

static int32_t look(int64_t now)
{
	row = (struct nfs_row){ .head.state = HaRowState_fresh };
	nfs_server_look(&server, now, 1000000 + now, &row);
	return row.nfs_state;
}

static int lacks(unsigned int object)
{
	return (row.head.absent >> mib_objects[object].arc & 1) != 0;
}

TEST(versions_are_those_with_a_plus)
{
	assert_int_equal(nfs_versions("-2 +3 +4 +4.1 +4.2\n"), V(v3) | V(v40) | V(v41) | V(v42));
	assert_int_equal(nfs_versions("+3 +4 -4.0 +4.1\n"), V(v3) | V(v41));
	assert_int_equal(nfs_versions("-3 -4"), 0);
	assert_int_equal(nfs_versions("+2 +4.9 words + 4.2"), V(v2));
	assert_int_equal(nfs_versions(""), 0);
}

TEST(without_the_module_it_is_not_installed)
{
	folder_put("filesystems", "nodev\tproc\nnodev\tnfsdx\n");
	assert_int_equal(look(0), haNfsState_notInstalled);
	assert_true(lacks(mib_haNfsThreads));
	assert_true(lacks(mib_haNfsGraceTime));
}

TEST(with_the_module_alone_it_is_not_mounted)
{
	assert_int_equal(look(0), haNfsState_notMounted);
}

TEST(without_threads_it_is_stopped)
{
	put_server("0\n", "Y\n");
	assert_int_equal(look(0), haNfsState_stopped);
	assert_int_equal(row.threads, 0);
	assert_false(lacks(mib_haNfsThreads));
	assert_int_equal(row.grace_time, 10);
	assert_int_equal(row.lease_time, 15);
	assert_int_equal(row.grace_left, 0);
}

TEST(grace_is_counted_down_from_when_it_was_seen_to_begin)
{
	put_server("0\n", "Y\n");
	look(0);
	put_server("8\n", "N\n");
	assert_int_equal(look(5000), haNfsState_grace);
	assert_int_equal(row.grace_left, 10);
	assert_int_equal(row.state_time.wall, 1005000);
	look(9001);
	assert_int_equal(row.grace_left, 6);
	look(30000);
	assert_int_equal(row.grace_left, 0);
	put_server("8\n", "Y\n");
	assert_int_equal(look(31000), haNfsState_running);
	assert_int_equal(row.state_time.wall, 1031000);
	assert_int_equal(row.threads, 8);
}

TEST(grace_that_had_begun_before_may_last_all_its_time)
{
	put_server("8\n", "N\n");
	assert_int_equal(look(5000), haNfsState_grace);
	assert_int_equal(row.grace_left, 10);
	look(12000);
	assert_int_equal(row.grace_left, 10);
}

TEST(nonsense_has_no_value)
{
	put_server("x\n", "Y\n");
	folder_put("nfsd/nfsv4gracetime", "99999999999999999999\n");
	look(0);
	assert_true(lacks(mib_haNfsThreads));
	assert_true(lacks(mib_haNfsGraceTime));
	assert_false(lacks(mib_haNfsLeaseTime));
}

int main(void)
{
#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, make, folder_remove)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(versions_are_those_with_a_plus),
		IN_FOLDER(without_the_module_it_is_not_installed),
		IN_FOLDER(with_the_module_alone_it_is_not_mounted),
		IN_FOLDER(without_threads_it_is_stopped),
		IN_FOLDER(grace_is_counted_down_from_when_it_was_seen_to_begin),
		IN_FOLDER(grace_that_had_begun_before_may_last_all_its_time),
		IN_FOLDER(nonsense_has_no_value),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
