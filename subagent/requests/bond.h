/* Requests for the active port of a bond: haActionBondTable.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_REQUEST_BOND_H
#define HA_REQUEST_BOND_H

#include "subagent/requests/request.h"

struct action_bond_row {
	struct row head;
	char name[16];
	char port[16];
	int32_t allowed; /* enum TruthValue */
	uint32_t last_job;
};

extern const struct table action_bond_table;
extern const struct request_kind request_bond;

#endif
