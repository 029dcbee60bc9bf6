/* Tests promises: what is kept over restarts, what is thrown away, and when each is kept.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/promises.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/memory.h"
#include "lib/settings_ipvs.h"
#include "mib/ha-agentx-mib.h"
#include "tests/unit/check.h"
#include "tests/unit/folder.h"
#include "tests/unit/jobs_world.h"

/* Where the file says of which boot it is. */
enum { BOOT = 16, BOOT_END = 56 };

static int make(void **state)
{
	if (folder_make(state) < 0)
		return -1;
	jobs_world_make(state);
	promises_open(&hub.jobs.promises, folder);
	return 0;
}

static int remove_all(void **state)
{
	jobs_world_remove(state);
	return folder_remove(state);
}

static const struct promise *promise_at(size_t position)
{
	assert_true(position < hub.jobs.promises.count);
	return &hub.jobs.promises.entries[position].promise;
}

static void restart(void)
{
	jobs_world_restart(folder);
}

/* ---- the world is drained and held ---- */

static uint32_t drain(uint32_t seconds)
{
	struct action_ipvs_row key = jobs_world_server(2);
	struct set set =
		jobs_world_set(mib_haActionIpvsRequest, &key, haActionIpvsRequest_drain, "");
	uint32_t job;

	jobs_world_add_seconds(&set, mib_haActionIpvsSeconds, seconds);
	job = jobs_world_obey(&set);
	jobs_world_answer(HaReason_none);
	hub.real[0].weight = 0;
	hub.real[0].real_state = haIpvsRealState_quiesced;
	jobs_world_say();
	return job;
}

static void ask_hold(uint32_t seconds)
{
	struct action_vrrp_row key = { .name = "VI_1" };
	struct set set =
		jobs_world_set(mib_haActionVrrpRequest, &key, haActionVrrpRequest_hold, "");

	if (seconds)
		jobs_world_add_seconds(&set, mib_haActionVrrpSeconds, seconds);
	jobs_world_obey(&set);
}

static void see_hold(bool taken_over)
{
	hub.instance.held = HaAnswer_yes;
	hub.instance.vrrp_state = HaVrrpState_fault;
	if (taken_over)
		hub.router.router_state = haVrrpRouterState_advertising;
	jobs_world_say();
}

/* ---- over restarts ---- */

TEST(a_drain_outlives_the_agent)
{
	drain(60);
	jobs_world_pass(20000);
	restart();
	assert_int_equal(hub.jobs.promises.count, 1);
	assert_int_equal(promise_at(0)->weight, 3);
	assert_string_equal(promise_at(0)->name, "tcp 192.0.2.100:53 -> 192.0.2.2:53");
	assert_int_equal(jobs_world_server(2).seconds, 40);
	assert_int_equal(((const struct ipvs_real_row *)board_row(&hub.board, mib_haIpvsRealEntry,
								  &hub.real[0]))
				 ->real_state,
			 haIpvsRealState_drained);
	hub.orders = 0;
	jobs_world_pass(40000);
	assert_int_equal(hub.orders, 1);
	assert_int_equal(hub.step.value, 3);
	assert_int_equal(jobs_world_job(101)->origin, haActionOrigin_deadline);
}

TEST(a_drain_without_an_end_outlives_it_too)
{
	drain(0);
	restart();
	jobs_world_pass(INT64_C(1000) * 86400 * 100);
	assert_int_equal(hub.jobs.promises.count, 1);
	assert_int_equal(promise_at(0)->weight, 3);
	assert_int_equal(jobs_tick(&hub.jobs, &hub.when), 0);
}

TEST(what_was_due_meanwhile_is_done_at_once)
{
	drain(60);
	hub.orders = 0;
	hub.when.wall += 3600000;
	restart();
	assert_int_equal(hub.orders, 1);
	assert_int_equal(hub.step.value, 3);
}

