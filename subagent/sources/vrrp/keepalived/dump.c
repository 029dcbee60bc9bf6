/* A file that keepalived writes when it is asked to by a signal.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/vrrp/keepalived/dump.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/loop.h"
#include "lib/memory.h"
#include "subagent/sources/vrrp/keepalived/process.h"
#include "subagent/watched_files.h"

#define SIZE_MAX_READ (64 << 20) /* octets; 1,000 instances make less than two million */
#define TRIES_MAX 64             /* readings of one dump: it is read while it is written */

void dump_open(struct dump *dump, const char *path, uid_t owner)
{
	*dump = (struct dump){ .path = path, .owner = owner };
}

static void stop_waiting(struct dump *dump)
{
	if (dump->files)
		watched_files_close(dump->files);
	dump->files = NULL;
	dump->deadline = 0;
}

void dump_close(struct dump *dump)
{
	stop_waiting(dump);
}

static void start_waiting(struct dump *dump, int64_t patience)
{
	dump->files = watched_files_open();
	watched_files_add(dump->files, dump->path);
	dump->tries = 0;
	TEXT_PUT(dump->trouble, "");
	dump->deadline = clock_now() + patience;
}

bool dump_ask(struct dump *dump, const struct process *process, int number, int64_t patience)
{
	int error;

	if (dump->deadline)
		return true;
	if (lstat(dump->path, &dump->before) < 0)
		memset(&dump->before, 0, sizeof(dump->before));
	dump->asked = clock_microseconds();
	error = process_signal(process, number);
	if (error == EPERM)
		TEXT_PRINT(dump->error, "may not signal keepalived for %s", dump->path);
	else if (error)
		TEXT_PUT(dump->error, "");
	if (error)
		return false;
	start_waiting(dump, patience);
	return true;
}

void dump_forget(struct dump *dump)
{
	stop_waiting(dump);
	TEXT_PUT(dump->error, "");
}

/* ---- reading ---- */

static bool is_new(const struct dump *dump, const struct stat *facts)
{
	const struct stat *before = &dump->before;

	return facts->st_ino != before->st_ino || facts->st_dev != before->st_dev ||
	       facts->st_size != before->st_size ||
	       facts->st_mtim.tv_sec != before->st_mtim.tv_sec ||
	       facts->st_mtim.tv_nsec != before->st_mtim.tv_nsec;
}

/* Whether the file may be read, and whether it is the one that was asked for. */
static bool is_good(struct dump *dump, const struct stat *facts)
{
	if (!S_ISREG(facts->st_mode))
		TEXT_PRINT(dump->trouble, "%s is no plain file", dump->path);
	else if (facts->st_uid != dump->owner)
		TEXT_PRINT(dump->trouble, "%s belongs to user %u, and not to keepalived",
			   dump->path, (unsigned int)facts->st_uid);
	else if (facts->st_size > SIZE_MAX_READ)
		TEXT_PRINT(dump->trouble, "%s is too large", dump->path);
	else
		return is_new(dump, facts);
	return false;
}

/* As much as there is of it. */
static size_t read_octets(int fd, char *octets, size_t size)
{
	size_t used = 0;

	while (used < size) {
		ssize_t length = read(fd, octets + used, size - used);

		if (length <= 0)
			break;
		used += (size_t)length;
	}
	return used;
}

static bool read_file(struct dump *dump, int fd, dump_take *take, void *argument)
{
	char *octets, why[96] = "";
	struct stat facts;
	size_t length;
	bool taken;

	if (fstat(fd, &facts) < 0 || !is_good(dump, &facts))
		return false;
	dump->tries++;
	octets = memory_new((size_t)facts.st_size + 1, 1);
	length = read_octets(fd, octets, (size_t)facts.st_size);
	taken = take(argument, octets, length, why, sizeof(why));
	TEXT_PUT(dump->trouble, "");
	if (*why)
		TEXT_PRINT(dump->trouble, "%s: %s", dump->path, why);
	free(octets);
	return taken;
}

static bool try_to_read(struct dump *dump, dump_take *take, void *argument)
{
	int fd = open(dump->path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	bool taken = false;

	if (fd >= 0) {
		taken = read_file(dump, fd, take, argument);
		close(fd);
	} else if (errno == ELOOP) {
		TEXT_PRINT(dump->trouble, "%s is a symbolic link", dump->path);
	} else if (errno != ENOENT) {
		TEXT_PRINT(dump->trouble, "cannot read %s: %s", dump->path, strerror(errno));
	}
	return taken;
}

static enum dump_outcome give_up(struct dump *dump)
{
	stop_waiting(dump);
	TEXT_PUT(dump->error, dump->trouble);
	if (!*dump->error)
		TEXT_PRINT(dump->error, "keepalived was asked for %s and did not write it",
			   dump->path);
	return DUMP_FAILED;
}

enum dump_outcome dump_turn(struct dump *dump, dump_take *take, void *argument)
{
	bool late = clock_now() >= dump->deadline, changed;

	if (!dump->deadline)
		return DUMP_NONE;
	changed = watched_files_take(dump->files, 0);
	if ((late || (changed && dump->tries < TRIES_MAX)) && try_to_read(dump, take, argument)) {
		stop_waiting(dump);
		TEXT_PUT(dump->error, dump->trouble);
		return DUMP_TAKEN;
	}
	if (late)
		return give_up(dump);
	watched_files_watch(dump->files);
	loop_wake(dump->deadline);
	return DUMP_NONE;
}
