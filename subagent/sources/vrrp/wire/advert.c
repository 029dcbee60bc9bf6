/* One VRRP advert, taken out of an IP packet.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/vrrp/wire/advert.h"

#include <netinet/in.h>
#include <string.h>

#include "mib/ha-agentx-mib.h"

#define PROTOCOL_VRRP 112
#define TTL_UNFORWARDED 255
#define TYPE_ADVERTISEMENT 1
#define HEADER 8     /* octets before the addresses, in both versions */
#define PASSWORD 8   /* octets behind the addresses of VRRPv2 */
#define SIGNATURE 28 /* octets behind all that: auth_hmac of keepalived 2.4.3 */
#define SIGNATURE_SHA256 1

/* Auth Type of VRRPv2 (RFC 2338, 5.3.6). */
enum { AUTH_NONE = 0, AUTH_SIMPLE = 1, AUTH_HEADER = 2 };

/* What is still to be read of a packet, and what was found before. */
struct reader {
	const uint8_t *at;
	size_t left;
	uint8_t protocol; /* of what comes next */
	uint8_t ttl;      /* or hop limit */
	bool has_ah;      /* an authentication header was there (RFC 4302) */
};

static uint32_t read_16(const uint8_t *octets)
{
	return (uint32_t)octets[0] << 8 | octets[1];
}

static void skip(struct reader *reader, size_t octets)
{
	reader->at += octets;
	reader->left -= octets;
}

static void put_address(struct address *address, uint16_t family, const uint8_t *octets)
{
	memset(address, 0, sizeof(*address));
	address->family = family;
	memcpy(address->octets, octets, family == AF_INET ? 4 : 16);
}

static size_t address_length(const struct advert *advert)
{
	return advert->source.family == AF_INET ? 4 : 16;
}

/* ---- checksums (RFC 1071) ---- */

static uint32_t add_octets(uint32_t sum, const uint8_t *octets, size_t length)
{
	size_t i;

	for (i = 0; i + 1 < length; i += 2)
		sum += read_16(octets + i);
	if (i < length)
		sum += (uint32_t)octets[i] << 8;
	return sum;
}

/* A sum that includes the checksum is right when all its bits are set. */
static bool is_right(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xFFFF) + (sum >> 16);
	return sum == 0xFFFF;
}

static uint32_t add_pseudo_header(const struct advert *advert, const uint8_t *destination,
				  size_t length)
{
	uint32_t sum = add_octets(0, advert->source.octets, address_length(advert));

	return add_octets(sum, destination, address_length(advert)) + PROTOCOL_VRRP +
	       (uint32_t)length;
}

/* The kernel makes the checksum over IPv6, over everything that is sent; a signature behind the
 * message may not be part of it. */
static bool check_ipv6(const struct advert *advert, const struct reader *message, size_t length)
{
	const uint8_t *destination = advert->destination.octets;

	return is_right(add_octets(add_pseudo_header(advert, destination, message->left),
				   message->at, message->left)) ||
	       is_right(add_octets(add_pseudo_header(advert, destination, length), message->at,
				   length));
}

/* Over IPv4 RFC 5798 can be read both ways, and RFC 9568 has no pseudo header: keepalived leaves it
 * out when it is told to (v3_checksum_as_v2). Up to 1.3.6, or when told to (old_unicast_checksum),
 * it takes the multicast group for the destination of what goes to one peer. */
static bool check_v3_ipv4(const struct advert *advert, const uint8_t *message, size_t length)
{
	static const uint8_t group[] = { 224, 0, 0, 18 };
	uint32_t sum = add_octets(0, message, length);

	return is_right(sum + add_pseudo_header(advert, advert->destination.octets, length)) ||
	       is_right(sum + add_pseudo_header(advert, group, length)) || is_right(sum);
}

static bool check_message(const struct advert *advert, const struct reader *message, size_t length)
{
	if (advert->source.family == AF_INET6)
		return check_ipv6(advert, message, length);
	if (advert->version == 3)
		return check_v3_ipv4(advert, message->at, length);
	return is_right(add_octets(0, message->at, length));
}

