/* Files that are watched for changes: by inotify(7), and by looking where that does not see.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/watched_files.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/log.h"
#include "lib/loop.h"
#include "lib/memory.h"

/* Milliseconds from one look at a file to the next: another machine's changes on a shared file
 * system, mounts, and folders above the folder are not seen otherwise. */
#define LOOK_INTERVAL 5000
#define LOOK_INTERVAL_BLIND 1000 /* while a folder cannot be watched, because it is not there */

#define SPOTS_MAX 8 /* symbolic links one after the other that are followed */
#define CHANGES                                                                                    \
	(IN_MODIFY | IN_CLOSE_WRITE | IN_ATTRIB | IN_CREATE | IN_DELETE | IN_MOVED_FROM |          \
	 IN_MOVED_TO | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR)

/* A name in a folder: of the file, or of a link on the way to it. */
struct spot {
	int folder; /* the watch of inotify(7), or -1 */
	char *name;
};

struct watched_file {
	const char *path;
	struct spot spots[SPOTS_MAX];
	size_t spots_count;
	struct stat facts; /* of the last look; zero when there was nothing */
	int64_t next_look;
	bool changed;
};

struct watched_files {
	int fd;
	struct watched_file *files;
	size_t count;
};

struct watched_files *watched_files_open(void)
{
	struct watched_files *files = memory_new(1, sizeof(*files));

	files->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (files->fd < 0)
		log_warning("inotify: %s: changes of files are noticed late", strerror(errno));
	return files;
}

static void forget_spots(struct spot *spots, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(spots[i].name);
}

void watched_files_close(struct watched_files *files)
{
	if (files->fd >= 0)
		close(files->fd);
	for (size_t i = 0; i < files->count; i++)
		forget_spots(files->files[i].spots, files->files[i].spots_count);
	free(files->files);
	free(files);
}

size_t watched_files_add(struct watched_files *files, const char *path)
{
	files->files = memory_resize(files->files, files->count + 1, sizeof(*files->files));
	files->files[files->count] = (struct watched_file){ .path = path, .changed = true };
	return files->count++;
}

/* ---- where to look ---- */

static void add_spot(struct watched_files *files, struct watched_file *file, const char *path)
{
	struct spot *spot = &file->spots[file->spots_count++];
	const char *slash = strrchr(path, '/');
	char folder[PATH_MAX];

	if (slash)
		text_put_part(folder, sizeof(folder), path, (size_t)(slash - path) + 1);
	else
		TEXT_PUT(folder, ".");
	spot->folder = files->fd < 0 ? -1 : inotify_add_watch(files->fd, folder, CHANGES);
	spot->name = memory_text(slash ? slash + 1 : path);
}

/* Where the symbolic link at `path` leads, in its place; false when it is none. */
static bool follow(char *path)
{
	char target[PATH_MAX], *slash = strrchr(path, '/');
	ssize_t length = readlink(path, target, sizeof(target));
	size_t kept = slash && *target != '/' ? (size_t)(slash - path) + 1 : 0;

	if (length <= 0 || kept + (size_t)length >= PATH_MAX)
		return false;
	text_put_part(path + kept, PATH_MAX - kept, target, (size_t)length);
	return true;
}

static void find_spots(struct watched_files *files, struct watched_file *file)
{
	char path[PATH_MAX];

	file->spots_count = 0;
	TEXT_PUT(path, file->path);
	do
		add_spot(files, file, path);
	while (file->spots_count < SPOTS_MAX && follow(path));
}

static bool is_watched(const struct watched_files *files, int folder)
{
	for (size_t i = 0; i < files->count; i++)
		for (size_t j = 0; j < files->files[i].spots_count; j++)
			if (files->files[i].spots[j].folder == folder)
				return true;
	return false;
}

/* Watching a folder again is harmless, so the new ones are watched before the old are let go. */
static void find_spots_again(struct watched_files *files, struct watched_file *file)
{
	struct spot old[SPOTS_MAX];
	size_t old_count = file->spots_count;

	memcpy(old, file->spots, sizeof(old));
	find_spots(files, file);
	for (size_t i = 0; i < old_count; i++)
		if (old[i].folder >= 0 && !is_watched(files, old[i].folder))
			inotify_rm_watch(files->fd, old[i].folder);
	forget_spots(old, old_count);
}

static bool is_blind(const struct watched_file *file)
{
	for (size_t i = 0; i < file->spots_count; i++)
		if (file->spots[i].folder < 0)
			return true;
	return false;
}

static bool same(const struct stat *one, const struct stat *other)
{
	return one->st_dev == other->st_dev && one->st_ino == other->st_ino &&
	       one->st_mode == other->st_mode && one->st_size == other->st_size &&
	       one->st_ctim.tv_sec == other->st_ctim.tv_sec &&
	       one->st_ctim.tv_nsec == other->st_ctim.tv_nsec;
}

/* First the watches, then the look: what changes between is seen by one of them. */
static void look(struct watched_files *files, struct watched_file *file)
{
	struct stat facts;

	find_spots_again(files, file);
	if (stat(file->path, &facts) < 0)
		memset(&facts, 0, sizeof(facts));
	if (!same(&facts, &file->facts))
		file->changed = true;
	file->facts = facts;
	file->next_look = clock_now() + (is_blind(file) ? LOOK_INTERVAL_BLIND : LOOK_INTERVAL);
}

/* ---- what inotify says ---- */

/* An event without a name is of the folder itself, or says that others were lost. */
static bool concerns(const struct inotify_event *event, const struct watched_file *file)
{
	if (event->mask & IN_Q_OVERFLOW)
		return true;
	for (size_t i = 0; i < file->spots_count; i++)
		if (file->spots[i].folder == event->wd &&
		    (!event->len || !strcmp(event->name, file->spots[i].name)))
			return true;
	return false;
}

static void take_event(struct watched_files *files, const struct inotify_event *event)
{
	for (size_t i = 0; i < files->count; i++) {
		struct watched_file *file = &files->files[i];

		if (concerns(event, file)) {
			file->changed = true;
			file->next_look = 0;
		}
	}
}

static void read_events(void *argument, short events)
{
	struct watched_files *files = argument;
	_Alignas(struct inotify_event) char octets[4096];
	ssize_t length = read(files->fd, octets, sizeof(octets));

	(void)events;
	for (ssize_t at = 0; at < length;) {
		const struct inotify_event *event = (const void *)(octets + at);

		take_event(files, event);
		at += (ssize_t)(sizeof(*event) + event->len);
	}
}

bool watched_files_take(struct watched_files *files, size_t number)
{
	struct watched_file *file = &files->files[number];
	bool changed;

	if (clock_now() >= file->next_look)
		look(files, file);
	changed = file->changed;
	file->changed = false;
	return changed;
}

void watched_files_watch(struct watched_files *files)
{
	loop_watch(files->fd, POLLIN, read_events, files);
	for (size_t i = 0; i < files->count; i++)
		loop_wake(files->files[i].changed ? clock_now() : files->files[i].next_look);
}
