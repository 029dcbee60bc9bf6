/* The scalars about the agent itself and about its alarms and events.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_AGENT_H
#define HA_AGENT_H

#include "lib/table.h"

struct changes;
struct instant;
struct settings;

struct agent_row {
	struct row head;
	char version[32];
	char node[65];
	struct moment started;
	char file[200];
	struct octets digest;
	int32_t actions; /* enum TruthValue */
};

struct alarm_scalars_row {
	struct row head;
	uint32_t active;
	int32_t worst; /* enum HaSeverity */
	int64_t changed;
	uint32_t oldest_event, newest_event;
};

extern const struct table agent_table, alarm_scalars_table;

/* Publish what does not change. */
void agent_open(struct changes *changes, const struct settings *settings,
		const struct instant *when);

/* Publish the scalars about alarms and events. */
void agent_count(struct changes *changes, const struct instant *when);

#endif
