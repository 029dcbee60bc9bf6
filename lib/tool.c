/* Runs other people's programs: no shell, own process group, bounded output, a deadline.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "lib/tool.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/close_range.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "lib/clock.h"

enum { READ_END, WRITE_END };

#define ENVIRONMENT_LAUNCHED 2 /* position of TOOL_LAUNCHED in there */

static char launched[] = TOOL_LAUNCHED;

static char *environment[] = {
	"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
	"LC_ALL=C",
	NULL,
	NULL,
};

struct pipes {
	int out[2], err[2];
	int failure[2]; /* close-on-exec: carries errno when exec fails, closes when it works */
};

static void close_pair(int pair[2])
{
	for (int end = READ_END; end <= WRITE_END; end++)
		if (pair[end] >= 0)
			close(pair[end]);
}

static void close_all(struct pipes *pipes)
{
	close_pair(pipes->out);
	close_pair(pipes->err);
	close_pair(pipes->failure);
}

static bool open_pipes(struct pipes *pipes)
{
	memset(pipes, -1, sizeof(*pipes));
	if (pipe2(pipes->out, O_CLOEXEC) == 0 && pipe2(pipes->err, O_CLOEXEC) == 0 &&
	    pipe2(pipes->failure, O_CLOEXEC) == 0)
		return true;
	close_all(pipes);
	return false;
}

/* A handler of ours would run in our memory. */
static void forget_handlers(bool launch)
{
	struct sigaction action;

	for (int number = 1; number < NSIG; number++)
		if (sigaction(number, NULL, &action) == 0 && action.sa_handler != SIG_DFL &&
		    action.sa_handler != SIG_IGN)
			signal(number, SIG_DFL);
	signal(SIGPIPE, launch ? SIG_IGN : SIG_DFL);
}

/* In the child: signals as a fresh program expects them, then exec. Its memory is that of the
 * parent, which waits: nothing is written to it. */
__attribute__((noreturn)) static void become(const char *const argv[], const struct pipes *pipes,
					     pid_t parent, bool launch)
{
	union {
		const char *const *in;
		char *const *out;
	} unqualified = { .in = argv };
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	sigset_t none;

	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	close_range(STDERR_FILENO + 1, UINT_MAX, CLOSE_RANGE_CLOEXEC);
	forget_handlers(launch);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (getppid() == parent && dup2(null, STDIN_FILENO) >= 0 &&
	    dup2(pipes->out[WRITE_END], STDOUT_FILENO) >= 0 &&
	    dup2(pipes->err[WRITE_END], STDERR_FILENO) >= 0)
		execve(argv[0], unqualified.out, environment);
	if (write(pipes->failure[WRITE_END], &errno, sizeof(errno)) < 0)
		_exit(126);
	_exit(127);
}

/* Without a copy of our memory, which costs more than the exec does, and that while clients wait.
 * posix_spawn(3) does the same, but cannot have the child die with its parent. Signals are blocked
 * until the child has forgotten our handlers. */
static pid_t spawn(const char *const argv[], const struct pipes *pipes, bool launch)
{
	pid_t parent = getpid(), pid;
	sigset_t all, before;

	environment[ENVIRONMENT_LAUNCHED] = launch ? launched : NULL;
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &before);
	pid = vfork();
	if (pid == 0)
		become(argv, pipes, parent, launch);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return pid;
}

static int start(struct tool *tool, const char *const argv[], bool launch)
{
	struct pipes pipes;
	int error = 0;
	pid_t pid;

	if (!open_pipes(&pipes))
		return errno;
	pid = spawn(argv, &pipes, launch);
	if (pid < 0) {
		error = errno;
		close_all(&pipes);
		return error;
	}
	setpgid(pid, pid);
	close(pipes.failure[WRITE_END]);
	pipes.failure[WRITE_END] = -1;
	if (read(pipes.failure[READ_END], &error, sizeof(error)) == (ssize_t)sizeof(error)) {
		waitpid(pid, NULL, 0);
		close_all(&pipes);
		return error;
	}
	*tool = (struct tool){ pid, pipes.out[READ_END], pipes.err[READ_END] };
	pipes.out[READ_END] = pipes.err[READ_END] = -1;
	close_all(&pipes);
	fcntl(tool->out, F_SETFL, O_NONBLOCK);
	fcntl(tool->err, F_SETFL, O_NONBLOCK);
	return 0;
}

