/* The segment of TCP (RFC 9293) that makes a client notice that its server has lost the connection.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "actions/tickle/segment.h"

#include <netinet/in.h>
#include <stddef.h>
#include <string.h>

#include "lib/address.h"

#define FLAG_ACK 0x10
#define HEADER_WORDS 5
#define WINDOW 1024

enum { SOURCE = 0, DESTINATION = 2, LENGTH = 12, FLAGS = 13, WINDOW_AT = 14, CHECKSUM = 16 };

static void put(unsigned char *octets, uint16_t number)
{
	octets[0] = (unsigned char)(number >> 8);
	octets[1] = (unsigned char)number;
}

/* Of an even number of octets. */
static uint32_t add(uint32_t sum, const unsigned char *octets, size_t length)
{
	for (size_t i = 0; i < length; i += 2)
		sum += (uint32_t)(octets[i] << 8 | octets[i + 1]);
	return sum;
}

/* Of the segment and of what IP says of it (RFC 9293, 3.1; RFC 8200, 8.1). */
static uint16_t checksum(const struct address *server, const struct address *client,
			 const unsigned char *segment)
{
	size_t length = server->family == AF_INET ? 4 : 16;
	uint32_t sum = IPPROTO_TCP + SEGMENT_SIZE;

	sum = add(sum, server->octets, length);
	sum = add(sum, client->octets, length);
	sum = add(sum, segment, SEGMENT_SIZE);
	while (sum >> 16)
		sum = (sum & 0xFFFF) + (sum >> 16);
	return (uint16_t)~sum;
}

void segment_write(const struct address *server, const struct address *client,
		   unsigned char segment[SEGMENT_SIZE])
{
	memset(segment, 0, SEGMENT_SIZE);
	put(segment + SOURCE, server->port);
	put(segment + DESTINATION, client->port);
	segment[LENGTH] = HEADER_WORDS << 4;
	segment[FLAGS] = FLAG_ACK;
	put(segment + WINDOW_AT, WINDOW);
	put(segment + CHECKSUM, checksum(server, client, segment));
}
