/* What a person has typed, and how the commands reach the hub.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_ARGUMENTS_H
#define HA_ARGUMENTS_H

#include <stdbool.h>

struct board;

struct arguments {
	const char *socket;
	bool json, force;
	const char *seconds, *minutes; /* NULL: not given */
	/* What follows the command, ended by NULL; of a command that reads its options itself, that
	 * and the command. */
	char **words;
	int count;
};

/* Connect to the hub; fatal when nobody is there. */
int arguments_hub(const struct arguments *arguments);

/* Open a board and fill it with every row; fatal when the hub does not answer. */
void arguments_fetch(const struct arguments *arguments, int fd, struct board *board);

#endif
