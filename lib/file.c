/* Reads small files, of the kernel or of other programs.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "lib/file.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

ssize_t file_read(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	ssize_t length = fd < 0 ? -1 : read(fd, text, size - 1);
	int error = errno;

	if (fd >= 0)
		close(fd);
	errno = error;
	text[length < 0 ? 0 : length] = '\0';
	return length;
}
