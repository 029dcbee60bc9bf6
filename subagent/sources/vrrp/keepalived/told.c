/* What a dump of keepalived has told.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/vrrp/keepalived/told.h"

#include <stdlib.h>
#include <string.h>

#include "lib/memory.h"
#include "mib/ha-agentx-mib.h"

struct claim *told_add(struct told *told)
{
	struct claim *claim;

	told->claims = memory_resize(told->claims, told->count + 1, sizeof(*told->claims));
	claim = &told->claims[told->count++];
	memset(claim, 0, sizeof(*claim));
	claim->state = claim->wanted_state = HaVrrpState_unknown;
	claim->origin = haVrrpInstanceStateOrigin_unknown;
	claim->nopreempt = claim->files_known = HaAnswer_unknown;
	claim->auth_type = haVrrpRouterAuthType_unknown;
	return claim;
}

void told_add_address(struct claim *claim, const struct claim_address *address)
{
	claim->addresses = memory_resize(claim->addresses, claim->addresses_count + 1,
					 sizeof(*claim->addresses));
	claim->addresses[claim->addresses_count++] = *address;
}

struct claim_file *told_add_file(struct claim *claim)
{
	struct claim_file *file;

	claim->files = memory_resize(claim->files, claim->files_count + 1, sizeof(*claim->files));
	file = &claim->files[claim->files_count++];
	memset(file, 0, sizeof(*file));
	return file;
}

void told_free_claim(struct claim *claim)
{
	free(claim->addresses);
	free(claim->files);
	claim->addresses = NULL;
	claim->files = NULL;
	claim->addresses_count = claim->files_count = 0;
}

void told_free(struct told *told)
{
	for (size_t i = 0; i < told->count; i++)
		told_free_claim(&told->claims[i]);
	free(told->claims);
	*told = (struct told){ 0 };
}
