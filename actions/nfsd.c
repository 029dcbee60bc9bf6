/* Starts and stops the kernel's NFS server, with all that has to move with it.
 *
 * Its threads are ended by the kernel itself and not by `rpc.nfsd 0': each program that is run
 * costs the clients time that they wait.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "actions/nfsd.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "actions/aside.h"
#include "actions/mark.h"
#include "actions/nfsd_tracker.h"
#include "actions/outcome.h"
#include "actions/port_gate.h"
#include "actions/program.h"
#include "actions/step.h"
#include "actions/tickle/connections.h"
#include "actions/tickle/control.h"
#include "actions/tickle/keeper.h"
#include "lib/address.h"
#include "lib/clock.h"
#include "lib/file.h"
#include "lib/frame.h"
#include "lib/log.h"
#include "lib/memory.h"
#include "lib/settings.h"
#include "lib/settings_group.h"
#include "lib/tool.h"
#include "mib/ha-agentx-mib.h"

#define THREADS "/proc/fs/nfsd/threads"
#define STATISTICS "/proc/net/rpc/nfsd"

/* Milliseconds. */
#define COUNT_TIME 1000
#define LOOK_INTERVAL 5 /* between two looks at whether it listens */

#define LISTENERS_SIZE 16384 /* of the beginning of the kernel's table; a line has 150 octets */

/* One change from its first look to its result. */
struct change {
	const struct settings *settings;
	const struct settings_member *member;
	int64_t deadline;
	struct step_result *result;
	struct tool_result *tool; /* of the program that ran last */
	bool open;                /* its addresses were opened */
	char mark[PATH_MAX];
	char what[112]; /* is not so */
};

/* ---- the threads ---- */

/* 0 also where the file system is not mounted, or the kernel has no such server. */
static int read_count(void)
{
	char text[32];

	return file_read(THREADS, text, sizeof(text)) > 0 ? (int)strtol(text, NULL, 10) : 0;
}

static int count_aside(void *room)
{
	*(int *)room = read_count();
	return 0;
}

int nfsd_count_threads(void)
{
	int count = 0;

	return aside_run(count_aside, &count, sizeof(count), clock_now() + COUNT_TIME) == 0 ?
		       count :
		       NFSD_COUNT_UNKNOWN;
}

/* What the kernel counts here it shows without waiting, of all networks: 0 is sure. */
static bool has_no_threads(void)
{
	char text[1024];

	return file_read(STATISTICS, text, sizeof(text)) > 0 && strstr(text, "\nth 0 ");
}

/* 0: there are none any more; else an errno. */
static int end_threads_aside(void *room)
{
	int file = open(THREADS, O_WRONLY | O_CLOEXEC);
	bool written;
	int error;

	(void)room;
	if (file < 0)
		return errno == ENOENT ? 0 : errno;
	written = write(file, "0\n", 2) == 2;
	error = errno;
	close(file);
	if (!written)
		return error;
	return read_count() ? EBUSY : 0;
}

/* The kernel waits for what they are at, such as a disk, and then no signal ends that. */
static bool end_threads(struct change *change)
{
	int error = aside_run(end_threads_aside, NULL, 0, change->deadline), left;

	if (!error)
		return true;
	left = error == ASIDE_LATE ? NFSD_COUNT_UNKNOWN : nfsd_count_threads();
	if (!left)
		return true;
	if (left == NFSD_COUNT_UNKNOWN)
		outcome_set(change->result, HaReason_timeout,
			    "%s: its threads did not end in time; see what they wait for in "
			    "/proc/PID/stack",
			    change->what);
	else
		outcome_set(change->result, HaReason_refusedByKernel, "%s: it still has %d threads",
			    change->what, left);
	if (error > 0)
		TEXT_PUT(change->result->kernel, strerror(error));
	return false;
}

/* ---- nfsdcld ---- */

static struct tracker tracker_of(const struct change *change)
{
	return (struct tracker){
		.storage = change->member->storage,
		.deadline = change->deadline,
		.result = change->result,
		.tool = change->tool,
		.what = change->what,
	};
}

static bool start_tracker(const struct change *change)
{
	const struct tracker tracker = tracker_of(change);

	return !tracker.storage || tracker_start(&tracker);
}

