/* Log lines to standard error, for a terminal or for the journal.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "lib/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <syslog.h>

static const char *name = "ha-agentx";
static bool journal;
static bool verbose;

void log_open(const char *process)
{
	name = process;
	journal = getenv("JOURNAL_STREAM") != NULL;
}

void log_verbose(void)
{
	verbose = true;
}

/* One fprintf per line: lines of several processes on one descriptor do not mix. */
static void log_line(int priority, const char *format, va_list arguments)
{
	int saved = errno;
	char text[1024];

	vsnprintf(text, sizeof(text), format, arguments);
	if (journal)
		fprintf(stderr, "<%d>%s: %s\n", priority, name, text);
	else
		fprintf(stderr, "%s: %s\n", name, text);
	errno = saved;
}

void log_debug(const char *format, ...)
{
	va_list arguments;

	if (!verbose)
		return;
	va_start(arguments, format);
	log_line(LOG_DEBUG, format, arguments);
	va_end(arguments);
}

void log_info(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	log_line(LOG_INFO, format, arguments);
	va_end(arguments);
}

void log_warning(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	log_line(LOG_WARNING, format, arguments);
	va_end(arguments);
}

void log_error(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	log_line(LOG_ERR, format, arguments);
	va_end(arguments);
}

void log_fatal(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	log_line(LOG_CRIT, format, arguments);
	va_end(arguments);
	exit(EXIT_FAILURE);
}
