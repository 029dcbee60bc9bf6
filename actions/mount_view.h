/* Whether a mount member is mounted, read from a mountinfo of /proc.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_MOUNT_VIEW_H
#define HA_MOUNT_VIEW_H

#include <stddef.h>
#include <sys/types.h>

#define MOUNT_VIEW_SOURCE "/proc/self/mountinfo"

struct settings_member;

enum mount_state {
	MOUNT_ABSENT,   /* the device is not mounted anywhere, nor anything on the point */
	MOUNT_DONE,     /* as it should be */
	MOUNT_READONLY, /* it is, but nobody can write */
	MOUNT_COVERED,  /* it is, and something else is mounted over it */
	MOUNT_OTHER,    /* something else is mounted on the point */
	MOUNT_ELSEWHERE /* the device is mounted, but not there */
};

struct mount_view {
	enum mount_state state;
	char device[128]; /* MOUNT_COVERED, MOUNT_OTHER: what is mounted there */
	char point[128];  /* MOUNT_ELSEWHERE: where */
};

/* What a mount member is, by the text of a mountinfo. Its mount point may lead over links, but not
 * at its end. Does not wait for the file system. */
void mount_view_read(struct mount_view *view, const char *text,
		     const struct settings_member *member);

/* The mount point as the kernel shows it. */
void mount_view_resolve(const char *name, char *point, size_t size);

/* The number of a block device; 0 when it is not there. */
dev_t mount_view_device(const char *path);

#endif
