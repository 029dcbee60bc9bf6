/* Reads a password from a file, which nobody else may read.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/peer/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/memory.h"

/* The first line of the file; what is wrong with it, or NULL. */
static const char *read_line(int fd, char password[SETTINGS_PASSWORD_MAX + 1])
{
	char text[SETTINGS_PASSWORD_MAX + 3] = "";
	ssize_t length = read(fd, text, sizeof(text) - 1);
	size_t end = strcspn(text, "\r\n");
	const char *error = NULL;

	if (length < 0)
		error = strerror(errno);
	else if (end < SETTINGS_PASSWORD_MIN)
		error = "the password is too short: 8 octets are the least";
	else if (end > SETTINGS_PASSWORD_MAX)
		error = "the password is too long";
	else
		text_put_part(password, SETTINGS_PASSWORD_MAX + 1, text, end);
	explicit_bzero(text, sizeof(text));
	return error;
}

static const char *read_private(int fd, char password[SETTINGS_PASSWORD_MAX + 1])
{
	struct stat status;

	if (fstat(fd, &status) < 0)
		return strerror(errno);
	if (!S_ISREG(status.st_mode))
		return "is not a file";
	if (status.st_mode & S_IRWXO)
		return "others may read or write it: chmod o=";
	return read_line(fd, password);
}

bool peer_secret_read(const struct settings_secret *secret,
		      char password[SETTINGS_PASSWORD_MAX + 1], char error[SECRET_ERROR_MAX])
{
	const char *wrong;
	int fd;

	if (!secret->file) {
		text_put(password, SETTINGS_PASSWORD_MAX + 1, secret->password);
		return true;
	}
	/* It may be a pipe that nobody writes to. */
	fd = open(secret->file, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	wrong = fd < 0 ? strerror(errno) : read_private(fd, password);
	if (fd >= 0)
		close(fd);
	if (wrong)
		text_print(error, SECRET_ERROR_MAX, "%s: %s", secret->file, wrong);
	return !wrong;
}

bool peer_secret_is_open(const char *path)
{
	struct stat status;

	return stat(path, &status) == 0 && status.st_mode & S_IRWXO;
}
