/* Starts and stops a unit of systemd.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_SERVICE_H
#define HA_SERVICE_H

#include <stdint.h>

struct settings;
struct step;
struct step_result;

/* What `systemctl show' says of a unit. */
struct service_state {
	char load[24];   /* LoadState: "loaded", "not-found", "masked", .. */
	char active[24]; /* ActiveState: "active", "inactive", "failed", .. */
	char sub[24];    /* SubState */
	char result[32]; /* Result: "success", "exit-code", .. */
};

/* Read the lines NAME=VALUE of "systemctl show"; what is not there is empty. */
void service_read(struct service_state *state, const char *text);

/* Take the step (its member is a unit) by `deadline' (clock_now()), and fill all of `result' but
 * job and step. Only the state that systemd shows counts. At the deadline the job of systemd goes
 * on. */
void service_switch(const struct settings *settings, const struct step *step, int64_t deadline,
		    struct step_result *result);

#endif
