/* The notify FIFO of keepalived, whose one reader we are: a line for each transition, at once.
 *
 * keepalived drops lines without a word when the pipe is full, and a second reader takes some away.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_VRRP_FIFO_H
#define HA_VRRP_FIFO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#define FIFO_LINE_MAX 512 /* with its NUL */

struct fifo_line {
	char name[65];
	int32_t state; /* enum HaVrrpState: that the instance is in now */
	int priority;  /* effective */
};

typedef void fifo_take(void *argument, const struct fifo_line *line);

struct fifo {
	const char *path; /* outlives it; NULL: there is none */
	struct watched_files *files;
	int fd;       /* -1: it is not open */
	dev_t device; /* of what is open */
	ino_t inode;
	bool overlong; /* the line under way is too long: its rest is passed over */
	size_t used;
	char line[FIFO_LINE_MAX]; /* under way */

	/* What has come of it: */
	uint32_t opened;   /* how often: what was told before the last time is not known */
	uint32_t rejected; /* lines that say nothing that is known */
	char error[160];   /* why it is not read; "" */
};

void fifo_open(struct fifo *fifo, const char *path);
void fifo_close(struct fifo *fifo);

/* Read what is there, and register for the coming turn. What lay in the pipe when it was opened is
 * old, and is not told. */
void fifo_turn(struct fifo *fifo, fifo_take *take, void *argument);

/* INSTANCE "name" STATE priority. False: it says something else, or nothing. */
bool fifo_read_line(const char *text, struct fifo_line *line);

/* Take octets from the pipe, in pieces of any size. */
void fifo_feed(struct fifo *fifo, const char *octets, size_t length, fifo_take *take,
	       void *argument);

#endif
