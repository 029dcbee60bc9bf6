/* The steps that the executor knows, by number.
 *
 * A number says a verb and the positions of things in the configuration. Both sides have read the
 * same octets of it (the order carries their digest), so nothing else has to cross but one value.
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
	STEP_BOND_ACTIVE_PORT,   /* make a port of a bond the active one */
	STEP_IPVS_WEIGHT,        /* give a real server a weight; 0: no new connections */
	STEP_VRRP_HOLD,          /* have an instance take no part until it is released */
	STEP_VRRP_RELEASE,       /* let it take part again */
	STEP_MEMBER_START,       /* start a member of a group: mount, export, service, command */
	STEP_MEMBER_STOP,        /* stop it */
	STEP_DRBD_SUSPEND,       /* have all I/O of a resource wait */
	STEP_DRBD_RESUME,        /* let it go on */
	STEP_GROUP_FENCE,        /* run a group's program that turns the peer off */
	STEP_GROUP_LOOK,         /* refuse when somebody else uses its file systems */
	STEP_VERBS
};

struct step {
	enum step_verb verb;
	uint32_t value; /* weight; second since 1970 at which a hold ends, 0: never; else 0 */
	size_t subject; /* position of the resource, bond, service, instance or group in the
			   settings */
	size_t part;    /* of the port, server or member in there; else 0 */
};

/* The number of a step, which its value goes beside. */
uint32_t step_number(const struct step *step);

/* The step of a number and a value; false when there is none or the configuration does not allow
 * it. */
bool step_decode(const struct settings *settings, uint32_t number, uint32_t value,
		 struct step *step);

/* Milliseconds that the step may take, and how many beyond these the executor may need at most to
 * end it and to say what came of it. */
uint32_t step_time(const struct settings *settings, const struct step *step);
uint32_t step_grace(const struct step *step);

/* A few words for the job's row, such as "promote r0". */
void step_print(const struct settings *settings, const struct step *step, char *text, size_t size);

#endif
