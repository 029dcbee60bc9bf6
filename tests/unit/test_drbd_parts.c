/* Tests the small parts of the DRBD source: progress, mounts, the kernel's file, split brain.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "mib/ha-agentx-mib.h"
#include "subagent/sources/drbd/kernel.h"
#include "subagent/sources/drbd/mounts.h"
#include "subagent/sources/drbd/progress.h"
#include "subagent/sources/drbd/split.h"
#include "tests/unit/test_drbd_world.h"

static void test_progress_done(void **state)
{
	(void)state;
	assert_int_equal(drbd_progress_done(100, 0), 10000);
	assert_int_equal(drbd_progress_done(100, 100), 0);
	assert_int_equal(drbd_progress_done(100, 200), 0);
	assert_int_equal(drbd_progress_done(98256, 88528), 990);
	assert_int_equal(drbd_progress_done(1000000, 1), 9999);
	assert_int_equal(drbd_progress_done(0, 0), 10000);
	assert_int_equal(drbd_progress_done(0, 5), 0);
	assert_in_range(drbd_progress_done(UINT64_MAX, UINT64_MAX / 2), 4990, 5000);
	assert_in_range(drbd_progress_done(UINT64_MAX, 1), 9990, 10000);
}

static void test_progress_rate(void **state)
{
	struct drbd_progress progress;

	(void)state;
	drbd_progress_stop(&progress);
	assert_int_equal(drbd_progress_rate(&progress), 0);
	assert_true(drbd_progress_left(&progress) == DRBD_NO_ESTIMATE);
	drbd_progress_note(&progress, 1000, 10000);
	drbd_progress_note(&progress, 1000, 10000);
	assert_int_equal(drbd_progress_rate(&progress), 0);
	for (int64_t second = 2; second <= 30; second++)
		drbd_progress_note(&progress, second * 1000, (uint64_t)(10000 - second * 100));
	assert_int_equal(drbd_progress_rate(&progress), 100);
	assert_int_equal(drbd_progress_left(&progress), 70);
	for (int64_t second = 31; second <= 50; second++)
		drbd_progress_note(&progress, second * 1000, 7000);
	assert_int_equal(drbd_progress_rate(&progress), 0);
	assert_true(drbd_progress_left(&progress) == DRBD_NO_ESTIMATE);
	drbd_progress_note(&progress, 51000, 6500);
	assert_true(drbd_progress_rate(&progress) > 0);
	drbd_progress_note(&progress, 52000, 9000);
	assert_int_equal(drbd_progress_rate(&progress), 0);
	drbd_progress_note(&progress, 53000, 8000);
	assert_int_equal(drbd_progress_rate(&progress), 1000);
}

/* Events come in bursts: samples closer than a second replace each other. */
static void test_progress_of_bursts(void **state)
{
	struct drbd_progress progress;

	(void)state;
	drbd_progress_stop(&progress);
	for (int64_t time = 0; time <= 5000; time += 10)
		drbd_progress_note(&progress, time, (uint64_t)(100000 - time));
	assert_in_range(drbd_progress_rate(&progress), 990, 1010);
	drbd_progress_note(&progress, 0, 50000);
	assert_int_equal(drbd_progress_rate(&progress), 0);
	drbd_progress_stop(&progress);
	drbd_progress_note(&progress, 0, UINT64_MAX);
	drbd_progress_note(&progress, 1000, 0);
	assert_int_equal(drbd_progress_rate(&progress), 0);
}

static void test_mounts(void **state)
{
	struct drbd_mounts mounts = { 0 };

	(void)state;
	drbd_mounts_take(&mounts, "21 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n"
				  "garbage\n\n36 21 147:7\n37 21 147:7 /\n"
				  "40 21 147:5 /sub /srv/a\\040b\\134c\\011d rw shared:2 master:1 "
				  "- xfs /dev/drbd5 rw\n"
				  "41 21 147:5 / /srv/second rw - xfs /dev/drbd5 rw\n"
				  "42 21 1470:5 / /wrong rw - xfs /dev/x rw\n"
				  "43 21 147:1048575 / /last\\04 rw - xfs /dev/x rw");
	assert_int_equal(mounts.count, 3);
	assert_string_equal(drbd_mounts_find(&mounts, 5), "/srv/a b\\c\td");
	assert_string_equal(drbd_mounts_find(&mounts, 1048575), "/last\\04");
	assert_string_equal(drbd_mounts_find(&mounts, 7), "");
	assert_string_equal(drbd_mounts_find(&mounts, 1), "");
	drbd_mounts_take(&mounts, "");
	assert_string_equal(drbd_mounts_find(&mounts, 5), "");
	drbd_mounts_free(&mounts);
}

