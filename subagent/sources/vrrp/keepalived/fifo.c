/* The notify FIFO of keepalived, whose one reader we are.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/vrrp/keepalived/fifo.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/loop.h"
#include "lib/memory.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/sources/vrrp/keepalived/words.h"
#include "subagent/watched_files.h"

#define READS_MAX 64 /* of 4 KiB in one turn: more than a pipe holds */

/* ---- lines ---- */

/* Events that are no state say in which state they happen. */
static int32_t state_of(const char *word)
{
	if (!strcmp(word, "MASTER_RX_LOWER_PRI") || !strcmp(word, "MASTER_PRIORITY"))
		return HaVrrpState_master;
	if (!strcmp(word, "BACKUP_PRIORITY"))
		return HaVrrpState_backup;
	return words_state_named(word);
}

bool fifo_read_line(const char *text, struct fifo_line *line)
{
	static const char before[] = "INSTANCE \"";
	const char *name = text + sizeof(before) - 1, *end = strrchr(text, '"');
	char word[32], rest;

	if (strncmp(text, before, sizeof(before) - 1) != 0 || end <= name)
		return false;
	if (sscanf(end + 1, " %31[A-Z_] %3d%c", word, &line->priority, &rest) != 2 ||
	    line->priority < 0 || line->priority > UINT8_MAX)
		return false;
	words_put(line->name, sizeof(line->name), name, (size_t)(end - name));
	line->state = state_of(word);
	return line->state != HaVrrpState_other;
}

static bool is_known(const char *text)
{
	return !strncmp(text, "GROUP ", 6) || !strncmp(text, "VS ", 3) || !strncmp(text, "RS ", 3);
}

static void end_line(struct fifo *fifo, fifo_take *take, void *argument)
{
	struct fifo_line line;

	fifo->line[fifo->used] = '\0';
	if (!fifo->overlong && strlen(fifo->line) == fifo->used &&
	    fifo_read_line(fifo->line, &line))
		take(argument, &line);
	else if (fifo->overlong || !is_known(fifo->line))
		fifo->rejected++;
	fifo->used = 0;
	fifo->overlong = false;
}

void fifo_feed(struct fifo *fifo, const char *octets, size_t length, fifo_take *take,
	       void *argument)
{
	for (size_t i = 0; i < length; i++) {
		if (octets[i] == '\n')
			end_line(fifo, take, argument);
		else if (fifo->used + 1 < sizeof(fifo->line))
			fifo->line[fifo->used++] = octets[i];
		else
			fifo->overlong = true;
	}
}

/* ---- the pipe ---- */

void fifo_open(struct fifo *fifo, const char *path)
{
	*fifo = (struct fifo){ .path = path, .fd = -1 };
	if (!path)
		return;
	fifo->files = watched_files_open();
	watched_files_add(fifo->files, path);
}

static void hang_up(struct fifo *fifo)
{
	if (fifo->fd >= 0)
		close(fifo->fd);
	fifo->fd = -1;
}

void fifo_close(struct fifo *fifo)
{
	hang_up(fifo);
	if (fifo->files)
		watched_files_close(fifo->files);
}

/* Whether it is a FIFO. To open something else may have effects. */
static bool find_pipe(struct fifo *fifo, struct stat *facts)
{
	if (stat(fifo->path, facts) < 0)
		TEXT_PRINT(fifo->error, "cannot read the FIFO %s: %s", fifo->path, strerror(errno));
	else if (!S_ISFIFO(facts->st_mode))
		TEXT_PRINT(fifo->error, "%s is no FIFO", fifo->path);
	else
		return true;
	return false;
}

static bool is_open(const struct fifo *fifo, const struct stat *facts)
{
	return fifo->fd >= 0 && facts->st_ino == fifo->inode && facts->st_dev == fifo->device;
}

/* Without waiting for a writer. */
static int open_pipe(struct fifo *fifo)
{
	int fd = open(fifo->path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

	if (fd < 0)
		TEXT_PRINT(fifo->error, "cannot read the FIFO %s: %s", fifo->path, strerror(errno));
	return fd;
}

/* What was told before, nobody can say when; what is told from now on is news. */
static void drain(int fd)
{
	char chunk[4096];

	for (int i = 0; i < READS_MAX && read(fd, chunk, sizeof(chunk)) > 0; i++)
		;
}

static void look(struct fifo *fifo)
{
	struct stat facts;

	TEXT_PUT(fifo->error, "");
	if (!find_pipe(fifo, &facts)) {
		hang_up(fifo);
		return;
	}
	if (is_open(fifo, &facts))
		return;
	hang_up(fifo);
	fifo->fd = open_pipe(fifo);
	if (fifo->fd < 0)
		return;
	fifo->inode = facts.st_ino;
	fifo->device = facts.st_dev;
	fifo->used = 0;
	fifo->overlong = false;
	fifo->opened++;
	drain(fifo->fd);
}

/* Without a writer poll(2) says so all the time, of a descriptor that has seen one; a new
 * descriptor waits for the next. The new one first, so that nothing in the pipe is lost. Whether it
 * is still the same pipe is looked at when the watch says so. */
static void wait_for_writer(struct fifo *fifo)
{
	struct stat facts;
	int fd;

	if (!find_pipe(fifo, &facts) || !is_open(fifo, &facts)) {
		look(fifo);
		return;
	}
	fd = open_pipe(fifo);
	hang_up(fifo);
	fifo->fd = fd;
}

static void read_pipe(struct fifo *fifo, fifo_take *take, void *argument)
{
	char chunk[4096];
	ssize_t length = -1;

	for (int i = 0; i < READS_MAX && fifo->fd >= 0; i++) {
		length = read(fifo->fd, chunk, sizeof(chunk));
		if (length <= 0)
			break;
		fifo_feed(fifo, chunk, (size_t)length, take, argument);
	}
}

static bool has_lost_writer(const struct fifo *fifo)
{
	struct pollfd polled = { .fd = fifo->fd, .events = POLLIN };

	return fifo->fd >= 0 && poll(&polled, 1, 0) > 0 && (polled.revents & POLLHUP) &&
	       !(polled.revents & POLLIN);
}

void fifo_turn(struct fifo *fifo, fifo_take *take, void *argument)
{
	if (!fifo->path)
		return;
	read_pipe(fifo, take, argument);
	if (has_lost_writer(fifo))
		wait_for_writer(fifo);
	if (watched_files_take(fifo->files, 0))
		look(fifo);
	watched_files_watch(fifo->files);
	loop_watch(fifo->fd, POLLIN, NULL, NULL);
}
