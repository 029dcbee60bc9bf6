/* The witness source: asks the witnesses of the groups, and the peer, whether they answer.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_WITNESS_SOURCE_H
#define HA_WITNESS_SOURCE_H

struct source;

extern const struct source witness_source;

#endif
