/* Runs the programs that the configuration names for members, and finds those of the system.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_PROGRAM_H
#define HA_PROGRAM_H

#include <stdbool.h>
#include <stdint.h>

struct step_result;
struct tool;
struct tool_result;

/* As tool_run() of lib/tool.h, but what the program leaves behind lives on: it may have started a
 * daemon. Only when it is late its whole process group is killed. */
bool program_run(const char *const argv[], int64_t deadline, struct tool_result *result);

/* The same in two parts: what is set for `tool' by the first one belongs to the second one. */
bool program_start(const char *const argv[], struct tool *tool, struct tool_result *result);
bool program_finish(struct tool *tool, int64_t deadline, struct tool_result *result);

/* Wait for its end some milliseconds at most, and gather what it says meanwhile. True when it has
 * ended. */
bool program_look(struct tool *tool, int patience, struct tool_result *result);

/* Path of a program of the system, such as "mount"; a guess when it is in none of the usual
 * folders, so that running it says that it is not there. Valid until the next call. */
const char *program_find(const char *name);

/* What came of a program that has failed, or did not do what it was to do. `what' says what is not
 * so, such as "/srv/nfs is not mounted". */
void program_explain(struct step_result *result, const char *what, const char *program,
		     const struct tool_result *tool);

#endif
