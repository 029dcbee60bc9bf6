/* Starts and stops a member by programs that the configuration names.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_COMMAND_H
#define HA_COMMAND_H

#include <stdint.h>

struct settings;
struct step;
struct step_result;

/* Take the step (its member is a command) by `deadline' (clock_now()), and fill all of `result' but
 * job and step.
 *
 * With a status program what that says counts, which is asked again until the deadline, as a daemon
 * takes its time; it runs as the daemon's user, as it does in the source that watches members.
 * Without one the exit status of the last start or stop counts, which a mark (actions/mark.h)
 * remembers. What a program has started when it ends lives on. */
void command_switch(const struct settings *settings, const struct step *step, int64_t deadline,
		    struct step_result *result);

#endif
