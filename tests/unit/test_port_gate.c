/* Tests the gate before a server, and who closes it at first, in the kernel that runs the test: in
 * a network of its own, which takes root. SPDX-License-Identifier: BSD-2-Clause
 */
#include "actions/port_gate.h"

#include <linux/fib_rules.h>
#include <linux/rtnetlink.h>
#include <netinet/in.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "actions/netlink.h"
#include "actions/netlink_message.h"
#include "actions/nfsd_gates.h"
#include "actions/nfsd.h"
#include "lib/address.h"
#include "lib/clock.h"
#include "lib/settings.h"
#include "lib/settings_group.h"
#include "tests/unit/check.h"

#define PATIENCE 20000

static struct address server;

/* Rules that throw away what comes from the server. */
static unsigned int closed;

static void count(void *argument, struct nlmsghdr *message)
{
	const struct fib_rule_hdr *head = nlmsg_data(message);
	struct nlattr *source = nlmsg_find_attr(message, sizeof(*head), FRA_SRC);
	struct nlattr *ports = nlmsg_find_attr(message, sizeof(*head), FRA_SPORT_RANGE);
	struct nlattr *protocol = nlmsg_find_attr(message, sizeof(*head), FRA_IP_PROTO);
	struct fib_rule_port_range range = { 0, 0 };

	assert_null(argument);
	if (head->action != FR_ACT_BLACKHOLE)
		return;
	assert_non_null(source);
	assert_non_null(ports);
	nla_memcpy(&range, ports, sizeof(range));
	assert_non_null(protocol);
	assert_int_equal(head->src_len, nla_len(source) * 8);
	assert_memory_equal(nla_data(source), server.octets, nla_len(source));
	assert_int_equal(range.start, 2049);
	assert_int_equal(range.end, 2049);
	assert_int_equal(nla_get_u8(protocol), IPPROTO_TCP);
	closed++;
}

static unsigned int count_closed(void)
{
	struct fib_rule_hdr head = { .family = (uint8_t)server.family };
	struct nl_msg *question = netlink_question(RTM_GETRULE, NLM_F_DUMP);
	struct netlink_answer answer = { .take = count };

	netlink_need(nlmsg_append(question, &head, sizeof(head), NLMSG_ALIGNTO) == 0);
	closed = 0;
	assert_int_equal(netlink_ask(NETLINK_ROUTE, question, clock_now() + PATIENCE, &answer), 0);
	return closed;
}

static void close_and_open(const char *address)
{
	assert_true(address_parse(&server, address, 2049));
	assert_int_equal(count_closed(), 0);
	for (int times = 0; times < 2; times++) {
		assert_int_equal(port_gate_close(&server, clock_now() + PATIENCE), 0);
		assert_int_equal(count_closed(), 1);
	}
	for (int times = 0; times < 2; times++) {
		assert_int_equal(port_gate_open(&server, clock_now() + PATIENCE), 0);
		assert_int_equal(count_closed(), 0);
	}
}

TEST(it_is_closed_and_opened_and_both_may_be_so_already)
{
	close_and_open("192.0.2.1");
	close_and_open("2001:db8::1");
}

TEST(each_server_has_its_own)
{
	struct address other;

	assert_true(address_parse(&server, "192.0.2.1", 2049));
	assert_true(address_parse(&other, "192.0.2.2", 2049));
	assert_int_equal(port_gate_close(&server, clock_now() + PATIENCE), 0);
	assert_int_equal(port_gate_open(&other, clock_now() + PATIENCE), 0);
	assert_int_equal(count_closed(), 1);
	assert_int_equal(port_gate_open(&server, clock_now() + PATIENCE), 0);
}

TEST(all_are_closed_where_no_server_runs)
{
	struct settings_member members[] = {
		{ .addresses_count = 0 },
		{ .addresses_count = 1, .addresses = &server },
	};
	struct settings_group group = { .members_count = COUNT(members), .members = members };
	struct settings_groups groups = { .count = 1, .groups = &group };
	const struct settings settings = { .groups = &groups };

	if (nfsd_count_threads())
		skip();
	assert_true(address_parse(&server, "192.0.2.1", 2049));
	for (int times = 0; times < 2; times++) {
		nfsd_gates_close(&settings);
		assert_int_equal(count_closed(), 1);
	}
	assert_int_equal(port_gate_open(&server, clock_now() + PATIENCE), 0);
}

/* There can be no helper without a descriptor for its orders. */
TEST(threads_that_nobody_can_ask_for_are_unknown)
{
	struct rlimit none;
	pid_t child;
	int status;

	assert_int_equal(getrlimit(RLIMIT_NOFILE, &none), 0);
	none.rlim_cur = STDERR_FILENO + 1;
	child = fork();
	assert_true(child >= 0);
	if (child == 0)
		_exit(setrlimit(RLIMIT_NOFILE, &none) == 0 &&
				      nfsd_count_threads() == NFSD_COUNT_UNKNOWN ?
			      EXIT_SUCCESS :
			      EXIT_FAILURE);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

static int enter_own_network(void **state)
{
	(void)state;
	return unshare(CLONE_NEWNET);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_closed_and_opened_and_both_may_be_so_already),
		cmocka_unit_test(each_server_has_its_own),
		cmocka_unit_test(all_are_closed_where_no_server_runs),
		cmocka_unit_test(threads_that_nobody_can_ask_for_are_unknown),
	};

	return cmocka_run_group_tests(tests, enter_own_network, NULL);
}
