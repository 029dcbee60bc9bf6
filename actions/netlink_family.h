/* Finds a family of generic netlink by its name.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_NETLINK_FAMILY_H
#define HA_NETLINK_FAMILY_H

#include <stdint.h>

struct netlink_answer;

struct netlink_family {
	const char *name;
	uint16_t id; /* 0: the kernel does not have it now */
	uint32_t version;
};

/* Find the family of this name, until `deadline' (clock_now()). No module is loaded for it. Returns
 * and leaves in `answer' what netlink_ask() does. */
int netlink_family_find(struct netlink_family *family, int64_t deadline,
			struct netlink_answer *answer);

#endif
