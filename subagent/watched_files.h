/* Files that are watched for changes: by inotify(7), and by looking where that does not see.
 *
 * What counts is all that changes what a reader of the path finds: its content, mode, removal or
 * replacement, and the same of every symbolic link that the path leads over at its end, and of the
 * folders in which those lie.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_WATCHED_FILES_H
#define HA_WATCHED_FILES_H

#include <stdbool.h>
#include <stddef.h>

struct watched_files;

/* Owned by the caller. One descriptor serves all files. */
struct watched_files *watched_files_open(void);
void watched_files_close(struct watched_files *files);

/* Watch a path, which outlives it. Files are numbered from 0, in the order in which they came. */
size_t watched_files_add(struct watched_files *files, const char *path);

/* Whether it may have changed since this was last asked; true at the first time. On every turn:
 * looks as well, once in a while. */
bool watched_files_take(struct watched_files *files, size_t number);

/* Register for the coming turn. */
void watched_files_watch(struct watched_files *files);

#endif
