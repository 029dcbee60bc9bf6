/* What tests of the DRBD source share: a model, the rows that came out of it, recorded output.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_TEST_DRBD_WORLD_H
#define HA_TEST_DRBD_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "subagent/sources/drbd/model.h"
#include "subagent/sources/drbd/rows.h"

/* Wall clock of a world at first, milliseconds since 1970. */
#define WORLD_WALL INT64_C(1700000000000)

struct drbd_world {
	struct drbd_model *model;
	int64_t now;
	unsigned int rows, gone, begun, ended; /* reports since drbd_world_count() */
};

/* One world at a time: the reports carry no argument. */
void drbd_world_open(struct drbd_world *world);
void drbd_world_close(struct drbd_world *world);

/* Let time pass, in milliseconds. */
void drbd_world_pass(struct drbd_world *world, int64_t time);

/* Feed lines of a stream, each ended by a newline, and report after each as the source does. */
void drbd_world_feed(struct drbd_world *world, const char *text);

/* Feed a poll, and say whether it agrees. */
bool drbd_world_poll(struct drbd_world *world, const char *text);

/* Load a configuration from the text of `drbdadm dump-xml'. */
void drbd_world_expect(struct drbd_world *world, const char *node, const char *xml);

/* Report what has changed; report everything. */
void drbd_world_flush(struct drbd_world *world);
void drbd_world_report(struct drbd_world *world);

void drbd_world_count(struct drbd_world *world);

/* Rows as they were reported last; NULL when there is none. */
const struct drbd_resource_row *drbd_world_resource(const char *name);
const struct drbd_volume_row *drbd_world_volume(const char *resource, uint32_t volume);
const struct drbd_peer_row *drbd_world_peer(const char *resource, uint32_t node_id);
const struct drbd_peer_volume_row *drbd_world_peer_volume(const char *resource, uint32_t node_id,
							  uint32_t volume);
const struct drbd_scalars_row *drbd_world_scalars(void);

/* How many rows a table has. */
size_t drbd_world_rows(const struct table *table);

/* The value of a column as text, by the MIB's name. */
const char *drbd_world_text(const struct table *table, const void *row, const char *object);

/* The text of a file below tests/data, to be freed. */
char *drbd_world_file(const char *name);

#endif
