/* The states inSync, lagging, late, ahead and unavailable over time.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/dns/zones/standing.h"

#include "mib/ha-agentx-mib.h"
#include "subagent/sources/dns/zones/serial.h"

/* Behind and ahead are two different faults: each has its own time. */
static bool is_same_difference(const struct standing *standing, uint32_t serial, int32_t lag)
{
	return standing->since && standing->serial == serial && (standing->lag > 0) == (lag > 0);
}

void standing_judge(struct standing *standing, uint32_t serial, uint32_t reference,
		    uint32_t tolerance, int64_t now)
{
	int32_t lag = serial_lag(reference, serial);

	if (lag == 0)
		standing->since = 0;
	else if (!is_same_difference(standing, serial, lag))
		standing->since = now;
	standing->serial = serial;
	standing->lag = lag;
	if (lag == 0)
		standing->state = haDnsZoneState_inSync;
	else
		standing->state = lag < 0 ? haDnsZoneState_ahead : haDnsZoneState_lagging;
	standing_age(standing, tolerance, now);
}

void standing_lose(struct standing *standing)
{
	standing->state = haDnsZoneState_unavailable;
}

void standing_age(struct standing *standing, uint32_t tolerance, int64_t now)
{
	int64_t due = standing_due(standing, tolerance);

	if (due && due <= now)
		standing->state = haDnsZoneState_late;
}

int64_t standing_due(const struct standing *standing, uint32_t tolerance)
{
	return standing->state == haDnsZoneState_lagging ?
		       standing->since + INT64_C(1000) * tolerance :
		       0;
}

uint32_t standing_time(const struct standing *standing, int64_t now)
{
	return standing->since ? (uint32_t)((now - standing->since) / 1000) : 0;
}
