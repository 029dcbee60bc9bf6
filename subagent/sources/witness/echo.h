/* Echo requests and their answers as they go over the wire: ICMP (RFC 792), ICMPv6 (RFC 4443).
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_WITNESS_ECHO_H
#define HA_WITNESS_ECHO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ECHO_COOKIE 16 /* octets of data in a request */
#define ECHO_SIZE (8 + ECHO_COOKIE)

/* What tells one request from all others. */
struct echo {
	uint16_t id; /* of the process */
	uint16_t sequence;
	unsigned char cookie[ECHO_COOKIE]; /* nobody can guess it */
};

/* A request of ECHO_SIZE octets. The checksum of ICMPv6 is the kernel's business. */
void echo_write(const struct echo *echo, int family, unsigned char *packet);

/* What a raw socket of the family has received; false when it is no answer to a request like ours.
 * The kernel has checked the checksum of ICMPv6, and that of ICMP is checked here. */
bool echo_read(struct echo *echo, int family, const unsigned char *packet, size_t length);

#endif
