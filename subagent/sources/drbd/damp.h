/* Keeps quiet about what a volume passes through while its resource is taken down or brought up.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_DRBD_DAMP_H
#define HA_DRBD_DAMP_H

#include <stdint.h>

struct drbd_resource;

/* Hold the rows of volumes that lose their disk, or have none yet, while nothing uses them and no
 * peer is connected: a moment later they are gone, or have one, or it is true. When the first of
 * them is to be told (in the time of `now', clock_now()); 0 for none. */
int64_t drbd_damp(struct drbd_resource *resource, int64_t now);

#endif
