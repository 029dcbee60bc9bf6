/* The source of the groups' members: mounts, exports, units of systemd, commands, NFS.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/member/source.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "actions/mark.h"
#include "actions/nfsd_view.h"
#include "actions/whole_file.h"
#include "lib/clock.h"
#include "lib/etab.h"
#include "lib/frame.h"
#include "lib/loop.h"
#include "lib/memory.h"
#include "lib/settings.h"
#include "lib/settings_group.h"
#include "lib/settings_vrrp.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/groups/rows.h"
#include "subagent/report.h"
#include "subagent/source.h"
#include "subagent/sources/member/judge.h"
#include "subagent/sources/member/mounts.h"
#include "subagent/sources/member/statuses.h"
#include "subagent/sources/member/tables.h"
#include "subagent/sources/member/units.h"
#include "subagent/watched_files.h"

/* Milliseconds that the first rows wait for programs and systemd: a source that has been started
 * again does not take back what the hub knows. */
#define PATIENCE 2500

/* Milliseconds from one look at everything to the next: a mark of a process that has died changes
 * its meaning and not its file. */
#define LOOK_INTERVAL 2000
#define FIRST_INTERVAL 100 /* until the first rows have gone out */

struct member {
	const struct settings_member *settings; /* NULL: a VRRP instance */
	size_t number;                          /* of its unit or status program */
	char *mark;                             /* path of a command's or NFS's; else NULL */
	size_t file;                            /* number of that */
	int32_t marked;                         /* what it says, an enum haGroupMemberState */
	struct group_member_row row;            /* as it was told last, but for what is zero then */
};

struct watcher {
	struct member *members;
	size_t count;
	struct mounts mounts;
	struct statuses *statuses;
	struct units *units;
	struct watched_files *files;
	size_t etab;   /* number of that file */
	char *exports; /* its text; NULL: it cannot be read */
	bool has_units;
	int64_t next_look; /* at everything */
	int64_t began;     /* clock_now() */
	bool told;         /* the first rows have gone out */
	struct pulse pulse;
};

/* ---- who the members are ---- */

static struct member *add(struct watcher *watcher, const struct settings_group *group, int32_t kind,
			  const char *name)
{
	struct member *member;

	watcher->members =
		memory_resize(watcher->members, watcher->count + 1, sizeof(*watcher->members));
	member = &watcher->members[watcher->count++];
	memset(member, 0, sizeof(*member));
	TEXT_PUT(member->row.group, group->name);
	TEXT_PUT(member->row.name, name);
	member->row.kind = kind;
	return member;
}

static void add_member(struct watcher *watcher, const struct settings *settings,
		       const struct settings_group *group, const struct settings_member *found)
{
	struct member *member = add(watcher, group, found->kind, found->name);
	char path[PATH_MAX];

	member->settings = found;
	if (found->kind == haGroupMemberKind_service) {
		member->number = units_add(watcher->units, found->name);
		watcher->has_units = true;
	} else if (found->kind == haGroupMemberKind_command ||
		   found->kind == haGroupMemberKind_nfs) {
		mark_path(settings, group, found, path, sizeof(path));
		member->mark = memory_text(path);
		member->file = watched_files_add(watcher->files, member->mark);
		if (found->status)
			member->number =
				statuses_add(watcher->statuses, (const char *const *)found->status);
	}
}

static void open_watcher(struct watcher *watcher, const struct settings *settings)
{
	const struct settings_groups *groups = settings->groups;

	*watcher = (struct watcher){ .began = clock_now() };
	mounts_open(&watcher->mounts);
	watcher->statuses = statuses_new();
	watcher->units = units_new();
	watcher->files = watched_files_open();
	watcher->etab = watched_files_add(watcher->files, ETAB_PATH);
	for (size_t i = 0; i < groups->count; i++) {
		const struct settings_group *group = &groups->groups[i];

		add(watcher, group, haGroupMemberKind_vrrp,
		    settings->vrrp->instances[group->instance].name);
		for (size_t j = 0; j < group->members_count; j++)
			add_member(watcher, settings, group, &group->members[j]);
	}
}

static void close_watcher(struct watcher *watcher)
{
	for (size_t i = 0; i < watcher->count; i++)
		free(watcher->members[i].mark);
	free(watcher->members);
	free(watcher->exports);
	watched_files_close(watcher->files);
	units_free(watcher->units);
	statuses_free(watcher->statuses);
	mounts_close(&watcher->mounts);
}

/* ---- rows ---- */

static bool is_at_work(int32_t marked)
{
	return marked == haGroupMemberState_starting || marked == haGroupMemberState_stopping;
}

/* While the executor is at it, that is what counts; else the status program when there is one. */
static void judge_command(const struct watcher *watcher, const struct member *member,
			  struct group_member_row *row)
{
	const struct status *status;

	if (!member->settings->status || is_at_work(member->marked)) {
		judge_mark(row, member->marked);
		return;
	}
	status = statuses_look(watcher->statuses, member->number);
	if (!status->old || !row->member_state)
		judge_status(row, status, member->marked);
}

static void judge_server(const struct member *member, struct group_member_row *row)
{
	if (is_at_work(member->marked))
		judge_mark(row, member->marked);
	else
		judge_nfs(row, nfsd_view_look(), member->marked);
}