#define OLD_FILE(states, flags, oos)                                                               \
	"version: 8.4.11 (api:1/proto:86-101)\nsrcversion: 059B1B470318F053F5077D5 \n"             \
	" 0: " states " C " flags "\n    ns:7 nr:0 dw:0 dr:0 al:8 bm:0 lo:0 pe:0 ua:0 ap:0 "       \
	"ep:1 wo:f oos:" oos                                                                       \
	"\n 1: cs:Connected ro:Primary/Secondary ds:UpToDate/UpToDate C r-----\n"

static uint64_t states_of(const char *text)
{
	struct drbd_kernel kernel;

	drbd_kernel_take(&kernel, text);
	return kernel.states;
}

static void test_kernel_file(void **state)
{
	struct drbd_kernel kernel;

	(void)state;
	drbd_kernel_take(&kernel, NULL);
	assert_string_equal(kernel.version, "");
	assert_int_equal(kernel.major, 0);
	drbd_kernel_take(&kernel, "version: 9.2.18 (api:2/proto:118-124)\nGIT-hash: a7afc67\n");
	assert_string_equal(kernel.version, "9.2.18");
	assert_int_equal(kernel.major, 9);
	drbd_kernel_take(&kernel, "");
	assert_string_equal(kernel.version, "unknown");
	assert_int_equal(kernel.major, 0);
	drbd_kernel_look(&kernel, "/nonexistent/drbd");
	assert_string_equal(kernel.version, "");
}

/* The digest moves with states, and with nothing else. */
static void test_kernel_states(void **state)
{
	uint64_t rest = states_of(
		OLD_FILE("cs:Connected ro:Secondary/Primary ds:UpToDate/UpToDate", "r-----", "0"));

	(void)state;
	assert_true(rest ==
		    states_of(OLD_FILE("cs:Connected ro:Secondary/Primary ds:UpToDate/UpToDate",
				       "rs---b", "99")));
	assert_true(rest !=
		    states_of(OLD_FILE("cs:Connected ro:Primary/Secondary ds:UpToDate/UpToDate",
				       "r-----", "0")));
	assert_true(rest !=
		    states_of(OLD_FILE("cs:Connected ro:Secondary/Primary ds:UpToDate/Outdated",
				       "r-----", "0")));
	assert_true(rest !=
		    states_of(OLD_FILE("cs:WFConnection ro:Secondary/Primary ds:UpToDate/UpToDate",
				       "r-----", "0")));
	assert_true(states_of("version: 9.2.18\n") == states_of("version: 9.2.18\n: cs:torn"));
}

static struct drbd_split split;

static void follow(int32_t before, int32_t connection, bool primary, bool talking)
{
	const struct drbd_split_facts facts = {
		.wall = 5,
		.primary = primary,
		.connection = connection,
		.before = before,
		.talking = talking,
	};

	drbd_split_follow(&split, &facts);
}

static void join(bool equal, bool syncing)
{
	const struct drbd_split_facts facts = {
		.wall = 5,
		.connection = HaDrbdConnection_connected,
		.joined = true,
		.before = HaDrbdConnection_connecting,
		.equal = equal,
		.syncing = syncing,
	};

	drbd_split_follow(&split, &facts);
}

static void must_be(int32_t wanted)
{
	assert_int_equal(split.state, wanted);
}

