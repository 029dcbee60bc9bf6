/* Changes the table of exportfs(8) without running it.
 *
 * The names, the locks and the order are those of nfs-utils: utils/exportfs/exportfs.c,
 * support/export/xtab.c, support/nfs/xio.c, support/nfs/cacheio.c.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "actions/export_table.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "actions/aside.h"
#include "actions/whole_file.h"
#include "lib/clock.h"
#include "lib/etab.h"
#include "lib/memory.h"

/* Milliseconds. rpc.mountd holds a lock while it looks up names, and exportfs waits for that. */
#define LOCK_TIME 300
#define LOCK_INTERVAL 2

/* What refers to another one is before it. */
static const char *const caches[] = { "auth.unix.ip", "auth.unix.gid", "nfsd.fh", "nfsd.export" };

#define CACHES_COUNT (sizeof(caches) / sizeof(*caches))

/* ---- the locks ---- */

/* Exportfs takes the first from its beginning to its end, rpc.mountd and it the second while they
 * read or write the table. */
static const char *const locks[] = { "export-lock", ".etab.lock" };

#define LOCKS_COUNT (sizeof(locks) / sizeof(*locks))

static bool lock(const char *folder, const char *name, int64_t until)
{
	struct flock all = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	char path[PATH_MAX];
	int file;

	TEXT_PRINT(path, "%s/%s", folder, name);
	file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (file < 0)
		return false;
	while (fcntl(file, F_SETLK, &all) < 0) {
		if ((errno != EACCES && errno != EAGAIN) || clock_now() >= until)
			return false;
		nanosleep(&(struct timespec){ .tv_nsec = LOCK_INTERVAL * 1000000L }, NULL);
	}
	return true;
}

/* They go with the descriptors, which are closed when all is done (aside.h). */
static bool lock_all(const char *folder)
{
	int64_t until = clock_now() + LOCK_TIME;

	for (size_t i = 0; i < LOCKS_COUNT; i++)
		if (!lock(folder, locks[i], until))
			return false;
	return true;
}

/* ---- what the kernel remembers ---- */

static bool open_caches(const char *folder, int files[CACHES_COUNT])
{
	char path[PATH_MAX];

	for (size_t i = 0; i < CACHES_COUNT; i++) {
		TEXT_PRINT(path, "%s/%s/flush", folder, caches[i]);
		files[i] = open(path, O_RDWR | O_CLOEXEC);
		if (files[i] < 0)
			return false;
	}
	return true;
}

/* Linux before 4.16 forgets what it has heard before the second that is written, later ones forget
 * all. */
static bool flush_caches(const int files[CACHES_COUNT])
{
	bool fine = true;

	for (size_t i = 0; i < CACHES_COUNT; i++)
		fine &= dprintf(files[i], "%" PRId64 "\n", (int64_t)time(NULL) + 1) > 0;
	return fine;
}

/* ---- the table ---- */

static bool replace(const char *path, const char *text)
{
	char draft[PATH_MAX];
	bool fine;
	int file;

	TEXT_PRINT(draft, "%s.tmp", path);
	file = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0644);
	if (file < 0)
		return false;
	fine = whole_file_write_open(file, text);
	return close(file) == 0 && fine && rename(draft, path) == 0;
}

/* NULL: it is nothing for us. */
static char *edit(const struct export_change *change, const char *text)
{
	char *there;

	if (!change->line)
		return etab_without(text, change->path, change->client);
	there = etab_line(text, change->path, change->client);
	free(there);
	return there ? NULL : etab_with(text, change->line);
}

static bool change_table(const struct export_change *change)
{
	char path[PATH_MAX], *text, *edited;
	bool fine;

	TEXT_PRINT(path, "%s/etab", change->folder);
	text = whole_file_read(path);
	edited = text ? edit(change, text) : NULL;
	fine = edited && replace(path, edited);
	free(text);
	free(edited);
	return fine;
}

/* ---- all of it ---- */

struct room {
	char folder[PATH_MAX], caches[PATH_MAX], path[PATH_MAX], client[512];
	char line[8192];
	bool has_line;
};

static int change_aside(void *memory)
{
	const struct room *room = memory;
	const struct export_change change = {
		.folder = room->folder,
		.caches = room->caches,
		.path = room->path,
		.client = room->client,
		.line = room->has_line ? room->line : NULL,
	};
	int files[CACHES_COUNT];

	return open_caches(change.caches, files) && lock_all(change.folder) &&
			       change_table(&change) && flush_caches(files) ?
		       0 :
		       EAGAIN;
}

/* The disk with the table may not answer. */
bool export_table_change(const struct export_change *change, int64_t deadline)
{
	struct room room = { .has_line = change->line };

	return TEXT_FIT(room.folder, change->folder) && TEXT_FIT(room.caches, change->caches) &&
	       TEXT_FIT(room.path, change->path) && TEXT_FIT(room.client, change->client) &&
	       TEXT_FIT(room.line, change->line ? change->line : "") &&
	       aside_run(change_aside, &room, sizeof(room), deadline) == 0;
}
