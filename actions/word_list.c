/* Lists of words with commas between them, as options are written.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "actions/word_list.h"

#include <string.h>

static const char *next_of(const char *word)
{
	word += strcspn(word, ",");
	return word + (*word == ',');
}

bool word_list_has(const char *list, const char *word, size_t length)
{
	for (const char *at = list; *at; at = next_of(at))
		if (strcspn(at, ",") == length && !strncmp(at, word, length))
			return true;
	return false;
}

bool word_list_has_all(const char *list, const char *words)
{
	for (const char *at = words; *at; at = next_of(at))
		if (!word_list_has(list, at, strcspn(at, ",")))
			return false;
	return true;
}
