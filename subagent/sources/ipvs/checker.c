/* keepalived's checker process: it is asked for its data dump by a signal, and tells by that file
 * what its checks say.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/ipvs/checker.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/log.h"
#include "lib/loop.h"
#include "lib/memory.h"
#include "lib/pid.h"
#include "subagent/sources/ipvs/checks.h"
#include "subagent/watched_files.h"

/* Milliseconds. */
#define INTERVAL 10000 /* from one dump to the next while all is quiet */
#define SPACING 1000   /* the same however much happens: each is logged .. */
#define SHARE 10       /* .. and is to take no more than this part of keepalived's time */
#define PATIENCE 3000  /* from the signal to the whole file */
#define READY_PAUSE 250

#define SIZE_MAX_READ (16 << 20) /* octets; a server makes about 800 */
#define READS_MAX 16             /* of events in one turn: the folder may be a busy one */

/* ---- the process ---- */

static void stop_waiting(struct checker *checker)
{
	if (checker->folder >= 0)
		close(checker->folder);
	checker->folder = -1;
	checker->deadline = 0;
}

static void look(struct checker *checker)
{
	pid_t pid = pid_in_file(checker->pid_file);
	int fd = pid == checker->pid ? -1 : pid_hold(pid, "keepalived");

	if (fd < 0)
		return;
	stop_waiting(checker);
	if (checker->fd >= 0)
		close(checker->fd);
	checker->fd = fd;
	checker->pid = pid;
	checker->answered = false;
	checker->due = clock_now();
}

/* ---- one dump ---- */

static enum checker_news lose(struct checker *checker)
{
	stop_waiting(checker);
	close(checker->fd);
	checker->fd = -1;
	checker->pid = 0;
	checker->due = 0;
	return CHECKER_SILENT;
}

/* It is asked again in any case. */
static void end_attempt(struct checker *checker, const char *error)
{
	int64_t now = clock_now(), cost = (now - checker->asked) * (SHARE - 1);

	stop_waiting(checker);
	checker->answered = true;
	checker->rest = now + (cost > SPACING ? cost : SPACING);
	if (!checker->due)
		checker->due = now + INTERVAL;
	if (*error && strcmp(error, checker->error) != 0)
		log_warning("keepalived's checks are not known: %s", error);
	TEXT_PUT(checker->error, error);
}

static enum checker_news give_up(struct checker *checker, const char *what)
{
	char error[sizeof(checker->error)];

	TEXT_PRINT(error, "%s: %s", checker->data, what);
	end_attempt(checker, error);
	return CHECKER_SILENT;
}

/* Closed after it was written: so keepalived's dump is whole, which nothing in it says. */
static bool watch_folder(struct checker *checker)
{
	size_t length = (size_t)(strrchr(checker->data, '/') - checker->data) + 1;
	char folder[256];

	text_put_part(folder, sizeof(folder), checker->data, length);
	checker->folder = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	return checker->folder >= 0 &&
	       inotify_add_watch(checker->folder, folder, IN_CLOSE_WRITE | IN_ONLYDIR) >= 0;
}

/* The folder is watched first: the dump may be there at once. */
static enum checker_news ask(struct checker *checker)
{
	int error;

	checker->asked = clock_now();
	checker->due = 0;
	error = watch_folder(checker) ? pid_signal(checker->fd, checker->pid, SIGUSR1) : errno;
	if (error == EAGAIN || error == ESRCH) {
		stop_waiting(checker);
		checker->answered = true;
		checker->due = checker->asked + READY_PAUSE;
		return CHECKER_NONE;
	}
	if (error)
		return give_up(checker, strerror(error));
	checker->trouble = "keepalived was asked for it and did not write it";
	checker->deadline = checker->asked + PATIENCE;
	return CHECKER_NONE;
}

