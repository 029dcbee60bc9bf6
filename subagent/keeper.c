/* The keeper: root's only part of the daemon itself. It starts children by number and ends them.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/capability.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/frame.h"
#include "lib/log.h"
#include "lib/loop.h"
#include "lib/memory.h"
#include "lib/settings.h"
#include "lib/settings_group.h"
#include "lib/settings_vrrp.h"
#include "subagent/roster.h"
#include "subagent/silence.h"

/* The hub is started again after this pause, milliseconds. */
#define HUB_PAUSE 500

/* The hub gives a sign of life every 2.5 seconds at least. It is hung after this silence, and this
 * doubt of it, milliseconds. */
#define HUB_SILENCE 3000
#define HUB_DOUBT 2000

/* The first sign may take so much longer: it reads its files before, from a disk that may be busy,
 * and as long as it does nobody is told old rows. */
#define HUB_OPENING 10000

/* Children have this long to end by themselves, and executors the deadline of a step more. */
#define END_GRACE 3000

struct keeper {
	const struct settings *settings;
	int configuration;
	const struct passwd *user; /* NULL when we are not root: then everybody stays who we are */
	int hub;                   /* socket to the hub, -1 while there is none */
	pid_t pids[ROLES_MAX];     /* of the children, by number; 0 for none */
	bool wanted[ROLES_MAX];    /* to be started again as soon as its process has ended */
	int64_t hub_start;         /* when to start the hub */
	struct silence silence;    /* of the hub */
};

/* Root runs the programs that it names, and waits for its end. */
static void check_file(int file, const char *path)
{
	struct stat status;

	if (fstat(file, &status) < 0)
		log_fatal("%s:0: %s", path, strerror(errno));
	if (!S_ISREG(status.st_mode))
		log_fatal("%s:0: it is no regular file", path);
	if (status.st_mode & (S_IWGRP | S_IWOTH))
		log_fatal("%s:0: others than its owner may write to it: chmod go-w", path);
}

int keeper_seal(const char *path, int must_exist)
{
	int file = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC), sealed;
	char chunk[4096];
	ssize_t length;

	if (file < 0 && (must_exist || errno != ENOENT))
		log_fatal("%s:0: %s", path, strerror(errno));
	if (file >= 0)
		check_file(file, path);
	sealed = memfd_create("ha-agentx.conf", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (sealed < 0)
		log_fatal("memfd_create: %s", strerror(errno));
	while (file >= 0 && (length = read(file, chunk, sizeof(chunk))) != 0)
		if (length < 0 || write(sealed, chunk, (size_t)length) != length)
			log_fatal("%s:0: %s", path, strerror(errno));
	if (file >= 0)
		close(file);
	if (fcntl(sealed, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL) <
	    0)
		log_fatal("sealing the configuration: %s", strerror(errno));
	return sealed;
}

/* ---- becoming a child ---- */

/* Keep just these capabilities over exec as an ordinary user (capabilities(7), ambient set). */
static bool keep_capabilities(uint64_t wanted)
{
	cap_t set = cap_init();
	bool kept = set != NULL;

	for (cap_value_t number = 0; kept && number < 64; number++)
		if (wanted >> number & 1)
			kept = cap_set_flag(set, CAP_PERMITTED, 1, &number, CAP_SET) == 0 &&
			       cap_set_flag(set, CAP_EFFECTIVE, 1, &number, CAP_SET) == 0 &&
			       cap_set_flag(set, CAP_INHERITABLE, 1, &number, CAP_SET) == 0;
	kept = kept && cap_set_proc(set) == 0;
	for (cap_value_t number = 0; kept && number < 64; number++)
		if (wanted >> number & 1)
			kept = cap_set_ambient(number, CAP_SET) == 0;
	cap_free(set);
	return kept;
}

static bool become_user(const struct passwd *user, uint64_t capabilities)
{
	return prctl(PR_SET_KEEPCAPS, 1) == 0 && initgroups(user->pw_name, user->pw_gid) == 0 &&
	       setresgid(user->pw_gid, user->pw_gid, user->pw_gid) == 0 &&
	       setresuid(user->pw_uid, user->pw_uid, user->pw_uid) == 0 &&
	       keep_capabilities(capabilities) && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
}

