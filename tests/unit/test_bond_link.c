/* Tests what is read of the kernel's messages about bonds.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/bond/link.h"

#include <linux/if.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>

#include "lib/memory.h"
#include "subagent/sources/bond/lacp.h"
#include "tests/unit/check.h"
#include "tests/unit/test_bond_world.h"

/* Positions in the recorded dumps: the loopback, then the ports, then the bond. */
#define ETH0 1
#define ETH1 2
#define BOND0 3
#define LACP_BOND0 4

/* ---- recorded ---- */

TEST(a_bond_is_read)
{
	struct bond_link link = bonds_link("delays.dump", BOND0);

	assert_string_equal(link.name, "bond0");
	assert_true(link.is_bond && link.admin_up);
	assert_int_equal(link.master, 0);
	assert_int_equal(link.oper, IF_OPER_UP);
	assert_int_equal(link.carrier, 1);
	assert_int_equal(link.bond.mode, 1);
	assert_int_equal(link.bond.miimon, 50);
	assert_int_equal(link.bond.down_delay, 200);
	assert_int_equal(link.bond.up_delay, 300);
	assert_int_equal(link.bond.use_carrier, 1);
	assert_int_equal(link.bond.min_links, 1);
	assert_int_equal(link.bond.reselect, 1);
	assert_int_equal(link.bond.arp_interval, 0);
	assert_int_equal(link.bond.active, 3);
	assert_int_equal(link.bond.primary, 3);
	assert_int_equal(link.bond.aggregator, BOND_UNTOLD);
	assert_int_equal(link.address.length, 6);
}

TEST(a_port_is_read)
{
	static const uint8_t own[] = { 2, 0, 0, 0, 1, 1 };
	struct bond_link link = bonds_link("active-backup.dump", ETH1);

	assert_string_equal(link.name, "eth1");
	assert_false(link.is_bond);
	assert_int_equal(link.master, 4);
	assert_int_equal(link.port.state, 1);
	assert_int_equal(link.port.mii_status, 0);
	assert_int_equal(link.port.failures, 0);
	assert_int_equal(link.port.queue, 0);
	assert_int_equal(link.port.aggregator, BOND_UNTOLD);
	assert_int_equal(link.port.address.length, 6);
	assert_memory_equal(link.port.address.octet, own, 6);
}

TEST(lacp_is_read)
{
	static const uint8_t partner[] = { 2, 0, 0, 0, 2, 0 };
	struct bond_link bond = bonds_link("lacp.dump", LACP_BOND0);
	struct bond_link port = bonds_link("lacp.dump", ETH1);

	assert_int_equal(bond.bond.mode, 4);
	assert_int_equal(bond.bond.lacp_rate, 1);
	assert_int_equal(bond.bond.ad_select, 0);
	assert_int_equal(bond.bond.aggregator, 1);
	assert_int_equal(bond.bond.actor_key, 15);
	assert_int_equal(bond.bond.partner_key, 15);
	assert_int_equal(bond.bond.partner_system.length, 6);
	assert_memory_equal(bond.bond.partner_system.octet, partner, 6);
	assert_int_equal(port.port.aggregator, 1);
	assert_int_equal(port.port.actor_state, 0x3f);
	assert_int_equal(port.port.partner_state, 0x3f);
}

TEST(arp_targets_are_read)
{
	struct bond_link link = bonds_link("arp.dump", BOND0);

	assert_int_equal(link.bond.arp_interval, 200);
	assert_int_equal(link.bond.miimon, 0);
	assert_string_equal(link.bond.arp_targets, "192.0.2.1,192.0.2.2");
}

TEST(another_link_is_neither_bond_nor_port)
{
	struct bond_link link = bonds_link("lacp.dump", 0);

	assert_string_equal(link.name, "lo");
	assert_false(link.is_bond);
	assert_int_equal(link.master, 0);
}

/* ---- made ---- */

