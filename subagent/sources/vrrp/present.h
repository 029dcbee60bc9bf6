/* The addresses and interfaces of this node, kept in order: what rtnetlink says is entered here.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_VRRP_PRESENT_H
#define HA_VRRP_PRESENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "subagent/sources/vrrp/addresses.h"

struct nlmsghdr;

struct interface {
	uint32_t index;
	char name[16];
	bool running; /* up, with a carrier */
	bool loopback;
	bool seen; /* in the dump under way */
};

struct placed {
	struct present present;
	bool seen;
};

/* Begins as zeros. */
struct present_set {
	struct interface *interfaces; /* in the order of their names */
	size_t interfaces_count, interfaces_room;
	struct placed *addresses; /* in the order of family, octets, interface, prefix */
	size_t addresses_count, addresses_room;
	uint32_t version; /* grows with every change */
};

void present_free(struct present_set *set);

/* A message of the kernel: RTM_NEWLINK, RTM_DELLINK, RTM_NEWADDR or RTM_DELADDR. False when it is
 * none of these, or cannot be understood. */
bool present_take(struct present_set *set, struct nlmsghdr *message);

/* Between these two, every interface there is has been taken, or every address: what was not, goes.
 */
void present_begin(struct present_set *set);
void present_end_interfaces(struct present_set *set);
void present_end_addresses(struct present_set *set);

/* As those of addresses.h. */
const struct present *present_find(const struct present_set *set, const struct address *address,
				   uint32_t wanted);
const struct interface *present_interface(const struct present_set *set, const char *name);
const char *present_interface_name(const struct present_set *set, uint32_t index);

#endif
