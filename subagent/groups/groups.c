/* The groups: their rows, and what they do by themselves.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/groups/groups.h"

#include <stdlib.h>
#include <string.h>

#include "lib/memory.h"
#include "lib/settings.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/board.h"
#include "subagent/changes.h"
#include "subagent/groups/group.h"
#include "subagent/groups/nfs.h"
#include "subagent/groups/seen.h"

/* Milliseconds until what could not be started is tried again. */
#define START_PAUSE 200

/* Milliseconds for which a group that has left its place is looked for. */
#define SEEK_LIMIT 10000

/* ---- one look ---- */

/* Seconds; a clock that was set back must not make it endless. */
static uint32_t cool_down_left(const struct group *group, const struct instant *when)
{
	int64_t whole = (int64_t)group->facts.settings->cool_down * 1000;
	int64_t left = group->switches.moved + whole - when->wall;

	if (!group->switches.moved || left <= 0)
		return 0;
	return (uint32_t)(((left < whole ? left : whole) + 999) / 1000);
}

/* Whether something runs here, or will in a moment, is what a lease is for. A node that does not
 * know keeps to what it knew: what it cannot see may write. */
static void keep_lease(struct group *group, int64_t now)
{
	const struct group_work *work = &group->facts.work;

	if (work->busy && work->verb == HaJobVerb_groupTakeover)
		lease_force(&group->lease);
	else if (work->maintenance || (facts_rests(&group->facts) && !work->busy))
		lease_give(&group->lease);
	else if (facts_runs(&group->facts) || work->verb == HaJobVerb_groupPromote)
		lease_take(&group->lease, now);
	lease_judge(&group->lease, now, &group->facts.lease);
}

static void forgive(struct group *group, int64_t now)
{
	lease_give(&group->lease);
	lease_take(&group->lease, now);
	lease_judge(&group->lease, now, &group->facts.lease);
}

static bool is_active(const struct role *role, const struct group_facts *facts)
{
	if (role->state == GROUP_MAINTENANCE)
		return facts_address(facts) == HaAnswer_yes &&
		       (facts->drbd ? facts->all_primary : facts->members.started > 0);
	return role->state == GROUP_ACTIVE || role->state == GROUP_DEGRADED;
}

static int64_t sooner(int64_t one, int64_t other)
{
	return !one || (other && other < one) ? other : one;
}

static void set_due(struct group *group, int64_t now)
{
	group->due = sooner(group->follow.wake, group->role.wake);
	if (group->facts.cool_down_left || group->switches.unserved)
		group->due = sooner(group->due, now + 1000);
}

/* The lease goes first: a hub that has stood still must find that out before it believes rows. */
static int64_t turn_lease(struct group *group, int64_t now)
{
	if (now - group->lease.turned > group->lease.group->lease)
		follow_jumped(&group->follow);
	return lease_turn(&group->lease, now);
}

static void look_at(struct groups *groups, size_t number, const struct instant *when)
{
	struct group *group = &groups->list[number];
	struct group_facts *facts = &group->facts;

	turn_lease(group, when->now);
	facts_collect(facts, groups->settings, number, groups->changes->board);
	if (groups->look)
		groups->look(groups->jobs, number, &facts->work);
	facts->cool_down_left = cool_down_left(group, when);
	seen_feed(&group->seen, &group->lease, facts, groups->changes->board, when->now);
	keep_lease(group, when->now);
	follow_decide(&group->follow, facts, when->now, &group->intent);
	if (group->intent.forgiven && group->intent.aim == AIM_NOTHING)
		forgive(group, when->now);
	role_look(&group->role, facts, &group->intent, when->now);
	facts->active = is_active(&group->role, facts);
	facts->conflict = group->role.state == GROUP_CONFLICT;
	ready_judge(facts, &group->ready);
	group_count(group, when);
	group_show(group, groups->changes, when);
	set_due(group, when->now);
}

/* ---- members ---- */

static struct group *find(const struct groups *groups, const char *name)
{
	for (size_t i = 0; i < groups->count; i++)
		if (!strcmp(groups->settings->groups->groups[i].name, name))
			return &groups->list[i];
	return NULL;
}

