/* Other people's processes: which one a pid file names, what /proc says of it, whether it has
 * ended. SPDX-License-Identifier: BSD-2-Clause
 */
#include "lib/pid.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <unistd.h>

#include "lib/file.h"
#include "lib/memory.h"

pid_t pid_in_file(const char *path)
{
	char text[32], *end;
	long pid;

	if (file_read(path, text, sizeof(text)) < 0 || !isdigit((unsigned char)*text))
		return 0;
	errno = 0;
	pid = strtol(text, &end, 10);
	if (errno || pid < 2 || pid > INT32_MAX || (*end && *end != '\n'))
		return 0;
	return (pid_t)pid;
}

bool pid_read(pid_t pid, const char *name, char *text, size_t size)
{
	char path[64];

	TEXT_PRINT(path, "/proc/%d/%s", (int)pid, name);
	return file_read(path, text, size) >= 0;
}

void pid_status(pid_t pid, const char *name, char *word, size_t size)
{
	char text[4096];
	const char *found;

	*word = '\0';
	if (!pid_read(pid, "status", text, sizeof(text)))
		return;
	found = strstr(text, name);
	if (!found)
		return;
	found += strlen(name);
	found += strspn(found, ":\t ");
	text_put_part(word, size, found, strcspn(found, "\n"));
}

/* By its name, or, where it has given itself another one, by what it was started as. */
static bool is_program(pid_t pid, const char *program)
{
	char text[256];
	const char *slash;

	if (pid_read(pid, "comm", text, sizeof(text))) {
		text[strcspn(text, "\n")] = '\0';
		if (!strcmp(text, program))
			return true;
	}
	if (!pid_read(pid, "cmdline", text, sizeof(text)))
		return false;
	slash = strrchr(text, '/');
	return !strcmp(slash ? slash + 1 : text, program);
}

/* First the descriptor, then the name: so both are of one process. */
int pid_hold(pid_t pid, const char *program)
{
	int fd = pid > 0 ? pidfd_open(pid, 0) : -1;

	if (fd >= 0 && is_program(pid, program) && !pid_has_ended(fd))
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

/* The kernel lists processes in the order of their numbers. */
int pid_hold_next(pid_t *pid, const char *program, bool (*may_be)(pid_t pid))
{
	DIR *processes = opendir("/proc");
	struct dirent *entry;
	int fd = -1;

	while (processes && fd < 0 && (entry = readdir(processes))) {
		pid_t found = (pid_t)strtol(entry->d_name, NULL, 10);

		if (found <= *pid || (may_be && !may_be(found)))
			continue;
		fd = pid_hold(found, program);
		if (fd >= 0)
			*pid = found;
	}
	if (processes)
		closedir(processes);
	return fd;
}

bool pid_ends_within(int fd, int patience)
{
	struct pollfd polled = { .fd = fd, .events = POLLIN };

	return poll(&polled, 1, patience) != 0;
}

bool pid_has_ended(int fd)
{
	return pid_ends_within(fd, 0);
}

static uint64_t read_signals(pid_t pid, const char *name)
{
	char word[32];

	pid_status(pid, name, word, sizeof(word));
	return strtoull(word, NULL, 16);
}

static bool is_ready_for(pid_t pid, int number)
{
	uint64_t bit = UINT64_C(1) << (number - 1);

	return (read_signals(pid, "SigBlk") | read_signals(pid, "SigCgt")) & bit;
}

int pid_signal(int fd, pid_t pid, int number)
{
	if (fd < 0 || pid_has_ended(fd))
		return ESRCH;
	if (!is_ready_for(pid, number))
		return EAGAIN;
	return pidfd_send_signal(fd, number, NULL, 0) < 0 ? errno : 0;
}
