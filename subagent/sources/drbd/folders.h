/* Notices that the files of drbdadm's configuration have changed.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_DRBD_FOLDERS_H
#define HA_DRBD_FOLDERS_H

#include <stdbool.h>
#include <stdint.h>

struct drbd_folders {
	int fd;           /* of inotify(7) */
	int top;          /* its watch of the folder of the main file, or -1 */
	const char *name; /* of the main file in it */
	int64_t changed;  /* clock_now() of the last change that was not told yet; 0: none */
};

/* Watch `file` (/etc/drbd.conf) and the folder that it includes by convention: /etc/drbd.d. */
void drbd_folders_open(struct drbd_folders *folders, const char *file);

/* Watch another folder; watching the same one twice is harmless. */
void drbd_folders_add(struct drbd_folders *folders, const char *path);

/* On every turn: true once after a change, when the files have been quiet for a moment. */
bool drbd_folders_turn(struct drbd_folders *folders);

void drbd_folders_close(struct drbd_folders *folders);

#endif
