/* Where DRBD devices are mounted.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_DRBD_MOUNTS_H
#define HA_DRBD_MOUNTS_H

#include <stddef.h>
#include <stdint.h>

#include "subagent/sources/drbd/rows.h"

struct drbd_mount {
	uint32_t minor;
	char path[DRBD_TEXT_MAX + 1]; /* unescaped, cut when it is longer */
};

/* Of DRBD devices, in the order of the kernel: a later one may lie on top of an earlier one. */
struct drbd_mounts {
	struct drbd_mount *mounts;
	size_t count;
};

/* Take the text of /proc/self/mountinfo (proc(5)); what was there before is freed. */
void drbd_mounts_take(struct drbd_mounts *mounts, const char *text);

/* The first place where the device is mounted; "" when it is not. */
const char *drbd_mounts_find(const struct drbd_mounts *mounts, uint32_t minor);

void drbd_mounts_free(struct drbd_mounts *mounts);

#endif
