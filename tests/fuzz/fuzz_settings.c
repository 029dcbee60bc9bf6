/* Fuzzes the configuration: any octets are taken, or refused with a line of theirs.
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Each input has a process of its own: a refusal ends it, and libconfuse keeps the state of its
 * scanner in variables of its own.
 */
#include "lib/settings.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/settings_group.h"
#include "lib/settings_vrrp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define REQUIRE(condition)                                                                         \
	do {                                                                                       \
		if (!(condition))                                                                  \
			abort();                                                                   \
	} while (0)

static void check_group(const struct settings *settings, const struct settings_group *group)
{
	REQUIRE(settings->vrrp->instances[group->instance].hold);
	REQUIRE(group->members_count > 0 && group->members_count <= SETTINGS_MEMBERS_MAX);
	REQUIRE(group->lease + group->give_up < group->takeover);
	for (size_t i = 0; i < group->members_count; i++)
		REQUIRE(group->members[i].resource < settings->resources_count ||
			group->members[i].resource == SIZE_MAX);
}

static void check_settings(const struct settings *settings)
{
	REQUIRE(settings->node[0] && settings->user[0]);
	REQUIRE(settings->agentx[0] == '/' && settings->socket[0] == '/' &&
		settings->state[0] == '/');
	REQUIRE(settings->events >= 10 && settings->events <= 100000);
	REQUIRE(settings->stale_limit >= 1000 && settings->stale_limit <= 86400000);
	REQUIRE(settings->drbd_interval >= 1000 && settings->drbd_deadline >= 1000);
	REQUIRE(settings->resources_count <= SETTINGS_RESOURCES_MAX);
	for (size_t i = 0; i < settings->resources_count; i++)
		REQUIRE(settings_find_resource(settings, settings->resources[i].name) == (int)i);
	for (size_t i = 0; i < settings->groups->count; i++)
		check_group(settings, &settings->groups->groups[i]);
}

static void leave(int status, void *argument)
{
	(void)argument;
	_exit(status);
}

static void load(int fd, int message)
{
	struct settings *settings;

	on_exit(leave, NULL);
	dup2(message, STDERR_FILENO);
	settings = settings_load(fd, "fuzz");
	check_settings(settings);
	settings_free(settings);
	_exit(EXIT_SUCCESS);
}

/* "ha-agentx: fuzz:LINE: text", the line one of the input's. */
static void check_message(int fd, const uint8_t *data, size_t size)
{
	char text[512] = "";
	int line = -1, lines = 2;

	for (size_t i = 0; i < size; i++)
		lines += data[i] == '\n';
	REQUIRE(pread(fd, text, sizeof(text) - 1, 0) > 0);
	REQUIRE(sscanf(text, "ha-agentx: fuzz:%d: ", &line) == 1 && line >= 0 && line <= lines);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int fd = memfd_create("input", MFD_CLOEXEC), message = memfd_create("message", MFD_CLOEXEC);
	int status = 0;
	pid_t pid;

	REQUIRE(fd >= 0 && message >= 0 && write(fd, data, size) == (ssize_t)size);
	pid = fork();
	if (pid == 0)
		load(fd, message);
	REQUIRE(pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status));
	REQUIRE(WEXITSTATUS(status) == EXIT_SUCCESS || WEXITSTATUS(status) == EXIT_FAILURE);
	if (WEXITSTATUS(status) == EXIT_FAILURE)
		check_message(message, data, size);
	close(fd);
	close(message);
	return 0;
}
