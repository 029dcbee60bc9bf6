/* The steps that the executor knows, by number.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "actions/step.h"

#include <assert.h>

#include "actions/drbd_role.h"
#include "lib/address.h"
#include "lib/memory.h"
#include "lib/settings.h"
#include "lib/settings_bond.h"
#include "lib/settings_ipvs.h"
#include "lib/settings_vrrp.h"

/* A number from its low bits up: verb, subject, part. All that may be switched fits. */
#define VERB_BITS 4
#define SUBJECT_BITS 14
#define PART_BITS 14

_Static_assert(STEP_VERBS <= 1 << VERB_BITS, "a number has no room for every verb");
_Static_assert(SETTINGS_SERVICES_MAX <= 1 << SUBJECT_BITS, "nor for every service");
_Static_assert(SETTINGS_SERVERS_MAX <= 1 << PART_BITS, "nor for every server");

/* The kernel answers at once, and a file in memory is written at once. */
#define TIME 3000
#define GRACE 2000

uint32_t step_number(const struct step *step)
{
	assert(step->subject < 1U << SUBJECT_BITS && step->part < 1U << PART_BITS);
	return (uint32_t)step->verb | (uint32_t)step->subject << VERB_BITS |
	       (uint32_t)step->part << (VERB_BITS + SUBJECT_BITS);
}

static bool allows_resource(const struct settings *settings, const struct step *step)
{
	return step->subject < settings->resources_count &&
	       settings->resources[step->subject].switchable && !step->part && !step->value;
}

static bool allows_port(const struct settings_bond *bond, const struct step *step)
{
	return step->subject < bond->bonds_count && bond->bonds[step->subject].switchable &&
	       step->part < bond->bonds[step->subject].ports_count && !step->value;
}

/* The kernel's weights are signed. */
static bool allows_server(const struct settings_ipvs *ipvs, const struct step *step)
{
	return step->subject < ipvs->services_count && ipvs->services[step->subject].switchable &&
	       step->part < ipvs->services[step->subject].servers_count && step->value <= INT32_MAX;
}

static bool allows_instance(const struct settings_vrrp *vrrp, const struct step *step)
{
	return step->subject < vrrp->instances_count && vrrp->instances[step->subject].switchable &&
	       !step->part && (!step->value || step->verb == STEP_VRRP_HOLD);
}

bool step_decode(const struct settings *settings, uint32_t number, uint32_t value,
		 struct step *step)
{
	step->verb = number & ((1U << VERB_BITS) - 1);
	step->subject = number >> VERB_BITS & ((1U << SUBJECT_BITS) - 1);
	step->part = number >> (VERB_BITS + SUBJECT_BITS);
	step->value = value;
	switch (step->verb) {
	case STEP_DRBD_PRIMARY:
	case STEP_DRBD_PRIMARY_ALONE:
	case STEP_DRBD_SECONDARY:
		return allows_resource(settings, step);
	case STEP_BOND_ACTIVE_PORT:
		return allows_port(settings->bond, step);
	case STEP_IPVS_WEIGHT:
		return allows_server(settings->ipvs, step);
	case STEP_VRRP_HOLD:
	case STEP_VRRP_RELEASE:
		return allows_instance(settings->vrrp, step);
	case STEP_VERBS:
		break;
	}
	return false;
}

uint32_t step_time(const struct settings *settings, const struct step *step)
{
	return step->verb <= STEP_DRBD_SECONDARY ? (uint32_t)settings->drbd_deadline : TIME;
}

uint32_t step_grace(const struct step *step)
{
	return step->verb <= STEP_DRBD_SECONDARY ? DRBD_ROLE_GRACE : GRACE;
}

static void print_weight(const struct settings_ipvs_service *service, const struct step *step,
			 char *text, size_t size)
{
	char server[ADDRESS_TEXT_MAX];

	address_print_port(&service->servers[step->part], server, sizeof(server));
	text_print(text, size, "give %s of %s the weight %u", server, service->title, step->value);
}

static void print_port(const struct settings_expected_bond *bond, const struct step *step,
		       char *text, size_t size)
{
	text_print(text, size, "have %s use %s", bond->name, bond->ports[step->part]);
}

void step_print(const struct settings *settings, const struct step *step, char *text, size_t size)
{
	size_t subject = step->subject;

	switch (step->verb) {
	case STEP_DRBD_PRIMARY:
		text_print(text, size, "promote %s", settings->resources[subject].name);
		break;
	case STEP_DRBD_PRIMARY_ALONE:
		text_print(text, size, "promote, connected or not, %s",
			   settings->resources[subject].name);
		break;
	case STEP_DRBD_SECONDARY:
		text_print(text, size, "demote %s", settings->resources[subject].name);
		break;
	case STEP_BOND_ACTIVE_PORT:
		print_port(&settings->bond->bonds[subject], step, text, size);
		break;
	case STEP_IPVS_WEIGHT:
		print_weight(&settings->ipvs->services[subject], step, text, size);
		break;
	case STEP_VRRP_HOLD:
		text_print(text, size, "hold %s", settings->vrrp->instances[subject].name);
		break;
	case STEP_VRRP_RELEASE:
		text_print(text, size, "release %s", settings->vrrp->instances[subject].name);
		break;
	case STEP_VERBS:
		break;
	}
}
