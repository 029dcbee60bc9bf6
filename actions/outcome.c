/* What came of a step, in words for the operator.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "actions/outcome.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "lib/frame.h"
#include "lib/memory.h"
#include "mib/ha-agentx-mib.h"

void outcome_begin(struct step_result *result)
{
	result->reason = HaReason_none;
	result->exit_status = -1;
	TEXT_PUT(result->message, "");
	TEXT_PUT(result->kernel, "");
}

void outcome_make_printable(char *text)
{
	for (; *text; text++)
		if (!isprint((unsigned char)*text))
			*text = '?';
}

void outcome_set(struct step_result *result, int32_t reason, const char *format, ...)
{
	char text[sizeof(result->message)];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	outcome_make_printable(text);
	result->reason = reason;
	TEXT_PUT(result->message, text);
}

void outcome_keep_words(struct step_result *result, const char *lines)
{
	char *kept = result->kernel;

	memset(kept, 0, sizeof(result->kernel));
	while (*lines) {
		size_t length = strcspn(lines, "\n"), used = strlen(kept);

		if (length)
			text_print(kept + used, sizeof(result->kernel) - used, "%s%.*s",
				   used ? "; " : "", (int)length, lines);
		lines += length + (lines[length] == '\n');
	}
	outcome_make_printable(kept);
}
