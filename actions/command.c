/* Starts and stops a member by programs that the configuration names.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "actions/command.h"

#include <errno.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "actions/aside.h"
#include "actions/mark.h"
#include "actions/outcome.h"
#include "actions/program.h"
#include "actions/step.h"
#include "lib/clock.h"
#include "lib/frame.h"
#include "lib/memory.h"
#include "lib/settings.h"
#include "lib/settings_group.h"
#include "lib/tool.h"
#include "mib/ha-agentx-mib.h"

/* Milliseconds. */
#define STATUS_TIME 2000 /* that the status program may take */
#define STATUS_PAUSE 100 /* until it is asked again */
#define STATUS_PATIENCE                                                                            \
	500           /* beyond the deadline: asked once more, for what came at the last moment */
#define END_TIME 1500 /* to kill it */

/* What the process that runs the status program ends with. */
enum status { STATUS_RUNS, STATUS_ENDED, STATUS_LATE, STATUS_UNKNOWN };

/* One change from its first look to its result. */
struct change {
	const struct settings *settings;
	const struct settings_member *member;
	bool start;
	int64_t deadline;
	struct step_result *result;
	struct tool_result *tool; /* of the program that ran last */
	char mark[PATH_MAX];
	char what[112]; /* is not so */
};

/* ---- whether it runs ---- */

struct question {
	const char *const *argv;
	const struct passwd *user; /* NULL: whoever we are */
	int64_t deadline;
};

static bool become_user(const struct passwd *user)
{
	return initgroups(user->pw_name, user->pw_gid) == 0 &&
	       setresgid(user->pw_gid, user->pw_gid, user->pw_gid) == 0 &&
	       setresuid(user->pw_uid, user->pw_uid, user->pw_uid) == 0;
}

static int ask_aside(void *room)
{
	static struct tool_result tool;
	const struct question *question = room;

	if (question->user && !become_user(question->user))
		return STATUS_UNKNOWN;
	tool_run(question->argv, question->deadline, &tool);
	if (tool.error)
		return STATUS_UNKNOWN;
	return tool.late ? STATUS_LATE : tool.status == 0 ? STATUS_RUNS : STATUS_ENDED;
}

static int32_t ask_program(const struct change *change)
{
	struct question question = {
		.argv = (const char *const *)change->member->status,
		.user = geteuid() == 0 ? getpwnam(change->settings->user) : NULL,
		.deadline = clock_now() + STATUS_TIME,
	};

	switch (aside_run_once(ask_aside, &question, sizeof(question),
			       question.deadline + END_TIME)) {
	case STATUS_RUNS:
		return haGroupMemberState_started;
	case STATUS_ENDED:
		return haGroupMemberState_stopped;
	default:
		return haGroupMemberState_unknown;
	}
}

static int32_t look(const struct change *change)
{
	return change->member->status ? ask_program(change) : mark_look(change->mark);
}

static int32_t wanted_of(const struct change *change)
{
	return change->start ? haGroupMemberState_started : haGroupMemberState_stopped;
}

/* A daemon is often not there yet when the program that has started it ends. Without a status
 * program its end is all that tells. */
static bool is_reached(const struct change *change, bool fine)
{
	int64_t end = change->deadline + STATUS_PATIENCE;

	if (!change->member->status)
		return fine;
	while (ask_program(change) != wanted_of(change)) {
		if (clock_now() + STATUS_PAUSE >= end)
			return false;
		nanosleep(&(struct timespec){ .tv_nsec = STATUS_PAUSE * 1000000L }, NULL);
	}
	return true;
}

/* ---- the step ---- */

/* Where a status program tells, the mark only says when it is worth asking. */
static bool note(struct change *change, int32_t state)
{
	if (mark_write(change->settings, change->mark, state) || change->member->status)
		return true;
	outcome_set(change->result, HaReason_toolFailed, "%s: its mark %s cannot be written: %s",
		    change->what, change->mark, strerror(errno));
	return false;
}

static void tell(struct change *change, const char *program, bool fine, bool reached)
{
	if (reached)
		outcome_set(change->result, HaReason_none, "%s is %s%s", change->member->name,
			    change->start ? "started" : "stopped",
			    fine ? "" : ", although its program failed");
	else if (fine)
		outcome_set(change->result, HaReason_roleNotReached,
			    "%s: %s ended without an error, and %s still says otherwise",
			    change->what, program, change->member->status[0]);
	else
		program_explain(change->result, change->what, program, change->tool);
}

static void run_program(struct change *change)
{
	char **argv = change->start ? change->member->start : change->member->stop;
	bool fine, reached;

	if (!note(change,
		  change->start ? haGroupMemberState_starting : haGroupMemberState_stopping))
		return;
	fine = program_run((const char *const *)argv, change->deadline, change->tool);
	change->result->exit_status = change->tool->status;
	if (!fine)
		outcome_keep_words(change->result, change->tool->err);
	reached = is_reached(change, fine);
	if (note(change, reached ? wanted_of(change) : haGroupMemberState_failed))
		tell(change, argv[0], fine, reached);
}

/* Whether nothing is left of what was started last, as far as its programs have said. */
static bool is_clean(const struct change *change)
{
	return mark_look(change->mark) == haGroupMemberState_stopped;
}

static bool is_so_already(const struct change *change)
{
	return look(change) == wanted_of(change) && (change->start || is_clean(change));
}

/* What has failed to start may be there in part, and what has ended may have left something: the
 * next start is not to find it. */
static void clean_up(struct change *change)
{
	int64_t deadline = clock_now() + change->member->stop_time;

	program_run((const char *const *)change->member->stop,
		    deadline < change->deadline ? deadline : change->deadline, change->tool);
}

void command_switch(const struct settings *settings, const struct step *step, int64_t deadline,
		    struct step_result *result)
{
	const struct settings_group *group = &settings->groups->groups[step->subject];
	struct change change = {
		.settings = settings,
		.member = &group->members[step->part],
		.start = step->verb == STEP_MEMBER_START,
		.deadline = deadline,
		.result = result,
	};

	outcome_begin(result);
	mark_path(settings, group, change.member, change.mark, sizeof(change.mark));
	TEXT_PRINT(change.what, "%s is not %s", change.member->name,
		   change.start ? "started" : "stopped");
	if (is_so_already(&change)) {
		outcome_set(result, HaReason_nothingToDo, "%s was %s already", change.member->name,
			    change.start ? "started" : "stopped");
		return;
	}
	change.tool = memory_new(1, sizeof(*change.tool));
	if (change.start && !is_clean(&change))
		clean_up(&change);
	run_program(&change);
	free(change.tool);
}
