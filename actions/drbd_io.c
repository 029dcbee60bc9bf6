/* Has all I/O of a DRBD resource wait, and lets it go on.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "actions/drbd_io.h"

#include <stdlib.h>
#include <sys/sysmacros.h>

#include "actions/drbd_ask.h"
#include "actions/drbd_view.h"
#include "actions/outcome.h"
#include "actions/program.h"
#include "actions/step.h"
#include "lib/clock.h"
#include "lib/frame.h"
#include "lib/memory.h"
#include "lib/settings.h"
#include "lib/tool.h"
#include "mib/ha-agentx-mib.h"

/* Milliseconds beyond the deadline in which the state is read back. */
#define READ_BACK_TIME 2000

/* One change from its first look to its result. */
struct change {
	const struct settings *settings;
	const char *resource;
	size_t number; /* of it in the settings */
	bool suspend;
	int64_t deadline;
	struct step_result *result;
	struct drbd_view view; /* as last read */
};

bool drbd_io_look(const struct settings *settings, size_t resource, const char *what,
		  int64_t deadline, struct drbd_view *view, struct step_result *result)
{
	const char *name = settings->resources[resource].name;
	struct tool_result *tool = memory_new(1, sizeof(*tool));
	const char *asked = drbd_ask(settings, DRBD_ORDER_LOOK, name, deadline, tool);
	bool fine = tool_went_well(tool);

	drbd_view_read(view, name, tool->out);
	if (!fine)
		program_explain(result, what, asked, tool);
	else if (!view->complete)
		outcome_set(result, HaReason_toolFailed, "%s: %s has not shown its whole state",
			    what, asked);
	else if (!view->up)
		outcome_set(result, HaReason_notUp, "%s: %s is not up; drbdadm up %s", what, name,
			    name);
	free(tool);
	return fine && view->complete && view->up;
}

static bool look(struct change *change, int64_t deadline)
{
	char what[96];

	TEXT_PRINT(what, "I/O of %s is not %s", change->resource,
		   change->suspend ? "suspended" : "resumed");
	return drbd_io_look(change->settings, change->number, what, deadline, &change->view,
			    change->result);
}

/* Whoever suspends one volume suspends its whole resource, but with each version of DRBD in its own
 * way of counting: all are told. */
static void run_programs(struct change *change, struct tool_result *tool)
{
	for (size_t i = 0; i < change->view.devices_count; i++) {
		char number[16];
		const char *const command[] = {
			change->settings->drbdsetup,
			change->suspend ? "suspend-io" : "resume-io",
			number,
			NULL,
		};

		TEXT_PRINT(number, "%u", minor(change->view.devices[i]));
		tool_run(command, change->deadline, tool);
		if (tool->error || tool->late || tool->status != 0)
			return;
	}
}

static void tell(struct change *change, const struct tool_result *tool)
{
	char what[96];

	if (change->view.held_back != change->suspend) {
		TEXT_PRINT(what, "I/O of %s is not %s", change->resource,
			   change->suspend ? "suspended" : "resumed");
		program_explain(change->result, what, change->settings->drbdsetup, tool);
	} else if (change->suspend) {
		outcome_set(change->result, HaReason_none, "I/O of %s is suspended",
			    change->resource);
	} else {
		outcome_set(change->result, HaReason_none, "I/O of %s is resumed%s",
			    change->resource,
			    change->view.suspended ? ", and still waits for another reason" : "");
	}
}

static void switch_io(struct change *change)
{
	struct tool_result *tool = memory_new(1, sizeof(*tool));

	run_programs(change, tool);
	if (look(change, clock_now() + READ_BACK_TIME))
		tell(change, tool);
	free(tool);
}

void drbd_io_switch(const struct settings *settings, const struct step *step, int64_t deadline,
		    struct step_result *result)
{
	struct change change = {
		.settings = settings,
		.resource = settings->resources[step->subject].name,
		.number = step->subject,
		.suspend = step->verb == STEP_DRBD_SUSPEND,
		.deadline = deadline,
		.result = result,
	};

	outcome_begin(result);
	if (!look(&change, deadline))
		return;
	if (change.view.held_back == change.suspend)
		outcome_set(result, HaReason_nothingToDo, "I/O of %s was %s already",
			    change.resource, change.suspend ? "suspended" : "resumed");
	else
		switch_io(&change);
}
