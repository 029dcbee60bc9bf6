/* The active alarms, haAlarmTable: what is wrong now.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/alarms.h"

#include <stdlib.h>
#include <string.h>

#include "lib/memory.h"
#include "lib/sorted.h"
#include "subagent/board.h"
#include "subagent/events.h"

static const struct column columns[] = {
	COLUMN(alarm_row, haAlarmId, id),
	COLUMN(alarm_row, haAlarmKind, kind),
	COLUMN(alarm_row, haAlarmSeverity, severity),
	COLUMN(alarm_row, haAlarmSubject, subject),
	COLUMN(alarm_row, haAlarmTime, time),
	COLUMN(alarm_row, haAlarmSince, since),
	COLUMN(alarm_row, haAlarmText, text),
};

const struct table alarm_table = TABLE(alarm_row, haAlarmEntry, columns, NULL);

/* What to do, by kind; the sentence before it says what is wrong. */
static const struct {
	int32_t kind;
	const char *text;
} advice[] = {
	{ HaAlarmType_sourceUnavailable, "see haSourceLastError for what it lacks" },
	{ HaAlarmType_sourceHung,
	  "the system it watches does not answer; look at the kernel's log" },
	{ HaAlarmType_drbdResourceDown,
	  "bring it up with drbdadm up, or take it out of the configuration" },
	{ HaAlarmType_drbdDisconnected, "check the peer and the replication link" },
	{ HaAlarmType_drbdStandAlone, "find out why, then drbdadm connect" },
	{ HaAlarmType_drbdSplitBrain,
	  "decide whose data to keep, then connect the other with --discard-my-data" },
	{ HaAlarmType_drbdDiskless, "check the backing disk, then drbdadm attach" },
	{ HaAlarmType_drbdNotUpToDate, "this node cannot serve alone until it is resynchronised" },
	{ HaAlarmType_drbdPeerNotUpToDate, "the peer cannot take over until it is resynchronised" },
	{ HaAlarmType_drbdResyncing, "do not switch over until it is done" },
	{ HaAlarmType_drbdQuorumLost, "bring back enough nodes" },
	{ HaAlarmType_dnsServerDown, "start it, or take it out of use" },
	{ HaAlarmType_dnsServerDegraded, "look at its load and the way to it" },
	{ HaAlarmType_dnsZoneLate, "look for failed transfers in the log of the secondary" },
	{ HaAlarmType_dnsZoneAhead, "raise the serial of the primary above that of this server" },
	{ HaAlarmType_dnsZoneUnavailable, "see why the server does not answer for it with AA" },
	{ HaAlarmType_dnsSignatureExpiring, "see why the signer does not sign" },
	{ HaAlarmType_dnsBogus, "compare the DS at the parent with the keys of the zone" },
	{ HaAlarmType_dnsDisagreement, "see which server has other data at the same serial" },
	{ HaAlarmType_dnsGateClosed, "see the servers that the gate names" },
	{ HaAlarmType_dnsGateFileFailed,
	  "keepalived acts on an old verdict; see haDnsGateLastError" },
	{ HaAlarmType_dnsResolverSlow, "move a server that answers to the front of resolv.conf" },
	{ HaAlarmType_dnsResolverDown, "see the servers that resolv.conf names" },
	{ HaAlarmType_bondMissing, "make it, or take it out of the configuration" },
	{ HaAlarmType_bondDown, "see the links of its ports in haBondPortTable" },
	{ HaAlarmType_bondNoRedundancy, "see which links are down in haBondPortTable" },
	{ HaAlarmType_bondDegraded, "see which link is down in haBondPortTable" },
	{ HaAlarmType_bondUnmonitored, "set miimon, or arp_interval" },
	{ HaAlarmType_bondPortProblem, "compare the port with the others, and with the switch" },
	{ HaAlarmType_drbdSuspended, "find out who suspended it, then drbdadm resume-io" },
	{ HaAlarmType_vrrpKeepalivedGone,
	  "start keepalived; if it was killed, its addresses are still here" },
	{ HaAlarmType_vrrpInstanceMissing, "see keepalived's configuration and its log" },
	{ HaAlarmType_vrrpFault, "see haVrrpInstanceReason, and what it tracks" },
	{ HaAlarmType_vrrpNoMaster, "nobody serves the address: see the state on the other nodes" },
	{ HaAlarmType_vrrpTwoMasters,
	  "the nodes do not hear each other: see links, switches, and haVrrpRouterMismatch" },
	{ HaAlarmType_vrrpMasterWithoutAddress, "see keepalived's log, or restart it" },
	{ HaAlarmType_vrrpAddressWithoutMaster, "remove the address by hand, or start keepalived" },
	{ HaAlarmType_vrrpAddressMissing,
	  "see haVrrpAddressTable for which, and restart keepalived" },
	{ HaAlarmType_vrrpRouterMismatch, "compare the two configurations of keepalived" },
	{ HaAlarmType_vrrpHeld, "release it when it is not needed any more" },
	{ HaAlarmType_vrrpPeerNotReady, "the other node would not take over: see haVrrpPeerCause" },
	{ HaAlarmType_ipvsServiceDown, "see its real servers in haIpvsRealTable" },
	{ HaAlarmType_ipvsServiceDegraded, "see which real server is out in haIpvsRealTable" },
	{ HaAlarmType_ipvsRealDrained, "restore it when it is not needed any more" },
};

