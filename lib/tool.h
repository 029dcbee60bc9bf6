/* Runs other people's programs: no shell, own process group, bounded output, a deadline.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_TOOL_H
#define HA_TOOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* A program that is running. All zero but the descriptors, which are -1, when none is. */
struct tool {
	pid_t pid;
	int out; /* its standard output, non-blocking */
	int err; /* its standard error, non-blocking */
};

#define TOOL_NONE                                                                                  \
	{                                                                                          \
		.pid = 0, .out = -1, .err = -1                                                     \
	}

/* Start `argv` (ended by NULL; the first is the path) with standard input from /dev/null, an
 * environment of PATH and LC_ALL=C alone, and no other descriptor. It is killed when this process
 * ends. Returns 0 or the errno of what failed, exec included: ENOENT says that it is not there. */
int tool_start(struct tool *tool, const char *const argv[]);

/* The same for a program that may leave a daemon behind. That outlives the pipes which it has for
 * its output, so SIGPIPE stays ignored, as systemd has it for services. TOOL_LAUNCHED is in its
 * environment, too, by which the daemon can be known later. */
#define TOOL_LAUNCHED "LAUNCHED_BY=ha-agentx"
int tool_launch(struct tool *tool, const char *const argv[]);

/* Whether it has ended, without waiting; its wait status is then stored and the tool forgotten,
 * but its descriptors stay open for what is still to be read. What it leaves behind in its process
 * group is killed: drbdadm gives up on a drbdsetup that hangs, and lets it run. */
bool tool_ended(struct tool *tool, int *status);

/* Kill its process group if it runs, close its descriptors, and wait for its end for at most a
 * second: a process that hangs in the kernel is left behind (drbdsetup does that). */
void tool_stop(struct tool *tool);

/* What came of a program that ran to its end or its deadline. */
struct tool_result {
	int error;       /* errno of a failed start; 0 */
	bool late;       /* killed at the deadline */
	int status;      /* 0 to 255, or 128 + signal; -1 when it did not end */
	char out[65536]; /* standard output, cut, ended by a NUL */
	char err[2048];  /* standard error, likewise */
};

/* Run `argv` and wait for it until `deadline` (clock_now()). Returns whether it went well; look at
 * the result for what happened otherwise. */
bool tool_run(const char *const argv[], int64_t deadline, struct tool_result *result);

/* Whether it was started, and exited with 0 in time. */
bool tool_went_well(const struct tool_result *result);

/* The exit status of a wait status: 0 to 255, or 128 + signal. */
int tool_exit_status(int wait_status);

#endif
