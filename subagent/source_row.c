/* haSourceTable: how the sources are doing.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/source_row.h"

#include "mib/ha-agentx-mib.h"

static const struct level state_levels[] = {
	{ haSourceState_backoff, HaSeverity_major, HaAlarmType_sourceUnavailable },
	{ haSourceState_unavailable, HaSeverity_major, HaAlarmType_sourceUnavailable },
	{ haSourceState_hung, HaSeverity_major, HaAlarmType_sourceHung },
	{ .value = LEVELS_END },
};

static const struct watch state_watch = {
	.notification = mib_haSourceStateChange,
	.counts = true,
	.levels = state_levels,
};

static const struct column columns[] = {
	COLUMN(source_row, haSourceName, name),
	WATCHED_COLUMN(source_row, haSourceState, state, &state_watch),
	COLUMN(source_row, haSourceLastChange, head.changed),
	COLUMN(source_row, haSourceTransitions, head.transitions),
	COLUMN(source_row, haSourceReason, reason),
	COLUMN(source_row, haSourceLastError, error),
	COLUMN(source_row, haSourceLastErrorTime, error_time),
	COLUMN(source_row, haSourceAge, age),
	COLUMN(source_row, haSourceRestarts, restarts),
	COLUMN(source_row, haSourceRows, rows),
	COLUMN(source_row, haSourceCollectTime, collect_time),
	COLUMN(source_row, haSourceUnknownWords, unknown_words),
	COLUMN(source_row, haSourceRejectedLines, rejected_lines),
	COLUMN(source_row, haSourcePid, pid),
};

const struct table source_table = TABLE(source_row, haSourceEntry, columns, NULL);
