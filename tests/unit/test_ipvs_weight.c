/* Tests weights of real servers, over services as a kernel has told them. The kernel is the test's
 * own: it knows recorded services, and obeys, refuses or keeps silent.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "actions/ipvs_weight.h"

#include <errno.h>
#include <linux/genetlink.h>
#include <linux/ip_vs.h>
#include <netlink/attr.h>
#include <netlink/genl/genl.h>
#include <netlink/msg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "actions/netlink.h"
#include "actions/step.h"
#include "lib/frame.h"
#include "lib/memory.h"
#include "lib/settings.h"
#include "lib/settings_ipvs.h"
#include "mib/ha-agentx-mib.h"
#include "tests/unit/check.h"
#include "tests/unit/recorded.h"

#define DEADLINE 4711
#define FAMILY 28 /* of IPVS in the recorded messages */
#define SERVICES 7

/* ---- the kernel ---- */

static struct {
	struct recorded families, services, servers[SERVICES];
	unsigned int orders;
	int answer;      /* errno that an order gets */
	bool idle;       /* nothing comes of an order */
	bool removing;   /* the server is removed instead */
	bool deaf;       /* no question is answered */
	uint32_t cut;    /* what is told of servers is cut after so many octets; 0: it is not */
	uint32_t weight; /* of the last order */
} kernel;

static struct recorded read_recorded(const char *name)
{
	char path[64];

	TEXT_PRINT(path, "../ipvs/mixed/%s", name);
	return recorded_read(path);
}

/* The next message of a recording, the first after NULL; NULL after the last. */
static struct nlmsghdr *next_message(const struct recorded *recorded, struct nlmsghdr *message)
{
	int left = (int)recorded->length;

	if (message) {
		left -= (int)((unsigned char *)message - recorded->octets);
		message = nlmsg_next(message, &left);
	} else {
		message = (void *)recorded->octets;
	}
	return nlmsg_ok(message, left) && message->nlmsg_type >= NLMSG_MIN_TYPE ? message : NULL;
}

static struct nlattr *nest_of(struct nlmsghdr *message, int type)
{
	struct nlattr *nest = nlmsg_find_attr(message, GENL_HDRLEN, type);

	assert_non_null(nest);
	return nest;
}

static struct nlattr *inside(struct nlattr *nest, int type)
{
	return nla_find(nla_data(nest), nla_len(nest), type);
}

static bool is_equal(struct nlattr *one, struct nlattr *other)
{
	return one && other && nla_len(one) == nla_len(other) &&
	       !memcmp(nla_data(one), nla_data(other), (size_t)nla_len(one));
}

/* Whether all that a question says of a service is so. */
static bool is_meant(struct nlattr *asked, struct nlattr *service)
{
	struct nlattr *attribute;
	int left;

	nla_for_each_nested(
		attribute, asked,
		left) if (!is_equal(attribute, inside(service, nla_type(attribute)))) return false;
	return true;
}

/* The servers of the service that a question is about; NULL: the kernel has it not. */
static struct recorded *servers_of(struct nlmsghdr *question)
{
	struct nlattr *asked = nest_of(question, IPVS_CMD_ATTR_SERVICE);
	struct nlmsghdr *message = NULL;

	for (size_t i = 0; (message = next_message(&kernel.services, message)); i++)
		if (is_meant(asked, nest_of(message, IPVS_CMD_ATTR_SERVICE)))
			return &kernel.servers[i];
	return NULL;
}

/* In memory of its own that ends where the message does. */
static void tell_cut(const struct nlmsghdr *message, struct netlink_answer *answer)
{
	struct nlmsghdr *told = memory_new(1, kernel.cut);

	memcpy(told, message, kernel.cut);
	told->nlmsg_len = kernel.cut;
	answer->take(answer->argument, told);
	free(told);
}

static void tell_all(const struct recorded *recorded, struct netlink_answer *answer)
{
	struct nlmsghdr *message = NULL;

	while ((message = next_message(recorded, message)))
		if (kernel.cut && recorded != &kernel.families)
			tell_cut(message, answer);
		else
			answer->take(answer->argument, message);
}

/* The attributes of the server that the order names, as the kernel told them. */
static struct nlattr *find_server(struct nlmsghdr *order)
{
	struct recorded *servers = servers_of(order);
	struct nlattr *ordered = nest_of(order, IPVS_CMD_ATTR_DEST), *server;
	struct nlmsghdr *message = NULL;

