/* How bad it is, as colour: where the output is a terminal, and NO_COLOR is not set.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_COLOUR_H
#define HA_COLOUR_H

#include <stdint.h>

/* Print a text, filled up with blanks to the width, in the colour of a severity (enum
 * HaSeverity). */
void colour_print(int32_t severity, int width, const char *text);

/* Whether the output is a terminal. */
int colour_is_terminal(void);

#endif
