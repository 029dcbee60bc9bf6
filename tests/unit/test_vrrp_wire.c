/* Tests the sockets that listen to adverts, on interfaces of a network namespace of its own.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/vrrp/wire/wire.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/log.h"
#include "lib/loop.h"
#include "lib/memory.h"
#include "mib/ha-agentx-mib.h"
#include "tests/unit/check.h"
#include "tests/unit/vrrp_packets.h"

#define DEADLINE 20000 /* milliseconds, for a loaded machine */
#define MOMENT 150     /* milliseconds in which nothing is to happen */

/* An interface whose other end is this program. */
struct link {
	int fd;
	uint32_t index;
	bool ethernet;
};

static bool possible; /* to make namespaces and interfaces */
static struct link tap;
static struct wire *wire;

/* ---- links ---- */

static void set_flags(const char *name, bool up)
{
	struct ifreq request = { 0 };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	TEXT_PUT(request.ifr_name, name);
	assert_int_equal(ioctl(fd, SIOCGIFFLAGS, &request), 0);
	request.ifr_flags = (short)(up ? request.ifr_flags | IFF_UP : request.ifr_flags & ~IFF_UP);
	assert_int_equal(ioctl(fd, SIOCSIFFLAGS, &request), 0);
	close(fd);
}

/* With an index of 0 the kernel chooses one. */
static struct link make_link(const char *name, uint32_t index, bool ethernet)
{
	struct link link = { .fd = open("/dev/net/tun", O_RDWR), .ethernet = ethernet };
	struct ifreq request = { .ifr_flags = (short)((ethernet ? IFF_TAP : IFF_TUN) | IFF_NO_PI) };

	TEXT_PUT(request.ifr_name, name);
	assert_true(link.fd >= 0);
	if (index)
		assert_int_equal(ioctl(link.fd, TUNSETIFINDEX, &index), 0);
	assert_int_equal(ioctl(link.fd, TUNSETIFF, &request), 0);
	link.index = if_nametoindex(name);
	assert_int_not_equal(link.index, 0);
	set_flags(name, true);
	return link;
}

static bool is_possible(void)
{
	struct ifreq request = { .ifr_flags = IFF_TAP | IFF_NO_PI };
	int flags = geteuid() == 0 ? CLONE_NEWNET : CLONE_NEWUSER | CLONE_NEWNET;
	int fd;

	if (unshare(flags) < 0)
		return false;
	fd = open("/dev/net/tun", O_RDWR);
	if (fd < 0)
		return false;
	flags = ioctl(fd, TUNSETIFF, &request);
	close(fd);
	return flags == 0;
}

static int look_around(void **state)
{
	(void)state;
	possible = is_possible();
	return 0;
}

static int begin(void **state)
{
	(void)state;
	if (!possible)
		return 0;
	tap = make_link("tap0", 0, true);
	wire = wire_open();
	assert_true(wire_listen(wire, &tap.index, 1));
	assert_string_equal(wire_error(wire), "");
	return 0;
}

static int finish(void **state)
{
	(void)state;
	if (!possible)
		return 0;
	wire_close(wire);
	close(tap.fd);
	return 0;
}

#define NEEDS_LINKS()                                                                              \
	do {                                                                                       \
		if (!possible) {                                                                   \
			print_message("needs a network namespace and /dev/net/tun\n");             \
			skip();                                                                    \
		}                                                                                  \
	} while (0)

/* ---- packets ---- */

/* It comes over the link; on Ethernet behind `tag', if any. */
static void bring(const struct link *link, const struct packet *packet, const uint8_t *tag)
{
	static uint8_t frame[ETH_HLEN + 4 + sizeof(packet->octets)];
	bool ipv4 = packet->octets[0] >> 4 == 4;
	size_t head = 0;

	if (link->ethernet) {
		memcpy(frame, ipv4 ? "\1\0\136\0\0\22" : "\63\63\0\0\0\22", ETH_ALEN);
		memcpy(frame + 6, "\0\0\136\0\1\5", ETH_ALEN);
		head = 12;
		if (tag) {
			memcpy(frame + head, tag, 4);
			head += 4;
		}
		memcpy(frame + head, ipv4 ? "\10\0" : "\206\335", 2);
		head += 2;
	}
	memcpy(frame + head, packet->octets, packet->length);
	assert_int_equal(write(link->fd, frame, head + packet->length), head + packet->length);
}

