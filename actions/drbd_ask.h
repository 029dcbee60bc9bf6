/* Asks DRBD for the state of a resource, or for a role.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_DRBD_ASK_H
#define HA_DRBD_ASK_H

#include <stdint.h>

#include "actions/drbd_genl.h"

struct settings;
struct tool_result;

/* Have an order carried out until `deadline' (clock_now()): by the kernel itself where it is DRBD
 * 8.4 (and the configuration does not forbid it), otherwise by drbdsetup and drbdadm. What came of
 * it stands in `result', in the words of these programs. Returns whom to name in front of a
 * complaint. That an order was carried out says nothing about the role: look. */
const char *drbd_ask(const struct settings *settings, enum drbd_order order, const char *resource,
		     int64_t deadline, struct tool_result *result);

#endif
