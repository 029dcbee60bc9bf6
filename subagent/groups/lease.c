/* The lease of a group: how long this node may go on, and when it may take over alone.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/groups/lease.h"

#include <assert.h>
#include <string.h>

#include "lib/memory.h"
#include "mib/ha-agentx-mib.h"

/* Milliseconds that an answer, or a turn of the hub, may be late. */
#define DELAY 100

#define INTERVAL_MIN 100 /* milliseconds */

static int64_t larger(int64_t one, int64_t other)
{
	return one > other ? one : other;
}

static int64_t smaller(int64_t one, int64_t other)
{
	return one < other ? one : other;
}

int64_t lease_interval(const struct settings_group *group)
{
	return larger(group->lease / 4, INTERVAL_MIN);
}

/* Of two answers that follow each other the requests are at most this far apart: one may be lost.
 */
static int64_t gap_of(const struct lease *lease)
{
	return 2 * lease_interval(lease->group) + DELAY;
}

/* The last request that the peer has answered may have been sent so much later than the last one of
 * ours that it did answer. Of settings that leave no room for that the longer time counts. */
static int64_t takeover_of(const struct lease *lease)
{
	const struct settings_group *group = lease->group;

	return larger(group->takeover, group->lease + group->give_up + gap_of(lease));
}

static bool is_leased(const struct lease *lease)
{
	return lease->group->policy == haGroupFencingPolicy_witness;
}

/* ---- witnesses: how many are needed ---- */

static size_t needed_to_keep(const struct lease *lease)
{
	return (lease->group->witnesses_count + 1) / 2;
}

static size_t needed_to_take(const struct lease *lease)
{
	return lease->group->witnesses_count / 2 + 1;
}

static void insert(int64_t *times, size_t count, int64_t time)
{
	while (count > 0 && times[count - 1] < time) {
		times[count] = times[count - 1];
		count--;
	}
	times[count] = time;
}

/* When the last request was sent that, or a later one, as many witnesses as keep the lease have
 * answered; 0: not so many ever have. */
static int64_t witnessed(const struct lease *lease)
{
	size_t count = lease->group->witnesses_count;
	int64_t times[SETTINGS_WITNESSES_MAX] = { 0 };

	for (size_t i = 0; i < count; i++)
		insert(times, i, lease->witnesses[i].asked);
	return count ? times[needed_to_keep(lease) - 1] : 0;
}

static bool answers(const struct lease *lease, size_t witness, int64_t now)
{
	int64_t asked = lease->witnesses[witness].asked;

	return asked && now - asked <= gap_of(lease);
}

static size_t count_answering(const struct lease *lease, int64_t now)
{
	size_t count = 0;

	for (size_t i = 0; i < lease->group->witnesses_count; i++)
		count += answers(lease, i, now);
	return count;
}

/* Since when so many witnesses have answered all the time; 0: they do not. */
static int64_t answering_since(const struct lease *lease, size_t needed, int64_t now)
{
	int64_t times[SETTINGS_WITNESSES_MAX] = { 0 };
	size_t count = 0;

	for (size_t i = 0; i < lease->group->witnesses_count; i++)
		if (answers(lease, i, now))
			insert(times, count++, lease->witnesses[i].since);
	return needed && count >= needed ? times[count - needed] : 0;
}

/* ---- the lease ---- */

/* When the lease ends; 0: there is none. */
static int64_t ends_of(const struct lease *lease)
{
	int64_t seen = larger(lease->asked, witnessed(lease));

	if (!is_leased(lease) || lease->waived)
		return INT64_MAX;
	return seen ? seen + lease->group->lease : 0;
}

/* When what runs here has to stop: whoever has just begun to look has the time of a lease. */
static int64_t limit_of(const struct lease *lease)
{
	return larger(ends_of(lease), lease->opened + lease->group->lease);
}

static void notice_end(struct lease *lease, int64_t now)
{
	int64_t limit = limit_of(lease);

	if (lease->taken && !lease->broken && now >= limit)
		lease->broken = limit;
}

void lease_open(struct lease *lease, const struct settings_group *group, int64_t now)
{
	assert(group->witnesses_count <= SETTINGS_WITNESSES_MAX);
	*lease = (struct lease){ .group = group, .opened = now, .turned = now };
}

/* Of two nodes that do not see each other the active one is to be the first to fence: its own
 * handler begins as soon as an answer of the peer is overdue. */