static bool end_tracker(const struct change *change)
{
	const struct tracker tracker = tracker_of(change);

	return !tracker.storage || tracker_end(&tracker);
}

/* ---- the clients ---- */

/* Of those that have been connected to an address. */
static void list_path(const struct settings_member *member, const struct address *address,
		      char *path, size_t size)
{
	char text[ADDRESS_TEXT_MAX];

	address_print(address, text, sizeof(text));
	text_print(path, size, "%s/clients-%s", member->storage, text);
}

struct call {
	struct address server;
	char list[PATH_MAX];
};

static int call_aside(void *room)
{
	const struct call *call = room;
	const struct keeper keeper = {
		.server = call->server,
		.path = call->list,
		.control = -1,
	};

	keeper_begin(&keeper);
	return 0;
}

/* Have them connect again now; the list is kept from then on. That it fails costs time alone. */
static void call_clients(const struct change *change, const struct address *address)
{
	char text[ADDRESS_TEXT_MAX], port[16];
	struct call call = { .server = *address };
	const char *const command[] = { HA_TICKLE, "start", text, port, call.list, NULL };
	struct tool_result *tool = memory_new(1, sizeof(*tool));

	list_path(change->member, address, call.list, sizeof(call.list));
	address_print(address, text, sizeof(text));
	TEXT_PRINT(port, "%u", address->port);
	if (aside_run(call_aside, &call, sizeof(call), change->deadline) != 0)
		log_warning("%s: its clients were not told to connect again", change->member->name);
	if (!program_run(command, change->deadline, tool))
		log_warning("%s: nobody keeps the list of its clients: %s", change->member->name,
			    tool->error ? strerror(tool->error) : tool->err);
	free(tool);
}

static void let_clients_wait(const struct change *change)
{
	for (size_t i = 0; change->member->storage && i < change->member->addresses_count; i++)
		if (!control_end(&change->member->addresses[i]))
			log_warning("%s: the list of its clients is still being kept",
				    change->member->name);
}

/* ---- its addresses ---- */

static bool turn_gates(struct change *change, int (*turn)(const struct address *, int64_t))
{
	for (size_t i = 0; i < change->member->addresses_count; i++) {
		const struct address *address = &change->member->addresses[i];
		char text[ADDRESS_TEXT_MAX];
		int error = turn(address, change->deadline);

		if (!error)
			continue;
		address_print_port(address, text, sizeof(text));
		outcome_set(change->result, HaReason_refusedByKernel,
			    "%s: the rule of routing for %s cannot be %s", change->what, text,
			    turn == port_gate_open ? "removed" : "made");
		TEXT_PUT(change->result->kernel, strerror(error));
		return false;
	}
	return true;
}

static bool open_to_clients(struct change *change)
{
	if (change->open)
		return true;
	if (!turn_gates(change, port_gate_open))
		return false;
	change->open = true;
	for (size_t i = 0; change->member->storage && i < change->member->addresses_count; i++)
		call_clients(change, &change->member->addresses[i]);
	return true;
}

static void shut_again(struct change *change)
{
	struct step_result why = *change->result;

	if (change->open && turn_gates(change, port_gate_close))
		change->open = false;
	*change->result = why;
}

/* ---- its start ---- */

/* The kernel takes the server's scope (RFC 8881, 2.10.4) from the host name where it is started,
 * and nothing else is to see another one: drbdadm finds its node by it. */
static bool start_under_scope(struct change *change, const char *const argv[], struct tool *tool)
{
	const char *scope = change->member->scope;
	int own = scope ? open("/proc/self/ns/uts", O_RDONLY | O_CLOEXEC) : -1;
	bool fine;

	if (!scope)
		return program_start(argv, tool, change->tool);
	if (own < 0 || unshare(CLONE_NEWUTS) < 0) {
		memset(change->tool, 0, sizeof(*change->tool));
		change->tool->error = errno;
		if (own >= 0)
			close(own);
		return false;
	}
	fine = sethostname(scope, strlen(scope)) == 0 && program_start(argv, tool, change->tool);
	if (setns(own, CLONE_NEWUTS) < 0)
		log_fatal("the node's own host name is lost: %s", strerror(errno));
	close(own);
	return fine;
}

bool nfsd_is_listening(const struct address *address)
{
	char table[LISTENERS_SIZE];

	return file_read(address->family == AF_INET ? "/proc/net/tcp" : "/proc/net/tcp6", table,
			 sizeof(table)) > 0 &&
	       connections_is_listening(table, address);
}

