/* Tests what is made of the load balancer's services: rows, states, what is removed and comes back.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/ipvs/model.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/frame.h"
#include "lib/memory.h"
#include "lib/settings_ipvs.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/report.h"
#include "subagent/pace.h"
#include "subagent/sources/ipvs/checks.h"
#include "subagent/sources/ipvs/rows.h"
#include "subagent/sources/ipvs/wire.h"
#include "tests/unit/check.h"

#define WALL INT64_C(1700000000000)
#define KEEP 60000
#define REALS_MAX 64

/* ---- the world: a kernel with one service, or more, and the hub's end ---- */

/* What the kernel would list. */
struct kernel_service {
	struct ipvs_service service;
	struct ipvs_real reals[REALS_MAX];
	size_t count;
};

static struct settings_ipvs settings;
static struct ipvs_model *model;
static struct kernel_service kernel[4];
static size_t kernel_count;
static int64_t now;
static int pair[2]; /* the source's end, the hub's */

/* What the hub has been told, newest first to last. */
static struct ipvs_service_row service_rows[512];
static struct ipvs_real_row real_rows[512];
static size_t services_told, reals_told, services_gone, reals_gone;

static struct address address_of(const char *text, uint16_t port)
{
	struct address address;

	assert_true(address_parse(&address, text, port));
	return address;
}

static struct ipvs_key tcp(const char *text, uint16_t port)
{
	return (struct ipvs_key){ .protocol = HaIpvsProtocol_tcp,
				  .address = address_of(text, port) };
}

static struct kernel_service *add_service(const struct ipvs_key *key)
{
	struct kernel_service *added = &kernel[kernel_count++];

	memset(added, 0, sizeof(*added));
	added->service.key = *key;
	TEXT_PUT(added->service.scheduler, "rr");
	added->service.has_figures = true;
	return added;
}

static struct ipvs_real *add_real(struct kernel_service *service, const char *text, uint32_t weight)
{
	struct ipvs_real *real = &service->reals[service->count++];

	memset(real, 0, sizeof(*real));
	real->address = address_of(text, 53);
	real->forwarding = haIpvsRealForwarding_masquerade;
	real->weight = weight;
	real->has_figures = true;
	return real;
}

static void remove_real(struct kernel_service *service, size_t at)
{
	memmove(&service->reals[at], &service->reals[at + 1],
		(--service->count - at) * sizeof(*service->reals));
}

static struct kernel_service *find_service(const struct ipvs_key *key)
{
	for (size_t i = 0; i < kernel_count; i++)
		if (!memcmp(&kernel[i].service.key, key, sizeof(*key)))
			return &kernel[i];
	return NULL;
}

static int make(void **state)
{
	(void)state;
	memset(&settings, 0, sizeof(settings));
	settings.keep = KEEP;
	now = 1000;
	kernel_count = 0;
	services_told = reals_told = services_gone = reals_gone = 0;
	frame_pair(pair);
	frame_nonblocking(pair[1]);
	report_open(pair[0]);
	model = ipvs_model_new(&settings);
	return 0;
}

static int unmake(void **state)
{
	(void)state;
	ipvs_model_free(model);
	close(pair[0]);
	close(pair[1]);
	return 0;
}

/* ---- what the hub hears ---- */

static void hear(const struct frame *frame)
{
	bool service = frame->head.table == mib_haIpvsServiceEntry;

	if (frame->head.type == FRAME_GONE && service)
		services_gone++;
	else if (frame->head.type == FRAME_GONE)
		reals_gone++;
	else if (service)
		memcpy(&service_rows[services_told++], &frame->body.row, sizeof(*service_rows));
	else
		memcpy(&real_rows[reals_told++], &frame->body.row, sizeof(*real_rows));
}

static void receive_more(void)
{
	static struct frame frame;

	while (frame_receive(pair[1], &frame, NULL) == FRAME_OK)
		hear(&frame);
}

static void receive(void)
{
	services_told = reals_told = services_gone = reals_gone = 0;
	receive_more();
}

static bool is_absent(const struct row *head, unsigned int object)
{
	return head->absent >> mib_objects[object].arc & 1;
}

/* ---- collections ---- */

