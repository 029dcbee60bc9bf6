/* Does in a process of its own what may wait without an end.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "actions/aside.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/pid.h"

/* Milliseconds. */
#define LOOK_INTERVAL 2 /* where there is no descriptor left to wait at */
#define END_TIME 20     /* of who has been killed, and can be */

#define BEHIND_MAX 64 /* processes */

/* In a process aside: where its orders come from. */
enum { ORDERS_FD = STDERR_FILENO + 1, FIRST_FREE_FD };

static int milliseconds_to(int64_t deadline)
{
	int64_t left = deadline - clock_now();

	return left <= 0 ? 0 : left < INT_MAX ? (int)left : INT_MAX;
}

/* Memory that both processes have; NULL: there is none, errno says why. */
static void *share(size_t size)
{
	void *shared = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	return shared == MAP_FAILED ? NULL : shared;
}

static void copy(void *to, const void *from, size_t size)
{
	if (size)
		memcpy(to, from, size);
}

/* The socket to the hub must not stay open in here: its end says that the executor has ended. */
static void leave(pid_t parent, unsigned int first_to_close)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(EINTR);
	close_range(first_to_close, UINT_MAX, 0);
}

/* Its wait status; false: it has not ended. */
static bool await(pid_t pid, int64_t deadline, int *status)
{
	int process = pidfd_open(pid, 0), left;
	bool ended;

	while (!(ended = waitpid(pid, status, WNOHANG) == pid) &&
	       (left = milliseconds_to(deadline)) > 0)
		pid_ends_within(process,
				process >= 0 || left < LOOK_INTERVAL ? left : LOOK_INTERVAL);
	if (process >= 0)
		close(process);
	return ended;
}

/* ---- who is left behind ---- */

/* They have been killed, and wait for a device. Of a child they are the parent's, and not found. */
static pid_t behind[BEHIND_MAX];
static size_t behind_count;

static void reap_behind(void)
{
	size_t kept = 0;

	for (size_t i = 0; i < behind_count; i++)
		if (waitpid(behind[i], NULL, WNOHANG) == 0)
			behind[kept++] = behind[i];
	behind_count = kept;
}

/* One too many is a zombie until this process ends. */
static void leave_behind(pid_t pid)
{
	if (behind_count < BEHIND_MAX)
		behind[behind_count++] = pid;
}

/* It ends at once, or is left behind: false. */
static bool end(pid_t pid, int *status)
{
	kill(pid, SIGKILL);
	if (await(pid, clock_now() + END_TIME, status))
		return true;
	leave_behind(pid);
	return false;
}

/* ---- the helper ---- */

static struct helper {
	pid_t owner; /* the process that it helps: a child has none of its own yet */
	pid_t pid;
	int orders; /* socket to it; each aside_call * is answered by an int; -1: no helper */
	void *room;
} helper = { .orders = -1 };

/* Most that a call leaves open is closed here, and with it go the locks that it has (fcntl(2)). */
__attribute__((noreturn)) static void help(int orders, void *room, pid_t parent)
{
	aside_call *call;

	prctl(PR_SET_NAME, "ha-aside");
	if (orders != ORDERS_FD && dup3(orders, ORDERS_FD, O_CLOEXEC) < 0)
		_exit(errno);
	leave(parent, FIRST_FREE_FD);
	while (recv(ORDERS_FD, &call, sizeof(call), 0) == (ssize_t)sizeof(call)) {
		int status = call(room);

		close_range(FIRST_FREE_FD, UINT_MAX, 0);
		if (send(ORDERS_FD, &status, sizeof(status), MSG_NOSIGNAL) < 0)
			break;
	}
	_exit(EXIT_SUCCESS);
}

/* One that is still there keeps its side of the room. */
static void forget(void)
{
	if (helper.orders >= 0)
		close(helper.orders);
	if (helper.room)
		munmap(helper.room, ASIDE_ROOM_MAX);
	helper = (struct helper){ .orders = -1 };
}

static void dismiss(void)
{
	const struct helper old = helper;
	int status;

	forget();
	if (old.pid > 0 && old.owner == getpid())
		end(old.pid, &status);
}

/* 0, or an errno: forget what there is of it then. */
static int hire(void)
{
	int pair[2];

	helper.room = share(ASIDE_ROOM_MAX);
	if (!helper.room || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return errno;
	helper.orders = pair[0];
	helper.owner = getpid();
	helper.pid = fork();
	if (helper.pid == 0)
		help(pair[1], helper.room, helper.owner);
	close(pair[1]);
	return helper.pid > 0 ? 0 : EAGAIN;
}

/* There is a helper: 0, or an errno. */
static int employ(void)
{
	int error;

	if (helper.orders >= 0 && helper.owner == getpid())
		return 0;
	dismiss();
	error = hire();
	if (error)
		forget();
	return error;
}

void aside_prepare(void)
{
	employ();
}

/* Whoever was killed while there was nothing to do is replaced. */
static int give_order(aside_call *call, const void *room, size_t size)
{
	int error = 0;

	for (int tries = 2; tries > 0 && (error = employ()) == 0; tries--) {
		copy(helper.room, room, size);
		if (send(helper.orders, &call, sizeof(call), MSG_NOSIGNAL) >= 0)
			return 0;
		error = errno;
		dismiss();
	}
	return error;
}

/* 0, ASIDE_LATE, or EINTR: it has died. */
static int hear_answer(int64_t deadline, int *status)
{
	struct pollfd answer = { .fd = helper.orders, .events = POLLIN };

	while (poll(&answer, 1, milliseconds_to(deadline)) < 0 && errno == EINTR)
		;
	if (!answer.revents)
		return ASIDE_LATE;
	return recv(helper.orders, status, sizeof(*status), MSG_DONTWAIT) ==
			       (ssize_t)sizeof(*status) ?
		       0 :
		       EINTR;
}

int aside_run(aside_call *call, void *room, size_t size, int64_t deadline)
{
	int error, status;

	assert(size <= ASIDE_ROOM_MAX);
	reap_behind();
	error = give_order(call, room, size);
	if (!error)
		error = hear_answer(deadline, &status);
	if (error) {
		dismiss();
		return error;
	}
	copy(room, helper.room, size);
	return status;
}

/* ---- a process for one call ---- */

static int call_once(aside_call *call, void *shared, int64_t deadline)
{
	pid_t parent = getpid(), pid = fork();
	int status;

	if (pid < 0)
		return errno;
	if (pid == 0) {
		leave(parent, ORDERS_FD);
		_exit(call(shared));
	}
	if (!await(pid, deadline, &status) && (!end(pid, &status) || !WIFEXITED(status)))
		return ASIDE_LATE;
	return WIFEXITED(status) ? WEXITSTATUS(status) : EINTR;
}

int aside_run_once(aside_call *call, void *room, size_t size, int64_t deadline)
{
	void *shared;
	int status;

	reap_behind();
	shared = share(size);
	if (!shared)
		return errno;
	copy(shared, room, size);
	status = call_once(call, shared, deadline);
	if (status != ASIDE_LATE)
		copy(room, shared, size);
	munmap(shared, size);
	return status;
}
