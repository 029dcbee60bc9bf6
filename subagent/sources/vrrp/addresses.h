/* Which addresses and interfaces this node has, from rtnetlink, event by event.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_VRRP_ADDRESSES_H
#define HA_VRRP_ADDRESSES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/address.h"

/* An address on an interface. */
struct present {
	struct address address; /* without a port, and without a scope */
	uint32_t interface;     /* index */
	uint8_t prefix_length;
	bool tentative, duplicate; /* what IPv6 found out about it */
	bool loopback;             /* the interface is one */
};

struct addresses;

struct addresses *addresses_open(void);
void addresses_close(struct addresses *addresses);

/* Register for the coming turn of the loop. */
void addresses_watch(struct addresses *addresses);

/* Whether everything was read once; before, nothing is known. */
bool addresses_complete(const struct addresses *addresses);

/* errno of what fails, 0: it works. */
int addresses_error(const struct addresses *addresses);

/* Messages of the kernel that were not understood. */
uint32_t addresses_rejected(const struct addresses *addresses);

/* Grows with every address or interface that comes, goes or changes. */
uint32_t addresses_version(const struct addresses *addresses);

/* Where an address is; on the interface `wanted` (index) if there, else on any, and on a
 * loopback interface only when on no other; NULL: on none. */
const struct present *addresses_find(const struct addresses *addresses,
				     const struct address *address, uint32_t wanted);

/* Index of an interface, 0: there is none; and its name, NULL: there is none. */
uint32_t addresses_interface(const struct addresses *addresses, const char *name);
const char *addresses_interface_name(const struct addresses *addresses, uint32_t index);

/* Whether the interface is there, up, and has a carrier. */
bool addresses_running(const struct addresses *addresses, const char *name);

#endif
