/* VRRP adverts by the thousand: sends them, listens to them, measures how long it takes.
 * SPDX-License-Identifier: BSD-2-Clause
 *
 *     adverts flood INTERFACE RATE SECONDS KIND...
 *
 * sends RATE packets a second of these kinds in turn: valid (one router), forged (valid, each from
 * another address), twice (the same, each of them two times), changing (one router that says
 * something else each time), checksum, short, version, ttl, count, random.
 *
 *     adverts router INTERFACE VRID MILLISECONDS SECONDS
 *
 * is one router of VRRPv3.
 *
 *     adverts listen SECONDS INTERFACE...
 *
 * prints each change of a router as it comes, and at the end what that has cost.
 *
 *     adverts latency FROM TO COUNT
 *
 * sends changes from one end of a link, and prints how long it takes until they are known at the
 * other, in microseconds: median, 99th percentile, longest.
 */
#include <arpa/inet.h>
#include <err.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/ip.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/loop.h"
#include "lib/memory.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/sources/vrrp/wire/wire.h"

enum {
	MESSAGE = sizeof(struct iphdr),
	LENGTH = MESSAGE + 12, /* of an advert of VRRPv3 with one address */
	TICK = 1000,           /* microseconds between two bursts of a flood */
	BURST = 512
};

struct packet {
	uint8_t octets[LENGTH];
	size_t length;
};

struct sender {
	int fd;
	struct sockaddr_ll to;
};

static unsigned long number(const char *text)
{
	char *end;
	unsigned long value = strtoul(text, &end, 10);

	if (!*text || *end)
		errx(2, "not a number: %s", text);
	return value;
}

static uint32_t index_of(const char *interface)
{
	uint32_t index = if_nametoindex(interface);

	if (!index)
		err(1, "%s", interface);
	return index;
}

/* ---- packets ---- */

static uint16_t sum_up(const uint8_t *octets, size_t length, uint32_t sum)
{
	for (size_t i = 0; i < length; i += 2)
		sum += (uint32_t)octets[i] << 8 | octets[i + 1];
	while (sum >> 16)
		sum = (sum & 0xFFFF) + (sum >> 16);
	return (uint16_t)~sum;
}

static void put_16(uint8_t *octets, unsigned int value)
{
	octets[0] = (uint8_t)(value >> 8);
	octets[1] = (uint8_t)value;
}

/* The checksums last. */
static void finish(struct packet *packet)
{
	uint8_t *octets = packet->octets;
	uint32_t pseudo = 112 + LENGTH - MESSAGE;

	put_16(octets + 10, 0);
	put_16(octets + 10, sum_up(octets, MESSAGE, 0));
	put_16(octets + MESSAGE + 6, 0);
	for (int i = 12; i < MESSAGE; i += 2)
		pseudo += (uint32_t)octets[i] << 8 | octets[i + 1];
	put_16(octets + MESSAGE + 6, sum_up(octets + MESSAGE, LENGTH - MESSAGE, pseudo));
}

/* VRRPv3 over IPv4 from 10.9.8.7 with the address 10.9.8.100. */
static struct packet make_advert(uint8_t vrid, uint8_t priority, unsigned int interval)
{
	static const uint8_t head[] = { 0x45, 0, 0,  LENGTH, 0, 0, 0,   0, 255, 112,
					0,    0, 10, 9,      8, 7, 224, 0, 0,   18 };
	struct packet packet = { .length = LENGTH };
	uint8_t *message = packet.octets + MESSAGE;

	memcpy(packet.octets, head, sizeof(head));
	message[0] = 0x31;
	message[1] = vrid;
	message[2] = priority;
	message[3] = 1;
	put_16(message + 4, interval / 10);
	memcpy(message + 8, "\12\11\10\144", 4);
	finish(&packet);
	return packet;
}

static struct packet forge(uint32_t count)
{
	struct packet packet = make_advert(7, 200, 1000);

	packet.octets[12] = 10;
	packet.octets[13] = (uint8_t)(count >> 16);
	packet.octets[14] = (uint8_t)(count >> 8);
	packet.octets[15] = (uint8_t)count;
	finish(&packet);
	return packet;
}

static struct packet make_random(void)
{
	struct packet packet = { .length = LENGTH };

	for (int i = 0; i < LENGTH; i++)
		packet.octets[i] = (uint8_t)random();
	packet.octets[0] = 0x45;
	packet.octets[6] = packet.octets[7] = 0;
	packet.octets[9] = 112;
	return packet;
}

static struct packet make(const char *kind, uint32_t count)
{
	struct packet packet = make_advert(7, 200, 1000);

