/* Rounds of questions about one zone, and the comparison of what its servers answer.
 *
 * Servers are asked at the same moment, but their answers are not of the same moment: a zone
 * changes between two answers, and then one server looks ahead of its primary, or behind. So a
 * difference is believed when the older serial was asked for after the newer one had been seen;
 * until then the older one is asked again.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/dns/zones/zone.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "lib/memory.h"
#include "lib/settings_dns.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/sources/dns/zones/agreement.h"
#include "subagent/sources/dns/zones/serial.h"
#include "subagent/sources/dns/zones/tell.h"

/* Milliseconds. Records that differ are asked for again before it is told. */
#define DOUBT_INTERVAL 1000

/* And servers that lag, before they are called late: the answers are no older than this. */
#define LATE_INTERVAL 2000

/* How often a round asks again. A zone that changes with every question has no end of differences.
 */
#define CONFIRMATIONS_MAX 4

static bool is_pending(const struct member *member)
{
	return member->view.runs && member->awaited;
}

static bool is_judgeable(const struct member *member)
{
	return member->view.available && !member->view.runs;
}

static bool has_pending(const struct zone *zone)
{
	for (size_t i = 0; i < zone->count; i++)
		if (is_pending(&zone->members[i]))
			return true;
	return false;
}

/* ---- rounds ---- */

static void ask(struct member *member)
{
	if (member->view.runs)
		return;
	member->awaited = member->view.available || !member->view.answered;
	view_ask(&member->view);
}

static void begin_round(struct zone *zone, int64_t now)
{
	zone->round = now;
	zone->next_round = now + zone->settings->interval;
	zone->confirmations = 0;
	if (terms_are_anchored(&zone->terms))
		chain_walk(&zone->chain);
	for (size_t i = 0; i < zone->count; i++)
		ask(&zone->members[i]);
}

static void hurry(struct zone *zone, int64_t when)
{
	if (when < zone->next_round)
		zone->next_round = when;
}

static void view_done(struct view *view)
{
	struct zone *zone = view->zone;

	zone->changed = true;
}

static void chain_done(struct chain *chain)
{
	struct zone *zone = (struct zone *)((char *)chain - offsetof(struct zone, chain));

	zone->changed = true;
}

/* ---- the reference ---- */

/* Whether everybody has answered who can be the reference. */
static bool is_settled(const struct zone *zone)
{
	const struct member *primary = zone->primary;

	if (primary && (primary->view.available || is_pending(primary)))
		return !primary->view.runs;
	return !has_pending(zone);
}

static struct member *find_newest(const struct zone *zone)
{
	struct member *newest = NULL;

	for (size_t i = 0; i < zone->count; i++) {
		struct member *member = &zone->members[i];

		if (is_judgeable(member) &&
		    (!newest || serial_lag(member->view.serial, newest->view.serial) > 0))
			newest = member;
	}
	return newest;
}

/* The primary's serial. That of a primary which has fallen silent holds until a newer one is seen:
 * whether the primary has it, too, nobody can say then. The member which has it now is returned, or
 * NULL. */
static struct member *find_reference(const struct zone *zone, struct reference *reference)
{
	struct member *primary = zone->primary, *newest;

	if (primary && primary->view.available) {
		*reference = (struct reference){ true, primary->view.serial, true };
		return primary;
	}
	newest = find_newest(zone);
	if (newest)
		*reference = (struct reference){ true, newest->view.serial, false };
	else
		*reference = (struct reference){ .known = false };
	if (primary && primary->view.has_serial &&
	    (!newest || serial_lag(newest->view.serial, primary->view.serial) <= 0)) {
		*reference = (struct reference){ true, primary->view.serial, true };
		return NULL;
	}
	return newest;
}

/* ---- serials ---- */

/* Whether the older of two serials was asked for after the newer one was seen. */
static bool is_confirmed(const struct member *older, const struct member *newer)
{
	return older->view.begun > newer->view.heard;
}

/* Ask again for older serials. */
static void confirm(struct zone *zone, struct member *holder)
{
	bool asked = false;

	if (!holder || zone->confirmations >= CONFIRMATIONS_MAX)
		return;
	for (size_t i = 0; i < zone->count; i++) {
		struct member *member = &zone->members[i];
		int32_t lag = serial_lag(holder->view.serial, member->view.serial);
		struct member *older = lag > 0 ? member : holder;
		struct member *newer = lag > 0 ? holder : member;

		if (!is_judgeable(member) || lag == 0 || is_confirmed(older, newer))
			continue;
		ask(older);
		asked = true;
	}
	zone->confirmations += asked;
}

