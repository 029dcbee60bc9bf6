/* Gives a real server of a virtual service a weight, and says what came of it.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_IPVS_WEIGHT_H
#define HA_IPVS_WEIGHT_H

#include <stdint.h>

struct settings;
struct step;
struct step_result;

/* Take the step by `deadline` (clock_now()), and fill all of `result` but job and step.
 *
 * The server keeps all else that the kernel has of it: forwarding, thresholds, tunnel. Weight 0 is
 * refused for the last server that has one, for then nobody would serve. The weight is read back. A
 * server that has it already is a success, and nothing is done. No module is ever loaded. */
void ipvs_weight_set(const struct settings *settings, const struct step *step, int64_t deadline,
		     struct step_result *result);

#endif