static void bring_recorded(const char *name)
{
	struct packet packet = packet_recorded(name);

	bring(&tap, &packet, NULL);
}

/* This node sends it. */
static void send_out(const struct link *link, const struct packet *packet)
{
	struct sockaddr_ll to = { .sll_family = AF_PACKET,
				  .sll_protocol = htons(ETH_P_IP),
				  .sll_ifindex = (int)link->index,
				  .sll_halen = ETH_ALEN,
				  .sll_addr = { 1, 0, 0x5e, 0, 0, 0x12 } };
	int fd = socket(AF_PACKET, SOCK_DGRAM, 0);

	assert_int_equal(
		sendto(fd, packet->octets, packet->length, 0, (struct sockaddr *)&to, sizeof(to)),
		packet->length);
	close(fd);
}

/* ---- what is known ---- */

static const struct heard *known(uint8_t vrid)
{
	size_t count;
	const struct heard *const *all = wire_routers(wire, &count);

	for (size_t i = 0; i < count; i++)
		if (all[i]->vrid == vrid)
			return all[i];
	return NULL;
}

static int32_t state_of(uint8_t vrid)
{
	return known(vrid) ? known(vrid)->state : 0;
}

static void turn(int64_t until)
{
	wire_watch(wire);
	loop_wake(until);
	loop_turn();
}

static void pass(int64_t milliseconds)
{
	int64_t end = clock_now() + milliseconds;

	while (clock_now() < end)
		turn(end);
}

#define WAIT_FOR(condition)                                                                        \
	do {                                                                                       \
		int64_t deadline = clock_now() + DEADLINE;                                         \
		while (!(condition) && clock_now() < deadline)                                     \
			turn(clock_now() + 100);                                                   \
		assert_true(condition);                                                            \
	} while (0)

/* ---- listening ---- */

TEST(what_comes_is_heard)
{
	uint32_t version;

	NEEDS_LINKS();
	version = wire_version(wire);
	bring_recorded("v3");
	WAIT_FOR(state_of(5) == haVrrpRouterState_advertising);
	assert_int_not_equal(wire_version(wire), version);
	assert_int_equal(known(5)->interface, tap.index);
	assert_string_equal(known(5)->interface_name, "tap0");
	assert_false(known(5)->own);
	assert_in_range(known(5)->last, clock_now() - DEADLINE, clock_now());
	assert_in_range(known(5)->last_wall, clock_wall() - DEADLINE, clock_wall() + 1);
}

TEST(every_kind_of_advert_is_heard)
{
	static const char *const names[] = { "v2-password", "v2-ah", "v3-many", "ipv6" };
	static const uint8_t vrids[] = { 2, 3, 7, 11 };

	NEEDS_LINKS();
	for (size_t i = 0; i < COUNT(names); i++)
		bring_recorded(names[i]);
	for (size_t i = 0; i < COUNT(names); i++)
		WAIT_FOR(state_of(vrids[i]) == haVrrpRouterState_advertising);
	bring_recorded("ipv6-resigned");
	WAIT_FOR(state_of(11) == haVrrpRouterState_resigned);
}

TEST(what_this_node_sends_is_its_own)
{
	struct packet packet;

	NEEDS_LINKS();
	packet = packet_recorded("v3");
	send_out(&tap, &packet);
	WAIT_FOR(known(5));
	assert_true(known(5)->own);
}

TEST(other_vlans_of_the_interface_are_other_links)
{
	static const uint8_t tag_100[] = { 0x81, 0, 0, 100 }, priority[] = { 0x81, 0, 0xE0, 0 };
	struct packet packet;

	NEEDS_LINKS();
	packet = packet_recorded("v3");
	bring(&tap, &packet, tag_100);
	pass(MOMENT);
	assert_null(known(5));
	bring(&tap, &packet, priority);
	WAIT_FOR(known(5));
}

