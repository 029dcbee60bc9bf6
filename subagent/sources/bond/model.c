/* The bonds of this node: links in, rows out.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/bond/model.h"

#include <linux/if_bonding.h>
#include <stdlib.h>
#include <string.h>

#include "lib/memory.h"
#include "lib/settings_bond.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/sources/bond/derive.h"
#include "subagent/sources/bond/lacp.h"
#include "subagent/sources/bond/link.h"
#include "subagent/sources/bond/rows.h"

#define FLAP_FAILURES 3     /* so many failures .. */
#define FLAP_TIME 300000    /* .. in so many milliseconds */
#define SETTLE_TIME 6000    /* milliseconds in which LACP finds a partner, if there is one */
#define LACP_TEXT_MAX 65536 /* more than a hundred ports */

/* A bond or a port of one, as the kernel has it. */
struct known {
	struct known *next;
	struct bond_link link;
	struct bond_lacp lacp;
	int64_t failed[FLAP_FAILURES]; /* clock_now() of the last failures, the newest first */
	bool seen;                     /* in the dump that is under way */
};

/* A row of a port. */
struct port {
	struct port *next;
	struct bond_port_row row, told;
	int64_t link_since; /* clock_now() */
	bool was_told, wanted;
};

/* A row of a bond, and those of its ports. */
struct bond {
	struct bond *next;
	struct bond_row row, told;
	struct port *ports;
	bool was_told, wanted, was_derived;
};

struct bond_model {
	const struct settings_bond *expected;
	struct known *known;
	struct bond *bonds;
	int64_t now, wall, due;
};

struct bond_model *bond_model_new(const struct settings_bond *expected)
{
	struct bond_model *model = memory_new(1, sizeof(*model));

	model->expected = expected;
	return model;
}

static void free_ports(struct port *port)
{
	while (port) {
		struct port *next = port->next;

		free(port);
		port = next;
	}
}

void bond_model_free(struct bond_model *model)
{
	while (model->known) {
		struct known *next = model->known->next;

		free(model->known);
		model->known = next;
	}
	while (model->bonds) {
		struct bond *next = model->bonds->next;

		free_ports(model->bonds->ports);
		free(model->bonds);
		model->bonds = next;
	}
	free(model);
}

void bond_model_clock(struct bond_model *model, int64_t now, int64_t wall)
{
	model->now = now;
	model->wall = wall;
}

/* ---- links ---- */

static struct known *find_index(const struct bond_model *model, uint32_t index)
{
	struct known *known = model->known;

	while (known && known->link.index != index)
		known = known->next;
	return known;
}

static struct known *find_bond(const struct bond_model *model, const char *name)
{
	struct known *known = model->known;

	while (known && !(known->link.is_bond && !strcmp(known->link.name, name)))
		known = known->next;
	return known;
}

/* The kernel's count tells of failures that passed between two messages. */
static void note_failures(struct known *known, const struct bond_link *link, int64_t now)
{
	uint32_t before = known->link.port.failures, after = link->port.failures;

	if (known->link.master != link->master || before == BOND_UNTOLD || after == BOND_UNTOLD ||
	    after < before)
		return;
	for (uint32_t i = 0; i < after - before && i < FLAP_FAILURES; i++) {
		memmove(known->failed + 1, known->failed,
			sizeof(known->failed) - sizeof(*known->failed));
		known->failed[0] = now;
	}
}

bool bond_model_link(struct bond_model *model, const struct bond_link *link)
{
	struct known *known = find_index(model, link->index);

	if (!link->is_bond && !link->master) {
		bond_model_unlink(model, link->index);
		return known;
	}
	if (!known) {
		known = memory_new(1, sizeof(*known));
		known->link = *link;
		known->next = model->known;
		model->known = known;
	}
	note_failures(known, link, model->now);
	known->link = *link;
	known->seen = true;
	return true;
}

static void remove_known(struct bond_model *model, struct known *gone)
{
	struct known **place = &model->known;

	while (*place != gone)
		place = &(*place)->next;
	*place = gone->next;
	free(gone);
}

void bond_model_unlink(struct bond_model *model, uint32_t index)
{
	struct known *known = find_index(model, index);

	if (known)
		remove_known(model, known);
}

void bond_model_dump_begin(struct bond_model *model)
{
	for (struct known *known = model->known; known; known = known->next)
		known->seen = false;
}

void bond_model_dump_end(struct bond_model *model)
{
	struct known *known = model->known, *next;

	for (; known; known = next) {
		next = known->next;
		if (!known->seen)
			remove_known(model, known);
	}
}

static bool speaks_lacp(const struct known *known)
{
	return known->link.is_bond && known->link.bond.mode == BOND_MODE_8023AD;
}