	if (!strcmp(kind, "forged"))
		return forge(count * 7919);
	if (!strcmp(kind, "twice"))
		return forge(count / 2 * 7919);
	if (!strcmp(kind, "changing"))
		return make_advert(7, (uint8_t)(count % 100 + 1), 1000);
	if (!strcmp(kind, "random"))
		return make_random();
	if (!strcmp(kind, "checksum"))
		packet.octets[MESSAGE + 6]++;
	else if (!strcmp(kind, "short"))
		packet.length = MESSAGE + 5;
	else if (!strcmp(kind, "version"))
		packet.octets[MESSAGE] = 0x71;
	else if (!strcmp(kind, "ttl"))
		packet.octets[8] = 64;
	else if (!strcmp(kind, "count"))
		packet.octets[MESSAGE + 3] = 255;
	else if (strcmp(kind, "valid") != 0)
		errx(2, "no such kind: %s", kind);
	if (!strcmp(kind, "ttl"))
		finish(&packet);
	return packet;
}

/* ---- sending ---- */

static struct sender open_sender(const char *interface)
{
	struct sender sender = { .fd = socket(AF_PACKET, SOCK_DGRAM, 0),
				 .to = { .sll_family = AF_PACKET,
					 .sll_protocol = htons(ETH_P_IP),
					 .sll_ifindex = (int)index_of(interface),
					 .sll_halen = ETH_ALEN } };

	if (sender.fd < 0)
		err(1, "socket");
	memcpy(sender.to.sll_addr, "\1\0\136\0\0\22", ETH_ALEN);
	return sender;
}

static void send_all(struct sender *sender, struct packet *packets, unsigned int count)
{
	struct mmsghdr headers[BURST];
	struct iovec parts[BURST];

	for (unsigned int i = 0; i < count; i++) {
		parts[i] = (struct iovec){ packets[i].octets, packets[i].length };
		headers[i].msg_hdr = (struct msghdr){ .msg_name = &sender->to,
						      .msg_namelen = sizeof(sender->to),
						      .msg_iov = &parts[i],
						      .msg_iovlen = 1 };
	}
	for (unsigned int sent = 0; sent < count;) {
		int more = sendmmsg(sender->fd, headers + sent, count - sent, 0);

		if (more < 0)
			err(1, "sendmmsg");
		sent += (unsigned int)more;
	}
}

static void sleep_until(int64_t microseconds)
{
	struct timespec when = { .tv_sec = microseconds / 1000000,
				 .tv_nsec = microseconds % 1000000 * 1000 };

	clock_nanosleep(CLOCK_BOOTTIME, TIMER_ABSTIME, &when, NULL);
}

static void flood(const char *interface, unsigned long rate, unsigned long seconds, char **kinds,
		  unsigned int kinds_count)
{
	static struct packet packets[BURST];
	struct sender sender = open_sender(interface);
	int64_t start = clock_microseconds(), now = start;
	uint32_t made = 0;

	while (now < start + (int64_t)seconds * 1000000) {
		uint64_t due = (uint64_t)(now - start) * rate / 1000000;
		unsigned int count = 0;

		for (; made < due && count < BURST; made++)
			packets[count++] = make(kinds[made % kinds_count], made / kinds_count);
		send_all(&sender, packets, count);
		if (made >= due)
			sleep_until(now + TICK);
		now = clock_microseconds();
	}
	printf("sent %u in %.3f s\n", made, (double)(now - start) / 1e6);
}

static void be_router(const char *interface, unsigned long vrid, unsigned long interval,
		      unsigned long seconds)
{
	struct sender sender = open_sender(interface);
	struct packet packet = make_advert((uint8_t)vrid, 150, (unsigned int)interval);
	int64_t start = clock_microseconds();

	packet.octets[15] = (uint8_t)vrid;
	finish(&packet);
	for (unsigned long i = 0; i * interval < seconds * 1000; i++) {
		send_all(&sender, &packet, 1);
		sleep_until(start + (int64_t)((i + 1) * interval * 1000));
	}
}

/* ---- listening ---- */

static const char *state_name(int32_t state)
{
	static const char *const names[] = { "?",           "other",    "unknown",
					     "advertising", "resigned", "silent" };

	return names[state];
}

static void print_router(const struct heard *heard)
{
	char source[ADDRESS_TEXT_MAX], first[ADDRESS_TEXT_MAX] = "-";

	address_print(&heard->source, source, sizeof(source));
	if (heard->addresses_kept)
		address_print(&heard->addresses[0], first, sizeof(first));
	printf("%8.3f %s vrid %u %s%s v%u %s priority %u interval %u auth %d addresses %u %s "
	       "adverts %llu lost %u resigned %u errors %u\n",
	       (double)(clock_now() % 1000000) / 1e3, heard->interface_name, heard->vrid, source,
	       heard->own ? " own" : "", heard->version, state_name(heard->state), heard->priority,
	       heard->interval, heard->auth_type, heard->addresses_count, first,
	       (unsigned long long)heard->adverts, heard->lost, heard->resignations, heard->errors);
}

