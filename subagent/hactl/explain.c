/* Why a group is what it is.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/hactl/explain.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/log.h"
#include "lib/memory.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/board.h"
#include "subagent/groups/rows.h"
#include "subagent/hactl/arguments.h"
#include "subagent/hactl/print.h"

/* Sentences are joined by semicolons in a row. */
static void print_sentences(const char *text)
{
	while (*text) {
		const char *end = strstr(text, "; ");
		size_t length = end ? (size_t)(end - text) : strlen(text);

		printf("    - %.*s\n", (int)length, text);
		text += length + (end ? strlen("; ") : 0);
	}
}

static void print_this_node(const struct group_row *row)
{
	printf("this node is %s%s%s\n", print_label(HaServiceRole_labels, row->role),
	       *row->role_text ? ": " : "", row->role_text);
	if (*row->active_node)
		printf("active on %s\n", row->active_node);
	else if (row->served == HaAnswer_no)
		printf("active on NO NODE\n");
	else
		printf("where it is active is not known here\n");
}

static void print_other_node(const struct group_row *row)
{
	const char *name = *row->peer ? row->peer : "the other node";

	if (row->peer_reachable == HaAnswer_yes)
		printf("%s is %s\n", name, print_label(HaServiceRole_labels, row->peer_role));
	else
		printf("%s does not answer; it was %s\n", name,
		       print_label(HaServiceRole_labels, row->peer_role));
}

static void print_last_switch(const struct group_row *row)
{
	if (!row->last_job)
		return;
	printf("last switch: job %u, %s, %s, %u ms without service\n", row->last_job,
	       print_label(haGroupLastSwitchResult_labels, row->last_result),
	       print_label(HaReason_labels, row->last_reason), row->last_duration);
}

static void print_members(const struct board *board, const struct group_row *group)
{
	const struct rows *rows = board_rows(board, mib_haGroupMemberEntry);

	printf("members:\n");
	for (size_t i = 0; rows && i < rows->count; i++) {
		const struct group_member_row *row = rows->entries[i]->row;

		if (strcmp(row->group, group->name) != 0)
			continue;
		printf("    %-8s %-24s %s%s%s\n", print_label(haGroupMemberKind_labels, row->kind),
		       row->name, print_label(haGroupMemberState_labels, row->member_state),
		       row->wanted == row->member_state ? "" : ", wanted ",
		       row->wanted == row->member_state ?
			       "" :
			       print_label(haGroupMemberWanted_labels, row->wanted));
		/* What went wrong before is no matter of a member that is as it should be. */
		if (*row->error && row->wanted != row->member_state)
			printf("             %s\n", row->error);
	}
}

static bool has_mirror(const struct board *board, const struct group_row *group)
{
	const struct rows *rows = board_rows(board, mib_haGroupMemberEntry);

	for (size_t i = 0; rows && i < rows->count; i++) {
		const struct group_member_row *row = rows->entries[i]->row;

		if (row->kind == haGroupMemberKind_drbd && !strcmp(row->group, group->name))
			return true;
	}
	return false;
}

static void print_warning(const struct board *board, const struct group_row *row)
{
	if (row->policy == haGroupFencingPolicy_always && has_mirror(board, row))
		printf("WARNING: fencing is always: a cut between the nodes makes a split brain\n");
}

static void print_all(const struct board *board, const struct group_row *row)
{
	printf("%s\n", row->name);
	print_this_node(row);
	print_other_node(row);
	if (row->switch_ready == HaAnswer_yes) {
		printf("a switchover would be accepted\n");
	} else {
		printf("a switchover would be refused:\n");
		print_sentences(row->blockers_text);
	}
	print_warning(board, row);
	print_last_switch(row);
	print_members(board, row);
}

int explain_group(const struct arguments *arguments)
{
	static const uint16_t entries[] = { mib_haGroupEntry, mib_haGroupMemberEntry, 0 };
	int fd = arguments_hub(arguments), status;
	struct group_row key = { .head.state = 0 };
	const struct group_row *row;
	struct board board;

	if (arguments->count != 1)
		log_fatal("name one group");
	arguments_fetch(arguments, fd, &board);
	TEXT_PUT(key.name, arguments->words[0]);
	row = board_row(&board, mib_haGroupEntry, &key);
	if (!row)
		log_fatal("there is no group %s", arguments->words[0]);
	if (arguments->json)
		print_json(&board, entries);
	else
		print_all(&board, row);
	status = row->switch_ready == HaAnswer_yes ? EXIT_SUCCESS : EXIT_FAILURE;
	board_close(&board);
	close(fd);
	return status;
}
