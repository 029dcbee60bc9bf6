/* Tests the change of a bond's active port, over links as a kernel has told them. The kernel is the
 * test's own: it knows recorded links, and obeys, refuses or keeps silent.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "actions/bond_port.h"

#include <errno.h>
#include <linux/if.h>
#include <linux/if_bonding.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <stdlib.h>
#include <string.h>

#include "actions/netlink.h"
#include "actions/step.h"
#include "lib/frame.h"
#include "lib/memory.h"
#include "lib/settings.h"
#include "lib/settings_bond.h"
#include "mib/ha-agentx-mib.h"
#include "tests/unit/check.h"
#include "tests/unit/recorded.h"

#define DEADLINE 4711

/* ---- the kernel ---- */

static struct {
	struct recorded links;
	unsigned int orders;
	uint32_t ordered_bond, ordered_port; /* by the last order */
	int answer;                          /* errno that an order gets */
	bool idle;                           /* nothing comes of an order */
	bool deaf;                           /* no question is answered */
	const char *cut_name;                /* what is told of this link is cut .. */
	uint32_t cut;                        /* .. after so many octets */
} kernel;

static struct nlattr *inside(struct nlattr *nest, int type)
{
	return nest ? nla_find(nla_data(nest), nla_len(nest), type) : NULL;
}

static struct nlattr *attribute_of(struct nlmsghdr *link, int type)
{
	return nlmsg_find_attr(link, sizeof(struct ifinfomsg), type);
}

/* The next link of the recording, the first after NULL; NULL after the last. */
static struct nlmsghdr *next_link(struct nlmsghdr *link)
{
	unsigned char *start = kernel.links.octets;
	int left = (int)kernel.links.length;

	if (link) {
		left -= (int)((unsigned char *)link - start);
		link = nlmsg_next(link, &left);
	} else {
		link = (void *)start;
	}
	return nlmsg_ok(link, left) && link->nlmsg_type == RTM_NEWLINK ? link : NULL;
}

static struct nlmsghdr *find_link(int index, const char *name)
{
	struct nlmsghdr *link = NULL;

	while ((link = next_link(link))) {
		const struct ifinfomsg *head = nlmsg_data(link);

		if (index ? head->ifi_index == index :
			    !strcmp(nla_get_string(attribute_of(link, IFLA_IFNAME)), name))
			break;
	}
	return link;
}

static struct nlattr *data_of(struct nlmsghdr *link, int which)
{
	return inside(attribute_of(link, IFLA_LINKINFO), which);
}

static void put_number(struct nlattr *attribute, uint32_t number)
{
	assert_non_null(attribute);
	memcpy(nla_data(attribute), &number, (size_t)nla_len(attribute));
}

static struct ifinfomsg *head_of(const char *name)
{
	struct nlmsghdr *link = find_link(0, name);

	assert_non_null(link);
	return nlmsg_data(link);
}

static void set_active(const char *bond, uint32_t port)
{
	struct nlattr *data = data_of(find_link(0, bond), IFLA_INFO_DATA);

	put_number(inside(data, IFLA_BOND_ACTIVE_SLAVE), port);
}

static int obey(struct nlmsghdr *order, struct netlink_answer *answer)
{
	struct ifinfomsg *head = nlmsg_data(order);
	struct nlattr *data = data_of(order, IFLA_INFO_DATA);

	kernel.orders++;
	kernel.ordered_bond = (uint32_t)head->ifi_index;
	kernel.ordered_port = nla_get_u32(inside(data, IFLA_BOND_ACTIVE_SLAVE));
	assert_string_equal(nla_get_string(data_of(order, IFLA_INFO_KIND)), "bond");
	if (kernel.answer == EINVAL)
		TEXT_PUT(answer->words, "option active_slave: mode dependency failed");
	if (!kernel.idle)
		set_active("bond0", kernel.ordered_port);
	return kernel.answer;
}

/* In memory of its own that ends where the message does. */
static void tell_cut(const struct nlmsghdr *link, struct netlink_answer *answer)
{
	struct nlmsghdr *told = memory_new(1, kernel.cut);

	memcpy(told, link, kernel.cut);
	told->nlmsg_len = kernel.cut;
	answer->take(answer->argument, told);
	free(told);
}

static int answer_question(struct nlmsghdr *question, struct netlink_answer *answer)
{
	const struct ifinfomsg *head = nlmsg_data(question);
	struct nlattr *name = attribute_of(question, IFLA_IFNAME);
	struct nlmsghdr *link = find_link(head->ifi_index, name ? nla_get_string(name) : NULL);

	if (!link)
		return ENODEV;
	if (kernel.cut_name && link == find_link(0, kernel.cut_name))
		tell_cut(link, answer);
	else
		answer->take(answer->argument, link);
	return 0;
}

