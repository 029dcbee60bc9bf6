/* The state of DRBD on this node: lines of events2 in, rows out.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/drbd/model.h"

#include <stdlib.h>
#include <string.h>

#include "lib/events2.h"
#include "lib/memory.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/sources/drbd/config.h"
#include "subagent/sources/drbd/damp.h"
#include "subagent/sources/drbd/derive.h"
#include "subagent/sources/drbd/latch.h"
#include "subagent/sources/drbd/mounts.h"
#include "subagent/sources/drbd/objects.h"
#include "subagent/sources/drbd/tell.h"
#include "subagent/sources/drbd/words.h"

struct drbd_model {
	struct drbd_surroundings around;
	struct drbd_mounts mounts;
	struct drbd_config *config;
	struct drbd_latch *latch; /* not ours; or NULL */
	struct drbd_node *resources;
	struct drbd_node *recent; /* that was asked for last: lines come in bunches */
	unsigned int resources_count;
	struct drbd_node scalars;
	struct drbd_scalars_row scalars_row, scalars_said;
	bool complete; /* the dump of the stream is */
	bool torn;     /* the stream has lost something */
	bool poll_complete;
	unsigned int poll_differences;
	int64_t due; /* when what is held back is to be reported; 0 for nothing */
	uint32_t unknown_words, rejected_lines;
};

/* The objects that a line is about; those that it does not name are NULL. */
struct subject {
	struct drbd_resource *resource;
	struct drbd_volume *volume;
	struct drbd_peer *peer;
	struct drbd_peer_volume *peer_volume;
	struct drbd_node *node; /* the one whose states it tells */
};

/* A peer that is new to us may be one whose split brain an earlier process had found. */
static struct drbd_peer *need_peer(const struct drbd_model *model, struct drbd_resource *resource,
				   uint32_t node_id)
{
	bool known = drbd_node_find(resource->peers, node_id) != NULL;
	struct drbd_peer *peer = drbd_peer_need(resource, node_id, model->around.wall);

	if (peer && !known && model->latch)
		drbd_latch_recall(model->latch, resource->row.name, node_id, &peer->split);
	return peer;
}

struct drbd_model *drbd_model_new(void)
{
	struct drbd_model *model = memory_new(1, sizeof(*model));

	model->around.mounts = &model->mounts;
	model->scalars.table = &drbd_scalars_table;
	model->scalars.row = &model->scalars_row;
	model->scalars.said = &model->scalars_said;
	model->scalars.shown = true;
	model->scalars_row.head.state = HaRowState_fresh;
	return model;
}

void drbd_model_remember(struct drbd_model *model, struct drbd_latch *latch)
{
	model->latch = latch;
}

void drbd_model_keep(struct drbd_model *model)
{
	if (!model->latch || !model->complete)
		return;
	drbd_latch_begin(model->latch);
	for (struct drbd_node *node = model->resources; node; node = node->next) {
		struct drbd_resource *resource = drbd_resource_of(node);

		for (struct drbd_node *peer = resource->peers; peer; peer = peer->next)
			drbd_latch_add(model->latch, resource->row.name, peer->key,
				       &drbd_peer_of(peer)->split);
	}
	drbd_latch_end(model->latch);
}

void drbd_model_free(struct drbd_model *model)
{
	while (model->resources) {
		struct drbd_node *next = model->resources->next;

		drbd_resource_free(drbd_resource_of(model->resources));
		model->resources = next;
	}
	drbd_config_free(model->config);
	drbd_mounts_free(&model->mounts);
	free(model);
}

void drbd_model_clock(struct drbd_model *model, int64_t now, int64_t wall)
{
	model->around.now = now;
	model->around.wall = wall;
}

static struct drbd_resource *resource_find(struct drbd_model *model, const char *name)
{
	struct drbd_node *node = model->recent;

	if (node && !strcmp(drbd_resource_of(node)->row.name, name))
		return drbd_resource_of(node);
	for (node = model->resources; node; node = node->next)
		if (!strcmp(drbd_resource_of(node)->row.name, name)) {
			model->recent = node;
			return drbd_resource_of(node);
		}
	return NULL;
}

