/* Tests the search for openers of a block device, over a made-up /proc, /sys and /dev.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "actions/opener.h"

#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/memory.h"
#include "lib/mountinfo.h"
#include "tests/unit/folder.h"

static char text[256];
static dev_t devices[2];

static void put_link(const char *name, const char *target)
{
	char path[256];

	folder_make_above(name);
	TEXT_PUT(path, folder_path(target));
	assert_int_equal(symlink(path, folder_path(name)), 0);
}

static void put_device(const char *name, mode_t type, dev_t device)
{
	folder_make_above(name);
	assert_int_equal(mknod(folder_path(name), type | 0600, device), 0);
}

/* A process with a mount namespace that is the file `namespace`. */
static void put_process(const char *pid, const char *name, const char *namespace,
			const char *mountinfo)
{
	char path[128];

	TEXT_PRINT(path, "/proc/%s/comm", pid);
	folder_put(path, name);
	TEXT_PRINT(path, "/proc/%s/mountinfo", pid);
	folder_put(path, mountinfo);
	TEXT_PRINT(path, "/proc/%s/ns/mnt", pid);
	put_link(path, namespace);
	TEXT_PRINT(path, "/proc/%s/exe", pid);
	put_link(path, namespace);
}

static int make_tree(void **state)
{
	if (folder_make(state) < 0)
		return -1;
	folder_put("/namespace-host", "");
	folder_put("/namespace-other", "");
	put_process("1", "init\n", "/namespace-host",
		    "22 27 0:21 / /proc rw,relatime - proc proc rw\n"
		    "27 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n");
	folder_put("/proc/uptime", "1.00 1.00\n");
	return 0;
}

static struct opener_search search(void)
{
	devices[0] = makedev(DRBD_MAJOR, 1);
	devices[1] = makedev(DRBD_MAJOR, 0);
	return (struct opener_search){ .root = folder, .devices = devices, .count = 2 };
}

static bool found_mount(void)
{
	const struct opener_search where = search();

	return opener_find_mount(&where, text, sizeof(text));
}

static bool found(void)
{
	const struct opener_search where = search();

	return opener_find(&where, text, sizeof(text));
}

static void test_nothing(void **state)
{
	(void)state;
	TEXT_PUT(text, "left from before");
	assert_false(found_mount());
	assert_string_equal(text, "");
	assert_false(found());
	assert_string_equal(text, "");
}

static bool passes_41(const void *argument, const char *process)
{
	assert_ptr_equal(argument, devices);
	return !strcmp(process + strlen(process) - strlen("/41"), "/41");
}

/* A file that is mapped, and a folder that is a process's root, need no descriptor. */
static void test_mapped_and_root(void **state)
{
	struct opener_search where = search();
	struct stat facts;

	(void)state;
	put_process("40", "mapper\n", "/namespace-host", "");
	put_process("41", "own\n", "/namespace-host", "");
	folder_put("/proc/42/maps", "7f01-7f02 rw-s 00000000 93:00 12 /a/thread/of/the/kernel\n");
	folder_put("/proc/40/maps", "7f00-7f01 r--p 00000000 08:01 5 /usr/lib/libc.so\n"
				    "7f01-7f02 rw-s 00000000 93:00 12 /srv/nfs/x y\n");
	folder_put("/proc/41/maps", "7f01-7f02 rw-s 00000000 93:01 12 /srv/nfs/x\n");
	assert_true(opener_find_process(&where, text, sizeof(text)));
	assert_non_null(strstr(text, "in use by mapper (pid 40)"));
	assert_non_null(strstr(text, "in use by own (pid 41)"));
	where.passes = passes_41;
	where.argument = devices;
	assert_true(opener_find_process(&where, text, sizeof(text)));
	assert_string_equal(text, "in use by mapper (pid 40)");
	folder_put("/proc/40/maps", "");
	assert_false(opener_find_process(&where, text, sizeof(text)));
	put_link("/proc/40/root", "/namespace-host");
	assert_int_equal(stat(folder_path("/namespace-host"), &facts), 0);
	devices[0] = facts.st_dev;
	assert_true(opener_find_process(&where, text, sizeof(text)));
	assert_string_equal(text, "in use by mapper (pid 40)");
}

static void test_no_tree_at_all(void **state)
{
	const struct opener_search nowhere = { .root = "/nonexistent",
					       .devices = NULL,
					       .count = 0 };

	(void)state;
	assert_false(opener_find(&nowhere, text, sizeof(text)));
}