static bool list_services(bool whole)
{
	ipvs_model_begin_services(model);
	for (size_t i = 0; i < kernel_count; i++)
		ipvs_model_take_service(model, &kernel[i].service);
	return ipvs_model_end_services(model, whole);
}

static bool list_reals(size_t service, bool whole)
{
	const struct ipvs_key *key = ipvs_model_key(model, service);
	const struct kernel_service *listed;

	if (!key)
		return true;
	listed = find_service(key);
	ipvs_model_begin_reals(model, service);
	for (size_t i = 0; listed && i < listed->count; i++)
		ipvs_model_take_real(model, service, &listed->reals[i]);
	return ipvs_model_end_reals(model, service, whole);
}

static void begin(int64_t passed)
{
	now += passed;
	ipvs_model_begin(model, now, WALL + now);
}

/* What is told at once of a collection made after this time. */
static void collect(int64_t passed)
{
	receive();
	begin(passed);
	assert_true(list_services(true));
	for (size_t i = 0; i < ipvs_model_count(model); i++) {
		assert_true(list_reals(i, true));
		receive_more();
	}
	ipvs_model_end(model);
	receive_more();
}

/* The same, and the figures. */
static void collect_all(int64_t passed)
{
	collect(passed);
	while (ipvs_model_turn(model, now))
		now += 1000;
	receive();
}

static struct kernel_service *two_servers(void)
{
	struct ipvs_key key = tcp("192.0.2.100", 53);
	struct kernel_service *service = add_service(&key);

	add_real(service, "192.0.2.1", 1);
	add_real(service, "192.0.2.2", 2);
	return service;
}

/* ---- tests ---- */

TEST(what_is_there_is_told_once)
{
	two_servers();
	collect(0);
	assert_int_equal(services_told, 1);
	assert_int_equal(reals_told, 2);
	assert_string_equal(service_rows[0].text, "tcp 192.0.2.100:53");
	assert_string_equal(service_rows[0].scheduler, "rr");
	assert_int_equal(service_rows[0].head.state, HaRowState_fresh);
	assert_int_equal(service_rows[0].service_state, haIpvsServiceState_up);
	assert_int_equal(service_rows[0].reals, 2);
	assert_int_equal(service_rows[0].reals_active, 2);
	assert_int_equal(service_rows[0].quorum, haIpvsServiceQuorum_unknown);
	assert_string_equal(real_rows[1].text, "192.0.2.2:53");
	assert_int_equal(real_rows[1].real_state, haIpvsRealState_active);
	assert_int_equal(real_rows[1].weight, 2);
	assert_int_equal(real_rows[1].normal_weight, 2);
	assert_int_equal(real_rows[1].check, haIpvsRealCheck_unknown);
	assert_int_equal(real_rows[1].state_time.wall, WALL + 1000);
	collect(1000);
	assert_int_equal(services_told + reals_told, 0);
}

TEST(a_removed_server_stays_as_removed)
{
	struct kernel_service *service = two_servers();

	collect(0);
	remove_real(service, 1);
	collect(1000);
	assert_int_equal(reals_told, 1);
	assert_int_equal(real_rows[0].real_state, haIpvsRealState_removed);
	assert_int_equal(real_rows[0].head.state, HaRowState_fresh);
	assert_int_equal(real_rows[0].state_time.wall, WALL + 2000);
	assert_int_equal(real_rows[0].weight, 0);
	assert_int_equal(real_rows[0].normal_weight, 2);
	assert_true(is_absent(&real_rows[0].head, mib_haIpvsRealActiveConnections));
	assert_true(is_absent(&real_rows[0].head, mib_haIpvsRealOutOctetRate));
	assert_int_equal(services_told, 1);
	assert_int_equal(service_rows[0].service_state, haIpvsServiceState_degraded);
	assert_int_equal(service_rows[0].reals, 2);
	assert_int_equal(service_rows[0].reals_active, 1);
	collect(1000);
	assert_int_equal(services_told + reals_told, 0);
}

