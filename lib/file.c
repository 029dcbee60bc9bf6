/* Reads small files, of the kernel or of other programs, and replaces files of our own.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "lib/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/memory.h"

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

static bool write_all(int fd, const char *content, size_t length)
{
	while (length) {
		ssize_t written = write(fd, content, length);

		if (written < 0)
			return false;
		content += written;
		length -= (size_t)written;
	}
	return true;
}

static bool write_new(const char *path, const void *content, size_t length, mode_t mode, bool sync)
{
	int fd, error;
	bool fine;

	unlink(path);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
	if (fd < 0)
		return false;
	fine = write_all(fd, content, length) && fchmod(fd, mode) == 0 && (!sync || fsync(fd) == 0);
	error = errno;
	if (close(fd) < 0)
		return false;
	errno = error;
	return fine;
}

static bool replace(const char *path, const void *content, size_t length, mode_t mode, bool sync)
{
	char fresh[PATH_MAX];
	int error;

	if ((size_t)snprintf(fresh, sizeof(fresh), "%s.new", path) >= sizeof(fresh)) {
		errno = ENAMETOOLONG;
		return false;
	}
	if (write_new(fresh, content, length, mode, sync) && rename(fresh, path) == 0)
		return true;
	error = errno;
	unlink(fresh);
	errno = error;
	return false;
}

bool file_replace(const char *path, const void *content, size_t length, mode_t mode)
{
	return replace(path, content, length, mode, false);
}

bool file_replace_durably(const char *path, const void *content, size_t length, mode_t mode)
{
	return replace(path, content, length, mode, true);
}
