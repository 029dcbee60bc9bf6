/* The rows of haDnsZoneTable.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_DNS_TELL_H
#define HA_DNS_TELL_H

#include <stdint.h>

struct member;
struct zone;

/* Report the row when it is not what was said last. Figures that move with every second are said
 * again every ten, or when something else has changed. */
void tell_member(const struct zone *zone, struct member *member, int64_t now, int64_t wall);

/* When the row must be looked at again because time passes; 0: never. */
int64_t tell_due(const struct zone *zone, const struct member *member, int64_t now, int64_t wall);

#endif
