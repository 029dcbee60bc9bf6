/* Gives an export to the NFS server, and takes it back.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_EXPORT_H
#define HA_EXPORT_H

#include <stdint.h>

struct settings;
struct step;
struct step_result;

/* Take the step (its member is an export) by `deadline' (clock_now()), and fill all of `result' but
 * job and step. Only what stands in etab afterwards counts. The server need not run. */
void export_switch(const struct settings *settings, const struct step *step, int64_t deadline,
		   struct step_result *result);

#endif
