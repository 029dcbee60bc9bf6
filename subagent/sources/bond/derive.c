/* What follows from what the kernel told of a bond and its ports: their rows.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/bond/derive.h"

#include <linux/if_bonding.h>
#include <string.h>

#include "mib/ha-agentx-mib.h"
#include "subagent/sources/bond/lacp.h"
#include "subagent/sources/bond/link.h"
#include "subagent/sources/bond/rows.h"
#include "subagent/sources/bond/words.h"

#define BIT(label) (UINT32_C(1) << haBondPortProblems_##label)
#define LACP_DEFAULTED (UINT32_C(1) << haBondPortActorState_defaulted)

/* ---- columns without a value ---- */

static void leave_out(struct row *head, unsigned int object)
{
	head->absent |= UINT64_C(1) << mib_objects[object].arc;
}

static uint32_t told(struct row *head, unsigned int object, uint32_t number)
{
	if (number != BOND_UNTOLD)
		return number;
	leave_out(head, object);
	return 0;
}

/* ---- a port ---- */

static bool is_on(uint32_t number)
{
	return number != BOND_UNTOLD && number != 0;
}

static bool is_monitored(const struct bond_facts *bond)
{
	return is_on(bond->miimon) || is_on(bond->arp_interval);
}

/* A port that is switched off is without a carrier to the bond, whatever its driver says. */
static uint32_t carrier_of(const struct bond_link *port)
{
	return port->admin_up ? port->carrier : 0;
}

/* The bond looks at carriers once in miimon, and then says nothing of the delays that it keeps. The
 * carrier itself is told at once, and says what the bond will find. Not of a port that it still
 * sends by: a notification that goes out before the bond has left it goes into the dead cable. */
static int32_t link_of(const struct bond_facts *bond, const struct bond_link *port)
{
	int32_t link = bond_word_link(port->port.mii_status);
	uint32_t carrier = carrier_of(port);
	bool mii = is_on(bond->miimon);

	if (!is_monitored(bond) || bond->use_carrier == 0)
		return link;
	if (link == haBondPortLink_up && carrier == 0 && mii && is_on(bond->down_delay))
		return haBondPortLink_goingDown;
	if (link == haBondPortLink_up && carrier == 0 && port->port.state == BOND_STATE_BACKUP)
		return haBondPortLink_down;
	if (link == haBondPortLink_down && carrier == 1 && mii && is_on(bond->up_delay))
		return haBondPortLink_goingBack;
	return link;
}

/* Modes with several active ports leave one active that has no link. */
static int32_t use_of(int32_t link, uint32_t state)
{
	if (state != BOND_UNTOLD &&
	    (link == haBondPortLink_down || link == haBondPortLink_goingBack))
		return haBondPortUse_backup;
	return bond_word_use(state);
}

static void derive_partner(struct bond_port_row *row, const struct bond_lacp *lacp)
{
	static const uint16_t columns[] = {
		mib_haBondPortActorKey,    mib_haBondPortPartnerSystem,
		mib_haBondPortPartnerKey,  mib_haBondPortPartnerSystemPriority,
		mib_haBondPortPartnerPort, mib_haBondPortPartnerPortPriority,
	};

	if (!lacp || !lacp->told) {
		for (size_t i = 0; i < sizeof(columns) / sizeof(*columns); i++)
			leave_out(&row->head, columns[i]);
		return;
	}
	row->actor_key = lacp->actor_key;
	row->partner_system = lacp->partner_system;
	row->partner_system_priority = lacp->partner_system_priority;
	row->partner_key = lacp->partner_key;
	row->partner_port = lacp->partner_port;
	row->partner_port_priority = lacp->partner_port_priority;
}

/* Identifiers and states are 16 and 8 bits wide. */
static void derive_lacp(struct bond_port_row *row, const struct bond_port_facts *port,
			const struct bond_lacp *lacp)
{
	struct row *head = &row->head;

	row->aggregator = told(head, mib_haBondPortAggregator, port->aggregator) & 0xffff;
	row->actor_state = told(head, mib_haBondPortActorState, port->actor_state) & 0xff;
	row->partner_state = told(head, mib_haBondPortPartnerState, port->partner_state) & 0xff;
	derive_partner(row, lacp);
}

