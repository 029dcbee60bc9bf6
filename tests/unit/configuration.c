/* Configurations for the tests: files in the folder of the test, and what is said of wrong ones.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "tests/unit/configuration.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/memory.h"
#include "lib/settings.h"
#include "tests/unit/check.h"
#include "tests/unit/folder.h"

int configuration_open(const void *octets, size_t length)
{
	int fd = open(folder_path("conf"), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, octets, length, 0), length);
	return fd;
}

struct settings *configuration_load_octets(const void *octets, size_t length)
{
	int fd = configuration_open(octets, length);
	struct settings *settings = settings_load(fd, "conf");

	close(fd);
	return settings;
}

struct settings *configuration_load(const char *text)
{
	return configuration_load_octets(text, strlen(text));
}

/* Leave without a search for leaks, which a fatal error does not care about, and which takes long.
 */
static void leave(int status, void *argument)
{
	(void)argument;
	_exit(status);
}

void configuration_elsewhere(int fd, char *message, size_t size)
{
	int words[2], status = 0;
	ssize_t length;
	pid_t pid;

	assert_int_equal(pipe(words), 0);
	pid = fork();
	if (pid == 0) {
		on_exit(leave, NULL);
		dup2(words[1], STDERR_FILENO);
		settings_free(settings_load(fd, "conf"));
		_exit(0);
	}
	close(words[1]);
	length = read(words[0], message, size - 1);
	message[length > 0 ? length : 0] = '\0';
	close(words[0]);
	close(fd);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == (*message ? 1 : 0));
}

void configuration_expect(int fd, const char *error)
{
	char message[512], expected[512] = "";

	configuration_elsewhere(fd, message, sizeof(message));
	if (*error)
		TEXT_PRINT(expected, "ha-agentx: conf:%s\n", error);
	assert_string_equal(message, expected);
}

void configuration_refused(const char *text, const char *error)
{
	configuration_expect(configuration_open(text, strlen(text)), error);
}
