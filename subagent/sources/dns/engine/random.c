/* Random ids for questions, that nobody can guess (RFC 5452, 4.3).
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/dns/engine/random.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "lib/log.h"

/* A system call for each would cost as much as half the probe. Not for use on both sides of a
 * fork(). */
uint16_t dns_random_id(void)
{
	static uint16_t ids[128]; /* getentropy(3) gives 256 octets at most */
	static size_t left;

	if (!left) {
		if (getentropy(ids, sizeof(ids)) < 0)
			log_fatal("getentropy: %s", strerror(errno));
		left = sizeof(ids) / sizeof(*ids);
	}
	return ids[--left];
}
