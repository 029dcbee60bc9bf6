/* Virtual services as people write them.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/ipvs/text.h"

#include <inttypes.h>

#include "lib/memory.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/sources/ipvs/wire.h"

void ipvs_text_service(const struct ipvs_key *key, char *text, size_t size)
{
	const char *protocol = mib_label_of(HaIpvsProtocol_labels, (int32_t)key->protocol);
	char server[ADDRESS_TEXT_MAX];

	if (key->protocol == HaIpvsProtocol_fwmark) {
		text_print(text, size, "fwmark %" PRIu32 "%s", key->mark,
			   key->address.family == AF_INET6 ? " ipv6" : "");
		return;
	}
	address_print_port(&key->address, server, sizeof(server));
	text_print(text, size, "%s %s", protocol ? protocol : "other", server);
}
