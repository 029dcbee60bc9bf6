/* Status programs of commands: each asked again and again, none waited for.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_MEMBER_STATUSES_H
#define HA_MEMBER_STATUSES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct statuses;

/* What a program has said last. */
struct status {
	int32_t state;   /* enum haGroupMemberState: started, stopped; unknown */
	char error[160]; /* why it is not known; else empty */
	bool asked;      /* at least once, to an end */
	bool old;        /* something has changed since it was asked: wait for the next answer */
};

struct statuses *statuses_new(void);
void statuses_free(struct statuses *statuses);

/* Ask a program (ended by NULL, which outlives this). They are numbered from 0. */
size_t statuses_add(struct statuses *statuses, const char *const *argv);

const struct status *statuses_look(const struct statuses *statuses, size_t number);

/* Ask a program at once: something has changed. */
void statuses_hurry(struct statuses *statuses, size_t number);

/* On every turn: start what is due, take what has ended, end what takes too long. Whether one has
 * answered, or has failed to. */
bool statuses_turn(struct statuses *statuses);

#endif