TEST(a_link_need_not_be_ethernet)
{
	uint32_t both[2];
	struct packet packet;
	struct link tun;

	NEEDS_LINKS();
	tun = make_link("tun0", 0, false);
	both[0] = tap.index;
	both[1] = tun.index;
	assert_true(wire_listen(wire, both, 2));
	packet = packet_recorded("v3");
	bring(&tun, &packet, NULL);
	WAIT_FOR(known(5));
	assert_string_equal(known(5)->interface_name, "tun0");
	close(tun.fd);
}

TEST(what_is_not_valid_is_counted)
{
	struct packet packet;

	NEEDS_LINKS();
	packet = packet_recorded("v3");
	packet.octets[packet.message + 6]++;
	bring(&tap, &packet, NULL);
	WAIT_FOR(wire_waste(wire).invalid == 1);
	assert_null(known(5));
	bring_recorded("v3");
	WAIT_FOR(known(5));
	bring(&tap, &packet, NULL);
	WAIT_FOR(known(5)->errors == 1);
	assert_int_equal(wire_waste(wire).invalid, 1);
}

/* ---- time ---- */

/* A router that advertises every 100 ms, and so is silent soon. */
static struct packet hasty(void)
{
	struct packet packet = packet_recorded("v3");

	packet.octets[packet.message + 5] = 10;
	packet_finish(&packet, PSEUDO_DESTINATION, 0);
	return packet;
}

TEST(silence_is_seen_without_another_packet)
{
	struct packet packet;
	int64_t before;

	NEEDS_LINKS();
	packet = hasty();
	bring(&tap, &packet, NULL);
	WAIT_FOR(known(5));
	before = clock_now();
	while (state_of(5) == haVrrpRouterState_advertising)
		turn(before + DEADLINE);
	assert_int_equal(state_of(5), haVrrpRouterState_silent);
	assert_in_range(clock_now(), before, before + DEADLINE / 2);
}

/* Whether the next advert, the one of this number, is told to be as old as it is. The two clocks
 * are read one after the other: a millisecond of difference is none. */
static bool ages(uint64_t number)
{
	int64_t before = clock_now();

	bring_recorded("v3");
	usleep(MOMENT * 1000);
	WAIT_FOR(known(5) && known(5)->adverts == number);
	return known(5)->last >= before - 1 && known(5)->last <= clock_now() - MOMENT + 1;
}

TEST(an_advert_that_has_waited_for_us_is_as_old_as_it_is)
{
	uint64_t number = 1;

	NEEDS_LINKS();
	/* The kernel begins to stamp packets some time after the first socket has asked for it
	 * (net_enable_timestamp() leaves that to a worker): until then the time of reading counts.
	 */
	while (!ages(number) && number < 10)
		number++;
	assert_in_range(number, 1, 9);
}

TEST(what_waits_is_heard_before_anybody_is_silent)
{
	int64_t since;

	NEEDS_LINKS();
	bring_recorded("v3-fraction");
	WAIT_FOR(known(6));
	since = known(6)->since;
	/* Frozen for longer than its patience, 902 ms: it is not the router that was silent. */
	for (int i = 0; i < 5; i++) {
		usleep(240000);
		bring_recorded("v3-fraction");
	}
	WAIT_FOR(known(6)->adverts == 6);
	assert_int_equal(known(6)->state, haVrrpRouterState_advertising);
	assert_int_equal(known(6)->since, since);
}

TEST(after_an_overrun_a_router_is_unknown_first)
{
	struct packet packet;

	NEEDS_LINKS();
	packet = hasty();
	bring(&tap, &packet, NULL);
	WAIT_FOR(known(5));
	packet = packet_recorded("v2");
	for (int i = 0; i < 20000; i++)
		bring(&tap, &packet, NULL);
	WAIT_FOR(wire_waste(wire).overrun > 0);
	WAIT_FOR(state_of(5) != haVrrpRouterState_advertising);
	assert_int_equal(state_of(5), haVrrpRouterState_unknown);
	WAIT_FOR(state_of(5) == haVrrpRouterState_silent);
}

