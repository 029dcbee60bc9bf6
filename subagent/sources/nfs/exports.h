/* Exports: those that stand in etab, and those that a group of the configuration has; and what of
 * them would hurt clients at a failover.
 *
 * Pure: texts in, rows out.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_NFS_EXPORTS_H
#define HA_NFS_EXPORTS_H

#include <stddef.h>
#include <stdint.h>

#include "subagent/sources/nfs/rows.h"

struct settings;

struct nfs_exports {
	size_t count, room;
	struct nfs_export_row *rows; /* in the order of path and client */
	uint32_t exported;           /* of them */
	uint32_t rejected;           /* lines whose path or client has no room in the MIB */
};

/* What is exported now, by the texts of etab and mountinfo. State times of exports whose state is
 * what it was stay; `wall' is clock_wall(). */
void nfs_exports_take(struct nfs_exports *exports, const struct settings *settings,
		      const char *etab, const char *mountinfo, int64_t wall);
void nfs_exports_free(struct nfs_exports *exports);

/* The name of the DRBD resource on which a path lies: of the mounts of the groups, else that of its
 * device; "" when on none. */
void nfs_find_mirror(const struct settings *settings, const char *mountinfo, const char *path,
		     char *mount_point, size_t point_size, char *resource, size_t resource_size);

#endif