static void test_mount(void **state)
{
	(void)state;
	folder_put("/proc/1/mountinfo",
		   "27 1 8:1 / / rw - ext4 /dev/sda1 rw\n"
		   "90 27 147:0 / /mnt/drbd\\0400 rw,relatime shared:40 - ext4 /dev/drbd0 rw\n"
		   "91 27 147:10 / /mnt/drbd10 rw,relatime - ext4 /dev/drbd10 rw\n");
	assert_true(found_mount());
	assert_string_equal(text, "mounted on /mnt/drbd\\0400");
}

/* The device number of the mount is not the disk's, as with btrfs. */
static void test_mount_by_source(void **state)
{
	(void)state;
	put_device("/dev/drbd0", S_IFBLK, makedev(DRBD_MAJOR, 0));
	folder_put("/proc/1/mountinfo",
		   "90 27 0:55 /sub /mnt/d rw,relatime - btrfs /dev/drbd0 rw\n");
	assert_true(found_mount());
	assert_string_equal(text, "mounted on /mnt/d");
}

static void test_mount_in_other_namespace(void **state)
{
	(void)state;
	put_process("50", "same\n", "/namespace-host", "90 27 147:0 / /same rw - ext4 x rw\n");
	put_process("77", "worker\n", "/namespace-other", "90 27 147:0 / /mnt/d rw - ext4 x rw\n");
	assert_true(found_mount());
	assert_string_equal(text, "mounted on /mnt/d in the mount namespace of worker (pid 77)");
}

/* A copy of the mount in a service's namespace goes with the original and is not named. */
static void test_mount_named_once(void **state)
{
	static const char line[] = "90 27 147:0 / /mnt/d rw - ext4 /dev/drbd0 rw\n";

	(void)state;
	put_process("77", "worker\n", "/namespace-other", line);
	folder_put("/proc/1/mountinfo", line);
	assert_true(found_mount());
	assert_string_equal(text, "mounted on /mnt/d");
}

static void test_broken_mountinfo(void **state)
{
	(void)state;
	folder_put("/proc/1/mountinfo", "\n"
					"90\n"
					"90 27 147:0 / \n"
					"90 27 147:0 / /cut rw\n"
					"90 27 one:two / /mnt/d rw - ext4 /dev/drbd0 rw\n"
					"90 27 8:1 / /mnt/d rw - ext4\n"
					" - \n"
					"90 27 8:1 / /mnt/d rw - ");
	assert_false(found_mount());
}

static void test_swap(void **state)
{
	(void)state;
	put_device("/dev/drbd1", S_IFBLK, makedev(DRBD_MAJOR, 1));
	folder_put("/proc/swaps", "Filename Type Size Used Priority\n"
				  "/swapfile file 1048572 0 -2\n"
				  "/dev/drbd1 partition 1048572 0 -3\n");
	assert_false(found_mount());
	assert_true(found());
	assert_string_equal(text, "swap area /dev/drbd1");
}

static void test_holders(void **state)
{
	(void)state;
	folder_put("/sys/dev/block/147:0/holders/dm-3/dm/name", "vg0-home\n");
	folder_put("/sys/dev/block/147:1/holders/md0/size", "1\n");
	folder_put("/sys/dev/block/147:2/holders/dm-4/dm/name", "vg0-other\n");
	assert_true(found());
	assert_string_equal(text, "held by md0, held by dm-3 (vg0-home)");
}

static void test_loop(void **state)
{
	(void)state;
	put_device("/dev/drbd0", S_IFBLK, makedev(DRBD_MAJOR, 0));
	folder_put("/sys/block/loop0/loop/backing_file", "/images/disk\n");
	folder_put("/sys/block/loop1/loop/backing_file", "/dev/drbd0\n");
	folder_put("/sys/block/loop2/size", "0\n");
	assert_true(found());
	assert_string_equal(text, "held by loop1");
}

static void test_open_descriptor(void **state)
{
	(void)state;
	put_device("/dev/drbd0", S_IFBLK, makedev(DRBD_MAJOR, 0));
	put_device("/dev/drbd5", S_IFBLK, makedev(DRBD_MAJOR, 5));
	put_device("/dev/character", S_IFCHR, makedev(DRBD_MAJOR, 0));
	put_process("40", "other\n", "/namespace-host", "");
	put_link("/proc/40/fd/3", "/dev/drbd5");
	put_link("/proc/40/fd/4", "/dev/character");
	put_link("/proc/40/fd/5", "/dev/missing");
	put_process("123", "sleep\n", "/namespace-host", "");
	put_link("/proc/123/fd/0", "/proc/uptime");
	put_link("/proc/123/fd/3", "/dev/drbd0");
	assert_true(found());
	assert_string_equal(text, "opened by sleep (pid 123)");
}

