/* Where DRBD devices are mounted.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/drbd/mounts.h"

#include <stdlib.h>
#include <string.h>

#include "lib/memory.h"
#include "lib/mountinfo.h"

static void add(struct drbd_mounts *mounts, const struct mountinfo *found)
{
	struct drbd_mount *mount;

	mounts->mounts = memory_resize(mounts->mounts, mounts->count + 1, sizeof(*mounts->mounts));
	mount = &mounts->mounts[mounts->count++];
	memset(mount, 0, sizeof(*mount));
	mount->minor = found->minor;
	TEXT_PUT(mount->path, found->point);
}

void drbd_mounts_take(struct drbd_mounts *mounts, const char *text)
{
	struct mountinfo found;

	drbd_mounts_free(mounts);
	while (mountinfo_next(&text, &found))
		if (found.major == DRBD_MAJOR)
			add(mounts, &found);
}

const char *drbd_mounts_find(const struct drbd_mounts *mounts, uint32_t minor)
{
	for (size_t i = 0; i < mounts->count; i++)
		if (mounts->mounts[i].minor == minor)
			return mounts->mounts[i].path;
	return "";
}

void drbd_mounts_free(struct drbd_mounts *mounts)
{
	free(mounts->mounts);
	mounts->mounts = NULL;
	mounts->count = 0;
}
