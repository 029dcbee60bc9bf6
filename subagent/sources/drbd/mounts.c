/* Where DRBD devices are mounted.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/drbd/mounts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/memory.h"

static int is_octal(char digit)
{
	return digit >= '0' && digit <= '7';
}

/* The kernel writes space, tab, newline and backslash as three octal digits: \040. */
static void unescape(char *path, size_t size, const char *text, size_t length)
{
	size_t used = 0;

	for (size_t i = 0; i < length && used + 1 < size; i++) {
		const char *at = text + i;

		if (*at == '\\' && i + 3 < length && is_octal(at[1]) && is_octal(at[2]) &&
		    is_octal(at[3])) {
			path[used++] =
				(char)((at[1] - '0') << 6 | (at[2] - '0') << 3 | (at[3] - '0'));
			i += 3;
		} else {
			path[used++] = *at;
		}
	}
	path[used] = '\0';
}

/* "36 35 147:0 / /srv/data rw,... - ext4 /dev/drbd0 rw": the third field and the fifth. What stands
 * behind a path that is as long as paths can be does not matter. */
static void take_line(struct drbd_mounts *mounts, const char *start, size_t length)
{
	char line[8192 + 64];
	unsigned int major, minor;
	struct drbd_mount *mount;
	int path = 0;

	/* Not on the text itself: sscanf() measures all of it each time. */
	text_put_part(line, sizeof(line), start, length);
	if (sscanf(line, "%*u %*u %7u:%7u %*s %n", &major, &minor, &path) != 2 ||
	    major != DRBD_MAJOR || path == 0 || !line[path])
		return;
	mounts->mounts = memory_resize(mounts->mounts, mounts->count + 1, sizeof(*mounts->mounts));
	mount = &mounts->mounts[mounts->count++];
	memset(mount, 0, sizeof(*mount));
	mount->minor = minor;
	unescape(mount->path, sizeof(mount->path), line + path, strcspn(line + path, " "));
}

void drbd_mounts_take(struct drbd_mounts *mounts, const char *text)
{
	drbd_mounts_free(mounts);
	while (*text) {
		size_t length = strcspn(text, "\n");

		take_line(mounts, text, length);
		text += length + (text[length] == '\n');
	}
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
