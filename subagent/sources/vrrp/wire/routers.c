/* The table of routers: what has been heard of each, and who has fallen silent.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/vrrp/wire/routers.h"

#include <stdlib.h>
#include <string.h>

#include "lib/memory.h"
#include "lib/sorted.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/sources/vrrp/wire/advert.h"
#include "subagent/sources/vrrp/wire/door.h"

/* Adverts that make a router more than a passer-by. */
#define ADVERTS_OFTEN 16

/* Milliseconds that an advert may be late beside half an interval: the sender's timers. */
#define LATE 15

struct routers {
	struct door *door;
	uint64_t seed;
	uint32_t version;
	uint64_t refused;
	size_t count, room;
	struct heard **sorted;
};

struct routers *routers_new(uint64_t seed)
{
	struct routers *routers = memory_new(1, sizeof(*routers));

	routers->door = door_new();
	routers->seed = seed;
	return routers;
}

void routers_free(struct routers *routers)
{
	for (size_t i = 0; i < routers->count; i++)
		free(routers->sorted[i]);
	free(routers->sorted);
	door_free(routers->door);
	free(routers);
}

uint32_t routers_version(const struct routers *routers)
{
	return routers->version;
}

uint64_t routers_refused(const struct routers *routers)
{
	return routers->refused;
}

const struct heard *const *routers_all(const struct routers *routers, size_t *count)
{
	*count = routers->count;
	return (const struct heard *const *)routers->sorted;
}

static void note_change(struct routers *routers, struct heard *heard)
{
	heard->seen_in = ++routers->version;
}

/* ---- finding ---- */

/* What tells routers apart. */
struct key {
	uint32_t interface;
	uint8_t vrid;
	const struct address *source; /* NULL: before all others */
};

static int compare(const void *element, const void *wanted)
{
	const struct heard *heard = *(const struct heard *const *)element;
	const struct key *key = wanted;

	if (heard->interface != key->interface)
		return heard->interface < key->interface ? -1 : 1;
	if (!key->source)
		return 1;
	if (heard->vrid != key->vrid)
		return heard->vrid - key->vrid;
	if (heard->source.family != key->source->family)
		return heard->source.family - key->source->family;
	return memcmp(heard->source.octets, key->source->octets, sizeof(key->source->octets));
}

/* Position of the first router that does not stand before the key. */
static size_t position_of(const struct routers *routers, const struct key *key)
{
	return sorted_position(routers->sorted, routers->count, sizeof(*routers->sorted), key,
			       compare);
}

static struct heard *find(const struct routers *routers, const struct key *key)
{
	size_t position = position_of(routers, key);

	if (position == routers->count || compare(&routers->sorted[position], key))
		return NULL;
	return routers->sorted[position];
}

/* ---- coming and going ---- */

static bool is_quiet(const struct heard *heard)
{
	return heard->state == haVrrpRouterState_silent ||
	       heard->state == haVrrpRouterState_resigned;
}

static void forget(struct routers *routers, size_t position)
{
	free(routers->sorted[position]);
	sorted_remove(routers->sorted, position, &routers->count, sizeof(*routers->sorted));
	routers->version++;
}

/* Whether the first makes room before the second, both of them silent. */
static bool goes_before(const struct heard *one, const struct heard *other)
{
	bool passed = one->adverts < ADVERTS_OFTEN;

	if (passed != (other->adverts < ADVERTS_OFTEN))
		return passed;
	return one->last < other->last;
}

static bool make_room(struct routers *routers)
{
	size_t found = routers->count;

	if (routers->count < WIRE_ROUTERS_MAX)
		return true;
	for (size_t i = 0; i < routers->count; i++)
		if (is_quiet(routers->sorted[i]) &&
		    (found == routers->count ||
		     goes_before(routers->sorted[i], routers->sorted[found])))
			found = i;
	if (found == routers->count)
		return false;
	forget(routers, found);
	return true;
}

/* FNV-1a, then what spreads its bits (the finalizer of MurmurHash3). */
static uint64_t fingerprint_of(const struct routers *routers, const struct key *key)
{
	uint64_t print = routers->seed ^ key->interface ^ (uint64_t)key->vrid << 32;

	for (size_t i = 0; i < sizeof(key->source->octets); i++)
		print = (print ^ key->source->octets[i]) * UINT64_C(0x100000001B3);
	print = (print ^ print >> 33) * UINT64_C(0xFF51AFD7ED558CCD);
	return print ^ print >> 33;
}

static struct heard *let_in(struct routers *routers, const struct key *key,
			    const struct sighting *where)
{
	struct heard *heard;
	size_t position;

	if (!door_open(routers->door, fingerprint_of(routers, key), where->now) ||
	    !make_room(routers)) {
		routers->refused++;
		return NULL;
	}
	position = position_of(routers, key);
	routers->sorted = sorted_insert(routers->sorted, position, &routers->count, &routers->room,
					sizeof(*routers->sorted));
	heard = routers->sorted[position] = memory_new(1, sizeof(*heard));
	heard->interface = key->interface;
	TEXT_PUT(heard->interface_name, where->interface_name);
	heard->vrid = key->vrid;
	heard->source = *key->source;
	heard->state = haVrrpRouterState_unknown;
	return heard;
}

