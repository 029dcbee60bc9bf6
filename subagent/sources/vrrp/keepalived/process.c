/* keepalived's processes: whether they run.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/vrrp/keepalived/process.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/loop.h"
#include "lib/memory.h"
#include "subagent/watched_files.h"

/* Milliseconds from one look for the VRRP process to the next, while it is not found. */
#define PAUSE_FIRST 50
#define PAUSE_MAX 2000

/* The same for the parent, while its file names another program. */
#define PARENT_PAUSE_MAX 5000

/* Milliseconds in which a keepalived starts all its processes. */
#define START_TIME 2000

#define CHILDREN_MAX 16

#define VRRP_NAME "vrrp.pid" /* of the VRRP process; it lies beside the parent's */

enum { PARENT_FILE, VRRP_FILE }; /* numbers of the watched files */

/* ---- what /proc and the files say ---- */

/* What stands in a small file; false when it cannot be read, and errno says why. */
static bool read_text(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	ssize_t length = fd < 0 ? -1 : read(fd, text, size - 1);
	int error = errno;

	if (fd >= 0)
		close(fd);
	errno = error;
	text[length < 0 ? 0 : length] = '\0';
	return length >= 0;
}

static bool read_about(pid_t pid, const char *name, char *text, size_t size)
{
	char path[64];

	TEXT_PRINT(path, "/proc/%d/%s", (int)pid, name);
	return read_text(path, text, size);
}

/* The pid in a file; 0: none stands there. A file that is still empty, or nonsense, is none. */
static pid_t read_pid(const char *path)
{
	char text[32], *end;
	long pid;

	if (!read_text(path, text, sizeof(text)) || !isdigit((unsigned char)*text))
		return 0;
	errno = 0;
	pid = strtol(text, &end, 10);
	if (errno || pid < 2 || pid > INT32_MAX || (*end && *end != '\n'))
		return 0;
	return (pid_t)pid;
}

/* By its name, or, where process_name gives it another one, by what it was started as. */
static bool is_keepalived(pid_t pid)
{
	char text[256];
	const char *slash;

	if (read_about(pid, "comm", text, sizeof(text)) && !strcmp(text, "keepalived\n"))
		return true;
	if (!read_about(pid, "cmdline", text, sizeof(text)))
		return false;
	slash = strrchr(text, '/');
	return !strcmp(slash ? slash + 1 : text, "keepalived");
}

/* A word of /proc/PID/status, which stands behind `name` and a tabulator; "" when it is not there.
 */
static void read_status(pid_t pid, const char *name, char *word, size_t size)
{
	char text[4096];
	const char *found;

	*word = '\0';
	if (!read_about(pid, "status", text, sizeof(text)))
		return;
	found = strstr(text, name);
	if (!found)
		return;
	found += strlen(name);
	found += strspn(found, ":\t ");
	text_put_part(word, size, found, strcspn(found, "\n"));
}

static uint64_t read_signals(pid_t pid, const char *name)
{
	char word[32];

	read_status(pid, name, word, sizeof(word));
	return strtoull(word, NULL, 16);
}

/* When it was started, in milliseconds since 1970: the 22nd field of /proc/PID/stat. The name,
 * which may hold anything, ends at the last parenthesis. */
static int64_t read_start(pid_t pid)
{
	char text[1024], *at;
	unsigned long long ticks;

	if (!read_about(pid, "stat", text, sizeof(text)))
		return clock_wall();
	at = strrchr(text, ')');
	if (!at || sscanf(at + 1,
			  " %*c %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s "
			  "%*s %*s %llu",
			  &ticks) != 1)
		return clock_wall();
	return clock_wall() - clock_now() +
	       (int64_t)(ticks * 1000 / (unsigned long long)sysconf(_SC_CLK_TCK));
}

/* The children of a process that has one thread. */
static size_t read_children(pid_t pid, pid_t *children, size_t room)
{
	char name[64], text[1024], *at = text, *end;
	size_t count = 0;

	TEXT_PRINT(name, "task/%d/children", (int)pid);
	if (!read_about(pid, name, text, sizeof(text)))
		return 0;
	for (; count < room; at = end) {
		long child = strtol(at, &end, 10);

		if (end == at)
			break;
		children[count++] = (pid_t)child;
	}
	return count;
}

/* ---- the two of them ---- */

static bool has_ended(int fd)
{
	struct pollfd polled = { .fd = fd, .events = POLLIN };

	return poll(&polled, 1, 0) != 0;
}

/* A pidfd of a keepalived; -1: there is none of this number. First the descriptor, then the name:
 * so both are of one process. */
