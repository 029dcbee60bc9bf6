/* What is mounted where, as the kernel says it: lines of /proc/PID/mountinfo (proc(5)).
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_MOUNTINFO_H
#define HA_MOUNTINFO_H

#include <stdbool.h>
#include <stdint.h>

#define DRBD_MAJOR 147 /* Linux's Documentation/admin-guide/devices.txt */

/* Paths are unescaped, and cut when they are longer than the field. */
struct mountinfo {
	uint32_t major, minor; /* of what the files lie on: of a disk its own, else made up */
	char root[256];        /* which folder of the file system; "/" unless it is a bind mount */
	char point[256];       /* where */
	char type[32];         /* of the file system */
	char device[256];      /* its source: a path, or any word */
	bool read_only;        /* the mount, or the whole file system */
};

/* Read the line at `*text' and step behind it; a line that cannot be understood is passed over.
 * False at the end of the text. A later mount on the same point lies over an earlier one. */
bool mountinfo_next(const char **text, struct mountinfo *mount);

/* The mount on which a path lies that leads over no symbolic link: the last of those whose point is
 * a beginning of it. False when there is none. */
bool mountinfo_under(const char *text, const char *path, struct mountinfo *mount);

#endif
