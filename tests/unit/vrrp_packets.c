/* Packets of VRRP for the tests: recorded ones, and what is made of them.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "tests/unit/vrrp_packets.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/memory.h"
#include "subagent/sources/vrrp/wire/filter.h"
#include "tests/unit/check.h"

static bool is_ipv4(const struct packet *packet)
{
	return packet->octets[0] >> 4 == 4;
}

static size_t header_length(const struct packet *packet)
{
	return is_ipv4(packet) ? (size_t)(packet->octets[0] & 0xF) * 4 : 40;
}

static void put_16(uint8_t *octets, size_t value)
{
	octets[0] = (uint8_t)(value >> 8);
	octets[1] = (uint8_t)value;
}

static void set_length(struct packet *packet)
{
	if (is_ipv4(packet))
		put_16(packet->octets + 2, packet->length);
	else
		put_16(packet->octets + 4, packet->length - 40);
}

struct packet packet_recorded(const char *name)
{
	const char *top = getenv("srcdir");
	struct packet packet = { 0 };
	char path[512];
	FILE *file;

	text_print(path, sizeof(path), "%s/tests/data/vrrp/%s.packet", top ? top : ".", name);
	file = fopen(path, "rb");
	if (!file)
		fail_msg("%s: cannot be opened", path);
	packet.length = fread(packet.octets, 1, sizeof(packet.octets), file);
	assert_int_equal(fclose(file), 0);
	assert_true(packet.length > 20);
	packet.message = header_length(&packet);
	if (is_ipv4(&packet) && packet.octets[9] == 51)
		packet.message += 24;
	return packet;
}

void packet_insert(struct packet *packet, size_t where, const uint8_t *octets, size_t count)
{
	assert_true(packet->length + count <= sizeof(packet->octets));
	memmove(packet->octets + where + count, packet->octets + where, packet->length - where);
	memcpy(packet->octets + where, octets, count);
	packet->length += count;
	if (where <= packet->message)
		packet->message += count;
	set_length(packet);
}

void packet_extend(struct packet *packet, const uint8_t *octets, size_t count)
{
	packet_insert(packet, packet->length, octets, count);
}

void packet_cut(struct packet *packet, size_t count)
{
	packet->length -= count;
	set_length(packet);
}

void packet_wrap(struct packet *packet, uint8_t protocol, const uint8_t *header, size_t count)
{
	size_t place = is_ipv4(packet) ? 9 : 6, where = header_length(packet);

	packet_insert(packet, where, header, count);
	packet->octets[where] = packet->octets[place];
	packet->octets[place] = protocol;
}

/* ---- checksums ---- */

static uint32_t add(uint32_t sum, const uint8_t *octets, size_t length)
{
	for (size_t i = 0; i < length; i++)
		sum += i % 2 ? octets[i] : (uint32_t)octets[i] << 8;
	return sum;
}

static void put_checksum(uint8_t *octets, uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xFFFF) + (sum >> 16);
	put_16(octets, ~sum & 0xFFFF);
}

static uint32_t pseudo_header(const struct packet *packet, enum pseudo pseudo, size_t length)
{
	static const uint8_t group[] = { 224, 0, 0, 18 };
	uint32_t sum = 112 + (uint32_t)length;

	if (!is_ipv4(packet))
		return add(sum, packet->octets + 8, 32);
	if (pseudo == PSEUDO_NONE || packet->octets[packet->message] >> 4 != 3)
		return 0;
	sum = add(sum, packet->octets + 12, 4);
	return add(sum, pseudo == PSEUDO_GROUP ? group : packet->octets + 16, 4);
}

void packet_finish(struct packet *packet, enum pseudo pseudo, size_t signed_by)
{
	uint8_t *message = packet->octets + packet->message;
	size_t length = packet->length - packet->message - signed_by;

	if (is_ipv4(packet)) {
		put_16(packet->octets + 10, 0);
		put_checksum(packet->octets + 10, add(0, packet->octets, header_length(packet)));
	}
	put_16(message + 6, 0);
	put_checksum(message + 6, add(pseudo_header(packet, pseudo, length), message, length));
}

/* ---- reading ---- */

enum advert_fault packet_read(const struct packet *packet, struct advert *advert)
{
	uint8_t *exact = memory_new(1, packet->length ? packet->length : 1);
	enum advert_fault fault;

	memcpy(exact, packet->octets, packet->length);
	fault = advert_read(advert, exact, packet->length);
	free(exact);
	return fault;
}

bool packet_passes(const struct packet *packet)
{
	static uint8_t octets[sizeof(packet->octets)];
	int ends[2];
	bool passes;

	assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, ends), 0);
	assert_true(filter_attach(ends[1]));
	assert_int_equal(send(ends[0], packet->octets, packet->length, 0), packet->length);
	passes = recv(ends[1], octets, sizeof(octets), 0) >= 0;
	close(ends[0]);
	close(ends[1]);
	return passes;
}
