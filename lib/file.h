/* Reads small files, of the kernel or of other programs, and replaces files of our own.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_FILE_H
#define HA_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* What stands in a file, cut to `size', ended by a NUL; its length without that is returned, or -1
 * and errno says why: then the text is empty. Never waits for who would write to a FIFO. */
ssize_t file_read(const char *path, char *text, size_t size);

/* Put a new file in the place of one, whole or not at all, whatever happens meanwhile: until it is
 * complete it is called PATH.new, and what has that name goes. Links are not followed. False with
 * errno. Nobody waits for the disk: a power cut may take it. */
bool file_replace(const char *path, const void *content, size_t length, mode_t mode);

/* The same, and a power cut leaves the new file or the old one. Waits for the disk. */
bool file_replace_durably(const char *path, const void *content, size_t length, mode_t mode);

#endif
