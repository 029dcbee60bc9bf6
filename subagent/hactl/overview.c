/* The network on one screen, a line each: what several tables say of a thing, side by side.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/hactl/overview.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#include "lib/memory.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/board.h"
#include "subagent/groups/rows.h"
#include "subagent/hactl/print.h"
#include "subagent/hactl/sheet.h"
#include "subagent/requests/ipvs.h"
#include "subagent/requests/vrrp.h"
#include "subagent/sources/bond/rows.h"
#include "subagent/sources/ipvs/rows.h"
#include "subagent/sources/peer/rows.h"
#include "subagent/sources/vrrp/rows.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* A row that is not fresh says so before what it says. */
static void put_state(struct sheet *sheet, const struct row *head, const char *label)
{
	if (head->state == HaRowState_fresh)
		sheet_put(sheet, "%s", label);
	else if (head->state == HaRowState_missing)
		sheet_put(sheet, "MISSING");
	else
		sheet_put(sheet, "%s (%s)", print_label(HaRowState_labels, head->state), label);
}

static const char *print_address(const struct octets *octets, char *text, socklen_t size)
{
	text_put(text, size, "-");
	inet_ntop(octets->length == 16 ? AF_INET6 : AF_INET, octets->octet, text, size);
	return text;
}

/* The row at a position of a table, which moves on; NULL at the end. */
static const void *next_row(const struct board *board, unsigned int entry, size_t *position)
{
	const struct rows *rows = board_rows(board, entry);

	return rows && *position < rows->count ? rows->entries[(*position)++]->row : NULL;
}

/* The last cell says what the column says, and how bad that is. */
static void rate(struct sheet *sheet, const struct table *table, unsigned int object,
		 const void *row)
{
	sheet_rate(sheet, print_severity(table_column(table, object), row));
}

/* ---- groups ---- */

/* The other node, and how old that is where it does not answer. */
static void put_other(struct sheet *sheet, const struct group_row *row)
{
	const char *name = row->peer[0] ? row->peer : "?";

	if (row->peer_reachable == HaAnswer_yes)
		sheet_put(sheet, "%s: %s", name, print_label(HaServiceRole_labels, row->peer_role));
	else
		sheet_put(sheet, "%s: NO ANSWER", name);
	rate(sheet, &group_table, mib_haGroupPeerReachable, row);
}

static void put_switch(struct sheet *sheet, const struct group_row *row)
{
	char bits[SHEET_CELL];

	table_print(table_column(&group_table, mib_haGroupSwitchBlockers), row, bits, sizeof(bits));
	if (row->switch_ready == HaAnswer_yes)
		sheet_put(sheet, "ready");
	else
		sheet_put(sheet, "NOT READY: %s", bits);
	rate(sheet, &group_table, mib_haGroupSwitchReady, row);
}

/* Those that are not as they should be. */
static void put_members(struct sheet *sheet, const struct board *board,
			const struct group_row *group)
{
	char *cell = sheet_cell(sheet);
	const struct group_member_row *row;
	size_t position = 0;

	while ((row = next_row(board, mib_haGroupMemberEntry, &position)))
		if (!strcmp(row->group, group->name) && row->wanted != row->member_state &&
		    row->wanted != haGroupMemberWanted_unknown)
			sheet_list(cell, "%s %s", row->name,
				   print_label(haGroupMemberState_labels, row->member_state));
	if (!*cell)
		sheet_list(cell, "as they should be");
	else if (group->members_failed)
		sheet_rate(sheet, HaSeverity_major);
}

void overview_groups(const struct board *board)
{
	static const char *const titles[] = { "Group",      "This node",  "Active on",
					      "Other node", "Switchover", "Members" };
	const struct group_row *row;
	struct sheet sheet;
	size_t position = 0;

	sheet_open(&sheet, titles, COUNT(titles));
	while ((row = next_row(board, mib_haGroupEntry, &position))) {
		sheet_put(&sheet, "%s", row->name);
		put_state(&sheet, &row->head, print_label(HaServiceRole_labels, row->role));
		rate(&sheet, &group_table, mib_haGroupRole, row);
		sheet_put(&sheet, "%s",
			  row->active_node[0]        ? row->active_node :
			  row->served == HaAnswer_no ? "NO NODE" :
						       "not known");
		put_other(&sheet, row);
		put_switch(&sheet, row);
		put_members(&sheet, board, row);
	}
	sheet_print(&sheet);
}