void groups_amend(const struct groups *groups, const struct table *table, void *row,
		  const struct instant *when)
{
	struct group_member_row *member = row;
	const struct group *group;
	const struct entry *entry;

	nfs_amend(groups->settings, groups->changes->board, table, row);
	if (table != &group_member_table)
		return;
	group = find(groups, member->group);
	entry = rows_find_row(board_rows(groups->changes->board, mib_haGroupMemberEntry), row);
	if (group)
		group_amend(group, member,
			    !entry || entry->gone ? NULL :
			    entry->said           ? entry->said :
						    entry->row,
			    when);
}

/* What the role or other tables say of them may have changed; hidden ones wait for their source. */
static void amend_table(const struct groups *groups, uint16_t object, const struct instant *when)
{
	const struct rows *rows = board_rows(groups->changes->board, object);
	union {
		struct row head;
		unsigned char octets[ROW_SIZE_MAX];
	} row;

	for (size_t i = 0; i < rows->count; i++) {
		const struct entry *entry = rows->entries[i];

		if (entry->gone || entry->said)
			continue;
		memcpy(row.octets, entry->row, rows->table->size);
		groups_amend(groups, rows->table, &row, when);
		if (memcmp(row.octets, entry->row, rows->table->size) != 0)
			changes_put(groups->changes, rows->table, &row, when);
	}
}

static void amend_all(const struct groups *groups, const struct instant *when)
{
	static const uint16_t amended[] = { mib_haGroupMemberEntry, mib_haNfs,
					    mib_haNfsExportEntry };

	for (size_t i = 0; i < sizeof(amended) / sizeof(*amended); i++)
		amend_table(groups, amended[i], when);
}

/* ---- what is to be done ---- */

static void act(struct groups *groups, size_t number, const struct instant *when)
{
	struct group *group = &groups->list[number];
	struct group_intent intent = group->intent;

	if (intent.aim == AIM_NOTHING || !groups->start)
		return;
	if (intent.aim == AIM_PROMOTE)
		lease_take(&group->lease, when->now);
	if (!groups->start(groups->jobs, number, &intent, when)) {
		group->due = sooner(group->due, when->now + START_PAUSE);
		return;
	}
	if (intent.aim == AIM_HOLD)
		seen_yield(&group->seen, &group->lease, &group->facts);
	follow_started(&group->follow, &intent, when->now);
	look_at(groups, number, when);
}

/* ---- the module ---- */

void groups_open(struct groups *groups, struct changes *changes, const struct settings *settings,
		 const struct instant *when)
{
	*groups = (struct groups){
		.changes = changes,
		.settings = settings,
		.count = settings->groups->count,
	};
	groups->list = memory_new(groups->count + 1, sizeof(*groups->list));
	for (size_t i = 0; i < groups->count; i++) {
		struct group *group = &groups->list[i];

		lease_open(&group->lease, &settings->groups->groups[i], when->now);
		group->watchdog = haGroupWatchdog_off;
		look_at(groups, i, when);
	}
}

void groups_close(struct groups *groups)
{
	free(groups->list);
	groups->list = NULL;
	groups->count = 0;
}

void groups_follow(struct groups *groups, const struct instant *when)
{
	for (size_t i = 0; i < groups->count; i++)
		look_at(groups, i, when);
	if (groups->count)
		amend_all(groups, when);
}

int64_t groups_tick(struct groups *groups, const struct instant *when)
{
	int64_t next = 0;

	for (size_t i = 0; i < groups->count; i++) {
		struct group *group = &groups->list[i];
		int64_t then = turn_lease(group, when->now);

		if (group->due && when->now >= group->due)
			look_at(groups, i, when);
		act(groups, i, when);
		next = sooner(next, sooner(then, group->due));
	}
	return next;
}

const struct group_ready *groups_ready(const struct groups *groups, size_t group)
{
	return &groups->list[group].ready;
}

bool groups_seek(const struct groups *groups, int64_t now)
{
	for (size_t i = 0; i < groups->count; i++) {
		const struct group *group = &groups->list[i];
		int64_t left = group->switches.left;

		if (left && now < left + SEEK_LIMIT && group->facts.peer.answers == HaAnswer_yes)
			return true;
	}
	return false;
}

int64_t groups_guard_until(const struct groups *groups, size_t group, int64_t now)
{
	return lease_guard_until(&groups->list[group].lease, now);
}

void groups_take_guard(struct groups *groups, size_t group, int32_t state, uint32_t timeout,
		       const struct instant *when)
{
	groups->list[group].watchdog = state;
	groups->list[group].watchdog_timeout = timeout;
	look_at(groups, group, when);
}
