/* What is known of VRRP on this node: all instances, their addresses, all routers that are heard.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/vrrp/model.h"

#include <stdlib.h>
#include <string.h>

#include "lib/memory.h"
#include "lib/settings_vrrp.h"
#include "lib/sorted.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/pace.h"
#include "subagent/report.h"
#include "subagent/sources/vrrp/instance.h"
#include "subagent/sources/vrrp/keepalived/keepalived.h"
#include "subagent/sources/vrrp/router.h"
#include "subagent/sources/vrrp/rows.h"
#include "subagent/sources/vrrp/view.h"
#include "subagent/sources/vrrp/virtual.h"
#include "subagent/sources/vrrp/wire/wire.h"

#define SETTLING 5000 /* milliseconds in which whoever advertises is heard */

/* What the adverts of an instance have in common. */
struct way {
	uint32_t interface;
	uint32_t vrid;
	uint32_t family;
	struct instance *instance;
};

struct vrrp_model {
	const struct settings_vrrp *settings;
	struct pace pace;
	struct vrrp_row row; /* as it was told last */
	bool told;
	struct instance **instances; /* in the order of their names */
	size_t instances_count, instances_room;
	struct way *ways; /* one for each instance, in the order of their first three */
	uint32_t *interfaces;
	size_t interfaces_count;
	struct router **routers; /* in the order of their keys, octet by octet */
	size_t routers_count, routers_room;
	uint32_t claims_version;
	int64_t began; /* clock_now() of the first look */
	int64_t due;
};

void vrrp_view_again(struct vrrp_view *view, int64_t when)
{
	if (when && (!view->due || when < view->due))
		view->due = when;
}

/* ---- instances ---- */

static int compare_names(const void *element, const void *name)
{
	return strcmp((*(const struct instance *const *)element)->row.name, name);
}

static struct instance *instance_of(struct vrrp_model *model, const char *name)
{
	size_t at = sorted_position(model->instances, model->instances_count,
				    sizeof(*model->instances), name, compare_names);

	if (at < model->instances_count && !compare_names(&model->instances[at], name))
		return model->instances[at];
	model->instances = sorted_insert(model->instances, at, &model->instances_count,
					 &model->instances_room, sizeof(*model->instances));
	model->instances[at] = instance_new(name);
	return model->instances[at];
}

struct vrrp_model *vrrp_model_new(const struct settings_vrrp *settings)
{
	struct vrrp_model *model = memory_new(1, sizeof(*model));

	model->settings = settings;
	pace_open(&model->pace);
	for (size_t i = 0; i < settings->instances_count; i++) {
		struct instance *instance = instance_of(model, settings->instances[i].name);

		instance->settings = &settings->instances[i];
		instance->number = i;
	}
	return model;
}

void vrrp_model_free(struct vrrp_model *model)
{
	for (size_t i = 0; i < model->instances_count; i++)
		instance_free(model->instances[i], &model->pace);
	for (size_t i = 0; i < model->routers_count; i++)
		router_free(model->routers[i], &model->pace);
	free(model->instances);
	free(model->ways);
	free(model->interfaces);
	free(model->routers);
	free(model);
}

static void take_claims(struct vrrp_model *model, struct vrrp_view *view)
{
	for (size_t i = 0; i < model->instances_count; i++)
		model->instances[i]->claim = NULL;
	for (size_t i = 0; i < view->claims_count; i++)
		instance_of(model, view->claims[i]->name)->claim = view->claims[i];
	for (size_t i = 0; i < model->instances_count; i++)
		instance_take(model->instances[i], model->instances[i]->claim, view);
}

/* ---- which advert is whose ---- */

static int compare_ways(const void *one, const void *other)
{
	const struct way *left = one, *right = other;

	if (left->interface != right->interface)
		return left->interface < right->interface ? -1 : 1;
	if (left->vrid != right->vrid)
		return left->vrid < right->vrid ? -1 : 1;
	return left->family < right->family ? -1 : left->family > right->family;
}

static void find_ways(struct vrrp_model *model)
{
	model->ways = memory_resize(model->ways, model->instances_count + 1, sizeof(*model->ways));
	model->interfaces = memory_resize(model->interfaces, model->instances_count + 1,
					  sizeof(*model->interfaces));
	for (size_t i = 0; i < model->instances_count; i++) {
		struct instance *instance = model->instances[i];

		model->ways[i] = (struct way){
			.interface = instance->interface,
			.vrid = instance->row.vrid,
			.family = instance->family,
			.instance = instance,
		};
		if (instance->claim)
			model->ways[i].vrid = instance->claim->vrid;
	}
	qsort(model->ways, model->instances_count, sizeof(*model->ways), compare_ways);
	model->interfaces_count = 0;
	for (size_t i = 0; i < model->instances_count; i++) {
		uint32_t interface = model->ways[i].interface;

		if (interface && (model->interfaces_count == 0 ||
				  model->interfaces[model->interfaces_count - 1] != interface))
			model->interfaces[model->interfaces_count++] = interface;
	}
}

static struct instance *instance_on(const struct vrrp_model *model, const struct heard *heard)
{
	struct way key = {
		.interface = heard->interface,
		.vrid = heard->vrid,
		.family = heard->source.family,
	};
	const struct way *way = NULL;

	if (model->instances_count > 0)
		way = bsearch(&key, model->ways, model->instances_count, sizeof(*model->ways),
			      compare_ways);
	return way ? way->instance : NULL;
}

