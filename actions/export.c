/* Gives an export to the NFS server, and takes it back.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "actions/export.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "actions/aside.h"
#include "actions/export_line.h"
#include "actions/export_table.h"
#include "actions/export_view.h"
#include "actions/outcome.h"
#include "actions/program.h"
#include "actions/step.h"
#include "actions/whole_file.h"
#include "lib/clock.h"
#include "lib/etab.h"
#include "lib/frame.h"
#include "lib/memory.h"
#include "lib/settings.h"
#include "lib/settings_group.h"
#include "lib/tool.h"
#include "mib/ha-agentx-mib.h"

#define LEARN_TIME 1000 /* milliseconds */

/* One change from its first look to its result. */
struct change {
	const struct settings_member *member;
	bool start;
	int64_t deadline;
	struct step_result *result;
	char *table;           /* as last read; NULL: nothing was ever exported */
	bool there, as_wanted; /* in there */
	char what[112];        /* is not so */
};

/* ---- what is exported ---- */

static bool look(struct change *change)
{
	free(change->table);
	change->table = whole_file_read(ETAB_PATH);
	/* Exportfs will make it. */
	if (!change->table && errno != ENOENT) {
		outcome_set(change->result, HaReason_toolFailed, "%s: %s cannot be read: %s",
			    change->what, ETAB_PATH, strerror(errno));
		return false;
	}
	change->there = export_view_read(change->table ? change->table : "", change->member,
					 &change->as_wanted);
	return true;
}

static bool is_done(const struct change *change)
{
	return change->start ? change->there && change->as_wanted : !change->there;
}

/* ---- without exportfs ---- */

/* The lines that it writes for members, as long as this process lives: only exportfs spells options
 * out, but what it has made of the same ones is good again. */
struct kept {
	const struct settings_member *member;
	char *line; /* NULL: it was asked in vain */
};

static struct kept *kept;
static size_t kept_count;

static struct kept *find_kept(const struct settings_member *member)
{
	for (size_t i = 0; i < kept_count; i++)
		if (kept[i].member == member)
			return &kept[i];
	return NULL;
}

static void keep_line(const struct settings_member *member, char *line)
{
	struct kept *place = find_kept(member);

	if (!place) {
		kept = memory_resize(kept, kept_count + 1, sizeof(*kept));
		place = &kept[kept_count++];
		*place = (struct kept){ .member = member };
	}
	free(place->line);
	place->line = line;
}

/* 0: it has some; else an errno. */
static int find_handles_aside(void *room)
{
	struct file_handle none = { .handle_bytes = 0 };
	const char *path = room;
	int mount;

	if (name_to_handle_at(AT_FDCWD, path, &none, &mount, 0) < 0)
		return errno == EOVERFLOW ? 0 : errno;
	return EOPNOTSUPP;
}

/* Exportfs warns about a file system that has none. Its disk may not answer. */
static bool has_handles(const char *path, int64_t deadline)
{
	char room[PATH_MAX];

	return TEXT_FIT(room, path) &&
	       aside_run(find_handles_aside, room, sizeof(room), deadline) == 0;
}

/* The name of a host may have become another one's since. */
static bool switch_quickly(struct change *change)
{
	const struct settings_member *member = change->member;
	const struct kept *place = find_kept(member);
	const struct export_change quick = {
		.folder = ETAB_FOLDER,
		.caches = EXPORT_TABLE_CACHES,
		.path = member->name,
		.client = member->client,
		.line = change->start && place ? place->line : NULL,
	};

	if (change->start && (!quick.line || change->there || export_view_is_host(member->client) ||
			      !has_handles(member->name, change->deadline)))
		return false;
	return export_table_change(&quick, change->deadline) && look(change) && is_done(change);
}

/* What is here has its line from exportfs, and needs none before it was taken back. */
static bool is_worth_asking(const struct settings_member *member, const char *table)
{
	bool as_wanted;

	return member->kind == haGroupMemberKind_export && !export_view_is_host(member->client) &&
	       !find_kept(member) && !export_view_read(table, member, &as_wanted);
}

static const struct settings_member *find_unasked(const struct settings_group *group,
						  const char *table)
{
	for (size_t i = 0; i < group->members_count; i++)
		if (is_worth_asking(&group->members[i], table))
			return &group->members[i];
	return NULL;
}

bool export_learn(const struct settings *settings)
{
	struct export_question question = {
		.exportfs = program_find("exportfs"),
		.folder = ETAB_FOLDER,
	};
	char *table = whole_file_read(ETAB_PATH);

	for (size_t i = 0; i < settings->groups->count && !question.member; i++)
		question.member = find_unasked(&settings->groups->groups[i], table ? table : "");
	free(table);
	if (question.member)
		keep_line(question.member, export_line_ask(&question, clock_now() + LEARN_TIME));
	return question.member;
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

static void tell_done(struct change *change)
{
	outcome_set(change->result, HaReason_none, "%s is %s to %s", change->member->name,
		    change->start ? "exported" : "no longer exported", change->member->client);
}

/* It warns, with a status of its own, about what clients will not be able to use: a file system
 * that cannot be exported, a path that is not there. */
static bool tell(struct change *change, const struct tool_result *tool)
{
	if (change->there != change->start)
		program_explain(change->result, change->what, "exportfs", tool);
	else if (change->start && (tool->late || tool->status != 0))
		program_explain(change->result,
				"it is exported, and clients may not be able to use it", "exportfs",
				tool);
	else
		tell_done(change);
	return change->result->reason == HaReason_none;
}

/* An export that is there already gets these options besides those that it has. */
static void run_exportfs(struct change *change)
{
	struct tool_result *tool = memory_new(1, sizeof(*tool));
	bool anew = !change->there;

	run_program(change, tool);
	if (look(change) && tell(change, tool) && change->start && anew)
		keep_line(change->member,
			  etab_line(change->table, change->member->name, change->member->client));
	free(tool);
}

static void switch_export(struct change *change)
{
	if (switch_quickly(change))
		tell_done(change);
	else
		run_exportfs(change);
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
	if (look(&change) && is_done(&change))
		outcome_set(result, HaReason_nothingToDo, "%s was %s", change.member->name,
			    change.start ? "exported already" : "not exported");
	else if (result->reason == HaReason_none)
		switch_export(&change);
	free(change.table);
}
