/* The section `nfs' of the configuration: the kernel's NFS server.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "lib/settings_nfs.h"

#include <stdlib.h>

#include "lib/memory.h"
#include "lib/settings_part.h"

/* Half of the kernel's default, which few clients' users bear. */
cfg_opt_t settings_nfs_options[] = { CFG_STR("watch", "auto", CFGF_NONE),
				     CFG_INT("grace-limit", 45, CFGF_NONE), CFG_END() };

static int check_grace(cfg_t *section, cfg_opt_t *option)
{
	return settings_check_number(section, option, 1, 3600, " seconds");
}

void settings_nfs_validate(cfg_t *parser)
{
	cfg_set_validate_func(parser, "nfs|grace-limit", check_grace);
}

struct settings_nfs *settings_nfs_take(cfg_t *section)
{
	struct settings_nfs *nfs = memory_new(1, sizeof(*nfs));

	nfs->grace_limit = (uint32_t)cfg_getint(section, "grace-limit");
	return nfs;
}

void settings_nfs_free(struct settings_nfs *nfs)
{
	free(nfs);
}
