/* The programs beside the kernel's NFS server: rpc.mountd, rpc.statd, nfsdcld.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/nfs/daemons.h"

#include <ctype.h>
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "lib/file.h"
#include "lib/memory.h"
#include "lib/pid.h"

/* Milliseconds between two looks through all processes. */
#define LOOK_PAUSE 5000

#define STORAGE_DEFAULT "/var/lib/nfs/nfsdcld"
#define CONF_PATH "/etc/nfs.conf"

static const char *const names[NFS_DAEMONS] = {
	[NFS_MOUNTD] = "rpc.mountd",
	[NFS_STATD] = "rpc.statd",
	[NFS_CLD] = "nfsdcld",
};

void nfs_daemons_open(struct nfs_daemons *daemons)
{
	*daemons = (struct nfs_daemons){ .next_look = 0 };
	for (int i = 0; i < NFS_DAEMONS; i++)
		daemons->fd[i] = -1;
}

static void let_go(struct nfs_daemons *daemons, int which)
{
	if (daemons->fd[which] >= 0)
		close(daemons->fd[which]);
	daemons->fd[which] = -1;
	daemons->pid[which] = 0;
}

void nfs_daemons_close(struct nfs_daemons *daemons)
{
	for (int i = 0; i < NFS_DAEMONS; i++)
		let_go(daemons, i);
}

void nfs_daemons_hurry(struct nfs_daemons *daemons)
{
	daemons->next_look = 0;
}

bool nfs_daemon_runs(const struct nfs_daemons *daemons, enum nfs_daemon which)
{
	return daemons->fd[which] >= 0;
}

/* ---- who runs ---- */

/* One reading for each of all processes, time and again: they are held only when they have the
 * name, which none of these changes. */
static void look_at(struct nfs_daemons *daemons, pid_t pid)
{
	char name[32];

	if (!pid_read(pid, "comm", name, sizeof(name)))
		return;
	name[strcspn(name, "\n")] = '\0';
	for (int i = 0; i < NFS_DAEMONS; i++)
		if (daemons->fd[i] < 0 && !strcmp(name, names[i])) {
			daemons->fd[i] = pid_hold(pid, names[i]);
			daemons->pid[i] = pid;
		}
}

static bool all_run(const struct nfs_daemons *daemons)
{
	for (int i = 0; i < NFS_DAEMONS; i++)
		if (daemons->fd[i] < 0)
			return false;
	return true;
}

static void look_through(struct nfs_daemons *daemons)
{
	DIR *processes = opendir("/proc");
	struct dirent *entry;

	while (processes && (entry = readdir(processes)))
		if (isdigit((unsigned char)*entry->d_name))
			look_at(daemons, (pid_t)strtol(entry->d_name, NULL, 10));
	if (processes)
		closedir(processes);
}

void nfs_daemons_look(struct nfs_daemons *daemons, int64_t now)
{
	for (int i = 0; i < NFS_DAEMONS; i++)
		if (daemons->fd[i] >= 0 && pid_has_ended(daemons->fd[i])) {
			let_go(daemons, i);
			daemons->next_look = 0;
		}
	if (all_run(daemons) || now < daemons->next_look)
		return;
	look_through(daemons);
	daemons->next_look = now + LOOK_PAUSE;
}

/* ---- where nfsdcld keeps its data base ---- */

/* A word behind "-s" or "--storagedir", or joined to it. */
static bool read_command(const char *command, size_t length, char *path, size_t size)
{
	static const char long_option[] = "--storagedir=";
	bool next = false, found = false;

	for (const char *word = command; word < command + length; word += strlen(word) + 1) {
		const char *value = NULL;

		if (next)
			value = word;
		else if (!strncmp(word, long_option, sizeof(long_option) - 1))
			value = word + sizeof(long_option) - 1;
		else if (!strncmp(word, "-s", 2) && word[2])
			value = word + 2;
		next = !value && (!strcmp(word, "-s") || !strcmp(word, "--storagedir"));
		if (value) {
			text_put(path, size, value);
			found = true;
		}
	}
	return found;
}

/* nfs.conf(5): sections in brackets, "name = value", comments behind # or ;. */
static bool read_conf(const char *conf, char *path, size_t size)
{
	bool ours = false, found = false;

	while (*conf) {
		size_t length = strcspn(conf, "\n");
		char line[512], *at = line, *value;

		text_put_part(line, sizeof(line), conf, length);
		conf += length + (conf[length] == '\n');
		line[strcspn(line, "#;")] = '\0';
		at += strspn(at, " \t");
		if (*at == '[')
			ours = !strncasecmp(at, "[nfsdcld]", strlen("[nfsdcld]"));
		if (!ours || strncasecmp(at, "storagedir", strlen("storagedir")) != 0)
			continue;
		value = at + strlen("storagedir");
		value += strspn(value, " \t");
		if (*value != '=')
			continue;
		value += 1 + strspn(value + 1, " \t\"");
		text_put_part(path, size, value, strcspn(value, " \t\""));
		found = *path != '\0';
	}
	return found;
}

void nfs_storage(const char *command, size_t length, const char *conf, char *path, size_t size)
{
	if (!read_command(command, length, path, size) && !read_conf(conf, path, size))
		text_put(path, size, STORAGE_DEFAULT);
}

void nfs_daemons_storage(const struct nfs_daemons *daemons, char *path, size_t size)
{
	char command[1024], conf[16384], name[64];
	ssize_t length;

	TEXT_PRINT(name, "/proc/%d/cmdline", (int)daemons->pid[NFS_CLD]);
	length = file_read(name, command, sizeof(command));
	file_read(CONF_PATH, conf, sizeof(conf));
	nfs_storage(command, length < 0 ? 0 : (size_t)length, conf, path, size);
}
