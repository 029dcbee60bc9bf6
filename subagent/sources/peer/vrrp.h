/* Judges whether the peer would take an instance over, from what its agent says.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_PEER_VRRP_H
#define HA_PEER_VRRP_H

struct peer_kind;

/* haVrrpPeerTable: each VRRP instance of the peer. */
extern const struct peer_kind peer_vrrp_kind;

#endif
