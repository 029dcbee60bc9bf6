/* Reads and writes files of the kernel and of programs as a whole.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_WHOLE_FILE_H
#define HA_WHOLE_FILE_H

#include <stdbool.h>

/* The text of a file, which the caller frees; NULL with errno when it cannot be read. One of more
 * than 16 MiB is cut. */
char *whole_file_read(const char *path);

/* The same from the beginning of an open file, which stays open. */
char *whole_file_read_open(int file);

/* Write all of a text to an open file, which stays open; false with errno when it cannot be. */
bool whole_file_write_open(int file, const char *text);

#endif