static const char *advice_for(int32_t kind)
{
	for (size_t i = 0; i < sizeof(advice) / sizeof(*advice); i++)
		if (advice[i].kind == kind)
			return advice[i].text;
	return "see the row of the subject";
}

/* ---- the standing ones, in order of what they are about ---- */

static int compare(const void *element, const void *key)
{
	const struct alarm_row *one = *(const struct alarm_row *const *)element, *other = key;

	if (one->object != other->object)
		return one->object < other->object ? -1 : 1;
	return index_compare(one->index, one->index_length, other->index, other->index_length);
}

/* Position of the first that is not before `key`. */
static size_t position_of(const struct alarms *alarms, const struct alarm_row *key)
{
	return sorted_position(alarms->standing, alarms->count, sizeof(*alarms->standing), key,
			       compare);
}

static const struct alarm_row *find(const struct alarms *alarms, unsigned int object,
				    const uint32_t *index, size_t length)
{
	struct alarm_row key = { .object = (uint16_t)object, .index_length = (uint16_t)length };
	size_t position;

	memcpy(key.index, index, length * sizeof(*index));
	position = position_of(alarms, &key);
	if (position == alarms->count || compare(&alarms->standing[position], &key))
		return NULL;
	return alarms->standing[position];
}

static void enter(struct alarms *alarms, const struct alarm_row *row)
{
	size_t position = position_of(alarms, row);

	alarms->standing = sorted_insert(alarms->standing, position, &alarms->count, &alarms->room,
					 sizeof(*alarms->standing));
	alarms->standing[position] = row;
	alarms->severities[row->severity]++;
}

static void take_out(struct alarms *alarms, const struct alarm_row *row)
{
	size_t position = position_of(alarms, row);

	alarms->severities[row->severity]--;
	sorted_remove(alarms->standing, position, &alarms->count, sizeof(*alarms->standing));
}

void alarms_close(struct alarms *alarms)
{
	free(alarms->standing);
	*alarms = (struct alarms){ .board = NULL };
}

/* ---- raised and cleared ---- */

static void describe(struct alarm_row *row, const struct happening *happening,
		     const struct level *level)
{
	char value[65], reason[70];

	table_print(happening->column, happening->row, value, sizeof(value));
	happening_reason(happening, reason, sizeof(reason));
	row->kind = level->alarm;
	row->severity = level->severity;
	table_subject(happening->table, happening->row, row->subject, sizeof(row->subject));
	TEXT_PRINT(row->text, "%s: %s is %s%s; %s", row->subject,
		   mib_objects[happening->column->object].name, value, reason,
		   advice_for(level->alarm));
}

static void raise_alarm(struct alarms *alarms, const struct alarm_row *standing,
			const struct happening *happening, const struct level *level,
			const struct instant *when)
{
	struct alarm_row row = {
		.head.state = HaRowState_fresh,
		.time.wall = when->wall,
		.since = when->now,
		.object = happening->column->object,
	};

	if (standing) {
		row = *standing;
		take_out(alarms, standing);
	} else {
		row.id = ++alarms->last_id;
	}
	row.index_length = (uint16_t)table_index(happening->table, happening->row, row.index);
	describe(&row, happening, level);
	enter(alarms, board_put(alarms->board, &alarm_table, &row)->row);
	alarms->changed = when->now;
}

static void clear_alarm(struct alarms *alarms, const struct alarm_row *standing,
			const struct instant *when)
{
	const struct rows *rows = board_rows(alarms->board, mib_haAlarmEntry);

	take_out(alarms, standing);
	board_remove(alarms->board, &alarm_table, rows_find_row(rows, standing));
	alarms->changed = when->now;
}

void alarms_judge(struct alarms *alarms, const struct happening *happening,
		  const struct level *level, const struct instant *when)
{
	uint32_t index[INDEX_MAX];
	size_t length = table_index(happening->table, happening->row, index);
	const struct alarm_row *standing = find(alarms, happening->column->object, index, length);

	if (level && level->severity > HaSeverity_info)
		raise_alarm(alarms, standing, happening, level, when);
	else if (standing)
		clear_alarm(alarms, standing, when);
}

void alarms_drop(struct alarms *alarms, const struct table *table, const struct entry *entry,
		 const struct instant *when)
{
	for (size_t i = 0; i < table->columns_count; i++) {
		const struct alarm_row *standing = table->columns[i].watch ?
							   find(alarms, table->columns[i].object,
								entry->index, entry->index_length) :
							   NULL;

		if (standing)
			clear_alarm(alarms, standing, when);
	}
}

int32_t alarms_worst(const struct alarms *alarms, uint32_t *count)
{
	int32_t worst = HaSeverity_critical;

	while (worst > HaSeverity_cleared && !alarms->severities[worst])
		worst--;
	*count = (uint32_t)alarms->count;
	return worst;
}
