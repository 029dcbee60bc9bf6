/* What of the server as a whole would hurt clients at a failover.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/nfs/hygiene.h"

#include <stdbool.h>
#include <string.h>

#include "lib/memory.h"
#include "lib/mountinfo.h"
#include "lib/settings.h"
#include "lib/settings_group.h"
#include "lib/settings_nfs.h"
#include "mib/ha-agentx-mib.h"

static void add(struct nfs_row *row, uint32_t problem, const char *sentence)
{
	row->own_problems |= UINT32_C(1) << problem;
	text_add(row->own_problems_text, sizeof(row->own_problems_text), sentence);
}

static bool is_mirrored(const struct nfs_exports *exports)
{
	for (size_t i = 0; i < exports->count; i++)
		if (*exports->rows[i].group || *exports->rows[i].resource)
			return true;
	return false;
}

static bool serves_version_4(const struct nfs_row *row)
{
	const uint32_t version_4 = UINT32_C(1) << haNfsVersions_v40 |
				   UINT32_C(1) << haNfsVersions_v41 |
				   UINT32_C(1) << haNfsVersions_v42;

	return (row->nfs_state == haNfsState_running || row->nfs_state == haNfsState_grace) &&
	       row->versions & version_4;
}

static const struct settings_member *group_mount(const struct settings *settings,
						 const char *device)
{
	const struct settings_groups *all = settings->groups;

	for (size_t g = 0; g < all->count; g++)
		for (size_t m = 0; m < all->groups[g].members_count; m++) {
			const struct settings_member *member = &all->groups[g].members[m];

			if (member->kind == haGroupMemberKind_mount &&
			    !strcmp(member->device, device))
				return member;
		}
	return NULL;
}

/* The file system of a group, mounted somewhere that is no member of it: who unmounts the member
 * does not unmount this, and the device stays in use (resource-agents issue 226). */
static void find_bind_mount(const struct settings *settings, const char *mountinfo,
			    struct nfs_row *row)
{
	struct mountinfo mount;
	char sentence[128];

	while (mountinfo_next(&mountinfo, &mount)) {
		const struct settings_member *member = group_mount(settings, mount.device);

		if (!member || !strcmp(member->name, mount.point))
			continue;
		TEXT_PRINT(sentence, "%.40s is mounted at %.60s, too: unmount that", member->device,
			   mount.point);
		add(row, HaNfsProblems_bindMount, sentence);
		return;
	}
}

void nfs_hygiene_judge(const struct settings *settings, const struct nfs_exports *exports,
		       const char *mountinfo, struct nfs_row *row)
{
	char sentence[128];

	row->own_problems = 0;
	TEXT_PUT(row->own_problems_text, "");
	find_bind_mount(settings, mountinfo, row);
	if (!is_mirrored(exports) || !serves_version_4(row))
		return;
	if (row->tracking_mirrored == HaAnswer_no) {
		TEXT_PRINT(sentence,
			   "clients are remembered in %.60s, which the other node does not have: "
			   "nfsdcld -s",
			   row->tracking_path);
		add(row, HaNfsProblems_trackingLocal, sentence);
	}
	if (row->grace_time > settings->nfs->grace_limit) {
		TEXT_PRINT(sentence, "new opens wait %u s after a failover: rpc.nfsd --grace-time",
			   row->grace_time);
		add(row, HaNfsProblems_graceLong, sentence);
	}
}
