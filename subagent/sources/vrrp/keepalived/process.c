/* keepalived's processes: whether they run.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/vrrp/keepalived/process.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/loop.h"
#include "lib/memory.h"
#include "lib/pid.h"
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

/* ---- what /proc says ---- */

/* When it was started, in milliseconds since 1970: the 22nd field of /proc/PID/stat. The name,
 * which may hold anything, ends at the last parenthesis. */
static int64_t read_start(pid_t pid)
{
	char text[1024], *at;
	unsigned long long ticks;

	if (!pid_read(pid, "stat", text, sizeof(text)))
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
	if (!pid_read(pid, name, text, sizeof(text)))
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
	pid_t children[CHILDREN_MAX], named = pid_in_file(process->vrrp_file);
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
	process->vrrp_fd = pid_hold(pid, "keepalived");
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
	pid_t pid = pid_in_file(process->pid_file);
	int fd = pid == process->pid ? -1 : pid_hold(pid, "keepalived");

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
	bool ended = process->fd >= 0 && pid_has_ended(process->fd);
	bool changed = watched_files_take(process->files, PARENT_FILE);

	if (ended)
		lose_parent(process);
	if (ended || changed)
		process->parent_pause = PAUSE_FIRST;
	if (ended || changed ||
	    (process->next_parent_look && clock_now() >= process->next_parent_look))
		look_for_parent(process);
	if (process->vrrp_fd >= 0 && pid_has_ended(process->vrrp_fd))
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

int process_signal(const struct process *process, int number)
{
	if (process->vrrp_fd >= 0)
		return pid_signal(process->vrrp_fd, process->vrrp, number);
	return pid_signal(process->fd, process->pid, number);
}

bool process_is_stopped(const struct process *process)
{
	char parent[32] = "", vrrp[32] = "";

	if (process->pid)
		pid_status(process->pid, "State", parent, sizeof(parent));
	if (process->vrrp)
		pid_status(process->vrrp, "State", vrrp, sizeof(vrrp));
	return *parent == 'T' || *parent == 't' || *vrrp == 'T' || *vrrp == 't';
}