TEST(what_was_kept_is_forgotten)
{
	drain(60);
	jobs_world_pass(60000);
	jobs_world_answer(HaReason_none);
	hub.real[0].weight = 3;
	hub.real[0].real_state = haIpvsRealState_active;
	jobs_world_say();
	assert_int_equal(hub.jobs.promises.count, 0);
	restart();
	assert_int_equal(hub.jobs.promises.count, 0);
}

TEST(a_job_that_was_interrupted_is_promised_before_its_order)
{
	struct action_ipvs_row key = jobs_world_server(2);
	struct set set =
		jobs_world_set(mib_haActionIpvsRequest, &key, haActionIpvsRequest_drain, "");

	jobs_world_obey(&set);
	hub.real[0].weight = 0;
	hub.real[0].real_state = haIpvsRealState_quiesced;
	restart();
	assert_int_equal(hub.jobs.promises.count, 1);
	assert_int_equal(promise_at(0)->weight, 3);
}

TEST(an_order_that_was_never_carried_out_is_no_promise)
{
	struct action_ipvs_row key = jobs_world_server(2);
	struct set set =
		jobs_world_set(mib_haActionIpvsRequest, &key, haActionIpvsRequest_drain, "");

	jobs_world_obey(&set);
	restart();
	assert_int_equal(hub.jobs.promises.count, 0);
	restart();
	assert_int_equal(hub.jobs.promises.count, 0);
}

/* ---- holds whose job has died ---- */

TEST(a_hold_that_nobody_had_taken_over_is_released)
{
	ask_hold(0);
	jobs_world_answer(HaReason_none);
	see_hold(false);
	restart();
	assert_int_equal(hub.jobs.promises.count, 1);
	assert_true(promise_at(0)->proof > hub.when.wall);
	hub.orders = 0;
	jobs_world_pass(20000);
	assert_int_equal(hub.orders, 1);
	assert_int_equal(hub.step.verb, STEP_VRRP_RELEASE);
	assert_int_equal(jobs_world_job(101)->origin, haActionOrigin_recovery);
	jobs_world_answer(HaReason_none);
	hub.instance.held = HaAnswer_no;
	hub.instance.vrrp_state = HaVrrpState_master;
	jobs_world_say();
	jobs_world_expect(101, HaJobState_succeeded, HaReason_none, "VI_1 takes part again");
	assert_int_equal(hub.jobs.promises.count, 0);
}

TEST(a_hold_that_somebody_had_taken_over_stays)
{
	ask_hold(600);
	jobs_world_answer(HaReason_none);
	see_hold(false);
	restart();
	see_hold(true);
	hub.orders = 0;
	jobs_world_pass(20000);
	assert_int_equal(hub.orders, 0);
	assert_int_equal(promise_at(0)->proof, 0);
	assert_int_equal(jobs_world_instance("VI_1").seconds, 580);
	jobs_world_pass(580000);
	assert_int_equal(hub.orders, 1);
	assert_int_equal(jobs_world_job(101)->origin, haActionOrigin_deadline);
}

TEST(a_hold_that_ends_by_its_file_is_promised)
{
	hub.instance.hold_ends.wall = hub.when.wall + 60000;
	see_hold(true);
	assert_int_equal(hub.jobs.promises.count, 1);
	assert_int_equal(jobs_world_instance("VI_1").seconds, 60);
	jobs_world_pass(60000);
	assert_int_equal(hub.step.verb, STEP_VRRP_RELEASE);
}

TEST(a_hold_that_is_released_by_hand_is_over)
{
	ask_hold(600);
	jobs_world_answer(HaReason_none);
	see_hold(true);
	assert_int_equal(hub.jobs.promises.count, 1);
	hub.instance.held = HaAnswer_no;
	hub.instance.vrrp_state = HaVrrpState_backup;
	jobs_world_say();
	assert_int_equal(hub.jobs.promises.count, 0);
	assert_int_equal(jobs_world_instance("VI_1").seconds, 0);
}

/* ---- what cannot be kept at once ---- */

