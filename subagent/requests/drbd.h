/* Requests for the role of a DRBD resource: haActionDrbdTable, haForceDrbdTable.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_REQUEST_DRBD_H
#define HA_REQUEST_DRBD_H

#include "subagent/requests/request.h"

struct action_drbd_row {
	struct row head;
	char name[65];
	int32_t request; /* enum haActionDrbdRequest */
	int32_t allowed; /* enum TruthValue */
	uint32_t last_job;
};

struct force_drbd_row {
	struct row head;
	char name[65];
	int32_t request; /* enum haForceDrbdRequest */
};

extern const struct table action_drbd_table, force_drbd_table;
extern const struct request_kind request_drbd;

#endif
