/* The addresses and interfaces of this node, kept in order: what rtnetlink says is entered here.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/vrrp/present.h"

#include <linux/if.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <stdlib.h>
#include <string.h>

#include "lib/memory.h"
#include "lib/sorted.h"

void present_free(struct present_set *set)
{
	free(set->interfaces);
	free(set->addresses);
	memset(set, 0, sizeof(*set));
}

/* ---- interfaces ---- */

static int compare_names(const void *element, const void *name)
{
	return strcmp(((const struct interface *)element)->name, name);
}

/* Where a name stands, or would stand. */
static size_t place_of_name(const struct present_set *set, const char *name)
{
	return sorted_position(set->interfaces, set->interfaces_count, sizeof(*set->interfaces),
			       name, compare_names);
}

const struct interface *present_interface(const struct present_set *set, const char *name)
{
	size_t at = place_of_name(set, name);

	if (at < set->interfaces_count && !strcmp(set->interfaces[at].name, name))
		return &set->interfaces[at];
	return NULL;
}

static struct interface *interface_of(const struct present_set *set, uint32_t index)
{
	for (size_t i = 0; i < set->interfaces_count; i++)
		if (set->interfaces[i].index == index)
			return &set->interfaces[i];
	return NULL;
}

const char *present_interface_name(const struct present_set *set, uint32_t index)
{
	const struct interface *interface = interface_of(set, index);

	return interface ? interface->name : NULL;
}

static void drop_interface(struct present_set *set, const struct interface *interface)
{
	sorted_remove(set->interfaces, (size_t)(interface - set->interfaces),
		      &set->interfaces_count, sizeof(*set->interfaces));
	set->version++;
}

/* An interface that has been renamed stands elsewhere in the order. */
static struct interface *enter_interface(struct present_set *set, uint32_t index, const char *name)
{
	struct interface *old = interface_of(set, index);
	size_t at;

	if (old && !strcmp(old->name, name))
		return old;
	if (old)
		drop_interface(set, old);
	at = place_of_name(set, name);
	set->interfaces = sorted_insert(set->interfaces, at, &set->interfaces_count,
					&set->interfaces_room, sizeof(*set->interfaces));
	set->interfaces[at].index = index;
	TEXT_PUT(set->interfaces[at].name, name);
	set->version++;
	return &set->interfaces[at];
}

static void drop_addresses_of(struct present_set *set, uint32_t interface)
{
	size_t kept = 0;

	for (size_t i = 0; i < set->addresses_count; i++)
		if (set->addresses[i].present.interface != interface)
			set->addresses[kept++] = set->addresses[i];
	set->version += set->addresses_count != kept;
	set->addresses_count = kept;
}

static void lose_interface(struct present_set *set, uint32_t index)
{
	struct interface *interface = interface_of(set, index);

	if (interface)
		drop_interface(set, interface);
	drop_addresses_of(set, index);
}

static bool is_name(const char *octets, size_t length)
{
	return length > 0 && length <= 16 && *octets && memchr(octets, '\0', length);
}

/* Bridges tell of their ports in messages of the same type, and of another family. */
static bool take_link(struct present_set *set, struct nlmsghdr *message)
{
	const struct ifinfomsg *head = nlmsg_data(message);
	struct interface *interface;
	struct nlattr *name;
	bool running;

	if (!nlmsg_valid_hdr(message, sizeof(*head)) || head->ifi_index <= 0)
		return false;
	if (head->ifi_family != AF_UNSPEC)
		return true;
	if (message->nlmsg_type == RTM_DELLINK) {
		lose_interface(set, (uint32_t)head->ifi_index);
		return true;
	}
	name = nlmsg_find_attr(message, sizeof(*head), IFLA_IFNAME);
	if (!name || !is_name(nla_data(name), (size_t)nla_len(name)))
		return false;
	interface = enter_interface(set, (uint32_t)head->ifi_index, nla_data(name));
	running = (head->ifi_flags & (IFF_UP | IFF_RUNNING)) == (IFF_UP | IFF_RUNNING);
	set->version += interface->running != running;
	interface->running = running;
	interface->loopback = head->ifi_flags & IFF_LOOPBACK;
	interface->seen = true;
	return true;
}

/* ---- addresses ---- */

static int compare(const void *element, const void *key)
{
	const struct present *one = &((const struct placed *)element)->present, *other = key;
	int order;

	if (one->address.family != other->address.family)
		return one->address.family < other->address.family ? -1 : 1;
	order = memcmp(one->address.octets, other->address.octets, sizeof(one->address.octets));
	if (order)
		return order;
	if (one->interface != other->interface)
		return one->interface < other->interface ? -1 : 1;
	return (int)one->prefix_length - (int)other->prefix_length;
}

static size_t place_of(const struct present_set *set, const struct present *key)
{
	return sorted_position(set->addresses, set->addresses_count, sizeof(*set->addresses), key,
			       compare);
}

