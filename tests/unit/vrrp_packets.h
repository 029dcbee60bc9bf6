/* Packets of VRRP for the tests: recorded ones, and what is made of them.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_VRRP_PACKETS_H
#define HA_VRRP_PACKETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "subagent/sources/vrrp/wire/advert.h"

struct packet {
	size_t length, message; /* octets in all, and before the VRRP message */
	uint8_t octets[ADVERT_OCTETS_MAX + 512];
};

/* What is summed up beside the message of VRRPv3 over IPv4. */
enum pseudo { PSEUDO_DESTINATION, PSEUDO_GROUP, PSEUDO_NONE };

/* tests/data/vrrp/NAME.packet; that it is not there fails the test. */
struct packet packet_recorded(const char *name);

/* Make room for octets before others; the length in the IP header, and where the message is, are
 * put right. */
void packet_insert(struct packet *packet, size_t where, const uint8_t *octets, size_t count);

/* Add octets at the end of the message, and take some away. */
void packet_extend(struct packet *packet, const uint8_t *octets, size_t count);
void packet_cut(struct packet *packet, size_t count);

/* A header of IPv6 or an authentication header, whose length is in its second octet, between that
 * of IP and all others. */
void packet_wrap(struct packet *packet, uint8_t protocol, const uint8_t *header, size_t count);

/* Make the checksums right again: that of IPv4, and that of a message without its last `signed_by'
 * octets. */
void packet_finish(struct packet *packet, enum pseudo pseudo, size_t signed_by);

/* Read from memory that is no longer than the packet. */
enum advert_fault packet_read(const struct packet *packet, struct advert *advert);

/* Whether the filter of the kernel lets it through. */
bool packet_passes(const struct packet *packet);

#endif
