/* Requests of groups: haActionGroupTable, haForceGroupTable; and what groups do without one.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_REQUEST_GROUP_H
#define HA_REQUEST_GROUP_H

#include <stdbool.h>
#include <stddef.h>

#include "subagent/requests/request.h"

struct settings;

struct action_group_row {
	struct row head;
	char name[33];
	int32_t request;    /* enum haActionGroupRequest */
	char expected[256]; /* reads as empty */
	uint32_t minutes;
	int32_t allowed; /* enum TruthValue */
	uint32_t last_job;
};

struct force_group_row {
	struct row head;
	char name[33];
	int32_t request; /* enum haForceGroupRequest */
	char expected[256];
};

extern const struct table action_group_table, force_group_table;
extern const struct request_kind request_group;

/* A request about the group at this position of the settings, without a verb yet. */
void request_of_group(const struct settings *settings, size_t group, struct request *request);

/* The group that has a resource or follows an instance, these also by their positions; as many as
 * there are when none does. */
size_t group_of_resource(const struct settings *settings, size_t resource);
size_t group_of_instance(const struct settings *settings, size_t instance);

/* Of such a number: whether it is a group that SETs may switch; and its job slot, without a group
 * that of plain requests. */
bool group_is_switchable(const struct settings *settings, size_t group);
size_t group_slot(const struct settings *settings, size_t group);

/* Whether a verb is to change on which node a group runs, enum HaJobVerb. */
bool request_moves_group(int32_t verb);

#endif
