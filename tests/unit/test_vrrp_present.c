/* Tests the set of addresses and interfaces: messages of rtnetlink in, what is where out.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/vrrp/present.h"

#include <linux/if.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/check.h"

#define LO 1
#define ETH0 2
#define ETH1 3
#define RUNNING (IFF_UP | IFF_RUNNING)

static struct present_set set;
static _Alignas(struct nlmsghdr) unsigned char octets[256];
static struct nlmsghdr *const message = (void *)octets;

static int make(void **state)
{
	(void)state;
	memset(&set, 0, sizeof(set));
	return 0;
}

static int unmake(void **state)
{
	(void)state;
	present_free(&set);
	return 0;
}

/* ---- messages ---- */

static void begin(uint16_t type, const void *head, size_t size)
{
	memset(octets, 0, sizeof(octets));
	message->nlmsg_type = type;
	message->nlmsg_len = (uint32_t)(NLMSG_HDRLEN + NLMSG_ALIGN(size));
	memcpy(NLMSG_DATA(message), head, size);
}

static void put(uint16_t type, const void *value, size_t size)
{
	struct rtattr *attribute = (void *)(octets + NLMSG_ALIGN(message->nlmsg_len));

	attribute->rta_type = type;
	attribute->rta_len = (uint16_t)RTA_LENGTH(size);
	memcpy(RTA_DATA(attribute), value, size);
	message->nlmsg_len += (uint32_t)RTA_SPACE(size);
}

static bool link_of(uint16_t type, int index, const char *name, unsigned int flags)
{
	struct ifinfomsg head = { .ifi_index = index, .ifi_flags = flags };

	begin(type, &head, sizeof(head));
	if (name)
		put(IFLA_IFNAME, name, strlen(name) + 1);
	return present_take(&set, message);
}

static struct address address_of(const char *text)
{
	struct address address;

	assert_true(address_parse(&address, text, 0));
	return address;
}

static void make_place(uint16_t type, uint32_t interface, const char *text, uint32_t flags)
{
	struct address address = address_of(text);
	struct ifaddrmsg head = {
		.ifa_family = (uint8_t)address.family,
		.ifa_prefixlen = 24,
		.ifa_flags = (uint8_t)flags,
		.ifa_index = interface,
	};

	begin(type, &head, sizeof(head));
	put(IFA_ADDRESS, address.octets, address.family == AF_INET6 ? 16 : 4);
	put(IFA_FLAGS, &flags, sizeof(flags));
}

static bool place(uint16_t type, uint32_t interface, const char *text, uint32_t flags)
{
	make_place(type, interface, text, flags);
	return present_take(&set, message);
}

static const struct present *find(const char *text, uint32_t wanted)
{
	struct address address = address_of(text);

	return present_find(&set, &address, wanted);
}

/* What a message does to the version. */
static uint32_t moved(bool taken)
{
	static uint32_t before;
	uint32_t step = set.version - before;

	assert_true(taken);
	before = set.version;
	return step;
}

static void make_interfaces(void)
{
	link_of(RTM_NEWLINK, ETH1, "eth1", IFF_UP);
	link_of(RTM_NEWLINK, LO, "lo", RUNNING | IFF_LOOPBACK);
	link_of(RTM_NEWLINK, ETH0, "eth0", RUNNING);
	moved(true);
}

/* ---- tests ---- */

TEST(interfaces_are_found_by_name_and_index)
{
	make_interfaces();
	assert_int_equal(present_interface(&set, "eth0")->index, ETH0);
	assert_true(present_interface(&set, "eth0")->running);
	assert_false(present_interface(&set, "eth1")->running);
	assert_null(present_interface(&set, "eth2"));
	assert_string_equal(present_interface_name(&set, LO), "lo");
	assert_null(present_interface_name(&set, 7));
	assert_int_equal(moved(link_of(RTM_NEWLINK, ETH0, "eth0", RUNNING)), 0);
	assert_int_equal(moved(link_of(RTM_NEWLINK, ETH0, "eth0", IFF_UP)), 1);
	assert_true(moved(link_of(RTM_NEWLINK, ETH0, "a0", IFF_UP)) > 0);
	assert_null(present_interface(&set, "eth0"));
	assert_int_equal(present_interface(&set, "a0")->index, ETH0);
}

