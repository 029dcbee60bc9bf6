/* What of the server as a whole would hurt clients at a failover, beside its single exports.
 *
 * Pure: rows and texts in, bits and sentences out.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_NFS_HYGIENE_H
#define HA_NFS_HYGIENE_H

#include <stdint.h>

#include "subagent/sources/nfs/exports.h"
#include "subagent/sources/nfs/rows.h"

struct settings;

/* Fill `own_problems' and their sentences. Where nothing is exported from a mirrored file system,
 * now or by a group, there is no failover that could hurt. */
void nfs_hygiene_judge(const struct settings *settings, const struct nfs_exports *exports,
		       const char *mountinfo, struct nfs_row *row);

#endif
