/* One address that is asked again and again whether it answers. It sends nothing itself.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/witness/target.h"

#include <string.h>

#include "mib/ha-agentx-mib.h"

bool target_ask(struct target *target, uint16_t id, const unsigned char cookie[ECHO_COOKIE],
		int64_t microseconds, struct echo *echo)
{
	int64_t now = microseconds / 1000;
	struct target_request *request = &target->requests[target->sequence % TARGET_REQUESTS];

	if (now < target->next)
		return false;
	target->next = target->next + target->interval > now ? target->next + target->interval :
							       now + target->interval;
	request->echo = (struct echo){ .id = id, .sequence = target->sequence++ };
	memcpy(request->echo.cookie, cookie, ECHO_COOKIE);
	request->asked = microseconds;
	*echo = request->echo;
	target->first = target->first ? target->first : now;
	target->sent++;
	return true;
}

static bool is_same(const struct echo *one, const struct echo *other)
{
	return one->id == other->id && one->sequence == other->sequence &&
	       !memcmp(one->cookie, other->cookie, ECHO_COOKIE);
}

bool target_take(struct target *target, const struct echo *echo, int64_t microseconds)
{
	struct target_request *request = &target->requests[echo->sequence % TARGET_REQUESTS];

	if (!request->asked || !is_same(&request->echo, echo))
		return false;
	if (request->asked / 1000 > target->answered) {
		target->answered = request->asked / 1000;
		target->round_trip = (uint32_t)(microseconds - request->asked);
	}
	request->asked = 0;
	target->received++;
	return true;
}

int64_t target_turns(const struct target *target, int64_t lease, int64_t now)
{
	int64_t since = target->answered ? target->answered : target->first;

	return since && since + lease > now ? since + lease : 0;
}

int32_t target_state(const struct target *target, int64_t lease, int64_t now)
{
	if (target->answered && now - target->answered < lease)
		return haGroupWitnessState_reachable;
	return !target->first || now - target->first < lease ? haGroupWitnessState_unknown :
							       haGroupWitnessState_lost;
}
