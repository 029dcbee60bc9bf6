/* The DRBD source: resources, volumes, peers and their replication, on DRBD 8.4 and 9.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_DRBD_H
#define HA_DRBD_H

#include "subagent/source.h"

extern const struct source drbd_source;

#endif