static int64_t fence_at(const struct lease *lease)
{
	return larger(lease->heard, lease->opened) + takeover_of(lease) + lease->group->lease;
}

static int64_t witnessed_at(const struct lease *lease, int64_t now)
{
	int64_t since = answering_since(lease, needed_to_take(lease), now);

	if (!since || !lease->linked)
		return 0;
	since = larger(since, larger(lease->heard, lease->opened));
	return larger(since, lease->linked) + takeover_of(lease);
}

/* When this node may take over alone if all stays as it is; 0: not at all. */
static int64_t promote_at(const struct lease *lease, int64_t now)
{
	switch (lease->group->policy) {
	case haGroupFencingPolicy_never:
		return 0;
	case haGroupFencingPolicy_witness:
		return witnessed_at(lease, now);
	case haGroupFencingPolicy_fence:
		return fence_at(lease);
	default:
		return now;
	}
}

/* Meanwhile the data may have become the same on both nodes, and the peer may have gone on. */
static void notice_standstill(struct lease *lease)
{
	lease->sole = false;
	if (lease->taken && !lease->broken)
		lease->broken = lease->turned + lease->group->lease;
}

int64_t lease_turn(struct lease *lease, int64_t now)
{
	int64_t next = now + lease_interval(lease->group), then;

	notice_end(lease, now);
	if (now - lease->turned > lease->group->lease)
		notice_standstill(lease);
	lease->turned = now;
	if (lease->taken && limit_of(lease) > now)
		next = smaller(next, limit_of(lease));
	then = promote_at(lease, now);
	return then > now ? smaller(next, then) : next;
}

void lease_hear_peer(struct lease *lease, int64_t heard)
{
	lease->heard = larger(lease->heard, heard);
}

void lease_take_peer(struct lease *lease, int64_t asked, int64_t now)
{
	notice_end(lease, now);
	if (asked <= lease->asked || asked > now)
		return;
	lease->asked = asked;
	lease->waived = false;
	lease_hear_peer(lease, now);
}

void lease_take_witness(struct lease *lease, size_t witness, int64_t asked, int64_t now)
{
	struct lease_witness *seen = &lease->witnesses[witness];

	assert(witness < lease->group->witnesses_count);
	notice_end(lease, now);
	if (asked <= seen->asked || asked > now)
		return;
	if (!seen->asked || asked - seen->asked > gap_of(lease))
		seen->since = now;
	seen->asked = asked;
	lease->waived = false;
}

void lease_take_synced(struct lease *lease, int64_t now)
{
	lease->synced = now;
	lease->sole = lease->yielded = false;
}

void lease_yield(struct lease *lease)
{
	lease->yielded = true;
	lease->sole = false;
}

void lease_take_yielded(struct lease *lease)
{
	lease->sole = true;
}

void lease_take_behind(struct lease *lease, int64_t asked)
{
	lease->behind = larger(lease->behind, asked);
}

void lease_take_fenced(struct lease *lease, int64_t fenced)
{
	lease->fenced = larger(lease->fenced, fenced);
}

void lease_take_links(struct lease *lease, bool up, int64_t now)
{
	if (!up)
		lease->linked = 0;
	else if (!lease->linked)
		lease->linked = now;
}

void lease_take(struct lease *lease, int64_t now)
{
	lease->taken = true;
	notice_end(lease, now);
}

void lease_force(struct lease *lease)
{
	lease->taken = lease->waived = true;
	lease->broken = 0;
}

void lease_give(struct lease *lease)
{
	lease->taken = lease->waived = false;
	lease->broken = 0;
}

/* ---- what follows ---- */

static int32_t witness_state(const struct lease *lease, int64_t now)
{
	if (!is_leased(lease))
		return haGroupWitness_notUsed;
	if (count_answering(lease, now) >= needed_to_take(lease))
		return haGroupWitness_reachable;
	return now - lease->opened < lease->group->lease ? haGroupWitness_unknown :
							   haGroupWitness_lost;
}

/* A time as seconds with one decimal. */
#define SECONDS(time) (long long)((time) / 1000), (int)((time) / 100 % 10)

