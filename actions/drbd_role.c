/* Switches the role of a DRBD resource, and says what came of it.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "actions/drbd_role.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "actions/drbd_ask.h"
#include "actions/drbd_view.h"
#include "actions/opener.h"
#include "actions/outcome.h"
#include "actions/step.h"
#include "lib/clock.h"
#include "lib/frame.h"
#include "lib/memory.h"
#include "lib/settings.h"
#include "lib/tool.h"
#include "mib/ha-agentx-mib.h"

/* Milliseconds. Another attempt that would have less than ATTEMPT_TIME is not begun: to kill a
 * program in the middle would leave open what comes of it. */
#define RETRY_INTERVAL 150
#define ATTEMPT_TIME 1000
#define READ_BACK_TIME 2000
#define UNDO_TIME 3000

/* Exit status of drbdadm at its own time-out, and of both programs without the module. */
#define EXIT_OTHER 20

/* Exit status of drbdsetup for SS_NO_UP_TO_DATE_DISK. */
#define EXIT_NO_DATA 17

/* One switch from its first look to its result. */
struct attempt {
	const struct settings *settings;
	const char *resource;
	enum drbd_role wanted;
	bool alone; /* promote although peers are missing */
	bool tried; /* the role was asked for */
	int64_t deadline;
	struct step_result *result;
	struct drbd_view view;    /* as last read */
	struct obstacle obstacle; /* as last met */
	char opener[96];          /* whom DRBD 9 names */
	const char *asked;        /* who was asked for it */
	struct tool_result tool;  /* what came of the last order */
};

/* Refused state changes, "(-NN)" on standard error: enum drbd_state_rv of the kernel's
 * include/linux/drbd.h; and of other refusals, "(NNN)", those that say more than that there was one
 * (enum drbd_ret_code). */
static const struct refusal {
	long code;
	int reason;
	bool passing;
	const char *text;
} refusals[] = {
	{ -1, HaReason_peerPrimary, true, "for the kernel a peer is still Primary" },
	{ -2, HaReason_notUpToDate, false, "the kernel has no UpToDate data" },
	{ -7, HaReason_notFenced, false,
	  "the peer is not connected, and not known to be Outdated" },
	{ -10, HaReason_refusedByKernel, true, "the peer has refused" },
	{ -12, HaReason_heldOpen, true, "it is held open" },
	{ -18, HaReason_refusedByKernel, true, "another change of state is under way" },
	{ -19, HaReason_refusedByKernel, true, "another change of state is under way" },
	{ -20, HaReason_peerPrimary, true, "another volume is still Primary on a peer" },
	{ -21, HaReason_refusedByKernel, true, "the change of state was interrupted" },
	{ -22, HaReason_refusedByKernel, true, "a peer has the device open for reading" },
	{ -23, HaReason_refusedByKernel, true, "the peers have not answered in time" },
	{ -24, HaReason_notConnected, true, "not all nodes are connected with each other" },
	{ -25, HaReason_noQuorum, false, "there is no quorum" },
	{ 127, HaReason_notUp, false, "it is not up" },
	{ 158, HaReason_notUp, false, "it is not up" },
};

/* What the operator can do about it. */
static const struct {
	int reason;
	const char *text;
} remedies[] = {
	{ HaReason_notUp, "bring it up with drbdadm up" },
	{ HaReason_notConnected, "check the replication link, then drbdadm connect" },
	{ HaReason_peerPrimary, "demote the peer first" },
	{ HaReason_peerRoleUnknown, "check the peer" },
	{ HaReason_notUpToDate, "let it resynchronise first" },
	{ HaReason_resyncRunning, "wait for the resynchronisation" },
	{ HaReason_verifyRunning, "wait for the end of the verification" },
	{ HaReason_mounted, "unmount it first" },
	{ HaReason_heldOpen, "end what holds it open" },
	{ HaReason_noQuorum, "bring other nodes back" },
	{ HaReason_notFenced, "outdate the peer, or make sure that it is off" },
	{ HaReason_timeout, "check the role again, the change may still come" },
	{ HaReason_refusedByKernel, "see the message of the kernel" },
	{ HaReason_toolFailed, "see the message of the program" },
	{ HaReason_roleNotReached, "check the state of DRBD on both nodes" },
};

