/* Tests how messages of the kernel about IPVS are taken apart: recorded ones, and odd ones.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/ipvs/wire.h"

#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>
#include <linux/genetlink.h>
#include <linux/ip_vs.h>
#include <netlink/attr.h>
#include <netlink/genl/genl.h>
#include <netlink/msg.h>
#include <string.h>

#include "lib/memory.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/sources/ipvs/text.h"
#include "tests/unit/check.h"
#include "tests/unit/recorded.h"

#define FAMILY 28 /* of IPVS in the recorded messages */

/* ---- recorded ---- */

static struct recorded recorded;
static struct nlmsghdr *message;
static int left;

static void open_recorded(const char *name)
{
	char path[128];

	TEXT_PRINT(path, "../ipvs/mixed/%s", name);
	recorded = recorded_read(path);
	message = (void *)recorded.octets;
	left = (int)recorded.length;
}

static void close_recorded(void)
{
	assert_true(nlmsg_ok(message, left));
	assert_int_equal(message->nlmsg_type, NLMSG_DONE);
	assert_int_equal(ipvs_wire_error(message), 0);
	recorded_free(&recorded);
}

static void pass(void)
{
	message = nlmsg_next(message, &left);
	assert_true(nlmsg_ok(message, left));
}

static void next_service(const char *text, const char *scheduler, uint32_t persistence,
			 struct ipvs_service *service)
{
	char found[65];

	assert_true(ipvs_wire_service(message, service));
	ipvs_text_service(&service->key, found, sizeof(found));
	assert_string_equal(found, text);
	assert_string_equal(service->scheduler, scheduler);
	assert_int_equal(service->persistence, persistence);
	assert_true(service->has_figures);
	pass();
}

static void next_real(uint16_t family, const char *text, int32_t forwarding, uint32_t weight,
		      struct ipvs_real *real)
{
	char found[65];

	assert_true(ipvs_wire_real(message, family, real));
	address_print_port(&real->address, found, sizeof(found));
	assert_string_equal(found, text);
	assert_int_equal(real->forwarding, forwarding);
	assert_int_equal(real->weight, weight);
	assert_true(real->has_figures);
	pass();
}

TEST(the_family_is_found_among_all)
{
	uint16_t family = 0;

	open_recorded("families");
	while (message->nlmsg_type != NLMSG_DONE) {
		ipvs_wire_family(message, IPVS_GENL_NAME, &family);
		pass();
	}
	close_recorded();
	assert_int_equal(family, FAMILY);
}

TEST(the_version_is_told)
{
	uint32_t version = 0;

	open_recorded("info");
	assert_true(ipvs_wire_version(message, &version));
	assert_int_equal(version, 0x010201);
	recorded_free(&recorded);
}

TEST(services_of_all_kinds_are_understood)
{
	struct ipvs_service service;

	open_recorded("services");
	next_service("sctp 10.77.0.100:5000", "lc", 0, &service);
	next_service("tcp 10.77.0.100:0", "rr", 60, &service);
	next_service("tcp [fd77::100]:80", "sh", 0, &service);
	next_service("tcp 10.77.0.100:53", "rr", 0, &service);
	assert_int_equal(service.figures.connections, 11);
	assert_int_equal(service.figures.in_packets, 26);
	assert_int_equal(service.figures.out_packets, 21);
	assert_int_equal(service.figures.in_octets, 1440);
	assert_int_equal(service.figures.out_octets, 1373);
	next_service("udp 10.77.0.100:53", "wlc", 300, &service);
	assert_int_equal(service.figures.connections, 11);
	assert_true(service.figures.in_octet_rate > 0);
	next_service("fwmark 7 ipv6", "rr", 0, &service);
	next_service("fwmark 7", "rr", 0, &service);
	close_recorded();
}

TEST(servers_of_all_kinds_are_understood)
{
	struct ipvs_real real;

	open_recorded("dests-4");
	next_real(AF_INET, "10.77.0.2:53", haIpvsRealForwarding_masquerade, 3, &real);
	assert_int_equal(real.upper, 200);
	assert_int_equal(real.lower, 100);
	assert_int_equal(real.active, 6);
	assert_int_equal(real.figures.in_octets, 360);
	next_real(AF_INET, "10.77.0.1:53", haIpvsRealForwarding_masquerade, 1, &real);
	assert_int_equal(real.inactive, 5);
	assert_int_equal(real.figures.out_octets, 845);
	close_recorded();
	open_recorded("dests-5");
	next_real(AF_INET, "10.77.0.2:53", haIpvsRealForwarding_masquerade, 0, &real);
	next_real(AF_INET, "10.77.0.1:53", haIpvsRealForwarding_masquerade, 1, &real);
	assert_int_equal(real.persistent, 1);
	close_recorded();
}

