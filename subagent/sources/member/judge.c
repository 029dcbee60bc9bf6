/* What a member is, from what its own system says.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/member/judge.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "actions/export_view.h"
#include "actions/mount_view.h"
#include "lib/memory.h"
#include "lib/settings_group.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/groups/rows.h"
#include "subagent/sources/member/statuses.h"
#include "subagent/sources/member/units.h"

static void fill(struct group_member_row *row, int32_t state)
{
	row->head.state = HaRowState_fresh;
	row->member_state = state;
	TEXT_PUT(row->error, "");
}

static void judge_view(struct group_member_row *row, const struct settings_member *member,
		       const struct mount_view *view)
{
	switch (view->state) {
	case MOUNT_ABSENT:
		fill(row, haGroupMemberState_stopped);
		break;
	case MOUNT_DONE:
		fill(row, haGroupMemberState_started);
		break;
	case MOUNT_READONLY:
		fill(row, haGroupMemberState_failed);
		TEXT_PUT(row->error, "mounted read-only");
		break;
	case MOUNT_COVERED:
		fill(row, haGroupMemberState_failed);
		TEXT_PRINT(row->error, "%s is mounted over it", view->device);
		break;
	case MOUNT_OTHER:
		fill(row, haGroupMemberState_failed);
		TEXT_PRINT(row->error, "%s is mounted there", view->device);
		break;
	case MOUNT_ELSEWHERE:
		fill(row, haGroupMemberState_failed);
		TEXT_PRINT(row->error, "%s is mounted on %s instead", member->device, view->point);
		break;
	}
}

void judge_mount(struct group_member_row *row, const struct settings_member *member,
		 const char *mounts)
{
	struct mount_view view;

	if (mounts) {
		mount_view_read(&view, mounts, member);
		judge_view(row, member, &view);
	} else {
		fill(row, haGroupMemberState_unknown);
		TEXT_PUT(row->error, "what is mounted cannot be read");
	}
}

void judge_export(struct group_member_row *row, const struct settings_member *member,
		  const char *etab)
{
	bool as_wanted;

	if (!etab) {
		fill(row, haGroupMemberState_unknown);
		TEXT_PUT(row->error, "what is exported cannot be read");
	} else if (export_view_read(etab, member, &as_wanted)) {
		fill(row, haGroupMemberState_started);
	} else {
		fill(row, haGroupMemberState_stopped);
	}
}

/* ActiveState, see org.freedesktop.systemd1(5). */
static const struct {
	const char *word;
	int32_t state;
} actives[] = {
	{ "active", haGroupMemberState_started },
	{ "reloading", haGroupMemberState_started },
	{ "refreshing", haGroupMemberState_started },
	{ "activating", haGroupMemberState_starting },
	{ "deactivating", haGroupMemberState_stopping },
	{ "inactive", haGroupMemberState_stopped },
	{ "failed", haGroupMemberState_failed },
};

static int32_t state_of(const char *active)
{
	for (size_t i = 0; i < sizeof(actives) / sizeof(*actives); i++)
		if (!strcmp(actives[i].word, active))
			return actives[i].state;
	return haGroupMemberState_other;
}

void judge_unit(struct group_member_row *row, const struct unit *unit, const char *trouble)
{
	fill(row, *unit->active ? state_of(unit->active) : haGroupMemberState_unknown);
	if (!unit->known && *unit->active)
		row->head.state = HaRowState_stale;
	else if (!strcmp(unit->load, "not-found"))
		row->head.state = HaRowState_missing;
	if (!unit->known)
		TEXT_PUT(row->error, trouble);
	else if (strcmp(unit->load, "loaded") != 0)
		TEXT_PRINT(row->error, "for systemd the unit is %s", unit->load);
	else if (row->member_state == haGroupMemberState_failed ||
		 row->member_state == haGroupMemberState_other)
		TEXT_PRINT(row->error, "systemd: %s (%s)", unit->active, unit->sub);
}

void judge_mark(struct group_member_row *row, int32_t marked)
{
	fill(row, marked);
	if (marked == haGroupMemberState_failed)
		TEXT_PUT(row->error, "its program failed, or was not let finish");
	else if (marked == haGroupMemberState_unknown)
		TEXT_PUT(row->error, "its mark cannot be read");
}

/* It does not run although its mark says that something of it may be there. */
static void tell_end(struct group_member_row *row, int32_t marked, const char *words)
{
	row->member_state = haGroupMemberState_failed;
	TEXT_PUT(row->error, marked == haGroupMemberState_started ?
				     words :
				     "its program failed, or was not let finish");
}

void judge_status(struct group_member_row *row, const struct status *status, int32_t marked)
{
	fill(row, status->state);
	TEXT_PUT(row->error, status->error);
	if (status->state == haGroupMemberState_stopped && marked != haGroupMemberState_stopped)
		tell_end(row, marked, "by its status program it has ended");
}

void judge_nfs(struct group_member_row *row, bool runs, int32_t marked)
{
	fill(row, runs ? haGroupMemberState_started : haGroupMemberState_stopped);
	if (!runs && marked != haGroupMemberState_stopped)
		tell_end(row, marked, "its threads have ended");
}
