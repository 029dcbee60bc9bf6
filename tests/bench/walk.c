/* Walks the columns of a table by GETBULK and proves that it saw every row once, in order.
 * SPDX-License-Identifier: BSD-2-Clause
 *
 *     walk AGENT ENTRY FIRST COLUMNS WIDTH ROWS TIMES
 *
 * asks the snmpd at AGENT (ADDRESS:PORT) for COLUMNS columns of the conceptual row ENTRY, numbered
 * from FIRST on, WIDTH of them in parallel. It prints the varbinds it got, those past the end of a
 * column included, because they cost as much as the others, and the seconds it took. A missing,
 * foreign or repeated row ends it with status 1.
 */
#include <net-snmp/net-snmp-config.h>
#include <net-snmp/net-snmp-includes.h>

#include <err.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { REPETITIONS = 50, COLUMNS_MAX = 32, SECONDS_MAX = 600 };

/* Where the walk of one column stands. */
struct cursor {
	oid name[MAX_OID_LEN];
	size_t length;
	unsigned long rows;
	uint64_t hash; /* of the indexes seen: equal columns have equal rows */
	bool done;
};

static struct {
	oid name[MAX_OID_LEN];
	size_t length;
	unsigned long first, columns, width, rows;
} table;

static unsigned long varbinds;

static void cursor_start(struct cursor *cursor, unsigned long column)
{
	memcpy(cursor->name, table.name, table.length * sizeof(oid));
	cursor->name[table.length] = column;
	cursor->length = table.length + 1;
	cursor->rows = 0;
	cursor->hash = 14695981039346656037U; /* FNV-1a */
	cursor->done = false;
}

/* Whether the varbind is a cell of the cursor's column. */
static bool cursor_owns(const struct cursor *cursor, const netsnmp_variable_list *varbind)
{
	return varbind->type != SNMP_ENDOFMIBVIEW && varbind->name_length > table.length + 1 &&
	       snmp_oid_compare(varbind->name, table.length + 1, cursor->name, table.length + 1) ==
		       0;
}

static void cursor_take(struct cursor *cursor, const netsnmp_variable_list *varbind)
{
	const oid *name = varbind->name;
	size_t length = varbind->name_length;
	unsigned long column = cursor->name[table.length];

	if (cursor->done)
		return;
	if (!cursor_owns(cursor, varbind)) {
		cursor->done = true;
		return;
	}
	if (snmp_oid_compare(name, length, cursor->name, cursor->length) <= 0)
		errx(1, "column %lu: out of order after row %lu", column, cursor->rows);
	if (varbind->type == SNMP_NOSUCHOBJECT || varbind->type == SNMP_NOSUCHINSTANCE)
		errx(1, "column %lu: an exception where a value belongs", column);
	if (++cursor->rows > table.rows)
		errx(1, "column %lu: more than %lu rows", column, table.rows);
	cursor->length = length;
	memcpy(cursor->name, name, length * sizeof(oid));
	for (size_t i = table.length + 1; i < length; i++)
		cursor->hash = (cursor->hash ^ name[i]) * 1099511628211U;
}

/* Ask once for what follows the cursors that are not done; false when all are. */
static bool cursors_advance(netsnmp_session *session, struct cursor *cursors, unsigned long count)
{
	struct cursor *asked[COLUMNS_MAX];
	unsigned long width = 0, taken = 0;
	netsnmp_pdu *request = snmp_pdu_create(SNMP_MSG_GETBULK), *response = NULL;

	request->non_repeaters = 0;
	request->max_repetitions = REPETITIONS;
	for (unsigned long i = 0; i < count; i++) {
		if (cursors[i].done)
			continue;
		asked[width++] = &cursors[i];
		snmp_add_null_var(request, cursors[i].name, cursors[i].length);
	}
	if (width == 0) {
		snmp_free_pdu(request);
		return false;
	}
	if (snmp_synch_response(session, request, &response) != STAT_SUCCESS)
		errx(1, "no answer: %s", snmp_api_errstring(session->s_snmp_errno));
	if (response->errstat != SNMP_ERR_NOERROR)
		errx(1, "answered %s", snmp_errstring((int)response->errstat));
	for (netsnmp_variable_list *v = response->variables; v != NULL; v = v->next_variable)
		cursor_take(asked[taken++ % width], v);
	if (taken < width)
		errx(1, "%lu varbinds for %lu columns", taken, width);
	varbinds += taken;
	snmp_free_pdu(response);
	return true;
}

static void table_walk(netsnmp_session *session)
{
	static struct cursor cursors[COLUMNS_MAX];

	for (unsigned long i = 0; i < table.columns; i++)
		cursor_start(&cursors[i], table.first + i);
	for (unsigned long i = 0; i < table.columns; i += table.width) {
		unsigned long left = table.columns - i;
		unsigned long width = left < table.width ? left : table.width;

		while (cursors_advance(session, &cursors[i], width))
			;
	}
	for (unsigned long i = 0; i < table.columns; i++)
		if (cursors[i].rows != table.rows || cursors[i].hash != cursors[0].hash)
			errx(1, "column %lu: %lu rows, not the %lu of the table", table.first + i,
			     cursors[i].rows, table.rows);
}

static netsnmp_session *session_open(const char *agent)
{
	static u_char community[] = "public";
	char peer[64];
	netsnmp_session request, *session;

	snprintf(peer, sizeof(peer), "udp:%s", agent);
	setenv("MIBS", "", 1);
	netsnmp_ds_set_boolean(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_DONT_PERSIST_STATE, 1);
	snmp_sess_init(&request);
	request.peername = peer;
	request.version = SNMP_VERSION_2c;
	request.community = community;
	request.community_len = sizeof(community) - 1;
	request.timeout = 30 * ONE_SEC;
	request.retries = 0;
	init_snmp("walk");
	session = snmp_open(&request);
	if (session == NULL)
		errx(1, "%s: %s", peer, snmp_api_errstring(request.s_snmp_errno));
	return session;
}

static unsigned long number(const char *text, unsigned long least, unsigned long most)
{
	char *rest;
	unsigned long value = strtoul(text, &rest, 10);

	if (rest == text || *rest != '\0' || value < least || value > most)
		errx(2, "%s: not a number from %lu to %lu", text, least, most);
	return value;
}

int main(int argc, char **argv)
{
	struct timespec start, end;
	netsnmp_session *session;
	unsigned long times;

	if (argc != 8)
		errx(2, "usage: walk AGENT ENTRY FIRST COLUMNS WIDTH ROWS TIMES");
	session = session_open(argv[1]);
	table.length = MAX_OID_LEN - 1;
	if (!read_objid(argv[2], table.name, &table.length))
		errx(2, "%s: not a dotted name", argv[2]);
	table.first = number(argv[3], 1, UINT32_MAX);
	table.columns = number(argv[4], 1, COLUMNS_MAX);
	table.width = number(argv[5], 1, COLUMNS_MAX);
	table.rows = number(argv[6], 0, UINT32_MAX);
	times = number(argv[7], 1, UINT32_MAX);
	alarm(SECONDS_MAX);

	clock_gettime(CLOCK_MONOTONIC, &start);
	while (times-- > 0)
		table_walk(session);
	clock_gettime(CLOCK_MONOTONIC, &end);
	printf("varbinds %lu seconds %.3f\n", varbinds,
	       (double)(end.tv_sec - start.tv_sec) + 1e-9 * (double)(end.tv_nsec - start.tv_nsec));
	snmp_close(session);
	return 0;
}
