/* What keepalived claims of its instances, from all its voices.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/vrrp/keepalived/claims.h"

#include <stdlib.h>
#include <string.h>

#include "lib/memory.h"
#include "lib/sorted.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/sources/vrrp/keepalived/told.h"

struct entry {
	struct claim claim; /* the first, so that a claim is its entry */
	int64_t heard; /* clock_microseconds() at which D-Bus or the FIFO last told its state */
	int64_t fifo_heard; /* the same of the FIFO alone */
	int64_t dumped;     /* the same at which the last dump was asked for; 0: there is none */
	int64_t transition; /* of that dump, milliseconds since 1970 */
	int32_t dumped_state;
	bool listed; /* in the dump that is being taken */
};

struct claims {
	struct claim **list; /* of entries, in the order of their names */
	size_t count, room;
	uint32_t version;
};

struct claims *claims_new(void)
{
	return memory_new(1, sizeof(struct claims));
}

static struct entry *entry_at(const struct claims *claims, size_t place)
{
	return (struct entry *)claims->list[place];
}

static void free_entry(struct entry *entry)
{
	told_free_claim(&entry->claim);
	free(entry);
}

void claims_free(struct claims *claims)
{
	for (size_t i = 0; i < claims->count; i++)
		free_entry(entry_at(claims, i));
	free(claims->list);
	free(claims);
}

uint32_t claims_version(const struct claims *claims)
{
	return claims->version;
}

const struct claim *const *claims_list(const struct claims *claims, size_t *count)
{
	*count = claims->count;
	return (const struct claim *const *)claims->list;
}

/* ---- finding ---- */

static int compare_names(const void *element, const void *name)
{
	return strcmp((*(const struct claim *const *)element)->name, name);
}

/* Where the name is, or belongs. */
static size_t place_of(const struct claims *claims, const char *name)
{
	return sorted_position(claims->list, claims->count, sizeof(*claims->list), name,
			       compare_names);
}

static struct entry *find(const struct claims *claims, const char *name)
{
	size_t place = place_of(claims, name);

	if (place < claims->count && !strcmp(claims->list[place]->name, name))
		return entry_at(claims, place);
	return NULL;
}

static struct entry *add(struct claims *claims, const char *name)
{
	size_t place = place_of(claims, name);
	struct told fresh = { 0 };
	struct entry *entry = memory_new(1, sizeof(*entry));

	entry->claim = *told_add(&fresh);
	free(fresh.claims);
	TEXT_PUT(entry->claim.name, name);
	entry->dumped_state = HaVrrpState_unknown;
	claims->list = sorted_insert(claims->list, place, &claims->count, &claims->room,
				     sizeof(*claims->list));
	claims->list[place] = &entry->claim;
	return entry;
}

static struct entry *find_or_add(struct claims *claims, const char *name)
{
	struct entry *entry = find(claims, name);

	return entry ? entry : add(claims, name);
}

/* Forget those that are not to be kept. */
static void sweep(struct claims *claims, bool (*keep)(const struct entry *entry, int64_t since),
		  int64_t since)
{
	size_t kept = 0;

	for (size_t i = 0; i < claims->count; i++) {
		if (keep(entry_at(claims, i), since))
			claims->list[kept++] = claims->list[i];
		else
			free_entry(entry_at(claims, i));
	}
	if (kept != claims->count)
		claims->version++;
	claims->count = kept;
}

static bool is_confirmed(const struct entry *entry, int64_t since)
{
	return entry->claim.confirmed >= since;
}

void claims_drop(struct claims *claims, int64_t since)
{
	sweep(claims, is_confirmed, since);
}

/* ---- what is told at once ---- */

/* The better voice tells the same within a moment, or has told it, and is to be heard. */
static bool is_known_better(const struct claim *claim, int32_t origin,
			    const struct telling *telling)
{
	if (claim->origin == haVrrpInstanceStateOrigin_dbus)
		return telling->bus;
	return claim->origin == haVrrpInstanceStateOrigin_fifo && telling->fifo &&
	       origin == haVrrpInstanceStateOrigin_json;
}

/* What was not known before, or has not run, has come with a start, where none says it first. */
static bool is_start(const struct claim *claim, int32_t state)
{
	return (claim->state == HaVrrpState_unknown || claim->state == HaVrrpState_stop) &&
	       (state == HaVrrpState_init || state == HaVrrpState_backup ||
		state == HaVrrpState_fault);
}

static void enter_state(struct claim *claim, int32_t state, int64_t when, bool started)
{
	if (claim->state == state)
		return;
	claim->started = started || is_start(claim, state);
	claim->state = state;
	claim->wanted_state = state;
	claim->changed = when;
}

bool claims_has(const struct claims *claims, const char *name)
{
	char cut[sizeof(((struct claim *)NULL)->name)];

	TEXT_PUT(cut, name);
	return find(claims, cut) != NULL;
}