/* ---- VRRP ---- */

static void put_addresses(struct sheet *sheet, const struct board *board, const char *instance)
{
	char *cell = sheet_cell(sheet), text[INET6_ADDRSTRLEN];
	const struct vrrp_address_row *row;
	size_t position = 0;

	while ((row = next_row(board, mib_haVrrpAddressEntry, &position))) {
		if (strcmp(row->name, instance) != 0)
			continue;
		print_address(&row->value, text, sizeof(text));
		if (row->present_interface[0])
			sheet_list(cell, "%s on %s", text, row->present_interface);
		else
			sheet_list(cell, "%s not here", text);
	}
}

/* Whoever advertises claims to be master. */
static void put_claims(struct sheet *sheet, const struct board *board,
		       const struct vrrp_instance_row *instance)
{
	char *cell = sheet_cell(sheet), text[INET6_ADDRSTRLEN];
	const struct vrrp_router_row *row;
	size_t position = 0;

	while ((row = next_row(board, mib_haVrrpRouterEntry, &position)))
		if (row->router_state == haVrrpRouterState_advertising &&
		    row->vrid == instance->vrid && row->type == instance->address_type &&
		    (!strcmp(row->interface, instance->interface) ||
		     !strcmp(row->instance, instance->name)))
			sheet_list(cell, "%s%s", print_address(&row->address, text, sizeof(text)),
				   row->own == TruthValue_true ? " (this node)" : "");
	if (!*cell)
		sheet_list(cell, "nobody");
}

static void put_hold(struct sheet *sheet, const struct board *board,
		     const struct vrrp_instance_row *instance)
{
	struct action_vrrp_row key = { .head.state = 0 };
	const struct action_vrrp_row *action;

	TEXT_PUT(key.name, instance->name);
	action = board_row(board, mib_haActionVrrpEntry, &key);
	if (instance->held == HaAnswer_yes && action && action->seconds)
		sheet_put(sheet, "for %" PRIu32 " s", action->seconds);
	else
		sheet_put(sheet, "%s", print_label(HaAnswer_labels, instance->held));
}

static void put_peer(struct sheet *sheet, const struct board *board, const char *instance)
{
	struct peer_vrrp_row key = { .head.state = 0 };
	const struct peer_vrrp_row *peer = NULL;

	TEXT_PUT(key.instance, instance);
	if (board_rows(board, mib_haVrrpPeerEntry))
		peer = board_row(board, mib_haVrrpPeerEntry, &key);
	if (!peer)
		sheet_put(sheet, "-");
	else if (peer->head.state == HaRowState_fresh && peer->healthy == HaAnswer_yes)
		sheet_put(sheet, "%s: %s", peer->node,
			  print_label(HaVrrpState_labels, peer->vrrp_state));
	else
		sheet_put(sheet, "%s: NOT READY, %s", peer->node[0] ? peer->node : "?",
			  print_label(haVrrpPeerCause_labels, peer->cause));
}

void overview_vrrp(const struct board *board)
{
	static const char *const titles[] = {
		"Instance", "State", "Addresses", "Advertised by", "Consistency", "Held", "Peer",
	};
	const struct vrrp_instance_row *row;
	struct sheet sheet;
	size_t position = 0;

	sheet_open(&sheet, titles, COUNT(titles));
	while ((row = next_row(board, mib_haVrrpInstanceEntry, &position))) {
		sheet_put(&sheet, "%s", row->name);
		put_state(&sheet, &row->head, print_label(HaVrrpState_labels, row->vrrp_state));
		rate(&sheet, &vrrp_instance_table, mib_haVrrpInstanceState, row);
		put_addresses(&sheet, board, row->name);
		put_claims(&sheet, board, row);
		sheet_put(&sheet, "%s",
			  print_label(haVrrpInstanceConsistency_labels, row->consistency));
		rate(&sheet, &vrrp_instance_table, mib_haVrrpInstanceConsistency, row);
		put_hold(&sheet, board, row);
		put_peer(&sheet, board, row->name);
	}
	sheet_print(&sheet);
}

/* ---- bonds ---- */

