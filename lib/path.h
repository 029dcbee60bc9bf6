/* Which path lies below which.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_PATH_H
#define HA_PATH_H

#include <stdbool.h>

/* Whether a path lies below a folder, both absolute and as the kernel writes them: by their text
 * alone. Only the root has a slash at its end. */
bool path_is_below(const char *path, const char *folder);

/* The same, or it is the folder. */
bool path_is_within(const char *path, const char *folder);

#endif
