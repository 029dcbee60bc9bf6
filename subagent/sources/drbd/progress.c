/* How fast a resynchronisation goes, and how long it will take.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/drbd/progress.h"

#include <string.h>

#include "subagent/sources/drbd/rows.h"

#define SAMPLE_INTERVAL 900 /* milliseconds; a younger sample is replaced */
#define WINDOW 10000

static void drop_oldest(struct drbd_progress *progress)
{
	progress->count--;
	memmove(&progress->samples[0], &progress->samples[1],
		progress->count * sizeof(progress->samples[0]));
}

void drbd_progress_note(struct drbd_progress *progress, int64_t now, uint64_t out_of_sync)
{
	unsigned int last = progress->count - 1;

	if (progress->count && out_of_sync > progress->samples[last].out_of_sync)
		progress->count = 0;
	while (progress->count && now - progress->samples[0].when > WINDOW)
		drop_oldest(progress);
	if (progress->count == DRBD_PROGRESS_SAMPLES)
		drop_oldest(progress);
	last = progress->count - 1;
	if (progress->count > 1 && now - progress->samples[last - 1].when < SAMPLE_INTERVAL)
		progress->count--;
	progress->samples[progress->count].when = now;
	progress->samples[progress->count].out_of_sync = out_of_sync;
	progress->count++;
}

void drbd_progress_stop(struct drbd_progress *progress)
{
	progress->count = 0;
	progress->kernel_estimate = DRBD_NO_ESTIMATE;
}

uint32_t drbd_progress_rate(const struct drbd_progress *progress)
{
	unsigned int last = progress->count - 1;
	uint64_t fallen, rate;
	int64_t time;

	if (progress->count < 2)
		return 0;
	time = progress->samples[last].when - progress->samples[0].when;
	fallen = progress->samples[0].out_of_sync - progress->samples[last].out_of_sync;
	if (time < SAMPLE_INTERVAL / 2 || fallen > UINT64_MAX / 1000)
		return 0;
	rate = fallen * 1000 / (uint64_t)time;
	return rate < UINT32_MAX ? (uint32_t)rate : UINT32_MAX;
}

uint32_t drbd_progress_left(const struct drbd_progress *progress)
{
	uint32_t rate = drbd_progress_rate(progress);
	uint64_t left;

	if (progress->kernel_estimate != DRBD_NO_ESTIMATE)
		return progress->kernel_estimate;
	if (rate == 0)
		return DRBD_NO_ESTIMATE;
	left = progress->samples[progress->count - 1].out_of_sync / rate;
	return left < DRBD_NO_ESTIMATE ? (uint32_t)left : DRBD_NO_ESTIMATE - 1;
}

uint32_t drbd_progress_done(uint64_t size, uint64_t out_of_sync)
{
	uint64_t in_sync = out_of_sync < size ? size - out_of_sync : 0;

	if (out_of_sync == 0)
		return 10000;
	if (size == 0)
		return 0;
	return size < UINT64_MAX / 10000 ? (uint32_t)(in_sync * 10000 / size) :
					   (uint32_t)(in_sync / (size / 10000 + 1));
}
