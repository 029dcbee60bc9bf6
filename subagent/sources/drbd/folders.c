/* Notices that the files of drbdadm's configuration have changed.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/drbd/folders.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/log.h"
#include "lib/loop.h"
#include "lib/memory.h"
#include "subagent/sources/drbd/rows.h"

#define QUIET 200 /* milliseconds: an editor or a package writes several times */
#define CHANGES (IN_CLOSE_WRITE | IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO)

static int watch(struct drbd_folders *folders, const char *path)
{
	return folders->fd < 0 ? -1 : inotify_add_watch(folders->fd, path, CHANGES);
}

void drbd_folders_open(struct drbd_folders *folders, const char *file)
{
	const char *slash = strrchr(file, '/');
	const char *dot = strrchr(file, '.');
	char path[DRBD_TEXT_MAX + 1];
	size_t length = slash ? (size_t)(slash - file) : 0;

	folders->changed = 0;
	folders->name = slash ? slash + 1 : file;
	folders->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (folders->fd < 0)
		log_warning("inotify: %s: changes of %s are not noticed", strerror(errno), file);
	text_put_part(path, sizeof(path), length ? file : "/", length ? length : 1);
	folders->top = watch(folders, path);
	text_print(path, sizeof(path), "%.*s.d",
		   dot && dot > slash ? (int)(dot - file) : (int)strlen(file), file);
	drbd_folders_add(folders, path);
}

void drbd_folders_add(struct drbd_folders *folders, const char *path)
{
	int added = watch(folders, path);

	if (added < 0)
		log_debug("inotify: %s: %s", path, strerror(errno));
}

/* In the folder of the main file, often /etc, its own changes alone count. */
static bool counts(const struct drbd_folders *folders, const struct inotify_event *event)
{
	if (event->mask & IN_IGNORED)
		return false;
	return event->wd != folders->top || (event->len && !strcmp(event->name, folders->name));
}

static void read_changes(void *argument, short events)
{
	struct drbd_folders *folders = argument;
	_Alignas(struct inotify_event) char octets[4096];
	ssize_t length = read(folders->fd, octets, sizeof(octets));

	(void)events;
	for (ssize_t at = 0; at < length;) {
		const struct inotify_event *event = (const void *)(octets + at);

		if (counts(folders, event))
			folders->changed = clock_now();
		at += (ssize_t)(sizeof(*event) + event->len);
	}
}

bool drbd_folders_turn(struct drbd_folders *folders)
{
	bool quiet = folders->changed && clock_now() - folders->changed >= QUIET;

	if (quiet)
		folders->changed = 0;
	if (folders->changed)
		loop_wake(folders->changed + QUIET);
	loop_watch(folders->fd, POLLIN, read_changes, folders);
	return quiet;
}

void drbd_folders_close(struct drbd_folders *folders)
{
	if (folders->fd >= 0)
		close(folders->fd);
	folders->fd = -1;
}