int tool_start(struct tool *tool, const char *const argv[])
{
	return start(tool, argv, false);
}

int tool_launch(struct tool *tool, const char *const argv[])
{
	return start(tool, argv, true);
}

/* Looks before it reaps: until then the number of the process group cannot be another's. */
bool tool_ended(struct tool *tool, int *status)
{
	siginfo_t info = { .si_pid = 0 };

	if (tool->pid <= 0 ||
	    waitid(P_PID, (id_t)tool->pid, &info, WEXITED | WNOHANG | WNOWAIT) < 0 || !info.si_pid)
		return false;
	kill(-tool->pid, SIGKILL);
	if (waitpid(tool->pid, status, WNOHANG) != tool->pid)
		return false;
	tool->pid = 0;
	return true;
}

static void pause_briefly(void)
{
	nanosleep(&(struct timespec){ .tv_nsec = 2000000 }, NULL);
}

static void close_output(struct tool *tool)
{
	if (tool->out >= 0)
		close(tool->out);
	if (tool->err >= 0)
		close(tool->err);
	tool->out = tool->err = -1;
}

void tool_stop(struct tool *tool)
{
	int64_t deadline = clock_now() + 1000;
	int status;

	close_output(tool);
	if (tool->pid <= 0)
		return;
	kill(-tool->pid, SIGKILL);
	while (!tool_ended(tool, &status) && clock_now() < deadline)
		pause_briefly();
	tool->pid = 0;
}

int tool_exit_status(int wait_status)
{
	return WIFSIGNALED(wait_status) ? 128 + WTERMSIG(wait_status) : WEXITSTATUS(wait_status);
}

/* Read what is there behind `*used` octets of `text`; what does not fit is read and dropped. False
 * at the end of the stream. */
static bool gather(int fd, char *text, size_t size, size_t *used)
{
	char chunk[4096];
	ssize_t length = read(fd, chunk, sizeof(chunk));
	size_t room = size - 1 - *used;

	if (length <= 0)
		return length < 0 && (errno == EAGAIN || errno == EINTR);
	if ((size_t)length < room)
		room = (size_t)length;
	memcpy(text + *used, chunk, room);
	*used += room;
	text[*used] = '\0';
	return true;
}

/* Collect output until the program has ended and its pipes are quiet, or the deadline. */
static bool attend(struct tool *tool, int64_t deadline, struct tool_result *result)
{
	size_t used_out = 0, used_err = 0;
	bool ended = false;
	int status;

	for (;;) {
		struct pollfd polled[2] = {
			{ .fd = tool->out, .events = POLLIN },
			{ .fd = tool->err, .events = POLLIN },
		};
		int64_t left = deadline - clock_now();
		int ready = poll(polled, 2, ended || left <= 0 ? 0 : left < 20 ? (int)left : 20);

		if (polled[0].revents &&
		    !gather(tool->out, result->out, sizeof(result->out), &used_out))
			tool->out = (close(tool->out), -1);
		if (polled[1].revents &&
		    !gather(tool->err, result->err, sizeof(result->err), &used_err))
			tool->err = (close(tool->err), -1);
		if (ended && (ready <= 0 || left <= 0))
			return true;
		if (!ended && (ended = tool_ended(tool, &status)))
			result->status = tool_exit_status(status);
		if (!ended && left <= 0)
			return false;
		if (!ended && tool->out < 0 && tool->err < 0)
			pause_briefly();
		if (ended && tool->out < 0 && tool->err < 0)
			return true;
	}
}

bool tool_run(const char *const argv[], int64_t deadline, struct tool_result *result)
{
	struct tool tool = TOOL_NONE;

	memset(result, 0, sizeof(*result));
	result->status = -1;
	result->error = tool_start(&tool, argv);
	if (result->error)
		return false;
	result->late = !attend(&tool, deadline, result);
	tool_stop(&tool);
	return tool_went_well(result);
}

bool tool_went_well(const struct tool_result *result)
{
	return !result->error && !result->late && result->status == 0;
}
