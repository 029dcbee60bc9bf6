/* Tickles the clients of a server that has come here, and keeps the list of those that it has now.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_TICKLE_KEEPER_H
#define HA_TICKLE_KEEPER_H

#include "lib/address.h"

struct keeper {
	struct address server; /* with its port */
	const char *path;      /* of the list */
	int control; /* a listening socket: whoever connects is told that this lives, and a
		      * superuser who sends something ends it */
};

/* Tickle those of the list once; the rest is for keeper_run(). */
void keeper_begin(const struct keeper *keeper);

/* Tickle them again some times, and keep the list, until asked to end; the list is up to date then.
 */
void keeper_run(const struct keeper *keeper);

#endif