	assert_non_null(servers);
	while ((message = next_message(servers, message))) {
		server = nest_of(message, IPVS_CMD_ATTR_DEST);
		if (is_equal(inside(ordered, IPVS_DEST_ATTR_ADDR),
			     inside(server, IPVS_DEST_ATTR_ADDR)) &&
		    is_equal(inside(ordered, IPVS_DEST_ATTR_PORT),
			     inside(server, IPVS_DEST_ATTR_PORT)))
			return server;
	}
	fail_msg("the order is for no server");
	return NULL;
}

/* Everything that was told of the server is ordered as it was, but figures and the weight. */
static void check_kept(struct nlattr *ordered, struct nlattr *server)
{
	static const int kept[] = {
		IPVS_DEST_ATTR_ADDR,     IPVS_DEST_ATTR_PORT,     IPVS_DEST_ATTR_FWD_METHOD,
		IPVS_DEST_ATTR_U_THRESH, IPVS_DEST_ATTR_L_THRESH, IPVS_DEST_ATTR_ADDR_FAMILY,
		IPVS_DEST_ATTR_TUN_TYPE, IPVS_DEST_ATTR_TUN_PORT, IPVS_DEST_ATTR_TUN_FLAGS,
	};

	for (size_t i = 0; i < COUNT(kept); i++)
		assert_true(is_equal(inside(ordered, kept[i]), inside(server, kept[i])));
	assert_null(inside(ordered, IPVS_DEST_ATTR_ACTIVE_CONNS));
	assert_null(inside(ordered, IPVS_DEST_ATTR_STATS));
	assert_null(inside(ordered, IPVS_DEST_ATTR_STATS64));
}

static int obey(struct nlmsghdr *order)
{
	struct nlattr *ordered = nest_of(order, IPVS_CMD_ATTR_DEST), *server = find_server(order);
	struct nlattr *weight = inside(ordered, IPVS_DEST_ATTR_WEIGHT);

	kernel.orders++;
	kernel.weight = nla_get_u32(weight);
	check_kept(ordered, server);
	if (kernel.removing)
		memset(nla_data(inside(server, IPVS_DEST_ATTR_ADDR)), 0xff, 4);
	else if (!kernel.idle)
		memcpy(nla_data(inside(server, IPVS_DEST_ATTR_WEIGHT)), nla_data(weight),
		       sizeof(uint32_t));
	return kernel.answer;
}

static int answer_question(struct nlmsghdr *question, struct netlink_answer *answer)
{
	const struct recorded *servers;

	assert_int_equal(question->nlmsg_type, FAMILY);
	if (genlmsg_hdr(question)->cmd == IPVS_CMD_SET_DEST)
		return obey(question);
	assert_int_equal(genlmsg_hdr(question)->cmd, IPVS_CMD_GET_DEST);
	servers = servers_of(question);
	if (servers)
		tell_all(servers, answer);
	return 0;
}

int netlink_ask(int protocol, struct nl_msg *question, int64_t deadline,
		struct netlink_answer *answer)
{
	struct nlmsghdr *message = nlmsg_hdr(question);
	int error = 0;

	assert_int_equal(protocol, NETLINK_GENERIC);
	assert_int_equal(deadline, DEADLINE);
	TEXT_PUT(answer->words, "");
	if (kernel.deaf)
		error = ETIMEDOUT;
	else if (message->nlmsg_type == GENL_ID_CTRL)
		tell_all(&kernel.families, answer);
	else
		error = answer_question(message, answer);
	nlmsg_free(question);
	return error;
}

/* ---- the settings: what README in tests/data/ipvs has, and more ---- */

enum { TCP, UDP, WIDE, MARK, MARK6, ABSENT };

static char titles[][32] = { "tcp 10.77.0.100:53", "udp 10.77.0.100:53", "tcp [fd77::100]:80",
			     "fwmark 7",           "fwmark 7 ipv6",      "tcp 192.0.2.1:80" };
static struct address servers[COUNT(titles)][3];
static struct settings_ipvs_service services[COUNT(titles)] = {
	[TCP] = { .protocol = HaIpvsProtocol_tcp },
	[UDP] = { .protocol = HaIpvsProtocol_udp },
	[WIDE] = { .protocol = HaIpvsProtocol_tcp },
	[MARK] = { .protocol = HaIpvsProtocol_fwmark, .mark = 7, .address.family = AF_INET },
	[MARK6] = { .protocol = HaIpvsProtocol_fwmark, .mark = 7, .address.family = AF_INET6 },
	[ABSENT] = { .protocol = HaIpvsProtocol_tcp },
};
static struct settings_ipvs ipvs = { .services_count = COUNT(services), .services = services };
static const struct settings settings = { .ipvs = &ipvs };
static struct step_result result;

