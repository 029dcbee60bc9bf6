/* Requests to hold and release a VRRP instance: haActionVrrpTable, haForceVrrpTable.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_REQUEST_VRRP_H
#define HA_REQUEST_VRRP_H

#include "subagent/requests/request.h"

struct action_vrrp_row {
	struct row head;
	char name[65];
	int32_t request;  /* enum haActionVrrpRequest */
	uint32_t seconds; /* left of a hold */
	int32_t allowed;  /* enum TruthValue */
	uint32_t last_job;
};

struct force_vrrp_row {
	struct row head;
	char name[65];
	int32_t request; /* enum haForceVrrpRequest */
};

extern const struct table action_vrrp_table, force_vrrp_table;
extern const struct request_kind request_vrrp;

#endif
