/* Finds who keeps a block device open, so that a refused demotion can name them.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "actions/opener.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "lib/clock.h"
#include "lib/memory.h"

#define OPENERS_MAX 3
#define NAMESPACES_MAX 64
#define HUNT_TIME 500 /* milliseconds, unless the search says otherwise */

struct hunt {
	const struct opener_search *search;
	int64_t end;
	unsigned int found;
	char *text;
	size_t size;
	size_t namespaces;             /* of mounts, looked at so far */
	uint64_t seen[NAMESPACES_MAX]; /* their inodes */
};

static struct hunt hunt_start(const struct opener_search *search, char *text, size_t size)
{
	struct hunt hunt = {
		.search = search,
		.end = clock_now() + (search->time ? search->time : HUNT_TIME),
		.text = text,
		.size = size,
	};

	text_put(text, size, "");
	return hunt;
}

static bool is_over(const struct hunt *hunt)
{
	return hunt->found == OPENERS_MAX || clock_now() >= hunt->end;
}

static void name_opener(struct hunt *hunt, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void name_opener(struct hunt *hunt, const char *format, ...)
{
	size_t used = strlen(hunt->text);
	va_list arguments;

	if (hunt->found++)
		used += (size_t)snprintf(hunt->text + used, hunt->size - used, ", ");
	if (used >= hunt->size)
		return;
	va_start(arguments, format);
	vsnprintf(hunt->text + used, hunt->size - used, format, arguments);
	va_end(arguments);
}

static bool is_wanted(const struct hunt *hunt, unsigned int major_number, unsigned int minor_number)
{
	for (size_t i = 0; i < hunt->search->count; i++)
		if (hunt->search->devices[i] == makedev(major_number, minor_number))
			return true;
	return false;
}

/* statx(2) that takes what the kernel knows already: stat(2) would wait for the server of an NFS
 * file that is gone. */
static bool look_in(int folder, const char *path, struct statx *facts)
{
	return statx(folder, path, AT_STATX_DONT_SYNC | AT_NO_AUTOMOUNT, STATX_TYPE | STATX_INO,
		     facts) == 0;
}

static bool look_at(const char *path, struct statx *facts)
{
	return look_in(AT_FDCWD, path, facts);
}

static bool is_block_wanted(const struct hunt *hunt, const struct statx *facts)
{
	return S_ISBLK(facts->stx_mode) &&
	       is_wanted(hunt, facts->stx_rdev_major, facts->stx_rdev_minor);
}

/* Whether a name that the kernel shows is one of a wanted device. Names outside /dev are of files,
 * and to look one up could wait for a server as well. */
static bool is_wanted_name(const struct hunt *hunt, const char *name)
{
	struct statx facts;
	char path[256];

	TEXT_PRINT(path, "%s%s", hunt->search->root, name);
	return !strncmp(name, "/dev/", strlen("/dev/")) && look_at(path, &facts) &&
	       is_block_wanted(hunt, &facts);
}

/* First line of a file below the root, without its line feed; empty when there is none. */
static void read_first_line(const char *path, char *line, size_t size)
{
	FILE *file = fopen(path, "re");

	text_put(line, size, "");
	if (!file)
		return;
	if (fgets(line, (int)size, file))
		line[strcspn(line, "\n")] = '\0';
	fclose(file);
}

static void read_process_name(const struct hunt *hunt, const char *pid, char *name, size_t size)
{
	char path[256];

	TEXT_PRINT(path, "%s/proc/%s/comm", hunt->search->root, pid);
	read_first_line(path, name, size);
}

typedef void visit(struct hunt *hunt, const char *folder, const char *name);

/* Call `call` for each entry of a folder whose name starts with a letter or digit. */
static void visit_folder(struct hunt *hunt, const char *folder, visit *call)
{
	DIR *entries = opendir(folder);
	struct dirent *entry;

	if (!entries)
		return;
	while (!is_over(hunt) && (entry = readdir(entries)))
		if (isalnum((unsigned char)entry->d_name[0]))
			call(hunt, folder, entry->d_name);
	closedir(entries);
}

static void visit_processes(struct hunt *hunt, visit *call)
{
	char folder[256];

	TEXT_PRINT(folder, "%s/proc", hunt->search->root);
	visit_folder(hunt, folder, call);
}

/* Whether a line of mountinfo (proc_pid_mountinfo(5)) is about a wanted device; `point` is then its
 * mount point, with octal escapes as they stand there. File systems such as btrfs have a device
 * number of their own, so their source counts as well. */
static bool is_wanted_mount(const struct hunt *hunt, char *line, char **point)
{
	unsigned int major_number = 0, minor_number = 0;
	char *tail = strstr(line, " - "), *rest = NULL, *field = strtok_r(line, " ", &rest);

	*point = NULL;
	for (int position = 1; field && position <= 5; position++) {
		if (position == 3 && sscanf(field, "%u:%u", &major_number, &minor_number) != 2)
			return false;
		if (position == 5)
			*point = field;
		field = strtok_r(NULL, " ", &rest);
	}
	if (!*point || !tail)
		return false;
	if (is_wanted(hunt, major_number, minor_number))
		return true;
	rest = NULL;
	strtok_r(tail + strlen(" - "), " ", &rest);
	field = strtok_r(NULL, " ", &rest);
	return field && is_wanted_name(hunt, field);
}

static void name_mount(struct hunt *hunt, const char *pid, const char *point)
{
	char name[64];

	if (!strcmp(pid, "1")) {
		name_opener(hunt, "mounted on %s", point);
		return;
	}
	read_process_name(hunt, pid, name, sizeof(name));
	name_opener(hunt, "mounted on %s in the mount namespace of %s (pid %s)", point, name, pid);
}

/* Whether the mount namespace of a process has not been looked at yet. */
static bool is_new_namespace(struct hunt *hunt, const char *folder, const char *pid)
{
	struct statx facts;
	char path[256];

	TEXT_PRINT(path, "%s/%s/ns/mnt", folder, pid);
	if (hunt->namespaces == NAMESPACES_MAX || !look_at(path, &facts))
		return false;
	for (size_t i = 0; i < hunt->namespaces; i++)
		if (hunt->seen[i] == facts.stx_ino)
			return false;
	hunt->seen[hunt->namespaces++] = facts.stx_ino;
	return true;
}

/* Copies of one mount stand in the namespaces of many services, and go with the original: a second
 * namespace is named only when those before it have none. */
static void find_mounts_of(struct hunt *hunt, const char *folder, const char *pid)
{
	char path[256], *line = NULL, *point;
	size_t room = 0;
	FILE *file;

	if (!isdigit((unsigned char)*pid) || hunt->found || !is_new_namespace(hunt, folder, pid))
		return;
	TEXT_PRINT(path, "%s/%s/mountinfo", folder, pid);
	file = fopen(path, "re");
	if (!file)
		return;
	while (!is_over(hunt) && getline(&line, &room, file) > 0)
		if (is_wanted_mount(hunt, line, &point))
			name_mount(hunt, pid, point);
	free(line);
	fclose(file);
}

static void find_mounts(struct hunt *hunt)
{
	char folder[256];

	TEXT_PRINT(folder, "%s/proc", hunt->search->root);
	find_mounts_of(hunt, folder, "1");
	visit_processes(hunt, find_mounts_of);
}

static void find_swaps(struct hunt *hunt)
{
	char path[256], line[512];
	FILE *file;

	TEXT_PRINT(path, "%s/proc/swaps", hunt->search->root);
	file = fopen(path, "re");
	if (!file)
		return;
	while (!is_over(hunt) && fgets(line, sizeof(line), file)) {
		line[strcspn(line, " \t\n")] = '\0';
		if (is_wanted_name(hunt, line))
			name_opener(hunt, "swap area %s", line);
	}
	fclose(file);
}

static void name_holder(struct hunt *hunt, const char *folder, const char *name)
{
	char path[512], mapped[128];

	TEXT_PRINT(path, "%s/%s/dm/name", folder, name);
	read_first_line(path, mapped, sizeof(mapped));
	if (*mapped)
		name_opener(hunt, "held by %s (%s)", name, mapped);
	else
		name_opener(hunt, "held by %s", name);
}

static void find_holders(struct hunt *hunt)
{
	char folder[256];

	for (size_t i = 0; i < hunt->search->count; i++) {
		TEXT_PRINT(folder, "%s/sys/dev/block/%u:%u/holders", hunt->search->root,
			   major(hunt->search->devices[i]), minor(hunt->search->devices[i]));
		visit_folder(hunt, folder, name_holder);
	}
}

/* A loop device holds its backing device without a descriptor or an entry in holders. */
static void find_loop(struct hunt *hunt, const char *folder, const char *name)
{
	char path[512], backing[256];

	if (strncmp(name, "loop", strlen("loop")) != 0)
		return;
	TEXT_PRINT(path, "%s/%s/loop/backing_file", folder, name);
	read_first_line(path, backing, sizeof(backing));
	if (is_wanted_name(hunt, backing))
		name_opener(hunt, "held by %s", name);
}

static void find_loops(struct hunt *hunt)
{
	char folder[256];

	TEXT_PRINT(folder, "%s/sys/block", hunt->search->root);
	visit_folder(hunt, folder, find_loop);
}

/* What a file is to the device: the device itself, or a file in a file system upon it, which stays
 * in use after a lazy umount. */
static const char *relation_of(const struct hunt *hunt, int folder, const char *name)
{
	struct statx facts;

	if (!look_in(folder, name, &facts))
		return NULL;
	if (is_block_wanted(hunt, &facts))
		return "opened";
	return is_wanted(hunt, facts.stx_dev_major, facts.stx_dev_minor) ? "in use" : NULL;
}

static const char *relation_of_descriptors(const struct hunt *hunt, const char *process)
{
	const char *relation = NULL;
	struct dirent *entry;
	char path[512];
	DIR *entries;

	TEXT_PRINT(path, "%s/fd", process);
	entries = opendir(path);
	while (entries && !relation && (entry = readdir(entries)))
		if (isdigit((unsigned char)entry->d_name[0]))
			relation = relation_of(hunt, dirfd(entries), entry->d_name);
	if (entries)
		closedir(entries);
	return relation;
}

/* A line of maps (proc_pid_maps(5)): the device is its fourth word. */
static bool is_mapped(const struct hunt *hunt, const char *line)
{
	unsigned int major_number, minor_number;

	return sscanf(line, "%*s %*s %*s %x:%x", &major_number, &minor_number) == 2 &&
	       is_wanted(hunt, major_number, minor_number);
}

/* A file that is mapped needs no descriptor. */
static const char *relation_of_memory(const struct hunt *hunt, const char *process)
{
	char path[512], *line = NULL;
	bool mapped = false;
	size_t room = 0;
	FILE *file;

	TEXT_PRINT(path, "%s/maps", process);
	file = fopen(path, "re");
	if (!file)
		return NULL;
	while (!mapped && getline(&line, &room, file) > 0)
		mapped = is_mapped(hunt, line);
	free(line);
	fclose(file);
	return mapped ? "in use" : NULL;
}

/* Threads of the kernel have no program, and hold nothing that could be seen here. */
static bool is_program(const char *process)
{
	struct statx facts;
	char path[512];

	TEXT_PRINT(path, "%s/exe", process);
	return look_at(path, &facts) || errno != ENOENT;
}

/* The first thing of a process that has to do with the device. */
static const char *relation_of_process(const struct hunt *hunt, const char *process)
{
	static const char *const links[] = { "cwd", "root" };
	const char *relation = NULL;
	char path[512];

	if (!is_program(process))
		return NULL;
	for (size_t i = 0; !relation && i < sizeof(links) / sizeof(*links); i++) {
		TEXT_PRINT(path, "%s/%s", process, links[i]);
		relation = relation_of(hunt, AT_FDCWD, path);
	}
	if (!relation)
		relation = relation_of_descriptors(hunt, process);
	return relation ? relation : relation_of_memory(hunt, process);
}

static void find_process(struct hunt *hunt, const char *folder, const char *pid)
{
	char process[256], name[64];
	const char *relation;

	if (!isdigit((unsigned char)*pid))
		return;
	TEXT_PRINT(process, "%s/%s", folder, pid);
	relation = relation_of_process(hunt, process);
	if (!relation ||
	    (hunt->search->passes && hunt->search->passes(hunt->search->argument, process)))
		return;
	read_process_name(hunt, pid, name, sizeof(name));
	name_opener(hunt, "%s by %s (pid %s)", relation, name, pid);
}

bool opener_find_mount(const struct opener_search *search, char *text, size_t size)
{
	struct hunt hunt = hunt_start(search, text, size);

	find_mounts(&hunt);
	return hunt.found > 0;
}

bool opener_find(const struct opener_search *search, char *text, size_t size)
{
	struct hunt hunt = hunt_start(search, text, size);

	find_mounts(&hunt);
	find_swaps(&hunt);
	find_holders(&hunt);
	find_loops(&hunt);
	visit_processes(&hunt, find_process);
	return hunt.found > 0;
}

bool opener_find_process(const struct opener_search *search, char *text, size_t size)
{
	struct hunt hunt = hunt_start(search, text, size);

	visit_processes(&hunt, find_process);
	return hunt.found > 0;
}
