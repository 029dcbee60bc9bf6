/* Asks DRBD for the state of a resource, or for a role.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "actions/drbd_ask.h"

#include <stddef.h>

#include "lib/settings.h"
#include "lib/tool.h"

const char *drbd_ask(const struct settings *settings, enum drbd_order order, const char *resource,
		     int64_t deadline, struct tool_result *result)
{
	const char *const look[] = { settings->drbdsetup, "events2", "--now", resource, NULL };
	const char *const role[] = {
		settings->drbdadm,
		order == DRBD_ORDER_PRIMARY ? "primary" : "secondary",
		resource,
		NULL,
	};

	if (settings->drbd_netlink && drbd_genl_ask(order, resource, deadline, result))
		return "the request to DRBD";
	tool_run(order == DRBD_ORDER_LOOK ? look : role, deadline, result);
	return order == DRBD_ORDER_LOOK ? "drbdsetup" : "drbdadm";
}
