/* What of a group's NFS is otherwise on the other node, and would hurt clients when they get there.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/groups/nfs.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "lib/memory.h"
#include "lib/settings.h"
#include "lib/settings_group.h"
#include "lib/settings_member.h"
#include "lib/settings_peer.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/board.h"
#include "subagent/sources/nfs/rows.h"
#include "subagent/sources/peer/rows.h"

#define BIT(name) (UINT32_C(1) << HaNfsProblems_##name)

static void add(struct nfs_difference *difference, uint32_t problem, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static void add(struct nfs_difference *difference, uint32_t problem, const char *format, ...)
{
	char sentence[sizeof(difference->text)];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(sentence, sizeof(sentence), format, arguments);
	va_end(arguments);
	difference->problems |= problem;
	text_add(difference->text, sizeof(difference->text), sentence);
}

/* A group, and where the rows about it stand. */
struct compared {
	const struct settings_group *group;
	const char *node; /* this one */
	const struct board *board;
};

static struct compared compared_of(const struct settings *settings, size_t group,
				   const struct board *board)
{
	return (struct compared){ &settings->groups->groups[group], settings->node, board };
}

static const struct peer_group_row *peer_of(const struct settings_group *group,
					    const struct board *board)
{
	struct peer_group_row key = { .head.state = 0 };

	TEXT_PUT(key.group, group->name);
	return board_row(board, mib_haGroupPeerEntry, &key);
}

static const char *name_of(const struct peer_group_row *peer)
{
	return peer && *peer->node ? peer->node : "the peer";
}

/* ---- members ---- */

/* Both nodes have the member. */
struct pair {
	const struct settings_member *member;
	char own[256];
	const char *theirs;
	const char *node; /* the other one */
};

/* Whether a word has the same value on both; what is not the same is said. */
static bool compare_word(const struct pair *pair, const char *word, const char *what,
			 uint32_t problem, struct nfs_difference *difference)
{
	char own[65], theirs[65];

	settings_word_value(pair->own, word, own, sizeof(own));
	settings_word_value(pair->theirs, word, theirs, sizeof(theirs));
	if (!strcmp(own, theirs))
		return true;
	add(difference, problem, "%s of %s is %s here and %s on %s", what, pair->member->name,
	    *own ? own : "not set", *theirs ? theirs : "not set", pair->node);
	return false;
}

static void compare_settings(const struct pair *pair, struct nfs_difference *difference)
{
	bool export = pair->member->kind == haGroupMemberKind_export;
	bool same =
		export ? compare_word(pair, "fsid", "fsid", BIT(fsidDiffers), difference) :
			 compare_word(pair, "scope", "server scope", BIT(scopeDiffers), difference);

	if (same && !settings_words_alike(pair->own, pair->theirs))
		add(difference, BIT(exportsDiffer), "%s is %.60s here and %.60s on %s",
		    pair->member->name, pair->own, pair->theirs, pair->node);
}

static void compare_member(const struct compared *compared, const struct settings_member *member,
			   struct nfs_difference *difference)
{
	struct peer_member_row key = { .kind = member->kind };
	struct pair pair = {
		.member = member,
		.node = name_of(peer_of(compared->group, compared->board)),
	};
	const struct peer_member_row *theirs;

	TEXT_PUT(key.group, compared->group->name);
	TEXT_PUT(key.name, member->name);
	theirs = board_row(compared->board, mib_haGroupPeerMemberEntry, &key);
	settings_member_print(member, compared->node, pair.own, sizeof(pair.own));
	if (theirs && theirs->head.state == HaRowState_fresh) {
		pair.theirs = theirs->settings;
		compare_settings(&pair, difference);
	} else if (theirs && theirs->head.state == HaRowState_missing) {
		add(difference, BIT(exportsDiffer), "%s does not have %s: configure it there",
		    pair.node, member->name);
	} else {
		difference->problems |= BIT(unknown);
	}
}

static bool is_export(const struct settings_member *member, const char *path)
{
	return member->kind == haGroupMemberKind_export && !strcmp(member->name, path);
}

static bool has_export(const struct settings_group *group, const char *path)
{
	for (size_t m = 0; m < group->members_count; m++)
		if (is_export(&group->members[m], path))
			return true;
	return false;
}

static void find_foreign(const struct compared *compared, struct nfs_difference *difference)
{
	const struct rows *rows = board_rows(compared->board, mib_haGroupPeerMemberEntry);
	const struct settings_group *group = compared->group;

	for (size_t i = 0; i < rows->count; i++) {
		const struct peer_member_row *row = rows->entries[i]->row;

		if (!rows->entries[i]->gone && row->head.state == HaRowState_fresh &&
		    row->kind == haGroupMemberKind_export && !strcmp(row->group, group->name) &&
		    !has_export(group, row->name))
			add(difference, BIT(exportsDiffer),
			    "%s has an export of %s: configure it here, too",
			    name_of(peer_of(group, compared->board)), row->name);
	}
}

