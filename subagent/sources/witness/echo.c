/* Echo requests and their answers as they go over the wire: ICMP (RFC 792), ICMPv6 (RFC 4443).
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/witness/echo.h"

#include <netinet/icmp6.h>
#include <netinet/ip_icmp.h>
#include <string.h>
#include <sys/socket.h>

/* A raw IPv4 socket gives the header of IP, too. */
#define IP_HEADER_MIN 20

static uint16_t checksum(const unsigned char *octets, size_t length)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < length; i++)
		sum += (uint32_t)octets[i] << (i % 2 ? 0 : 8);
	while (sum >> 16)
		sum = (sum & 0xFFFF) + (sum >> 16);
	return (uint16_t)~sum;
}

static void put(unsigned char *octets, uint16_t number)
{
	octets[0] = (unsigned char)(number >> 8);
	octets[1] = (unsigned char)number;
}

static uint16_t get(const unsigned char *octets)
{
	return (uint16_t)(octets[0] << 8 | octets[1]);
}

void echo_write(const struct echo *echo, int family, unsigned char *packet)
{
	memset(packet, 0, ECHO_SIZE);
	packet[0] = family == AF_INET ? ICMP_ECHO : ICMP6_ECHO_REQUEST;
	put(packet + 4, echo->id);
	put(packet + 6, echo->sequence);
	memcpy(packet + 8, echo->cookie, ECHO_COOKIE);
	if (family == AF_INET)
		put(packet + 2, checksum(packet, ECHO_SIZE));
}

/* Where the message begins. Its length is right: what IP adds to reach a minimal frame, the kernel
 * has cut. */
static bool skip_header(const unsigned char **packet, size_t *length)
{
	size_t header = (size_t)(*length ? (*packet)[0] & 0xF : 0) * 4;

	if (header < IP_HEADER_MIN || *length < header)
		return false;
	*packet += header;
	*length -= header;
	return true;
}

bool echo_read(struct echo *echo, int family, const unsigned char *packet, size_t length)
{
	if (family == AF_INET && !skip_header(&packet, &length))
		return false;
	if (length != ECHO_SIZE || packet[1] != 0 ||
	    packet[0] != (family == AF_INET ? ICMP_ECHOREPLY : ICMP6_ECHO_REPLY) ||
	    (family == AF_INET && checksum(packet, length) != 0))
		return false;
	echo->id = get(packet + 4);
	echo->sequence = get(packet + 6);
	memcpy(echo->cookie, packet + 8, ECHO_COOKIE);
	return true;
}
