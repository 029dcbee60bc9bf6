/* Runs the program of a group that turns the peer off.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "actions/fence.h"

#include <stdlib.h>

#include "actions/outcome.h"
#include "actions/program.h"
#include "actions/step.h"
#include "lib/frame.h"
#include "lib/memory.h"
#include "lib/settings.h"
#include "lib/settings_group.h"
#include "lib/tool.h"
#include "mib/ha-agentx-mib.h"

void fence_run(const struct settings *settings, const struct step *step, int64_t deadline,
	       struct step_result *result)
{
	const struct settings_group *group = &settings->groups->groups[step->subject];
	struct tool_result *tool = memory_new(1, sizeof(*tool));

	outcome_begin(result);
	if (tool_run((const char *const *)group->fence, deadline, tool)) {
		outcome_set(result, HaReason_none, "%s says that the peer is off", group->fence[0]);
		result->exit_status = 0;
	} else {
		program_explain(result, "it is not certain that the peer is off", group->fence[0],
				tool);
		result->reason = HaReason_notFenced;
	}
	free(tool);
}