TEST(an_interface_that_goes_takes_its_addresses_along)
{
	make_interfaces();
	place(RTM_NEWADDR, ETH0, "192.0.2.1", 0);
	place(RTM_NEWADDR, ETH1, "192.0.2.2", 0);
	assert_true(link_of(RTM_DELLINK, ETH0, NULL, 0));
	assert_null(present_interface(&set, "eth0"));
	assert_null(find("192.0.2.1", 0));
	assert_non_null(find("192.0.2.2", 0));
}

TEST(a_port_that_leaves_a_bridge_stays)
{
	struct ifinfomsg head = { .ifi_family = AF_BRIDGE, .ifi_index = ETH0 };

	make_interfaces();
	begin(RTM_DELLINK, &head, sizeof(head));
	assert_int_equal(moved(present_take(&set, message)), 0);
	assert_non_null(present_interface(&set, "eth0"));
}

TEST(addresses_come_and_go)
{
	make_interfaces();
	assert_int_equal(moved(place(RTM_NEWADDR, ETH0, "192.0.2.1", 0)), 1);
	assert_int_equal(moved(place(RTM_NEWADDR, ETH0, "192.0.2.1", 0)), 0);
	assert_int_equal(moved(place(RTM_NEWADDR, ETH0, "2001:db8::1", 0)), 1);
	assert_int_equal(find("192.0.2.1", ETH0)->interface, ETH0);
	assert_int_equal(find("192.0.2.1", ETH0)->prefix_length, 24);
	assert_int_equal(find("2001:db8::1", ETH1)->interface, ETH0);
	assert_null(find("192.0.2.2", ETH0));
	assert_int_equal(moved(place(RTM_DELADDR, ETH1, "192.0.2.1", 0)), 0);
	assert_int_equal(moved(place(RTM_DELADDR, ETH0, "192.0.2.1", 0)), 1);
	assert_null(find("192.0.2.1", ETH0));
}

TEST(one_address_may_be_in_several_places)
{
	make_interfaces();
	place(RTM_NEWADDR, LO, "192.0.2.1", 0);
	assert_true(find("192.0.2.1", ETH0)->loopback);
	place(RTM_NEWADDR, ETH1, "192.0.2.1", 0);
	assert_int_equal(find("192.0.2.1", ETH0)->interface, ETH1);
	place(RTM_NEWADDR, ETH0, "192.0.2.1", 0);
	assert_int_equal(find("192.0.2.1", ETH0)->interface, ETH0);
	assert_int_equal(find("192.0.2.1", LO)->interface, LO);
}

TEST(what_ipv6_finds_out_is_kept)
{
	make_interfaces();
	place(RTM_NEWADDR, ETH0, "2001:db8::1", IFA_F_TENTATIVE);
	assert_true(find("2001:db8::1", ETH0)->tentative);
	moved(true);
	assert_int_equal(moved(place(RTM_NEWADDR, ETH0, "2001:db8::1", 0)), 1);
	assert_false(find("2001:db8::1", ETH0)->tentative);
	place(RTM_NEWADDR, ETH0, "2001:db8::1", IFA_F_TENTATIVE | IFA_F_DADFAILED);
	assert_true(find("2001:db8::1", ETH0)->duplicate);
	place(RTM_NEWADDR, ETH0, "2001:db8::1", IFA_F_TENTATIVE | IFA_F_OPTIMISTIC);
	assert_false(find("2001:db8::1", ETH0)->tentative);
}