/* Put the two descriptors where the child looks for them, whatever numbers they have now. */
static bool place(int configuration, int socket)
{
	int copy = fcntl(socket, F_DUPFD, KEEPER_SOCKET_FD + 1);

	return copy >= 0 && dup2(configuration, KEEPER_CONFIGURATION_FD) >= 0 &&
	       dup2(copy, KEEPER_SOCKET_FD) >= 0 && close(copy) == 0;
}

/* Returns only when that fails. */
static void execute(const struct settings *settings, unsigned int number, const char *name)
{
	char *child[] = { memory_text(KEEPER_CHILD), memory_text(name), memory_text(settings->path),
			  NULL };
	char *executor[] = { memory_text("ha-executor"), memory_text(settings->path),
			     number == ROLE_WATCHDOG ? memory_text("watchdog") : NULL, NULL };

	if (roster_is_root(number))
		execv(settings->executor, executor);
	else
		execv("/proc/self/exe", child);
}

static void become(const struct keeper *keeper, unsigned int number, int socket, pid_t parent)
{
	char name[ROLE_NAME_SIZE];
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	roster_name(keeper->settings, number, name, sizeof(name));
	/* An executor outlives us long enough to finish its step; all others go with us. */
	if (!roster_is_root(number) && keeper->user &&
	    !become_user(keeper->user, roster_role(number).capabilities))
		log_fatal("%s: giving up root: %s", name, strerror(errno));
	if (!roster_is_root(number) &&
	    (prctl(PR_SET_PDEATHSIG, SIGTERM) < 0 || getppid() != parent))
		_exit(EXIT_FAILURE);
	if (!place(keeper->configuration, socket))
		log_fatal("%s: descriptors: %s", name, strerror(errno));
	execute(keeper->settings, number, name);
	log_fatal("%s: exec: %s", name, strerror(errno));
}

/* ---- starting and ending ---- */

static pid_t start_child(struct keeper *keeper, unsigned int number, int socket)
{
	pid_t parent = getpid(), pid = fork();

	if (pid == 0)
		become(keeper, number, socket, parent);
	if (pid < 0)
		log_error("fork: %s", strerror(errno));
	keeper->pids[number] = pid > 0 ? pid : 0;
	return pid;
}

static void start_hub(struct keeper *keeper)
{
	int pair[2];

	frame_pair(pair);
	start_child(keeper, ROLE_HUB, pair[1]);
	close(pair[1]);
	keeper->hub = pair[0];
	keeper->hub_start = 0;
	silence_break(&keeper->silence, clock_now() + HUB_OPENING);
}

/* The hub sees an end that came before the start was told as a socket that is closed. */
static void start_for_hub(struct keeper *keeper, unsigned int number)
{
	struct child_note note = { .pid = 0 };
	int pair[2];

	keeper->wanted[number] = keeper->pids[number] != 0;
	if (keeper->wanted[number])
		return;
	frame_pair(pair);
	note.pid = start_child(keeper, number, pair[1]);
	close(pair[1]);
	if (note.pid > 0)
		frame_pass(keeper->hub, FRAME_STARTED, number, &note, sizeof(note), pair[0]);
	close(pair[0]);
}

static void end_child(struct keeper *keeper, unsigned int number, int signal_number)
{
	if (keeper->pids[number] > 0)
		kill(keeper->pids[number], signal_number);
}

/* Without the hub its children find their sockets closed, and end. */
static void hub_lost(struct keeper *keeper)
{
	if (keeper->hub >= 0)
		close(keeper->hub);
	keeper->hub = -1;
	memset(keeper->wanted, 0, sizeof(keeper->wanted));
	end_child(keeper, ROLE_HUB, SIGKILL);
}

/* A hub that waits in the kernel, for a disk, dies only when it has got what it waits for, and
 * until then its sockets stay open: the others are told to end, for the line would go on serving
 * old rows.
 */