/* ---- interfaces come and go ---- */

TEST(an_interface_that_is_not_listened_to_any_more_is_forgotten)
{
	struct link other;

	NEEDS_LINKS();
	bring_recorded("v3");
	WAIT_FOR(known(5));
	other = make_link("tap1", 0, true);
	assert_true(wire_listen(wire, &other.index, 1));
	assert_null(known(5));
	bring_recorded("v3");
	pass(MOMENT);
	assert_null(known(5));
	close(other.fd);
}

TEST(listening_again_forgets_nothing)
{
	NEEDS_LINKS();
	bring_recorded("v3");
	WAIT_FOR(known(5));
	assert_true(wire_listen(wire, &tap.index, 1));
	assert_non_null(known(5));
}

TEST(an_interface_may_go_down_and_up)
{
	NEEDS_LINKS();
	bring_recorded("v3");
	WAIT_FOR(known(5));
	set_flags("tap0", false);
	pass(MOMENT);
	set_flags("tap0", true);
	bring_recorded("v3");
	WAIT_FOR(known(5)->adverts == 2);
}

TEST(an_interface_may_come_back_under_its_index)
{
	uint32_t index;

	NEEDS_LINKS();
	index = tap.index;
	set_flags("tap0", false);
	pass(MOMENT);
	close(tap.fd);
	pass(MOMENT);
	tap = make_link("tap9", index, true);
	for (int i = 0; i < 100 && !known(5); i++) {
		bring_recorded("v3");
		pass(MOMENT);
	}
	assert_non_null(known(5));
	assert_string_equal(known(5)->interface_name, "tap9");
	assert_string_equal(wire_error(wire), "");
}

TEST(an_interface_that_is_not_there_is_an_error_until_it_comes)
{
	uint32_t index = 4711;
	struct link late;

	NEEDS_LINKS();
	assert_false(wire_listen(wire, &index, 1));
	assert_string_equal(wire_error(wire), "interface 4711: No such device or address");
	late = make_link("late0", index, true);
	WAIT_FOR(!*wire_error(wire));
	close(late.fd);
}

TEST(another_name_is_another_interface)
{
	uint32_t index;

	NEEDS_LINKS();
	bring_recorded("v3");
	WAIT_FOR(known(5));
	index = tap.index;
	close(tap.fd);
	tap = make_link("tap7", index, true);
	assert_true(wire_listen(wire, &index, 1));
	assert_null(known(5));
	bring_recorded("v3");
	WAIT_FOR(known(5));
	assert_string_equal(known(5)->interface_name, "tap7");
}

#define ON_A_LINK(test) cmocka_unit_test_setup_teardown(test, begin, finish)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_A_LINK(what_comes_is_heard),
		ON_A_LINK(every_kind_of_advert_is_heard),
		ON_A_LINK(what_this_node_sends_is_its_own),
		ON_A_LINK(other_vlans_of_the_interface_are_other_links),
		ON_A_LINK(a_link_need_not_be_ethernet),
		ON_A_LINK(what_is_not_valid_is_counted),
		ON_A_LINK(silence_is_seen_without_another_packet),
		ON_A_LINK(an_advert_that_has_waited_for_us_is_as_old_as_it_is),
		ON_A_LINK(what_waits_is_heard_before_anybody_is_silent),
		ON_A_LINK(after_an_overrun_a_router_is_unknown_first),
		ON_A_LINK(an_interface_that_is_not_listened_to_any_more_is_forgotten),
		ON_A_LINK(listening_again_forgets_nothing),
		ON_A_LINK(an_interface_may_go_down_and_up),
		ON_A_LINK(an_interface_may_come_back_under_its_index),
		ON_A_LINK(an_interface_that_is_not_there_is_an_error_until_it_comes),
		ON_A_LINK(another_name_is_another_interface),
	};

	log_open("test");
	return cmocka_run_group_tests(tests, look_around, NULL);
}