TEST(this_end_counts_not_the_other)
{
	struct address here = address_of("192.0.2.1");

	make_interfaces();
	make_place(RTM_NEWADDR, ETH0, "192.0.2.2", 0);
	put(IFA_LOCAL, here.octets, 4);
	assert_true(present_take(&set, message));
	assert_non_null(find("192.0.2.1", ETH0));
	assert_null(find("192.0.2.2", ETH0));
}

TEST(what_a_dump_does_not_have_goes)
{
	make_interfaces();
	place(RTM_NEWADDR, ETH0, "192.0.2.1", 0);
	place(RTM_NEWADDR, ETH0, "192.0.2.2", 0);
	present_begin(&set);
	link_of(RTM_NEWLINK, LO, "lo", RUNNING);
	link_of(RTM_NEWLINK, ETH0, "eth0", RUNNING);
	present_end_interfaces(&set);
	assert_null(present_interface(&set, "eth1"));
	assert_non_null(find("192.0.2.1", ETH0));
	place(RTM_NEWADDR, ETH0, "192.0.2.2", 0);
	present_end_addresses(&set);
	assert_null(find("192.0.2.1", ETH0));
	assert_non_null(find("192.0.2.2", ETH0));
}

TEST(many_addresses_stay_in_order)
{
	char text[32];

	make_interfaces();
	for (unsigned int i = 0; i < 1000; i++) {
		snprintf(text, sizeof(text), "10.0.%u.%u", i * 7 % 1000 / 250, i * 7 % 250 + 1);
		place(RTM_NEWADDR, ETH0, text, 0);
	}
	for (unsigned int i = 0; i < 1000; i++) {
		snprintf(text, sizeof(text), "10.0.%u.%u", i * 7 % 1000 / 250, i * 7 % 250 + 1);
		assert_non_null(find(text, ETH0));
	}
}

TEST(what_is_cut_or_wrong_is_rejected)
{
	static const char long_name[] = "a-name-of-17-cha";
	struct ifinfomsg head = { .ifi_index = ETH0 };
	uint8_t three[3] = { 192, 0, 2 };
	struct ifaddrmsg at = { .ifa_family = AF_INET, .ifa_index = ETH0 };

	assert_false(link_of(RTM_NEWLINK, ETH0, NULL, 0));
	assert_false(link_of(RTM_NEWLINK, ETH0, "", 0));
	assert_false(link_of(RTM_NEWLINK, 0, "eth0", 0));
	assert_false(link_of(RTM_NEWLINK, ETH0, long_name, 0));
	begin(RTM_NEWLINK, &head, sizeof(head));
	put(IFLA_IFNAME, "eth0", 4); /* without a NUL */
	assert_false(present_take(&set, message));
	begin(RTM_NEWLINK, &head, sizeof(head));
	put(IFLA_IFNAME, "\0\0", 3);
	assert_false(present_take(&set, message));
	begin(RTM_NEWADDR, &at, sizeof(at));
	assert_false(present_take(&set, message));
	put(IFA_ADDRESS, three, sizeof(three));
	assert_false(present_take(&set, message));
	begin(RTM_NEWADDR, &at, 4);
	assert_false(present_take(&set, message));
	begin(RTM_NEWROUTE, &at, sizeof(at));
	assert_false(present_take(&set, message));
	assert_int_equal(set.version, 0);
}

#define WITH(test) cmocka_unit_test_setup_teardown(test, make, unmake)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(interfaces_are_found_by_name_and_index),
		WITH(an_interface_that_goes_takes_its_addresses_along),
		WITH(a_port_that_leaves_a_bridge_stays),
		WITH(addresses_come_and_go),
		WITH(one_address_may_be_in_several_places),
		WITH(what_ipv6_finds_out_is_kept),
		WITH(this_end_counts_not_the_other),
		WITH(what_a_dump_does_not_have_goes),
		WITH(many_addresses_stay_in_order),
		WITH(what_is_cut_or_wrong_is_rejected),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
