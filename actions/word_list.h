/* Lists of words with commas between them, as options are written.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_WORD_LIST_H
#define HA_WORD_LIST_H

#include <stdbool.h>
#include <stddef.h>

/* Whether a list has the word of `length' octets. */
bool word_list_has(const char *list, const char *word, size_t length);

/* Whether it has all words of another one. */
bool word_list_has_all(const char *list, const char *words);

#endif
