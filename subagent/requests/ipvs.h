/* Requests to drain and restore a real server: haActionIpvsTable.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_REQUEST_IPVS_H
#define HA_REQUEST_IPVS_H

#include "subagent/requests/request.h"

struct action_ipvs_row {
	struct row head;
	int32_t protocol, service_type;
	uint32_t service_port; /* or the firewall mark */
	int32_t address_type;
	uint32_t port;
	struct octets service, address;
	int32_t request;  /* enum haActionIpvsRequest */
	uint32_t seconds; /* left of a drain */
	int32_t allowed;  /* enum TruthValue */
	uint32_t last_job;
};

extern const struct table action_ipvs_table;
extern const struct request_kind request_ipvs;

#endif
