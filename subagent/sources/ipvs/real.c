/* One real server of one virtual service: what it is, and what it was before it was removed.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/ipvs/real.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "lib/memory.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/report.h"
#include "subagent/sources/ipvs/checks.h"
#include "subagent/sources/ipvs/recall.h"

/* The octets of a row before its figures, and those of them. */
#define STATES_SIZE offsetof(struct ipvs_real_row, active)
#define FIGURES_SIZE (sizeof(struct ipvs_real_row) - STATES_SIZE)

static const uint16_t figure_columns[] = {
	mib_haIpvsRealConnections,  mib_haIpvsRealInPackets,     mib_haIpvsRealOutPackets,
	mib_haIpvsRealInOctets,     mib_haIpvsRealOutOctets,     mib_haIpvsRealConnectionRate,
	mib_haIpvsRealInPacketRate, mib_haIpvsRealOutPacketRate, mib_haIpvsRealInOctetRate,
	mib_haIpvsRealOutOctetRate,
};

static const uint16_t weight_column[] = { mib_haIpvsRealNormalWeight };

/* What only a server in the kernel has. */
static const uint16_t connection_columns[] = {
	mib_haIpvsRealActiveConnections,
	mib_haIpvsRealInactiveConnections,
	mib_haIpvsRealPersistentConnections,
};

static void tell_real(struct paced *paced)
{
	const struct real *real = (void *)((char *)paced - offsetof(struct real, paced));

	report_row(&ipvs_real_table, &real->row);
}

struct real *real_new(const struct ipvs_key *key, const struct address *address)
{
	struct real *real = memory_new(1, sizeof(*real));
	struct ipvs_real_row *row = &real->row;

	real->address = *address;
	real->paced.tell = tell_real;
	row->head.state = HaRowState_fresh;
	row->protocol = (int32_t)key->protocol;
	row->service_type = address_octets(&key->address, &row->service);
	row->service_port = key->address.port;
	if (key->protocol == HaIpvsProtocol_fwmark) {
		memset(&row->service, 0, sizeof(row->service));
		row->service_port = key->mark;
	}
	row->address_type = address_octets(address, &row->address);
	row->port = address->port;
	address_print_port(address, row->text, sizeof(row->text));
	row->forwarding = haIpvsRealForwarding_unknown;
	row->check = haIpvsRealCheck_unknown;
	row->head.absent = IPVS_BITS_OF(weight_column);
	return real;
}

void real_free(struct real *real, struct pace *pace)
{
	pace_drop(pace, &real->paced);
	free(real);
}

static void enter_state(struct real *real, struct ipvs_real_row *row, int32_t state, int64_t wall)
{
	row->real_state = state;
	if (state != real->row.real_state)
		row->state_time.wall = wall;
}

static void tell(struct real *real, const struct ipvs_real_row *row, struct pace *pace)
{
	bool moved = memcmp(&real->row, row, STATES_SIZE) != 0;
	bool counted = memcmp((const char *)&real->row + STATES_SIZE,
			      (const char *)row + STATES_SIZE, FIGURES_SIZE) != 0;

	real->row = *row;
	if (moved)
		pace_pass(pace, &real->paced);
	else if (counted)
		pace_add(pace, &real->paced);
}

static void take_weight(struct ipvs_real_row *row, uint32_t weight)
{
	row->weight = weight;
	if (weight) {
		row->normal_weight = weight;
		row->head.absent &= ~IPVS_BITS_OF(weight_column);
	}
}

void real_remember(struct real *real, const struct ipvs_memory *memory)
{
	take_weight(&real->row, memory->normal_weight);
	real->row.real_state = memory->state;
	real->row.state_time.wall = memory->since;
	real->present = !memory->lost;
	real->lost = memory->lost;
}

void real_recite(const struct real *real, struct ipvs_memory *memory)
{
	memory->real = real->address;
	memory->normal_weight = real->row.normal_weight;
	memory->state = real->row.real_state;
	memory->since = real->row.state_time.wall;
	memory->lost = real->present || real->lost ? real->lost : IPVS_NEVER;
}

static void take_figures(struct ipvs_real_row *row, const struct ipvs_real *found)
{
	row->active = found->active;
	row->inactive = found->inactive;
	row->persistent = found->persistent;
	row->figures = found->figures;
	row->head.absent &= ~(IPVS_BITS_OF(connection_columns) | IPVS_BITS_OF(figure_columns));
	if (!found->has_figures)
		row->head.absent |= IPVS_BITS_OF(figure_columns);
}

void real_take(struct real *real, const struct ipvs_real *found, struct pace *pace, int64_t wall)
{
	struct ipvs_real_row row = real->row;

	row.head.state = HaRowState_fresh;
	row.forwarding = found->forwarding;
	row.upper = found->upper;
	row.lower = found->lower;
	take_weight(&row, found->weight);
	take_figures(&row, found);
	enter_state(real, &row, found->weight ? haIpvsRealState_active : haIpvsRealState_quiesced,
		    wall);
	real->present = true;
	real->lost = 0;
	tell(real, &row, pace);
}

/* Connections to it may live on, but the kernel does not tell of them any more. */
void real_lose(struct real *real, struct pace *pace, int64_t now, int64_t wall)
{
	struct ipvs_real_row row = real->row;

	row.head.state = real->expected ? HaRowState_missing : HaRowState_fresh;
	row.head.absent |= IPVS_BITS_OF(connection_columns) | IPVS_BITS_OF(figure_columns);
	row.weight = 0;
	row.active = row.inactive = row.persistent = 0;
	memset(&row.figures, 0, sizeof(row.figures));
	enter_state(real, &row, haIpvsRealState_removed, wall);
	if (real->present)
		real->lost = now;
	real->present = false;
	tell(real, &row, pace);
}

void real_take_checks(struct real *real, const struct checks_virtual *found, struct pace *pace)
{
	struct ipvs_real_row row = real->row;

	row.check = found ? checks_real(found, &real->address) : haIpvsRealCheck_unknown;
	tell(real, &row, pace);
}
