/* Which path lies below which.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "lib/path.h"

#include <stddef.h>
#include <string.h>

/* What stands behind the folder; NULL: the path does not begin with it. */
static const char *rest_behind(const char *path, const char *folder)
{
	size_t length = strlen(folder);

	if (length && folder[length - 1] == '/')
		length--;
	return strncmp(path, folder, length) ? NULL : path + length;
}

bool path_is_below(const char *path, const char *folder)
{
	const char *rest = rest_behind(path, folder);

	return rest && rest[0] == '/' && rest[1];
}

bool path_is_within(const char *path, const char *folder)
{
	const char *rest = rest_behind(path, folder);

	return rest && (!*rest || *rest == '/');
}
