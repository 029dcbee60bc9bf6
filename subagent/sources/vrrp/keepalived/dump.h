/* A file that keepalived writes when it is asked to by a signal, in its own time and not at once.
 *
 * It lies where anybody may put a file: it is read only when it belongs to `owner', is a plain
 * file, and is not too large.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_VRRP_DUMP_H
#define HA_VRRP_DUMP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

struct process;

/* Takes the content, which is valid during the call; false: it is not whole yet, and `error' says
 * what is wrong with it. */
typedef bool dump_take(void *argument, const char *octets, size_t length, char *error, size_t size);

enum dump_outcome {
	DUMP_NONE, /* none was asked for, or it has not come yet */
	DUMP_TAKEN,
	DUMP_FAILED /* `error' says why */
};

struct dump {
	const char *path; /* outlives it */
	uid_t owner;
	struct watched_files *files; /* only while it is waited for: the folder may be a busy one */
	struct stat before;          /* what lay there when it was asked for; zero: nothing */
	unsigned int tries;          /* how often what has come was read */
	int64_t deadline;            /* clock_now() at which it is given up; 0: none is asked for */
	int64_t asked;               /* clock_microseconds() at which the last one was asked for */
	char trouble[160];           /* why what has come so far is not taken; "" */
	char error[160];             /* of the last one; "" */
};

void dump_open(struct dump *dump, const char *path, uid_t owner);
void dump_close(struct dump *dump);

/* Ask for it, and wait for it for so many milliseconds, unless it is being waited for. False: it
 * cannot be asked, `error' says why; it is empty when it is too early. */
bool dump_ask(struct dump *dump, const struct process *process, int number, int64_t patience);

/* Nobody is there who could write it. */
void dump_forget(struct dump *dump);

/* Read what has come, and register for the coming turn. */
enum dump_outcome dump_turn(struct dump *dump, dump_take *take, void *argument);

#endif
