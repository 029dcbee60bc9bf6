/* Reads small files, of the kernel or of other programs.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_FILE_H
#define HA_FILE_H

#include <stddef.h>
#include <sys/types.h>

/* What stands in a file, cut to `size', ended by a NUL; its length without that is returned, or -1
 * and errno says why: then the text is empty. Never waits for who would write to a FIFO. */
ssize_t file_read(const char *path, char *text, size_t size);

#endif