TEST(a_job_is_waited_for)
{
	struct action_bond_row key = { .name = "bond0" };
	struct set set;

	drain(60);
	jobs_world_pass(59000);
	set = jobs_world_set(mib_haActionBondActivePort, &key, 0, "eth1");
	jobs_world_obey(&set);
	hub.orders = 0;
	jobs_world_pass(1500);
	assert_int_equal(hub.orders, 0);
	jobs_world_answer(HaReason_refusedByKernel);
	jobs_world_pass(0);
	assert_int_equal(hub.orders, 1);
	assert_int_equal(hub.step.verb, STEP_IPVS_WEIGHT);
}

TEST(what_failed_is_tried_again_more_and_more_seldom)
{
	unsigned int jobs = hub.jobs.last_job;

	drain(60);
	hub.absent = true;
	for (int second = 0; second < 24 * 3600; second++)
		jobs_world_pass(1000);
	jobs = hub.jobs.last_job - jobs;
	assert_in_range(jobs, 100, 200);
	assert_int_equal(hub.jobs.promises.count, 1);
	hub.absent = false;
	hub.orders = 0;
	jobs_world_pass(600000);
	assert_int_equal(hub.orders, 1);
}

TEST(stale_facts_are_waited_for)
{
	drain(60);
	hub.orders = 0;
	board_hide(&hub.board, &ipvs_real_table, HaRowState_stale);
	jobs_world_pass(60000);
	jobs_world_pass(4999);
	assert_int_equal(hub.orders, 0);
	jobs_world_say();
	jobs_world_pass(1);
	assert_int_equal(hub.orders, 1);
}

TEST(what_the_configuration_forbids_now_is_dropped)
{
	drain(60);
	hub.orders = 0;
	hub.settings.ipvs->services[1].switchable = false;
	jobs_world_pass(60000);
	assert_int_equal(hub.orders, 0);
	assert_int_equal(hub.jobs.promises.count, 0);
}

/* ---- the file ---- */

static void read_file(unsigned char *octets, size_t size, size_t *length)
{
	FILE *file = fopen(folder_path("promises"), "r");

	assert_non_null(file);
	*length = fread(octets, 1, size, file);
	fclose(file);
}

static void write_file(const unsigned char *octets, size_t length)
{
	FILE *file = fopen(folder_path("promises"), "w");

	assert_non_null(file);
	assert_int_equal(fwrite(octets, 1, length, file), length);
	fclose(file);
}

TEST(any_damage_is_noticed_and_the_file_set_aside)
{
	unsigned char octets[4096], damaged[4096];
	struct promises promises;
	size_t length;

	drain(60);
	read_file(octets, sizeof(octets), &length);
	for (size_t i = 0; i < length; i++) {
		if (i >= BOOT && i < BOOT_END)
			continue;
		memcpy(damaged, octets, length);
		damaged[i] ^= 0x20;
		write_file(damaged, length);
		promises_open(&promises, folder);
		if (promises.count)
			fail_msg("octet %zu", i);
		promises_close(&promises);
		assert_false(folder_has("promises"));
		assert_true(folder_has("promises.broken"));
	}
}

TEST(a_cut_or_longer_file_is_set_aside)
{
	unsigned char octets[4096] = { 0 };
	struct promises promises;
	size_t length;

	drain(60);
	read_file(octets, sizeof(octets) - 1, &length);
	for (size_t cut = 0; cut <= length + 1; cut++) {
		write_file(octets, cut);
		promises_open(&promises, folder);
		assert_int_equal(promises.count, cut == length);
		promises_close(&promises);
	}
}

TEST(of_another_boot_only_holds_are_taken)
{
	unsigned char octets[4096];
	struct promises promises;
	size_t length;

	drain(60);
	ask_hold(600);
	jobs_world_answer(HaReason_none);
	see_hold(true);
	read_file(octets, sizeof(octets), &length);
	octets[BOOT] ^= 1;
	write_file(octets, length);
	promises_open(&promises, folder);
	assert_int_equal(promises.count, 1);
	assert_int_equal(promises.entries[0].promise.verb, HaJobVerb_vrrpHold);
	promises_close(&promises);
}

