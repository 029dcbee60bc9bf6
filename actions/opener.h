/* Finds who keeps a block device open, so that a refused demotion can name them.
 *
 * DRBD 8.4 says only "held open by someone", and DRBD 9 names the process that once opened the
 * device, which may have ended long since (mount(8) always has). /proc and /sys tell what holds it
 * now.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_OPENER_H
#define HA_OPENER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct opener_search {
	const char *root; /* put before /proc and /sys: empty but in tests */
	const dev_t *devices;
	size_t count;
	int64_t time; /* milliseconds that it may take; 0: half a second */
	/* Whether a process, whose folder in /proc this is, is no matter; NULL: each is one. */
	bool (*passes)(const void *argument, const char *process);
	const void *argument;
};

/* Whether one of the devices is mounted, in whatever mount namespace. `text` then says where, such
 * as "mounted on /mnt/drbd0", and is empty otherwise. */
bool opener_find_mount(const struct opener_search *search, char *text, size_t size);

/* Whether anything is found that keeps one of the devices open. `text` names the first few, mounts
 * before swap areas, devices built upon it and processes: "mounted on /mnt/drbd0, in use by bash
 * (pid 123)".
 *
 * All look for no longer than they may and never wait for a file system. Processes that end
 * meanwhile, or that may not be looked at (it takes CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH), are
 * passed over. Names of processes and mount points are their owners' choice: any octet but NUL. */
bool opener_find(const struct opener_search *search, char *text, size_t size);

/* The same for processes alone, where it is known that it is mounted: who uses its files, by a
 * descriptor, as its folder, or mapped into its memory. */
bool opener_find_process(const struct opener_search *search, char *text, size_t size);

#endif
