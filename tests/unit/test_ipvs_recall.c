/* Tests what is remembered of the load balancer over restarts of the source, and what is not.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/ipvs/recall.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/settings_ipvs.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/report.h"
#include "subagent/sources/ipvs/model.h"
#include "tests/unit/check.h"
#include "tests/unit/folder.h"

#define MEMORIES_MAX 16

static const struct settings_ipvs settings = { .keep = 60000 };
static struct ipvs_memory memories[MEMORIES_MAX];
static size_t count;

static int make(void **state)
{
	report_hold(true);
	return folder_make(state);
}

static struct address address_of(const char *text)
{
	struct address address;

	assert_true(address_parse(&address, text, 53));
	return address;
}

/* A service with two servers, the second only when `both'. */
static void collect(struct ipvs_model *model, int64_t now, bool both)
{
	struct ipvs_service service = { .key.protocol = HaIpvsProtocol_udp };
	struct ipvs_real real = { .forwarding = haIpvsRealForwarding_masquerade, .weight = 7 };

	service.key.address = address_of("192.0.2.100");
	ipvs_model_begin(model, now, 1000000 + now);
	ipvs_model_begin_services(model);
	ipvs_model_take_service(model, &service);
	ipvs_model_end_services(model, true);
	ipvs_model_begin_reals(model, 0);
	real.address = address_of("192.0.2.1");
	ipvs_model_take_real(model, 0, &real);
	real.address = address_of("192.0.2.2");
	if (both)
		ipvs_model_take_real(model, 0, &real);
	ipvs_model_end_reals(model, 0, true);
	ipvs_model_end(model);
}

static void take(void *argument, const struct ipvs_memory *memory)
{
	(void)argument;
	assert_true(count < MEMORIES_MAX);
	memories[count++] = *memory;
}

static void recite(const struct ipvs_model *model)
{
	count = 0;
	ipvs_model_recite(model, take, NULL);
}

/* Another model out of what the first one has left. */
static struct ipvs_model *restart(struct ipvs_model *model)
{
	ipvs_recall_write(folder_path(""), model);
	ipvs_model_free(model);
	model = ipvs_model_new(&settings);
	ipvs_recall_read(folder_path(""), model);
	return model;
}

/* The file as it was written, but for one octet. */
static void spoil(long where)
{
	FILE *file = fopen(folder_path("ipvs"), "r+");
	int octet;

	assert_non_null(file);
	fseek(file, where, SEEK_SET);
	octet = fgetc(file);
	fseek(file, where, SEEK_SET);
	fputc(octet ^ 0x55, file);
	fclose(file);
}

TEST(a_removed_server_is_remembered)
{
	struct ipvs_model *model = ipvs_model_new(&settings);

	collect(model, 1000, true);
	collect(model, 2000, false);
	model = restart(model);
	collect(model, 9000, false);
	recite(model);
	assert_int_equal(count, 3);
	assert_int_equal(memories[0].state, haIpvsServiceState_degraded);
	assert_int_equal(memories[0].since, 1002000);
	assert_int_equal(memories[1].state, haIpvsRealState_active);
	assert_int_equal(memories[1].since, 1001000);
	assert_int_equal(memories[2].state, haIpvsRealState_removed);
	assert_int_equal(memories[2].since, 1002000);
	assert_int_equal(memories[2].lost, 2000);
	assert_int_equal(memories[2].normal_weight, 7);
	ipvs_model_free(model);
}

TEST(one_that_went_meanwhile_is_removed_since_now)
{
	struct ipvs_model *model = ipvs_model_new(&settings);

	collect(model, 1000, true);
	model = restart(model);
	collect(model, 9000, false);
	recite(model);
	assert_int_equal(count, 3);
	assert_int_equal(memories[2].state, haIpvsRealState_removed);
	assert_int_equal(memories[2].since, 1009000);
	assert_int_equal(memories[2].lost, 9000);
	ipvs_model_free(model);
}

TEST(what_is_as_it_was_keeps_its_time)
{
	struct ipvs_model *model = ipvs_model_new(&settings);

	collect(model, 1000, true);
	model = restart(model);
	collect(model, 9000, true);
	recite(model);
	assert_int_equal(memories[0].since, 1001000);
	assert_int_equal(memories[2].since, 1001000);
	ipvs_model_free(model);
}

