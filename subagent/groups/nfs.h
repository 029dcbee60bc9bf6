/* What of a group's NFS is otherwise on the other node, and would hurt clients when they get there.
 *
 * On a standby nothing is exported: so what the configurations say is compared, and of the servers
 * what is known while both run. Pure.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_GROUP_NFS_H
#define HA_GROUP_NFS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct board;
struct settings;
struct table;

struct nfs_difference {
	uint32_t problems; /* HaNfsProblems: bit N for HaNfsProblems_... = N */
	char text[200];    /* sentences */
};

/* Of all exports of a group, by its position; those that the other node has alone, too. */
void nfs_compare_exports(const struct settings *settings, size_t group, const struct board *board,
			 struct nfs_difference *difference);

/* Put what differs into a row of haNfs or haNfsExportTable before it is published; rows of other
 * tables stay as they are. */
void nfs_amend(const struct settings *settings, const struct board *board,
	       const struct table *table, void *row);

#endif