void routers_leave(struct routers *routers, uint32_t interface)
{
	struct key key = { .interface = interface };
	size_t position = position_of(routers, &key);

	while (position < routers->count && routers->sorted[position]->interface == interface)
		forget(routers, position);
}

/* ---- hearing ---- */

/* Milliseconds without an advert after which a backup would take over (RFC 3768, 6.1; RFC 5798,
 * 6.1). An interval of 0 is none that anybody could keep. */
static int64_t patience_with(const struct heard *heard)
{
	int64_t interval = heard->interval ? heard->interval : 1000;
	int64_t skewed = heard->version == 3 ? interval : 1000;

	return 3 * interval + (256 - heard->priority) * skewed / 256;
}

/* Whether another router of the same virtual router was heard since: then this one was backup. */
static bool has_yielded(const struct routers *routers, const struct heard *heard)
{
	const struct address first = { .family = heard->source.family };
	struct key key = { heard->interface, heard->vrid, &first };

	for (size_t i = position_of(routers, &key); i < routers->count; i++) {
		const struct heard *other = routers->sorted[i];

		if (other->interface != heard->interface || other->vrid != heard->vrid ||
		    other->source.family != heard->source.family)
			break;
		if (other->last > heard->last)
			return true;
	}
	return false;
}

/* Those between two adverts of a router that was advertising all the time. */
static uint32_t count_lost(const struct routers *routers, const struct heard *heard,
			   const struct sighting *where)
{
	int64_t interval = heard->interval, gap = where->now - heard->last;

	if (heard->state != haVrrpRouterState_advertising || !interval ||
	    where->torn > heard->last || gap <= interval + interval / 2 + LATE ||
	    has_yielded(routers, heard))
		return 0;
	return (uint32_t)((gap + interval / 2) / interval - 1);
}

static void set_state(struct routers *routers, struct heard *heard, int32_t state, int64_t wall)
{
	if (heard->state == state)
		return;
	heard->state = state;
	heard->since = wall;
	note_change(routers, heard);
}

static bool says_the_same(const struct heard *heard, const struct advert *advert)
{
	return heard->version == advert->version && heard->priority == advert->priority &&
	       heard->interval == advert->interval && heard->auth_type == advert->auth_type &&
	       heard->addresses_count == advert->addresses_count &&
	       !memcmp(heard->addresses, advert->addresses,
		       advert->addresses_kept * sizeof(*advert->addresses));
}

static void take_content(struct routers *routers, struct heard *heard, const struct advert *advert)
{
	if (says_the_same(heard, advert))
		return;
	heard->version = advert->version;
	heard->priority = advert->priority;
	heard->interval = advert->interval;
	heard->auth_type = advert->auth_type;
	heard->addresses_count = advert->addresses_count;
	heard->addresses_kept = advert->addresses_kept;
	memcpy(heard->addresses, advert->addresses, sizeof(heard->addresses));
	note_change(routers, heard);
}

static void take_own(struct routers *routers, struct heard *heard, bool own)
{
	if (heard->own == own)
		return;
	heard->own = own;
	note_change(routers, heard);
}

int64_t routers_hear(struct routers *routers, const struct sighting *where,
		     const struct advert *advert)
{
	struct key key = { where->interface, advert->vrid, &advert->source };
	struct heard *heard = find(routers, &key);

	if (!heard)
		heard = let_in(routers, &key, where);
	if (!heard)
		return 0;
	/* Ours come back, or somebody pretends to be us. */
	if (heard->own && !where->own && !is_quiet(heard)) {
		heard->errors++;
		return 0;
	}
	heard->lost += count_lost(routers, heard, where);
	heard->last = where->now;
	heard->last_wall = where->wall;
	heard->adverts++;
	take_own(routers, heard, where->own);
	take_content(routers, heard, advert);
	if (advert->priority) {
		set_state(routers, heard, haVrrpRouterState_advertising, where->wall);
		return where->now + patience_with(heard);
	}
	heard->resignations++;
	set_state(routers, heard, haVrrpRouterState_resigned, where->wall);
	return 0;
}

bool routers_blame(struct routers *routers, const struct sighting *where,
		   const struct advert *advert)
{
	struct key key = { where->interface, advert->vrid, &advert->source };
	struct heard *heard = find(routers, &key);

	if (heard)
		heard->errors++;
	return heard;
}

/* ---- silence ---- */

/* Until when nothing can be said against it; 0: for ever. */
static int64_t judge(struct routers *routers, struct heard *heard, const struct sighting *where)
{
	int64_t patience = patience_with(heard);
	bool excused = where->torn > heard->last;

	if (is_quiet(heard))
		return 0;
	if (where->now < heard->last + patience)
		return heard->last + patience;
	if (excused && where->now < where->torn + patience) {
		set_state(routers, heard, haVrrpRouterState_unknown, where->wall);
		return where->torn + patience;
	}
	set_state(routers, heard, haVrrpRouterState_silent, where->wall);
	return 0;
}

int64_t routers_judge(struct routers *routers, const struct sighting *where)
{
	struct key key = { .interface = where->interface };
	int64_t due = 0;

	for (size_t i = position_of(routers, &key);
	     i < routers->count && routers->sorted[i]->interface == where->interface; i++) {
		int64_t next = judge(routers, routers->sorted[i], where);

		if (next && (!due || next < due))
			due = next;
	}
	return due;
}
