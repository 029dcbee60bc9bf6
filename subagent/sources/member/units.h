/* Units of systemd, as it tells them on the system bus.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_MEMBER_UNITS_H
#define HA_MEMBER_UNITS_H

#include <stdbool.h>
#include <stddef.h>

struct units;

struct unit {
	bool known;      /* systemd has answered, and is still there; else as it was last */
	char load[24];   /* LoadState: "loaded", "not-found", "masked", .. */
	char active[24]; /* ActiveState: "active", "inactive", "failed", .. */
	char sub[24];    /* SubState */
};

struct units *units_new(void);
void units_free(struct units *units);

/* Ask for a unit, whose name outlives this. They are numbered from 0. All before the first turn. */
size_t units_add(struct units *units, const char *name);

const struct unit *units_look(const struct units *units, size_t number);

/* Whether systemd has answered, and what is wrong else; empty at first. */
bool units_known(const struct units *units);
const char *units_error(const struct units *units);

/* On every turn. Without a unit nothing is done, and nobody asked. Whether there is news. */
bool units_turn(struct units *units);

#endif
