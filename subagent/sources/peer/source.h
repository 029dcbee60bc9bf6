/* The peer source: what the agent of the other node says, asked over SNMPv3.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_PEER_SOURCE_H
#define HA_PEER_SOURCE_H

struct source;

extern const struct source peer_source;

#endif
