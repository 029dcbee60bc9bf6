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
#include "lib/settings_group.h"
#include "lib/settings_ipvs.h"
#include "lib/settings_vrrp.h"
#include "mib/ha-agentx-mib.h"

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

/* To kill what hangs, to read the state back and to look for who is in the way. */
#define MEMBER_GRACE 6000

uint32_t step_number(const struct step *step)
{
	assert(step->subject < 1U << SUBJECT_BITS && step->part < 1U << PART_BITS);
	return (uint32_t)step->verb | (uint32_t)step->subject << VERB_BITS |
	       (uint32_t)step->part << (VERB_BITS + SUBJECT_BITS);
}

/* Whether a group has the resource among its members. */
static bool is_in_group(const struct settings_groups *groups, size_t resource)
{
	for (size_t i = 0; i < groups->count; i++)
		for (size_t j = 0; j < groups->groups[i].members_count; j++)
			if (groups->groups[i].members[j].kind == haGroupMemberKind_drbd &&
			    groups->groups[i].members[j].resource == resource)
				return true;
	return false;
}

static bool is_followed(const struct settings_groups *groups, size_t instance)
{
	for (size_t i = 0; i < groups->count; i++)
		if (groups->groups[i].instance == instance)
			return true;
	return false;
}

/* That the role may be switched by a SET says nothing about I/O, which only groups suspend. */
static bool allows_resource(const struct settings *settings, const struct step *step)
{
	bool io = step->verb == STEP_DRBD_SUSPEND || step->verb == STEP_DRBD_RESUME;

	if (step->subject >= settings->resources_count || step->part || step->value)
		return false;
	return (!io && settings->resources[step->subject].switchable) ||
	       is_in_group(settings->groups, step->subject);
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

static bool allows_instance(const struct settings *settings, const struct step *step)
{
	if (step->subject >= settings->vrrp->instances_count || step->part ||
	    (step->value && step->verb != STEP_VRRP_HOLD))
		return false;
	return settings->vrrp->instances[step->subject].switchable ||
	       is_followed(settings->groups, step->subject);
}

/* DRBD resources are members with steps of their own. */
static bool allows_member(const struct settings_groups *groups, const struct step *step)
{
	return step->subject < groups->count &&
	       step->part < groups->groups[step->subject].members_count &&
	       groups->groups[step->subject].members[step->part].kind != haGroupMemberKind_drbd &&
	       !step->value;
}

static bool allows_fence(const struct settings_groups *groups, const struct step *step)
{
	return step->subject < groups->count && groups->groups[step->subject].fence &&
	       !step->part && !step->value;
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
	case STEP_DRBD_SUSPEND:
	case STEP_DRBD_RESUME:
		return allows_resource(settings, step);
	case STEP_BOND_ACTIVE_PORT:
		return allows_port(settings->bond, step);
	case STEP_IPVS_WEIGHT:
		return allows_server(settings->ipvs, step);
	case STEP_VRRP_HOLD:
	case STEP_VRRP_RELEASE:
		return allows_instance(settings, step);
	case STEP_MEMBER_START:
	case STEP_MEMBER_STOP:
		return allows_member(settings->groups, step);
	case STEP_GROUP_FENCE:
		return allows_fence(settings->groups, step);
	case STEP_GROUP_LOOK:
		return step->subject < settings->groups->count && !step->part && !step->value;
	case STEP_VERBS:
		break;
	}
	return false;
}

uint32_t step_time(const struct settings *settings, const struct step *step)
{
	const struct settings_group *groups = settings->groups->groups;

	switch (step->verb) {
	case STEP_DRBD_PRIMARY:
	case STEP_DRBD_PRIMARY_ALONE:
	case STEP_DRBD_SECONDARY:
		return (uint32_t)settings->drbd_deadline;
	case STEP_MEMBER_START:
		return groups[step->subject].members[step->part].start_time;
	case STEP_MEMBER_STOP:
		return groups[step->subject].members[step->part].stop_time;
	case STEP_GROUP_FENCE:
		return groups[step->subject].fence_time;
	default:
		return TIME;
	}
}

uint32_t step_grace(const struct step *step)
{
	switch (step->verb) {
	case STEP_DRBD_PRIMARY:
	case STEP_DRBD_PRIMARY_ALONE:
	case STEP_DRBD_SECONDARY:
		return DRBD_ROLE_GRACE;
	case STEP_MEMBER_START:
	case STEP_MEMBER_STOP:
	case STEP_DRBD_SUSPEND:
	case STEP_DRBD_RESUME:
	case STEP_GROUP_FENCE:
		return MEMBER_GRACE;
	default:
		return GRACE;
	}
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

static void print_member(const struct settings_group *group, const struct step *step, char *text,
			 size_t size)
{
	const struct settings_member *member = &group->members[step->part];
	bool start = step->verb == STEP_MEMBER_START;
	const char *verb = start ? "start" : "stop";

	if (member->kind == haGroupMemberKind_mount)
		verb = start ? "mount" : "unmount";
	else if (member->kind == haGroupMemberKind_export)
		verb = start ? "export" : "unexport";
	text_print(text, size, "%s %s", verb, member->name);
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
	case STEP_MEMBER_START:
	case STEP_MEMBER_STOP:
		print_member(&settings->groups->groups[subject], step, text, size);
		break;
	case STEP_DRBD_SUSPEND:
		text_print(text, size, "suspend I/O of %s", settings->resources[subject].name);
		break;
	case STEP_DRBD_RESUME:
		text_print(text, size, "resume I/O of %s", settings->resources[subject].name);
		break;
	case STEP_GROUP_FENCE:
		text_print(text, size, "fence the peer of %s",
			   settings->groups->groups[subject].name);
		break;
	case STEP_GROUP_LOOK:
		text_print(text, size, "see that nobody else uses the mounts of %s",
			   settings->groups->groups[subject].name);
		break;
	case STEP_VERBS:
		break;
	}
}
