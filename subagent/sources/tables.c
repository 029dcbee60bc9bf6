/* The tables of every source there is, without the sources.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <stddef.h>

#include "subagent/source.h"
#include "subagent/sources/bond/rows.h"
#include "subagent/sources/dns/rows.h"
#include "subagent/sources/drbd/rows.h"
#include "subagent/sources/ipvs/rows.h"
#include "subagent/sources/member/tables.h"
#include "subagent/sources/nfs/rows.h"
#include "subagent/sources/peer/rows.h"
#include "subagent/sources/vrrp/rows.h"
#include "subagent/sources/witness/rows.h"

const struct table *const *const source_tables[] = {
	dns_tables, vrrp_tables,   bond_tables,    ipvs_tables, drbd_tables,
	nfs_tables, member_tables, witness_tables, peer_tables, NULL,
};