static _Alignas(struct nlmsghdr) unsigned char room[8192];
static struct nlmsghdr *const message = (struct nlmsghdr *)(void *)room;

static struct rtattr *put(uint16_t type, const void *value, size_t length)
{
	struct rtattr *attribute = (void *)(room + NLMSG_ALIGN(message->nlmsg_len));

	attribute->rta_type = type;
	attribute->rta_len = (uint16_t)RTA_LENGTH(length);
	if (length)
		memcpy(RTA_DATA(attribute), value, length);
	message->nlmsg_len =
		NLMSG_ALIGN(message->nlmsg_len) + (uint32_t)RTA_ALIGN(attribute->rta_len);
	return attribute;
}

static void put_number(uint16_t type, uint32_t number, size_t length)
{
	put(type, &number, length);
}

static struct rtattr *begin(uint16_t type)
{
	return put(type, NULL, 0);
}

static void end(struct rtattr *nested)
{
	nested->rta_len =
		(uint16_t)(room + NLMSG_ALIGN(message->nlmsg_len) - (unsigned char *)nested);
}

static struct ifinfomsg *begin_message(uint16_t type)
{
	struct ifinfomsg *head = NLMSG_DATA(message);

	memset(room, 0, sizeof(room));
	message->nlmsg_type = type;
	message->nlmsg_len = NLMSG_LENGTH(sizeof(*head));
	head->ifi_index = 7;
	head->ifi_flags = IFF_UP;
	return head;
}

static struct rtattr *info, *data;

static void begin_kind(uint16_t kind_type, uint16_t data_type)
{
	begin_message(RTM_NEWLINK);
	put(IFLA_IFNAME, "x1", 3);
	put_number(IFLA_MASTER, 9, 4);
	info = begin(IFLA_LINKINFO);
	put(kind_type, "bond", 5);
	data = begin(data_type);
}

static struct bond_link read_kind(void)
{
	struct bond_link link;

	end(data);
	end(info);
	assert_true(bond_link_read(&link, message));
	return link;
}

TEST(what_is_missing_is_untold)
{
	struct bond_link link;

	begin_kind(IFLA_INFO_KIND, IFLA_INFO_DATA);
	link = read_kind();
	assert_true(link.is_bond);
	assert_int_equal(link.master, 0);
	assert_int_equal(link.carrier, BOND_UNTOLD);
	assert_int_equal(link.bond.mode, BOND_UNTOLD);
	assert_int_equal(link.bond.miimon, BOND_UNTOLD);
	assert_int_equal(link.bond.partner_system.length, 0);
	begin_kind(IFLA_INFO_SLAVE_KIND, IFLA_INFO_SLAVE_DATA);
	link = read_kind();
	assert_false(link.is_bond);
	assert_int_equal(link.master, 9);
	assert_int_equal(link.port.mii_status, BOND_UNTOLD);
}

TEST(numbers_of_any_usual_width_are_read_and_others_are_not)
{
	struct bond_link link;

	begin_kind(IFLA_INFO_KIND, IFLA_INFO_DATA);
	put_number(IFLA_BOND_MODE, 4, 4);
	put_number(IFLA_BOND_MIIMON, 100, 2);
	put_number(IFLA_BOND_UPDELAY, 100, 3);
	put_number(IFLA_BOND_DOWNDELAY, 0, 0);
	put(IFLA_BOND_MIN_LINKS, "01234567", 8);
	link = read_kind();
	assert_int_equal(link.bond.mode, 4);
	assert_int_equal(link.bond.miimon, 100);
	assert_int_equal(link.bond.up_delay, BOND_UNTOLD);
	assert_int_equal(link.bond.down_delay, BOND_UNTOLD);
	assert_int_equal(link.bond.min_links, BOND_UNTOLD);
}

