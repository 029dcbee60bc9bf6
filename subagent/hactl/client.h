/* hactl's side of the desk: fetch every row, ask for an action.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_CLIENT_H
#define HA_CLIENT_H

#include <stdbool.h>

struct board;
struct set;
struct verdict;

/* Connect to the hub's socket; -1 and errno when nobody is there. */
int client_connect(const char *path);

/* Fill `board`, which is open and empty, with every row. False when the hub went away. */
bool client_fetch(int fd, struct board *board);

/* Ask for what `set` says; false when the hub went away. */
bool client_ask(int fd, const struct set *set, struct verdict *verdict);

#endif