/* ---- IPv4 and IPv6 ---- */

static enum advert_fault read_ipv4(struct advert *advert, struct reader *reader)
{
	const uint8_t *head = reader->at;
	size_t head_length, total;

	if (reader->left < 20)
		return ADVERT_SHORT;
	head_length = (size_t)(head[0] & 0xF) * 4;
	total = read_16(head + 2);
	if (read_16(head + 6) & 0x3FFF)
		return ADVERT_FOREIGN;
	if (head_length < 20 || total < head_length || total > reader->left)
		return ADVERT_SHORT;
	reader->left = total;
	reader->ttl = head[8];
	reader->protocol = head[9];
	put_address(&advert->source, AF_INET, head + 12);
	put_address(&advert->destination, AF_INET, head + 16);
	skip(reader, head_length);
	return is_right(add_octets(0, head, head_length)) ? ADVERT_FINE : ADVERT_CHECKSUM;
}

static enum advert_fault read_ipv6(struct advert *advert, struct reader *reader)
{
	const uint8_t *head = reader->at;
	size_t total;

	if (reader->left < 40)
		return ADVERT_SHORT;
	total = 40 + read_16(head + 4);
	if (total > reader->left)
		return ADVERT_SHORT;
	reader->left = total;
	reader->protocol = head[6];
	reader->ttl = head[7];
	put_address(&advert->source, AF_INET6, head + 8);
	put_address(&advert->destination, AF_INET6, head + 24);
	skip(reader, 40);
	return ADVERT_FINE;
}

/* Octets of the header that comes next when VRRP can be behind it; 0: it cannot. */
static size_t extension_length(const struct reader *reader, uint16_t family)
{
	if (reader->left < 2)
		return 0;
	if (reader->protocol == IPPROTO_AH)
		return ((size_t)reader->at[1] + 2) * 4;
	if (family == AF_INET6 &&
	    (reader->protocol == IPPROTO_HOPOPTS || reader->protocol == IPPROTO_ROUTING ||
	     reader->protocol == IPPROTO_DSTOPTS))
		return ((size_t)reader->at[1] + 1) * 8;
	return 0;
}

static enum advert_fault read_extensions(struct reader *reader, uint16_t family)
{
	int most = family == AF_INET ? 1 : ADVERT_HEADERS_MAX;

	for (int i = 0; reader->protocol != PROTOCOL_VRRP; i++) {
		size_t length = extension_length(reader, family);

		if (!length || i == most)
			return ADVERT_FOREIGN;
		if (length > reader->left)
			return ADVERT_SHORT;
		reader->has_ah |= reader->protocol == IPPROTO_AH;
		reader->protocol = reader->at[0];
		skip(reader, length);
	}
	return ADVERT_FINE;
}

/* ---- addresses ---- */

static bool is_multicast(const struct address *address)
{
	return address->family == AF_INET ? address->octets[0] >> 4 == 0xE :
					    address->octets[0] == 0xFF;
}

/* 0.0.0.0/8, 240.0.0.0/4, ::/96 and what is in it. */
static bool is_nowhere(const struct address *address)
{
	static const uint8_t zero[12];

	return address->family == AF_INET ? address->octets[0] == 0 || address->octets[0] >= 0xF0 :
					    !memcmp(address->octets, zero, sizeof(zero));
}

static enum advert_fault check_way(const struct advert *advert, const struct reader *reader)
{
	if (is_nowhere(&advert->source) || is_multicast(&advert->source) ||
	    is_nowhere(&advert->destination))
		return ADVERT_ADDRESS;
	/* keepalived's unicast peers may be behind routers. */
	if (is_multicast(&advert->destination) && reader->ttl != TTL_UNFORWARDED)
		return ADVERT_TTL;
	return ADVERT_FINE;
}

/* ---- the message ---- */

