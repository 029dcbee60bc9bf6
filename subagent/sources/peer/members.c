/* How the other node configures the members that both nodes must have alike.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/peer/members.h"

#include <string.h>

#include "lib/memory.h"
#include "lib/settings_group.h"
#include "lib/settings_member.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/report.h"
#include "subagent/sources/peer/rows.h"

/* ---- rows ---- */

/* A member of this node of which the other one says nothing. */
static void put_own(struct peer_members *members, const struct settings_group *group,
		    const struct settings_member *member, int32_t state)
{
	struct peer_member_row row = {
		.head.state = state,
		.kind = member->kind,
		.alike = state == HaRowState_missing ? HaAnswer_no : HaAnswer_unknown,
	};
	char settings[sizeof(row.settings)];

	settings_member_print(member, members->node, settings, sizeof(settings));
	TEXT_PUT(row.group, group->name);
	TEXT_PUT(row.name, member->name);
	if (*settings && !rows_find_row(&members->rows, &row))
		rows_put(&members->rows, &row);
}

static void put_all_own(struct peer_members *members, int32_t state)
{
	const struct settings_groups *all = members->groups;

	for (size_t g = 0; g < all->count; g++)
		for (size_t m = 0; m < all->groups[g].members_count; m++)
			put_own(members, &all->groups[g], &all->groups[g].members[m], state);
}

static const struct settings_group *find_group(const struct settings_groups *all, const char *name)
{
	for (size_t g = 0; g < all->count; g++)
		if (!strcmp(all->groups[g].name, name))
			return &all->groups[g];
	return NULL;
}

static bool is_alike(const struct settings_group *group, const char *node,
		     const struct peer_member_row *row)
{
	char settings[sizeof(row->settings)];

	for (size_t m = 0; m < group->members_count; m++) {
		const struct settings_member *member = &group->members[m];

		if (member->kind != row->kind || strcmp(member->name, row->name) != 0)
			continue;
		settings_member_print(member, node, settings, sizeof(settings));
		return settings_words_alike(settings, row->settings);
	}
	return false;
}

static void put_theirs(struct peer_members *members, const struct peer_asked_member_row *said)
{
	const struct settings_group *group = find_group(members->groups, said->group);
	struct peer_member_row row = { .head.state = HaRowState_fresh, .kind = said->kind };

	if (!group || !*said->settings)
		return;
	TEXT_PUT(row.group, said->group);
	TEXT_PUT(row.name, said->name);
	TEXT_PUT(row.settings, said->settings);
	row.alike = is_alike(group, members->node, &row) ? HaAnswer_yes : HaAnswer_no;
	rows_put(&members->rows, &row);
}

/* ---- the members ---- */

void peer_members_open(struct peer_members *members, const struct settings_groups *groups,
		       const char *node, int64_t limit)
{
	*members = (struct peer_members){ .groups = groups, .node = node, .limit = limit };
	rows_open(&members->rows, &peer_member_table);
	put_all_own(members, HaRowState_stale);
}

void peer_members_close(struct peer_members *members)
{
	rows_close(&members->rows);
}

void peer_members_take(struct peer_members *members, const struct rows *said, int64_t now)
{
	rows_close(&members->rows);
	rows_open(&members->rows, &peer_member_table);
	for (size_t i = 0; i < said->count; i++)
		put_theirs(members, said->entries[i]->row);
	put_all_own(members, said->count ? HaRowState_missing : HaRowState_stale);
	members->confirmed = now;
	peer_members_report(members);
}

int64_t peer_members_turn(struct peer_members *members, int64_t now)
{
	int64_t late = members->confirmed + members->limit + 1;

	if (!members->confirmed || now < late)
		return members->confirmed ? late : 0;
	members->confirmed = 0;
	for (size_t i = 0; i < members->rows.count; i++) {
		struct peer_member_row *row = members->rows.entries[i]->row;

		row->head.state = HaRowState_stale;
		row->alike = HaAnswer_unknown;
	}
	peer_members_report(members);
	return 0;
}

void peer_members_report(const struct peer_members *members)
{
	report_begin(&peer_member_table);
	for (size_t i = 0; i < members->rows.count; i++)
		report_row(&peer_member_table, members->rows.entries[i]->row);
	report_end(&peer_member_table);
}