static const char *remedy_of(int reason)
{
	for (size_t i = 0; i < sizeof(remedies) / sizeof(*remedies); i++)
		if (remedies[i].reason == reason)
			return remedies[i].text;
	return "see the log";
}

static const char *name_of(enum drbd_role role)
{
	return role == DRBD_PRIMARY ? "Primary" : role == DRBD_SECONDARY ? "Secondary" : "Unknown";
}

static void pause_briefly(void)
{
	nanosleep(&(struct timespec){ .tv_nsec = RETRY_INTERVAL * 1000000L }, NULL);
}

/* Whether a line of standard error says anything but where it comes from. */
static bool is_telling(const char *line)
{
	return *line && strncmp(line, "Command '", strlen("Command '")) != 0 &&
	       strcmp(line, "additional info from kernel:") != 0;
}

/* Keep what the kernel or the program says for the operator, in one line. */
static void keep_complaint(struct attempt *attempt)
{
	char lines[sizeof(attempt->tool.err)], *rest = NULL;
	char *kept = attempt->result->kernel;

	memset(kept, 0, sizeof(attempt->result->kernel));
	TEXT_PUT(lines, attempt->tool.err);
	for (char *line = strtok_r(lines, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
		if (is_telling(line))
			text_add(kept, sizeof(attempt->result->kernel), line);
}

/* "drbd0 opened by mount (pid 866)", without the time that follows. */
static void keep_opener(struct attempt *attempt)
{
	const char *words = strstr(attempt->tool.err, " opened by "), *start = words;
	size_t length;

	TEXT_PUT(attempt->opener, "");
	if (!words)
		return;
	while (start > attempt->tool.err && start[-1] != '\n')
		start--;
	length = strcspn(start, "\n)");
	text_put_part(attempt->opener, sizeof(attempt->opener), start,
		      length + (start[length] == ')'));
}

/* The number in "State change failed: (-12) ..." or "Failure: (158) ..."; 0 when there is none. */
static long code_of(const char *complaint)
{
	static const char *const heads[] = { "State change failed: (", "Failure: (" };

	for (size_t i = 0; i < sizeof(heads) / sizeof(*heads); i++) {
		const char *head = strstr(complaint, heads[i]);

		if (head)
			return strtol(head + strlen(heads[i]), NULL, 10);
	}
	return 0;
}

static void explain_code(struct obstacle *obstacle, long code)
{
	for (size_t i = 0; i < sizeof(refusals) / sizeof(*refusals); i++)
		if (refusals[i].code == code) {
			obstacle_set(obstacle, refusals[i].reason, refusals[i].passing, "%s",
				     refusals[i].text);
			return;
		}
	obstacle_set(obstacle, HaReason_refusedByKernel, false, "the kernel has refused");
}

/* Turn what came of an order into the obstacle. */
static void explain(struct attempt *attempt, const char *asked)
{
	const struct tool_result *tool = &attempt->tool;
	struct obstacle *obstacle = &attempt->obstacle;
	long code = code_of(tool->err);

	if (tool->error)
		obstacle_set(obstacle, HaReason_toolFailed, false, "%s cannot be run: %s", asked,
			     strerror(tool->error));
	else if (tool->late)
		obstacle_set(obstacle, HaReason_timeout, false, "%s did not end in time", asked);
	else if (tool->status == 0)
		obstacle_set(obstacle, HaReason_roleNotReached, false,
			     "%s has ended without an error all the same", asked);
	else if (code)
		explain_code(obstacle, code);
	else if (tool->status == EXIT_NO_DATA)
		explain_code(obstacle, -2);
	else
		obstacle_set(obstacle, HaReason_toolFailed, false, "%s has ended with status %d",
			     asked, tool->status);
}

/* Read the state of the resource. When that fails, the obstacle says so. */
static bool look(struct attempt *attempt, int64_t deadline)
{
	const struct tool_result *tool = &attempt->tool;
	const char *asked = drbd_ask(attempt->settings, DRBD_ORDER_LOOK, attempt->resource,
				     deadline, &attempt->tool);
	bool fine = tool_went_well(tool);

	drbd_view_read(&attempt->view, attempt->resource, tool->out);
	if (fine && attempt->view.complete)
		return true;
	attempt->view.role = DRBD_UNKNOWN;
	if (fine)
		obstacle_set(&attempt->obstacle, HaReason_toolFailed, false,
			     "%s has not shown its whole state", asked);
	else
		explain(attempt, asked);
	if (!attempt->tried)
		keep_complaint(attempt);
	return false;
}

/* Whether something is in the way of asking for the role at all. */
static bool is_forbidden(struct attempt *attempt)
{
	struct obstacle *obstacle = &attempt->obstacle;
	const struct obstacle *found = NULL;

	if (!attempt->view.up) {
		obstacle_set(obstacle, HaReason_notUp, false, "it is not up");
		return true;
	}
	if (attempt->wanted == DRBD_PRIMARY)
		found = drbd_view_forbids(&attempt->view, attempt->alone);
	if (found)
		*obstacle = *found;
	return found != NULL;
}

/* A mount does not go by itself, as another opener may. The kernel demotes nothing that is mounted,
 * and nobody waits for this search while all is well. */
static void blame_mount(struct attempt *attempt)
{
	const struct opener_search search = {
		.root = "",
		.devices = attempt->view.devices,
		.count = attempt->view.devices_count,
	};
	struct obstacle *obstacle = &attempt->obstacle;
	char mount[sizeof(obstacle->text)];

	if (obstacle->reason == HaReason_heldOpen &&
	    opener_find_mount(&search, mount, sizeof(mount)))
		obstacle_set(obstacle, HaReason_mounted, false, "%s", mount);
}

/* Read the role back. One that is still on its way, after a program that did not tell the end, is
 * waited for. */
static bool is_reached(struct attempt *attempt, bool undecided)
{
	int64_t end = clock_now() + READ_BACK_TIME;

	for (;;) {
		struct obstacle before = attempt->obstacle;

		/* That the role cannot be read says less than what the order said. A look that
		 * began just before the end must not be cut off by it. */
		if (look(attempt, clock_now() + READ_BACK_TIME) ||
		    before.reason != HaReason_roleNotReached)
			attempt->obstacle = before;
		if (attempt->view.role == attempt->wanted)
			return true;
		if (!undecided || clock_now() + RETRY_INTERVAL >= end)
			return false;
		pause_briefly();
	}
}

/* Whether the answer shows the role by itself, as the kernel's own does. */
static bool is_shown(struct attempt *attempt)
{
	drbd_view_read(&attempt->view, attempt->resource, attempt->tool.out);
	return attempt->view.complete && attempt->view.role == attempt->wanted;
}

/* Ask for the role once. */
static bool try_once(struct attempt *attempt)
{
	bool undecided;

	attempt->asked = drbd_ask(attempt->settings,
				  attempt->wanted == DRBD_PRIMARY ? DRBD_ORDER_PRIMARY :
								    DRBD_ORDER_SECONDARY,
				  attempt->resource, attempt->deadline, &attempt->tool);
	attempt->tried = true;
	attempt->result->exit_status = attempt->tool.status;
	keep_complaint(attempt);
	keep_opener(attempt);
	explain(attempt, attempt->asked);
	undecided = attempt->tool.late || attempt->tool.status == EXIT_OTHER;
	return is_shown(attempt) || is_reached(attempt, undecided);
}

/* Look, and try, until the role is reached, something final stands in the way, or the deadline. */
static bool strive(struct attempt *attempt)
{
	for (;;) {
		if (!look(attempt, attempt->deadline))
			return false;
		if (attempt->view.role == attempt->wanted)
			return true;
		if (!is_forbidden(attempt)) {
			if (try_once(attempt))
				return true;
			blame_mount(attempt);
		}
		if (!attempt->obstacle.passing ||
		    clock_now() + RETRY_INTERVAL + ATTEMPT_TIME >= attempt->deadline)
			return false;
		pause_briefly();
	}
}

/* Name whoever holds the device open now: /proc knows better than DRBD, which remembers who has
 * opened it. */
static void name_opener(struct attempt *attempt)
{
	const struct opener_search search = {
		.root = "",
		.devices = attempt->view.devices,
		.count = attempt->view.devices_count,
	};
	char text[sizeof(attempt->obstacle.text)];

	if (opener_find(&search, text, sizeof(text)))
		TEXT_PUT(attempt->obstacle.text, text);
	else if (*attempt->opener)
		TEXT_PUT(attempt->obstacle.text, attempt->opener);
	else
		TEXT_PUT(attempt->obstacle.text, "it is held open, and no opener was found");
}

static void tell_success(struct attempt *attempt)
{
	struct step_result *result = attempt->result;

	if (!attempt->tried)
		TEXT_PRINT(result->message, "%s was %s already", attempt->resource,
			   name_of(attempt->wanted));
	else if (result->exit_status == 0)
		TEXT_PRINT(result->message, "%s is %s", attempt->resource,
			   name_of(attempt->wanted));
	else if (result->exit_status < 0)
		TEXT_PRINT(result->message, "%s is %s, although %s did not end in time",
			   attempt->resource, name_of(attempt->wanted), attempt->asked);
	else
		TEXT_PRINT(result->message, "%s is %s, although %s ended with status %d",
			   attempt->resource, name_of(attempt->wanted), attempt->asked,
			   result->exit_status);
	if (result->exit_status == 0)
		TEXT_PUT(result->kernel, "");
}

static void tell_failure(struct attempt *attempt)
{
	const struct obstacle *obstacle = &attempt->obstacle;
	struct step_result *result = attempt->result;

	if (obstacle->reason == HaReason_heldOpen)
		name_opener(attempt);
	result->reason = obstacle->reason;
	if (attempt->view.role != DRBD_UNKNOWN)
		TEXT_PRINT(result->message, "%s stays %s: %s; %s", attempt->resource,
			   name_of(attempt->view.role), obstacle->text,
			   remedy_of(obstacle->reason));
	else
		TEXT_PRINT(result->message, "%s %s: %s; %s", attempt->resource,
			   attempt->tried ? "is in a role that is not known" : "is left as it is",
			   obstacle->text, remedy_of(obstacle->reason));
}

/* Take a promotion of ours back when the peers are no longer what they were before it. */
static void take_back_if_wrong(struct attempt *attempt)
{
	const struct obstacle *regret = drbd_view_regrets(&attempt->view, attempt->alone);
	struct step_result *result = attempt->result;
	struct obstacle cause;

	if (attempt->wanted != DRBD_PRIMARY || !attempt->tried || !regret)
		return;
	cause = *regret;
	attempt->wanted = DRBD_SECONDARY;
	attempt->deadline = clock_now() + UNDO_TIME;
	if (strive(attempt))
		TEXT_PRINT(result->message, "%s is demoted again, for after its promotion %s",
			   attempt->resource, cause.text);
	else
		TEXT_PRINT(result->message,
			   "%s IS PRIMARY, and could not be demoted again: after its promotion %s, "
			   "and now %s",
			   attempt->resource, cause.text, attempt->obstacle.text);
	result->reason = cause.reason;
}

void drbd_role_switch(const struct settings *settings, const struct step *step, int64_t deadline,
		      struct step_result *result)
{
	struct attempt attempt = {
		.settings = settings,
		.resource = settings->resources[step->subject].name,
		.wanted = step->verb == STEP_DRBD_SECONDARY ? DRBD_SECONDARY : DRBD_PRIMARY,
		.alone = step->verb == STEP_DRBD_PRIMARY_ALONE,
		.deadline = deadline,
		.result = result,
	};

	outcome_begin(result);
	if (!strive(&attempt)) {
		tell_failure(&attempt);
	} else {
		tell_success(&attempt);
		take_back_if_wrong(&attempt);
	}
	outcome_make_printable(result->message);
	outcome_make_printable(result->kernel);
}