static int32_t auth_type_of(const struct advert *advert, const struct reader *message,
			    size_t length)
{
	const uint8_t *behind = message->at + length;

	if (message->left == length + SIGNATURE && behind[0] == SIGNATURE_SHA256)
		return haVrrpRouterAuthType_other;
	if (message->has_ah)
		return haVrrpRouterAuthType_ah;
	if (advert->version == 3 || message->at[4] == AUTH_NONE)
		return haVrrpRouterAuthType_none;
	return message->at[4] == AUTH_SIMPLE ? haVrrpRouterAuthType_simple :
					       haVrrpRouterAuthType_other;
}

static uint32_t interval_of(const struct advert *advert, const uint8_t *message)
{
	if (advert->version == 3)
		return (read_16(message + 4) & 0xFFF) * 10;
	return (uint32_t)message[5] * 1000;
}

static void read_addresses(struct advert *advert, const uint8_t *octets)
{
	size_t length = address_length(advert);
	uint8_t count = advert->addresses_count;

	advert->addresses_kept = count < WIRE_ADDRESSES_MAX ? count : WIRE_ADDRESSES_MAX;
	for (size_t i = 0; i < advert->addresses_kept; i++)
		put_address(&advert->addresses[i], advert->source.family, octets + i * length);
}

/* Octets of the message without what is behind it. Not everybody sends the last field of VRRPv2. */
static size_t message_length(const struct advert *advert, const struct reader *message)
{
	size_t length = HEADER + advert->addresses_count * address_length(advert);

	if (advert->version == 2 && message->left >= length + PASSWORD)
		length += PASSWORD;
	return length;
}

static enum advert_fault read_message(struct advert *advert, const struct reader *message)
{
	const uint8_t *head = message->at;
	size_t length;

	if (advert->version != 2 && advert->version != 3)
		return ADVERT_VERSION;
	if ((head[0] & 0xF) != TYPE_ADVERTISEMENT)
		return ADVERT_TYPE;
	if (!advert->vrid)
		return ADVERT_VRID;
	advert->addresses_count = head[3];
	length = message_length(advert, message);
	if (length > message->left)
		return ADVERT_COUNT;
	if (!check_message(advert, message, length))
		return ADVERT_CHECKSUM;
	advert->priority = head[2];
	advert->interval = interval_of(advert, head);
	advert->auth_type = auth_type_of(advert, message, length);
	read_addresses(advert, head + HEADER);
	return ADVERT_FINE;
}

enum advert_fault advert_read(struct advert *advert, const uint8_t *packet, size_t length)
{
	struct reader reader = { .at = packet, .left = length };
	enum advert_fault fault, later;

	memset(advert, 0, sizeof(*advert));
	if (!length || (packet[0] >> 4 != 4 && packet[0] >> 4 != 6))
		return ADVERT_FOREIGN;
	fault = packet[0] >> 4 == 4 ? read_ipv4(advert, &reader) : read_ipv6(advert, &reader);
	if (fault != ADVERT_FINE && fault != ADVERT_CHECKSUM)
		return fault;
	later = read_extensions(&reader, advert->source.family);
	if (later != ADVERT_FINE)
		return later;
	if (reader.left < HEADER)
		return ADVERT_SHORT;
	advert->version = reader.at[0] >> 4;
	advert->vrid = reader.at[1];
	if (fault == ADVERT_FINE)
		fault = check_way(advert, &reader);
	return fault == ADVERT_FINE ? read_message(advert, &reader) : fault;
}

const char *advert_fault_name(enum advert_fault fault)
{
	static const char *const names[] = {
		[ADVERT_FINE] = "nothing is wrong",
		[ADVERT_FOREIGN] = "it is no advert",
		[ADVERT_SHORT] = "too short",
		[ADVERT_ADDRESS] = "impossible source or destination",
		[ADVERT_TTL] = "TTL or hop limit is not 255",
		[ADVERT_VERSION] = "unknown version",
		[ADVERT_TYPE] = "unknown type",
		[ADVERT_VRID] = "no such VRID",
		[ADVERT_COUNT] = "fewer addresses than it says",
		[ADVERT_CHECKSUM] = "wrong checksum",
	};

	return names[fault];
}
