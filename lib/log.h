/* Log lines to standard error, for a terminal or for the journal.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_LOG_H
#define HA_LOG_H

#if defined(__GNUC__)
#define LOG_FORMAT __attribute__((format(printf, 1, 2)))
#else
#define LOG_FORMAT
#endif

/* Name every following line with `process`, a string that lives as long as the process. A line
 * reads "process: text"; when standard error is the journal (JOURNAL_STREAM is set) it starts with
 * the priority in angle brackets instead (sd-daemon(3)). */
void log_open(const char *process);

/* Also write debug lines. */
void log_verbose(void);

/* One line each, at the priority of its name; errno is kept. */
void log_debug(const char *format, ...) LOG_FORMAT;
void log_info(const char *format, ...) LOG_FORMAT;
void log_warning(const char *format, ...) LOG_FORMAT;
void log_error(const char *format, ...) LOG_FORMAT;

/* At start only: log the line and end the process with status 1. */
void log_fatal(const char *format, ...) LOG_FORMAT __attribute__((noreturn));

#endif