static struct drbd_resource *resource_need(struct drbd_model *model, const char *name)
{
	struct drbd_resource *resource = resource_find(model, name);
	struct drbd_node **last = &model->resources;

	if (resource || model->resources_count == DRBD_RESOURCES_MAX)
		return resource;
	while (*last)
		last = &(*last)->next;
	resource = drbd_resource_new(name, model->around.wall);
	*last = &resource->node;
	model->resources_count++;
	return resource;
}

/* Something about the resource was told: follow it while it can be seen. */
static void touch(struct drbd_model *model, struct drbd_resource *resource, bool dumped)
{
	model->around.dumped = dumped;
	drbd_resource_follow(resource, &model->around);
	resource->dirty = true;
}

static void touch_all(struct drbd_model *model)
{
	for (struct drbd_node *node = model->resources; node; node = node->next)
		touch(model, drbd_resource_of(node), true);
}

/* With DRBD 8.4 the peer's number is 0, whatever the configuration calls it. */
static void expect_peers(struct drbd_model *model, struct drbd_resource *resource)
{
	bool single = model->around.kernel_major == DRBD_SINGLE_PEER;

	for (const struct drbd_expected_peer *peer = resource->expected->peers; peer;
	     peer = peer->next) {
		struct drbd_peer *made;

		if (!single && !peer->numbered)
			continue;
		made = need_peer(model, resource, single ? 0 : peer->node_id);
		for (const struct drbd_expected_volume *volume = resource->expected->volumes;
		     made && volume; volume = volume->next)
			drbd_peer_volume_need(resource, made, volume->number);
	}
}

static void expect(struct drbd_model *model)
{
	for (struct drbd_node *node = model->resources; node; node = node->next)
		drbd_resource_of(node)->expected = NULL;
	for (const struct drbd_expected *expected = model->config ? model->config->resources : NULL;
	     expected; expected = expected->next) {
		struct drbd_resource *resource = resource_need(model, expected->name);

		if (!resource)
			return;
		resource->expected = expected;
		for (const struct drbd_expected_volume *volume = expected->volumes; volume;
		     volume = volume->next)
			drbd_volume_need(resource, volume->number);
		expect_peers(model, resource);
	}
	touch_all(model);
}

static void drop_all(struct drbd_model *model)
{
	for (struct drbd_node *node = model->resources; node; node = node->next)
		drbd_resource_drop(drbd_resource_of(node));
	touch_all(model);
}

void drbd_model_kernel(struct drbd_model *model, const char *version)
{
	unsigned int major = (unsigned int)strtoul(version, NULL, 10);

	TEXT_PUT(model->scalars_row.kernel_version, version);
	if (!version[0])
		drop_all(model);
	if (version[0] && major != model->around.kernel_major) {
		model->around.kernel_major = major;
		expect(model);
	}
}

void drbd_model_utils(struct drbd_model *model, const char *version)
{
	TEXT_PUT(model->scalars_row.utils_version, version);
}

void drbd_model_config(struct drbd_model *model, struct drbd_config *config)
{
	struct drbd_config *old = model->config;

	model->config = config;
	expect(model);
	drbd_config_free(old);
}

void drbd_model_mounts(struct drbd_model *model, const char *text)
{
	drbd_mounts_take(&model->mounts, text);
	touch_all(model);
}

static void unsee(struct drbd_node *list)
{
	for (; list; list = list->next)
		list->seen = false;
}

static void unsee_all(struct drbd_model *model)
{
	for (struct drbd_node *node = model->resources; node; node = node->next) {
		struct drbd_resource *resource = drbd_resource_of(node);

		node->seen = false;
		unsee(resource->volumes);
		unsee(resource->peers);
		for (struct drbd_node *peer = resource->peers; peer; peer = peer->next)
			unsee(drbd_peer_of(peer)->volumes);
	}
}

void drbd_model_begin(struct drbd_model *model)
{
	unsee_all(model);
	model->complete = false;
	model->torn = false;
}

static bool take_name(const struct events2_line *line, const char *key, char *name, size_t size)
{
	struct events2_text text;

	if (!events2_find(line, key, &text) || text.length == 0 || text.length >= size)
		return false;
	text_put_part(name, size, text.start, text.length);
	return true;
}