/* After a lazy umount no mount is left, only what still has files there. */
static void test_file_on_the_device(void **state)
{
	struct stat facts;
	dev_t device;
	const struct opener_search where = { .root = folder, .devices = &device, .count = 1 };

	(void)state;
	assert_int_equal(stat(folder, &facts), 0);
	device = facts.st_dev;
	put_process("123", "bash\n", "/namespace-host", "");
	put_link("/proc/123/cwd", "/proc");
	assert_true(opener_find(&where, text, sizeof(text)));
	assert_string_equal(text, "in use by bash (pid 123)");
}

/* Where it is known that it is mounted, only who uses it is news. */
static void test_processes_alone(void **state)
{
	const struct opener_search where = search();

	(void)state;
	put_device("/dev/drbd0", S_IFBLK, makedev(DRBD_MAJOR, 0));
	folder_put("/proc/1/mountinfo", "90 27 147:0 / /mnt/d rw - ext4 /dev/drbd0 rw\n");
	assert_false(opener_find_process(&where, text, sizeof(text)));
	assert_string_equal(text, "");
	put_process("123", "sleep\n", "/namespace-host", "");
	put_link("/proc/123/fd/3", "/dev/drbd0");
	assert_true(opener_find_process(&where, text, sizeof(text)));
	assert_string_equal(text, "opened by sleep (pid 123)");
}

static void test_first_few_only(void **state)
{
	char pid[16], path[64];

	(void)state;
	put_device("/dev/drbd0", S_IFBLK, makedev(DRBD_MAJOR, 0));
	folder_put("/proc/1/mountinfo", "90 27 147:0 / /mnt/d rw - ext4 /dev/drbd0 rw\n");
	for (int number = 100; number < 110; number++) {
		TEXT_PRINT(pid, "%d", number);
		put_process(pid, "cat\n", "/namespace-host", "");
		TEXT_PRINT(path, "/proc/%s/fd/9", pid);
		put_link(path, "/dev/drbd0");
	}
	assert_true(found());
	assert_int_equal(strncmp(text, "mounted on /mnt/d, opened by cat (pid 10", 40), 0);
	assert_non_null(strstr(strstr(text, ", ") + 2, ", opened by cat (pid 10"));
	assert_int_equal(strlen(text),
			 strlen("mounted on /mnt/d") + 2 * strlen(", opened by cat (pid 100)"));
}

static void test_small_text(void **state)
{
	const struct opener_search where = search();

	(void)state;
	put_device("/dev/drbd0", S_IFBLK, makedev(DRBD_MAJOR, 0));
	folder_put("/proc/1/mountinfo", "90 27 147:0 / /mnt/d rw - ext4 /dev/drbd0 rw\n");
	put_process("123", "sleep\n", "/namespace-host", "");
	put_link("/proc/123/fd/3", "/dev/drbd0");
	for (size_t size = 1; size < 40; size++) {
		memset(text, '#', sizeof(text));
		assert_true(opener_find(&where, text, size));
		assert_true(strlen(text) < size);
		assert_int_equal(text[size], '#');
	}
}

static void test_this_machine(void **state)
{
	struct opener_search where = { .root = "", .count = 1 };
	struct stat facts;
	dev_t device;

	(void)state;
	assert_int_equal(stat("/proc", &facts), 0);
	device = facts.st_dev;
	where.devices = &device;
	assert_true(opener_find_mount(&where, text, sizeof(text)));
	assert_non_null(strstr(text, "mounted on /proc"));
}

#define IN_TREE(test) cmocka_unit_test_setup_teardown(test, make_tree, folder_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_TREE(test_nothing),
		IN_TREE(test_mapped_and_root),
		cmocka_unit_test(test_no_tree_at_all),
		IN_TREE(test_mount),
		IN_TREE(test_mount_by_source),
		IN_TREE(test_mount_in_other_namespace),
		IN_TREE(test_mount_named_once),
		IN_TREE(test_broken_mountinfo),
		IN_TREE(test_swap),
		IN_TREE(test_holders),
		IN_TREE(test_loop),
		IN_TREE(test_open_descriptor),
		IN_TREE(test_file_on_the_device),
		IN_TREE(test_processes_alone),
		IN_TREE(test_first_few_only),
		IN_TREE(test_small_text),
		cmocka_unit_test(test_this_machine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
