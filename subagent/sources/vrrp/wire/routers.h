/* The table of routers: what has been heard of each, and who has fallen silent.
 *
 * Pure: adverts and the time are passed in. It never grows beyond WIRE_ROUTERS_MAX; then those make
 * room who are silent, before others those who were hardly heard.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_VRRP_ROUTERS_H
#define HA_VRRP_ROUTERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct advert;
struct heard;
struct routers;

/* Where and when an advert was heard. */
struct sighting {
	uint32_t interface;
	const char *interface_name;
	bool own;     /* this node sent it */
	int64_t now;  /* clock_now() at which it came */
	int64_t wall; /* the same as clock_wall() */
	int64_t torn; /* clock_now() at which adverts of this interface were lost on the way to us;
			 0: never */
};

/* `seed' is random, so that nobody foresees what is remembered in one place. */
struct routers *routers_new(uint64_t seed);
void routers_free(struct routers *routers);

/* An advert was heard. Returns the clock_now() at which its router will be silent, 0: never. */
int64_t routers_hear(struct routers *routers, const struct sighting *where,
		     const struct advert *advert);

/* One was heard that is not fine. False when the router that is to blame is not known. */
bool routers_blame(struct routers *routers, const struct sighting *where,
		   const struct advert *advert);

/* Everything that came to this interface up to where->now has been heard: those who should have
 * been and were not are silent; or unknown, as long as their adverts may have been lost on the way.
 * Returns the clock_now() at which to judge again, 0: before that there is another advert. */
int64_t routers_judge(struct routers *routers, const struct sighting *where);

/* Nobody listens to this interface any more: its routers are forgotten. */
void routers_leave(struct routers *routers, uint32_t interface);

/* Grows with every router that comes, goes, or changes its state or what it advertises. */
uint32_t routers_version(const struct routers *routers);

/* Adverts of routers that were not let in. */
uint64_t routers_refused(const struct routers *routers);

/* All of them, by interface, VRID, family and address. */
const struct heard *const *routers_all(const struct routers *routers, size_t *count);

#endif