static void hub_hung(struct keeper *keeper)
{
	log_error("hub hangs: silent for too long; it is killed and started again");
	hub_lost(keeper);
	for (unsigned int number = 0; number < ROLES_MAX; number++)
		if (number != ROLE_HUB && !roster_is_root(number))
			end_child(keeper, number, SIGTERM);
}

/* When to look again whether the hub hangs; 0 when there is none. */
static int64_t look_at_hub(struct keeper *keeper)
{
	int64_t next;

	if (keeper->hub < 0)
		return 0;
	next = silence_look(&keeper->silence, HUB_SILENCE, HUB_DOUBT, clock_now());
	if (!next)
		hub_hung(keeper);
	return next;
}

static void take_order(struct keeper *keeper, const struct frame *frame)
{
	unsigned int number = frame->head.table;

	if (number == ROLE_HUB || number >= roster_count() ||
	    !roster_has(keeper->settings, number) ||
	    (frame->head.type != FRAME_START && frame->head.type != FRAME_KILL))
		hub_lost(keeper);
	else if (frame->head.type == FRAME_START)
		start_for_hub(keeper, number);
	else
		end_child(keeper, number, SIGKILL);
}

static void hub_ready(void *argument, short events)
{
	struct keeper *keeper = argument;
	struct frame frame;
	enum frame_outcome outcome = frame_receive(keeper->hub, &frame, NULL);

	(void)events;
	if (outcome == FRAME_AGAIN)
		return;
	if (outcome != FRAME_OK)
		hub_lost(keeper);
	else if (frame.head.type == FRAME_ALIVE)
		silence_break(&keeper->silence, clock_now());
	else
		take_order(keeper, &frame);
}

/* ---- who has ended ---- */

static int number_of(const struct keeper *keeper, pid_t pid)
{
	for (unsigned int number = 0; number < ROLES_MAX; number++)
		if (keeper->pids[number] == pid)
			return (int)number;
	return -1;
}

static void log_end(const char *name, int status)
{
	if (WIFSIGNALED(status))
		log_warning("%s was ended by signal %d", name, WTERMSIG(status));
	else if (WEXITSTATUS(status))
		log_warning("%s ended with status %d", name, WEXITSTATUS(status));
	else
		log_debug("%s has ended", name);
}

static void child_ended(struct keeper *keeper, unsigned int number, int status)
{
	struct child_note note = { .pid = keeper->pids[number], .status = status };
	char name[ROLE_NAME_SIZE];

	keeper->pids[number] = 0;
	roster_name(keeper->settings, number, name, sizeof(name));
	log_end(name, status);
	if (number == ROLE_HUB) {
		hub_lost(keeper);
		keeper->hub_start = clock_now() + HUB_PAUSE;
		return;
	}
	if (keeper->hub >= 0)
		frame_send(keeper->hub, FRAME_EXITED, number, &note, sizeof(note));
	if (keeper->hub >= 0 && keeper->wanted[number])
		start_for_hub(keeper, number);
}

static void reap(struct keeper *keeper)
{
	int status, number;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		if ((number = number_of(keeper, pid)) >= 0)
			child_ended(keeper, (unsigned int)number, status);
}

static void child_signal(int number)
{
	(void)number;
}

/* SIGCHLD only has to end a turn: it is let in while the loop waits, and nowhere else. */
static void catch_children(void)
{
	struct sigaction action = { .sa_handler = child_signal };
	sigset_t blocked;

	sigemptyset(&blocked);
	sigaddset(&blocked, SIGCHLD);
	sigprocmask(SIG_BLOCK, &blocked, NULL);
	sigaction(SIGCHLD, &action, NULL);
}

/* ---- the process ---- */

/* A folder that the hub writes into. */
static void make_folder(const char *path, const struct passwd *user)
{
	if (mkdir(path, 0755) < 0 && errno != EEXIST)
		log_fatal("%s: %s", path, strerror(errno));
	if (user && chown(path, user->pw_uid, user->pw_gid) < 0)
		log_fatal("%s: %s", path, strerror(errno));
}

