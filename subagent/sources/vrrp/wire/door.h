/* The door of the table of routers: strangers enter at a pace, and before others when they come
 * again.
 *
 * Whoever forges source addresses can make any number of routers that are heard once. A router
 * advertises on and on, so while too many strangers come, those are let in that were here before.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_VRRP_DOOR_H
#define HA_VRRP_DOOR_H

#include <stdbool.h>
#include <stdint.h>

struct door;

struct door *door_new(void);
void door_free(struct door *door);

/* Whether the stranger with this fingerprint, which nobody can foresee, may enter at this time
 * (clock_now()). */
bool door_open(struct door *door, uint64_t fingerprint, int64_t now);

#endif