static void put_server(size_t service, const char *text, uint16_t port)
{
	struct settings_ipvs_service *settled = &services[service];

	assert_true(address_parse(&servers[service][settled->servers_count++], text, port));
}

static void put_services(void)
{
	for (size_t i = 0; i < COUNT(services); i++) {
		services[i].title = titles[i];
		services[i].servers = servers[i];
		services[i].servers_count = 0;
	}
	address_parse(&services[TCP].address, "10.77.0.100", 53);
	address_parse(&services[UDP].address, "10.77.0.100", 53);
	address_parse(&services[WIDE].address, "fd77::100", 80);
	address_parse(&services[ABSENT].address, "192.0.2.1", 80);
	put_server(TCP, "10.77.0.1", 53);
	put_server(TCP, "10.77.0.2", 53);
	put_server(TCP, "10.77.0.9", 53);
	put_server(UDP, "10.77.0.1", 53);
	put_server(UDP, "10.77.0.2", 53);
	put_server(WIDE, "fd77::1", 80);
	put_server(WIDE, "10.77.0.2", 80);
	put_server(WIDE, "fd77::9", 80);
	put_server(MARK, "10.77.0.2", 0);
	put_server(MARK6, "fd77::2", 0);
	put_server(ABSENT, "10.77.0.2", 80);
}

static int set_up(void **state)
{
	(void)state;
	memset(&kernel, 0, sizeof(kernel));
	memset(&result, 0xa5, sizeof(result));
	kernel.families = read_recorded("families");
	kernel.services = read_recorded("services");
	for (int i = 0; i < SERVICES; i++) {
		char name[16];

		TEXT_PRINT(name, "dests-%d", i + 1);
		kernel.servers[i] = read_recorded(name);
	}
	put_services();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	recorded_free(&kernel.families);
	recorded_free(&kernel.services);
	for (size_t i = 0; i < SERVICES; i++)
		recorded_free(&kernel.servers[i]);
	return 0;
}

static void give(size_t service, size_t server, uint32_t weight)
{
	const struct step step = { STEP_IPVS_WEIGHT, weight, service, server };

	ipvs_weight_set(&settings, &step, DEADLINE, &result);
	assert_int_equal(result.exit_status, -1);
}

static void expect(int32_t reason, const char *message, unsigned int orders)
{
	assert_string_equal(result.message, message);
	assert_int_equal(result.reason, reason);
	assert_int_equal(kernel.orders, orders);
}

/* ---- what works ---- */

TEST(a_server_is_drained_and_restored)
{
	give(TCP, 1, 0);
	expect(HaReason_none, "10.77.0.2:53 has the weight 0, it had 3", 1);
	assert_int_equal(kernel.weight, 0);
	assert_string_equal(result.kernel, "");
	give(TCP, 1, 3);
	expect(HaReason_none, "10.77.0.2:53 has the weight 3, it had 0", 2);
}

TEST(a_server_that_has_the_weight_is_left_alone)
{
	give(TCP, 1, 3);
	expect(HaReason_none, "10.77.0.2:53 had the weight 3 already", 0);
	give(UDP, 1, 0);
	expect(HaReason_none, "10.77.0.2:53 had the weight 0 already", 0);
}

TEST(services_of_all_kinds_are_found)
{
	give(WIDE, 0, 0);
	expect(HaReason_none, "[fd77::1]:80 has the weight 0, it had 10", 1);
	give(WIDE, 0, 10);
	give(WIDE, 1, 0);
	expect(HaReason_none, "10.77.0.2:80 has the weight 0, it had 10", 3);
	give(MARK, 0, 6);
	expect(HaReason_none, "10.77.0.2:0 has the weight 6, it had 5", 4);
	give(MARK6, 0, INT32_MAX);
	expect(HaReason_none, "[fd77::2]:0 has the weight 2147483647, it had 5", 5);
}

TEST(what_is_read_back_counts_and_not_the_answer)
{
	kernel.answer = ETIMEDOUT;
	give(TCP, 1, 0);
	expect(HaReason_none, "10.77.0.2:53 has the weight 0, it had 3", 1);
}

/* ---- what is refused ---- */

