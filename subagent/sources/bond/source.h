/* The bonding source: bonds and their ports, from rtnetlink.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_BOND_SOURCE_H
#define HA_BOND_SOURCE_H

struct source;

extern const struct source bond_source;

#endif
