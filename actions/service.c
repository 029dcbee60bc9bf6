/* Starts and stops a unit of systemd.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "actions/service.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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

/* Milliseconds beyond the deadline in which the state is read back. */
#define READ_BACK_TIME 2000

/* As sd_booted(3) finds out whether systemd runs this system. */
#define SYSTEMD_FOLDER "/run/systemd/system"

/* One change from its first look to its result. */
struct change {
	const char *unit;
	bool start;
	int64_t deadline;
	struct step_result *result;
	struct service_state state; /* as last read */
	struct tool_result *tool;   /* of the program that ran last */
	char systemctl[64];
	char what[112]; /* is not so */
};

static void take(char *field, size_t size, const char *name, const char *line, size_t length)
{
	size_t head = strlen(name);

	if (length > head && !strncmp(line, name, head) && line[head] == '=')
		text_put_part(field, size, line + head + 1, length - head - 1);
}

void service_read(struct service_state *state, const char *text)
{
	memset(state, 0, sizeof(*state));
	while (*text) {
		size_t length = strcspn(text, "\n");

		take(state->load, sizeof(state->load), "LoadState", text, length);
		take(state->active, sizeof(state->active), "ActiveState", text, length);
		take(state->sub, sizeof(state->sub), "SubState", text, length);
		take(state->result, sizeof(state->result), "Result", text, length);
		text += length + (text[length] == '\n');
	}
}

/* Read the state of the unit. When that fails, the result says so. */
static bool look(struct change *change, int64_t deadline)
{
	const char *const command[] = {
		change->systemctl, "show", "--property=LoadState,ActiveState,SubState,Result", "--",
		change->unit,      NULL,
	};
	bool fine = tool_run(command, deadline, change->tool);

	service_read(&change->state, change->tool->out);
	if (!fine || !*change->state.active)
		program_explain(change->result, change->what, "systemctl show", change->tool);
	return fine && *change->state.active;
}

/* A unit that has failed has ended. One that reloads runs. */
static bool is_reached(const struct change *change)
{
	const char *active = change->state.active;

	if (change->start)
		return !strcmp(active, "active") || !strcmp(active, "reloading");
	return !strcmp(active, "inactive") || !strcmp(active, "failed");
}

/* Without a shell and without a question: systemctl waits for the end of the job. */
static bool run_program(struct change *change)
{
	const char *const command[] = {
		change->systemctl,   change->start ? "start" : "stop",
		"--no-ask-password", "--",
		change->unit,        NULL,
	};
	bool fine = tool_run(command, change->deadline, change->tool);

	change->result->exit_status = change->tool->status;
	outcome_keep_words(change->result, change->tool->err);
	return fine;
}

static void tell_failure(struct change *change, bool late)
{
	const struct service_state *state = &change->state;

	outcome_set(change->result, late ? HaReason_timeout : HaReason_toolFailed,
		    "%s: it is %s (%s, %s)%s; see journalctl -u %s", change->what, state->active,
		    state->sub, *state->result ? state->result : "no result",
		    late ? ", and the job goes on" : "", change->unit);
}

static void switch_unit(struct change *change)
{
	bool fine = run_program(change), late = change->tool->late;

	if (!look(change, clock_now() + READ_BACK_TIME))
		return;
	if (!is_reached(change)) {
		tell_failure(change, late);
		return;
	}
	outcome_set(change->result, HaReason_none, "%s is %s (%s)", change->unit,
		    change->state.active, change->state.sub);
	if (fine)
		TEXT_PUT(change->result->kernel, "");
}

static bool is_known(struct change *change)
{
	if (!strcmp(change->state.load, "loaded"))
		return true;
	/* What cannot be started does not run either. */
	if (!change->start && is_reached(change))
		return true;
	outcome_set(change->result, HaReason_notUp, "%s: for systemd it is %s", change->what,
		    change->state.load);
	return false;
}

void service_switch(const struct settings *settings, const struct step *step, int64_t deadline,
		    struct step_result *result)
{
	const struct settings_group *group = &settings->groups->groups[step->subject];
	struct change change = {
		.unit = group->members[step->part].name,
		.start = step->verb == STEP_MEMBER_START,
		.deadline = deadline,
		.result = result,
	};

	outcome_begin(result);
	TEXT_PRINT(change.what, "%s is not %s", change.unit, change.start ? "started" : "stopped");
	if (access(SYSTEMD_FOLDER, F_OK) < 0) {
		outcome_set(result, HaReason_notUp,
			    "%s: systemd does not run here; make it a command", change.what);
		return;
	}
	TEXT_PUT(change.systemctl, program_find("systemctl"));
	change.tool = memory_new(1, sizeof(*change.tool));
	if (look(&change, deadline) && is_known(&change)) {
		if (is_reached(&change))
			outcome_set(result, HaReason_nothingToDo, "%s was %s already", change.unit,
				    change.state.active);
		else
			switch_unit(&change);
	}
	free(change.tool);
}
