/* How fast a resynchronisation goes, and how long it will take.
 *
 * DRBD 8.4 tells neither in events2, so both come from how fast the amount that is out of sync
 * falls over the last seconds.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_DRBD_PROGRESS_H
#define HA_DRBD_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

#define DRBD_PROGRESS_SAMPLES 8

/* Made ready by drbd_progress_stop(). */
struct drbd_progress {
	struct {
		int64_t when;             /* milliseconds */
		uint64_t out_of_sync;     /* KiB */
	} samples[DRBD_PROGRESS_SAMPLES]; /* oldest first */
	unsigned int count;
	uint32_t kernel_estimate; /* seconds, from DRBD 9, or DRBD_NO_ESTIMATE */
};

/* A resynchronisation runs, and now so much is out of sync. An amount that grows starts anew. */
void drbd_progress_note(struct drbd_progress *progress, int64_t now, uint64_t out_of_sync);

/* None runs, or it stands still. */
void drbd_progress_stop(struct drbd_progress *progress);

/* KiB a second, averaged over the samples of the last seconds; 0 when it cannot be told yet. */
uint32_t drbd_progress_rate(const struct drbd_progress *progress);

/* Seconds until nothing is out of sync; DRBD_NO_ESTIMATE when that cannot be told. */
uint32_t drbd_progress_left(const struct drbd_progress *progress);

/* How much of `size` is in sync, in hundredths of a percent; 10000 only when all is. */
uint32_t drbd_progress_done(uint64_t size, uint64_t out_of_sync);

#endif
