/* Tests that an open split brain is remembered over restarts of the DRBD source.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "folder.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/sources/drbd/latch.h"
#include "subagent/sources/drbd/split.h"
#include "test_drbd_world.h"

#define SHOWN                                                                                      \
	"exists resource name:r0 role:Primary suspended:no\n"                                      \
	"exists connection name:r0 peer-node-id:1 conn-name:n2 connection:StandAlone "             \
	"role:Unknown\n"                                                                           \
	"exists device name:r0 volume:0 minor:0 disk:UpToDate\n"                                   \
	"exists peer-device name:r0 peer-node-id:1 conn-name:n2 volume:0 replication:Off "         \
	"peer-disk:DUnknown\n"                                                                     \
	"exists -\n"

static struct drbd_latch latch;
static struct drbd_world world;

/* A source starts and finds this. */
static void start(const char *shown)
{
	drbd_world_open(&world);
	drbd_latch_open(&latch, folder_path(""));
	drbd_model_remember(world.model, &latch);
	drbd_world_feed(&world, shown);
	drbd_model_keep(world.model);
}

static void stop(void)
{
	drbd_model_keep(world.model);
	drbd_world_close(&world);
}

static int32_t state(void)
{
	return drbd_world_resource("r0")->split_brain;
}

static void test_kept_over_a_restart(void **unused)
{
	int64_t found;

	(void)unused;
	start(SHOWN);
	assert_int_equal(state(), haDrbdResourceSplitBrain_unknown);
	drbd_world_feed(&world, "call helper name:r0 peer-node-id:1 helper:split-brain\n");
	assert_int_equal(state(), haDrbdResourceSplitBrain_detected);
	found = drbd_world_resource("r0")->split_brain_time.wall;
	stop();
	start(SHOWN);
	assert_int_equal(state(), haDrbdResourceSplitBrain_detected);
	assert_int_equal(drbd_world_resource("r0")->split_brain_time.wall, found);
	stop();
}

static void test_forgotten_once_resolved(void **unused)
{
	(void)unused;
	start(SHOWN);
	drbd_world_feed(&world, "call helper name:r0 peer-node-id:1 helper:split-brain\n");
	stop();
	start("exists resource name:r0 role:Primary suspended:no\n"
	      "exists connection name:r0 peer-node-id:1 conn-name:n2 connection:Connected "
	      "role:Secondary\n"
	      "exists device name:r0 volume:0 minor:0 disk:UpToDate\n"
	      "exists peer-device name:r0 peer-node-id:1 conn-name:n2 volume:0 "
	      "replication:Established peer-disk:UpToDate\n"
	      "exists -\n");
	assert_int_equal(state(), haDrbdResourceSplitBrain_none);
	stop();
	start(SHOWN);
	assert_int_equal(state(), haDrbdResourceSplitBrain_unknown);
	stop();
}

static void test_garbage_is_no_memory(void **unused)
{
	static const char *const contents[] = {
		"",
		"r0\n",
		"r0 1 none 5\n",
		"r0 1 exploded 5\n",
		"r0 one detected 5\n",
		"\n\n\n",
		"r0 2 detected 5\n",
		"r00 1 detected 5\n",
	};

	(void)unused;
	for (size_t i = 0; i < sizeof(contents) / sizeof(*contents); i++) {
		FILE *file = fopen(folder_path("split-brain"), "w");

		assert_non_null(file);
		fputs(contents[i], file);
		fclose(file);
		start(SHOWN);
		assert_int_equal(state(), haDrbdResourceSplitBrain_unknown);
		stop();
	}
}

static void test_no_folder_is_survived(void **unused)
{
	struct drbd_split split;

	(void)unused;
	drbd_split_init(&split);
	split.state = haDrbdResourceSplitBrain_suspected;
	drbd_latch_open(&latch, "/nonexistent/folder");
	drbd_latch_begin(&latch);
	drbd_latch_add(&latch, "r0", 1, &split);
	drbd_latch_end(&latch);
	drbd_split_init(&split);
	drbd_latch_recall(&latch, "r0", 1, &split);
	assert_int_equal(split.state, haDrbdResourceSplitBrain_none);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_kept_over_a_restart, folder_make,
						folder_remove),
		cmocka_unit_test_setup_teardown(test_forgotten_once_resolved, folder_make,
						folder_remove),
		cmocka_unit_test_setup_teardown(test_garbage_is_no_memory, folder_make,
						folder_remove),
		cmocka_unit_test(test_no_folder_is_survived),
	};

	return cmocka_run_group_tests_name("drbd_latch", tests, NULL, NULL);
}
