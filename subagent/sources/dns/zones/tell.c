/* Fills and reports the rows of haDnsZoneTable.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/dns/zones/tell.h"

#include <string.h>

#include "lib/memory.h"
#include "lib/settings_dns.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/report.h"
#include "subagent/sources/dns/zones/zone.h"

#define FIGURES_INTERVAL 10000 /* milliseconds */

#define NO_SIGNATURE INT32_MAX /* haDnsZoneSignatureTimeLeft */

static void leave_out(struct dns_zone_row *row, unsigned int object)
{
	row->head.absent |= UINT64_C(1) << mib_objects[object].arc;
}

/* ---- serials ---- */

static void fill_reference(const struct zone *zone, const struct reference *reference,
			   struct dns_zone_row *row)
{
	bool primary = reference->known ? reference->primary : zone->primary != NULL;

	if (primary)
		TEXT_PUT(row->reference, zone->all->servers[zone->primary->server].name);
	else
		TEXT_PUT(row->reference, "newest");
	row->reference_serial = reference->serial;
	if (!reference->known)
		leave_out(row, mib_haDnsZoneReferenceSerial);
}

static void fill_serial(const struct zone *zone, const struct member *member, int64_t now,
			struct dns_zone_row *row)
{
	const struct standing *standing = &member->standing;

	row->zone_state = standing->state ? standing->state : haDnsZoneState_unknown;
	row->state_time.wall = member->state_wall;
	row->tolerance = zone->settings->tolerance;
	fill_reference(zone, &member->reference, row);
	if (row->zone_state == haDnsZoneState_unknown ||
	    row->zone_state == haDnsZoneState_unavailable) {
		leave_out(row, mib_haDnsZoneSerial);
		leave_out(row, mib_haDnsZoneLag);
		leave_out(row, mib_haDnsZoneLagTime);
		return;
	}
	row->serial = standing->serial;
	row->lag = standing->lag;
	row->lag_time = standing_time(standing, now);
}

/* ---- signatures ---- */

static int32_t signature_state(const struct settings_zone *settings, int64_t left)
{
	if (left < 0)
		return haDnsZoneSignatureState_expired;
	if (left < settings->signature_limit)
		return haDnsZoneSignatureState_critical;
	if (left < settings->signature_warn)
		return haDnsZoneSignatureState_warning;
	return haDnsZoneSignatureState_valid;
}

static int32_t limited(int64_t seconds)
{
	if (seconds >= NO_SIGNATURE)
		return NO_SIGNATURE - 1;
	return seconds < INT32_MIN ? INT32_MIN : (int32_t)seconds;
}

static void fill_signature(const struct zone *zone, const struct member *member, int64_t wall,
			   struct dns_zone_row *row)
{
	int64_t left = member->expiry - wall / 1000;

	row->signature_warn = zone->settings->signature_warn;
	row->signature_limit = zone->settings->signature_limit;
	row->security = member->security;
	if (!member->view.available) {
		row->signature_state = haDnsZoneSignatureState_unknown;
		leave_out(row, mib_haDnsZoneSignatureTimeLeft);
	} else if (!member->has_expiry) {
		row->signature_state = haDnsZoneSignatureState_notSigned;
		row->time_left = NO_SIGNATURE;
	} else {
		row->signature_state = signature_state(zone->settings, left);
		row->time_left = limited(left);
	}
}

/* ---- rows ---- */

static void fill_row(const struct zone *zone, const struct member *member, int64_t now,
		     int64_t wall, struct dns_zone_row *row)
{
	memset(row, 0, sizeof(*row));
	row->head.state = HaRowState_fresh;
	TEXT_PUT(row->name, zone->settings->name);
	TEXT_PUT(row->server, zone->all->servers[member->server].name);
	fill_serial(zone, member, now, row);
	fill_signature(zone, member, wall, row);
	row->agreement = member->agreement;
}

static bool is_moving(const struct member *member)
{
	return member->standing.since || (member->view.available && member->has_expiry);
}

static bool is_figure(const struct column *column)
{
	return column->object == mib_haDnsZoneLagTime ||
	       column->object == mib_haDnsZoneSignatureTimeLeft;
}

/* With or without the figures that move by themselves. */
static bool differs(const struct dns_zone_row *row, const struct dns_zone_row *said, bool figures)
{
	for (size_t i = 0; i < dns_zone_table.columns_count; i++) {
		const struct column *column = &dns_zone_table.columns[i];

		if ((figures || !is_figure(column)) && table_differs(column, row, said))
			return true;
	}
	return row->head.absent != said->head.absent;
}

void tell_member(const struct zone *zone, struct member *member, int64_t now, int64_t wall)
{
	bool due = now - member->said_at >= FIGURES_INTERVAL;
	struct dns_zone_row row;

	fill_row(zone, member, now, wall, &row);
	if (!member->state_wall || row.zone_state != member->said.zone_state)
		row.state_time.wall = member->state_wall = wall;
	if (!member->said_at || differs(&row, &member->said, due))
		report_row(&dns_zone_table, &row);
	else if (!due)
		return;
	member->said = row;
	member->said_at = now;
}

/* The next moment at which a threshold is passed. */
static int64_t threshold_due(const struct settings_zone *settings, const struct member *member,
			     int64_t now, int64_t wall)
{
	const int64_t thresholds[] = { settings->signature_warn, settings->signature_limit, 0 };
	int64_t due = 0;

	for (size_t i = 0; i < sizeof(thresholds) / sizeof(*thresholds); i++) {
		int64_t passed = (member->expiry - thresholds[i] + 1) * 1000;

		if (passed > wall && (!due || now + passed - wall < due))
			due = now + passed - wall;
	}
	return due;
}

int64_t tell_due(const struct zone *zone, const struct member *member, int64_t now, int64_t wall)
{
	int64_t due = 0, passed = 0;

	if (is_moving(member))
		due = member->said_at + FIGURES_INTERVAL;
	if (member->has_expiry && member->view.available)
		passed = threshold_due(zone->settings, member, now, wall);
	if (!due || (passed && passed < due))
		due = passed;
	return due;
}