static void test_split_without_helper(void **state)
{
	(void)state;
	drbd_split_init(&split);
	must_be(haDrbdResourceSplitBrain_none);
	follow(HaDrbdConnection_connected, HaDrbdConnection_networkFailure, true, false);
	follow(HaDrbdConnection_unconnected, HaDrbdConnection_connecting, false, false);
	follow(HaDrbdConnection_connecting, HaDrbdConnection_connecting, false, true);
	must_be(haDrbdResourceSplitBrain_none);
	follow(HaDrbdConnection_connecting, HaDrbdConnection_disconnecting, false, false);
	must_be(haDrbdResourceSplitBrain_suspected);
	follow(HaDrbdConnection_disconnecting, HaDrbdConnection_standAlone, false, false);
	follow(HaDrbdConnection_standAlone, HaDrbdConnection_connecting, false, true);
	drbd_split_helper(&split, "split-brain", 9);
	must_be(haDrbdResourceSplitBrain_detected);
	assert_int_equal(split.found, 5);
	follow(HaDrbdConnection_connecting, HaDrbdConnection_disconnecting, true, false);
	follow(HaDrbdConnection_standAlone, HaDrbdConnection_connecting, true, true);
	follow(HaDrbdConnection_connecting, HaDrbdConnection_disconnecting, true, false);
	must_be(haDrbdResourceSplitBrain_detected);
	join(false, false);
	must_be(haDrbdResourceSplitBrain_detected);
	join(false, true);
	must_be(haDrbdResourceSplitBrain_resolving);
	follow(HaDrbdConnection_connected, HaDrbdConnection_networkFailure, false, false);
	must_be(haDrbdResourceSplitBrain_resolving);
	join(true, false);
	must_be(haDrbdResourceSplitBrain_none);
}

/* The helper is switched off, but the announcement came. */
static void test_split_announced(void **state)
{
	(void)state;
	drbd_split_init(&split);
	follow(HaDrbdConnection_unconnected, HaDrbdConnection_connecting, false, true);
	drbd_split_helper(&split, "initial-split-brain", 9);
	must_be(haDrbdResourceSplitBrain_none);
	follow(HaDrbdConnection_connecting, HaDrbdConnection_disconnecting, false, false);
	must_be(haDrbdResourceSplitBrain_detected);
	drbd_split_init(&split);
	follow(HaDrbdConnection_unconnected, HaDrbdConnection_connecting, false, true);
	drbd_split_helper(&split, "initial-split-brain", 9);
	follow(HaDrbdConnection_connecting, HaDrbdConnection_connecting, false, false);
	follow(HaDrbdConnection_connecting, HaDrbdConnection_disconnecting, false, false);
	must_be(haDrbdResourceSplitBrain_none);
}

/* The peer was the first to refuse: DRBD 8.4 sees its end of the line fail before it gives up
 * itself. */
static void test_split_refused_by_peer(void **state)
{
	(void)state;
	drbd_split_init(&split);
	follow(HaDrbdConnection_connecting, HaDrbdConnection_connected, true, true);
	follow(HaDrbdConnection_connected, HaDrbdConnection_networkFailure, true, false);
	must_be(haDrbdResourceSplitBrain_none);
	follow(HaDrbdConnection_networkFailure, HaDrbdConnection_disconnecting, true, false);
	must_be(haDrbdResourceSplitBrain_suspected);
	drbd_split_init(&split);
	follow(HaDrbdConnection_connecting, HaDrbdConnection_connected, true, true);
	follow(HaDrbdConnection_connected, HaDrbdConnection_networkFailure, true, false);
	follow(HaDrbdConnection_networkFailure, HaDrbdConnection_unconnected, true, false);
	follow(HaDrbdConnection_unconnected, HaDrbdConnection_connecting, true, false);
	follow(HaDrbdConnection_connecting, HaDrbdConnection_disconnecting, true, false);
	must_be(haDrbdResourceSplitBrain_none);
}

static void test_split_worse(void **state)
{
	(void)state;
	assert_int_equal(
		drbd_split_worse(haDrbdResourceSplitBrain_none, haDrbdResourceSplitBrain_unknown),
		haDrbdResourceSplitBrain_unknown);
	assert_int_equal(drbd_split_worse(haDrbdResourceSplitBrain_detected,
					  haDrbdResourceSplitBrain_resolving),
			 haDrbdResourceSplitBrain_detected);
	assert_int_equal(drbd_split_worse(haDrbdResourceSplitBrain_resolving,
					  haDrbdResourceSplitBrain_suspected),
			 haDrbdResourceSplitBrain_suspected);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_progress_done),
		cmocka_unit_test(test_progress_rate),
		cmocka_unit_test(test_progress_of_bursts),
		cmocka_unit_test(test_mounts),
		cmocka_unit_test(test_kernel_file),
		cmocka_unit_test(test_kernel_states),
		cmocka_unit_test(test_split_without_helper),
		cmocka_unit_test(test_split_announced),
		cmocka_unit_test(test_split_refused_by_peer),
		cmocka_unit_test(test_split_worse),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