static unsigned int print_changes(const struct wire *wire, uint32_t seen)
{
	size_t count;
	const struct heard *const *routers = wire_routers(wire, &count);
	unsigned int printed = 0;

	for (size_t i = 0; i < count; i++)
		if (routers[i]->seen_in > seen && ++printed <= 20)
			print_router(routers[i]);
	fflush(stdout);
	return printed;
}

static double seconds_of(struct timeval time)
{
	return (double)time.tv_sec + (double)time.tv_usec / 1e6;
}

static void print_costs(const struct wire *wire, double seconds, unsigned int turns)
{
	struct wire_waste waste = wire_waste(wire);
	struct rusage used;
	uint64_t adverts = 0;
	uint32_t errors = 0;
	size_t count;
	const struct heard *const *routers = wire_routers(wire, &count);

	for (size_t i = 0; i < count; i++) {
		adverts += routers[i]->adverts;
		errors += routers[i]->errors;
	}
	getrusage(RUSAGE_SELF, &used);
	printf("routers %zu adverts %llu errors %u invalid %llu refused %llu overrun %llu "
	       "version %u\n",
	       count, (unsigned long long)adverts, errors, (unsigned long long)waste.invalid,
	       (unsigned long long)waste.refused, (unsigned long long)waste.overrun,
	       wire_version(wire));
	printf("turns %.0f/s cpu %.1f %% (user %.1f, system %.1f) of a core\n", turns / seconds,
	       100 * (seconds_of(used.ru_utime) + seconds_of(used.ru_stime)) / seconds,
	       100 * seconds_of(used.ru_utime) / seconds,
	       100 * seconds_of(used.ru_stime) / seconds);
}

static void listen_on(unsigned long seconds, char **interfaces, size_t count)
{
	struct wire *wire = wire_open();
	uint32_t *indexes = memory_new(count, sizeof(*indexes)), seen = 0;
	int64_t end = clock_now() + (int64_t)seconds * 1000;
	unsigned int turns = 0;

	for (size_t i = 0; i < count; i++)
		indexes[i] = index_of(interfaces[i]);
	if (!wire_listen(wire, indexes, count))
		warnx("%s", wire_error(wire));
	loop_catch_signals();
	for (; clock_now() < end && !loop_ended(); turns++) {
		wire_watch(wire);
		loop_wake(end);
		loop_turn();
		if (wire_version(wire) != seen)
			print_changes(wire, seen);
		seen = wire_version(wire);
	}
	print_costs(wire, (double)seconds, turns);
	wire_close(wire);
	free(indexes);
}

static int compare(const void *one, const void *other)
{
	const int64_t *a = one, *b = other;

	return *a < *b ? -1 : *a > *b;
}

static void measure_latency(const char *from, const char *to, size_t count)
{
	struct wire *wire = wire_open();
	struct sender sender = open_sender(from);
	int64_t *took = memory_new(count, sizeof(*took));
	uint32_t index = index_of(to);

	if (!count || !wire_listen(wire, &index, 1))
		errx(1, "%s", wire_error(wire));
	for (size_t i = 0; i < count; i++) {
		struct packet packet = make_advert(9, (uint8_t)(1 + i % 200), 1000);
		uint32_t version = wire_version(wire);
		int64_t start = clock_microseconds();

		send_all(&sender, &packet, 1);
		while (wire_version(wire) == version && clock_microseconds() < start + 1000000) {
			wire_watch(wire);
			loop_turn();
		}
		took[i] = clock_microseconds() - start;
		sleep_until(start + 20000);
	}
	qsort(took, count, sizeof(*took), compare);
	printf("latency us: median %lld p99 %lld longest %lld\n", (long long)took[count / 2],
	       (long long)took[count * 99 / 100], (long long)took[count - 1]);
	free(took);
	wire_close(wire);
}

int main(int argc, char **argv)
{
	if (argc > 5 && !strcmp(argv[1], "flood"))
		flood(argv[2], number(argv[3]), number(argv[4]), argv + 5, (unsigned int)argc - 5);
	else if (argc == 6 && !strcmp(argv[1], "router"))
		be_router(argv[2], number(argv[3]), number(argv[4]), number(argv[5]));
	else if (argc > 3 && !strcmp(argv[1], "listen"))
		listen_on(number(argv[2]), argv + 3, (size_t)argc - 3);
	else if (argc == 5 && !strcmp(argv[1], "latency"))
		measure_latency(argv[2], argv[3], number(argv[4]));
	else
		errx(2, "see the first lines of adverts.c");
	return 0;
}
