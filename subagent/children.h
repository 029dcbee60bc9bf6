/* Supervises the children of the keeper: who runs, who is silent, whose rows are stale.
 *
 * Pure: it is told what happens and when, and asks through two calls.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_CHILDREN_H
#define HA_CHILDREN_H

#include <stdbool.h>
#include <stdint.h>

#include "subagent/roster.h"
#include "subagent/silence.h"
#include "subagent/source_row.h"

struct changes;
struct child_note;
struct instant;
struct pulse;
struct settings;

struct child {
	const struct source *source; /* NULL for the line and the root half */
	struct source_row row;
	bool wanted;
	bool awaited;     /* it is of the first, and was not heard yet */
	bool running;     /* the keeper has started it */
	bool killed;      /* for being silent or breaking the rules, and not gone yet */
	int64_t start_at; /* when to start it again */
	int64_t started;
	int64_t pause; /* the next back-off, milliseconds */
	struct silence silence;
	int64_t stale_since;                      /* 0 while its rows are current */
	bool forgotten;                           /* its rows have become unknown */
	uint32_t unknown_before, rejected_before; /* counted by its earlier processes */
};

struct children {
	struct changes *changes;
	const struct settings *settings;
	unsigned int count;
	int64_t opened;                /* clock_now() */
	struct child child[ROLES_MAX]; /* by number; ROLE_HUB is not used */
	void (*start)(void *keeper, unsigned int number);
	void (*kill)(void *keeper, unsigned int number);
	void *keeper;
};

/* All children that the settings want, none running yet. Set `start`, `kill`, `keeper` after. What
 * a lease lives on is started first, the others as soon as that was heard, or after a while. */
void children_open(struct children *children, struct changes *changes,
		   const struct settings *settings, const struct instant *when);

void children_started(struct children *children, unsigned int number, const struct child_note *note,
		      const struct instant *when);
void children_exited(struct children *children, unsigned int number, const struct child_note *note,
		     const struct instant *when);

/* A child was heard, at all. */
void children_heard(struct children *children, unsigned int number, const struct instant *when);

/* A source tells how it is. */
void children_pulse(struct children *children, unsigned int number, const struct pulse *pulse,
		    const struct instant *when);

/* A child broke the rules of the socket: it is ended and started again. */
void children_broke(struct children *children, unsigned int number, const struct instant *when);

/* The line has a session with the master agent (haSourceReason_none), or why it has not. */
void children_connected(struct children *children, int32_t reason, const struct instant *when);

/* Start, end, and age what is due. Returns when to call again (clock_now()), 0 for never. */
int64_t children_tick(struct children *children, const struct instant *when);

#endif
