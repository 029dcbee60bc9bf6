/* The tables that the source of the groups' members fills.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/member/tables.h"

#include <stddef.h>

#include "subagent/groups/rows.h"

const struct table *const member_tables[] = { &group_member_table, NULL };
