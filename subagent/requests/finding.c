/* What a guard finds: why a request is not safe now, or that nothing is in its way.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/requests/finding.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "mib/ha-agentx-mib.h"

void finding_open(struct finding *finding)
{
	memset(finding, 0, sizeof(*finding));
	finding->reason = HaReason_none;
}

void finding_put(struct finding *finding, int32_t reason, const char *format, ...)
{
	va_list arguments;

	if (finding->reason != HaReason_none)
		return;
	finding->reason = reason;
	va_start(arguments, format);
	vsnprintf(finding->message, sizeof(finding->message), format, arguments);
	va_end(arguments);
}
