/* Answers GET and GETNEXT, from what net-snmp has decoded.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/line/serve.h"

#include <net-snmp/net-snmp-config.h>
#include <net-snmp/net-snmp-includes.h>
#include <net-snmp/agent/net-snmp-agent-includes.h>

#include "lib/rows.h"
#include "subagent/line/line.h"
#include "subagent/line/reply.h"
#include "subagent/line/value.h"

/* One answer: the name it goes under, and the value. */
struct answer {
	uint32_t uptime; /* hundredths of a second: the clock is asked once for all of a PDU */
	const uint32_t *name;
	size_t length;
	struct value value;
	uint32_t asked[MIB_OID_MAX];
	struct cell cell;
};

/* An identifier as ours; its length, 0 when it is longer than SNMP allows. */
static size_t take_name(const oid *name, size_t length, uint32_t *taken)
{
	if (length > MIB_OID_MAX)
		return 0;
	for (size_t i = 0; i < length; i++)
		taken[i] = (uint32_t)name[i];
	return length;
}

static void find_exact(struct line *line, struct answer *answer)
{
	switch (cells_get(&line->cells, answer->asked, answer->length, &answer->cell)) {
	case CELL_FOUND:
		value_read(&answer->value, answer->cell.column, answer->cell.row, answer->uptime);
		break;
	case CELL_NO_INSTANCE:
		answer->value.type = VALUE_NO_INSTANCE;
		break;
	case CELL_NO_OBJECT:
	case CELL_END:
		answer->value.type = VALUE_NO_OBJECT;
		break;
	}
}

/* Whether the search range (RFC 2741, 5.2) ends before the cell. The decoder leaves its end in the
 * variable's value; no end is nothing, or 0.0. */
static bool range_ends(const netsnmp_variable_list *variable, const struct cell *cell)
{
	size_t length = variable->val_len / sizeof(oid);
	const oid *end = variable->val.objid;

	if (variable->type != ASN_PRIV_INCL_RANGE && variable->type != ASN_PRIV_EXCL_RANGE)
		return false;
	if (!end || length == 0 || (length == 2 && end[0] == 0 && end[1] == 0))
		return false;
	for (size_t i = 0; i < length && i < cell->length; i++)
		if (cell->oid[i] != end[i])
			return cell->oid[i] > end[i];
	return cell->length >= length;
}

static void find_next(struct line *line, const netsnmp_variable_list *variable,
		      struct answer *answer)
{
	bool inclusive = variable->type == ASN_PRIV_INCL_RANGE;

	if (cells_next(&line->cells, answer->asked, answer->length, inclusive, &answer->cell) !=
		    CELL_FOUND ||
	    range_ends(variable, &answer->cell)) {
		answer->value.type = VALUE_END_OF_VIEW;
		return;
	}
	answer->name = answer->cell.oid;
	answer->length = answer->cell.length;
	value_read(&answer->value, answer->cell.column, answer->cell.row, answer->uptime);
}

static void find(struct line *line, const netsnmp_variable_list *variable, bool next,
		 struct answer *answer)
{
	answer->name = answer->asked;
	answer->length = take_name(variable->name, variable->name_length, answer->asked);
	if (next)
		find_next(line, variable, answer);
	else
		find_exact(line, answer);
}

void serve_pdu(struct line *line, const netsnmp_pdu *request, bool next, struct reply *reply)
{
	struct answer answer = { .uptime = (uint32_t)netsnmp_get_agent_uptime() };

	if (line->owed)
		line_catch_up(line);
	for (const netsnmp_variable_list *variable = request->variables; variable;
	     variable = variable->next_variable) {
		find(line, variable, next, &answer);
		reply_add(reply, answer.name, answer.length, &answer.value);
	}
}

void serve_value(netsnmp_variable_list *variable, const struct value *value)
{
	struct counter64 wide = { .high = value->number >> 32, .low = value->number & UINT32_MAX };
	long number = value->type == VALUE_INTEGER ? (int32_t)value->number : (long)value->number;

	if (value->type == VALUE_OCTETS)
		snmp_set_var_typed_value(variable, ASN_OCTET_STR, value->octets, value->length);
	else if (value->type == VALUE_COUNTER64)
		snmp_set_var_typed_value(variable, ASN_COUNTER64, &wide, sizeof(wide));
	else if (value->type >= VALUE_NO_OBJECT || value->type == VALUE_NULL)
		snmp_set_var_typed_value(variable, (unsigned char)value->type, NULL, 0);
	else
		snmp_set_var_typed_value(variable, (unsigned char)value->type, &number,
					 sizeof(number));
}

void serve_variable(struct line *line, netsnmp_variable_list *variable, bool next)
{
	struct answer answer = { .uptime = (uint32_t)netsnmp_get_agent_uptime() };
	oid name[MIB_OID_MAX];

	if (line->owed)
		line_catch_up(line);
	find(line, variable, next, &answer);
	for (size_t i = 0; i < answer.length; i++)
		name[i] = answer.name[i];
	if (next && answer.value.type != VALUE_END_OF_VIEW)
		snmp_set_var_objid(variable, name, answer.length);
	serve_value(variable, &answer.value);
}