TEST(a_removed_server_comes_back)
{
	struct kernel_service *service = two_servers();

	collect(0);
	remove_real(service, 1);
	collect(1000);
	add_real(service, "192.0.2.2", 2);
	collect(1000);
	assert_int_equal(reals_told, 1);
	assert_int_equal(real_rows[0].real_state, haIpvsRealState_active);
	assert_int_equal(real_rows[0].state_time.wall, WALL + 3000);
	assert_false(is_absent(&real_rows[0].head, mib_haIpvsRealActiveConnections));
	assert_int_equal(service_rows[0].service_state, haIpvsServiceState_up);
	collect(KEEP + 1000);
	assert_int_equal(reals_gone, 0);
}

TEST(what_was_removed_long_ago_is_forgotten)
{
	struct kernel_service *service = two_servers();

	collect(0);
	remove_real(service, 1);
	collect(1000);
	collect(KEEP - 1);
	assert_int_equal(reals_gone, 0);
	collect(1);
	assert_int_equal(reals_gone, 1);
	assert_int_equal(services_told, 1);
	assert_int_equal(service_rows[0].reals, 1);
	assert_int_equal(service_rows[0].service_state, haIpvsServiceState_up);
}

TEST(a_weight_of_0_is_a_state_of_its_own)
{
	struct kernel_service *service = two_servers();

	collect(0);
	service->reals[1].weight = 0;
	collect(1000);
	assert_int_equal(real_rows[0].real_state, haIpvsRealState_quiesced);
	assert_int_equal(real_rows[0].weight, 0);
	assert_int_equal(real_rows[0].normal_weight, 2);
	assert_false(is_absent(&real_rows[0].head, mib_haIpvsRealActiveConnections));
	assert_int_equal(service_rows[0].service_state, haIpvsServiceState_degraded);
	service->reals[0].weight = 0;
	collect(1000);
	assert_int_equal(service_rows[0].service_state, haIpvsServiceState_down);
}

TEST(a_weight_that_was_never_seen_is_not_told)
{
	struct ipvs_key key = tcp("192.0.2.100", 53);

	add_real(add_service(&key), "192.0.2.1", 0);
	collect(0);
	assert_int_equal(real_rows[0].real_state, haIpvsRealState_quiesced);
	assert_true(is_absent(&real_rows[0].head, mib_haIpvsRealNormalWeight));
}

TEST(a_service_without_servers_is_down)
{
	struct ipvs_key key = tcp("2001:db8::100", 53);

	add_service(&key);
	collect(0);
	assert_string_equal(service_rows[0].text, "tcp [2001:db8::100]:53");
	assert_int_equal(service_rows[0].service_state, haIpvsServiceState_down);
	assert_int_equal(service_rows[0].reals, 0);
}

TEST(a_lost_service_is_missing_with_its_servers)
{
	two_servers();
	collect(0);
	kernel_count = 0;
	collect(1000);
	assert_int_equal(services_told, 1);
	assert_int_equal(service_rows[0].head.state, HaRowState_missing);
	assert_int_equal(service_rows[0].service_state, haIpvsServiceState_down);
	assert_true(is_absent(&service_rows[0].head, mib_haIpvsServiceConnections));
	assert_true(is_absent(&service_rows[0].head, mib_haIpvsServiceActiveConnections));
	assert_int_equal(reals_told, 2);
	assert_int_equal(real_rows[0].real_state, haIpvsRealState_removed);
	assert_null(ipvs_model_key(model, 0));
	collect(KEEP);
	assert_int_equal(services_gone, 1);
	assert_int_equal(reals_gone, 2);
	assert_int_equal(ipvs_model_count(model), 0);
}

TEST(a_lost_service_comes_back)
{
	two_servers();
	collect(0);
	kernel_count = 0;
	collect(1000);
	kernel_count = 1;
	collect(1000);
	assert_int_equal(service_rows[services_told - 1].head.state, HaRowState_fresh);
	assert_int_equal(service_rows[services_told - 1].service_state, haIpvsServiceState_up);
	assert_string_equal(service_rows[services_told - 1].scheduler, "rr");
	assert_int_equal(reals_told, 2);
}

