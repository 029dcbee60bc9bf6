/* Agreement by reference or by majority.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/dns/zones/agreement.h"

#include <string.h>

#include "mib/ha-agentx-mib.h"

static bool is_alike(const struct opinion *one, const struct opinion *other)
{
	return one->known && other->known &&
	       memcmp(one->digest, other->digest, sizeof(one->digest)) == 0;
}

static size_t count_votes(const struct opinion *opinions, size_t count, size_t which)
{
	size_t votes = 0;

	for (size_t i = 0; i < count; i++)
		votes += is_alike(&opinions[i], &opinions[which]);
	return votes;
}

/* Whether no other answer has as many votes as that of `which`. */
static bool is_majority(const struct opinion *opinions, size_t count, size_t which)
{
	size_t votes = count_votes(opinions, count, which);

	for (size_t i = 0; i < count; i++)
		if (opinions[i].known && !is_alike(&opinions[i], &opinions[which]) &&
		    count_votes(opinions, count, i) >= votes)
			return false;
	return true;
}

int32_t agreement_judge(const struct opinion *opinions, size_t count, size_t which,
			size_t reference)
{
	size_t known = 0;
	bool agrees;

	for (size_t i = 0; i < count; i++)
		known += opinions[i].known;
	if (!opinions[which].known || known < 2)
		return haDnsZoneAgreement_unknown;
	if (reference < count && opinions[reference].known)
		agrees = is_alike(&opinions[which], &opinions[reference]);
	else
		agrees = is_majority(opinions, count, which);
	return agrees ? haDnsZoneAgreement_agrees : haDnsZoneAgreement_differs;
}
