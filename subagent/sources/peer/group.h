/* What the peer is to the groups of this node, from what its agent says.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_PEER_GROUP_H
#define HA_PEER_GROUP_H

struct peer_kind;

/* haGroupPeerTable: each group of this node's configuration. */
extern const struct peer_kind peer_group_kind;

#endif
