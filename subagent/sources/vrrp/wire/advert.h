/* One VRRP advert, taken out of an IP packet: VRRPv2 (RFC 3768, and 2338 for its authentication)
 * and VRRPv3 (RFC 5798, 9568), over IPv4 and IPv6, multicast or from router to router.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_VRRP_ADVERT_H
#define HA_VRRP_ADVERT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/address.h"
#include "subagent/sources/vrrp/wire/wire.h"

/* Octets of a packet that can matter: 255 addresses of IPv6, headers, a trailer. */
#define ADVERT_OCTETS_MAX 4608

/* Headers between that of IPv6 and VRRP: more of them hide nothing that a router sends. */
#define ADVERT_HEADERS_MAX 8

enum advert_fault {
	ADVERT_FINE,
	ADVERT_FOREIGN,  /* not VRRP, or a fragment: says nothing about anybody */
	ADVERT_SHORT,    /* cut in a header, or in what is before the addresses */
	ADVERT_ADDRESS,  /* from or to an address that no advert has */
	ADVERT_TTL,      /* multicast, and the TTL or hop limit is not 255: it has been forwarded */
	ADVERT_VERSION,  /* neither 2 nor 3 */
	ADVERT_TYPE,     /* not an advertisement */
	ADVERT_VRID,     /* 0 */
	ADVERT_COUNT,    /* has not as many addresses as it says */
	ADVERT_CHECKSUM, /* of the IPv4 header or of the message */
};

struct advert {
	struct address source, destination; /* without port and scope */
	uint8_t version, vrid, priority;
	uint32_t interval; /* milliseconds, as advertised */
	int32_t auth_type; /* enum haVrrpRouterAuthType */
	uint8_t addresses_count, addresses_kept;
	struct address addresses[WIRE_ADDRESSES_MAX]; /* without port and scope */
};

/* Read a packet, from its IP header on. Of one that is not fine `source' is set (else its family is
 * 0) and `vrid' (else 0) as far as they could be read: that is who is to blame. */
enum advert_fault advert_read(struct advert *advert, const uint8_t *packet, size_t length);

/* For the log. */
const char *advert_fault_name(enum advert_fault fault);

#endif