TEST(the_last_server_with_a_weight_keeps_it)
{
	give(UDP, 0, 0);
	expect(HaReason_noHealthyPeer,
	       "10.77.0.1:53 keeps the weight 1: it is the last server of udp 10.77.0.100:53 that "
	       "has one",
	       0);
	give(UDP, 0, 2);
	expect(HaReason_none, "10.77.0.1:53 has the weight 2, it had 1", 1);
	give(TCP, 0, 0);
	give(TCP, 1, 0);
	expect(HaReason_noHealthyPeer,
	       "10.77.0.2:53 keeps the weight 3: it is the last server of tcp 10.77.0.100:53 that "
	       "has one",
	       2);
}

TEST(a_server_must_be_in_the_kernel)
{
	give(TCP, 2, 1);
	expect(HaReason_notUp,
	       "the kernel has no server 10.77.0.9:53 of tcp 10.77.0.100:53 now: see what removed "
	       "it",
	       0);
	give(WIDE, 2, 1);
	expect(HaReason_notUp,
	       "the kernel has no server [fd77::9]:80 of tcp [fd77::100]:80 now: see what removed "
	       "it",
	       0);
	give(ABSENT, 0, 1);
	expect(HaReason_notUp,
	       "the kernel has no server 10.77.0.2:80 of tcp 192.0.2.1:80 now: see what removed it",
	       0);
}

TEST(without_the_module_nothing_is_asked)
{
	recorded_free(&kernel.families);
	kernel.families = read_recorded("info");
	give(TCP, 1, 0);
	expect(HaReason_notUp, "the kernel has no IPVS now", 0);
}

/* ---- what goes wrong ---- */

TEST(the_kernel_may_refuse)
{
	kernel.idle = true;
	kernel.answer = EPERM;
	give(TCP, 1, 0);
	expect(HaReason_refusedByKernel,
	       "10.77.0.2:53 keeps the weight 3: the kernel has refused another", 1);
	assert_string_equal(result.kernel, strerror(EPERM));
	kernel.answer = ETIMEDOUT;
	give(TCP, 1, 0);
	expect(HaReason_timeout, "10.77.0.2:53 still has the weight 3: the kernel does not answer",
	       2);
}

TEST(an_order_without_an_effect_is_no_success)
{
	kernel.idle = true;
	give(TCP, 1, 0);
	expect(HaReason_roleNotReached,
	       "10.77.0.2:53 has the weight 3, although the kernel has taken 0", 1);
}

TEST(a_server_may_be_removed_meanwhile)
{
	kernel.removing = true;
	kernel.answer = ENOENT;
	give(TCP, 1, 0);
	expect(HaReason_notUp, "10.77.0.2:53 was removed from the kernel just now", 1);
}

TEST(a_kernel_that_does_not_answer_is_not_waited_for)
{
	kernel.deaf = true;
	give(TCP, 1, 0);
	expect(HaReason_timeout, "10.77.0.2:53 is left as it is: the kernel does not say how it is",
	       0);
}

/* Octets of the shortest message about a server. */
static uint32_t shortest(void)
{
	uint32_t length = UINT32_MAX;

	for (size_t i = 0; i < SERVICES; i++)
		for (struct nlmsghdr *message = NULL;
		     (message = next_message(&kernel.servers[i], message));)
			length = message->nlmsg_len < length ? message->nlmsg_len : length;
	return length;
}

/* A server that is not told whole is none: neither to be changed, nor to serve in its stead. */
TEST(servers_that_are_cut_do_no_harm)
{
	uint32_t whole = shortest();

	for (kernel.cut = NLMSG_HDRLEN; kernel.cut < whole; kernel.cut += NLA_ALIGNTO) {
		give(TCP, 1, 0);
		assert_int_equal(kernel.orders, 0);
		assert_int_equal(result.reason, HaReason_notUp);
	}
}

#define WITH_KERNEL(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_KERNEL(a_server_is_drained_and_restored),
		WITH_KERNEL(a_server_that_has_the_weight_is_left_alone),
		WITH_KERNEL(services_of_all_kinds_are_found),
		WITH_KERNEL(what_is_read_back_counts_and_not_the_answer),
		WITH_KERNEL(the_last_server_with_a_weight_keeps_it),
		WITH_KERNEL(a_server_must_be_in_the_kernel),
		WITH_KERNEL(without_the_module_nothing_is_asked),
		WITH_KERNEL(the_kernel_may_refuse),
		WITH_KERNEL(an_order_without_an_effect_is_no_success),
		WITH_KERNEL(a_server_may_be_removed_meanwhile),
		WITH_KERNEL(a_kernel_that_does_not_answer_is_not_waited_for),
		WITH_KERNEL(servers_that_are_cut_do_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