static bool take_key(const struct events2_line *line, const char *key, uint32_t limit,
		     uint32_t *value)
{
	uint64_t number;

	if (!events2_number(line, key, &number) || number > limit)
		return false;
	*value = (uint32_t)number;
	return true;
}

static bool needs_volume(enum events2_object object)
{
	return object == EVENTS2_DEVICE || object == EVENTS2_PEER_DEVICE;
}

static bool needs_peer(enum events2_object object)
{
	return object == EVENTS2_CONNECTION || object == EVENTS2_PEER_DEVICE ||
	       object == EVENTS2_PATH;
}

/* The node whose row the line is about; paths have none. */
static void choose_node(enum events2_object object, struct subject *subject)
{
	if (object == EVENTS2_RESOURCE)
		subject->node = &subject->resource->node;
	else if (object == EVENTS2_DEVICE && subject->volume)
		subject->node = &subject->volume->node;
	else if (object == EVENTS2_CONNECTION && subject->peer)
		subject->node = &subject->peer->node;
	else if (object == EVENTS2_PEER_DEVICE && subject->peer_volume)
		subject->node = &subject->peer_volume->node;
}

/* What lies below the resource, by the numbers that are given. */
static void find_below(struct subject *subject, const uint32_t *number, const uint32_t *node_id)
{
	struct drbd_resource *resource = subject->resource;

	if (number && !node_id)
		subject->volume = drbd_volume_of(drbd_node_find(resource->volumes, *number));
	if (node_id)
		subject->peer = drbd_peer_of(drbd_node_find(resource->peers, *node_id));
	if (number && subject->peer)
		subject->peer_volume =
			drbd_peer_volume_of(drbd_node_find(subject->peer->volumes, *number));
}

/* The same, made where it is not there. */
static void need_below(const struct drbd_model *model, struct subject *subject,
		       const uint32_t *number, const uint32_t *node_id)
{
	struct drbd_resource *resource = subject->resource;

	if (number && !node_id)
		subject->volume = drbd_volume_need(resource, *number);
	if (node_id)
		subject->peer = need_peer(model, resource, *node_id);
	if (number && subject->peer)
		subject->peer_volume = drbd_peer_volume_need(resource, subject->peer, *number);
}

/* Find what the line names, or make it. False when it does not name what its object needs, with
 * numbers in their range, or `make` is false and it is not there. */
static bool find_subject(struct drbd_model *model, const struct events2_line *line, bool make,
			 struct subject *subject)
{
	char name[DRBD_NAME_MAX + 1];
	uint32_t number = 0, node_id = 0;
	bool volume = needs_volume(line->object), peer = needs_peer(line->object);

	memset(subject, 0, sizeof(*subject));
	if (!take_name(line, "name", name, sizeof(name)) ||
	    (volume && !take_key(line, "volume", DRBD_VOLUME_MAX, &number)) ||
	    (peer && !take_key(line, "peer-node-id", DRBD_NODE_ID_MAX, &node_id)))
		return false;
	subject->resource = make ? resource_need(model, name) : resource_find(model, name);
	if (!subject->resource)
		return false;
	if (make)
		need_below(model, subject, volume ? &number : NULL, peer ? &node_id : NULL);
	else
		find_below(subject, volume ? &number : NULL, peer ? &node_id : NULL);
	choose_node(line->object, subject);
	return subject->node || (line->object == EVENTS2_PATH && subject->peer);
}

static void take_path(struct drbd_peer *peer, const struct events2_line *line)
{
	char local[DRBD_ADDRESS_MAX + 1], remote[DRBD_ADDRESS_MAX + 1];
	struct events2_text established;

	if (!take_name(line, "local", local, sizeof(local)) ||
	    !take_name(line, "peer", remote, sizeof(remote)))
		return;
	if (line->verb == EVENTS2_DESTROY)
		drbd_path_drop(peer, local, remote);
	else if (events2_find(line, "established", &established))
		drbd_path_set(peer, local, remote, events2_is(&established, "yes"));
}

