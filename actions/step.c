/* The steps that the executor knows, by number.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "actions/step.h"

#include "lib/memory.h"
#include "lib/settings.h"

static const char *const verbs[STEP_VERBS] = {
	[STEP_DRBD_PRIMARY] = "promote",
	[STEP_DRBD_PRIMARY_ALONE] = "promote, connected or not,",
	[STEP_DRBD_SECONDARY] = "demote",
};

uint32_t step_number(const struct step *step)
{
	return (uint32_t)(step->resource * STEP_VERBS + step->verb);
}

bool step_decode(const struct settings *settings, uint32_t number, struct step *step)
{
	step->verb = number % STEP_VERBS;
	step->resource = number / STEP_VERBS;
	return step->resource < settings->resources_count &&
	       settings->resources[step->resource].switchable;
}

void step_print(const struct settings *settings, const struct step *step, char *text, size_t size)
{
	text_print(text, size, "%s %s", verbs[step->verb],
		   settings->resources[step->resource].name);
}