/* ---- routers ---- */

static int compare_keys(const void *element, const void *key)
{
	return memcmp(&(*(const struct router *const *)element)->key, key,
		      sizeof(struct router_key));
}

static struct router *router_of(struct vrrp_model *model, const struct heard *heard)
{
	struct router_key key;
	size_t at;

	router_make_key(&key, heard);
	at = sorted_position(model->routers, model->routers_count, sizeof(*model->routers), &key,
			     compare_keys);
	if (at < model->routers_count && !compare_keys(&model->routers[at], &key))
		return model->routers[at];
	model->routers = sorted_insert(model->routers, at, &model->routers_count,
				       &model->routers_room, sizeof(*model->routers));
	model->routers[at] = router_new(&key);
	return model->routers[at];
}

/* The same address may be heard on an interface that was made anew under the old name: the last
 * that was heard counts. */
static void take_router(struct vrrp_model *model, const struct heard *heard,
			const struct vrrp_view *view)
{
	struct instance *instance = instance_on(model, heard);
	struct router *router;

	if (router_is_past(heard, instance, view->now))
		return;
	router = router_of(model, heard);
	if (router->heard && router->heard->last >= heard->last)
		return;
	router->heard = heard;
	router->instance = instance;
}

static void take_routers(struct vrrp_model *model, const struct vrrp_view *view)
{
	size_t kept = 0;

	for (size_t i = 0; i < model->routers_count; i++)
		model->routers[i]->heard = NULL;
	for (size_t i = 0; i < view->routers_count; i++)
		take_router(model, view->routers[i], view);
	for (size_t i = 0; i < model->routers_count; i++) {
		struct router *router = model->routers[i];

		if (!router->heard) {
			router_forget(router, &model->pace);
			continue;
		}
		model->routers[kept++] = router;
		if (router->instance)
			SLIST_INSERT_HEAD(&router->instance->routers, router, next);
	}
	model->routers_count = kept;
}

static void tell_router(const struct vrrp_model *model, struct router *router,
			const struct vrrp_view *view)
{
	const struct instance *instance = router->instance;

	router_tell(router, instance ? instance->row.name : "", instance ? instance->claim : NULL,
		    model->claims_version, view);
}

/* ---- keepalived itself ---- */

static bool is_expected(const struct vrrp_model *model)
{
	return model->settings->instances_count > 0 || model->row.expected == TruthValue_true ||
	       model->row.keepalived == haVrrpKeepalivedState_running;
}

static bool is_same(const struct vrrp_row *one, const struct vrrp_row *other)
{
	return one->keepalived == other->keepalived && one->time.wall == other->time.wall &&
	       one->pid == other->pid && one->expected == other->expected &&
	       !strcmp(one->version, other->version);
}

static void take_status(struct vrrp_model *model, const struct keepalived_status *status)
{
	struct vrrp_row row = {
		.head.state = HaRowState_fresh,
		.keepalived = status->state ? status->state : haVrrpKeepalivedState_unknown,
		.time.wall = status->since,
		.pid = (uint32_t)status->pid,
		.expected = is_expected(model) ? TruthValue_true : TruthValue_false,
	};

	TEXT_PUT(row.version, status->version);
	if (model->told && is_same(&row, &model->row))
		return;
	model->row = row;
	model->told = true;
	report_row(&vrrp_table, &row);
}

/* ---- a look ---- */

void vrrp_model_look(struct vrrp_model *model, struct vrrp_view *view)
{
	view->pace = &model->pace;
	view->grace = model->settings->grace;
	view->due = 0;
	if (!model->began)
		model->began = view->now;
	view->settled = view->now - model->began >= SETTLING;
	model->claims_version += view->claims_moved;
	take_status(model, view->status);
	take_claims(model, view);
	find_ways(model);
	take_routers(model, view);
	for (size_t i = 0; i < model->instances_count; i++)
		instance_judge(model->instances[i], view);
	for (size_t i = 0; i < model->routers_count; i++)
		tell_router(model, model->routers[i], view);
	model->due = view->due;
}

int64_t vrrp_model_due(const struct vrrp_model *model)
{
	return model->due;
}

int64_t vrrp_model_turn(struct vrrp_model *model, int64_t now)
{
	return pace_turn(&model->pace, now);
}

const uint32_t *vrrp_model_interfaces(const struct vrrp_model *model, size_t *count)
{
	*count = model->interfaces_count;
	return model->interfaces;
}

size_t vrrp_model_count(const struct vrrp_model *model)
{
	return model->instances_count;
}

/* ---- all rows ---- */

static void report_addresses(const struct instance *instance)
{
	for (size_t i = 0; i < instance->virtuals_count; i++)
		report_row(&vrrp_address_table, &instance->virtuals[i]->row);
}

void vrrp_model_report(const struct vrrp_model *model)
{
	report_row(&vrrp_table, &model->row);
	report_begin(&vrrp_instance_table);
	for (size_t i = 0; i < model->instances_count; i++)
		report_row(&vrrp_instance_table, &model->instances[i]->row);
	report_end(&vrrp_instance_table);
	report_begin(&vrrp_address_table);
	for (size_t i = 0; i < model->instances_count; i++)
		report_addresses(model->instances[i]);
	report_end(&vrrp_address_table);
	report_begin(&vrrp_router_table);
	for (size_t i = 0; i < model->routers_count; i++)
		report_row(&vrrp_router_table, &model->routers[i]->row);
	report_end(&vrrp_router_table);
}
