/* Holds and releases a VRRP instance by the file that its keepalived tracks.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_VRRP_HOLD_H
#define HA_VRRP_HOLD_H

#include <stdint.h>

struct settings;
struct step;
struct step_result;

/* Take the step by `deadline` (clock_now()), and fill all of `result` but job and step.
 *
 * The file says "1" to hold, and in a second line, where the hold ends by itself, the second since
 * 1970 at which it does; "0" to release. keepalived reads no further than the number in front. It
 * is replaced whole, and read back; whether another node takes over is for others to see.
 *
 * No link is followed that somebody could have put there: the file must be a plain one or not
 * there, and nobody but root may write to a folder on the way to it. A file that says so already is
 * a success, and is left alone. */
void vrrp_hold_write(const struct settings *settings, const struct step *step, int64_t deadline,
		     struct step_result *result);

#endif
