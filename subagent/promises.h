/* What was done for a time, or can be given back: kept until it is over.
 *
 * A server that was drained has a weight to get back, and a hold may have an end, as maintenance
 * has. All are here from before the executor is asked until they are undone, and in a file, so that
 * a hub that is killed or a daemon that is started again still knows of them. Whether they still
 * hold the facts say.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_PROMISES_H
#define HA_PROMISES_H

#include <stddef.h>
#include <stdint.h>

#include "lib/table.h"

#define PROMISE_NAME_SIZE 128

struct promise {
	int32_t verb;    /* enum HaJobVerb that made it */
	uint32_t weight; /* to be given back; 0 where there is none */
	int32_t before;  /* state of the subject when it was made, as its kind has it */
	int64_t ends;    /* clock_wall() at which it is to be undone; 0: never */
	int64_t proof;   /* clock_wall() by which its job must have ended well, or it
			    is undone, too; 0: it has */
	char name[PROMISE_NAME_SIZE]; /* what a person calls its subject */
	uint32_t index_length;        /* of its subject's row */
	uint32_t index[INDEX_MAX];
};

/* One, and how often it was tried to keep it. */
struct promise_entry {
	struct promise promise;
	int64_t next_try; /* clock_now() */
	int64_t pause;    /* milliseconds, 0: it was not tried yet */
};

struct promises {
	char path[256]; /* of the file, empty: there is none */
	size_t count, room;
	struct promise_entry *entries;
};

/* Read the file `promises' in the state folder, and keep it from now on. One that is not what was
 * written is logged and set aside, as `promises.broken'. Of an earlier life of the kernel only
 * what may outlive it is taken. */
void promises_open(struct promises *promises, const char *folder);
void promises_close(struct promises *promises);

/* The one about this subject; NULL when there is none. `verb' tells subjects of different kinds
 * with the same index apart. */
struct promise_entry *promises_find(const struct promises *promises, int32_t verb,
				    const uint32_t *index, size_t length);

/* Add one, or put it in the place of the one about the same subject; and write the file. It never
 * waits for the disk: what a power cut takes from it, it takes from the kernel, too. */
void promises_put(struct promises *promises, const struct promise *promise);
void promises_drop(struct promises *promises, struct promise_entry *entry);

/* What is left of it in seconds, never 0 before it is over; 0: no end. */
uint32_t promise_left(const struct promise *promise, int64_t wall);

#endif
