/* The hold files: track files by which this agent keeps an instance in FAULT.
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * A first line "0" releases, any other number holds; on a second line may stand when the hold ends,
 * in seconds since 1970, which keepalived does not read.
 */
#ifndef HA_VRRP_HOLD_H
#define HA_VRRP_HOLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct settings_vrrp;

struct hold {
	bool set;     /* it holds */
	bool folder;  /* it can be there: its folder is */
	int64_t ends; /* milliseconds since 1970, 0: never */
};

struct holds;

/* One for each instance of the settings, by its number; the settings outlive them. */
struct holds *holds_open(const struct settings_vrrp *settings);
void holds_close(struct holds *holds);

/* Read what has changed; whether anything had. */
bool holds_take(struct holds *holds);

/* Register for the coming turn of the loop. */
void holds_watch(struct holds *holds);

/* How it is; all zeros for an instance that has no file. */
const struct hold *holds_of(const struct holds *holds, size_t instance);

/* What a text of a hold file says. */
void hold_parse(struct hold *hold, const char *text);

/* The number in a track file as keepalived reads it; 0 when there is none. */
long hold_number(const char *path);

#endif
