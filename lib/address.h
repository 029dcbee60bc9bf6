/* Network addresses with a port: IPv4 and IPv6, as text, for sockets and for the MIB.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_ADDRESS_H
#define HA_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "lib/table.h"

#define ADDRESS_TEXT_MAX 64 /* with a zone, a port and a NUL */

/* Unused octets are zero, so that equal addresses are equal octet by octet. */
struct address {
	uint16_t family; /* AF_INET or AF_INET6 */
	uint16_t port;   /* in the host's order */
	uint32_t scope;  /* of a link-local IPv6 address: index of the interface, else 0 */
	uint8_t octets[16];
};

/* Read "192.0.2.1", "2001:db8::1" or "fe80::1%eth0"; false when the text is none of these, or its
 * interface is not there. Asks no resolver. */
bool address_parse(struct address *address, const char *text, uint16_t port);

/* The address as text, without its port. */
void address_print(const struct address *address, char *text, size_t size);

/* The same with its port: "192.0.2.1:53", "[2001:db8::1]:53". */
void address_print_port(const struct address *address, char *text, size_t size);

/* For connect(2) and its like; the length is returned. */
socklen_t address_to_socket(const struct address *address, struct sockaddr_storage *out);

/* False when it is of another family. */
bool address_from_socket(struct address *address, const struct sockaddr_storage *in);

bool address_equal(const struct address *one, const struct address *other);

/* The value of an InetAddress column; that of its InetAddressType (RFC 4001) is returned. */
int32_t address_octets(const struct address *address, struct octets *octets);

#endif