static bool is_listening_everywhere(const struct settings_member *member)
{
	for (size_t i = 0; i < member->addresses_count; i++)
		if (!nfsd_is_listening(&member->addresses[i]))
			return false;
	return true;
}

/* When its sockets listen, the kernel has yet to wait for nfsdcld, a tenth of a second at least
 * (nfsd4_cld_tracking_init()). What clients ask meanwhile waits for the threads in there, so they
 * may connect already. */
static void attend_start(struct change *change, struct tool *tool)
{
	while (clock_now() < change->deadline && !program_look(tool, LOOK_INTERVAL, change->tool))
		if (is_listening_everywhere(change->member)) {
			open_to_clients(change);
			break;
		}
	program_finish(tool, change->deadline, change->tool);
}

/* `count' is that of the threads, before and after. */
static bool start_threads(struct change *change, int *count)
{
	const char *const command[] = { program_find("rpc.nfsd"), NULL };
	struct tool tool;

	if (*count)
		return true;
	if (start_under_scope(change, command, &tool))
		attend_start(change, &tool);
	change->result->exit_status = change->tool->status;
	*count = nfsd_count_threads();
	if (*count > 0)
		return true;
	if (*count == NFSD_COUNT_UNKNOWN)
		outcome_set(change->result, HaReason_timeout,
			    "%s: the kernel is still at starting it", change->what);
	else
		program_explain(change->result, change->what, "rpc.nfsd", change->tool);
	shut_again(change);
	return false;
}

/* ---- the step ---- */

static bool note(struct change *change, int32_t state)
{
	if (mark_write(change->settings, change->mark, state))
		return true;
	outcome_set(change->result, HaReason_toolFailed, "%s: its mark %s cannot be written: %s",
		    change->what, change->mark, strerror(errno));
	return false;
}

static bool take_up(struct change *change, int *count)
{
	return start_tracker(change) && start_threads(change, count) && open_to_clients(change);
}

static void start(struct change *change)
{
	int count = has_no_threads() ? 0 : nfsd_count_threads();
	bool ran = count != 0;

	if (count == NFSD_COUNT_UNKNOWN) {
		outcome_set(change->result, HaReason_timeout,
			    "%s: the kernel still waits for its threads to end", change->what);
		return;
	}
	if (!note(change, haGroupMemberState_starting))
		return;
	if (!take_up(change, &count)) {
		note(change, haGroupMemberState_failed);
		return;
	}
	outcome_set(change->result, ran ? HaReason_nothingToDo : HaReason_none,
		    "%s %s with %d threads", change->member->name,
		    ran ? "was running already" : "runs", count);
	note(change, haGroupMemberState_started);
}

static bool is_there(const struct change *change)
{
	return (change->member->storage && tracker_runs()) || nfsd_count_threads() != 0;
}

static bool lay_down(struct change *change)
{
	let_clients_wait(change);
	return turn_gates(change, port_gate_close) && end_threads(change) && end_tracker(change);
}

static void stop(struct change *change)
{
	bool ran = is_there(change);

	if (ran && !note(change, haGroupMemberState_stopping))
		return;
	if (!lay_down(change)) {
		note(change, haGroupMemberState_failed);
		return;
	}
	outcome_set(change->result, ran ? HaReason_none : HaReason_nothingToDo, "%s %s",
		    change->member->name, ran ? "is stopped" : "was stopped already");
	note(change, haGroupMemberState_stopped);
}

void nfsd_switch(const struct settings *settings, const struct step *step, int64_t deadline,
		 struct step_result *result)
{
	const struct settings_group *group = &settings->groups->groups[step->subject];
	struct change change = {
		.settings = settings,
		.member = &group->members[step->part],
		.deadline = deadline,
		.result = result,
	};
	bool starts = step->verb == STEP_MEMBER_START;

	outcome_begin(result);
	mark_path(settings, group, change.member, change.mark, sizeof(change.mark));
	TEXT_PRINT(change.what, "%s is not %s", change.member->name,
		   starts ? "started" : "stopped");
	change.tool = memory_new(1, sizeof(*change.tool));
	if (starts)
		start(&change);
	else
		stop(&change);
	free(change.tool);
}
