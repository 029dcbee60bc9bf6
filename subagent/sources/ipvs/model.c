/* What is known of the load balancer: all virtual services, those that are gone as well.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/ipvs/model.h"

#include <stdlib.h>
#include <string.h>

#include "lib/memory.h"
#include "lib/settings_ipvs.h"
#include "lib/sorted.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/report.h"
#include "subagent/pace.h"
#include "subagent/sources/ipvs/checks.h"
#include "subagent/sources/ipvs/real.h"
#include "subagent/sources/ipvs/recall.h"
#include "subagent/sources/ipvs/service.h"

struct ipvs_model {
	const struct settings_ipvs *settings;
	struct pace pace;
	struct ipvs_moment moment;
	struct service **services; /* in the order of their keys, octet by octet */
	size_t count, room;
};

/* ---- services ---- */

static int compare_keys(const void *element, const void *key)
{
	return memcmp(&(*(const struct service *const *)element)->key, key,
		      sizeof(struct ipvs_key));
}

static struct service *service_of(struct ipvs_model *model, const struct ipvs_key *key)
{
	size_t at = sorted_position(model->services, model->count, sizeof(*model->services), key,
				    compare_keys);

	if (at < model->count && !compare_keys(&model->services[at], key))
		return model->services[at];
	model->services = sorted_insert(model->services, at, &model->count, &model->room,
					sizeof(*model->services));
	return model->services[at] = service_new(key);
}

static void expect_service(struct ipvs_model *model, const struct settings_ipvs_service *settings)
{
	struct ipvs_key key = {
		.protocol = settings->protocol,
		.mark = settings->mark,
		.address = settings->address,
	};
	struct service *service = service_of(model, &key);

	service->expected = true;
	for (size_t i = 0; i < settings->servers_count; i++)
		service_real(service, &settings->servers[i])->expected = true;
}

struct ipvs_model *ipvs_model_new(const struct settings_ipvs *settings)
{
	struct ipvs_model *model = memory_new(1, sizeof(*model));

	model->settings = settings;
	pace_open(&model->pace);
	model->moment.pace = &model->pace;
	for (size_t i = 0; i < settings->services_count; i++)
		expect_service(model, &settings->services[i]);
	return model;
}

void ipvs_model_free(struct ipvs_model *model)
{
	for (size_t i = 0; i < model->count; i++)
		service_free(model->services[i], &model->pace);
	free(model->services);
	free(model);
}

/* ---- over restarts ---- */

static void remember_service(struct service *service, const struct ipvs_memory *memory)
{
	service->row.service_state = memory->state;
	service->row.state_time.wall = memory->since;
	service->present = !memory->lost;
	service->lost = memory->lost;
}

void ipvs_model_remember(struct ipvs_model *model, const struct ipvs_memory *memory)
{
	struct service *service = service_of(model, &memory->service);

	if (memory->real.family)
		real_remember(service_real(service, &memory->real), memory);
	else
		remember_service(service, memory);
}

void ipvs_model_recite(const struct ipvs_model *model,
		       void (*take)(void *argument, const struct ipvs_memory *memory),
		       void *argument)
{
	for (size_t i = 0; i < model->count; i++) {
		const struct service *service = model->services[i];
		struct ipvs_memory memory = {
			.service = service->key,
			.state = service->row.service_state,
			.since = service->row.state_time.wall,
			.lost = service->present || service->lost ? service->lost : IPVS_NEVER,
		};

		take(argument, &memory);
		for (size_t r = 0; r < service->count; r++) {
			real_recite(service->reals[r], &memory);
			take(argument, &memory);
		}
	}
}

uint32_t ipvs_model_moves(const struct ipvs_model *model)
{
	return model->pace.moves;
}

/* ---- a collection ---- */

void ipvs_model_begin(struct ipvs_model *model, int64_t now, int64_t wall)
{
	model->moment.now = now;
	model->moment.wall = wall;
}

void ipvs_model_begin_services(struct ipvs_model *model)
{
	for (size_t i = 0; i < model->count; i++)
		model->services[i]->seen = false;
}

void ipvs_model_take_service(struct ipvs_model *model, const struct ipvs_service *found)
{
	struct service *service = service_of(model, &found->key);

	service->found = *found;
	service->present = service->seen = true;
	service->missed = false;
	service->lost = 0;
}

/* The kernel's list of services is read in parts like that of the servers of one: see
 * service_end_reals(). */
bool ipvs_model_end_services(struct ipvs_model *model, bool whole)
{
	bool sure = true;

	for (size_t i = 0; i < model->count; i++) {
		struct service *service = model->services[i];

		if (service->seen)
			continue;
		if (service->present && !whole && !service->missed) {
			service->missed = true;
			sure = false;
			continue;
		}
		service_lose(service, &model->moment);
	}
	return sure;
}

size_t ipvs_model_count(const struct ipvs_model *model)
{
	return model->count;
}

const struct ipvs_key *ipvs_model_key(const struct ipvs_model *model, size_t service)
{
	return model->services[service]->present ? &model->services[service]->key : NULL;
}

void ipvs_model_begin_reals(struct ipvs_model *model, size_t service)
{
	service_begin_reals(model->services[service]);
}

void ipvs_model_take_real(struct ipvs_model *model, size_t service, const struct ipvs_real *found)
{
	service_take_real(model->services[service], found, &model->moment);
}

bool ipvs_model_end_reals(struct ipvs_model *model, size_t service, bool whole)
{
	bool sure = service_end_reals(model->services[service], whole, &model->moment);

	service_judge(model->services[service], &model->moment);
	return sure;
}

static bool is_forgotten(const struct service *service, int64_t before)
{
	return !service->present && !service->expected && service->lost <= before;
}

void ipvs_model_end(struct ipvs_model *model)
{
	int64_t before = model->moment.now - model->settings->keep;
	size_t kept = 0;

	for (size_t i = 0; i < model->count; i++) {
		struct service *service = model->services[i];
		size_t reals = service->count;

		if (is_forgotten(service, before)) {
			service_forget(service, &model->pace);
			continue;
		}
		model->services[kept++] = service;
		service_forget_reals(service, before, &model->pace);
		if (service->count != reals)
			service_judge(service, &model->moment);
	}
	model->pace.moves += model->count != kept;
	model->count = kept;
}

/* ---- keepalived ---- */

void ipvs_model_take_checks(struct ipvs_model *model, const struct checks *checks)
{
	for (size_t i = 0; i < model->count; i++) {
		struct service *service = model->services[i];

		service_take_checks(service, checks ? checks_find(checks, &service->key) : NULL,
				    &model->pace);
	}
}

/* ---- rows ---- */

int64_t ipvs_model_turn(struct ipvs_model *model, int64_t now)
{
	return pace_turn(&model->pace, now);
}

void ipvs_model_report_services(const struct ipvs_model *model)
{
	for (size_t i = 0; i < model->count; i++)
		report_row(&ipvs_service_table, &model->services[i]->row);
}

void ipvs_model_report_reals(const struct ipvs_model *model)
{
	for (size_t i = 0; i < model->count; i++)
		for (size_t r = 0; r < model->services[i]->count; r++)
			report_row(&ipvs_real_table, &model->services[i]->reals[r]->row);
}
