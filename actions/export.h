/* Gives an export to the NFS server, and takes it back.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_EXPORT_H
#define HA_EXPORT_H

#include <stdbool.h>
#include <stdint.h>

struct settings;
struct step;
struct step_result;

/* Take the step (its member is an export) by `deadline' (clock_now()), and fill all of `result' but
 * job and step. Only what stands in etab afterwards counts. The server need not run. */
void export_switch(const struct settings *settings, const struct step *step, int64_t deadline,
		   struct step_result *result);

/* While no step is to be taken: find out what exportfs(8) makes of the options of one export that
 * is not here, so that it need not be run while clients wait. Takes a second at most, and mostly
 * less than a tenth; false when there is none left to ask about. */
bool export_learn(const struct settings *settings);

#endif
