/* Clients of NFS version 4 that hold state, as the kernel shows them below /proc/fs/nfsd/clients.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_NFS_CLIENTS_H
#define HA_NFS_CLIENTS_H

#include <stddef.h>

#include "subagent/sources/nfs/rows.h"

#define NFS_CLIENTS_MAX 4096 /* that are shown */

/* Read the text of a client's file `info' (fs/nfsd/nfs4state.c, client_info_show()) into a row. 0
 * when it has a client identifier; else -1. */
int nfs_client_read(const char *info, struct nfs_client_row *row);

/* Call `take' for each client below `folder', /proc/fs/nfsd/clients but for tests, with its states
 * counted. How many there were; *rejected counts those that could not be understood. */
size_t nfs_clients_look(const char *folder, void (*take)(void *argument, const void *row),
			void *argument, uint32_t *rejected);

#endif
