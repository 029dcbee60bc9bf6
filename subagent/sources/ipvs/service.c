/* One virtual service with its real servers.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/ipvs/service.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "lib/memory.h"
#include "lib/sorted.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/report.h"
#include "subagent/sources/ipvs/checks.h"
#include "subagent/sources/ipvs/real.h"
#include "subagent/sources/ipvs/text.h"

/* The octets of a row before its figures, and those of them. */
#define STATES_SIZE offsetof(struct ipvs_service_row, active)
#define FIGURES_SIZE (sizeof(struct ipvs_service_row) - STATES_SIZE)

/* What only a service in the kernel has .. */
static const uint16_t kernel_columns[] = {
	mib_haIpvsServiceScheduler,
	mib_haIpvsServicePersistenceTime,
	mib_haIpvsServiceActiveConnections,
	mib_haIpvsServiceInactiveConnections,
};

/* .. and only one of which the kernel tells the figures. */
static const uint16_t figure_columns[] = {
	mib_haIpvsServiceConnections,  mib_haIpvsServiceInPackets,
	mib_haIpvsServiceOutPackets,   mib_haIpvsServiceInOctets,
	mib_haIpvsServiceOutOctets,    mib_haIpvsServiceConnectionRate,
	mib_haIpvsServiceInPacketRate, mib_haIpvsServiceOutPacketRate,
	mib_haIpvsServiceInOctetRate,  mib_haIpvsServiceOutOctetRate,
};

static void tell_service(struct paced *paced)
{
	const struct service *service = (void *)((char *)paced - offsetof(struct service, paced));

	report_row(&ipvs_service_table, &service->row);
}

struct service *service_new(const struct ipvs_key *key)
{
	struct service *service = memory_new(1, sizeof(*service));
	struct ipvs_service_row *row = &service->row;

	service->key = *key;
	service->paced.tell = tell_service;
	row->head.state = HaRowState_missing;
	row->protocol = (int32_t)key->protocol;
	row->address_type = address_octets(&key->address, &row->address);
	row->port = key->address.port;
	if (key->protocol == HaIpvsProtocol_fwmark) {
		memset(&row->address, 0, sizeof(row->address));
		row->port = key->mark;
	}
	ipvs_text_service(key, row->text, sizeof(row->text));
	row->quorum = haIpvsServiceQuorum_unknown;
	return service;
}

void service_free(struct service *service, struct pace *pace)
{
	for (size_t i = 0; i < service->count; i++)
		real_free(service->reals[i], pace);
	free(service->reals);
	pace_drop(pace, &service->paced);
	free(service);
}

void service_forget(struct service *service, struct pace *pace)
{
	for (size_t i = 0; i < service->count; i++)
		report_gone(&ipvs_real_table, &service->reals[i]->row);
	report_gone(&ipvs_service_table, &service->row);
	service_free(service, pace);
}

/* ---- servers ---- */

static int compare_addresses(const void *element, const void *address)
{
	return memcmp(&(*(const struct real *const *)element)->address, address,
		      sizeof(struct address));
}

struct real *service_real(struct service *service, const struct address *address)
{
	size_t at = sorted_position(service->reals, service->count, sizeof(*service->reals),
				    address, compare_addresses);

	if (at < service->count && !compare_addresses(&service->reals[at], address))
		return service->reals[at];
	service->reals = sorted_insert(service->reals, at, &service->count, &service->room,
				       sizeof(*service->reals));
	return service->reals[at] = real_new(&service->key, address);
}

void service_begin_reals(struct service *service)
{
	for (size_t i = 0; i < service->count; i++)
		service->reals[i]->seen = false;
}

void service_take_real(struct service *service, const struct ipvs_real *found,
		       const struct ipvs_moment *moment)
{
	struct real *real = service_real(service, &found->address);

	real->seen = true;
	real->missed = false;
	real_take(real, found, moment->pace, moment->wall);
}

/* The kernel goes on behind the Nth server of its list: when one before has left it meanwhile, one
 * is passed over that is there. The same one is not passed over twice. */
bool service_end_reals(struct service *service, bool whole, const struct ipvs_moment *moment)
{
	bool sure = true;

	for (size_t i = 0; i < service->count; i++) {
		struct real *real = service->reals[i];

		if (real->seen)
			continue;
		if (real->present && !whole && !real->missed) {
			real->missed = true;
			sure = false;
			continue;
		}
		real_lose(real, moment->pace, moment->now, moment->wall);
	}
	return sure;
}

void service_forget_reals(struct service *service, int64_t before, struct pace *pace)
{
	size_t kept = 0;

	for (size_t i = 0; i < service->count; i++) {
		struct real *real = service->reals[i];

		if (real->present || real->expected || real->lost > before) {
			service->reals[kept++] = real;
			continue;
		}
		report_gone(&ipvs_real_table, &real->row);
		real_free(real, pace);
	}
	service->count = kept;
}

/* ---- the service ---- */

void service_lose(struct service *service, const struct ipvs_moment *moment)
{
	if (service->present)
		service->lost = moment->now;
	service->present = false;
	service_begin_reals(service);
	service_end_reals(service, true, moment);
	service_judge(service, moment);
}

static void count_reals(const struct service *service, struct ipvs_service_row *row)
{
	row->reals = (uint32_t)service->count;
	for (size_t i = 0; i < service->count; i++) {
		const struct ipvs_real_row *real = &service->reals[i]->row;

		row->reals_active += real->real_state == haIpvsRealState_active;
		row->active += real->active;
		row->inactive += real->inactive;
	}
}

static int32_t state_of(const struct ipvs_service_row *row)
{
	if (row->reals_active == 0)
		return haIpvsServiceState_down;
	return row->reals_active == row->reals ? haIpvsServiceState_up :
						 haIpvsServiceState_degraded;
}

static void fill_kernel(const struct service *service, struct ipvs_service_row *row)
{
	row->head.state = service->present ? HaRowState_fresh : HaRowState_missing;
	row->head.absent = IPVS_BITS_OF(kernel_columns) | IPVS_BITS_OF(figure_columns);
	memset(&row->figures, 0, sizeof(row->figures));
	if (!service->present)
		return;
	row->head.absent = service->found.has_figures ? 0 : IPVS_BITS_OF(figure_columns);
	row->figures = service->found.figures;
	row->persistence = service->found.persistence;
	TEXT_PUT(row->scheduler, service->found.scheduler);
}

void service_judge(struct service *service, const struct ipvs_moment *moment)
{
	struct ipvs_service_row row = service->row;
	bool moved, counted;

	row.reals_active = row.active = row.inactive = 0;
	count_reals(service, &row);
	fill_kernel(service, &row);
	row.service_state = state_of(&row);
	if (row.service_state != service->row.service_state)
		row.state_time.wall = moment->wall;
	moved = memcmp(&row, &service->row, STATES_SIZE) != 0;
	counted = memcmp((const char *)&row + STATES_SIZE,
			 (const char *)&service->row + STATES_SIZE, FIGURES_SIZE) != 0;
	service->row = row;
	if (moved)
		pace_pass(moment->pace, &service->paced);
	else if (counted)
		pace_add(moment->pace, &service->paced);
}

void service_take_checks(struct service *service, const struct checks_virtual *found,
			 struct pace *pace)
{
	int32_t quorum = found ? checks_quorum(found) : haIpvsServiceQuorum_unknown;

	for (size_t i = 0; i < service->count; i++)
		real_take_checks(service->reals[i], found, pace);
	if (service->row.quorum == quorum)
		return;
	service->row.quorum = quorum;
	pace_pass(pace, &service->paced);
}
