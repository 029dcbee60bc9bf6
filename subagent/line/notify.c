/* Sends notifications for the events on the board.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/line/notify.h"

#include <net-snmp/net-snmp-config.h>
#include <net-snmp/net-snmp-includes.h>

#include <string.h>

#include "lib/rows.h"
#include "lib/table.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/events.h"
#include "subagent/line/line.h"
#include "subagent/line/master.h"
#include "subagent/line/serve.h"
#include "subagent/line/value.h"

/* Notifications that may wait for the master agent's answer. The socket takes some 200 KB; more
 * than that, and both sides wait for each other to read. */
#define WINDOW 8

static const oid trap_name[] = { 1, 3, 6, 1, 6, 3, 1, 1, 4, 1, 0 }; /* snmpTrapOID.0 */

/* Events sent in this session; position = number of the notification in it. */
static uint32_t window[WINDOW];
static unsigned int handed;       /* to the library, in this session */
static unsigned int acknowledged; /* by the master agent, of these */
static uint32_t passed;           /* what is up to here is handed over, or has no notification */
static bool was_connected;

static netsnmp_variable_list *append(netsnmp_variable_list **list, const uint32_t *name,
				     size_t length)
{
	oid full[MIB_OID_MAX];

	for (size_t i = 0; i < length; i++)
		full[i] = name[i];
	return snmp_varlist_add_variable(list, full, length, ASN_NULL, NULL, 0);
}

/* The row that an object of the notification is read from, and its index. */
static const struct entry *find_source(const struct line *line, const struct event_row *event,
				       unsigned int object, const struct table **table)
{
	uint32_t own[1] = { event->sequence }, scalar[1] = { 0 };
	const struct rows *rows = board_rows(&line->board, mib_objects[object].parent);

	if (!rows)
		return NULL;
	*table = rows->table;
	if (rows->table->entry == mib_haEventEntry)
		return rows_find(rows, own, 1);
	if (mib_objects[object].kind == MIB_KIND_SCALAR)
		return rows_find(rows, scalar, 1);
	return rows_find(rows, event->index, event->index_length);
}

static void append_object(const struct line *line, const struct event_row *event,
			  unsigned int object, netsnmp_variable_list **list)
{
	const struct table *table = NULL;
	const struct entry *entry = find_source(line, event, object, &table);
	const struct column *column = table ? table_column(table, object) : NULL;
	uint32_t name[MIB_OID_MAX];
	size_t length = mib_oid(object, name);
	struct value value = { .type = VALUE_NULL };
	netsnmp_variable_list *variable;

	if (!column)
		return;
	if (entry) {
		memcpy(name + length, entry->index, entry->index_length * sizeof(*name));
		length += entry->index_length;
	} else {
		memcpy(name + length, event->index, event->index_length * sizeof(*name));
		length += event->index_length;
	}
	variable = append(list, name, length);
	if (object == event->changed && column->storage != STORE_TEXT)
		value_write(&value, column, event->new_state, line->start);
	else if (entry && table_has(column, entry->row))
		value_read(&value, column, entry->row, line->start);
	serve_value(variable, &value);
}

static void send_event(const struct line *line, const struct event_row *event)
{
	const uint16_t *objects = mib_objects[event->notification].list;
	netsnmp_variable_list *list = NULL;
	uint32_t name[MIB_OID_MAX];
	oid identity[MIB_OID_MAX];
	size_t length = mib_oid(event->notification, name);

	for (size_t i = 0; i < length; i++)
		identity[i] = name[i];
	snmp_varlist_add_variable(&list, trap_name, OID_LENGTH(trap_name), ASN_OBJECT_ID, identity,
				  length * sizeof(*identity));
	for (; objects && *objects; objects++)
		append_object(line, event, *objects, &list);
	master_notify(list);
	snmp_free_varbind(list);
}

/* Bring line->sent up to what the master agent has answered. */
static void take_answers(struct line *line)
{
	unsigned int total, answered;

	if (!master_connected()) {
		was_connected = false;
		return;
	}
	if (!was_connected)
		handed = acknowledged = passed = 0;
	was_connected = true;
	master_notifications(&total, &answered);
	while (acknowledged < answered && acknowledged < handed)
		line->sent = window[acknowledged++ % WINDOW];
}

/* The newest event that has been handed over. */
static uint32_t last_handed(const struct line *line)
{
	return handed > acknowledged ? window[(handed - 1) % WINDOW] : line->sent;
}

/* The oldest one that has not; those that are held back are passed over, once. */
static const struct event_row *next_event(const struct line *line)
{
	const struct rows *rows = board_rows(&line->board, mib_haEventEntry);
	uint32_t last = last_handed(line);
	uint32_t index[1] = { (last > passed ? last : passed) + 1 };
	const struct event_row *event;

	for (size_t i = rows_position(rows, index, 1); i < rows->count; i++) {
		event = rows->entries[i]->row;
		if (event->held == TruthValue_false)
			return event;
		passed = event->sequence;
	}
	return NULL;
}

/* The log holds so many; of those between the last that was handed over and this one, the ones with
 * a notification are gone. */
static void note_gap(struct line *line, const struct event_row *event)
{
	uint32_t last = last_handed(line);

	if (event->sent_before <= last)
		return;
	if (!line->first_lost)
		line->first_lost = last + 1;
	line->last_lost = event->sent_before;
}

void notify(struct line *line)
{
	const struct event_row *event;

	take_answers(line);
	while (was_connected && handed - acknowledged < WINDOW && (event = next_event(line))) {
		note_gap(line, event);
		send_event(line, event);
		window[handed++ % WINDOW] = event->sequence;
	}
}
