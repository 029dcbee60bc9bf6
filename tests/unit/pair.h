/* A healthy DRBD resource in rows, for tests to spoil.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_PAIR_H
#define HA_PAIR_H

#include "subagent/sources/drbd/rows.h"

#define PAIR_VOLUMES 2

/* One peer, named n2; both nodes Secondary, connected, established, UpToDate. */
struct pair {
	struct drbd_resource_row resource;
	struct drbd_volume_row volume[PAIR_VOLUMES];
	struct drbd_peer_row peer;
	struct drbd_peer_volume_row peer_volume[PAIR_VOLUMES];
};

struct pair pair_healthy(const char *name);

/* Say all its rows to the world. */
void pair_say(const struct pair *pair);

#endif