TEST(a_service_has_servers_of_both_families)
{
	struct ipvs_real real;

	open_recorded("dests-3");
	next_real(AF_INET6, "10.77.0.2:80", haIpvsRealForwarding_tunnel, 10, &real);
	next_real(AF_INET6, "[fd77::1]:80", haIpvsRealForwarding_directRoute, 10, &real);
	close_recorded();
	open_recorded("dests-6");
	next_real(AF_INET6, "[fd77::2]:0", haIpvsRealForwarding_directRoute, 5, &real);
	close_recorded();
}

/* ---- made up ---- */

static struct nl_msg *made;
static struct nlattr *nest;

static void begin_message(int outer)
{
	made = ipvs_wire_ask(FAMILY, 0, 0);
	nest = nla_nest_start(made, outer);
	assert_non_null(nest);
}

static void put(int type, const void *value, int size)
{
	assert_int_equal(nla_put(made, type, size, value), 0);
}

static void put16(int type, uint16_t value)
{
	put(type, &value, sizeof(value));
}

static void put32(int type, uint32_t value)
{
	put(type, &value, sizeof(value));
}

static const uint8_t address[16] = { 192, 0, 2, 1 };

/* What stands in every message about a service, but for one attribute. */
static void put_service(int without)
{
	begin_message(IPVS_CMD_ATTR_SERVICE);
	if (without != IPVS_SVC_ATTR_AF)
		put16(IPVS_SVC_ATTR_AF, AF_INET);
	if (without != IPVS_SVC_ATTR_PROTOCOL)
		put16(IPVS_SVC_ATTR_PROTOCOL, IPPROTO_TCP);
	if (without != IPVS_SVC_ATTR_ADDR)
		put(IPVS_SVC_ATTR_ADDR, address, sizeof(address));
	if (without != IPVS_SVC_ATTR_PORT)
		put16(IPVS_SVC_ATTR_PORT, htons(53));
	if (without != IPVS_SVC_ATTR_SCHED_NAME)
		put(IPVS_SVC_ATTR_SCHED_NAME, "rr", 3);
}

static void put_real(int without)
{
	begin_message(IPVS_CMD_ATTR_DEST);
	if (without != IPVS_DEST_ATTR_ADDR)
		put(IPVS_DEST_ATTR_ADDR, address, sizeof(address));
	if (without != IPVS_DEST_ATTR_PORT)
		put16(IPVS_DEST_ATTR_PORT, htons(53));
	if (without != IPVS_DEST_ATTR_FWD_METHOD)
		put32(IPVS_DEST_ATTR_FWD_METHOD, IP_VS_CONN_F_DROUTE);
	if (without != IPVS_DEST_ATTR_WEIGHT)
		put32(IPVS_DEST_ATTR_WEIGHT, 1);
}

static bool end_service(struct ipvs_service *service)
{
	bool taken;

	nla_nest_end(made, nest);
	taken = ipvs_wire_service(nlmsg_hdr(made), service);
	nlmsg_free(made);
	return taken;
}

static bool end_real(struct ipvs_real *real)
{
	bool taken;

	nla_nest_end(made, nest);
	taken = ipvs_wire_real(nlmsg_hdr(made), AF_INET, real);
	nlmsg_free(made);
	return taken;
}

TEST(a_service_lacks_nothing_that_makes_it)
{
	static const int needed[] = { IPVS_SVC_ATTR_AF, IPVS_SVC_ATTR_PROTOCOL, IPVS_SVC_ATTR_ADDR,
				      IPVS_SVC_ATTR_PORT, IPVS_SVC_ATTR_SCHED_NAME };
	struct ipvs_service service;

	for (size_t i = 0; i < COUNT(needed); i++) {
		put_service(needed[i]);
		assert_false(end_service(&service));
	}
	put_service(0);
	assert_true(end_service(&service));
	assert_false(service.has_figures);
	assert_int_equal(service.persistence, 0);
}