TEST(of_two_that_are_the_same_the_last_counts)
{
	struct bond_link link;

	begin_kind(IFLA_INFO_KIND, IFLA_INFO_DATA);
	put_number(IFLA_BOND_MIIMON, 100, 4);
	put_number(IFLA_BOND_MIIMON, 50, 4);
	link = read_kind();
	assert_int_equal(link.bond.miimon, 50);
}

TEST(addresses_that_are_too_long_are_left_out)
{
	static const unsigned char octets[40];
	struct bond_link link;

	begin_kind(IFLA_INFO_SLAVE_KIND, IFLA_INFO_SLAVE_DATA);
	put(IFLA_BOND_SLAVE_PERM_HWADDR, octets, 21);
	link = read_kind();
	assert_int_equal(link.port.address.length, 0);
	begin_kind(IFLA_INFO_SLAVE_KIND, IFLA_INFO_SLAVE_DATA);
	put(IFLA_BOND_SLAVE_PERM_HWADDR, octets, 20);
	link = read_kind();
	assert_int_equal(link.port.address.length, 20);
}

TEST(targets_are_left_out_as_a_whole)
{
	struct rtattr *targets;
	struct bond_link link;
	char last[] = "2001:db8:1111:2222:3333:4444:5555:6666";

	begin_kind(IFLA_INFO_KIND, IFLA_INFO_DATA);
	targets = begin(IFLA_BOND_NS_IP6_TARGET);
	for (uint16_t i = 0; i < 16; i++)
		put(i, "\x20\x01\x0d\xb8\x11\x11\x22\x22\x33\x33\x44\x44\x55\x55\x66\x66", 16);
	put(16, "short", 5);
	end(targets);
	link = read_kind();
	assert_true(strlen(link.bond.arp_targets) < sizeof(link.bond.arp_targets));
	assert_string_equal(link.bond.arp_targets + strlen(link.bond.arp_targets) - strlen(last),
			    last);
}

TEST(a_message_that_is_not_about_a_link_is_refused)
{
	struct bond_link link;
	struct ifinfomsg *head;

	head = begin_message(RTM_NEWLINK);
	put(IFLA_IFNAME, "x1", 3);
	assert_true(bond_link_read(&link, message));
	head->ifi_family = AF_BRIDGE;
	assert_false(bond_link_read(&link, message));
	head->ifi_family = AF_UNSPEC;
	head->ifi_index = -1;
	assert_false(bond_link_read(&link, message));
	head->ifi_index = 7;
	message->nlmsg_type = RTM_NEWADDR;
	assert_false(bond_link_read(&link, message));
	message->nlmsg_type = RTM_NEWLINK;
	message->nlmsg_len = NLMSG_LENGTH(sizeof(*head)) - 1;
	assert_false(bond_link_read(&link, message));
}

TEST(a_name_that_is_none_is_refused)
{
	static const struct {
		const char *name;
		size_t length;
	} wrong[] = { { "x1", 2 }, { "", 1 }, { "", 0 }, { "0123456789abcdef", 17 } };
	struct bond_link link;

	for (size_t i = 0; i < COUNT(wrong); i++) {
		begin_message(RTM_NEWLINK);
		put(IFLA_IFNAME, wrong[i].name, wrong[i].length);
		assert_false(bond_link_read(&link, message));
	}
}

TEST(a_link_that_goes_is_named_by_its_index)
{
	struct ifinfomsg *head = begin_message(RTM_DELLINK);

	assert_int_equal(bond_link_gone(message), 7);
	head->ifi_family = AF_BRIDGE;
	assert_int_equal(bond_link_gone(message), 0);
	begin_message(RTM_NEWLINK);
	assert_int_equal(bond_link_gone(message), 0);
}