/* The folder that a file is to lie in. */
static void make_folder_of(const char *path, const struct passwd *user)
{
	char *folder = memory_text(path);
	char *slash = strrchr(folder, '/');

	*slash = '\0';
	if (*folder)
		make_folder(folder, user);
	free(folder);
}

/* keepalived obeys a track file only when its folder is there as it starts; root writes it, so the
 * folder stays root's. */
static void make_folders(const struct keeper *keeper)
{
	const struct settings_vrrp *vrrp = keeper->settings->vrrp;

	make_folder(keeper->settings->state, keeper->user);
	make_folder_of(keeper->settings->socket, keeper->user);
	for (size_t i = 0; i < vrrp->instances_count; i++)
		if (vrrp->instances[i].hold)
			make_folder_of(vrrp->instances[i].hold, NULL);
}

/* One daemon for one state folder: two would fight over the socket, the subtree and the numbers. */
static void lock_state(const struct settings *settings)
{
	char path[256];
	int fd;

	TEXT_PRINT(path, "%s/lock", settings->state);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		log_fatal("%s: %s", path, strerror(errno));
	if (flock(fd, LOCK_EX | LOCK_NB) < 0)
		log_fatal("%s: %s", path,
			  errno == EWOULDBLOCK ? "ha-agentxd is running already" : strerror(errno));
}

static const struct passwd *find_user(const struct settings *settings)
{
	const struct passwd *user;

	if (geteuid() != 0) {
		log_warning("not started by root: all processes run as this user");
		return NULL;
	}
	user = getpwnam(settings->user);
	if (!user)
		log_fatal("%s:0: there is no user %s: make one, or name another as user in agent",
			  settings->path, settings->user);
	return user;
}

static bool somebody_runs(const struct keeper *keeper)
{
	for (unsigned int number = 0; number < ROLES_MAX; number++)
		if (keeper->pids[number])
			return true;
	return false;
}

static int64_t longest_of_group(const struct settings_group *group)
{
	int64_t longest = group->fence_time;

	for (size_t i = 0; i < group->members_count; i++) {
		const struct settings_member *member = &group->members[i];

		if (member->start_time > longest)
			longest = member->start_time;
		if (member->stop_time > longest)
			longest = member->stop_time;
	}
	return longest;
}

/* Milliseconds that the longest step of all may take. */
static int64_t longest_step(const struct settings *settings)
{
	int64_t longest = settings->drbd_deadline;

	for (size_t i = 0; i < settings->groups->count; i++)
		if (longest_of_group(&settings->groups->groups[i]) > longest)
			longest = longest_of_group(&settings->groups->groups[i]);
	return longest;
}

/* Close the hub's socket and wait: first everybody by himself, then the stubborn are killed. */
static void end_all(struct keeper *keeper)
{
	int64_t patience = clock_now() + END_GRACE;
	int64_t last = patience + longest_step(keeper->settings);

	end_child(keeper, ROLE_HUB, SIGTERM);
	while (somebody_runs(keeper) && clock_now() < last + END_GRACE) {
		for (unsigned int number = 0; clock_now() >= patience && number < ROLES_MAX;
		     number++)
			if (!roster_is_root(number) || clock_now() >= last)
				end_child(keeper, number, SIGKILL);
		loop_wake(clock_now() + 50);
		loop_turn();
		reap(keeper);
	}
}

void keeper_run(const struct settings *settings, int configuration)
{
	struct keeper keeper = {
		.settings = settings,
		.configuration = configuration,
		.hub = -1,
		.user = find_user(settings),
		.hub_start = 1,
	};

	make_folders(&keeper);
	lock_state(settings);
	catch_children();
	while (!loop_ended()) {
		if (keeper.hub_start && clock_now() >= keeper.hub_start)
			start_hub(&keeper);
		loop_wake(keeper.hub_start);
		loop_wake(look_at_hub(&keeper));
		loop_watch(keeper.hub, POLLIN, hub_ready, &keeper);
		loop_turn();
		reap(&keeper);
	}
	end_all(&keeper);
}