static int take_hold(pid_t pid)
{
	int fd = pid > 0 ? pidfd_open(pid, 0) : -1;

	if (fd >= 0 && is_keepalived(pid) && !has_ended(fd))
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

static bool is_alive(pid_t pid)
{
	int fd = pidfd_open(pid, 0);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

static void let_go(int *fd, pid_t *pid)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
	*pid = 0;
}

/* Which child is the one for VRRP: the one that its own file names, or, when all have been started,
 * the only one. */
static pid_t find_vrrp(const struct process *process)
{
	pid_t children[CHILDREN_MAX], named = read_pid(process->vrrp_file);
	size_t count = read_children(process->pid, children, CHILDREN_MAX);

	for (size_t i = 0; i < count; i++)
		if (children[i] == named)
			return named;
	return count == 1 && clock_wall() - process->since > START_TIME ? children[0] : 0;
}

static void look_for_vrrp(struct process *process)
{
	pid_t pid = find_vrrp(process);

	process->next_look = 0;
	if (process->vrrp && process->vrrp == pid)
		return;
	let_go(&process->vrrp_fd, &process->vrrp);
	process->vrrp_fd = take_hold(pid);
	if (process->vrrp_fd < 0) {
		process->next_look = clock_now() + process->pause;
		process->pause = process->pause * 2 < PAUSE_MAX ? process->pause * 2 : PAUSE_MAX;
		return;
	}
	process->vrrp = pid;
	process->vrrp_gone = false;
	process->starts++;
	process->version++;
}

static void look_soon(struct process *process)
{
	process->pause = PAUSE_FIRST;
	process->next_look = clock_now();
}

static void lose_vrrp(struct process *process)
{
	let_go(&process->vrrp_fd, &process->vrrp);
	process->vrrp_gone = true;
	process->version++;
	look_soon(process);
}

static void lose_parent(struct process *process)
{
	let_go(&process->fd, &process->pid);
	let_go(&process->vrrp_fd, &process->vrrp);
	process->vrrp_gone = false;
	process->next_look = 0;
	process->since = clock_wall();
	process->version++;
}

static void become(struct process *process, pid_t pid, int fd)
{
	if (process->pid)
		lose_parent(process);
	process->pid = pid;
	process->fd = fd;
	process->since = read_start(pid);
	process->starts++;
	process->version++;
	look_soon(process);
}

/* A file that cannot be read is not one that says nothing. */
static void judge_file(struct process *process)
{
	char old[sizeof(process->error)];

	TEXT_PUT(old, process->error);
	TEXT_PUT(process->error, "");
	if (!process->pid && access(process->pid_file, R_OK) < 0 && errno != ENOENT)
		TEXT_PRINT(process->error, "cannot read %s: %s", process->pid_file,
			   strerror(errno));
	if (strcmp(old, process->error) != 0)
		process->version++;
}

/* What starts it may write the file (start-stop-daemon --make-pidfile, a shell) before the process
 * executes keepalived: nothing tells of that. */
static void look_again(struct process *process)
{
	process->next_parent_look = clock_now() + process->parent_pause;
	if (process->parent_pause < PARENT_PAUSE_MAX)
		process->parent_pause *= 2;
}

static void look_for_parent(struct process *process)
{
	pid_t pid = read_pid(process->pid_file);
	int fd = pid == process->pid ? -1 : take_hold(pid);

	process->next_parent_look = 0;
	if (fd >= 0)
		become(process, pid, fd);
	else if (pid && pid != process->pid && is_alive(pid))
		look_again(process);
	judge_file(process);
}

/* ---- turns ---- */

void process_open(struct process *process, const char *pid_file)
{
	const char *slash = strrchr(pid_file, '/');
	size_t folder = slash ? (size_t)(slash - pid_file) + 1 : 0;

	*process = (struct process){ .fd = -1, .vrrp_fd = -1, .since = clock_wall() };
	process->pid_file = memory_text(pid_file);
	process->vrrp_file = memory_new(folder + sizeof(VRRP_NAME), 1);
	memcpy(process->vrrp_file, pid_file, folder);
	memcpy(process->vrrp_file + folder, VRRP_NAME, sizeof(VRRP_NAME));
	process->files = watched_files_open();
	watched_files_add(process->files, process->pid_file);
	watched_files_add(process->files, process->vrrp_file);
}

void process_close(struct process *process)
{
	let_go(&process->fd, &process->pid);
	let_go(&process->vrrp_fd, &process->vrrp);
	watched_files_close(process->files);
	free(process->pid_file);
	free(process->vrrp_file);
}

void process_turn(struct process *process)
{
	bool ended = process->fd >= 0 && has_ended(process->fd);
	bool changed = watched_files_take(process->files, PARENT_FILE);

	if (ended)
		lose_parent(process);
	if (ended || changed)
		process->parent_pause = PAUSE_FIRST;
	if (ended || changed ||
	    (process->next_parent_look && clock_now() >= process->next_parent_look))
		look_for_parent(process);
	if (process->vrrp_fd >= 0 && has_ended(process->vrrp_fd))
		lose_vrrp(process);
	if (watched_files_take(process->files, VRRP_FILE) && process->pid)
		look_soon(process);
	if (process->next_look && clock_now() >= process->next_look)
		look_for_vrrp(process);
	watched_files_watch(process->files);
	loop_watch(process->fd, POLLIN, NULL, NULL);
	loop_watch(process->vrrp_fd, POLLIN, NULL, NULL);
	loop_wake(process->next_look);
	loop_wake(process->next_parent_look);
}

/* keepalived blocks the signals it serves and reads them from a signalfd(2), or catches them; while
 * it starts, and without the code for it, a signal is ignored or would end it. */
static bool is_ready_for(pid_t pid, int number)
{
	uint64_t bit = UINT64_C(1) << (number - 1);

	return (read_signals(pid, "SigBlk") | read_signals(pid, "SigCgt")) & bit;
}

int process_signal(const struct process *process, int number)
{
	int fd = process->vrrp_fd >= 0 ? process->vrrp_fd : process->fd;
	pid_t pid = process->vrrp_fd >= 0 ? process->vrrp : process->pid;

	if (fd < 0 || has_ended(fd))
		return ESRCH;
	if (!is_ready_for(pid, number))
		return EAGAIN;
	return pidfd_send_signal(fd, number, NULL, 0) < 0 ? errno : 0;
}

bool process_is_stopped(const struct process *process)
{
	char parent[32] = "", vrrp[32] = "";

	if (process->pid)
		read_status(process->pid, "State", parent, sizeof(parent));
	if (process->vrrp)
		read_status(process->vrrp, "State", vrrp, sizeof(vrrp));
	return *parent == 'T' || *parent == 't' || *vrrp == 'T' || *vrrp == 't';
}