void bond_derive_port(struct bond_port_row *row, const struct bond_link *bond,
		      const struct bond_port_view *port)
{
	const struct bond_link *link = port->link;
	struct bond_link nothing;

	bond_link_clear(&nothing);
	nothing.admin_up = true;
	bond = bond ? bond : &nothing;
	link = link ? link : &nothing;
	memset(row, 0, sizeof(*row));
	row->head.state = port->link ? HaRowState_fresh : HaRowState_missing;
	row->index = (int32_t)link->index;
	row->link = link_of(&bond->bond, link);
	row->carrier = bond_word_answer(carrier_of(link));
	row->speed = link->speed;
	row->duplex = bond_word_duplex(link->duplex);
	row->address = link->port.address;
	row->use = use_of(row->link, link->port.state);
	row->failures = told(&row->head, mib_haBondPortLinkFailures, link->port.failures);
	row->queue = told(&row->head, mib_haBondPortQueueId, link->port.queue) & 0xffff;
	if (bond->bond.mode == BOND_MODE_8023AD)
		derive_lacp(row, &link->port, port->lacp);
	else
		derive_lacp(row, &nothing.port, NULL);
}

/* ---- a bond ---- */

/* The bond counts on one that is going down, too. */
static bool is_up(const struct bond_port_row *port)
{
	return port->link == haBondPortLink_up || port->link == haBondPortLink_goingDown;
}

static void count_ports(struct bond_row *row, struct bond_port_row *const *ports, size_t count)
{
	row->ports = (uint32_t)count;
	for (size_t i = 0; i < count; i++) {
		if (!is_up(ports[i]))
			continue;
		row->ports_up++;
		row->aggregator_ports += row->aggregator && ports[i]->aggregator == row->aggregator;
		if (ports[i]->use == haBondPortUse_active)
			row->speed += ports[i]->speed;
	}
}

static void derive_monitoring(struct bond_row *row, const struct bond_facts *bond)
{
	struct row *head = &row->head;

	if (is_on(bond->arp_interval))
		row->monitoring = haBondMonitoring_arp;
	else if (is_on(bond->miimon))
		row->monitoring = haBondMonitoring_mii;
	else if (bond->miimon == BOND_UNTOLD || bond->arp_interval == BOND_UNTOLD)
		row->monitoring = haBondMonitoring_unknown;
	else
		row->monitoring = haBondMonitoring_none;
	row->interval =
		told(head, mib_haBondMonitorInterval,
		     row->monitoring == haBondMonitoring_arp ? bond->arp_interval : bond->miimon);
	row->up_delay = told(head, mib_haBondUpDelay, bond->up_delay);
	row->down_delay = told(head, mib_haBondDownDelay, bond->down_delay);
	memcpy(row->arp_targets, bond->arp_targets, sizeof(row->arp_targets));
}

static void leave_out_lacp(struct row *head)
{
	static const uint16_t columns[] = {
		mib_haBondLacpRate,        mib_haBondAdSelect, mib_haBondAggregator,
		mib_haBondAggregatorPorts, mib_haBondActorKey, mib_haBondPartnerKey,
		mib_haBondPartnerSystem,
	};

	for (size_t i = 0; i < sizeof(columns) / sizeof(*columns); i++)
		leave_out(head, columns[i]);
}

/* Without an active aggregator the kernel leaves out all about it. */
static void take_lacp(struct bond_row *row, const struct bond_facts *bond)
{
	row->lacp_rate = bond_word_rate(bond->lacp_rate);
	row->ad_select = bond_word_select(bond->ad_select);
	row->aggregator = bond->aggregator == BOND_UNTOLD ? 0 : bond->aggregator & 0xffff;
	row->actor_key = told(&row->head, mib_haBondActorKey, bond->actor_key) & 0xffff;
	row->partner_key = told(&row->head, mib_haBondPartnerKey, bond->partner_key) & 0xffff;
	row->partner_system = bond->partner_system;
}

