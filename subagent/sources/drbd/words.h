/* How the keys of an events2 line become columns.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_DRBD_WORDS_H
#define HA_DRBD_WORDS_H

#include <stdbool.h>
#include <stdint.h>

struct drbd_node;
struct events2_line;

/* One key and its column. The MIB says what the value can be: the words of an enumeration or of
 * BITS are its labels, but for their case and hyphens. */
struct drbd_key {
	const char *key;
	uint16_t object; /* enum mib_id of the column; a list ends with a key of NULL */
	uint8_t use;     /* DRBD_STATE, DRBD_FIGURE or neither */
};

enum {
	DRBD_STATE = 1, /* the stream tells each of its changes */
	DRBD_FIGURE = 2 /* has no value until it was told */
};

extern const struct drbd_key drbd_resource_keys[];
extern const struct drbd_key drbd_volume_keys[];
extern const struct drbd_key drbd_peer_keys[];
extern const struct drbd_key drbd_peer_volume_keys[];

/* Store in the node's row what the line says; with `states` false all but the states. Returns how
 * many words are unknown, which are stored as `other`. */
unsigned int drbd_words_take(struct drbd_node *node, const struct events2_line *line, bool states);

/* Whether the line says another state than the row. */
bool drbd_words_differ(const struct drbd_node *node, const struct events2_line *line);

/* Forget what the kernel told: states become unknown, figures have no value. The row is missing. */
void drbd_words_clear(struct drbd_node *node);

#endif
