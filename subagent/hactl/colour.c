/* How bad it is, as colour.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/hactl/colour.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mib/ha-agentx-mib.h"

/* Select Graphic Rendition (ECMA-48, 8.3.117). */
#define BOLD_RED "\033[1;31m"
#define RED "\033[31m"
#define YELLOW "\033[33m"
#define PLAIN "\033[0m"

int colour_is_terminal(void)
{
	return isatty(STDOUT_FILENO);
}

static const char *colour_of(int32_t severity)
{
	const char *none = getenv("NO_COLOR");

	if (!colour_is_terminal() || (none && *none))
		return NULL;
	if (severity == HaSeverity_critical)
		return BOLD_RED;
	if (severity == HaSeverity_major)
		return RED;
	return severity == HaSeverity_warning ? YELLOW : NULL;
}

void colour_print(int32_t severity, int width, const char *text)
{
	const char *colour = colour_of(severity);
	int blanks = width - (int)strlen(text);

	printf("%s%s%s%*s", colour ? colour : "", text, colour ? PLAIN : "",
	       blanks > 0 ? blanks : 0, "");
}
