/* What follows from what the kernel told and the configuration expects.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_DRBD_DERIVE_H
#define HA_DRBD_DERIVE_H

#include <stdbool.h>
#include <stdint.h>

struct drbd_expected;
struct drbd_expected_peer;
struct drbd_mounts;
struct drbd_peer;
struct drbd_resource;

/* Major version of the kernel's DRBD that knows a single peer, with the number 0. */
#define DRBD_SINGLE_PEER 8

/* What the rows depend on besides the objects. */
struct drbd_surroundings {
	int64_t now, wall;         /* of the line that was taken */
	unsigned int kernel_major; /* 8 or 9; 0 when not known */
	const struct drbd_mounts *mounts;
	bool dumped; /* the line is of a dump, not of a change */
};

/* What the configuration expects this peer to be; NULL when it does not. */
const struct drbd_expected_peer *drbd_peer_expected(const struct drbd_resource *resource,
						    const struct drbd_peer *peer,
						    unsigned int kernel_major);

/* After each line about the resource: follow its history, for what a later state does not show. */
void drbd_resource_follow(struct drbd_resource *resource, const struct drbd_surroundings *around);

/* Before its rows are reported: complete them, and decide which are shown. */
void drbd_resource_derive(struct drbd_resource *resource, const struct drbd_surroundings *around);

/* Whether a resynchronisation or verification runs, so that figures change from second to second.
 */
bool drbd_resource_is_busy(const struct drbd_resource *resource);

#endif