/* What the columns of the object do not hold, or what is derived from its keys. */
static void take_more(const struct events2_line *line, struct subject *subject)
{
	struct drbd_peer_volume *volume = subject->peer_volume;
	struct events2_text text;
	uint64_t number;

	if (subject->peer && events2_find(line, "conn-name", &text))
		text_put_part(subject->peer->kernel_name, sizeof(subject->peer->kernel_name),
			      text.start, text.length);
	if (subject->volume && events2_find(line, "open", &text))
		subject->volume->open_told = subject->volume->row.open;
	if (!volume)
		return;
	volume->fresh = events2_number(line, "out-of-sync", &number);
	volume->progress.kernel_estimate = DRBD_NO_ESTIMATE;
	if (events2_number(line, "eta", &number) && number < DRBD_NO_ESTIMATE)
		volume->progress.kernel_estimate = (uint32_t)number;
}

/* A change of something, or something below, that was never told of: a line before it was lost. */
static bool lacks_something(const struct events2_line *line, const struct subject *subject)
{
	if (line->verb == EVENTS2_CHANGE)
		return !subject->node->up || !subject->resource->node.up;
	return line->object != EVENTS2_RESOURCE && !subject->resource->node.up;
}

static void take_states(struct drbd_model *model, const struct events2_line *line,
			struct subject *subject)
{
	struct drbd_node *node = subject->node;

	if (node) {
		if (lacks_something(line, subject))
			model->torn = true;
		drbd_node_raise(node);
		node->seen = true;
		if (subject->volume)
			subject->volume->created = line->verb == EVENTS2_CREATE;
		model->unknown_words += drbd_words_take(node, line, true);
	}
	take_more(line, subject);
}

/* On StandAlone, DRBD 8.4 tells that the connection is destroyed, and yet has one: a fresh dump
 * shows it as StandAlone. It ends with the resource. */
static void keep_alone(struct subject *subject)
{
	if (subject->peer_volume) {
		subject->peer_volume->row.replication = HaDrbdReplication_off;
		subject->peer_volume->row.disk = HaDrbdDisk_dUnknown;
	} else {
		subject->peer->row.connection = HaDrbdConnection_standAlone;
		subject->peer->row.role = HaDrbdRole_unknown;
	}
}

static void destroy(struct drbd_model *model, const struct events2_line *line,
		    struct subject *subject)
{
	bool single = model->around.kernel_major == DRBD_SINGLE_PEER;

	if (line->object == EVENTS2_RESOURCE)
		drbd_resource_drop(subject->resource);
	else if (line->object == EVENTS2_DEVICE)
		drbd_volume_drop(subject->resource, subject->volume);
	else if (single && subject->peer)
		keep_alone(subject);
	else if (line->object == EVENTS2_CONNECTION)
		drbd_peer_drop(subject->peer);
	else
		drbd_node_drop(subject->node);
}

/* A helper that is called for a peer; others tell nothing that is kept. */
static void call_helper(struct drbd_model *model, const struct events2_line *line)
{
	char name[DRBD_NAME_MAX + 1], helper[32];
	struct drbd_resource *resource;
	struct drbd_node *peer;
	uint32_t node_id;

	if (!take_name(line, "name", name, sizeof(name)) ||
	    !take_name(line, "helper", helper, sizeof(helper)) ||
	    !take_key(line, "peer-node-id", DRBD_NODE_ID_MAX, &node_id))
		return;
	resource = resource_find(model, name);
	peer = resource ? drbd_node_find(resource->peers, node_id) : NULL;
	if (!peer)
		return;
	drbd_split_helper(&drbd_peer_of(peer)->split, helper, model->around.wall);
	resource->dirty = true;
}

/* Its rows go and come under the new name; what is expected under the old one is missing. */
static bool rename_resource(struct drbd_model *model, const struct events2_line *line)
{
	char name[DRBD_NAME_MAX + 1], new_name[DRBD_NAME_MAX + 1];
	struct drbd_resource *resource, *other;

	if (!take_name(line, "name", name, sizeof(name)) ||
	    !take_name(line, "new_name", new_name, sizeof(new_name)))
		return false;
	resource = resource_find(model, name);
	other = resource_find(model, new_name);
	model->recent = NULL;
	if (!resource || resource == other)
		return true;
	if (other)
		drbd_resource_rename(other, name);
	drbd_resource_rename(resource, new_name);
	expect(model);
	return true;
}

