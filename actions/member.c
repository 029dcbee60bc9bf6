/* Starts and stops a member of a group, each by the means of its kind.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "actions/member.h"

#include <assert.h>

#include "actions/command.h"
#include "actions/export.h"
#include "actions/mount.h"
#include "actions/nfsd.h"
#include "actions/service.h"
#include "actions/step.h"
#include "lib/settings.h"
#include "lib/settings_group.h"
#include "mib/ha-agentx-mib.h"

void member_switch(const struct settings *settings, const struct step *step, int64_t deadline,
		   struct step_result *result)
{
	const struct settings_group *group = &settings->groups->groups[step->subject];

	switch (group->members[step->part].kind) {
	case haGroupMemberKind_mount:
		mount_switch(settings, step, deadline, result);
		break;
	case haGroupMemberKind_export:
		export_switch(settings, step, deadline, result);
		break;
	case haGroupMemberKind_service:
		service_switch(settings, step, deadline, result);
		break;
	case haGroupMemberKind_command:
		command_switch(settings, step, deadline, result);
		break;
	case haGroupMemberKind_nfs:
		nfsd_switch(settings, step, deadline, result);
		break;
	default:
		assert(!"step_decode() allows no other kind");
	}
}
