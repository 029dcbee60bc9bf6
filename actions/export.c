/* Gives an export to the NFS server, and takes it back.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "actions/export.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "actions/export_view.h"
#include "actions/outcome.h"
#include "actions/program.h"
#include "actions/step.h"
#include "actions/whole_file.h"
#include "lib/etab.h"
#include "lib/frame.h"
#include "lib/memory.h"
#include "lib/settings.h"
#include "lib/settings_group.h"
#include "lib/tool.h"
#include "mib/ha-agentx-mib.h"

/* One change from its first look to its result. */
struct change {
	const struct settings_member *member;
	bool start;
	int64_t deadline;
	struct step_result *result;
	bool there, as_wanted; /* as last read */
	char what[112];        /* is not so */
};

/* ---- what is exported ---- */

static bool look(struct change *change)
{
	char *text = whole_file_read(ETAB_PATH);

	/* Nothing was ever exported: exportfs will make it. */
	if (!text && errno != ENOENT) {
		outcome_set(change->result, HaReason_toolFailed, "%s: %s cannot be read: %s",
			    change->what, ETAB_PATH, strerror(errno));
		return false;
	}
	change->there = export_view_read(text ? text : "", change->member, &change->as_wanted);
	free(text);
	return true;
}

/* ---- the step ---- */

/* exportfs flushes what the kernel remembers of all exports as well. With -i it leaves
 * /etc/exports alone, which it would mix in otherwise. */
static void run_program(struct change *change, struct tool_result *tool)
{
	char target[512];
	const char *exportfs = program_find("exportfs");
	const char *const start[] = { exportfs, "-i", "-o", change->member->options, target, NULL };
	const char *const stop[] = { exportfs, "-u", target, NULL };

	export_view_print(change->member, target, sizeof(target));
	tool_run(change->start ? start : stop, change->deadline, tool);
	change->result->exit_status = tool->status;
	outcome_keep_words(change->result, tool->err);
}

/* It warns, with a status of its own, about what clients will not be able to use: a file system
 * that cannot be exported, a path that is not there. */
static void tell(struct change *change, const struct tool_result *tool)
{
	if (change->there != change->start)
		program_explain(change->result, change->what, "exportfs", tool);
	else if (change->start && (tool->late || tool->status != 0))
		program_explain(change->result,
				"it is exported, and clients may not be able to use it", "exportfs",
				tool);
	else
		outcome_set(change->result, HaReason_none, "%s is %s to %s", change->member->name,
			    change->start ? "exported" : "no longer exported",
			    change->member->client);
}

static void switch_export(struct change *change)
{
	struct tool_result *tool = memory_new(1, sizeof(*tool));

	run_program(change, tool);
	if (look(change))
		tell(change, tool);
	free(tool);
}

void export_switch(const struct settings *settings, const struct step *step, int64_t deadline,
		   struct step_result *result)
{
	const struct settings_group *group = &settings->groups->groups[step->subject];
	struct change change = {
		.member = &group->members[step->part],
		.start = step->verb == STEP_MEMBER_START,
		.deadline = deadline,
		.result = result,
	};

	outcome_begin(result);
	TEXT_PRINT(change.what, "%s is not %s", change.member->name,
		   change.start ? "exported" : "unexported");
	if (!look(&change))
		return;
	if (change.start ? change.there && change.as_wanted : !change.there)
		outcome_set(result, HaReason_nothingToDo, "%s was %s", change.member->name,
			    change.start ? "exported already" : "not exported");
	else
		switch_export(&change);
}
