/* How long somebody may say nothing before he is taken for hung.
 *
 * When the whole machine stood still, everybody has been silent, and so has whoever listens: a
 * silence that lasts too long is first only doubted, for as long as a word takes that is overdue.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_SILENCE_H
#define HA_SILENCE_H

#include <stdint.h>

struct silence {
	int64_t last_word; /* clock_now() */
	int64_t doubted;   /* when it was first seen to last too long, or 0 */
};

/* A word was heard at `now'. */
void silence_break(struct silence *silence, int64_t now);

/* When to look again (clock_now()); 0: it has lasted for `limit' and for `doubt' after that was
 * seen, milliseconds. */
int64_t silence_look(struct silence *silence, int64_t limit, int64_t doubt, int64_t now);

#endif
