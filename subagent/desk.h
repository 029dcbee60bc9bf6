/* The desk: where hactl asks the hub, over a unix socket of its own.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_DESK_H
#define HA_DESK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/table.h"

struct board;
struct jobs;
struct settings;

#define DESK_CLIENTS_MAX 8

/* Whoever has not asked or taken anything for so long, milliseconds, may lose his seat. */
#define DESK_IDLE 5000

struct client {
	struct desk *desk;
	int fd;              /* -1: nobody sits here */
	bool root;           /* may ask for actions */
	bool listing;        /* is being sent every row */
	int64_t moved;       /* clock_now() when it last asked or took something */
	size_t table;        /* where it stands: this table of the board, */
	size_t index_length; /* behind this index; 0 for its beginning */
	uint32_t index[INDEX_MAX];
};

struct desk {
	int fd; /* -1 when it could not be opened */
	struct board *board;
	struct jobs *jobs;
	struct client clients[DESK_CLIENTS_MAX];
};

/* Listen at settings->socket. Should that fail it is logged, and there is no desk. */
void desk_open(struct desk *desk, const struct settings *settings, struct board *board,
	       struct jobs *jobs);
void desk_close(struct desk *desk);

/* Wait for clients in the coming turn. Everybody may list; only root's SETs are obeyed. When all
 * seats are taken, whoever comes gets the seat of the one that has been idle for longest, for
 * DESK_IDLE at least; root that of any other user, idle or not: nobody shuts root out. */
void desk_watch(struct desk *desk);

#endif
