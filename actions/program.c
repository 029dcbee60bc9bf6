/* Runs the programs that the configuration names for members, and finds those of the system.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "actions/program.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include "actions/outcome.h"
#include "lib/clock.h"
#include "lib/frame.h"
#include "lib/memory.h"
#include "lib/tool.h"
#include "mib/ha-agentx-mib.h"

#define LOOK_INTERVAL 5 /* milliseconds, where there is no descriptor left to wait at */

/* Keep what there is to read; what does not fit is read and dropped. */
static void gather(int *fd, char *text, size_t size)
{
	size_t used = strlen(text);
	char chunk[4096];
	ssize_t length = read(*fd, chunk, sizeof(chunk));

	if (length > 0)
		text_put_part(text + used, size - used, chunk, (size_t)length);
	else if (length == 0 || errno != EAGAIN)
		*fd = (close(*fd), -1);
}

/* Wait for output, or for the end of `process', for some milliseconds at most. Whether there was
 * output, or its end. */
static bool gather_both(struct tool *tool, int process, int patience, struct tool_result *result)
{
	struct pollfd polled[] = {
		{ .fd = tool->out, .events = POLLIN },
		{ .fd = tool->err, .events = POLLIN },
		{ .fd = process, .events = POLLIN },
	};

	if (poll(polled, sizeof(polled) / sizeof(*polled), patience) <= 0)
		return false;
	if (polled[0].revents)
		gather(&tool->out, result->out, sizeof(result->out));
	if (polled[1].revents)
		gather(&tool->err, result->err, sizeof(result->err));
	return (polled[0].revents | polled[1].revents) != 0;
}

/* tool_ended() would kill what the program has left in its process group. */
static bool has_ended(struct tool *tool, struct tool_result *result)
{
	int status;

	if (waitpid(tool->pid, &status, WNOHANG) != tool->pid)
		return false;
	tool->pid = 0;
	result->status = tool_exit_status(status);
	return true;
}

bool program_start(const char *const argv[], struct tool *tool, struct tool_result *result)
{
	*tool = (struct tool)TOOL_NONE;
	memset(result, 0, sizeof(*result));
	result->status = -1;
	result->error = tool_launch(tool, argv);
	return result->error == 0;
}

bool program_look(struct tool *tool, int patience, struct tool_result *result)
{
	int process = tool->pid > 0 ? pidfd_open(tool->pid, 0) : -1;

	if (tool->pid > 0)
		gather_both(tool, process,
			    process >= 0 || patience < LOOK_INTERVAL ? patience : LOOK_INTERVAL,
			    result);
	if (process >= 0)
		close(process);
	return tool->pid <= 0 || has_ended(tool, result);
}

bool program_finish(struct tool *tool, int64_t deadline, struct tool_result *result)
{
	int64_t left;

	while ((left = deadline - clock_now()) > 0 &&
	       !program_look(tool, left < INT_MAX ? (int)left : INT_MAX, result))
		;
	result->late = tool->pid > 0 && !has_ended(tool, result);
	while (clock_now() < deadline && gather_both(tool, -1, 0, result))
		;
	tool_stop(tool);
	return tool_went_well(result);
}

bool program_run(const char *const argv[], int64_t deadline, struct tool_result *result)
{
	struct tool tool;

	return program_start(argv, &tool, result) && program_finish(&tool, deadline, result);
}

const char *program_find(const char *name)
{
	static const char *const folders[] = { "/usr/sbin", "/usr/bin", "/sbin", "/bin" };
	static char path[PATH_MAX];

	for (size_t i = 0; i < sizeof(folders) / sizeof(*folders); i++) {
		TEXT_PRINT(path, "%s/%s", folders[i], name);
		if (access(path, X_OK) == 0)
			break;
	}
	return path;
}

void program_explain(struct step_result *result, const char *what, const char *program,
		     const struct tool_result *tool)
{
	result->exit_status = tool->status;
	outcome_keep_words(result, tool->err);
	if (tool->error)
		outcome_set(result, HaReason_toolFailed, "%s: %s cannot be run: %s", what, program,
			    strerror(tool->error));
	else if (tool->late)
		outcome_set(result, HaReason_timeout, "%s: %s did not end in time", what, program);
	else if (tool->status == 0)
		outcome_set(result, HaReason_roleNotReached,
			    "%s: %s has ended without an error all the same", what, program);
	else
		outcome_set(result, HaReason_toolFailed, "%s: %s has ended with status %d", what,
			    program, tool->status);
}
