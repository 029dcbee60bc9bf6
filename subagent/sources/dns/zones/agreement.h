/* Whether several servers give the same records.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_DNS_AGREEMENT_H
#define HA_DNS_AGREEMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "subagent/sources/dns/zones/rrset.h"

/* What a server has answered to all that is compared, at one serial of the zone. */
struct opinion {
	bool known;
	uint8_t digest[DNS_DIGEST_SIZE];
};

/* The judgement on the server at a position: enum haDnsZoneAgreement. `reference` is the position
 * of the one that is right by definition; when that is not below `count` or is not known, most are
 * right, and all differ when no answer has more votes than any other. Unknown when nobody is there
 * to be compared with. */
int32_t agreement_judge(const struct opinion *opinions, size_t count, size_t which,
			size_t reference);

#endif