TEST(marks_have_no_address)
{
	struct ipvs_key key = { .protocol = HaIpvsProtocol_fwmark, .mark = 4000000000 };
	uint32_t index[INDEX_MAX];

	key.address.family = AF_INET6;
	add_real(add_service(&key), "192.0.2.1", 1);
	collect(0);
	assert_string_equal(service_rows[0].text, "fwmark 4000000000 ipv6");
	assert_int_equal(service_rows[0].port, 4000000000);
	assert_int_equal(table_index(&ipvs_service_table, &service_rows[0], index), 4);
	assert_int_equal(index[0], HaIpvsProtocol_fwmark);
	assert_int_equal(index[1], InetAddressType_ipv6);
	assert_int_equal(index[2], 0);
	assert_int_equal(index[3], 4000000000);
	assert_int_equal(table_index(&ipvs_real_table, &real_rows[0], index), 4 + 7);
	assert_int_equal(index[4], InetAddressType_ipv4);
}

TEST(a_server_is_called_by_its_service_and_itself)
{
	struct ipvs_key key = tcp("2001:db8::100", 443);
	struct ipvs_key mark = { .protocol = HaIpvsProtocol_fwmark, .mark = 7 };
	char text[160];

	mark.address.family = AF_INET;
	add_real(add_service(&key), "192.0.2.1", 1);
	add_real(add_service(&mark), "2001:db8::1", 1);
	collect(0);
	table_subject(&ipvs_real_table, &real_rows[1], text, sizeof(text));
	assert_string_equal(text, "tcp [2001:db8::100]:443 -> 192.0.2.1:53");
	table_subject(&ipvs_real_table, &real_rows[0], text, sizeof(text));
	assert_string_equal(text, "fwmark 7 -> [2001:db8::1]:53");
	table_subject(&ipvs_service_table, &service_rows[1], text, sizeof(text));
	assert_string_equal(text, "tcp [2001:db8::100]:443");
}

/* ---- figures ---- */

TEST(figures_are_told_in_their_turn)
{
	struct kernel_service *service = two_servers();

	collect_all(0);
	service->reals[0].active = 3;
	service->reals[1].active = 4;
	service->reals[1].inactive = 5;
	service->reals[1].figures.in_octets = UINT64_C(1) << 40;
	service->service.figures.in_octet_rate = 9;
	collect(1000);
	assert_int_equal(services_told + reals_told, 0);
	ipvs_model_turn(model, now);
	receive();
	assert_int_equal(reals_told, 2);
	assert_int_equal(real_rows[0].active, 3);
	assert_int_equal(real_rows[1].figures.in_octets, UINT64_C(1) << 40);
	assert_int_equal(services_told, 1);
	assert_int_equal(service_rows[0].active, 7);
	assert_int_equal(service_rows[0].inactive, 5);
	assert_int_equal(service_rows[0].figures.in_octet_rate, 9);
	assert_int_equal(ipvs_model_turn(model, now), 0);
}

TEST(a_state_takes_the_figures_along)
{
	struct kernel_service *service = two_servers();

	collect_all(0);
	service->reals[0].active = 3;
	collect(1000);
	service->reals[0].weight = 7;
	collect(1000);
	assert_int_equal(reals_told, 1);
	assert_int_equal(real_rows[0].weight, 7);
	assert_int_equal(real_rows[0].active, 3);
	ipvs_model_turn(model, now);
	receive();
	assert_int_equal(reals_told, 0);
}

TEST(figures_have_a_pace)
{
	struct ipvs_key key = tcp("192.0.2.100", 53);
	size_t told = 0, turns = 0;
	int64_t due;

	for (size_t s = 0; s < COUNT(kernel); s++) {
		struct kernel_service *service;
		char text[32];

		key.address.port = (uint16_t)(s + 1);
		service = add_service(&key);
		for (unsigned int i = 1; i <= REALS_MAX; i++) {
			TEXT_PRINT(text, "192.0.2.%u", i);
			add_real(service, text, 1);
		}
	}
	collect_all(0);
	now += 1000;
	ipvs_model_turn(model, now);
	for (size_t s = 0; s < COUNT(kernel); s++)
		for (size_t i = 0; i < REALS_MAX; i++)
			kernel[s].reals[i].active = 1;
	collect(0);
	do {
		due = ipvs_model_turn(model, now);
		receive();
		told += reals_told + services_told;
		assert_true(reals_told + services_told <= PACE_ROWS_AT_ONCE);
		assert_true(turns++ < 100);
		now = due;
	} while (due);
	assert_int_equal(told, COUNT(kernel) * (REALS_MAX + 1));
	assert_true(turns >= 4);
}