TEST(a_server_lacks_nothing_that_makes_it)
{
	static const int needed[] = { IPVS_DEST_ATTR_ADDR, IPVS_DEST_ATTR_PORT,
				      IPVS_DEST_ATTR_FWD_METHOD, IPVS_DEST_ATTR_WEIGHT };
	struct ipvs_real real;

	for (size_t i = 0; i < COUNT(needed); i++) {
		put_real(needed[i]);
		assert_false(end_real(&real));
	}
	put_real(0);
	assert_true(end_real(&real));
	assert_int_equal(real.address.family, AF_INET);
	assert_false(real.has_figures);
}

TEST(an_attribute_of_a_wrong_length_is_refused)
{
	static const uint8_t zeroes[32];
	struct ipvs_service service;
	struct ipvs_real real;

	for (int size = 0; size <= 32; size++) {
		put_service(IPVS_SVC_ATTR_ADDR);
		put(IPVS_SVC_ATTR_ADDR, zeroes, size);
		assert_int_equal(end_service(&service), size == 16);
		put_service(IPVS_SVC_ATTR_AF);
		put(IPVS_SVC_ATTR_AF, (const uint16_t[16]){ AF_INET }, size);
		assert_int_equal(end_service(&service), size == 2);
		put_real(IPVS_DEST_ATTR_WEIGHT);
		put(IPVS_DEST_ATTR_WEIGHT, zeroes, size);
		assert_int_equal(end_real(&real), size == 4);
	}
}

TEST(a_name_has_an_end)
{
	struct ipvs_service service;

	put_service(IPVS_SVC_ATTR_SCHED_NAME);
	put(IPVS_SVC_ATTR_SCHED_NAME, "rr", 2);
	assert_false(end_service(&service));
	put_service(IPVS_SVC_ATTR_SCHED_NAME);
	put(IPVS_SVC_ATTR_SCHED_NAME, "", 0);
	assert_false(end_service(&service));
	put_service(IPVS_SVC_ATTR_SCHED_NAME);
	put(IPVS_SVC_ATTR_SCHED_NAME, "a name that is far too long", 28);
	assert_false(end_service(&service));
}

TEST(the_last_of_doubled_attributes_counts)
{
	struct ipvs_real real;

	put_real(0);
	put32(IPVS_DEST_ATTR_WEIGHT, 7);
	assert_true(end_real(&real));
	assert_int_equal(real.weight, 7);
}

TEST(an_unknown_family_or_forwarding_is_no_other)
{
	struct ipvs_service service;
	struct ipvs_real real;

	put_service(IPVS_SVC_ATTR_AF);
	put16(IPVS_SVC_ATTR_AF, AF_UNIX);
	assert_false(end_service(&service));
	put_real(0);
	put16(IPVS_DEST_ATTR_ADDR_FAMILY, AF_UNIX);
	assert_false(end_real(&real));
	put_real(IPVS_DEST_ATTR_FWD_METHOD);
	put32(IPVS_DEST_ATTR_FWD_METHOD, IP_VS_CONN_F_FWD_MASK);
	assert_true(end_real(&real));
	assert_int_equal(real.forwarding, haIpvsRealForwarding_other);
}

/* Before Linux 4.1 there are the old ones alone: of 32 bits, but for the octets. */
TEST(figures_of_32_bits_will_do)
{
	struct nlattr *stats;
	struct ipvs_real real;
	uint64_t octets = UINT64_C(1) << 40;

	put_real(0);
	stats = nla_nest_start(made, IPVS_DEST_ATTR_STATS);
	for (int i = IPVS_STATS_ATTR_CONNS; i <= IPVS_STATS_ATTR_OUTBPS; i++)
		if (i == IPVS_STATS_ATTR_INBYTES || i == IPVS_STATS_ATTR_OUTBYTES)
			put(i, &octets, sizeof(octets));
		else
			put32(i, (uint32_t)i);
	nla_nest_end(made, stats);
	assert_true(end_real(&real));
	assert_true(real.has_figures);
	assert_int_equal(real.figures.in_octets, octets);
	assert_int_equal(real.figures.out_octet_rate, IPVS_STATS_ATTR_OUTBPS);
}

