/* What the jobs of groups have begun, on disk: a hub that starts knows what an earlier one left.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_JOURNAL_H
#define HA_JOURNAL_H

#include <stddef.h>
#include <stdint.h>

#include "lib/settings_group.h"

struct settings;

enum journal_phase {
	JOURNAL_DONE,   /* no job has been left half done */
	JOURNAL_TAKING, /* its members are being started, */
	JOURNAL_HANDING /* or stopped, or its address is being given away */
};

struct journal_entry {
	char group[33];
	uint32_t phase; /* enum journal_phase */
	uint32_t job;   /* number and enum HaJobVerb of the last job */
	int32_t verb;
	uint32_t held;      /* 1: a job of the group may have left its instance held, */
	uint32_t suspended; /* or I/O of its resources suspended; else 0 */
};

struct journal {
	char path[256]; /* of the file, empty: there is none */
	size_t count;
	struct journal_entry entries[SETTINGS_GROUPS_MAX]; /* by position in the settings */
};

/* Read the file `groups' in the state folder, log what was left half done, and keep the file from
 * now on. One that is not what was written is logged and taken for empty. */
void journal_open(struct journal *journal, const struct settings *settings);

/* Write it. It never waits for the disk, on which no service may depend and whose stall would have
 * the watchdog reset the node: it is for the death of the hub. A power cut takes what runs, what is
 * mounted and what is held in /run with it. A failure is logged. */
void journal_write(const struct journal *journal);

#endif