static bool take_object(struct drbd_model *model, const struct events2_line *line)
{
	bool destroyed = line->verb == EVENTS2_DESTROY;
	struct subject subject;

	if (!find_subject(model, line, !destroyed, &subject))
		return destroyed;
	if (line->object == EVENTS2_PATH)
		take_path(subject.peer, line);
	else if (destroyed)
		destroy(model, line, &subject);
	else
		take_states(model, line, &subject);
	touch(model, subject.resource, line->verb == EVENTS2_EXISTS);
	return true;
}

static void drop_unseen(struct drbd_model *model, struct drbd_resource *resource)
{
	if (!resource->node.seen)
		drbd_resource_drop(resource);
	for (struct drbd_node *node = resource->volumes; node; node = node->next)
		if (!node->seen)
			drbd_volume_drop(resource, drbd_volume_of(node));
	for (struct drbd_node *node = resource->peers; node; node = node->next) {
		if (!node->seen)
			drbd_peer_drop(drbd_peer_of(node));
		for (struct drbd_node *below = drbd_peer_of(node)->volumes; below;
		     below = below->next)
			if (!below->seen)
				drbd_node_drop(below);
	}
	touch(model, resource, true);
}

static void end_dump(struct drbd_model *model)
{
	if (model->complete)
		return;
	for (struct drbd_node *node = model->resources; node; node = node->next)
		drop_unseen(model, drbd_resource_of(node));
	model->complete = true;
}

static bool take_line(struct drbd_model *model, const struct events2_line *line)
{
	if (line->verb == EVENTS2_SKIPPED)
		model->torn = true;
	else if (line->object == EVENTS2_NOTHING)
		end_dump(model);
	else if (line->verb == EVENTS2_RENAME)
		return rename_resource(model, line);
	else if (line->verb == EVENTS2_CALL && line->object == EVENTS2_HELPER)
		call_helper(model, line);
	else if (line->object != EVENTS2_HELPER && line->verb != EVENTS2_RESPONSE &&
		 line->verb != EVENTS2_CALL)
		return take_object(model, line);
	return true;
}

bool drbd_model_line(struct drbd_model *model, const char *octets, size_t length)
{
	struct events2_line line;

	if (events2_parse(octets, length, &line) && take_line(model, &line))
		return true;
	model->rejected_lines++;
	return false;
}

void drbd_model_poll_begin(struct drbd_model *model)
{
	unsee_all(model);
	model->poll_complete = false;
	model->poll_differences = 0;
}

/* Paths are left out: DRBD 9 alone has them, and a connection tells the same. */
static void poll_object(struct drbd_model *model, const struct events2_line *line)
{
	struct subject subject;

	if (!find_subject(model, line, false, &subject) || (subject.node && !subject.node->up)) {
		model->poll_differences++;
		return;
	}
	if (!subject.node)
		return;
	subject.node->seen = true;
	if (drbd_words_differ(subject.node, line))
		model->poll_differences++;
	drbd_words_take(subject.node, line, false);
	take_more(line, &subject);
	touch(model, subject.resource, true);
}

bool drbd_model_poll_line(struct drbd_model *model, const char *octets, size_t length)
{
	struct events2_line line;

	if (!events2_parse(octets, length, &line) || line.verb != EVENTS2_EXISTS) {
		model->rejected_lines++;
		return false;
	}
	if (line.object == EVENTS2_NOTHING)
		model->poll_complete = true;
	else
		poll_object(model, &line);
	return true;
}

static unsigned int count_unseen(const struct drbd_node *list)
{
	unsigned int count = 0;

	for (; list; list = list->next)
		count += list->up && !list->seen;
	return count;
}

bool drbd_model_poll_end(struct drbd_model *model)
{
	unsigned int unseen = count_unseen(model->resources);

	for (struct drbd_node *node = model->resources; node; node = node->next) {
		struct drbd_resource *resource = drbd_resource_of(node);

		unseen += count_unseen(resource->volumes) + count_unseen(resource->peers);
		for (struct drbd_node *peer = resource->peers; peer; peer = peer->next)
			unseen += count_unseen(drbd_peer_of(peer)->volumes);
	}
	return model->poll_complete && model->poll_differences == 0 && unseen == 0;
}

