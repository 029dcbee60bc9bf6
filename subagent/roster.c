/* The processes there are, by number: what the keeper starts and the hub asks for.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/roster.h"

#include <assert.h>
#include <string.h>

#include "lib/memory.h"
#include "lib/settings.h"
#include "subagent/jobs.h"
#include "subagent/source.h"

static const char *const firsts[ROLE_SOURCES] = {
	[ROLE_HUB] = "hub",           [ROLE_EXECUTOR] = "executor",
	[ROLE_LINE] = "line",         [ROLE_ASIDE] = "executor-aside",
	[ROLE_WATCHDOG] = "watchdog",
};

unsigned int roster_count(void)
{
	unsigned int count = ROLE_SOURCES;

	while (sources[count - ROLE_SOURCES])
		count++;
	assert(count <= ROLES_MAX);
	return count;
}

struct role roster_role(unsigned int number)
{
	const struct source *source;

	assert(number < roster_count());
	if (number < ROLE_SOURCES)
		return (struct role){ .name = firsts[number] };
	source = sources[number - ROLE_SOURCES];
	return (struct role){ source->name, source->capabilities, source };
}

static bool is_of_group(unsigned int number)
{
	return number >= ROLE_GROUP && number < ROLE_ASIDE;
}

void roster_name(const struct settings *settings, unsigned int number, char *name, size_t size)
{
	const char *fixed = roster_role(number).name;

	if (fixed)
		text_put(name, size, fixed);
	else
		text_print(name, size, "executor-%s",
			   settings->groups->groups[number - ROLE_GROUP].name);
}

static bool has_watchdog(const struct settings_groups *groups)
{
	for (size_t i = 0; i < groups->count; i++)
		if (groups->groups[i].watchdog)
			return true;
	return false;
}

bool roster_has(const struct settings *settings, unsigned int number)
{
	if (is_of_group(number))
		return number - ROLE_GROUP < settings->groups->count;
	if (number == ROLE_ASIDE)
		return settings->groups->count > 0;
	return number != ROLE_WATCHDOG || has_watchdog(settings->groups);
}

bool roster_is_executor(unsigned int number)
{
	return number == ROLE_EXECUTOR || is_of_group(number) || number == ROLE_ASIDE;
}

bool roster_is_root(unsigned int number)
{
	return roster_is_executor(number) || number == ROLE_WATCHDOG;
}

size_t roster_slot(unsigned int number)
{
	return number == ROLE_EXECUTOR ? JOB_SLOT_PLAIN : JOB_SLOT_GROUP + number - ROLE_GROUP;
}

unsigned int roster_executor(size_t slot)
{
	return slot == JOB_SLOT_PLAIN ? ROLE_EXECUTOR :
					(unsigned int)(ROLE_GROUP + slot - JOB_SLOT_GROUP);
}

int roster_find(const char *name)
{
	for (unsigned int number = 0; number < roster_count(); number++) {
		struct role role = roster_role(number);

		if (role.name && !strcmp(role.name, name))
			return (int)number;
	}
	return -1;
}