TEST(figures_that_the_kernel_does_not_tell_are_absent)
{
	struct kernel_service *service = two_servers();

	service->service.has_figures = service->reals[0].has_figures = false;
	collect(0);
	assert_true(is_absent(&service_rows[0].head, mib_haIpvsServiceInPackets));
	assert_false(is_absent(&service_rows[0].head, mib_haIpvsServiceActiveConnections));
	assert_true(is_absent(&real_rows[0].head, mib_haIpvsRealConnectionRate));
	assert_false(is_absent(&real_rows[0].head, mib_haIpvsRealActiveConnections));
	assert_false(is_absent(&real_rows[1].head, mib_haIpvsRealConnectionRate));
}

/* ---- lists that come in parts ---- */

TEST(a_server_that_slips_through_a_list_in_parts_is_not_removed)
{
	struct kernel_service *service = two_servers();

	collect(0);
	begin(1000);
	assert_true(list_services(true));
	remove_real(service, 1);
	assert_false(list_reals(0, false));
	add_real(service, "192.0.2.2", 2);
	assert_true(list_reals(0, false));
	ipvs_model_end(model);
	receive();
	assert_int_equal(reals_told + services_told, 0);
}

TEST(a_server_that_is_missing_twice_is_removed)
{
	struct kernel_service *service = two_servers();

	collect(0);
	remove_real(service, 1);
	begin(1000);
	assert_true(list_services(true));
	assert_false(list_reals(0, false));
	receive();
	assert_int_equal(reals_told + services_told, 0);
	assert_true(list_reals(0, false));
	receive();
	assert_int_equal(reals_told, 1);
	assert_int_equal(real_rows[0].real_state, haIpvsRealState_removed);
	assert_int_equal(service_rows[0].service_state, haIpvsServiceState_degraded);
}

TEST(the_same_goes_for_services)
{
	two_servers();
	collect(0);
	kernel_count = 0;
	begin(1000);
	assert_false(list_services(false));
	assert_non_null(ipvs_model_key(model, 0));
	assert_true(list_services(false));
	assert_null(ipvs_model_key(model, 0));
}

/* ---- what the configuration expects ---- */

static struct address expected_server;
static struct settings_ipvs_service expected;

static void expect(void)
{
	expected_server = address_of("192.0.2.9", 53);
	expected = (struct settings_ipvs_service){
		.protocol = HaIpvsProtocol_tcp,
		.address = address_of("192.0.2.100", 53),
		.servers = &expected_server,
		.servers_count = 1,
	};
	settings.services = &expected;
	settings.services_count = 1;
	ipvs_model_free(model);
	model = ipvs_model_new(&settings);
}

TEST(an_expected_service_is_a_row_that_is_missing)
{
	expect();
	collect(0);
	assert_int_equal(services_told, 1);
	assert_int_equal(service_rows[0].head.state, HaRowState_missing);
	assert_int_equal(service_rows[0].service_state, haIpvsServiceState_down);
	assert_true(is_absent(&service_rows[0].head, mib_haIpvsServiceScheduler));
	assert_int_equal(reals_told, 1);
	assert_int_equal(real_rows[0].head.state, HaRowState_missing);
	assert_int_equal(real_rows[0].real_state, haIpvsRealState_removed);
	collect(2 * KEEP);
	assert_int_equal(services_gone + reals_gone, 0);
}

TEST(an_expected_server_is_missed_beside_others)
{
	expect();
	two_servers();
	collect(0);
	assert_int_equal(services_told, 1);
	assert_int_equal(service_rows[0].reals, 3);
	assert_int_equal(service_rows[0].reals_active, 2);
	assert_int_equal(service_rows[0].service_state, haIpvsServiceState_degraded);
	add_real(&kernel[0], "192.0.2.9", 1);
	collect(1000);
	assert_int_equal(real_rows[0].head.state, HaRowState_fresh);
	assert_int_equal(service_rows[0].service_state, haIpvsServiceState_up);
}

