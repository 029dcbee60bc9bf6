/* What came of a step, in words for the operator.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_OUTCOME_H
#define HA_OUTCOME_H

#include <stdint.h>

struct step_result;

/* Nothing has gone wrong yet, and no program has run. */
void outcome_begin(struct step_result *result);

/* Why it ends, enum HaReason, and a sentence. What is not printable in it becomes `?': names of
 * peers, processes and files may hold any octet. */
void outcome_set(struct step_result *result, int32_t reason, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Keep the lines that a program or the kernel has said, in one. */
void outcome_keep_words(struct step_result *result, const char *lines);

/* Replace what is not printable, in place. */
void outcome_make_printable(char *text);

#endif
