/* A watchdog of the kernel, such as /dev/watchdog1: what resets the machine when it is not fed.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "actions/watchdog_device.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/watchdog.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "lib/memory.h"

/* Seconds that it takes while it guards nobody and yet cannot be stopped: for a restart of the
 * agent they are enough. The first that the driver can do. */
static const int rest_seconds[] = { 600, 60 };

/* A driver takes the time it can do that comes next, and says which. */
static bool set_timeout(struct watchdog_device *device, uint32_t timeout)
{
	int seconds = (int)(timeout / 1000);

	if (ioctl(device->fd, WDIOC_SETTIMEOUT, &seconds) < 0 && errno != EOPNOTSUPP)
		return false;
	if (ioctl(device->fd, WDIOC_GETTIMEOUT, &seconds) < 0)
		return false;
	device->timeout = (uint32_t)seconds * 1000;
	return true;
}

bool watchdog_arm(struct watchdog_device *device, const char *path, uint32_t timeout, char *error,
		  size_t size)
{
	/* To open it starts it. */
	if (device->fd < 0)
		device->fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
	device->timeout = timeout;
	if (device->fd < 0) {
		text_print(error, size, "%s: %s", path, strerror(errno));
		return false;
	}
	if (!set_timeout(device, timeout)) {
		text_print(error, size, "%s: is no watchdog that tells its time: %s", path,
			   strerror(errno));
		watchdog_disarm(device);
		return false;
	}
	if (device->timeout <= timeout)
		return true;
	text_print(error, size, "%s: takes %u ms at least, and has %u", path, device->timeout,
		   timeout);
	watchdog_disarm(device);
	return false;
}

bool watchdog_feed(const struct watchdog_device *device)
{
	return ioctl(device->fd, WDIOC_KEEPALIVE, 0) == 0;
}

static void take_time(struct watchdog_device *device)
{
	for (size_t i = 0; i < sizeof(rest_seconds) / sizeof(*rest_seconds); i++)
		if (set_timeout(device, (uint32_t)rest_seconds[i] * 1000))
			return;
}

/* The letter is for drivers that know no other way; without it, to close starts the time anew. */
bool watchdog_disarm(struct watchdog_device *device)
{
	int option = WDIOS_DISABLECARD;

	if (ioctl(device->fd, WDIOC_SETOPTIONS, &option) < 0 && errno == EBUSY) {
		take_time(device);
		return false;
	}
	if (write(device->fd, "V", 1) < 0 && errno == EINTR)
		return false;
	close(device->fd);
	device->fd = -1;
	return true;
}