int netlink_ask(int protocol, struct nl_msg *question, int64_t deadline,
		struct netlink_answer *answer)
{
	struct nlmsghdr *message = nlmsg_hdr(question);
	int error;

	assert_int_equal(protocol, NETLINK_ROUTE);
	assert_int_equal(deadline, DEADLINE);
	TEXT_PUT(answer->words, "");
	if (kernel.deaf)
		error = ETIMEDOUT;
	else if (message->nlmsg_type == RTM_NEWLINK)
		error = obey(message, answer);
	else
		error = answer_question(message, answer);
	nlmsg_free(question);
	return error;
}

/* ---- the step ---- */

static char ports[][SETTINGS_INTERFACE_SIZE] = { "eth0", "eth1", "eth9", "lo" };
static struct settings_expected_bond bonds[] = {
	{ .name = "bond0", .ports_count = COUNT(ports), .ports = ports, .switchable = true },
	{ .name = "bond9", .ports_count = 1, .ports = ports, .switchable = true },
	{ .name = "lo", .ports_count = 1, .ports = ports, .switchable = true },
};
static struct settings_bond bond = { .bonds_count = COUNT(bonds), .bonds = bonds };
static const struct settings settings = { .bond = &bond };
static struct step_result result;

static void load(const char *name)
{
	char path[64];

	TEXT_PRINT(path, "../bond/%s.dump", name);
	recorded_free(&kernel.links);
	memset(&kernel, 0, sizeof(kernel));
	kernel.links = recorded_read(path);
}

static int set_up(void **state)
{
	(void)state;
	load("active-backup");
	memset(&result, 0xa5, sizeof(result));
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	recorded_free(&kernel.links);
	memset(&kernel, 0, sizeof(kernel));
	return 0;
}

static void activate(size_t subject, size_t part)
{
	const struct step step = { STEP_BOND_ACTIVE_PORT, 0, subject, part };

	bond_port_activate(&settings, &step, DEADLINE, &result);
	assert_int_equal(result.exit_status, -1);
}

static void expect(int32_t reason, const char *message, unsigned int orders)
{
	assert_string_equal(result.message, message);
	assert_int_equal(result.reason, reason);
	assert_int_equal(kernel.orders, orders);
}

/* ---- what works ---- */

TEST(a_port_is_made_active)
{
	activate(0, 1);
	expect(HaReason_none, "bond0 uses eth1", 1);
	assert_int_equal(kernel.ordered_bond, head_of("bond0")->ifi_index);
	assert_int_equal(kernel.ordered_port, head_of("eth1")->ifi_index);
	assert_string_equal(result.kernel, "");
	activate(0, 0);
	expect(HaReason_none, "bond0 uses eth0", 2);
}

TEST(the_active_port_is_left_alone)
{
	activate(0, 0);
	expect(HaReason_none, "bond0 used eth0 already", 0);
}

TEST(the_balancing_modes_with_an_active_port_are_changed_too)
{
	load("balance-tlb");
	activate(0, 1);
	expect(HaReason_none, "bond0 uses eth1", 1);
	load("balance-alb");
	activate(0, 1);
	expect(HaReason_none, "bond0 uses eth1", 1);
}

TEST(what_is_read_back_counts_and_not_the_answer)
{
	kernel.answer = ETIMEDOUT;
	activate(0, 1);
	expect(HaReason_none, "bond0 uses eth1", 1);
}

/* ---- what is refused ---- */

TEST(a_bond_must_be_there)
{
	activate(1, 0);
	expect(HaReason_notUp, "bond9 is not there", 0);
	activate(2, 0);
	expect(HaReason_notUp, "lo is no bond", 0);
}

TEST(a_mode_must_have_an_active_port)
{
	static const char *const modes[] = { "balance-rr", "balance-xor", "broadcast", "lacp" };

	for (size_t i = 0; i < COUNT(modes); i++) {
		load(modes[i]);
		activate(0, 1);
		expect(HaReason_badValue,
		       "bond0 is in a mode without an active port: it uses all of them", 0);
	}
}

TEST(a_port_must_be_one_of_the_bond)
{
	activate(0, 2);
	expect(HaReason_badValue, "bond0 stays with eth0: eth9 is not there", 0);
	activate(0, 3);
	expect(HaReason_badValue, "bond0 stays with eth0: lo is no port of it", 0);
	put_number(attribute_of(find_link(0, "eth1"), IFLA_MASTER), 77);
	activate(0, 1);
	expect(HaReason_badValue, "bond0 stays with eth0: eth1 is no port of it", 0);
}

