/* All tables that there are: the hub's and those of every source.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/tables.h"

#include <assert.h>
#include <stddef.h>

#include "lib/table.h"
#include "subagent/agent.h"
#include "subagent/alarms.h"
#include "subagent/events.h"
#include "subagent/groups/rows.h"
#include "subagent/job_rows.h"
#include "subagent/requests/bond.h"
#include "subagent/requests/drbd.h"
#include "subagent/requests/group.h"
#include "subagent/requests/ipvs.h"
#include "subagent/requests/vrrp.h"
#include "subagent/source.h"
#include "subagent/source_row.h"

#define TABLES_MAX 64

static const struct table *const own[] = {
	&agent_table,        &source_table,      &group_table,       &action_table,
	&job_table,          &job_step_table,    &action_drbd_table, &force_drbd_table,
	&action_group_table, &force_group_table, &action_bond_table, &action_ipvs_table,
	&action_vrrp_table,  &force_vrrp_table,  &force_table,       &alarm_scalars_table,
	&alarm_table,
};

const struct table *const *tables_all(void)
{
	static const struct table *all[TABLES_MAX];
	size_t count = 0;

	if (all[0])
		return all;
	for (size_t i = 0; i < sizeof(own) / sizeof(*own); i++)
		all[count++] = own[i];
	for (size_t s = 0; source_tables[s]; s++)
		for (size_t t = 0; source_tables[s][t]; t++) {
			assert(count < TABLES_MAX - 1);
			all[count++] = source_tables[s][t];
		}
	/* Last: a reader that gets an event has got the row that it is about. */
	all[count] = &event_table;
	return all;
}
