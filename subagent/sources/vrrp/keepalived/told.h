/* What a dump of keepalived has told.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_VRRP_TOLD_H
#define HA_VRRP_TOLD_H

#include <stdbool.h>
#include <stddef.h>

#include "subagent/sources/vrrp/keepalived/keepalived.h"

struct told {
	struct claim *claims; /* in the order of the dump; names are not empty */
	size_t count;
	char error[160]; /* what could not be read; "" */
};

/* Room for one more, zeroed but for what is `unknown' of an enumeration. */
struct claim *told_add(struct told *told);

/* Give `claim' one more address, or one more file. */
void told_add_address(struct claim *claim, const struct claim_address *address);
struct claim_file *told_add_file(struct claim *claim);

/* Frees what a claim holds, but not itself. */
void told_free_claim(struct claim *claim);
void told_free(struct told *told);

#endif
