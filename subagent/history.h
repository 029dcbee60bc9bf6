/* The jobs that are remembered over restarts: a ring of rows in a file, what they promised and
 * began. SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_HISTORY_H
#define HA_HISTORY_H

struct job_row;
struct jobs;
struct instant;
struct settings;

struct history {
	int fd; /* of the file, -1 when there is none */
};

/* Open the file `jobs` in the state folder and give every row in it to jobs_remember(). Rows of
 * another version of the program, or damaged ones, are passed over; a file that cannot be had is
 * logged, and nothing is remembered. Open promises and the journal of the groups are in files of
 * their own: promises.h, groups/journal.h. */
void history_open(struct history *history, const struct settings *settings, struct jobs *jobs,
		  const struct instant *when);
void history_close(struct history *history);

/* Write the row of a job to its place; never waits for the disk. */
void history_keep(struct history *history, const struct job_row *row);

#endif
