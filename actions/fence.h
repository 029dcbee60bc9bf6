/* Runs the program of a group that turns the peer off.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_FENCE_H
#define HA_FENCE_H

#include <stdint.h>

struct settings;
struct step;
struct step_result;

/* Take the step by `deadline' (clock_now()), and fill all of `result' but job and step. Only exit
 * status 0 in time says that the peer is off. */
void fence_run(const struct settings *settings, const struct step *step, int64_t deadline,
	       struct step_result *result);

#endif
