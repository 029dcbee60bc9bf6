/* Reads and writes files of the kernel and of programs as a whole.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "actions/whole_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#include "lib/memory.h"

#define FIRST_SIZE 8192
#define LAST_SIZE (16 << 20)

char *whole_file_read_open(int file)
{
	size_t used = 0, size = FIRST_SIZE;
	char *text = memory_new(size, 1);
	ssize_t length;

	if (lseek(file, 0, SEEK_SET) < 0) {
		free(text);
		return NULL;
	}
	while ((length = read(file, text + used, size - 1 - used)) > 0) {
		used += (size_t)length;
		if (used < size - 1)
			continue;
		if (size == LAST_SIZE)
			break;
		size *= 2;
		text = memory_resize(text, size, 1);
	}
	if (length < 0) {
		free(text);
		return NULL;
	}
	text[used] = '\0';
	return text;
}

char *whole_file_read(const char *path)
{
	int file = open(path, O_RDONLY | O_CLOEXEC), error;
	char *text;

	if (file < 0)
		return NULL;
	text = whole_file_read_open(file);
	error = errno;
	close(file);
	errno = error;
	return text;
}

bool whole_file_write_open(int file, const char *text)
{
	size_t length = strlen(text), done = 0;
	ssize_t written;

	while (done < length && (written = write(file, text + done, length - done)) > 0)
		done += (size_t)written;
	return done == length;
}
