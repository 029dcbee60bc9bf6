/* Reports what has changed in the rows of one resource, and nothing else.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/drbd/tell.h"

#include <string.h>

#include "lib/table.h"
#include "subagent/sources/drbd/objects.h"

static void flush_gone(struct drbd_node *node, const struct drbd_report *report)
{
	if (node->told)
		report->gone(node->table, node->said);
	node->told = false;
	memset(node->said, 0, node->table->size);
}

/* A row that has another name than it was reported with is another row. */
static bool has_moved(const struct drbd_node *node)
{
	uint32_t old[INDEX_MAX], new[INDEX_MAX];
	size_t length;

	if (!node->told)
		return false;
	length = table_index(node->table, node->said, old);
	return length != table_index(node->table, node->row, new) ||
	       memcmp(old, new, length * sizeof(*old)) != 0;
}

/* What is no row any more, or another one. */
static void sweep_node(struct drbd_node *node, const struct drbd_report *report)
{
	if (!node->shown || has_moved(node))
		flush_gone(node, report);
}

/* What was reported of it last, if that is to be reported again. */
static void tell_held(struct drbd_node *node, const struct drbd_report *report)
{
	const struct row *said = node->said;

	if (node->told || !said->state)
		return;
	report->row(node->table, said);
	node->told = true;
}

void drbd_tell_node(struct drbd_node *node, const struct drbd_report *report)
{
	if (!node->shown)
		return;
	if (node->held) {
		tell_held(node, report);
		return;
	}
	if (node->told && !memcmp(node->row, node->said, node->table->size))
		return;
	report->row(node->table, node->row);
	memcpy(node->said, node->row, node->table->size);
	node->told = true;
}

typedef void node_call(struct drbd_node *node, const struct drbd_report *report);

static void each_of(struct drbd_node *list, node_call *call, const struct drbd_report *report)
{
	for (; list; list = list->next)
		call(list, report);
}

static void each_node(struct drbd_resource *resource, node_call *call,
		      const struct drbd_report *report)
{
	call(&resource->node, report);
	each_of(resource->volumes, call, report);
	each_of(resource->peers, call, report);
	for (struct drbd_node *node = resource->peers; node; node = node->next)
		each_of(drbd_peer_of(node)->volumes, call, report);
}

void drbd_tell_gone(struct drbd_resource *resource, const struct drbd_report *report)
{
	each_node(resource, sweep_node, report);
}

void drbd_tell_changes(struct drbd_resource *resource, const struct drbd_report *report)
{
	each_node(resource, drbd_tell_node, report);
}

static void forget_node(struct drbd_node *node, const struct drbd_report *report)
{
	(void)report;
	node->told = false;
}

void drbd_tell_forget(struct drbd_resource *resource)
{
	each_node(resource, forget_node, NULL);
}
