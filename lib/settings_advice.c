/* Advice on groups.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "lib/settings_advice.h"

#include <stdio.h>

#include "lib/memory.h"
#include "lib/settings.h"
#include "lib/settings_group.h"
#include "lib/settings_peer.h"
#include "mib/ha-agentx-mib.h"

struct advising {
	const struct settings *settings;
	const struct settings_group *group;
	void (*tell)(const struct settings *settings, int line, const char *sentence);
};

static void tell(const struct advising *advising, int line, const char *what)
{
	char sentence[300];

	TEXT_PRINT(sentence, "group \"%s\": %s", advising->group->name, what);
	advising->tell(advising->settings, line, sentence);
}

/* Members are started in the order of the file. */
static void advise_order(const struct advising *advising)
{
	const struct settings_group *group = advising->group;
	bool serves = false;

	for (size_t i = 0; i < group->members_count; i++) {
		const struct settings_member *member = &group->members[i];

		if (serves && member->kind == haGroupMemberKind_export)
			tell(advising, member->line,
			     "this export comes after the NFS server, whose clients are told "
			     "meanwhile that their files are stale: let nfs come last");
		serves = serves || member->kind == haGroupMemberKind_nfs;
	}
}

/* Only where two nodes can write to a mirror of their own do they split. */
static void advise_fencing(const struct advising *advising)
{
	const struct settings_group *group = advising->group;

	if (!settings_group_has(group, haGroupMemberKind_drbd))
		return;
	if (group->policy == haGroupFencingPolicy_always)
		tell(advising, group->line,
		     "fencing is always: a cut between the nodes makes a split brain");
	if (group->policy == haGroupFencingPolicy_witness && !group->watchdog)
		tell(advising, group->line,
		     "without a watchdog a node that stood still can write before it notices that "
		     "the other one has taken over");
}

static void advise_peer(const struct advising *advising)
{
	if (advising->settings->peer->addresses_count == 0)
		tell(advising, advising->group->line,
		     "there is no section peer: what the other node is will never be known, and no "
		     "switchover accepted");
}

void settings_advise(const struct settings *settings,
		     void (*tell_one)(const struct settings *settings, int line,
				      const char *sentence))
{
	for (size_t i = 0; i < settings->groups->count; i++) {
		const struct advising advising = { settings, &settings->groups->groups[i],
						   tell_one };

		advise_peer(&advising);
		advise_fencing(&advising);
		advise_order(&advising);
	}
}