static void explain_stop(const struct lease *lease, int64_t now, struct lease_standing *standing)
{
	if (is_leased(lease))
		TEXT_PRINT(standing->why,
			   "neither the peer nor a witness had answered for %u ms, %lld.%d s ago",
			   lease->group->lease, SECONDS(now - standing->ends));
	else
		TEXT_PRINT(standing->why, "this node stood still for more than %u ms",
			   lease->group->lease);
}

static void explain_wait(const struct lease *lease, int64_t now, struct lease_standing *standing)
{
	if (!lease->linked)
		TEXT_PUT(standing->why, "the links of this node are not up");
	else if (!standing->promote_at)
		TEXT_PRINT(standing->why, "%zu of %zu witnesses answer, and %zu have to",
			   count_answering(lease, now), lease->group->witnesses_count,
			   needed_to_take(lease));
	else if (!standing->may_promote)
		TEXT_PRINT(standing->why,
			   "the peer may be active still: this node may take over in %lld.%d s "
			   "unless the peer is heard",
			   SECONDS(standing->promote_at - now + 99));
	else if (standing->behind)
		TEXT_PUT(standing->why,
			 "the peer may have written what is not here since the data was the same "
			 "on both nodes");
}

/* Since when the peer has had no way to write alone: it has not while it sees no witness. */
static int64_t harmless_since(const struct lease *lease, int64_t now)
{
	return is_leased(lease) ? answering_since(lease, needed_to_take(lease), now) :
				  lease->opened;
}

static bool is_behind(const struct lease *lease, int64_t now)
{
	int64_t since = harmless_since(lease, now);

	if (lease->sole || lease->waived)
		return false;
	return lease->yielded || !lease->synced || lease->heard - lease->synced > gap_of(lease) ||
	       !since || since > smaller(lease->synced, larger(lease->heard, lease->opened));
}

/* The peer has missed the witnesses that answer here for longer than it may miss one. */
static bool misses_witnesses(const struct lease *lease, int64_t now)
{
	int64_t since = answering_since(lease, needed_to_keep(lease), now);

	return is_leased(lease) && since &&
	       now - larger(since, larger(lease->heard, lease->asked)) > 2 * gap_of(lease);
}

static bool is_peer_behind(const struct lease *lease)
{
	return lease->behind > lease->synced;
}

static bool is_alone(const struct lease *lease, int64_t now)
{
	return lease->waived || is_peer_behind(lease) || lease->fenced > lease->heard ||
	       misses_witnesses(lease, now);
}

void lease_take_written(struct lease *lease, int64_t now)
{
	lease->sole |= is_alone(lease, now);
}

static void judge_takeover(const struct lease *lease, int64_t now, struct lease_standing *standing)
{
	standing->promote_at = promote_at(lease, now);
	standing->may_promote = standing->promote_at && now >= standing->promote_at;
	standing->fence_first = lease->group->policy == haGroupFencingPolicy_fence;
	if (lease->group->policy == haGroupFencingPolicy_never)
		TEXT_PUT(standing->why,
			 "the policy of the group is never to take over without the peer");
	else if (is_leased(lease))
		explain_wait(lease, now, standing);
	else if (!standing->may_promote)
		TEXT_PRINT(standing->why,
			   "the peer, if it is active, is to fence first: this node may in "
			   "%lld.%d s unless the peer is heard",
			   SECONDS(standing->promote_at - now + 99));
}

void lease_judge(const struct lease *lease, int64_t now, struct lease_standing *standing)
{
	memset(standing, 0, sizeof(*standing));
	standing->ends = lease->taken ? limit_of(lease) : ends_of(lease);
	standing->holds = now < ends_of(lease) && !lease->broken;
	standing->must_stop = lease->taken && (lease->broken || now >= standing->ends);
	if (lease->broken)
		standing->ends = lease->broken;
	standing->stop_by = smaller(standing->ends, INT64_MAX / 2) + lease->group->give_up;
	standing->behind = is_behind(lease, now);
	standing->peer_behind = is_peer_behind(lease);
	standing->alone = is_alone(lease, now);
	standing->witness = witness_state(lease, now);
	judge_takeover(lease, now, standing);
	if (standing->must_stop)
		explain_stop(lease, now, standing);
}

int64_t lease_guard_until(const struct lease *lease, int64_t now)
{
	int64_t ends =
		lease->broken ? lease->broken : smaller(limit_of(lease), now + lease->group->lease);

	return lease->taken ? ends + lease->group->give_up : 0;
}
