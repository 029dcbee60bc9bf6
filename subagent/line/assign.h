/* Passes the phases of a SET on to the hub.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_ASSIGN_H
#define HA_ASSIGN_H

struct line;
struct netsnmp_agent_request_info_s;
struct netsnmp_request_info_s;

/* One phase, in net-snmp's names: RESERVE1 and RESERVE2 come of AgentX TestSet, ACTION of
 * CommitSet, UNDO of UndoSet, COMMIT and FREE of CleanupSet, which has no answer. All assignments
 * of the SET are in `requests`, for the MIB is one registration. Returns an SNMP error-status. */
int assign(struct line *line, struct netsnmp_agent_request_info_s *information,
	   struct netsnmp_request_info_s *requests);

#endif