void bond_model_lacp(struct bond_model *model,
		     void (*read)(const char *name, char *text, size_t size))
{
	static char text[LACP_TEXT_MAX];

	for (struct known *bond = model->known; bond; bond = bond->next) {
		if (!speaks_lacp(bond))
			continue;
		text[0] = '\0';
		read(bond->link.name, text, sizeof(text));
		for (struct known *port = model->known; port; port = port->next)
			if (port->link.master == bond->link.index)
				bond_lacp_read(&port->lacp, text, port->link.name);
	}
}

bool bond_model_has_lacp(const struct bond_model *model)
{
	for (const struct known *known = model->known; known; known = known->next)
		if (speaks_lacp(known))
			return true;
	return false;
}

bool bond_model_is_used(const struct bond_model *model)
{
	if (model->expected->bonds_count)
		return true;
	for (const struct known *known = model->known; known; known = known->next)
		if (known->link.is_bond)
			return true;
	return false;
}

/* ---- which rows there are ---- */

static struct bond *want_bond(struct bond_model *model, const char *name, bool configured)
{
	struct bond **place = &model->bonds, *bond;

	while (*place && strcmp((*place)->row.name, name) != 0)
		place = &(*place)->next;
	if (!*place) {
		*place = memory_new(1, sizeof(**place));
		TEXT_PUT((*place)->row.name, name);
	}
	bond = *place;
	if (!bond->wanted)
		bond->row.configured = TruthValue_false;
	if (configured)
		bond->row.configured = TruthValue_true;
	bond->wanted = true;
	return bond;
}

static void want_port(struct bond *bond, const char *name, bool configured)
{
	struct port **place = &bond->ports, *port;

	while (*place && strcmp((*place)->row.name, name) != 0)
		place = &(*place)->next;
	if (!*place) {
		*place = memory_new(1, sizeof(**place));
		TEXT_PUT((*place)->row.bond, bond->row.name);
		TEXT_PUT((*place)->row.name, name);
	}
	port = *place;
	if (!port->wanted)
		port->row.configured = TruthValue_false;
	if (configured)
		port->row.configured = TruthValue_true;
	port->wanted = true;
}

static void want_expected(struct bond_model *model)
{
	for (size_t i = 0; i < model->expected->bonds_count; i++) {
		const struct settings_expected_bond *expected = &model->expected->bonds[i];
		struct bond *bond = want_bond(model, expected->name, true);

		for (size_t port = 0; port < expected->ports_count; port++)
			want_port(bond, expected->ports[port], true);
	}
}

static void want_known(struct bond_model *model)
{
	for (const struct known *known = model->known; known; known = known->next)
		if (known->link.is_bond)
			want_bond(model, known->link.name, false);
	for (const struct known *known = model->known; known; known = known->next) {
		const struct known *bond =
			known->link.master ? find_index(model, known->link.master) : NULL;

		if (bond && bond->link.is_bond)
			want_port(want_bond(model, bond->link.name, false), known->link.name,
				  false);
	}
}

/* ---- what stands in them ---- */

static const struct known *find_port(const struct bond_model *model, const struct known *bond,
				     const char *name)
{
	const struct known *known = model->known;

	while (known &&
	       !(bond && known->link.master == bond->link.index && !strcmp(known->link.name, name)))
		known = known->next;
	return known;
}

/* Let the rows be looked at again at `when', if that has not passed. */
static void look_again(struct bond_model *model, int64_t when)
{
	if (when > model->now && (!model->due || when < model->due))
		model->due = when;
}

static struct bond_port_view view_of(struct bond_model *model, const struct known *known)
{
	int64_t oldest = known ? known->failed[FLAP_FAILURES - 1] : 0;

	if (!known)
		return (struct bond_port_view){ .link = NULL };
	if (oldest)
		look_again(model, oldest + FLAP_TIME);
	return (struct bond_port_view){
		.link = &known->link,
		.lacp = &known->lacp,
		.flaps = oldest && model->now - oldest < FLAP_TIME,
	};
}

static void derive_port(struct bond_model *model, const struct bond_link *bond, struct port *port,
			struct bond_port_view *view)
{
	struct bond_port_row before = port->row, *row = &port->row;

	bond_derive_port(row, bond, view);
	TEXT_PUT(row->bond, before.bond);
	TEXT_PUT(row->name, before.name);
	row->configured = before.configured;
	row->link_time = before.link_time;
	if (row->link != before.link) {
		row->link_time.wall = model->wall;
		port->link_since = model->now;
	}
	view->settled = model->now - port->link_since >= SETTLE_TIME;
	if (bond && bond->bond.mode == BOND_MODE_8023AD)
		look_again(model, port->link_since + SETTLE_TIME);
}

/* The name of the port with this index; "" when there is none. */
static const char *name_of(const struct bond_model *model, uint32_t index)
{
	const struct known *known = index == BOND_UNTOLD ? NULL : find_index(model, index);

	return known ? known->link.name : "";
}

