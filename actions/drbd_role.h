/* Switches the role of a DRBD resource, and says what came of it.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_DRBD_ROLE_H
#define HA_DRBD_ROLE_H

#include <stdint.h>

struct settings;
struct step;
struct step_result;

/* Milliseconds after its deadline that a step takes at most, when every tool hangs: to kill it, to
 * read the role back, and to take back a promotion that must not be. */
#define DRBD_ROLE_GRACE 12000

/* Take the step by `deadline` (clock_now()), and fill all of `result` but job and step.
 *
 * Only the role that the kernel shows counts: drbdadm exits with 0 when the module is gone, and
 * with 20 at a time-out of its own while the change still comes. A resource that is in the role
 * already is a success, and no program is run. What may go by itself is waited for until the
 * deadline: a peer that is still Primary or just connects, a device that udev or multipath holds
 * open. The state is read before every attempt, and a promotion after which a peer turns out to be
 * missing or Primary is taken back: two primaries are never our doing. Nothing is ever forced on
 * the kernel. */
void drbd_role_switch(const struct settings *settings, const struct step *step, int64_t deadline,
		      struct step_result *result);

#endif
