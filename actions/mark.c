/* Marks of what the executor has started by a command.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "actions/mark.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "actions/safe_folder.h"
#include "actions/whole_file.h"
#include "lib/memory.h"
#include "lib/settings.h"
#include "lib/settings_group.h"
#include "mib/ha-agentx-mib.h"

static const struct word {
	const char *text;
	int32_t state;
	bool passing; /* somebody is at it */
} words[] = {
	{ "starting", haGroupMemberState_starting, true },
	{ "started", haGroupMemberState_started, false },
	{ "stopping", haGroupMemberState_stopping, true },
	{ "failed", haGroupMemberState_failed, false },
};

/* The folder of the socket is the user's, who could put others in the place of what root makes in
 * it: the marks lie beside it. */
void mark_folder(const struct settings *settings, char *path, size_t size)
{
	const char *slash = strrchr(settings->socket, '/');

	text_print(path, size, "%.*s-members", slash ? (int)(slash - settings->socket) : 0,
		   settings->socket);
}

void mark_path(const struct settings *settings, const struct settings_group *group,
	       const struct settings_member *member, char *path, size_t size)
{
	char folder[PATH_MAX];

	mark_folder(settings, folder, sizeof(folder));
	text_print(path, size, "%s/%s:%s", folder, group->name, member->name);
}

static bool is_alive(int pid)
{
	return pid > 0 && (kill(pid, 0) == 0 || errno == EPERM);
}

int32_t mark_read(const char *text)
{
	char word[16];
	int pid = 0;

	if (!text)
		return haGroupMemberState_stopped;
	if (sscanf(text, "%15s %9d", word, &pid) < 1)
		return haGroupMemberState_failed;
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (!strcmp(words[i].text, word))
			return words[i].passing && !is_alive(pid) ? haGroupMemberState_failed :
								    words[i].state;
	return haGroupMemberState_failed;
}

int32_t mark_look(const char *path)
{
	char *text = whole_file_read(path);
	int32_t state = text || errno == ENOENT ? mark_read(text) : haGroupMemberState_unknown;

	free(text);
	return state;
}

static const char *word_of(int32_t state)
{
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (words[i].state == state)
			return words[i].text;
	return NULL;
}

/* What is only half written never has the name. Every executor has a draft of its own. */
static bool replace(int folder, const char *name, const char *word)
{
	char draft[32];
	bool fine;
	int file;

	TEXT_PRINT(draft, ".%d", (int)getpid());
	file = openat(folder, draft, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (file < 0)
		return false;
	fine = fchmod(file, 0644) == 0 && dprintf(file, "%s %d\n", word, (int)getpid()) > 0;
	return close(file) == 0 && fine && renameat(folder, draft, folder, name) == 0;
}

/* The daemon's user reads the marks, whatever umask the executor has. */
void mark_make_folder(const struct settings *settings)
{
	char path[PATH_MAX];

	mark_folder(settings, path, sizeof(path));
	if (mkdir(path, 0755) == 0 && chmod(path, 0755) < 0)
		rmdir(path);
}

static int open_folder(const struct settings *settings)
{
	char path[PATH_MAX];

	mark_make_folder(settings);
	mark_folder(settings, path, sizeof(path));
	return safe_folder_open(path);
}

bool mark_write(const struct settings *settings, const char *path, int32_t state)
{
	const char *word = word_of(state), *name = strrchr(path, '/') + 1;
	int folder = open_folder(settings), error;
	bool fine;

	if (folder < 0)
		return false;
	fine = word ? replace(folder, name, word) :
		      unlinkat(folder, name, 0) == 0 || errno == ENOENT;
	error = errno;
	close(folder);
	errno = error;
	return fine;
}
