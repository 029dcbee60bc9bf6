/* The door of the table of routers.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/vrrp/wire/door.h"

#include <stdlib.h>
#include <string.h>

#include "lib/memory.h"

/* Strangers that are remembered: at 50,000 a second for longer than the usual interval. */
#define SETS 16384
#define WAYS 4

/* So many may enter at once, and so many in a second. */
#define FIRST_BURST 64
#define FIRST_PACE 8
#define AGAIN_BURST 1024
#define AGAIN_PACE 64

struct bucket {
	int64_t thousandths; /* of a stranger that may enter */
	int64_t filled;      /* clock_now() */
};

struct door {
	struct bucket first, again;
	uint32_t seen[SETS][WAYS]; /* the newest first */
};

struct door *door_new(void)
{
	struct door *door = memory_new(1, sizeof(*door));

	door->first.thousandths = FIRST_BURST * 1000;
	door->again.thousandths = AGAIN_BURST * 1000;
	return door;
}

void door_free(struct door *door)
{
	free(door);
}

static bool take(struct bucket *bucket, int64_t now, int64_t pace, int64_t burst)
{
	int64_t gone = now - bucket->filled;

	if (gone > 0) {
		bucket->filled = now;
		/* More than fills it is no use, and might be too much for the product. */
		gone = gone < burst * 1000 ? gone : burst * 1000;
		bucket->thousandths += gone * pace;
		if (bucket->thousandths > burst * 1000)
			bucket->thousandths = burst * 1000;
	}
	if (bucket->thousandths < 1000)
		return false;
	bucket->thousandths -= 1000;
	return true;
}

static bool was_here(struct door *door, uint64_t fingerprint)
{
	uint32_t *set = door->seen[fingerprint % SETS], print = (uint32_t)(fingerprint >> 32);

	for (int way = 0; way < WAYS; way++)
		if (set[way] == print)
			return true;
	memmove(set + 1, set, (WAYS - 1) * sizeof(*set));
	set[0] = print;
	return false;
}

bool door_open(struct door *door, uint64_t fingerprint, int64_t now)
{
	if (was_here(door, fingerprint))
		return take(&door->again, now, AGAIN_PACE, AGAIN_BURST);
	return take(&door->first, now, FIRST_PACE, FIRST_BURST);
}
