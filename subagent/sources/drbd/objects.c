/* The objects of DRBD as this source keeps them: resources with their volumes, peers and paths.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/drbd/objects.h"

#include <stdlib.h>
#include <string.h>

#include "lib/memory.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/sources/drbd/words.h"

struct drbd_node *drbd_node_find(struct drbd_node *list, uint32_t key)
{
	while (list && list->key != key)
		list = list->next;
	return list;
}

static void node_init(struct drbd_node *node, const struct table *table,
		      const struct drbd_key *keys, uint32_t key)
{
	node->table = table;
	node->keys = keys;
	node->key = key;
}

static void list_append(struct drbd_node **list, struct drbd_node *node)
{
	while (*list)
		list = &(*list)->next;
	*list = node;
}

struct drbd_resource *drbd_resource_new(const char *name, int64_t wall)
{
	struct drbd_resource *resource = memory_new(1, sizeof(*resource));

	node_init(&resource->node, &drbd_resource_table, drbd_resource_keys, 0);
	resource->node.row = &resource->row;
	resource->node.said = &resource->said;
	TEXT_PUT(resource->row.name, name);
	drbd_words_clear(&resource->node);
	resource->row.role_time.wall = wall;
	resource->role_before = HaDrbdRole_unknown;
	return resource;
}

static void list_free(struct drbd_node *list)
{
	while (list) {
		struct drbd_node *next = list->next;

		free(list);
		list = next;
	}
}

void drbd_resource_free(struct drbd_resource *resource)
{
	for (struct drbd_node *node = resource->peers; node; node = node->next) {
		list_free(drbd_peer_of(node)->volumes);
		drbd_paths_drop(drbd_peer_of(node));
	}
	list_free(resource->peers);
	list_free(resource->volumes);
	free(resource);
}

void drbd_resource_rename(struct drbd_resource *resource, const char *name)
{
	TEXT_PUT(resource->row.name, name);
	for (struct drbd_node *node = resource->volumes; node; node = node->next)
		TEXT_PUT(drbd_volume_of(node)->row.resource, name);
	for (struct drbd_node *node = resource->peers; node; node = node->next) {
		struct drbd_peer *peer = drbd_peer_of(node);

		TEXT_PUT(peer->row.resource, name);
		for (struct drbd_node *below = peer->volumes; below; below = below->next)
			TEXT_PUT(drbd_peer_volume_of(below)->row.resource, name);
	}
}

static bool make_room(struct drbd_resource *resource)
{
	if (resource->children >= DRBD_CHILDREN_MAX)
		return false;
	resource->children++;
	return true;
}

struct drbd_volume *drbd_volume_need(struct drbd_resource *resource, uint32_t number)
{
	struct drbd_node *node = drbd_node_find(resource->volumes, number);
	struct drbd_volume *volume;

	if (node)
		return drbd_volume_of(node);
	if (!make_room(resource))
		return NULL;
	volume = memory_new(1, sizeof(*volume));
	node_init(&volume->node, &drbd_volume_table, drbd_volume_keys, number);
	volume->node.row = &volume->row;
	volume->node.said = &volume->said;
	TEXT_PUT(volume->row.resource, resource->row.name);
	volume->row.number = number;
	drbd_words_clear(&volume->node);
	list_append(&resource->volumes, &volume->node);
	return volume;
}

struct drbd_peer *drbd_peer_need(struct drbd_resource *resource, uint32_t node_id, int64_t wall)
{
	struct drbd_node *node = drbd_node_find(resource->peers, node_id);
	struct drbd_peer *peer;

	if (node)
		return drbd_peer_of(node);
	if (!make_room(resource))
		return NULL;
	peer = memory_new(1, sizeof(*peer));
	node_init(&peer->node, &drbd_peer_table, drbd_peer_keys, node_id);
	peer->node.row = &peer->row;
	peer->node.said = &peer->said;
	TEXT_PUT(peer->row.resource, resource->row.name);
	peer->row.node_id = node_id;
	drbd_words_clear(&peer->node);
	drbd_split_init(&peer->split);
	peer->row.connection_time.wall = wall;
	peer->connection_before = HaDrbdConnection_unknown;
	list_append(&resource->peers, &peer->node);
	return peer;
}

struct drbd_peer_volume *drbd_peer_volume_need(struct drbd_resource *resource,
					       struct drbd_peer *peer, uint32_t volume)
{
	struct drbd_node *node = drbd_node_find(peer->volumes, volume);
	struct drbd_peer_volume *made;

	if (node)
		return drbd_peer_volume_of(node);
	if (!make_room(resource))
		return NULL;
	made = memory_new(1, sizeof(*made));
	node_init(&made->node, &drbd_peer_volume_table, drbd_peer_volume_keys, volume);
	made->node.row = &made->row;
	made->node.said = &made->said;
	TEXT_PUT(made->row.resource, resource->row.name);
	made->row.node_id = peer->node.key;
	made->row.volume = volume;
	drbd_words_clear(&made->node);
	drbd_progress_stop(&made->progress);
	list_append(&peer->volumes, &made->node);
	return made;
}

void drbd_node_raise(struct drbd_node *node)
{
	struct row *head = node->row;

	node->up = true;
	head->state = HaRowState_fresh;
}

void drbd_node_drop(struct drbd_node *node)
{
	if (node->up)
		drbd_words_clear(node);
	node->up = false;
}

void drbd_volume_drop(struct drbd_resource *resource, struct drbd_volume *volume)
{
	drbd_node_drop(&volume->node);
	for (struct drbd_node *node = resource->peers; node; node = node->next) {
		struct drbd_node *below =
			drbd_node_find(drbd_peer_of(node)->volumes, volume->node.key);

		if (below)
			drbd_node_drop(below);
	}
}

void drbd_peer_drop(struct drbd_peer *peer)
{
	drbd_node_drop(&peer->node);
	drbd_paths_drop(peer);
	for (struct drbd_node *node = peer->volumes; node; node = node->next)
		drbd_node_drop(node);
}

void drbd_resource_drop(struct drbd_resource *resource)
{
	drbd_node_drop(&resource->node);
	for (struct drbd_node *node = resource->volumes; node; node = node->next)
		drbd_node_drop(node);
	for (struct drbd_node *node = resource->peers; node; node = node->next)
		drbd_peer_drop(drbd_peer_of(node));
}

static struct drbd_path **path_find(struct drbd_peer *peer, const char *local, const char *remote)
{
	struct drbd_path **path = &peer->paths;

	while (*path &&
	       (strcmp((*path)->local, local) != 0 || strcmp((*path)->remote, remote) != 0))
		path = &(*path)->next;
	return path;
}

/* DRBD 9 takes a handful of paths. */
#define PATHS_MAX 16

void drbd_path_set(struct drbd_peer *peer, const char *local, const char *remote, bool established)
{
	struct drbd_path **path = path_find(peer, local, remote);
	unsigned int count = 0;

	for (const struct drbd_path *other = peer->paths; other; other = other->next)
		count++;
	if (!*path && count == PATHS_MAX)
		return;
	if (!*path) {
		*path = memory_new(1, sizeof(**path));
		TEXT_PUT((*path)->local, local);
		TEXT_PUT((*path)->remote, remote);
	}
	(*path)->established = established;
}

static void path_unlink(struct drbd_path **path)
{
	struct drbd_path *next = (*path)->next;

	free(*path);
	*path = next;
}

void drbd_path_drop(struct drbd_peer *peer, const char *local, const char *remote)
{
	struct drbd_path **path = path_find(peer, local, remote);

	if (*path)
		path_unlink(path);
}

void drbd_paths_drop(struct drbd_peer *peer)
{
	while (peer->paths)
		path_unlink(&peer->paths);
}
