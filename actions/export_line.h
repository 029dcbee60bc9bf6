/* Has exportfs(8) spell out an export, without exporting anything.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_EXPORT_LINE_H
#define HA_EXPORT_LINE_H

#include <stdint.h>

struct settings_member;

struct export_question {
	const char *exportfs, *folder; /* the program, and where it has its table */
	const struct settings_member *member;
};

/* The line that exportfs would put into its table for the member, which the caller frees; NULL when
 * there is none by `deadline' (clock_now()), or when this kernel does not allow to find out.
 *
 * It runs where all that is mounted is read-only but for a table of its own, so that neither the
 * system's table nor what the kernel remembers of exports changes. */
char *export_line_ask(const struct export_question *question, int64_t deadline);

#endif
