/* The objects of DRBD as this source keeps them: resources with their volumes, peers and paths.
 *
 * An object is there when the kernel has it or the configuration expects it. Its row holds what the
 * kernel told; drbd_derive.h adds what follows from that and from the configuration.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_DRBD_OBJECTS_H
#define HA_DRBD_OBJECTS_H

#include <stdbool.h>
#include <stdint.h>

#include "subagent/sources/drbd/progress.h"
#include "subagent/sources/drbd/rows.h"
#include "subagent/sources/drbd/split.h"

struct drbd_expected;
struct drbd_key;

/* What is common to all; the first member of each. */
struct drbd_node {
	struct drbd_node *next; /* among its siblings */
	const struct table *table;
	const struct drbd_key *keys; /* of events2, that become its columns */
	uint32_t key;                /* number of the volume, node-id of the peer */
	bool up;                     /* the kernel has it */
	bool shown;                  /* it is, or shall be, a row */
	bool seen;                   /* in the dump that is being read */
	bool told;                   /* `said` has been reported */
	bool held;                   /* .. and stays so for now, whatever `row` says */
	void *row;                   /* table->size octets, in the object itself */
	void *said;
};

struct drbd_path {
	struct drbd_path *next;
	char local[DRBD_ADDRESS_MAX + 1];
	char remote[DRBD_ADDRESS_MAX + 1];
	bool established;
};

struct drbd_volume {
	struct drbd_node node;
	struct drbd_volume_row row, said;
	int32_t open_told;  /* by newer drbd-utils: enum HaAnswer; 0 by others */
	bool created;       /* while the stream was read: it is new */
	int64_t held_until; /* see damp.h; 0: it is not held */
};

struct drbd_peer_volume {
	struct drbd_node node;
	struct drbd_peer_volume_row row, said;
	struct drbd_progress progress;
	bool in_sync; /* connected, and equal on both nodes */
	bool fresh;   /* the last line told how much is out of sync */
};

struct drbd_peer {
	struct drbd_node node;
	struct drbd_peer_row row, said;
	char kernel_name[DRBD_TEXT_MAX + 1];
	struct drbd_path *paths;
	struct drbd_node *volumes; /* struct drbd_peer_volume */
	struct drbd_split split;
	int32_t connection_before;
	bool joined; /* connected, and the peer has told its role */
};

struct drbd_resource {
	struct drbd_node node;
	struct drbd_resource_row row, said;
	struct drbd_node *volumes;            /* struct drbd_volume */
	struct drbd_node *peers;              /* struct drbd_peer */
	unsigned int children;                /* objects below it */
	const struct drbd_expected *expected; /* by the configuration; NULL when it is not */
	int32_t role_before;
	bool dirty; /* something has changed since it was last reported */
};

/* Objects below one resource, and resources: what a tool that went mad may make us keep. */
#define DRBD_CHILDREN_MAX 4096
#define DRBD_RESOURCES_MAX 4096

static inline struct drbd_resource *drbd_resource_of(struct drbd_node *node)
{
	return (struct drbd_resource *)node;
}

static inline struct drbd_volume *drbd_volume_of(struct drbd_node *node)
{
	return (struct drbd_volume *)node;
}

static inline struct drbd_peer *drbd_peer_of(struct drbd_node *node)
{
	return (struct drbd_peer *)node;
}

static inline struct drbd_peer_volume *drbd_peer_volume_of(struct drbd_node *node)
{
	return (struct drbd_peer_volume *)node;
}

/* The object with that key; NULL when there is none. */
struct drbd_node *drbd_node_find(struct drbd_node *list, uint32_t key);

/* A new resource, not up. */
struct drbd_resource *drbd_resource_new(const char *name, int64_t wall);

void drbd_resource_free(struct drbd_resource *resource);

/* Give it another name, in all its rows. */
void drbd_resource_rename(struct drbd_resource *resource, const char *name);

/* The object with that key, made when it is not there; NULL when there are too many. */
struct drbd_volume *drbd_volume_need(struct drbd_resource *resource, uint32_t number);
struct drbd_peer *drbd_peer_need(struct drbd_resource *resource, uint32_t node_id, int64_t wall);
struct drbd_peer_volume *drbd_peer_volume_need(struct drbd_resource *resource,
					       struct drbd_peer *peer, uint32_t volume);

/* The kernel has it now: its row is current. */
void drbd_node_raise(struct drbd_node *node);

/* The kernel does not have it any more: what it told is forgotten. What lies below goes with it. */
void drbd_volume_drop(struct drbd_resource *resource, struct drbd_volume *volume);
void drbd_peer_drop(struct drbd_peer *peer);
void drbd_resource_drop(struct drbd_resource *resource);
void drbd_node_drop(struct drbd_node *node);

/* Add a path or change it; remove it. */
void drbd_path_set(struct drbd_peer *peer, const char *local, const char *remote, bool established);
void drbd_path_drop(struct drbd_peer *peer, const char *local, const char *remote);
void drbd_paths_drop(struct drbd_peer *peer);

#endif