TEST(what_is_too_old_is_forgotten_over_restarts_as_well)
{
	struct ipvs_model *model = ipvs_model_new(&settings);

	collect(model, 1000, true);
	collect(model, 2000, false);
	model = restart(model);
	collect(model, 62000, false);
	recite(model);
	assert_int_equal(count, 2);
	ipvs_model_free(model);
}

/* The configuration has expected them, and does so no more. */
TEST(what_was_never_there_is_not_kept)
{
	struct address server = address_of("192.0.2.9");
	struct settings_ipvs_service expected = {
		.protocol = HaIpvsProtocol_udp,
		.address = address_of("192.0.2.100"),
		.servers = &server,
		.servers_count = 1,
	};
	struct settings_ipvs expecting = { .keep = 60000,
					   .services = &expected,
					   .services_count = 1 };
	struct ipvs_model *model = ipvs_model_new(&expecting);

	collect(model, 1000, true);
	recite(model);
	assert_int_equal(count, 4);
	model = restart(model);
	collect(model, 2000, true);
	recite(model);
	assert_int_equal(count, 3);
	ipvs_model_free(model);
}

TEST(what_is_forgotten_is_to_be_written_down)
{
	struct ipvs_model *model = ipvs_model_new(&settings);
	uint32_t moves;

	collect(model, 1000, true);
	collect(model, 2000, false);
	moves = ipvs_model_moves(model);
	collect(model, 3000, false);
	assert_int_equal(ipvs_model_moves(model), moves);
	collect(model, 62000, false);
	assert_int_not_equal(ipvs_model_moves(model), moves);
	ipvs_model_free(model);
}

TEST(another_boot_or_version_knows_nothing)
{
	for (long where = 0; where <= 40; where += 40) {
		struct ipvs_model *model = ipvs_model_new(&settings);

		collect(model, 1000, true);
		ipvs_recall_write(folder_path(""), model);
		ipvs_model_free(model);
		spoil(where);
		model = ipvs_model_new(&settings);
		ipvs_recall_read(folder_path(""), model);
		assert_int_equal(ipvs_model_count(model), 0);
		ipvs_model_free(model);
	}
}

TEST(no_octet_of_the_file_is_trusted)
{
	for (long where = 0; where < 300; where++) {
		struct ipvs_model *model = ipvs_model_new(&settings);

		collect(model, 1000, true);
		ipvs_recall_write(folder_path(""), model);
		ipvs_model_free(model);
		spoil(where);
		model = ipvs_model_new(&settings);
		ipvs_recall_read(folder_path(""), model);
		collect(model, 2000, true);
		assert_true(ipvs_model_count(model) >= 1);
		ipvs_model_free(model);
	}
}

TEST(half_a_file_is_half_remembered)
{
	struct ipvs_model *model = ipvs_model_new(&settings);

	collect(model, 1000, true);
	ipvs_recall_write(folder_path(""), model);
	ipvs_model_free(model);
	assert_int_equal(
		truncate(folder_path("ipvs"), (off_t)(44 + 3 * sizeof(struct ipvs_memory) - 1)), 0);
	model = ipvs_model_new(&settings);
	ipvs_recall_read(folder_path(""), model);
	recite(model);
	assert_int_equal(count, 2);
	ipvs_model_free(model);
}

#define RECALL_TEST(name) cmocka_unit_test_setup_teardown(name, make, folder_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		RECALL_TEST(a_removed_server_is_remembered),
		RECALL_TEST(one_that_went_meanwhile_is_removed_since_now),
		RECALL_TEST(what_is_as_it_was_keeps_its_time),
		RECALL_TEST(what_is_too_old_is_forgotten_over_restarts_as_well),
		RECALL_TEST(what_was_never_there_is_not_kept),
		RECALL_TEST(what_is_forgotten_is_to_be_written_down),
		RECALL_TEST(another_boot_or_version_knows_nothing),
		RECALL_TEST(no_octet_of_the_file_is_trusted),
		RECALL_TEST(half_a_file_is_half_remembered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
