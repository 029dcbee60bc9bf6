/* The scalars about the agent itself and about its alarms and events.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/agent.h"

#include "config.h"
#include "lib/memory.h"
#include "lib/settings.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/changes.h"

static const struct column agent_columns[] = {
	COLUMN(agent_row, haAgentVersion, version),
	COLUMN(agent_row, haAgentNode, node),
	COLUMN(agent_row, haAgentStartTime, started),
	COLUMN(agent_row, haAgentConfigFile, file),
	COLUMN(agent_row, haAgentConfigDigest, digest),
	COLUMN(agent_row, haAgentActionsEnabled, actions),
};

static const struct column alarm_columns[] = {
	COLUMN(alarm_scalars_row, haAlarmActive, active),
	COLUMN(alarm_scalars_row, haAlarmWorst, worst),
	COLUMN(alarm_scalars_row, haAlarmLastChange, changed),
	COLUMN(alarm_scalars_row, haEventOldest, oldest_event),
	COLUMN(alarm_scalars_row, haEventNewest, newest_event),
};

const struct table agent_table = TABLE(agent_row, haAgent, agent_columns, NULL);
const struct table alarm_scalars_table = TABLE(alarm_scalars_row, haAlarm, alarm_columns, NULL);

void agent_open(struct changes *changes, const struct settings *settings,
		const struct instant *when)
{
	struct agent_row row = {
		.head.state = HaRowState_fresh,
		.started.wall = when->wall,
		.digest.length = sizeof(settings->digest),
		.actions = settings_allow_actions(settings) ? TruthValue_true : TruthValue_false,
	};

	TEXT_PUT(row.version, PACKAGE_VERSION);
	TEXT_PUT(row.node, settings->node);
	TEXT_PUT(row.file, settings->path);
	for (size_t i = 0; i < row.digest.length; i++)
		row.digest.octet[i] =
			(uint8_t)(settings->digest >> 8 * (row.digest.length - 1 - i));
	changes_put(changes, &agent_table, &row, when);
	agent_count(changes, when);
}

void agent_count(struct changes *changes, const struct instant *when)
{
	struct alarm_scalars_row row = {
		.head.state = HaRowState_fresh,
		.changed = changes->alarms.changed,
		.oldest_event = events_oldest(&changes->events),
		.newest_event = changes->events.newest,
	};

	row.worst = alarms_worst(&changes->alarms, &row.active);
	changes_put(changes, &alarm_scalars_table, &row, when);
}
