/* How long somebody may say nothing before he is taken for hung.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/silence.h"

void silence_break(struct silence *silence, int64_t now)
{
	silence->last_word = now;
	silence->doubted = 0;
}

int64_t silence_look(struct silence *silence, int64_t limit, int64_t doubt, int64_t now)
{
	int64_t due = silence->last_word + limit;

	if (now >= due && !silence->doubted)
		silence->doubted = now;
	if (silence->doubted)
		due = silence->doubted + doubt;
	return now >= due ? 0 : due;
}
