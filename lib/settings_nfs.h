/* The section `nfs' of the configuration: the kernel's NFS server.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_SETTINGS_NFS_H
#define HA_SETTINGS_NFS_H

#include <stdint.h>

struct settings_nfs {
	uint32_t grace_limit; /* seconds; a longer grace time is a problem */
};

#endif
