/* A hub in small for its tests: a board, the books, settings, and a clock that tests move.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "tests/unit/world.h"

#include <string.h>

#include "lib/memory.h"
#include "lib/settings_bond.h"
#include "lib/settings_ipvs.h"
#include "lib/settings_group.h"
#include "lib/settings_vrrp.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/source.h"
#include "subagent/sources/drbd/rows.h"
#include "subagent/tables.h"

struct world world;

/* ---- the sample ---- */

static bool is_client(const void *row)
{
	const struct sample_row *sample = row;

	return !strcmp(sample->name, "client");
}

/* A port that goes down with its bond is no news. */
static bool goes_down_with_bond(const void *row, const void *before)
{
	const struct sample_row *sample = row, *old = before;

	return !strcmp(sample->name, "port") && sample->redundancy != old->redundancy;
}

static const struct level state_levels[] = {
	{ haBondOperState_down, HaSeverity_major, HaAlarmType_bondDown },
	{ haBondOperState_dormant, HaSeverity_warning, HaAlarmType_bondDegraded },
	{ haBondOperState_testing, HaSeverity_info, 0 },
	{ .value = LEVELS_END },
};

static const struct watch state_watch = {
	.notification = mib_haBondLinkChange,
	.counts = true,
	.levels = state_levels,
	.excused = is_client,
	.known = goes_down_with_bond,
	.reason = mib_haBondMonitoring,
};

static const struct watch reason_watch = {
	.notification = mib_haBondLinkChange,
	.beside = mib_haBondOperState,
};

static const struct level redundancy_levels[] = {
	{ haBondRedundancy_degraded, HaSeverity_critical, HaAlarmType_bondNoRedundancy },
	{ haBondRedundancy_none, HaSeverity_critical, HaAlarmType_bondNoRedundancy },
	{ .value = LEVELS_END },
};

static const struct watch redundancy_watch = {
	.notification = mib_haBondRedundancyChange,
	.cleared_notification = mib_haBondActivePortChange,
	.levels = redundancy_levels,
};

static const struct column columns[] = {
	COLUMN(sample_row, haBondName, name),
	COLUMN(sample_row, haBondRowState, head.state),
	COLUMN(sample_row, haBondLastChange, head.changed),
	COLUMN(sample_row, haBondTransitions, head.transitions),
	WATCHED_COLUMN(sample_row, haBondOperState, state, &state_watch),
	WATCHED_COLUMN(sample_row, haBondRedundancy, redundancy, &redundancy_watch),
	WATCHED_COLUMN(sample_row, haBondMonitoring, reason, &reason_watch),
	WATCHED_COLUMN(sample_row, haBondUpDelay, updelay, &watch_quiet),
	COLUMN(sample_row, haBondPorts, ports),
};

const struct table sample_table = TABLE(sample_row, haBondEntry, columns, NULL);

struct sample_row sample_fine(const char *name)
{
	struct sample_row row = {
		.head.state = HaRowState_fresh,
		.state = haBondOperState_up,
		.redundancy = haBondRedundancy_full,
		.reason = haBondMonitoring_none,
	};

	TEXT_PUT(row.name, name);
	return row;
}

void sample_say(const struct sample_row *row)
{
	changes_put(&world.changes, &sample_table, row, &world.when);
}

const struct sample_row *sample_shown(const char *name)
{
	struct sample_row key = sample_fine(name);

	return board_row(&world.board, mib_haBondEntry, &key);
}

/* ---- the sources ---- */

static bool is_wanted(const struct settings *settings)
{
	return settings->drbd != WATCH_NO;
}

static bool is_heralded(const struct settings *settings)
{
	(void)settings;
	return world.heralded;
}

static const struct table *const sample_tables[] = { &sample_table, NULL };
static const struct source sample = { .name = "sample",
				      .tables = sample_tables,
				      .wanted = is_wanted };
static const struct table *const herald_tables[] = { NULL };
static const struct source herald = {
	.name = "herald", .tables = herald_tables, .first = true, .wanted = is_heralded
};
static const struct source drbd = { .name = "drbd", .tables = drbd_tables, .wanted = is_wanted };

const struct source *const sources[] = { &sample, &drbd, &herald, NULL };
const struct table *const *const source_tables[] = { sample_tables, drbd_tables, herald_tables,
						     NULL };

/* ---- the world ---- */

static const struct settings_resource resources[] = { { "r0", true }, { "r1", false } };

int world_make(void **state)
{
	static char node[] = "here";
	static struct settings_bond no_bond;
	static struct settings_ipvs no_ipvs;
	static struct settings_vrrp no_vrrp;
	static struct settings_groups no_groups;

	(void)state;
	memset(&world, 0, sizeof(world));
	memcpy(world.resources, resources, sizeof(resources));
	world.settings = (struct settings){
		.path = "ha-agentx.conf",
		.digest = 0x0123456789abcdef,
		.node = node,
		.events = 20,
		.stale_limit = 30000,
		.drbd_deadline = 10000,
		.resources_count = sizeof(resources) / sizeof(*resources),
		.resources = world.resources,
		.bond = &no_bond,
		.ipvs = &no_ipvs,
		.vrrp = &no_vrrp,
		.groups = &no_groups,
	};
	world.when = (struct instant){ WORLD_START, WORLD_WALL };
	board_open(&world.board, tables_all());
	changes_open(&world.changes, &world.board, 0, world.settings.events);
	return 0;
}

int world_remove(void **state)
{
	(void)state;
	changes_close(&world.changes);
	board_close(&world.board);
	return 0;
}

void world_pass(int64_t milliseconds)
{
	world.when.now += milliseconds;
	world.when.wall += milliseconds;
}

static const struct entry *find_entry(unsigned int table, size_t position)
{
	const struct rows *rows = board_rows(&world.board, table);

	for (size_t i = 0; i < rows->count; i++)
		if (!rows->entries[i]->gone && position-- == 0)
			return rows->entries[i];
	return NULL;
}

size_t world_count(unsigned int entry)
{
	size_t count = 0;

	while (find_entry(entry, count))
		count++;
	return count;
}

const struct event_row *world_event(uint32_t back)
{
	struct event_row key = { .sequence = world.changes.events.newest - back };

	return board_row(&world.board, mib_haEventEntry, &key);
}

const struct alarm_row *world_alarm(size_t position)
{
	const struct entry *entry = find_entry(mib_haAlarmEntry, position);

	return entry ? entry->row : NULL;
}
