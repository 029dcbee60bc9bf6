/* What /proc/drbd tells without a program.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/drbd/kernel.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/memory.h"

/* FNV-1a */
#define DIGEST_START UINT64_C(0xcbf29ce484222325)
#define DIGEST_PRIME UINT64_C(0x100000001b3)

static uint64_t digest(uint64_t sum, const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++)
		sum = (sum ^ (unsigned char)text[i]) * DIGEST_PRIME;
	return sum;
}

/* " 0: cs:Connected ro:Secondary/Primary ds:UpToDate/UpToDate C r-----": up to the protocol. The
 * flags behind it flicker with the load, and no event tells of that. */
static uint64_t digest_states(const char *text)
{
	uint64_t sum = DIGEST_START;

	while ((text = strstr(text, ": cs:")) != NULL) {
		const char *disks = strstr(text, " ds:");
		const char *end = strchr(text, '\n');

		if (disks && (!end || disks < end))
			sum = digest(sum, text,
				     (size_t)(disks - text) + 4 + strcspn(disks + 4, " \n"));
		text += 5;
	}
	return sum;
}

void drbd_kernel_take(struct drbd_kernel *kernel, const char *text)
{
	static const char key[] = "version: ";
	const char *version;

	memset(kernel, 0, sizeof(*kernel));
	if (!text)
		return;
	version = strstr(text, key);
	version = version ? version + strlen(key) : "unknown";
	text_put_part(kernel->version, sizeof(kernel->version), version, strcspn(version, " \n"));
	kernel->major = (unsigned int)strtoul(kernel->version, NULL, 10);
	kernel->states = digest_states(text);
}

void drbd_kernel_look(struct drbd_kernel *kernel, const char *path)
{
	static char text[65536];
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	size_t used = 0;
	ssize_t got;

	if (fd >= 0) {
		while (used < sizeof(text) - 1 &&
		       (got = read(fd, text + used, sizeof(text) - 1 - used)) > 0)
			used += (size_t)got;
		close(fd);
	}
	text[used] = '\0';
	drbd_kernel_take(kernel, fd >= 0 ? text : NULL);
}
