/* Mounts and unmounts a file system.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_MOUNT_H
#define HA_MOUNT_H

#include <stdint.h>

struct settings;
struct step;
struct step_result;

/* Take the step (its member is a mount) by `deadline' (clock_now()), and fill all of `result' but
 * job and step.
 *
 * Only what the kernel lists as mounted counts. A device that is mounted elsewhere is not mounted a
 * second time, and one of a DRBD resource only while that is Primary. Unmounting is tried again
 * until the deadline, and neither forced nor put off (MNT_FORCE, MNT_DETACH) ever; whoever holds
 * the file system is named. */
void mount_switch(const struct settings *settings, const struct step *step, int64_t deadline,
		  struct step_result *result);

#endif