static void judge_serial(const struct zone *zone, struct member *member,
			 const struct reference *reference, const struct member *holder,
			 int64_t now)
{
	uint32_t serial = member->view.serial;

	if (!is_judgeable(member))
		return;
	if (holder && serial_lag(reference->serial, serial) < 0 && !is_confirmed(holder, member))
		return;
	member->reference = *reference;
	standing_judge(&member->standing, serial, reference->serial, zone->settings->tolerance,
		       now);
}

/* ---- records ---- */

static void collect_opinions(const struct zone *zone, const struct reference *reference,
			     struct opinion *opinions)
{
	for (size_t i = 0; i < zone->count; i++) {
		struct member *member = &zone->members[i];

		if (is_judgeable(member) && member->view.serial == reference->serial)
			opinions[i] = *view_opinion(&member->view);
	}
}

/* A zone can change between two questions to the same server: a difference must show twice. */
static void take_agreement(struct zone *zone, struct member *member, int32_t agreement, int64_t now)
{
	uint64_t round = member->view.begun;

	if (agreement != haDnsZoneAgreement_differs) {
		member->doubt = 0;
	} else if (member->agreement != agreement && (!member->doubt || member->doubt == round)) {
		member->doubt = round;
		hurry(zone, now + DOUBT_INTERVAL);
		return;
	}
	member->agreement = agreement;
}

static void judge_agreement(struct zone *zone, const struct reference *reference, int64_t now)
{
	struct opinion *opinions;
	size_t right = zone->count;

	if (zone->count < 2 || has_pending(zone))
		return;
	opinions = memory_new(zone->count, sizeof(*opinions));
	collect_opinions(zone, reference, opinions);
	if (zone->primary && is_judgeable(zone->primary))
		right = (size_t)(zone->primary - zone->members);
	for (size_t i = 0; i < zone->count; i++) {
		struct member *member = &zone->members[i];

		if (!member->view.runs)
			take_agreement(zone, member,
				       agreement_judge(opinions, zone->count, i, right), now);
	}
	free(opinions);
}

/* ---- signatures ---- */

static int32_t security_of(enum dnssec_verdict verdict)
{
	switch (verdict) {
	case DNSSEC_INSECURE:
		return haDnsZoneSecurity_insecure;
	case DNSSEC_SECURE:
		return haDnsZoneSecurity_secure;
	case DNSSEC_BOGUS:
		return haDnsZoneSecurity_bogus;
	case DNSSEC_UNKNOWN:
		break;
	}
	return haDnsZoneSecurity_unknown;
}

static void judge_signatures(struct zone *zone, struct member *member, int64_t wall_seconds)
{
	if (member->view.runs || !member->view.answered)
		return;
	member->has_expiry = view_expiry(&member->view, wall_seconds, &member->expiry);
	if (terms_are_anchored(&zone->terms))
		member->security =
			security_of(view_validate(&member->view, &zone->chain, wall_seconds));
}

/* Judged anew when a signature begins or ceases to be valid, also when the clock was set. */
static bool is_inside(const struct dns_span *span, int64_t wall_seconds)
{
	return span->from <= wall_seconds && wall_seconds < span->until;
}

static void follow_clock(struct zone *zone, int64_t wall_seconds)
{
	if (!terms_are_anchored(&zone->terms))
		return;
	if (!is_inside(&zone->chain.span, wall_seconds))
		chain_walk(&zone->chain);
	for (size_t i = 0; i < zone->count; i++) {
		struct member *member = &zone->members[i];

		if (member->view.validation.valid &&
		    !is_inside(&member->view.validation.span, wall_seconds))
			judge_signatures(zone, member, wall_seconds);
	}
}

/* ---- judgement ---- */

/* Nobody needs to be waited for to see that. */
static void lose(const struct zone *zone, struct member *member)
{
	standing_lose(&member->standing);
	member->doubt = 0;
	if (zone->count > 1)
		member->agreement = haDnsZoneAgreement_unknown;
}

static void judge(struct zone *zone, int64_t now, int64_t wall)
{
	struct reference reference;
	struct member *holder;

	for (size_t i = 0; i < zone->count; i++) {
		struct member *member = &zone->members[i];

		judge_signatures(zone, member, wall / 1000);
		if (member->view.answered && !member->view.available)
			lose(zone, member);
	}
	if (!is_settled(zone))
		return;
	confirm(zone, find_reference(zone, &reference));
	if (!is_settled(zone))
		return;
	holder = find_reference(zone, &reference);
	for (size_t i = 0; i < zone->count; i++)
		judge_serial(zone, &zone->members[i], &reference, holder, now);
	judge_agreement(zone, &reference, now);
}

