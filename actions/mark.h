/* Marks of what the executor has started by a command, for where nothing else tells whether it
 * runs.
 *
 * A mark is a file of root's in a folder of root's that is empty after a boot. It says what is
 * being done, or was done last, and by which process: "starting 123", "started 123", "stopping
 * 123", "failed 123". No mark says that it is stopped.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_MARK_H
#define HA_MARK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct settings;
struct settings_group;
struct settings_member;

/* Path of the folder of all marks, and of one of them in there. */
void mark_folder(const struct settings *settings, char *path, size_t size);
void mark_path(const struct settings *settings, const struct settings_group *group,
	       const struct settings_member *member, char *path, size_t size);

/* Make the folder, so that it can be watched before there is a mark. */
void mark_make_folder(const struct settings *settings);

/* What a mark says, enum haGroupMemberState; `text' NULL: there is none. What is only being done,
 * by a process that is no more, has failed. */
int32_t mark_read(const char *text);

/* The same of the file. */
int32_t mark_look(const char *path);

/* Say it. Fails with errno; the folder is made when it is not there, and must be one that only root
 * writes to. */
bool mark_write(const struct settings *settings, const char *path, int32_t state);

#endif
