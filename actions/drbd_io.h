/* Has all I/O of a DRBD resource wait, and lets it go on.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_DRBD_IO_H
#define HA_DRBD_IO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct drbd_view;
struct settings;
struct step;
struct step_result;

/* Take the step by `deadline' (clock_now()), and fill all of `result' but job and step.
 *
 * What `drbdsetup events2' shows afterwards counts. I/O that waits for another reason (no quorum,
 * no data) goes on waiting when it is resumed here, which is a success with a sentence about it. */
void drbd_io_switch(const struct settings *settings, const struct step *step, int64_t deadline,
		    struct step_result *result);

/* Read the state of a resource, position among settings->resources. When that fails, the result
 * says why, after `what' is not so. */
bool drbd_io_look(const struct settings *settings, size_t resource, const char *what,
		  int64_t deadline, struct drbd_view *view, struct step_result *result);

#endif