/* Whether the dump has been closed since. */
static bool has_come(struct checker *checker)
{
	const char *name = strrchr(checker->data, '/') + 1;
	_Alignas(struct inotify_event) char events[4096];
	bool come = false;

	for (int i = 0; i < READS_MAX; i++) {
		ssize_t length = read(checker->folder, events, sizeof(events));
		const struct inotify_event *event;

		for (char *at = events; at < events + length; at += sizeof(*event) + event->len) {
			event = (const void *)at;
			come |= event->len && !strcmp(event->name, name);
		}
		if (length <= 0)
			break;
	}
	return come;
}

static struct checks *read_octets(int fd, size_t size)
{
	char *octets = memory_new(size + 1, 1);
	struct checks *checks;
	size_t used = 0;
	ssize_t length;

	while (used < size && (length = read(fd, octets + used, size - used)) > 0)
		used += (size_t)length;
	checks = checks_read(octets, used);
	free(octets);
	return checks;
}

/* NULL: `trouble' says why. */
static struct checks *read_dump(struct checker *checker)
{
	int fd = open(checker->data, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct checks *checks = NULL;
	struct stat facts;

	checker->trouble = "it breaks off";
	if (fd < 0 || fstat(fd, &facts) < 0)
		checker->trouble = errno == ELOOP ? "a symbolic link" : "cannot be read";
	else if (!S_ISREG(facts.st_mode))
		checker->trouble = "no plain file";
	else if (facts.st_uid != checker->owner)
		checker->trouble = "it does not belong to keepalived";
	else if (facts.st_size > SIZE_MAX_READ)
		checker->trouble = "it is too large";
	else
		checks = read_octets(fd, (size_t)facts.st_size);
	if (fd >= 0)
		close(fd);
	return checks;
}

/* Anybody may have put the file there: what is not good may be followed by what is. */
static enum checker_news wait_for_dump(struct checker *checker, struct checks **checks)
{
	bool late = clock_now() >= checker->deadline;

	*checks = has_come(checker) ? read_dump(checker) : NULL;
	if (!*checks)
		return late ? give_up(checker, checker->trouble) : CHECKER_NONE;
	end_attempt(checker, "");
	return CHECKER_SAYS;
}

/* ---- turns ---- */

void checker_open(struct checker *checker, const char *pid_file, const char *data, uid_t owner)
{
	*checker = (struct checker){
		.pid_file = pid_file,
		.data = data,
		.owner = owner,
		.fd = -1,
		.folder = -1,
	};
	checker->files = watched_files_open();
	if (pid_file)
		watched_files_add(checker->files, pid_file);
}

void checker_close(struct checker *checker)
{
	if (checker->fd >= 0)
		lose(checker);
	watched_files_close(checker->files);
}

void checker_hurry(struct checker *checker)
{
	int64_t now = clock_now();

	if (checker->fd >= 0 && (!checker->due || checker->due > now))
		checker->due = now;
}

bool checker_is_settled(const struct checker *checker)
{
	return checker->fd < 0 || checker->answered;
}

static void wait_for_news(const struct checker *checker)
{
	watched_files_watch(checker->files);
	loop_watch(checker->fd, POLLIN, NULL, NULL);
	loop_watch(checker->folder, POLLIN, NULL, NULL);
	if (checker->deadline)
		loop_wake(checker->deadline);
	else if (checker->due)
		loop_wake(checker->due > checker->rest ? checker->due : checker->rest);
}

static enum checker_news go_on(struct checker *checker, struct checks **checks)
{
	int64_t now = clock_now();

	if (checker->deadline)
		return wait_for_dump(checker, checks);
	if (checker->fd >= 0 && checker->due && now >= checker->due && now >= checker->rest)
		return ask(checker);
	return CHECKER_NONE;
}

enum checker_news checker_turn(struct checker *checker, struct checks **checks)
{
	enum checker_news news = CHECKER_NONE;
	bool ended = checker->fd >= 0 && pid_has_ended(checker->fd);

	if (!checker->pid_file)
		return CHECKER_NONE;
	if (ended)
		news = lose(checker);
	if (watched_files_take(checker->files, 0) || ended)
		look(checker);
	if (!ended)
		news = go_on(checker, checks);
	else
		loop_wake(clock_now());
	wait_for_news(checker);
	return news;
}