#define MODEL_TEST(name) cmocka_unit_test_setup_teardown(name, make, unmake)

/* ---- keepalived ---- */

static const char failed[] = "------< LVS Topology >------\n VS VIP = 192.0.2.100, VPORT = 53\n"
			     "   protocol = TCP\n   quorum_state_up = 0\n"
			     "   RIP = 192.0.2.1, RPORT = 53, WEIGHT = 1\n"
			     "   RIP = 192.0.2.2, RPORT = 53, WEIGHT = 2\n"
			     "------< Health checkers >------\n"
			     " [192.0.2.100]:tcp:53 -> [192.0.2.2]:tcp:53\n"
			     "   Enabled = yes\n   Up = no\n   Has run = yes\n";

/* What is told of it. */
static void take_checks(const char *text)
{
	struct checks *checks = text ? checks_read(text, strlen(text)) : NULL;

	receive();
	ipvs_model_take_checks(model, checks);
	if (checks)
		checks_free(checks);
	receive();
}

TEST(what_keepalived_says_is_told_at_once_and_once)
{
	two_servers();
	collect(0);
	take_checks(failed);
	assert_int_equal(services_told, 1);
	assert_int_equal(service_rows[0].quorum, haIpvsServiceQuorum_lost);
	assert_int_equal(reals_told, 2);
	assert_int_equal(real_rows[0].check, haIpvsRealCheck_notChecked);
	assert_int_equal(real_rows[1].check, haIpvsRealCheck_down);
	take_checks(failed);
	assert_int_equal(services_told + reals_told, 0);
}

TEST(a_removed_server_keeps_its_check)
{
	struct kernel_service *service = two_servers();

	collect(0);
	take_checks(failed);
	remove_real(service, 1);
	collect(1000);
	assert_int_equal(reals_told, 1);
	assert_int_equal(real_rows[0].real_state, haIpvsRealState_removed);
	assert_int_equal(real_rows[0].check, haIpvsRealCheck_down);
	assert_int_equal(service_rows[0].quorum, haIpvsServiceQuorum_lost);
}

TEST(without_keepalived_checks_are_unknown)
{
	two_servers();
	collect(0);
	assert_int_equal(real_rows[0].check, haIpvsRealCheck_unknown);
	take_checks(failed);
	take_checks(NULL);
	assert_int_equal(services_told, 1);
	assert_int_equal(service_rows[0].quorum, haIpvsServiceQuorum_unknown);
	assert_int_equal(reals_told, 2);
	assert_int_equal(real_rows[1].check, haIpvsRealCheck_unknown);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		MODEL_TEST(what_is_there_is_told_once),
		MODEL_TEST(a_removed_server_stays_as_removed),
		MODEL_TEST(a_removed_server_comes_back),
		MODEL_TEST(what_was_removed_long_ago_is_forgotten),
		MODEL_TEST(a_weight_of_0_is_a_state_of_its_own),
		MODEL_TEST(a_weight_that_was_never_seen_is_not_told),
		MODEL_TEST(a_service_without_servers_is_down),
		MODEL_TEST(a_lost_service_is_missing_with_its_servers),
		MODEL_TEST(a_lost_service_comes_back),
		MODEL_TEST(marks_have_no_address),
		MODEL_TEST(a_server_is_called_by_its_service_and_itself),
		MODEL_TEST(figures_are_told_in_their_turn),
		MODEL_TEST(a_state_takes_the_figures_along),
		MODEL_TEST(figures_have_a_pace),
		MODEL_TEST(figures_that_the_kernel_does_not_tell_are_absent),
		MODEL_TEST(a_server_that_slips_through_a_list_in_parts_is_not_removed),
		MODEL_TEST(a_server_that_is_missing_twice_is_removed),
		MODEL_TEST(the_same_goes_for_services),
		MODEL_TEST(an_expected_service_is_a_row_that_is_missing),
		MODEL_TEST(an_expected_server_is_missed_beside_others),
		MODEL_TEST(what_keepalived_says_is_told_at_once_and_once),
		MODEL_TEST(a_removed_server_keeps_its_check),
		MODEL_TEST(without_keepalived_checks_are_unknown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