bool drbd_model_is_complete(const struct drbd_model *model)
{
	return model->complete;
}

bool drbd_model_is_torn(const struct drbd_model *model)
{
	return model->torn;
}

bool drbd_model_is_busy(const struct drbd_model *model)
{
	for (struct drbd_node *node = model->resources; node; node = node->next)
		if (drbd_resource_is_busy(drbd_resource_of(node)))
			return true;
	return false;
}

bool drbd_model_is_used(const struct drbd_model *model)
{
	for (const struct drbd_node *node = model->resources; node; node = node->next)
		if (node->up)
			return true;
	return model->config && model->config->resources;
}

uint32_t drbd_model_unknown_words(const struct drbd_model *model)
{
	return model->unknown_words;
}

uint32_t drbd_model_rejected_lines(const struct drbd_model *model)
{
	return model->rejected_lines;
}

void drbd_model_reject(struct drbd_model *model, unsigned int lines)
{
	model->rejected_lines += lines;
}

static bool is_bad(const struct drbd_resource *resource)
{
	return resource->row.split_brain == haDrbdResourceSplitBrain_suspected ||
	       resource->row.split_brain == haDrbdResourceSplitBrain_detected ||
	       resource->row.split_brain == haDrbdResourceSplitBrain_resolving;
}

static void flush_scalars(struct drbd_model *model, const struct drbd_report *report)
{
	model->scalars_row.resources = model->scalars_row.split_brains = 0;
	for (struct drbd_node *node = model->resources; node; node = node->next) {
		model->scalars_row.resources += node->shown;
		model->scalars_row.split_brains += node->shown && is_bad(drbd_resource_of(node));
	}
	drbd_tell_node(&model->scalars, report);
}

static void remove_resource(struct drbd_model *model, struct drbd_node **link)
{
	struct drbd_resource *resource = drbd_resource_of(*link);

	*link = resource->node.next;
	model->recent = NULL;
	model->resources_count--;
	drbd_resource_free(resource);
}

/* Whether something of the resource is held back: then it stays dirty. */
static bool damp(struct drbd_model *model, struct drbd_resource *resource)
{
	int64_t due = drbd_damp(resource, model->around.now);

	if (due && (!model->due || due < model->due))
		model->due = due;
	return due != 0;
}

/* Two resources may have changed names: all that is gone goes before any row comes. */
static void sweep(struct drbd_model *model, const struct drbd_report *report)
{
	for (struct drbd_node *node = model->resources; node; node = node->next) {
		struct drbd_resource *resource = drbd_resource_of(node);

		if (!resource->dirty)
			continue;
		drbd_resource_derive(resource, &model->around);
		drbd_tell_gone(resource, report);
	}
}

void drbd_model_flush(struct drbd_model *model, const struct drbd_report *report)
{
	struct drbd_node **link = &model->resources;

	model->due = 0;
	sweep(model, report);
	while (*link) {
		struct drbd_resource *resource = drbd_resource_of(*link);

		if (resource->dirty) {
			resource->dirty = damp(model, resource);
			drbd_tell_changes(resource, report);
		}
		if (!resource->node.shown)
			remove_resource(model, link);
		else
			link = &resource->node.next;
	}
	flush_scalars(model, report);
}

int64_t drbd_model_due(const struct drbd_model *model)
{
	return model->due;
}

/* As if nothing had been reported yet; gone rows need no word then. */
static void forget_report(struct drbd_model *model)
{
	model->scalars.told = false;
	for (struct drbd_node *node = model->resources; node; node = node->next) {
		drbd_tell_forget(drbd_resource_of(node));
		drbd_resource_of(node)->dirty = true;
	}
}

void drbd_model_report(struct drbd_model *model, const struct drbd_report *report)
{
	for (size_t i = 0; drbd_tables[i]; i++)
		report->begin(drbd_tables[i]);
	forget_report(model);
	drbd_model_flush(model, report);
	for (size_t i = 0; drbd_tables[i]; i++)
		report->end(drbd_tables[i]);
}
