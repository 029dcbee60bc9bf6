/* One virtual address of an instance: whether it is on an interface of this node, and its row.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_VRRP_VIRTUAL_H
#define HA_VRRP_VIRTUAL_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/address.h"
#include "subagent/pace.h"
#include "subagent/sources/vrrp/rows.h"

struct claim_address;
struct vrrp_view;

struct virtual
{
	struct address address; /* without port and scope */
	char interface[16];     /* it is configured for, empty: any */
	bool claimed;           /* by keepalived, now */
	int32_t found;          /* enum haVrrpAddressState, by the kernel */
	int64_t found_at;       /* clock_now() since which it was found so */
	bool shown;             /* the row says something */
	struct paced paced;
	struct vrrp_address_row row; /* as it is, or will be told */
};

struct virtual *virtual_new(const char *instance, const struct claim_address *claimed);

/* It is not the instance's any more: its row goes, too. */
void virtual_forget(struct virtual *virtual, struct pace *pace);

bool virtual_is(const struct virtual *virtual, const struct claim_address *claimed);

/* Keepalived says this of it. */
void virtual_take(struct virtual *virtual, const struct claim_address *claimed);

/* See where it is; whether this node serves it. `interface' is the index of the one it is
 * configured for. A director that is a real server, too, has it on a loopback interface all the
 * time, where it answers nobody's ARP. */
bool virtual_look(struct virtual *virtual, uint32_t interface, const struct vrrp_view *view);

/* Tell the row when it is another. `master': keepalived says that the instance is master, since
 * `changed' (clock_now()). keepalived moves the addresses first and speaks then, so what does not
 * fit its word waits for it a moment. */
void virtual_tell(struct virtual *virtual, bool master, int64_t changed, struct vrrp_view *view);

#endif
