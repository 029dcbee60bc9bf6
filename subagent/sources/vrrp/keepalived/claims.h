/* What keepalived claims of its instances, from all its voices.
 *
 * What is told at once (D-Bus, the FIFO) holds from when it is heard; a dump holds from when it was
 * asked for, so that it never takes back what was heard after that.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_VRRP_CLAIMS_H
#define HA_VRRP_CLAIMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "subagent/sources/vrrp/keepalived/keepalived.h"

struct told;

/* Something that is told of one instance, at once. */
struct news {
	const char *name;
	int32_t state;  /* enum HaVrrpState; unknown: it is not told */
	int32_t origin; /* enum haVrrpInstanceStateOrigin: dbus or fifo */
	int priority;   /* effective; -1: it is not told */
	uint8_t vrid;   /* 0: it is not told */
	uint16_t family;
};

/* When something is told, and by whom more will be told. */
struct telling {
	int64_t now;    /* clock_now() */
	int64_t exact;  /* clock_microseconds() */
	int64_t wall;   /* clock_wall() */
	bool started;   /* keepalived has started or read its configuration, and not all is known */
	bool bus, fifo; /* what they tell is heard, and has been since the last dump */
};

struct claims;

struct claims *claims_new(void);
void claims_free(struct claims *claims);

/* Whether there is an instance of this name. */
bool claims_has(const struct claims *claims, const char *name);

/* One is told. True: it is in another state than it was. */
bool claims_hear(struct claims *claims, const struct news *news, const struct telling *telling);

/* A JSON dump that was asked for at `asked' (clock_microseconds()) is told. Instances that it does
 * not list are gone. Returns how many have moved and the FIFO, which was heard all the time, has
 * said nothing. It takes from `told' what it holds. */
size_t claims_take(struct claims *claims, struct told *told, int64_t asked,
		   const struct telling *telling);

/* What the data dump says beside that. An instance that it does not list is as it was. */
void claims_take_data(struct claims *claims, struct told *told);

/* Whether there is an instance of which no data dump has told. */
bool claims_lack_data(const struct claims *claims);

/* Instances that nobody has confirmed since then (clock_now()) are gone. */
void claims_drop(struct claims *claims, int64_t since);

/* There is no keepalived, or no VRRP process of it: all have stopped. */
void claims_stop(struct claims *claims, const struct telling *telling);

/* While there is none, that is certain at any time. */
void claims_confirm_stop(struct claims *claims, int64_t now);

uint32_t claims_version(const struct claims *claims);
const struct claim *const *claims_list(const struct claims *claims, size_t *count);

#endif
