/* A watchdog of the kernel, such as /dev/watchdog1: what resets the machine when it is not fed.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_WATCHDOG_DEVICE_H
#define HA_WATCHDOG_DEVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct watchdog_device {
	int fd;           /* -1: it is closed */
	uint32_t timeout; /* milliseconds after which it resets the machine, as read back */
};

#define WATCHDOG_CLOSED                                                                            \
	{                                                                                          \
		.fd = -1                                                                           \
	}

/* Open and start it with this many milliseconds, whole seconds; one that is open gets them. False,
 * and why not, when it does not run, or would take longer; it may be open nevertheless, see
 * watchdog_disarm(). */
bool watchdog_arm(struct watchdog_device *device, const char *path, uint32_t timeout, char *error,
		  size_t size);

/* Everything is fine for another `timeout'. False, with errno, when it does not hear. */
bool watchdog_feed(const struct watchdog_device *device);

/* Stop and close it. False when the kernel does not let anybody stop it ("nowayout"): then it stays
 * open, takes its time, and has to be fed for ever, by the next process, too. */
bool watchdog_disarm(struct watchdog_device *device);

#endif
