/* Passes the phases of a SET on to the hub.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/line/assign.h"

#include <net-snmp/net-snmp-config.h>
#include <net-snmp/net-snmp-includes.h>
#include <net-snmp/agent/net-snmp-agent-includes.h>

#include <string.h>

#include "lib/frame.h"
#include "lib/log.h"
#include "lib/table.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/jobs.h"
#include "subagent/line/line.h"
#include "subagent/line/value.h"

/* The SET that is under way: the master agent has only one at a time (RFC 2741, 7.2.4). */
static struct set current;
static uint32_t transactions;

/* The writable column that a name belongs to, and the index behind it; an enum set_error. */
static int find_target(struct line *line, const netsnmp_variable_list *variable,
		       const struct column **column, struct set_change *change)
{
	uint32_t name[MIB_OID_MAX];
	struct cell cell;
	enum cell_outcome outcome;

	if (variable->name_length > MIB_OID_MAX)
		return SET_NO_CREATION;
	for (size_t i = 0; i < variable->name_length; i++)
		name[i] = (uint32_t)variable->name[i];
	outcome = cells_get(&line->cells, name, variable->name_length, &cell);
	if (outcome != CELL_FOUND && outcome != CELL_NO_INSTANCE)
		return SET_NOT_WRITABLE;
	if (mib_objects[cell.column->object].access != MIB_WRITE)
		return SET_NOT_WRITABLE;
	if (outcome == CELL_NO_INSTANCE)
		return SET_NO_CREATION;
	*column = cell.column;
	change->object = cell.column->object;
	change->index_length = (uint16_t)table_index(cell.rows->table, cell.row, change->index);
	return SET_NO_ERROR;
}

/* What the library has decoded, as ours. Only what can be assigned needs its content. */
static void take_value(const netsnmp_variable_list *variable, struct value *value)
{
	value->type = variable->type;
	value->octets = variable->val.string;
	value->length = variable->val_len;
	value->number = 0;
	if (variable->type == ASN_INTEGER || variable->type == ASN_GAUGE)
		value->number = (uint64_t)*variable->val.integer;
}

static int take_change(struct line *line, const netsnmp_variable_list *variable)
{
	const struct column *column = NULL;
	struct set_change *change;
	struct value value;
	int error;

	if (current.count == SET_CHANGES_MAX)
		return SET_RESOURCE_UNAVAILABLE;
	change = &current.changes[current.count];
	error = find_target(line, variable, &column, change);
	take_value(variable, &value);
	if (error == SET_NO_ERROR)
		error = value_assign(&value, column, change);
	if (error == SET_NO_ERROR)
		current.count++;
	return error;
}

/* Collect the whole SET, stopping at what cannot be assigned. */
static int collect(struct line *line, netsnmp_agent_request_info *information,
		   netsnmp_request_info *requests)
{
	memset(&current, 0, sizeof(current));
	current.transaction = ++transactions;
	current.origin = haActionOrigin_snmp;
	for (; requests; requests = requests->next) {
		int error = take_change(line, requests->requestvb);

		if (error != SET_NO_ERROR) {
			netsnmp_set_request_error(information, requests, error);
			return error;
		}
	}
	return SNMP_ERR_NOERROR;
}

/* Ask the hub, and lay its refusal at the assignment that is at fault. */
static int ask(struct line *line, netsnmp_agent_request_info *information,
	       netsnmp_request_info *requests, enum set_phase phase)
{
	struct verdict verdict;

	current.phase = phase;
	if (!line_ask(line, &current, &verdict)) {
		log_warning("the hub does not answer a SET");
		netsnmp_set_request_error(information, requests, SNMP_ERR_GENERR);
		return SNMP_ERR_GENERR;
	}
	if (verdict.error == SET_NO_ERROR)
		return SNMP_ERR_NOERROR;
	log_info("refused a SET: %s", verdict.message);
	for (uint16_t i = 0; i < verdict.which && requests->next; i++)
		requests = requests->next;
	netsnmp_set_request_error(information, requests, verdict.error);
	return verdict.error;
}

/* The last phase: nobody can be told of a refusal any more. */
static void tell(struct line *line, enum set_phase phase)
{
	current.phase = phase;
	line_tell(line, &current);
}

int assign(struct line *line, netsnmp_agent_request_info *information,
	   netsnmp_request_info *requests)
{
	switch (information->mode) {
	case MODE_SET_RESERVE1:
		return collect(line, information, requests);
	case MODE_SET_RESERVE2:
		return ask(line, information, requests, SET_TEST);
	case MODE_SET_ACTION:
		return ask(line, information, requests, SET_RESERVE);
	case MODE_SET_COMMIT:
		tell(line, SET_COMMIT);
		break;
	case MODE_SET_UNDO:
		tell(line, SET_UNDO);
		break;
	default:
		break;
	}
	return SNMP_ERR_NOERROR;
}
