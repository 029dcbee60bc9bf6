/* Does in a process of its own what may wait without an end.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "actions/aside.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "lib/clock.h"

#define LOOK_INTERVAL 2 /* milliseconds */

/* The socket to the hub must not stay open in here: its end says that the executor has ended. */
static void become(aside_call *call, const void *argument, pid_t parent)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(EINTR);
	close_range(STDERR_FILENO + 1, UINT_MAX, 0);
	_exit(call(argument));
}

static void pause_briefly(void)
{
	nanosleep(&(struct timespec){ .tv_nsec = LOOK_INTERVAL * 1000000L }, NULL);
}

int aside_run(aside_call *call, const void *argument, int64_t deadline)
{
	pid_t parent = getpid(), pid = fork();
	int status;

	if (pid < 0)
		return errno;
	if (pid == 0)
		become(call, argument, parent);
	while (waitpid(pid, &status, WNOHANG) != pid) {
		if (clock_now() >= deadline) {
			kill(pid, SIGKILL);
			return waitpid(pid, &status, WNOHANG) == pid && WIFEXITED(status) ?
				       WEXITSTATUS(status) :
				       ASIDE_LATE;
		}
		pause_briefly();
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : EINTR;
}