TEST(a_port_must_be_up)
{
	struct ifinfomsg *head = head_of("eth1");
	struct nlattr *data = data_of(find_link(0, "eth1"), IFLA_INFO_SLAVE_DATA);

	for (uint32_t status = BOND_LINK_FAIL; status <= BOND_LINK_BACK; status++) {
		put_number(inside(data, IFLA_BOND_SLAVE_MII_STATUS), status);
		activate(0, 1);
		expect(HaReason_targetDown,
		       "bond0 stays with eth0: eth1 is down for the monitoring of the bond; "
		       "check its switch",
		       0);
	}
	put_number(inside(data, IFLA_BOND_SLAVE_MII_STATUS), BOND_LINK_UP);
	head->ifi_flags &= ~(unsigned int)IFF_LOWER_UP;
	activate(0, 1);
	expect(HaReason_targetDown,
	       "bond0 stays with eth0: eth1 has no carrier; check its cable and its switch", 0);
	head->ifi_flags &= ~(unsigned int)IFF_UP;
	activate(0, 1);
	expect(HaReason_targetDown, "bond0 stays with eth0: eth1 is switched off; switch it on", 0);
}

/* ---- what goes wrong ---- */

TEST(the_kernel_may_refuse)
{
	kernel.idle = true;
	kernel.answer = EPERM;
	activate(0, 1);
	expect(HaReason_refusedByKernel, "bond0 stays with eth0: the kernel has refused eth1", 1);
	assert_string_equal(result.kernel, strerror(EPERM));
	kernel.answer = EINVAL;
	activate(0, 1);
	expect(HaReason_refusedByKernel, "bond0 stays with eth0: the kernel has refused eth1", 2);
	assert_string_equal(result.kernel, "option active_slave: mode dependency failed");
	kernel.answer = ETIMEDOUT;
	activate(0, 1);
	expect(HaReason_timeout, "bond0 still uses eth0: the kernel does not answer", 3);
}

TEST(an_order_without_an_effect_is_no_success)
{
	kernel.idle = true;
	activate(0, 1);
	expect(HaReason_roleNotReached, "bond0 uses eth0, although the kernel has taken eth1", 1);
	assert_string_equal(result.kernel, "");
	set_active("bond0", 0);
	activate(0, 1);
	expect(HaReason_roleNotReached, "bond0 uses no port, although the kernel has taken eth1",
	       2);
}

TEST(a_kernel_that_does_not_answer_is_not_waited_for)
{
	kernel.deaf = true;
	activate(0, 1);
	expect(HaReason_timeout, "bond0 is left as it is: the kernel does not say how it is", 0);
}

/* Until all is told that has to be known, nothing is done. */
TEST(links_that_are_cut_do_no_harm)
{
	static const char *const names[] = { "bond0", "eth1" };

	for (size_t i = 0; i < COUNT(names); i++) {
		struct nlmsghdr *link = find_link(0, names[i]);
		struct nlattr *last = attribute_of(link, IFLA_LINKINFO);
		uint32_t needed = (uint32_t)((char *)last - (char *)link) + last->nla_len;

		kernel.cut_name = names[i];
		for (kernel.cut = NLMSG_LENGTH(sizeof(struct ifinfomsg)); kernel.cut < needed;
		     kernel.cut += NLA_ALIGNTO) {
			set_active("bond0", head_of("eth0")->ifi_index);
			activate(0, 1);
			assert_int_equal(kernel.orders, 0);
			assert_int_not_equal(result.reason, HaReason_none);
		}
	}
}

#define WITH_KERNEL(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_KERNEL(a_port_is_made_active),
		WITH_KERNEL(the_active_port_is_left_alone),
		WITH_KERNEL(the_balancing_modes_with_an_active_port_are_changed_too),
		WITH_KERNEL(what_is_read_back_counts_and_not_the_answer),
		WITH_KERNEL(a_bond_must_be_there),
		WITH_KERNEL(a_mode_must_have_an_active_port),
		WITH_KERNEL(a_port_must_be_one_of_the_bond),
		WITH_KERNEL(a_port_must_be_up),
		WITH_KERNEL(the_kernel_may_refuse),
		WITH_KERNEL(an_order_without_an_effect_is_no_success),
		WITH_KERNEL(a_kernel_that_does_not_answer_is_not_waited_for),
		WITH_KERNEL(links_that_are_cut_do_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
