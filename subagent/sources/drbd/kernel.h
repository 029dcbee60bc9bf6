/* What /proc/drbd tells without a program: that the module is loaded, its version and, of DRBD 8.4,
 * that some state has changed. SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_DRBD_KERNEL_H
#define HA_DRBD_KERNEL_H

#include <stdint.h>

struct drbd_kernel {
	char version[65];   /* "8.4.11"; "" when the module is not loaded */
	unsigned int major; /* 0 then */
	uint64_t states;    /* a digest of all states; DRBD 9 does not show them there */
};

/* Take the text of the file; NULL when there is no such file. */
void drbd_kernel_take(struct drbd_kernel *kernel, const char *text);

/* Read the file `path`, of which 64 KiB count. */
void drbd_kernel_look(struct drbd_kernel *kernel, const char *path);

#endif
