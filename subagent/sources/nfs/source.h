/* The NFS source.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_NFS_SOURCE_H
#define HA_NFS_SOURCE_H

struct source;

extern const struct source nfs_source;

#endif
