/* Fuzzes the kernel's messages about addresses and interfaces: any octets leave the set in order.
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * An input is what a netlink socket receives: messages, one behind the other. What was not seen by
 * the half of them is swept away, as behind a dump.
 */
#include "subagent/sources/vrrp/present.h"

#include <netlink/msg.h>
#include <stdlib.h>
#include <string.h>

#include "lib/memory.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define REQUIRE(condition)                                                                         \
	do {                                                                                       \
		if (!(condition))                                                                  \
			abort();                                                                   \
	} while (0)

static void check_interfaces(const struct present_set *set)
{
	for (size_t i = 0; i < set->interfaces_count; i++) {
		const struct interface *interface = &set->interfaces[i];

		REQUIRE(memchr(interface->name, '\0', sizeof(interface->name)));
		REQUIRE(interface->name[0] && interface->index);
		REQUIRE(present_interface(set, interface->name));
		REQUIRE(present_interface_name(set, interface->index));
	}
}

static void check_addresses(const struct present_set *set)
{
	for (size_t i = 0; i < set->addresses_count; i++) {
		const struct present *present = &set->addresses[i].present;
		const struct present *found =
			present_find(set, &present->address, present->interface);

		REQUIRE(found && found->interface == present->interface);
		REQUIRE(present->address.family == AF_INET || present->address.family == AF_INET6);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct present_set set = { .version = 0 };
	unsigned char *octets = memory_new(1, size + 1);
	struct nlmsghdr *message = (struct nlmsghdr *)(void *)octets;
	int left = (int)size;

	if (size)
		memcpy(octets, data, size);
	for (; nlmsg_ok(message, left); message = nlmsg_next(message, &left)) {
		if (left > (int)size / 2)
			present_begin(&set);
		present_take(&set, message);
		check_interfaces(&set);
		check_addresses(&set);
	}
	present_end_interfaces(&set);
	present_end_addresses(&set);
	check_interfaces(&set);
	check_addresses(&set);
	present_free(&set);
	free(octets);
	return 0;
}
