/* Every source there is.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <stddef.h>

#include "subagent/source.h"
#include "subagent/sources/bond/source.h"
#include "subagent/sources/dns/source.h"
#include "subagent/sources/drbd/source.h"
#include "subagent/sources/ipvs/source.h"
#include "subagent/sources/member/source.h"
#include "subagent/sources/nfs/source.h"
#include "subagent/sources/peer/source.h"
#include "subagent/sources/vrrp/source.h"
#include "subagent/sources/witness/source.h"

const struct source *const sources[] = {
	&dns_source, &vrrp_source,   &bond_source,    &ipvs_source, &drbd_source,
	&nfs_source, &member_source, &witness_source, &peer_source, NULL,
};
