/* What the program keepalived says of itself: its version, and the signal that asks for JSON.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/vrrp/keepalived/program.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/loop.h"
#include "lib/memory.h"

#define TIMEOUT 5000 /* milliseconds for an answer */

enum question { ASK_VERSION, ASK_SIGNAL, ASK_NOTHING };

static const char *const places[] = {
	"/usr/sbin/keepalived", "/sbin/keepalived",          "/usr/local/sbin/keepalived",
	"/usr/bin/keepalived",  "/usr/local/bin/keepalived",
};

#define PLACES (sizeof(places) / sizeof(*(places)))

static const char *find_installed(void)
{
	for (size_t i = 0; i < PLACES; i++)
		if (access(places[i], X_OK) == 0)
			return places[i];
	return NULL;
}

bool program_is_installed(void)
{
	return find_installed() != NULL;
}

/* Whose program a process runs is told only to those who may trace it. */
static void find_path(struct program *program, pid_t pid)
{
	const char *installed = find_installed();
	char link[64], path[sizeof(program->path)];
	ssize_t length;

	TEXT_PRINT(link, "/proc/%d/exe", (int)pid);
	length = readlink(link, path, sizeof(path) - 1);
	path[length < 0 ? 0 : length] = '\0';
	TEXT_PUT(program->path, path);
	if (access(program->path, X_OK) < 0)
		TEXT_PUT(program->path, installed ? installed : "");
}

void program_read_version(const char *text, char *version, size_t size)
{
	static const char before[] = "Keepalived v";
	const char *found = strstr(text, before);

	text_put(version, size, "");
	if (!found)
		return;
	found += sizeof(before) - 1;
	text_put_part(version, size, found, strcspn(found, " \n"));
}

/* The next question; one that cannot be asked is passed over. Debian's keepalived answers the first
 * on its standard error, and the second on its standard output. */
static void ask(struct program *program)
{
	static const char *const words[] = { "--version", "--signum=JSON" };

	program->used = 0;
	program->answer[0] = '\0';
	program->deadline = clock_now() + TIMEOUT;
	for (; program->question < ASK_NOTHING; program->question++) {
		const char *argv[] = { program->path, words[program->question], NULL };

		if (*program->path && tool_start(&program->tool, argv) == 0)
			return;
	}
	program->deadline = 0;
	program->done = true;
}

void program_open(struct program *program, pid_t pid)
{
	*program = (struct program){ .tool = TOOL_NONE };
	program->json_signal = SIGRTMIN + 2;
	find_path(program, pid);
	ask(program);
}

void program_close(struct program *program)
{
	tool_stop(&program->tool);
}

/* What does not fit is dropped. False: that was its end. */
static bool take_output(struct program *program, int fd)
{
	char chunk[1024];
	size_t room = sizeof(program->answer) - 1 - program->used;
	ssize_t length = fd < 0 ? 0 : read(fd, chunk, sizeof(chunk));

	if (length <= 0)
		return length < 0 && (errno == EAGAIN || errno == EINTR);
	if ((size_t)length < room)
		room = (size_t)length;
	memcpy(program->answer + program->used, chunk, room);
	program->used += room;
	program->answer[program->used] = '\0';
	return true;
}

static void take_all_output(struct program *program)
{
	if (!take_output(program, program->tool.out) && program->tool.out >= 0)
		program->tool.out = (close(program->tool.out), -1);
	if (!take_output(program, program->tool.err) && program->tool.err >= 0)
		program->tool.err = (close(program->tool.err), -1);
}

/* A program that cannot say the number is believed to have the usual one: nothing is sent to a
 * process that is not ready for it. */
static void take_answer(struct program *program, int status)
{
	long number;

	if (program->question == ASK_VERSION) {
		program_read_version(program->answer, program->version, sizeof(program->version));
		return;
	}
	number = strtol(program->answer, NULL, 10);
	if (status == 0 && number > 0 && number <= SIGRTMAX)
		program->json_signal = (int)number;
	else if (strstr(program->answer, "Unknown sigfunc"))
		program->json_signal = 0;
}

void program_turn(struct program *program)
{
	bool late = program->deadline && clock_now() >= program->deadline;
	int status = 0;

	if (program->done)
		return;
	take_all_output(program);
	if (late || tool_ended(&program->tool, &status)) {
		take_all_output(program);
		if (!late)
			take_answer(program, tool_exit_status(status));
		tool_stop(&program->tool);
		program->question++;
		ask(program);
	}
	loop_watch(program->tool.out, POLLIN, NULL, NULL);
	loop_watch(program->tool.err, POLLIN, NULL, NULL);
	loop_wake(program->deadline);
	if (!program->done && program->tool.out < 0 && program->tool.err < 0)
		loop_wake(clock_now() + 10);
}