TEST(figures_that_lack_one_are_none)
{
	struct nlattr *stats;
	struct ipvs_real real;

	put_real(0);
	stats = nla_nest_start(made, IPVS_DEST_ATTR_STATS);
	put32(IPVS_STATS_ATTR_CONNS, 1);
	nla_nest_end(made, stats);
	assert_true(end_real(&real));
	assert_false(real.has_figures);
}

TEST(daemons_are_told)
{
	uint32_t daemon = 0;

	begin_message(IPVS_CMD_ATTR_DAEMON);
	put32(IPVS_DAEMON_ATTR_STATE, IP_VS_STATE_BACKUP);
	nla_nest_end(made, nest);
	assert_true(ipvs_wire_daemon(nlmsg_hdr(made), &daemon));
	assert_int_equal(daemon, IP_VS_STATE_BACKUP);
	nlmsg_free(made);
	begin_message(IPVS_CMD_ATTR_DAEMON);
	nla_nest_end(made, nest);
	assert_false(ipvs_wire_daemon(nlmsg_hdr(made), &daemon));
	nlmsg_free(made);
}

TEST(the_end_of_an_answer_may_be_an_error)
{
	struct {
		struct nlmsghdr head;
		int error;
	} end = { .head = { .nlmsg_len = sizeof(end), .nlmsg_type = NLMSG_ERROR } };

	assert_int_equal(ipvs_wire_error(&end.head), 0);
	end.error = -EPERM;
	assert_int_equal(ipvs_wire_error(&end.head), EPERM);
	end.error = INT_MIN;
	assert_int_equal(ipvs_wire_error(&end.head), EPROTO);
	end.head.nlmsg_len = sizeof(end.head);
	assert_int_equal(ipvs_wire_error(&end.head), EPROTO);
	end.head.nlmsg_type = NLMSG_DONE;
	assert_int_equal(ipvs_wire_error(&end.head), 0);
}

/* The kernel's answers to a question about the servers of a service carry its family and theirs;
 * what it is asked must name the service as it was named by it. */
TEST(a_question_names_the_service_as_the_kernel_did)
{
	struct nlattr *outer[IPVS_CMD_ATTR_MAX + 1];
	struct ipvs_service service;
	struct nl_msg *question;

	put_service(0);
	assert_true(end_service(&service));
	question = ipvs_wire_ask_reals(FAMILY, &service.key);
	assert_int_equal(genlmsg_parse(nlmsg_hdr(question), 0, outer, IPVS_CMD_ATTR_MAX, NULL), 0);
	assert_non_null(outer[IPVS_CMD_ATTR_SERVICE]);
	made = ipvs_wire_ask(FAMILY, 0, 0);
	nest = nla_nest_start(made, IPVS_CMD_ATTR_SERVICE);
	assert_int_equal(nlmsg_append(made, nla_data(outer[IPVS_CMD_ATTR_SERVICE]),
				      (size_t)nla_len(outer[IPVS_CMD_ATTR_SERVICE]), NLA_ALIGNTO),
			 0);
	put(IPVS_SVC_ATTR_SCHED_NAME, "rr", 3);
	nlmsg_free(question);
	{
		struct ipvs_key key = service.key;

		assert_true(end_service(&service));
		assert_memory_equal(&service.key, &key, sizeof(key));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_family_is_found_among_all),
		cmocka_unit_test(the_version_is_told),
		cmocka_unit_test(services_of_all_kinds_are_understood),
		cmocka_unit_test(servers_of_all_kinds_are_understood),
		cmocka_unit_test(a_service_has_servers_of_both_families),
		cmocka_unit_test(a_service_lacks_nothing_that_makes_it),
		cmocka_unit_test(a_server_lacks_nothing_that_makes_it),
		cmocka_unit_test(an_attribute_of_a_wrong_length_is_refused),
		cmocka_unit_test(a_name_has_an_end),
		cmocka_unit_test(the_last_of_doubled_attributes_counts),
		cmocka_unit_test(an_unknown_family_or_forwarding_is_no_other),
		cmocka_unit_test(figures_of_32_bits_will_do),
		cmocka_unit_test(figures_that_lack_one_are_none),
		cmocka_unit_test(daemons_are_told),
		cmocka_unit_test(the_end_of_an_answer_may_be_an_error),
		cmocka_unit_test(a_question_names_the_service_as_the_kernel_did),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
