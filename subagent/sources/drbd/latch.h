/* Remembers open split brains over restarts of the source: a small text file.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_DRBD_LATCH_H
#define HA_DRBD_LATCH_H

#include <stddef.h>
#include <stdint.h>

struct drbd_split;

#define DRBD_LATCH_TEXT_MAX 16384

struct drbd_latch {
	char path[256];
	char recalled[DRBD_LATCH_TEXT_MAX]; /* the file as it was at start: what was open then */
	char written[DRBD_LATCH_TEXT_MAX];  /* as it is now */
	char next[DRBD_LATCH_TEXT_MAX];     /* as it shall be, see drbd_latch_add() */
	size_t used;
};

/* Read the file `split-brain` in `folder`; one that is not there or cannot be read is empty. */
void drbd_latch_open(struct drbd_latch *latch, const char *folder);

/* Give `split` of this peer the state that it had when the file was written last, if it was bad. */
void drbd_latch_recall(const struct drbd_latch *latch, const char *resource, uint32_t node_id,
		       struct drbd_split *split);

/* Between these two, name every split brain that is open; then the file is written if it differs.
 * A file that cannot be written is logged once. */
void drbd_latch_begin(struct drbd_latch *latch);
void drbd_latch_add(struct drbd_latch *latch, const char *resource, uint32_t node_id,
		    const struct drbd_split *split);
void drbd_latch_end(struct drbd_latch *latch);

#endif
