/* Starts and ends nfsdcld(8), which remembers the clients of NFSv4 for the kernel.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "actions/nfsd_tracker.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "actions/aside.h"
#include "actions/outcome.h"
#include "actions/program.h"
#include "actions/safe_folder.h"
#include "lib/clock.h"
#include "lib/frame.h"
#include "lib/log.h"
#include "lib/memory.h"
#include "lib/pid.h"
#include "mib/ha-agentx-mib.h"

#define TRACKER "nfsdcld"

/* Milliseconds. */
#define TERM_TIME 1000 /* in which it ends; its data base survives a kill as well */
#define KILL_TIME 1000
#define READY_TIME 3000 /* in which it opens its data base */
#define LOOK_INTERVAL 2 /* between two looks at whether it is ready */

#define DESCRIPTORS_MAX 32 /* it has about ten */

/* ---- finding it ---- */

/* Containers may have their own. */
static bool is_of_our_network(pid_t pid)
{
	struct stat ours, theirs;
	char path[64];

	TEXT_PRINT(path, "/proc/%d/ns/net", (int)pid);
	return stat("/proc/self/ns/net", &ours) == 0 && stat(path, &theirs) == 0 &&
	       ours.st_ino == theirs.st_ino;
}

/* One call for a process: to open, to read and to close its name costs four times that. The kernel
 * writes " (deleted)" behind the path of a program that was replaced since. */
static bool may_be_tracker(pid_t pid)
{
	char link[32], program[PATH_MAX];
	const char *slash;
	ssize_t length;

	TEXT_PRINT(link, "/proc/%d/exe", (int)pid);
	length = readlink(link, program, sizeof(program) - 1);
	if (length < 0)
		return false;
	program[length] = '\0';
	slash = strrchr(program, '/');
	return slash && !strncmp(slash + 1, TRACKER, strlen(TRACKER)) && is_of_our_network(pid);
}

static int hold_next(pid_t *pid)
{
	return pid_hold_next(pid, TRACKER, may_be_tracker);
}

bool tracker_runs(void)
{
	pid_t pid = 0;
	int held = hold_next(&pid);

	if (held >= 0)
		close(held);
	return held >= 0;
}

/* Whether it is the one of this data base. */
static bool is_ours(pid_t pid, const char *folder)
{
	char words[1024];
	const char *last;

	if (!pid_read(pid, "cmdline", words, sizeof(words)))
		return false;
	last = words + strlen(words) + 1;
	return !strcmp(last, "-s") && !strcmp(last + strlen(last) + 1, folder);
}

/* ---- its end ---- */

static bool end_process(int held)
{
	return (pidfd_send_signal(held, SIGTERM, NULL, 0) == 0 &&
		pid_ends_within(held, TERM_TIME)) ||
	       (pidfd_send_signal(held, SIGKILL, NULL, 0) == 0 &&
		pid_ends_within(held, KILL_TIME)) ||
	       errno == ESRCH;
}

/* All but the first one of the data base `wanted', NULL: but none; `*kept' says whether there is
 * that one. */
static bool end_others(const struct tracker *tracker, const char *wanted, bool *kept)
{
	pid_t pid = 0;
	int held;

	*kept = false;
	while ((held = hold_next(&pid)) >= 0) {
		bool keep = wanted && !*kept && is_ours(pid, wanted);
		bool fine = keep || end_process(held);

		close(held);
		*kept |= keep;
		if (fine)
			continue;
		outcome_set(tracker->result, HaReason_timeout,
			    "%s: " TRACKER " (pid %d) does not end", tracker->what, (int)pid);
		return false;
	}
	return true;
}

bool tracker_end(const struct tracker *tracker)
{
	bool kept;

	return end_others(tracker, NULL, &kept);
}

/* ---- its start ---- */

/* Only root may put something in its place: who could would choose what root's programs write to.
 */
static int make_folder_aside(void *room)
{
	const char *path = room;
	int folder = mkdir(path, 0700) == 0 || errno == EEXIST ? safe_folder_open(path) : -1;

	if (folder < 0)
		return errno;
	close(folder);
	return 0;
}

/* It is on a disk that may not answer. */
static bool make_folder(const struct tracker *tracker, const char *path)
{
	char room[PATH_MAX];
	int error;

	TEXT_PUT(room, path);
	error = aside_run(make_folder_aside, room, sizeof(room), tracker->deadline);
	if (error == ASIDE_LATE)
		outcome_set(tracker->result, HaReason_timeout, "%s: its storage %s does not answer",
			    tracker->what, path);
	else if (error)
		outcome_set(tracker->result, HaReason_toolFailed, "%s: its storage %s: %s",
			    tracker->what, path,
			    error == EPERM ? "others than root may write to it, or above it" :
					     strerror(error));
	return error == 0;
}

static bool run(const struct tracker *tracker, const char *folder)
{
	const char *const command[] = { program_find(TRACKER), "-s", folder, NULL };

	if (!make_folder(tracker, tracker->storage) || !make_folder(tracker, folder))
		return false;
	if (program_run(command, tracker->deadline, tracker->tool))
		return true;
	program_explain(tracker->result, tracker->what, TRACKER, tracker->tool);
	return false;
}

/* ---- its readiness ---- */

/* By the descriptor with which it watches for the kernel's pipe: it opens that behind its data
 * base. */
static bool is_watching(pid_t pid)
{
	for (int number = STDERR_FILENO + 1; number < DESCRIPTORS_MAX; number++) {
		char name[32], path[64], text[256];
		ssize_t length;

		TEXT_PRINT(path, "/proc/%d/fd/%d", (int)pid, number);
		length = readlink(path, text, sizeof(text) - 1);
		if (length < 0)
			continue;
		text[length] = '\0';
		TEXT_PRINT(name, "fdinfo/%d", number);
		if (!strcmp(text, "anon_inode:inotify"))
			return pid_read(pid, name, text, sizeof(text)) &&
			       strstr(text, "inotify wd:");
	}
	return false;
}

static int hold_ours(pid_t *pid, const char *folder)
{
	int held;

	for (*pid = 0; (held = hold_next(pid)) >= 0; close(held))
		if (is_ours(*pid, folder))
			return held;
	return -1;
}

/* Its parent ends before it has begun. The kernel waits for it for a second, and then keeps its
 * clients elsewhere: those of the other node would lose their locks. Still, a server that runs is
 * better than none. */
static bool await(const struct tracker *tracker, const char *folder)
{
	int64_t until = clock_now() + READY_TIME;
	pid_t pid;
	int held = hold_ours(&pid, folder);
	bool ready = false, ended = held < 0;

	while (!ended && !(ready = is_watching(pid)) && clock_now() < until &&
	       clock_now() < tracker->deadline)
		ended = pid_ends_within(held, LOOK_INTERVAL);
	if (held >= 0)
		close(held);
	if (ended)
		outcome_set(tracker->result, HaReason_toolFailed,
			    "%s: " TRACKER " has ended; see what it has told syslog",
			    tracker->what);
	else if (!ready)
		log_warning(TRACKER " (pid %d) does not look out for the kernel yet", (int)pid);
	return !ended;
}

bool tracker_start(const struct tracker *tracker)
{
	char folder[PATH_MAX];
	bool runs;

	TEXT_PRINT(folder, "%s/" TRACKER, tracker->storage);
	return end_others(tracker, folder, &runs) && (runs || run(tracker, folder)) &&
	       await(tracker, folder);
}