static void remember(struct bond_row *row, const struct bond_row *before, bool was_derived,
		     int64_t wall)
{
	bool moved = strcmp(row->active, before->active) != 0;

	TEXT_PUT(row->name, before->name);
	row->configured = before->configured;
	row->redundancy_time = before->redundancy_time;
	row->active_time = before->active_time;
	row->active_changes = before->active_changes + (moved && was_derived);
	if (row->redundancy != before->redundancy)
		row->redundancy_time.wall = wall;
	if (moved)
		row->active_time.wall = wall;
}

static void derive_bond(struct bond_model *model, struct bond *bond)
{
	const struct known *known = find_bond(model, bond->row.name);
	const struct bond_link *link = known ? &known->link : NULL;
	struct bond_row before = bond->row;
	struct bond_port_row **rows;
	struct bond_port_view *views;
	size_t count = 0, at = 0;

	for (const struct port *port = bond->ports; port; port = port->next)
		count++;
	rows = memory_new(count + 1, sizeof(*rows));
	views = memory_new(count + 1, sizeof(*views));
	for (struct port *port = bond->ports; port; port = port->next, at++) {
		views[at] = view_of(model, find_port(model, known, port->row.name));
		derive_port(model, link, port, &views[at]);
		rows[at] = &port->row;
	}
	bond_derive(&bond->row, link, rows, count);
	bond_derive_problems(&bond->row, rows, views, count);
	if (link) {
		TEXT_PUT(bond->row.active, name_of(model, link->bond.active));
		TEXT_PUT(bond->row.primary, name_of(model, link->bond.primary));
		bond->row.active_index = bond->row.active[0] ? (int32_t)link->bond.active : 0;
	}
	remember(&bond->row, &before, bond->was_derived, model->wall);
	bond->was_derived = true;
	free(views);
	free(rows);
}

/* ---- reports ---- */

static void drop_ports(struct bond *bond, const struct bond_report *report)
{
	struct port **place = &bond->ports;

	while (*place) {
		struct port *port = *place;

		if (port->wanted) {
			place = &port->next;
			continue;
		}
		if (port->was_told)
			report->gone(&bond_port_table, &port->row);
		*place = port->next;
		free(port);
	}
}

static void drop_bonds(struct bond_model *model, const struct bond_report *report)
{
	struct bond **place = &model->bonds;

	while (*place) {
		struct bond *bond = *place;

		drop_ports(bond, report);
		if (bond->wanted) {
			place = &bond->next;
			continue;
		}
		if (bond->was_told)
			report->gone(&bond_table, &bond->row);
		*place = bond->next;
		free(bond);
	}
}

static void derive_all(struct bond_model *model, const struct bond_report *report)
{
	for (struct bond *bond = model->bonds; bond; bond = bond->next) {
		bond->wanted = false;
		for (struct port *port = bond->ports; port; port = port->next)
			port->wanted = false;
	}
	want_expected(model);
	want_known(model);
	drop_bonds(model, report);
	model->due = 0;
	for (struct bond *bond = model->bonds; bond; bond = bond->next)
		derive_bond(model, bond);
}

/* Rows are made of zeroed memory, so that what is equal is so octet by octet. */
static bool is_same(const struct table *table, const void *row, const void *told)
{
	return !memcmp(row, told, table->size);
}

static unsigned int report_ports(struct bond *bond, const struct bond_report *report, bool whole)
{
	unsigned int reported = 0;

	for (struct port *port = bond->ports; port; port = port->next) {
		if (!whole && port->was_told && is_same(&bond_port_table, &port->row, &port->told))
			continue;
		report->row(&bond_port_table, &port->row);
		memcpy(&port->told, &port->row, sizeof(port->row));
		port->was_told = true;
		reported++;
	}
	return reported;
}

static bool report_bond(struct bond *bond, const struct bond_report *report, bool whole)
{
	if (!whole && bond->was_told && is_same(&bond_table, &bond->row, &bond->told))
		return false;
	report->row(&bond_table, &bond->row);
	memcpy(&bond->told, &bond->row, sizeof(bond->row));
	bond->was_told = true;
	return true;
}

unsigned int bond_model_report(struct bond_model *model, const struct bond_report *report,
			       bool whole)
{
	unsigned int reported = 0;

	derive_all(model, report);
	if (whole)
		report->begin(&bond_port_table);
	for (struct bond *bond = model->bonds; bond; bond = bond->next)
		reported += report_ports(bond, report, whole);
	if (whole) {
		report->end(&bond_port_table);
		report->begin(&bond_table);
	}
	for (struct bond *bond = model->bonds; bond; bond = bond->next)
		reported += report_bond(bond, report, whole);
	if (whole)
		report->end(&bond_table);
	return reported;
}

int64_t bond_model_due(const struct bond_model *model)
{
	return model->due;
}
