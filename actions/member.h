/* Starts and stops a member of a group, each by the means of its kind.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_MEMBER_H
#define HA_MEMBER_H

#include <stdint.h>

struct settings;
struct step;
struct step_result;

/* Take the step by `deadline' (clock_now()), and fill all of `result' but job and step. A member
 * that is so already is left alone: HaReason_nothingToDo. */
void member_switch(const struct settings *settings, const struct step *step, int64_t deadline,
		   struct step_result *result);

#endif
