/* The steps that the executor knows, by number.
 *
 * A number says a verb and the position of a thing in the configuration. Both sides have read the
 * same octets of it (the order carries their digest), so nothing else has to cross.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_STEP_H
#define HA_STEP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct settings;

enum step_verb {
	STEP_DRBD_PRIMARY,       /* promote; refused unless every peer is connected and Secondary */
	STEP_DRBD_PRIMARY_ALONE, /* promote whether or not the peer is connected (forced) */
	STEP_DRBD_SECONDARY,     /* demote */
	STEP_VERBS
};

struct step {
	enum step_verb verb;
	size_t resource; /* position among settings->resources */
};

/* The number of a step. */
uint32_t step_number(const struct step *step);

/* The step of a number; false when there is none or the configuration does not allow it. */
bool step_decode(const struct settings *settings, uint32_t number, struct step *step);

/* A few words for the job's row, such as "promote r0". */
void step_print(const struct settings *settings, const struct step *step, char *text, size_t size);

#endif