TEST(a_file_that_cannot_be_written_stops_nobody)
{
	struct promises promises;

	promises_open(&promises, "/proc/nowhere");
	promises_put(&promises,
		     &(struct promise){ .verb = HaJobVerb_ipvsDrain, .index_length = 1 });
	assert_int_equal(promises.count, 1);
	promises_close(&promises);
}

TEST(many_promises_are_kept)
{
	struct promise promise = { .verb = HaJobVerb_ipvsDrain, .index_length = 2, .name = "x" };
	struct promises promises;

	for (uint32_t i = 0; i < 100; i++) {
		promise.index[1] = i;
		promise.weight = i;
		promises_put(&hub.jobs.promises, &promise);
	}
	promise.index[1] = 40;
	promises_drop(&hub.jobs.promises,
		      promises_find(&hub.jobs.promises, HaJobVerb_ipvsDrain, promise.index, 2));
	promises_open(&promises, folder);
	assert_int_equal(promises.count, 99);
	for (uint32_t i = 0; i < 100; i++) {
		const struct promise_entry *entry;

		promise.index[1] = i;
		entry = promises_find(&promises, HaJobVerb_ipvsDrain, promise.index, 2);
		assert_int_equal(entry != NULL, i != 40);
		if (entry)
			assert_int_equal(entry->promise.weight, i);
		assert_null(promises_find(&promises, HaJobVerb_vrrpHold, promise.index, 2));
	}
	promises_close(&promises);
}

TEST(seconds_are_left_until_the_end_and_not_after)
{
	struct promise promise = { .ends = 5000 };

	assert_int_equal(promise_left(&promise, 0), 5);
	assert_int_equal(promise_left(&promise, 4001), 1);
	assert_int_equal(promise_left(&promise, 4999), 1);
	assert_int_equal(promise_left(&promise, 5000), 0);
	assert_int_equal(promise_left(&promise, 9000), 0);
	promise.ends = 0;
	assert_int_equal(promise_left(&promise, 0), 0);
}

#define PROMISES_TEST(sentence) cmocka_unit_test_setup_teardown(sentence, make, remove_all)

int main(void)
{
	const struct CMUnitTest tests[] = {
		PROMISES_TEST(a_drain_outlives_the_agent),
		PROMISES_TEST(a_drain_without_an_end_outlives_it_too),
		PROMISES_TEST(what_was_due_meanwhile_is_done_at_once),
		PROMISES_TEST(what_was_kept_is_forgotten),
		PROMISES_TEST(a_job_that_was_interrupted_is_promised_before_its_order),
		PROMISES_TEST(an_order_that_was_never_carried_out_is_no_promise),
		PROMISES_TEST(a_hold_that_nobody_had_taken_over_is_released),
		PROMISES_TEST(a_hold_that_somebody_had_taken_over_stays),
		PROMISES_TEST(a_hold_that_ends_by_its_file_is_promised),
		PROMISES_TEST(a_hold_that_is_released_by_hand_is_over),
		PROMISES_TEST(a_job_is_waited_for),
		PROMISES_TEST(what_failed_is_tried_again_more_and_more_seldom),
		PROMISES_TEST(stale_facts_are_waited_for),
		PROMISES_TEST(what_the_configuration_forbids_now_is_dropped),
		PROMISES_TEST(any_damage_is_noticed_and_the_file_set_aside),
		PROMISES_TEST(a_cut_or_longer_file_is_set_aside),
		PROMISES_TEST(of_another_boot_only_holds_are_taken),
		PROMISES_TEST(a_file_that_cannot_be_written_stops_nobody),
		PROMISES_TEST(many_promises_are_kept),
		PROMISES_TEST(seconds_are_left_until_the_end_and_not_after),
	};

	return cmocka_run_group_tests_name("promises", tests, NULL, NULL);
}