static bool same_address(const struct present *present, const struct address *address)
{
	return present->address.family == address->family &&
	       !memcmp(present->address.octets, address->octets, sizeof(address->octets));
}

const struct present *present_find(const struct present_set *set, const struct address *address,
				   uint32_t wanted)
{
	struct present key = { .address = *address };
	const struct present *found = NULL;

	for (size_t at = place_of(set, &key); at < set->addresses_count; at++) {
		const struct present *present = &set->addresses[at].present;

		if (!same_address(present, address))
			break;
		if (present->interface == wanted)
			return present;
		if (!found || found->loopback)
			found = present;
	}
	return found;
}

static void enter_address(struct present_set *set, const struct present *present)
{
	size_t at = place_of(set, present);
	struct placed *placed;

	if (at == set->addresses_count || compare(&set->addresses[at], present) != 0) {
		set->addresses = sorted_insert(set->addresses, at, &set->addresses_count,
					       &set->addresses_room, sizeof(*set->addresses));
		set->version++;
	}
	placed = &set->addresses[at];
	set->version += placed->present.tentative != present->tentative ||
			placed->present.duplicate != present->duplicate;
	placed->present = *present;
	placed->seen = true;
}

static void drop_address(struct present_set *set, const struct present *present)
{
	size_t at = place_of(set, present);

	if (at == set->addresses_count || compare(&set->addresses[at], present) != 0)
		return;
	sorted_remove(set->addresses, at, &set->addresses_count, sizeof(*set->addresses));
	set->version++;
}

/* The address of this end; IFA_ADDRESS is that of the other, where there is one. */
static bool read_address(struct address *address, struct nlmsghdr *message)
{
	const struct ifaddrmsg *head = nlmsg_data(message);
	int length = head->ifa_family == AF_INET6 ? 16 : 4;
	struct nlattr *octets = nlmsg_find_attr(message, sizeof(*head), IFA_LOCAL);

	if (!octets)
		octets = nlmsg_find_attr(message, sizeof(*head), IFA_ADDRESS);
	if (!octets || nla_len(octets) != length)
		return false;
	memset(address, 0, sizeof(*address));
	address->family = head->ifa_family;
	memcpy(address->octets, nla_data(octets), (size_t)length);
	return true;
}

/* IFA_FLAGS has all of them, the head those that fit into an octet. */
static uint32_t read_flags(struct nlmsghdr *message)
{
	const struct ifaddrmsg *head = nlmsg_data(message);
	struct nlattr *flags = nlmsg_find_attr(message, sizeof(*head), IFA_FLAGS);

	return flags && nla_len(flags) == 4 ? nla_get_u32(flags) : head->ifa_flags;
}

static bool take_address(struct present_set *set, struct nlmsghdr *message)
{
	const struct ifaddrmsg *head = nlmsg_data(message);
	struct present present = { .prefix_length = 0 };
	const struct interface *interface;
	uint32_t flags;

	if (!nlmsg_valid_hdr(message, sizeof(*head)))
		return false;
	if (head->ifa_family != AF_INET && head->ifa_family != AF_INET6)
		return true;
	if (!read_address(&present.address, message))
		return false;
	flags = read_flags(message);
	present.interface = head->ifa_index;
	present.prefix_length = head->ifa_prefixlen;
	interface = interface_of(set, head->ifa_index);
	present.loopback = interface && interface->loopback;
	present.duplicate = flags & IFA_F_DADFAILED;
	present.tentative = (flags & IFA_F_TENTATIVE) && !(flags & IFA_F_OPTIMISTIC);
	if (message->nlmsg_type == RTM_DELADDR)
		drop_address(set, &present);
	else
		enter_address(set, &present);
	return true;
}

bool present_take(struct present_set *set, struct nlmsghdr *message)
{
	switch (message->nlmsg_type) {
	case RTM_NEWLINK:
	case RTM_DELLINK:
		return take_link(set, message);
	case RTM_NEWADDR:
	case RTM_DELADDR:
		return take_address(set, message);
	default:
		return false;
	}
}

/* ---- dumps ---- */

void present_begin(struct present_set *set)
{
	for (size_t i = 0; i < set->interfaces_count; i++)
		set->interfaces[i].seen = false;
	for (size_t i = 0; i < set->addresses_count; i++)
		set->addresses[i].seen = false;
}

void present_end_interfaces(struct present_set *set)
{
	size_t kept = 0;

	for (size_t i = 0; i < set->interfaces_count; i++)
		if (set->interfaces[i].seen)
			set->interfaces[kept++] = set->interfaces[i];
	set->version += set->interfaces_count != kept;
	set->interfaces_count = kept;
}

void present_end_addresses(struct present_set *set)
{
	size_t kept = 0;

	for (size_t i = 0; i < set->addresses_count; i++)
		if (set->addresses[i].seen)
			set->addresses[kept++] = set->addresses[i];
	set->version += set->addresses_count != kept;
	set->addresses_count = kept;
}