/* A carrier without a link is a fault beyond the cable. */
static void list_port(char *cell, const struct bond_port_row *port)
{
	if (port->head.state == HaRowState_missing)
		sheet_list(cell, "%s MISSING", port->name);
	else if (port->link == haBondPortLink_up && port->carrier != HaAnswer_no)
		sheet_list(cell, "%s up", port->name);
	else
		sheet_list(cell, "%s %s (%s)", port->name,
			   print_label(haBondPortLink_labels, port->link),
			   port->carrier == HaAnswer_no ? "no carrier" : "carrier is there");
}

static void put_ports(struct sheet *sheet, const struct board *board, const char *bond)
{
	char *cell = sheet_cell(sheet);
	const struct bond_port_row *row;
	size_t position = 0;

	while ((row = next_row(board, mib_haBondPortEntry, &position)))
		if (!strcmp(row->bond, bond))
			list_port(cell, row);
}

void overview_bonds(const struct board *board)
{
	static const char *const titles[] = { "Bond", "Redundancy", "Mode", "Active", "Ports" };
	const struct bond_row *row;
	struct sheet sheet;
	size_t position = 0;

	sheet_open(&sheet, titles, COUNT(titles));
	while ((row = next_row(board, mib_haBondEntry, &position))) {
		sheet_put(&sheet, "%s", row->name);
		put_state(&sheet, &row->head,
			  print_label(haBondRedundancy_labels, row->redundancy));
		rate(&sheet, &bond_table, mib_haBondRedundancy, row);
		sheet_put(&sheet, "%s", print_label(haBondMode_labels, row->mode));
		sheet_put(&sheet, "%s", row->active[0] ? row->active : "-");
		put_ports(&sheet, board, row->name);
	}
	sheet_print(&sheet);
}

/* ---- virtual services ---- */

static bool is_of(const struct ipvs_real_row *real, const struct ipvs_service_row *service)
{
	return real->protocol == service->protocol && real->service_type == service->address_type &&
	       real->service_port == service->port &&
	       !memcmp(&real->service, &service->address, sizeof(real->service));
}

/* How long it stays drained. */
static uint32_t seconds_of(const struct board *board, const struct ipvs_real_row *real)
{
	const struct action_ipvs_row key = {
		.protocol = real->protocol,
		.service_type = real->service_type,
		.service_port = real->service_port,
		.service = real->service,
		.address_type = real->address_type,
		.port = real->port,
		.address = real->address,
	};
	const struct action_ipvs_row *row = board_row(board, mib_haActionIpvsEntry, &key);

	return row ? row->seconds : 0;
}

static void put_missing(struct sheet *sheet, const struct board *board,
			const struct ipvs_service_row *service)
{
	char *cell = sheet_cell(sheet);
	const struct ipvs_real_row *row;
	size_t position = 0;
	uint32_t seconds;

	while ((row = next_row(board, mib_haIpvsRealEntry, &position))) {
		if (!is_of(row, service) || row->real_state == haIpvsRealState_active)
			continue;
		seconds = seconds_of(board, row);
		if (seconds)
			sheet_list(cell, "%s drained for %" PRIu32 " s", row->text, seconds);
		else
			sheet_list(cell, "%s %s", row->text,
				   print_label(haIpvsRealState_labels, row->real_state));
	}
	if (!*cell)
		sheet_list(cell, "-");
}

void overview_services(const struct board *board)
{
	static const char *const titles[] = {
		"Service", "State", "Scheduler", "Servers", "Connections", "Out",
	};
	const struct ipvs_service_row *row;
	struct sheet sheet;
	size_t position = 0;

	sheet_open(&sheet, titles, COUNT(titles));
	while ((row = next_row(board, mib_haIpvsServiceEntry, &position))) {
		sheet_put(&sheet, "%s", row->text);
		put_state(&sheet, &row->head,
			  print_label(haIpvsServiceState_labels, row->service_state));
		rate(&sheet, &ipvs_service_table, mib_haIpvsServiceState, row);
		sheet_put(&sheet, "%s", row->scheduler);
		sheet_put(&sheet, "%" PRIu32 " of %" PRIu32, row->reals_active, row->reals);
		sheet_put(&sheet, "%" PRIu32, row->active);
		put_missing(&sheet, board, row);
	}
	sheet_print(&sheet);
}