static void judge(const struct watcher *watcher, const struct member *member,
		  struct group_member_row *row)
{
	const struct settings_member *settings = member->settings;

	switch (row->kind) {
	case haGroupMemberKind_mount:
		judge_mount(row, settings, watcher->mounts.text);
		break;
	case haGroupMemberKind_export:
		judge_export(row, settings, watcher->exports);
		break;
	case haGroupMemberKind_service:
		judge_unit(row, units_look(watcher->units, member->number),
			   units_error(watcher->units));
		break;
	case haGroupMemberKind_command:
		judge_command(watcher, member, row);
		break;
	case haGroupMemberKind_nfs:
		judge_server(member, row);
		break;
	default:
		/* The hub knows these from their own sources. */
		row->head.state = HaRowState_fresh;
		row->member_state = haGroupMemberState_unknown;
		break;
	}
}

/* In all that is filled here. */
static bool is_same(const struct group_member_row *row, const struct group_member_row *other)
{
	return row->head.state == other->head.state && row->member_state == other->member_state &&
	       !strcmp(row->error, other->error);
}

static void tell_row(const struct watcher *watcher, struct member *member)
{
	struct group_member_row row = member->row;

	judge(watcher, member, &row);
	if (is_same(&row, &member->row))
		return;
	member->row = row;
	report_row(&group_member_table, &row);
}

static bool is_settled(const struct watcher *watcher)
{
	if (clock_now() - watcher->began >= PATIENCE)
		return true;
	if (watcher->has_units && !units_known(watcher->units) && !*units_error(watcher->units))
		return false;
	for (size_t i = 0; i < watcher->count; i++) {
		const struct member *member = &watcher->members[i];

		if (member->row.kind == haGroupMemberKind_command && member->settings->status &&
		    !statuses_look(watcher->statuses, member->number)->asked)
			return false;
	}
	return true;
}

static void tell_rows(struct watcher *watcher)
{
	bool first = !watcher->told && is_settled(watcher);

	if (first) {
		watcher->told = true;
		report_begin(&group_member_table);
	}
	for (size_t i = 0; watcher->told && i < watcher->count; i++)
		tell_row(watcher, &watcher->members[i]);
	if (first)
		report_end(&group_member_table);
}

/* ---- what has changed ---- */

static bool read_exports(struct watcher *watcher)
{
	if (!watched_files_take(watcher->files, watcher->etab))
		return false;
	free(watcher->exports);
	watcher->exports = whole_file_read(ETAB_PATH);
	if (!watcher->exports && errno == ENOENT)
		watcher->exports = memory_text("");
	return true;
}

/* Together with the news of it, so that no row shows a mark with an answer that is older. */
static bool read_mark(struct watcher *watcher, struct member *member)
{
	int32_t before = member->marked;

	member->marked = mark_look(member->mark);
	if (member->settings->status)
		statuses_hurry(watcher->statuses, member->number);
	return member->marked != before;
}

/* What is being done may never be: its process may have died, which its mark does not tell. */
static bool read_marks(struct watcher *watcher, bool all)
{
	bool changed = false;

	for (size_t i = 0; i < watcher->count; i++) {
		struct member *member = &watcher->members[i];

		if (member->mark && (watched_files_take(watcher->files, member->file) ||
				     (all && is_at_work(member->marked))))
			changed |= read_mark(watcher, member);
	}
	return changed;
}

static bool is_look_due(struct watcher *watcher)
{
	bool due = clock_now() >= watcher->next_look;

	if (due)
		watcher->next_look = clock_now() + (watcher->told ? LOOK_INTERVAL : FIRST_INTERVAL);
	loop_wake(watcher->next_look);
	return due;
}

/* All of them are asked: each registers for the coming turn, too. */
static bool is_there_news(struct watcher *watcher)
{
	bool due = is_look_due(watcher), news = due;

	news |= mounts_turn(&watcher->mounts);
	news |= units_turn(watcher->units);
	news |= read_exports(watcher);
	news |= read_marks(watcher, due);
	news |= statuses_turn(watcher->statuses);
	watched_files_watch(watcher->files);
	return news;
}

static void tell_pulse(struct watcher *watcher)
{
	struct pulse *pulse = &watcher->pulse;

	pulse->state = watcher->told ? haSourceState_running : haSourceState_starting;
	pulse->reason = haSourceReason_none;
	if (watcher->has_units && *units_error(watcher->units)) {
		pulse->reason = haSourceReason_daemonMissing;
		TEXT_PRINT(pulse->error, "the state of units is not known: %s",
			   units_error(watcher->units));
	}
	report_pulse(pulse);
}

/* ---- the source ---- */

static void run(const struct settings *settings)
{
	struct watcher watcher;

	open_watcher(&watcher, settings);
	while (!loop_ended() && !report_lost()) {
		if (is_there_news(&watcher))
			tell_rows(&watcher);
		tell_pulse(&watcher);
		loop_turn();
	}
	close_watcher(&watcher);
}

static bool is_wanted(const struct settings *settings)
{
	return settings->groups->count > 0;
}

const struct source member_source = {
	.name = "member",
	.tables = member_tables,
	.wanted = is_wanted,
	.run = run,
};
