/* Exports, and what of them would hurt clients at a failover.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/nfs/exports.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "lib/etab.h"
#include "lib/memory.h"
#include "lib/mountinfo.h"
#include "lib/settings.h"
#include "lib/settings_group.h"
#include "lib/sorted.h"
#include "mib/ha-agentx-mib.h"

#define BIT(problem) (UINT32_C(1) << HaNfsProblems_##problem)

static int compare(const void *element, const void *key)
{
	const struct nfs_export_row *row = element, *wanted = key;
	int order = strcmp(row->path, wanted->path);

	return order ? order : strcmp(row->client, wanted->client);
}

static struct nfs_export_row *find(const struct nfs_exports *exports,
				   const struct nfs_export_row *wanted)
{
	size_t at = sorted_position(exports->rows, exports->count, sizeof(*exports->rows), wanted,
				    compare);

	if (at < exports->count && !compare(&exports->rows[at], wanted))
		return &exports->rows[at];
	return NULL;
}

/* ---- where it lies ---- */

static const struct settings_member *find_mount(const struct settings *settings, const char *point)
{
	const struct settings_groups *all = settings->groups;

	for (size_t g = 0; g < all->count; g++)
		for (size_t m = 0; m < all->groups[g].members_count; m++) {
			const struct settings_member *member = &all->groups[g].members[m];

			if (member->kind == haGroupMemberKind_mount && !strcmp(member->name, point))
				return member;
		}
	return NULL;
}

void nfs_find_mirror(const struct settings *settings, const char *mountinfo, const char *path,
		     char *mount_point, size_t point_size, char *resource, size_t resource_size)
{
	const struct settings_member *member;
	struct mountinfo mount;
	const char *slash;

	text_put(mount_point, point_size, "");
	text_put(resource, resource_size, "");
	if (!mountinfo_under(mountinfo, path, &mount))
		return;
	text_put(mount_point, point_size, mount.point);
	if (mount.major != DRBD_MAJOR)
		return;
	member = find_mount(settings, mount.point);
	slash = strrchr(mount.device, '/');
	if (member && member->resource < settings->resources_count)
		text_put(resource, resource_size, settings->resources[member->resource].name);
	else
		text_put(resource, resource_size, slash ? slash + 1 : mount.device);
}

/* ---- what it is ---- */

static int32_t yes_or_no(bool yes)
{
	return yes ? HaAnswer_yes : HaAnswer_no;
}

static void read_options(struct nfs_export_row *row, const char *options)
{
	char value[8];

	TEXT_PUT(row->options, options);
	row->fsid_fixed =
		yes_or_no(etab_option(options, "fsid", row->fsid, sizeof(row->fsid)) && *row->fsid);
	row->read_only = yes_or_no(!etab_option(options, "rw", value, sizeof(value)));
	row->sync = yes_or_no(!etab_option(options, "async", value, sizeof(value)));
}

static bool is_read_write(const struct nfs_export_row *row)
{
	return row->read_only == HaAnswer_no;
}

/* Only where a failover is meant to happen: in a group, or on a mirrored file system. */
static uint32_t find_problems(const struct nfs_export_row *row)
{
	bool exported = row->export_state == haNfsExportState_exported;
	uint32_t problems = 0;

	if (!*row->group && !*row->resource)
		return 0;
	if (row->fsid_fixed == HaAnswer_no)
		problems |= BIT(fsidMissing);
	if (row->sync == HaAnswer_no && is_read_write(row))
		problems |= BIT(async);
	if (exported && *row->group && !*row->resource)
		problems |= BIT(notMirrored);
	return problems;
}

static struct nfs_export_row *put(struct nfs_exports *exports, const struct nfs_export_row *row)
{
	size_t at = sorted_position(exports->rows, exports->count, sizeof(*exports->rows), row,
				    compare);

	if (at == exports->count || compare(&exports->rows[at], row))
		exports->rows = sorted_insert(exports->rows, at, &exports->count, &exports->room,
					      sizeof(*exports->rows));
	exports->rows[at] = *row;
	return &exports->rows[at];
}

/* Those that a group has are there before they are exported. */
static void put_configured(struct nfs_exports *exports, const struct settings_group *group,
			   const struct settings_member *member)
{
	struct nfs_export_row row = {
		.head.state = HaRowState_missing,
		.export_state = haNfsExportState_notExported,
	};

	TEXT_PUT(row.path, member->name);
	text_put(row.client, sizeof(row.client), member->client);
	TEXT_PUT(row.group, group->name);
	read_options(&row, member->options);
	put(exports, &row);
}

static void put_all_configured(struct nfs_exports *exports, const struct settings_groups *all)
{
	for (size_t g = 0; g < all->count; g++)
		for (size_t m = 0; m < all->groups[g].members_count; m++)
			if (all->groups[g].members[m].kind == haGroupMemberKind_export)
				put_configured(exports, &all->groups[g],
					       &all->groups[g].members[m]);
}

static void put_exported(struct nfs_exports *exports, const struct etab_export *found)
{
	struct nfs_export_row row = { .export_state = haNfsExportState_exported }, *known;

	if (strlen(found->path) >= sizeof(row.path) ||
	    strlen(found->client) >= sizeof(row.client)) {
		exports->rejected++;
		return;
	}
	TEXT_PUT(row.path, found->path);
	TEXT_PUT(row.client, found->client);
	row.head.state = HaRowState_fresh;
	known = find(exports, &row);
	if (known)
		TEXT_PUT(row.group, known->group);
	read_options(&row, found->options);
	put(exports, &row);
	exports->exported++;
}

/* What was so before is so since then. */
static void date(struct nfs_exports *exports, const struct nfs_exports *before, int64_t wall)
{
	for (size_t i = 0; i < exports->count; i++) {
		struct nfs_export_row *row = &exports->rows[i];
		const struct nfs_export_row *old = find(before, row);

		row->state_time.wall = wall;
		if (old && old->export_state == row->export_state)
			row->state_time = old->state_time;
	}
}

void nfs_exports_take(struct nfs_exports *exports, const struct settings *settings,
		      const char *etab, const char *mountinfo, int64_t wall)
{
	struct nfs_exports before = *exports;
	struct etab_export found;

	*exports = (struct nfs_exports){ 0 };
	put_all_configured(exports, settings->groups);
	while (etab_next(&etab, &found))
		put_exported(exports, &found);
	date(exports, &before, wall);
	for (size_t i = 0; i < exports->count; i++) {
		struct nfs_export_row *row = &exports->rows[i];

		nfs_find_mirror(settings, mountinfo, row->path, row->mount_point,
				sizeof(row->mount_point), row->resource, sizeof(row->resource));
		row->own_problems = find_problems(row);
	}
	free(before.rows);
}

void nfs_exports_free(struct nfs_exports *exports)
{
	free(exports->rows);
	*exports = (struct nfs_exports){ 0 };
}