/* min_links counts in mode 802.3ad alone, and there the ports of one aggregator (the kernel's
 * bonding.txt). */
static int32_t redundancy_of(const struct bond_row *row, uint32_t carrier)
{
	bool lacp = row->mode == haBondMode_ieee8023ad;

	if (row->admin_up != HaAnswer_yes || carrier == 0 || !row->ports_up ||
	    (lacp && row->aggregator_ports < row->min_links))
		return haBondRedundancy_down;
	if (row->monitoring == haBondMonitoring_none)
		return haBondRedundancy_unmonitored;
	if (row->monitoring == haBondMonitoring_unknown)
		return haBondRedundancy_unknown;
	if (row->ports_up == 1 ||
	    (lacp && row->min_links && row->aggregator_ports <= row->min_links))
		return haBondRedundancy_none;
	return row->ports_up == row->ports ? haBondRedundancy_full : haBondRedundancy_degraded;
}

void bond_derive(struct bond_row *row, const struct bond_link *bond,
		 struct bond_port_row *const *ports, size_t count)
{
	const struct bond_link *link = bond;
	struct bond_link nothing;

	bond_link_clear(&nothing);
	link = link ? link : &nothing;
	memset(row, 0, sizeof(*row));
	row->head.state = bond ? HaRowState_fresh : HaRowState_missing;
	row->index = (int32_t)link->index;
	row->address = link->address;
	row->mode = bond_word_mode(link->bond.mode);
	row->admin_up = bond ? bond_word_answer(bond->admin_up) : HaAnswer_unknown;
	row->oper = bond_word_oper(link->oper);
	row->reselect = bond_word_reselect(link->bond.reselect);
	row->min_links = told(&row->head, mib_haBondMinLinks, link->bond.min_links);
	derive_monitoring(row, &link->bond);
	if (row->mode == haBondMode_ieee8023ad)
		take_lacp(row, &link->bond);
	else
		leave_out_lacp(&row->head);
	count_ports(row, ports, count);
	row->redundancy = bond ? redundancy_of(row, bond->carrier) : haBondRedundancy_unknown;
}

/* ---- problems ---- */

/* The fastest port that is up is as all should be. */
static uint32_t pace_problems(const struct bond_port_row *port, uint32_t fastest, bool has_full)
{
	bool half = port->duplex == haBondPortDuplex_half;

	return (port->speed && port->speed < fastest ? BIT(speedDiffers) : 0) |
	       (half && has_full ? BIT(duplexDiffers) : 0) | (half ? BIT(halfDuplex) : 0);
}

/* Without a partner each port is alone in its aggregator. */
static uint32_t lacp_problems(const struct bond_row *bond, const struct bond_port_row *port)
{
	if (bond->mode != haBondMode_ieee8023ad)
		return 0;
	if (port->actor_state & LACP_DEFAULTED)
		return BIT(noPartner);
	return bond->aggregator && port->aggregator && port->aggregator != bond->aggregator ?
		       BIT(foreignAggregator) :
		       0;
}

void bond_derive_problems(const struct bond_row *bond, struct bond_port_row *const *ports,
			  const struct bond_port_view *views, size_t count)
{
	uint32_t fastest = 0;
	bool has_full = false;

	for (size_t i = 0; i < count; i++)
		if (is_up(ports[i])) {
			fastest = ports[i]->speed > fastest ? ports[i]->speed : fastest;
			has_full |= ports[i]->duplex == haBondPortDuplex_full;
		}
	for (size_t i = 0; i < count; i++) {
		ports[i]->problems = views[i].flaps ? BIT(linkFlaps) : 0;
		if (!is_up(ports[i]))
			continue;
		ports[i]->problems |= pace_problems(ports[i], fastest, has_full);
		if (views[i].settled)
			ports[i]->problems |= lacp_problems(bond, ports[i]);
	}
}