void nfs_compare_exports(const struct settings *settings, size_t group, const struct board *board,
			 struct nfs_difference *difference)
{
	const struct compared compared = compared_of(settings, group, board);

	*difference = (struct nfs_difference){ .problems = 0 };
	for (size_t m = 0; m < compared.group->members_count; m++)
		if (compared.group->members[m].kind == haGroupMemberKind_export)
			compare_member(&compared, &compared.group->members[m], difference);
	find_foreign(&compared, difference);
}

/* ---- the server ---- */

static void print_versions(uint32_t versions, char *text, size_t size)
{
	size_t used = 0;

	text_put(text, size, "");
	for (uint32_t bit = 0; bit < 32; bit++)
		if (versions >> bit & 1 && used < size)
			used += (size_t)snprintf(text + used, size - used, "%s%s", used ? " " : "",
						 mib_label_of(haNfsVersions_labels, (int32_t)bit));
}

static void compare_versions(const struct nfs_row *row, const struct peer_group_row *peer,
			     struct nfs_difference *difference)
{
	char own[32], theirs[32];

	if (!row->versions || !peer->nfs_versions || row->versions == peer->nfs_versions)
		return;
	print_versions(row->versions, own, sizeof(own));
	print_versions(peer->nfs_versions, theirs, sizeof(theirs));
	add(difference, BIT(versionsDiffer), "the versions are %s here and %s on %s", own, theirs,
	    name_of(peer));
}

/* A server that does not run serves no version, and has no scope. */
static void compare_server(const struct nfs_row *row, const struct peer_group_row *peer,
			   struct nfs_difference *difference)
{
	if (row->nfs_state != haNfsState_running && row->nfs_state != haNfsState_grace)
		return;
	if (*row->scope && *peer->nfs_scope && strcmp(row->scope, peer->nfs_scope) != 0 &&
	    !(difference->problems & BIT(scopeDiffers)))
		add(difference, BIT(scopeDiffers),
		    "the server scope is %.50s here and %.50s on %s: start both with the same host "
		    "name",
		    row->scope, peer->nfs_scope, name_of(peer));
	compare_versions(row, peer, difference);
}

/* ---- rows ---- */

/* What its configuration says, as far as a group has it, counts whether it runs or not. */
static void compare_configured(const struct compared *compared, struct nfs_difference *difference)
{
	for (size_t m = 0; m < compared->group->members_count; m++)
		if (compared->group->members[m].kind == haGroupMemberKind_nfs)
			compare_member(compared, &compared->group->members[m], difference);
	difference->problems &= ~BIT(unknown);
}

/* Every group of a pair has the same peer. */
static void amend_server(const struct settings *settings, const struct board *board,
			 struct nfs_row *row)
{
	struct nfs_difference difference = { .problems = 0 };

	for (size_t g = 0; g < settings->groups->count; g++) {
		const struct compared compared = compared_of(settings, g, board);

		compare_configured(&compared, &difference);
	}
	if (settings->groups->count) {
		const struct peer_group_row *peer = peer_of(settings->groups->groups, board);

		if (peer && peer->head.state == HaRowState_fresh)
			compare_server(row, peer, &difference);
	}
	row->problems = row->own_problems | difference.problems;
	TEXT_PRINT(row->problems_text, "%s%s%s", row->own_problems_text,
		   *row->own_problems_text && *difference.text ? "; " : "", difference.text);
}

/* Without a peer there is nothing that could differ. */
static void amend_export(const struct settings *settings, const struct board *board,
			 struct nfs_export_row *row)
{
	struct nfs_difference difference = { .problems = 0 };

	for (size_t g = 0; g < settings->groups->count && settings->peer->addresses_count; g++) {
		const struct compared compared = compared_of(settings, g, board);

		for (size_t m = 0; m < compared.group->members_count; m++)
			if (!strcmp(compared.group->name, row->group) &&
			    is_export(&compared.group->members[m], row->path))
				compare_member(&compared, &compared.group->members[m], &difference);
	}
	row->problems = row->own_problems | difference.problems;
}

void nfs_amend(const struct settings *settings, const struct board *board,
	       const struct table *table, void *row)
{
	if (table->entry == mib_haNfs)
		amend_server(settings, board, row);
	else if (table->entry == mib_haNfsExportEntry)
		amend_export(settings, board, row);
}
