/* Answers GET and GETNEXT.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/line/serve.h"

#include <net-snmp/net-snmp-config.h>
#include <net-snmp/net-snmp-includes.h>

#include "lib/rows.h"
#include "subagent/line/line.h"
#include "subagent/line/query.h"
#include "subagent/line/reply.h"
#include "subagent/line/value.h"

/* One answer: the name it goes under, and the value. */
struct answer {
	const uint32_t *name;
	size_t length;
	struct value value;
	struct cell cell;
};

static void find_exact(struct line *line, const struct range *range, struct answer *answer)
{
	switch (cells_get(&line->cells, range->start, range->start_length, &answer->cell)) {
	case CELL_FOUND:
		value_read(&answer->value, answer->cell.column, answer->cell.row, line->start);
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

static bool is_behind(const struct cell *cell, const struct range *range)
{
	return range->limit_length &&
	       index_compare(cell->oid, cell->length, range->limit, range->limit_length) >= 0;
}

static void find_next(struct line *line, const struct range *range, struct answer *answer)
{
	struct cell *cell = &answer->cell;

	if (cells_next(&line->cells, range->start, range->start_length, range->inclusive, cell) !=
		    CELL_FOUND ||
	    is_behind(cell, range)) {
		answer->value.type = VALUE_END_OF_VIEW;
		return;
	}
	answer->name = cell->oid;
	answer->length = cell->length;
	value_read(&answer->value, cell->column, cell->row, line->start);
}

static void find(struct line *line, const struct range *range, bool next, struct answer *answer)
{
	answer->name = range->start;
	answer->length = range->start_length;
	if (next)
		find_next(line, range, answer);
	else
		find_exact(line, range, answer);
}

bool serve_query(struct line *line, struct query *query, struct reply *reply)
{
	struct answer answer;
	struct range range;

	if (line->owed)
		line_catch_up(line);
	while (query_next(query, &range)) {
		find(line, &range, query->next, &answer);
		reply_add(reply, answer.name, answer.length, &answer.value);
	}
	return query_ended(query);
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

/* An identifier of the library as ours; its length, 0 when it is longer than SNMP allows. */
static size_t take_name(const oid *name, size_t length, uint32_t *taken)
{
	if (length > MIB_OID_MAX)
		return 0;
	for (size_t i = 0; i < length; i++)
		taken[i] = (uint32_t)name[i];
	return length;
}

/* The library itself sees to the limit. */
static void take_range(const netsnmp_variable_list *variable, struct range *range)
{
	range->start_length = take_name(variable->name, variable->name_length, range->start);
	range->limit_length = 0;
	range->inclusive = variable->type == ASN_PRIV_INCL_RANGE;
}

void serve_variable(struct line *line, netsnmp_variable_list *variable, bool next)
{
	struct answer answer;
	struct range range;
	oid name[MIB_OID_MAX];

	if (line->owed)
		line_catch_up(line);
	take_range(variable, &range);
	find(line, &range, next, &answer);
	for (size_t i = 0; i < answer.length; i++)
		name[i] = answer.name[i];
	if (next && answer.value.type != VALUE_END_OF_VIEW)
		snmp_set_var_objid(variable, name, answer.length);
	serve_value(variable, &answer.value);
}
