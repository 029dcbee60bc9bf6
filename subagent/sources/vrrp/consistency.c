/* What keepalived says of an instance, against what is so: addresses on interfaces, adverts heard.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/vrrp/consistency.h"

#include "mib/ha-agentx-mib.h"

uint32_t vrrp_silence(uint32_t version, uint32_t interval, uint32_t priority)
{
	uint32_t skew = (256 - priority) * (version == 3 ? interval : 1000) / 256;

	return 3 * interval + skew;
}

static int64_t later(int64_t one, int64_t other)
{
	return one > other ? one : other;
}

/* Whose adverts do not come is no master, whatever it says: it may be frozen, or cut off. */
static int32_t judge_master(const struct vrrp_facts *facts)
{
	if (facts->others > 0)
		return haVrrpInstanceConsistency_twoMasters;
	if (!facts->blind && facts->addresses > 0 && facts->present == 0)
		return haVrrpInstanceConsistency_masterWithoutAddress;
	if (!facts->blind && facts->present < facts->addresses)
		return haVrrpInstanceConsistency_addressMissing;
	if (!facts->deaf && !facts->own)
		return haVrrpInstanceConsistency_noMaster;
	return haVrrpInstanceConsistency_consistent;
}

static int32_t judge_other(const struct vrrp_facts *facts)
{
	if (!facts->blind && facts->present > 0)
		return haVrrpInstanceConsistency_addressWithoutMaster;
	if (facts->deaf)
		return haVrrpInstanceConsistency_unknown;
	if (facts->others == 0 && !facts->own && facts->state != HaVrrpState_deleted)
		return haVrrpInstanceConsistency_noMaster;
	return haVrrpInstanceConsistency_consistent;
}

static int32_t judge(const struct vrrp_facts *facts)
{
	if (facts->state == HaVrrpState_master)
		return judge_master(facts);
	if (facts->state == HaVrrpState_unknown || facts->state == HaVrrpState_other)
		return haVrrpInstanceConsistency_unknown;
	return judge_other(facts);
}

static int64_t end_of_grace(const struct vrrp_doubt *doubt, const struct vrrp_facts *facts)
{
	switch (doubt->verdict) {
	case haVrrpInstanceConsistency_noMaster:
		return later(facts->heard, facts->changed) + facts->silence + facts->grace;
	case haVrrpInstanceConsistency_twoMasters:
		return doubt->since + facts->beat + facts->grace;
	default:
		return doubt->since + facts->grace;
	}
}

static bool is_wrong(int32_t verdict)
{
	return verdict != haVrrpInstanceConsistency_consistent &&
	       verdict != haVrrpInstanceConsistency_unknown;
}

int32_t vrrp_consistency(struct vrrp_doubt *doubt, const struct vrrp_facts *facts, int64_t now,
			 int64_t *due)
{
	int32_t verdict = judge(facts);

	*due = 0;
	if (!is_wrong(doubt->verdict) || doubt->state != facts->state)
		doubt->since = now;
	doubt->verdict = verdict;
	doubt->state = facts->state;
	if (!is_wrong(verdict))
		return verdict;
	*due = end_of_grace(doubt, facts);
	if (now < *due)
		return haVrrpInstanceConsistency_pending;
	*due = 0;
	return verdict;
}
