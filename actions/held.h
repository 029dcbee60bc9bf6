/* Looks who outside of a group uses its file systems, before anything of it is stopped.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_HELD_H
#define HA_HELD_H

#include <stdbool.h>
#include <stdint.h>

struct settings;
struct settings_group;
struct step;
struct step_result;

/* STEP_GROUP_LOOK. HaReason_heldOpen names who would keep a mount of the group from being
 * unmounted. What the group itself stops first does not count: the units and programs of its
 * members, and with exports the daemons of NFS. Files that NFS clients have open are the kernel's,
 * and are not seen here. */
void held_look(const struct settings *settings, const struct step *step, int64_t deadline,
	       struct step_result *result);

/* Whether a process, whose folder in /proc this is, belongs to a group. */
bool held_is_own(const struct settings_group *group, const char *process);

#endif
