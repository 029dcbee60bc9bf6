/* The gates of servers that do not run.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "actions/nfsd_gates.h"

#include <stdbool.h>
#include <string.h>

#include "actions/nfsd.h"
#include "actions/port_gate.h"
#include "lib/address.h"
#include "lib/clock.h"
#include "lib/log.h"
#include "lib/settings.h"
#include "lib/settings_group.h"

#define TIME 1000 /* milliseconds, for each gate */

static bool runs(const struct address *address)
{
	return nfsd_is_listening(address) || nfsd_count_threads();
}

/* Another executor may start the server at this moment, and opens its gate when it has sockets. */
static void close_gate(const struct address *address)
{
	char text[ADDRESS_TEXT_MAX];
	int error = port_gate_close(address, clock_now() + TIME);

	if (!error && runs(address))
		error = port_gate_open(address, clock_now() + TIME);
	if (!error)
		return;
	address_print_port(address, text, sizeof(text));
	log_warning("the rule of routing for %s cannot be made: %s", text, strerror(error));
}

static void close_gates(const struct settings_member *member)
{
	for (size_t i = 0; i < member->addresses_count; i++)
		if (!runs(&member->addresses[i]))
			close_gate(&member->addresses[i]);
}

void nfsd_gates_close(const struct settings *settings)
{
	for (size_t i = 0; i < settings->groups->count; i++) {
		const struct settings_group *group = &settings->groups->groups[i];

		for (size_t j = 0; j < group->members_count; j++)
			close_gates(&group->members[j]);
	}
}
