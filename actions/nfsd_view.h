/* What the kernel's NFS server shows of itself to everybody.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_NFSD_VIEW_H
#define HA_NFSD_VIEW_H

#include <stdbool.h>

/* Its sockets, one a line; nothing when it does not run. Unlike the number of its threads it is for
 * all to read. The file is there when the kernel's file system for it is mounted. */
#define NFSD_PORTLIST "/proc/fs/nfsd/portlist"

/* Whether the server runs. */
bool nfsd_view_look(void);

#endif
