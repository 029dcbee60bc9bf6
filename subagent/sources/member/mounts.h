/* What the kernel has mounted, told as soon as it changes.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_MEMBER_MOUNTS_H
#define HA_MEMBER_MOUNTS_H

#include <stdbool.h>

struct mounts {
	int file;   /* /proc/self/mountinfo; -1: it cannot be opened */
	char *text; /* as last read; NULL: not known */
	bool due;   /* to be read again */
};

void mounts_open(struct mounts *mounts);
void mounts_close(struct mounts *mounts);

/* On every turn: read what has changed, and register for the coming turn. Whether something was
 * read. */
bool mounts_turn(struct mounts *mounts);

#endif