bool claims_hear(struct claims *claims, const struct news *news, const struct telling *telling)
{
	char name[sizeof(((struct claim *)NULL)->name)];
	struct entry *entry;
	int32_t before;

	TEXT_PUT(name, news->name);
	entry = find_or_add(claims, name);
	before = entry->claim.state;
	if (news->state != HaVrrpState_unknown) {
		enter_state(&entry->claim, news->state, telling->wall, telling->started);
		if (!is_known_better(&entry->claim, news->origin, telling))
			entry->claim.origin = news->origin;
		entry->claim.confirmed = telling->now;
		entry->heard = telling->exact;
		if (news->origin == haVrrpInstanceStateOrigin_fifo)
			entry->fifo_heard = telling->exact;
	}
	if (news->priority >= 0)
		entry->claim.effective_priority = (uint8_t)news->priority;
	if (news->vrid)
		entry->claim.vrid = news->vrid;
	if (news->family)
		entry->claim.family = news->family;
	claims->version++;
	return entry->claim.state != before;
}

/* ---- what a dump tells ---- */

/* keepalived gives instances a new time of transition when it reads its configuration, too. */
static void take_state(struct claim *claim, const struct claim *found,
		       const struct telling *telling)
{
	bool moved = claim->state != found->state;

	if (claim->mastership_changes != found->mastership_changes || !claim->changed)
		claim->changed = found->changed;
	claim->mastership_changes = found->mastership_changes;
	enter_state(claim, found->state, found->changed, telling->started);
	if (moved || !is_known_better(claim, haVrrpInstanceStateOrigin_json, telling))
		claim->origin = haVrrpInstanceStateOrigin_json;
	claim->wanted_state = found->wanted_state;
	claim->effective_priority = found->effective_priority;
	claim->confirmed = telling->now;
}

static void take_addresses(struct claim *claim, struct claim *found)
{
	free(claim->addresses);
	claim->addresses = found->addresses;
	claim->addresses_count = found->addresses_count;
	found->addresses = NULL;
	found->addresses_count = 0;
}

static void take_configuration(struct claim *claim, struct claim *found)
{
	claim->vrid = found->vrid;
	claim->version = found->version;
	if (found->family)
		claim->family = found->family;
	TEXT_PUT(claim->interface, found->interface);
	claim->base_priority = found->base_priority;
	if (!claim->effective_priority)
		claim->effective_priority = found->effective_priority;
	claim->nopreempt = found->nopreempt;
	claim->advert_interval = found->advert_interval;
	claim->auth_type = found->auth_type;
	claim->counted = found->counted;
	claim->adverts_sent = found->adverts_sent;
	claim->adverts_received = found->adverts_received;
	claim->advert_errors = found->advert_errors;
	take_addresses(claim, found);
}

/* Whether it has moved between two dumps and the FIFO has not said so. An instance of a group is
 * told of by the group's line alone. */
static bool is_lost(const struct entry *entry, const struct claim *found,
		    const struct telling *telling)
{
	return telling->fifo && !telling->started && entry->dumped && !*entry->claim.sync_group &&
	       found->changed > entry->transition && found->state != entry->dumped_state &&
	       entry->fifo_heard < entry->dumped;
}

static bool is_listed(const struct entry *entry, int64_t since)
{
	(void)since;
	return entry->listed;
}

size_t claims_take(struct claims *claims, struct told *told, int64_t asked,
		   const struct telling *telling)
{
	size_t lost = 0;

	for (size_t i = 0; i < claims->count; i++)
		entry_at(claims, i)->listed = false;
	for (size_t i = 0; i < told->count; i++) {
		struct claim *found = &told->claims[i];
		struct entry *entry = find_or_add(claims, found->name);

		entry->listed = true;
		take_configuration(&entry->claim, found);
		if (entry->heard > asked)
			continue;
		lost += is_lost(entry, found, telling);
		take_state(&entry->claim, found, telling);
		entry->dumped = asked;
		entry->dumped_state = found->state;
		entry->transition = found->changed;
	}
	sweep(claims, is_listed, 0);
	claims->version++;
	return lost;
}

static void take_files(struct claim *claim, struct claim *found)
{
	free(claim->files);
	claim->files = found->files;
	claim->files_count = found->files_count;
	claim->files_known = found->files_known;
	found->files = NULL;
	found->files_count = 0;
}

void claims_take_data(struct claims *claims, struct told *told)
{
	for (size_t i = 0; i < told->count; i++) {
		struct claim *found = &told->claims[i];
		struct entry *entry = find(claims, found->name);

		if (!entry)
			continue;
		TEXT_PUT(entry->claim.sync_group, found->sync_group);
		entry->claim.family = found->family;
		take_files(&entry->claim, found);
	}
	claims->version++;
}

bool claims_lack_data(const struct claims *claims)
{
	for (size_t i = 0; i < claims->count; i++)
		if (claims->list[i]->files_known == HaAnswer_unknown)
			return true;
	return false;
}

/* ---- no keepalived ---- */

void claims_stop(struct claims *claims, const struct telling *telling)
{
	for (size_t i = 0; i < claims->count; i++) {
		struct entry *entry = entry_at(claims, i);

		enter_state(&entry->claim, HaVrrpState_stop, telling->wall, false);
		entry->claim.origin = haVrrpInstanceStateOrigin_process;
		entry->claim.confirmed = telling->now;
		entry->dumped = entry->heard = 0;
	}
	claims->version++;
}

void claims_confirm_stop(struct claims *claims, int64_t now)
{
	for (size_t i = 0; i < claims->count; i++)
		if (claims->list[i]->origin == haVrrpInstanceStateOrigin_process)
			claims->list[i]->confirmed = now;
}