/* In memory of exactly that length, so that a reader that goes too far is seen. */
TEST(a_message_may_be_cut_anywhere)
{
	static const char *const files[] = { "lacp.dump", "arp.dump", "delays.dump" };
	struct bond_link link;

	for (size_t file = 0; file < COUNT(files); file++) {
		size_t whole, length = 0;
		unsigned char *octets = bonds_recorded(files[file], &whole), *cut;

		for (; length < whole; length += 4) {
			struct nlmsghdr *head;

			cut = memory_new(1, length + NLMSG_HDRLEN);
			memcpy(cut, octets, length + NLMSG_HDRLEN > whole ? whole : length + 16);
			head = (struct nlmsghdr *)(void *)cut;
			head->nlmsg_type = RTM_NEWLINK;
			head->nlmsg_len = (uint32_t)(length + NLMSG_HDRLEN);
			bond_link_read(&link, head);
			free(cut);
		}
		free(octets);
	}
}

/* ---- /proc/net/bonding ---- */

TEST(the_partner_of_each_port_is_read)
{
	static const uint8_t other[] = { 2, 0, 0, 0, 3, 0 };
	size_t length;
	char *text = (char *)bonds_recorded("lacp-foreign.proc", &length);
	struct bond_lacp lacp;

	bond_lacp_read(&lacp, text, "eth1");
	assert_true(lacp.told);
	assert_int_equal(lacp.actor_key, 15);
	assert_int_equal(lacp.partner_system_priority, 65535);
	assert_int_equal(lacp.partner_key, 15);
	assert_int_equal(lacp.partner_port, 2);
	assert_int_equal(lacp.partner_port_priority, 255);
	assert_int_equal(lacp.partner_system.octet[4], 2);
	bond_lacp_read(&lacp, text, "eth2");
	assert_int_equal(lacp.partner_port, 1);
	assert_memory_equal(lacp.partner_system.octet, other, 6);
	bond_lacp_read(&lacp, text, "eth3");
	assert_false(lacp.told);
	free(text);
}

/* So it reads for those who may not set anything. */
TEST(without_the_details_nothing_is_told_of_a_partner)
{
	struct bond_lacp lacp;

	bond_lacp_read(&lacp, "Slave Interface: eth0\nMII Status: up\nAggregator ID: 1\n", "eth0");
	assert_false(lacp.told);
	bond_lacp_read(&lacp, "", "eth0");
	assert_false(lacp.told);
}

TEST(numbers_that_are_none_are_left_out)
{
	struct bond_lacp lacp;

	bond_lacp_read(&lacp,
		       "Slave Interface: eth0\ndetails partner lacp pdu:\n"
		       "    system mac address: 02:00:00:00:zz:00\n    oper key: 70000\n"
		       "    port number: -1\n    port priority: 7",
		       "eth0");
	assert_true(lacp.told);
	assert_int_equal(lacp.partner_system.length, 0);
	assert_int_equal(lacp.partner_key, 0);
	assert_int_equal(lacp.partner_port, 0);
	assert_int_equal(lacp.partner_port_priority, 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_bond_is_read),
		cmocka_unit_test(a_port_is_read),
		cmocka_unit_test(lacp_is_read),
		cmocka_unit_test(arp_targets_are_read),
		cmocka_unit_test(another_link_is_neither_bond_nor_port),
		cmocka_unit_test(what_is_missing_is_untold),
		cmocka_unit_test(numbers_of_any_usual_width_are_read_and_others_are_not),
		cmocka_unit_test(of_two_that_are_the_same_the_last_counts),
		cmocka_unit_test(addresses_that_are_too_long_are_left_out),
		cmocka_unit_test(targets_are_left_out_as_a_whole),
		cmocka_unit_test(a_message_that_is_not_about_a_link_is_refused),
		cmocka_unit_test(a_name_that_is_none_is_refused),
		cmocka_unit_test(a_link_that_goes_is_named_by_its_index),
		cmocka_unit_test(a_message_may_be_cut_anywhere),
		cmocka_unit_test(the_partner_of_each_port_is_read),
		cmocka_unit_test(without_the_details_nothing_is_told_of_a_partner),
		cmocka_unit_test(numbers_that_are_none_are_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
