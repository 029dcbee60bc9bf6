/* The processes there are, by number: what the keeper starts and the hub asks for.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/roster.h"

#include <assert.h>
#include <string.h>

#include "subagent/source.h"

static const char *const firsts[ROLE_SOURCES] = {
	[ROLE_HUB] = "hub",
	[ROLE_EXECUTOR] = "executor",
	[ROLE_LINE] = "line",
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

int roster_find(const char *name)
{
	for (unsigned int number = 0; number < roster_count(); number++)
		if (!strcmp(roster_role(number).name, name))
			return (int)number;
	return -1;
}