/* Ask once more shortly before a server is late. */
static void look_ahead(struct zone *zone)
{
	for (size_t i = 0; i < zone->count; i++) {
		int64_t due = standing_due(&zone->members[i].standing, zone->settings->tolerance);

		if (due && zone->round < due - LATE_INTERVAL)
			hurry(zone, due - LATE_INTERVAL);
	}
}

static void age(struct zone *zone, int64_t now)
{
	for (size_t i = 0; i < zone->count; i++)
		standing_age(&zone->members[i].standing, zone->settings->tolerance, now);
}

static int64_t sooner(int64_t one, int64_t other)
{
	return other && other < one ? other : one;
}

/* The moment of the program's clock at which the time of day is `seconds'. */
static int64_t moment_of(int64_t seconds, int64_t now, int64_t wall)
{
	return seconds < INT64_MAX / 1000 ? now + seconds * 1000 - wall : 0;
}

static int64_t find_due(const struct zone *zone, int64_t now, int64_t wall)
{
	int64_t due = zone->next_round;

	if (!chain_walks(&zone->chain))
		due = sooner(due, moment_of(zone->chain.span.until, now, wall));
	for (size_t i = 0; i < zone->count; i++) {
		const struct member *member = &zone->members[i];
		const struct validation *validation = &member->view.validation;

		due = sooner(due, standing_due(&member->standing, zone->settings->tolerance));
		due = sooner(due, tell_due(zone, member, now, wall));
		if (validation->valid && !member->view.runs)
			due = sooner(due, moment_of(validation->span.until, now, wall));
	}
	return due;
}

int64_t zone_turn(struct zone *zone, int64_t now, int64_t wall)
{
	if (now >= zone->next_round)
		begin_round(zone, now);
	if (zone->changed) {
		zone->changed = false;
		judge(zone, now, wall);
	}
	follow_clock(zone, wall / 1000);
	age(zone, now);
	look_ahead(zone);
	for (size_t i = 0; i < zone->count; i++)
		tell_member(zone, &zone->members[i], now, wall);
	return find_due(zone, now, wall);
}

void zone_report(struct zone *zone, int64_t now, int64_t wall)
{
	for (size_t i = 0; i < zone->count; i++) {
		zone->members[i].said_at = 0;
		tell_member(zone, &zone->members[i], now, wall);
	}
}

int32_t zone_state(const struct zone *zone, size_t server)
{
	for (size_t i = 0; i < zone->count; i++)
		if (zone->members[i].server == server && zone->members[i].standing.state)
			return zone->members[i].standing.state;
	return haDnsZoneState_unknown;
}

/* ---- opening ---- */

static void open_member(struct zone *zone, struct member *member, uint32_t server,
			struct queue *queues)
{
	bool anchored = terms_are_anchored(&zone->terms);

	view_open(&member->view, &zone->terms, &queues[server], &zone->events);
	member->view.zone = zone;
	member->view.done = view_done;
	member->server = server;
	member->security = anchored ? haDnsZoneSecurity_unknown : haDnsZoneSecurity_notChecked;
	member->agreement =
		zone->count > 1 ? haDnsZoneAgreement_unknown : haDnsZoneAgreement_notChecked;
	if (zone->settings->primary == (int)server)
		zone->primary = member;
}

void zone_open(struct zone *zone, const struct settings_dns *all,
	       const struct settings_zone *settings, struct queue *queues, int64_t first)
{
	struct queue *queue = NULL;
	char error[256];
	bool usable;

	*zone = (struct zone){ .all = all, .settings = settings, .next_round = first };
	usable = terms_read(&zone->terms, settings, error, sizeof(error));
	assert(usable);
	(void)usable;
	if (terms_need_chain(&zone->terms))
		queue = &queues[settings->chain_server];
	chain_open(&zone->chain, &zone->terms, queue, chain_done);
	zone->count = settings->servers_count;
	zone->members = memory_new(zone->count, sizeof(*zone->members));
	for (size_t i = 0; i < zone->count; i++)
		open_member(zone, &zone->members[i], settings->servers[i], queues);
}

void zone_close(struct zone *zone)
{
	chain_close(&zone->chain);
	for (size_t i = 0; i < zone->count; i++)
		view_close(&zone->members[i].view);
	free(zone->members);
	terms_free(&zone->terms);
}
