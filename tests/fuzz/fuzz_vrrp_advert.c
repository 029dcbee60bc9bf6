/* Fuzzes VRRP adverts: any packet is refused, or is a sound advert that the kernel's filter passes.
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * An input is a packet from its IP header on. It is read as it is, and with its checksums put
 * right; what is understood goes through the table of routers.
 */
#include "subagent/sources/vrrp/wire/advert.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "lib/memory.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/sources/vrrp/wire/filter.h"
#include "subagent/sources/vrrp/wire/routers.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define REQUIRE(condition)                                                                         \
	do {                                                                                       \
		if (!(condition))                                                                  \
			abort();                                                                   \
	} while (0)

/* ---- checksums ---- */

static uint32_t read_16(const uint8_t *octets)
{
	return (uint32_t)octets[0] << 8 | octets[1];
}

static void put_checksum(uint8_t *place, const uint8_t *octets, size_t length, uint32_t sum)
{
	place[0] = place[1] = 0;
	for (size_t i = 0; i < length; i++)
		sum += i % 2 ? octets[i] : (uint32_t)octets[i] << 8;
	while (sum >> 16)
		sum = (sum & 0xFFFF) + (sum >> 16);
	place[0] = (uint8_t)(~sum >> 8);
	place[1] = (uint8_t)~sum;
}

/* Without a pseudo header, which over IPv4 is right in both versions. */
static void repair_ipv4(uint8_t *packet, size_t size)
{
	size_t head = (size_t)(packet[0] & 0xF) * 4, start = head, total = read_16(packet + 2);

	if (head < 20 || head + 2 > size || total > size)
		return;
	put_checksum(packet + 10, packet, head, 0);
	if (packet[9] == IPPROTO_AH)
		start += ((size_t)packet[head + 1] + 2) * 4;
	if (start + 8 <= total)
		put_checksum(packet + start + 6, packet + start, total - start, 0);
}

static void repair_ipv6(uint8_t *packet, size_t size)
{
	size_t length = size < 40 ? 0 : read_16(packet + 4);
	uint32_t sum = 112 + (uint32_t)length;

	if (length < 8 || length + 40 > size)
		return;
	for (size_t i = 8; i < 40; i += 2)
		sum += read_16(packet + i);
	put_checksum(packet + 46, packet + 40, length, sum);
}

/* ---- what is sound ---- */

/* Octets of the address beyond its family's are zero: equal ones are equal octet by octet. */
static void check_address(const struct address *address, uint16_t family)
{
	static const uint8_t zero[12];

	REQUIRE(address->family == family && !address->port && !address->scope);
	if (family == AF_INET)
		REQUIRE(!memcmp(address->octets + 4, zero, sizeof(zero)));
}

static void check_advert(const struct advert *advert)
{
	uint16_t family = advert->source.family;

	REQUIRE(family == AF_INET || family == AF_INET6);
	check_address(&advert->source, family);
	check_address(&advert->destination, family);
	REQUIRE(advert->vrid && (advert->version == 2 || advert->version == 3));
	REQUIRE(advert->interval <= 255000);
	REQUIRE(mib_label_of(haVrrpRouterAuthType_labels, advert->auth_type));
	REQUIRE(advert->addresses_kept <= WIRE_ADDRESSES_MAX &&
		advert->addresses_kept <= advert->addresses_count);
	for (size_t i = 0; i < advert->addresses_kept; i++)
		check_address(&advert->addresses[i], family);
}

/* What the kernel keeps back nobody would hear. */
static void check_passes(const uint8_t *packet, size_t size)
{
	static uint8_t octets[1 << 16];
	static int ends[2];

	if (!ends[1]) {
		REQUIRE(!socketpair(AF_UNIX, SOCK_DGRAM, 0, ends));
		REQUIRE(filter_attach(ends[1]));
	}
	REQUIRE(send(ends[0], packet, size, 0) == (ssize_t)size);
	REQUIRE(recv(ends[1], octets, sizeof(octets), MSG_DONTWAIT) >= 0);
}

static void check_table(const struct advert *advert)
{
	struct sighting where = { .interface = 2, .interface_name = "eth0", .now = 1000 };
	struct routers *routers = routers_new(advert->interval);
	size_t count;
	int64_t due = routers_hear(routers, &where, advert);

	REQUIRE(!due == !advert->priority && (!due || due > where.now));
	where.now += 700;
	routers_hear(routers, &where, advert);
	where.now += 200000;
	where.torn = where.now;
	due = routers_judge(routers, &where);
	REQUIRE(!due || due > where.now);
	where.now += 2000000;
	REQUIRE(!routers_judge(routers, &where));
	REQUIRE(routers_blame(routers, &where, advert));
	REQUIRE(routers_all(routers, &count)[0]->adverts == 2 && count == 1);
	routers_leave(routers, 2);
	routers_free(routers);
}

static void read_packet(const uint8_t *packet, size_t size)
{
	struct advert advert;
	enum advert_fault fault = advert_read(&advert, packet, size);

	REQUIRE(advert_fault_name(fault));
	if (fault != ADVERT_FINE)
		return;
	check_advert(&advert);
	check_passes(packet, size);
	check_table(&advert);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *packet;

	read_packet(data, size);
	if (size < 20 || size > 65535)
		return 0;
	packet = memory_new(1, size);
	memcpy(packet, data, size);
	if (packet[0] >> 4 == 4)
		repair_ipv4(packet, size);
	else
		repair_ipv6(packet, size);
	read_packet(packet, size);
	free(packet);
	return 0;
}
