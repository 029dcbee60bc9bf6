/* Makes a port of a bond the active one, and says what came of it.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_BOND_PORT_H
#define HA_BOND_PORT_H

#include <stdint.h>

struct settings;
struct step;
struct step_result;

/* Take the step by `deadline` (clock_now()), and fill all of `result` but job and step.
 *
 * Only what the kernel says counts: the bond must be there, in a mode that has an active port, and
 * the port must be its own and up, with carrier and in the eyes of the bond's monitoring. The
 * active port is read back. One that is active already is a success, and nothing is done. */
void bond_port_activate(const struct settings *settings, const struct step *step, int64_t deadline,
			struct step_result *result);

#endif
