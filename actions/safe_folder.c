/* Opens folders in which nobody but root can put one thing in the place of another.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "actions/safe_folder.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Whether nobody but root can put something else in its place, or into it. In a folder with the
 * sticky bit others cannot touch what is root's. */
static bool is_safe(int folder, bool last)
{
	mode_t others = S_IWGRP | S_IWOTH;
	struct stat status;

	if (fstat(folder, &status) < 0 || (status.st_uid != 0 && status.st_uid != geteuid()))
		return false;
	return !(status.st_mode & others) || (status.st_mode & S_ISVTX && !last);
}

/* The descriptor of what is below a folder, which is closed; -1 when there is no such folder, with
 * errno; EPERM when it is not safe. */
static int descend(int folder, const char *name, bool last)
{
	int below = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	int error = below < 0 ? errno : EPERM;

	close(folder);
	if (below >= 0 && is_safe(below, last))
		return below;
	if (below >= 0)
		close(below);
	errno = error;
	return -1;
}

/* Open a folder, whose path has no links any more, from the root down. */
static int walk(char *path)
{
	int folder = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	char *rest = NULL;

	for (char *name = strtok_r(path, "/", &rest); name && folder >= 0;) {
		char *next = strtok_r(NULL, "/", &rest);

		folder = descend(folder, name, !next);
		name = next;
	}
	return folder;
}

int safe_folder_open(const char *path)
{
	char real[PATH_MAX];

	return realpath(path, real) ? walk(real) : -1;
}
