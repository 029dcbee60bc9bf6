/* The kernel's NFS server, as its file system /proc/fs/nfsd shows it (nfsd(7)).
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_NFS_SERVER_H
#define HA_NFS_SERVER_H

#include <stdint.h>

#include "subagent/sources/nfs/rows.h"

struct nfs_server {
	const char *folder;      /* /proc/fs/nfsd, but for tests */
	const char *filesystems; /* /proc/filesystems */
	int32_t state;           /* enum haNfsState; 0: not looked at yet */
	int64_t since;           /* clock_wall() of its last change */
	int64_t grace_ends;      /* clock_now(), while in grace and its begin was seen; else 0 */
};

/* Fill the part of the row that the kernel's server has. What cannot be read has no value.
 * `now' and `wall' are clock_now() and clock_wall(). */
void nfs_server_look(struct nfs_server *server, int64_t now, int64_t wall, struct nfs_row *row);

/* The bits of haNfsVersions that a line such as "-2 +3 +4 +4.1 -4.2" switches on. */
uint32_t nfs_versions(const char *line);

#endif
