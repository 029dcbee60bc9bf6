/* Has drbdadm tell its version and its configuration, beside the loop.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_DRBD_LOADER_H
#define HA_DRBD_LOADER_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/events2.h"
#include "subagent/sources/drbd/run.h"

struct drbd_config;
struct drbd_config_parser;
struct settings;

enum drbd_loader_step {
	DRBD_LOADER_IDLE,
	DRBD_LOADER_VERSION,
	DRBD_LOADER_DUMP,
	DRBD_LOADER_NUMBERS
};

struct drbd_loader {
	const struct settings *settings;
	struct drbd_run run;
	enum drbd_loader_step step;
	bool wanted; /* again, as soon as this one is done */
	bool numbers_wanted;
	struct drbd_config_parser *parser;
	struct events2_stream lines;
	struct drbd_config *config; /* being made */
	struct drbd_config *made;   /* until it is taken */
	char version[32];           /* of drbd-utils; "" when it is not known */
	char error[160];            /* of the last attempt; "" when it went well */
	uint32_t attempts;          /* that have ended */
};

void drbd_loader_open(struct drbd_loader *loader, const struct settings *settings);

/* Load the configuration anew; with `numbers`, the node-ids of the peers, too (DRBD 9). */
void drbd_loader_request(struct drbd_loader *loader, bool numbers);

/* On every turn. */
void drbd_loader_turn(struct drbd_loader *loader);

/* The configuration that was loaded since the last call, the caller's to free; NULL: none. */
struct drbd_config *drbd_loader_take(struct drbd_loader *loader);

/* Frees what was not taken; a program that runs is killed. */
void drbd_loader_close(struct drbd_loader *loader);

#endif
