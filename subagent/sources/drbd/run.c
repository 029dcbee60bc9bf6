/* A program that runs beside the loop: its output as it comes, its end, a deadline.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/drbd/run.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/loop.h"
#include "lib/memory.h"

/* All in milliseconds. */
#define LINGER 1000           /* that a process may live on after it has closed its output */
#define END_INTERVAL 5        /* between two looks for the end of a process, during that */
#define HANGING_INTERVAL 1000 /* and after it */

bool drbd_run_is_active(const struct drbd_run *run)
{
	return run->tool.pid > 0;
}

bool drbd_run_is_hanging(const struct drbd_run *run)
{
	return drbd_run_is_active(run) && run->killed && run->end == DRBD_RUN_LATE;
}

int drbd_run_start(struct drbd_run *run, const char *const argv[], int64_t deadline)
{
	run->deadline = deadline;
	run->killed = false;
	run->end = DRBD_RUN_EXITED;
	run->status = -1;
	TEXT_PUT(run->error, "");
	return tool_start(&run->tool, argv);
}

static void close_output(struct drbd_run *run)
{
	if (run->tool.out >= 0)
		close(run->tool.out);
	if (run->tool.err >= 0)
		close(run->tool.err);
	run->tool.out = run->tool.err = -1;
}

static void kill_run(struct drbd_run *run, enum drbd_run_end end)
{
	if (run->killed)
		return;
	run->killed = true;
	run->deadline = clock_now() + LINGER;
	run->end = end;
	close_output(run);
	kill(-run->tool.pid, SIGKILL);
}

void drbd_run_stop(struct drbd_run *run)
{
	if (drbd_run_is_active(run))
		kill_run(run, DRBD_RUN_STOPPED);
}

/* modinfo and modprobe, which the programs run themselves, complain of what is known already. */
static bool is_noise(const char *error)
{
	return !error[0] || !strncmp(error, "modinfo:", 8) || !strncmp(error, "modprobe:", 9);
}

/* Keep the first line that says something. */
static void keep_error(struct drbd_run *run, const char *text, size_t length)
{
	while (length && is_noise(run->error)) {
		const char *newline = memchr(text, '\n', length);
		size_t line = newline ? (size_t)(newline - text) : length;

		if (line)
			text_put_part(run->error, sizeof(run->error), text, line);
		text += line + (newline != NULL);
		length -= line + (newline != NULL);
	}
}

/* One read a turn: whatever else is ready is not kept waiting. False at the end of the stream. */
static bool read_some(int fd, char *octets, size_t size, size_t *length)
{
	ssize_t got = read(fd, octets, size);

	*length = got > 0 ? (size_t)got : 0;
	return got > 0 || (got < 0 && (errno == EAGAIN || errno == EINTR));
}

static void read_output(void *argument, short events)
{
	struct drbd_run *run = argument;
	char octets[16384];
	size_t length;

	(void)events;
	if (run->tool.out < 0)
		return;
	if (!read_some(run->tool.out, octets, sizeof(octets), &length)) {
		close(run->tool.out);
		run->tool.out = -1;
		run->deadline = clock_now() + LINGER;
	}
	if (length)
		run->take(run->argument, octets, length);
}

static void read_errors(void *argument, short events)
{
	struct drbd_run *run = argument;
	char octets[1024];
	size_t length;

	(void)events;
	if (run->tool.err < 0)
		return;
	if (!read_some(run->tool.err, octets, sizeof(octets), &length)) {
		close(run->tool.err);
		run->tool.err = -1;
	}
	keep_error(run, octets, length);
}

/* It has closed its output, or was killed: look whether it is gone. */
static void look_for_end(struct drbd_run *run)
{
	int64_t now = clock_now();
	int status;

	if (!tool_ended(&run->tool, &status)) {
		loop_wake(now + (now < run->deadline ? END_INTERVAL : HANGING_INTERVAL));
		return;
	}
	if (run->tool.err >= 0)
		read_errors(run, 0);
	close_output(run);
	run->status = tool_exit_status(status);
	run->done(run->argument, run->end);
}

void drbd_run_turn(struct drbd_run *run)
{
	if (drbd_run_is_active(run) && run->deadline && clock_now() >= run->deadline)
		kill_run(run, DRBD_RUN_LATE);
	if (drbd_run_is_active(run) && run->tool.out < 0)
		look_for_end(run);
	if (!drbd_run_is_active(run) || run->tool.out < 0)
		return;
	loop_watch(run->tool.out, POLLIN, read_output, run);
	loop_watch(run->tool.err, POLLIN, read_errors, run);
	loop_wake(run->deadline);
}
