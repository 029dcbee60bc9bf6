/* What both nodes must have alike of a member's configuration, as one line of words.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "lib/settings_member.h"

#include <string.h>

#include "lib/memory.h"
#include "lib/settings_group.h"
#include "mib/ha-agentx-mib.h"

#define BETWEEN_WORDS "(,)"

void settings_member_print(const struct settings_member *member, const char *node, char *text,
			   size_t size)
{
	switch (member->kind) {
	case haGroupMemberKind_export:
		text_print(text, size, "%s(%s)", member->client, member->options);
		break;
	case haGroupMemberKind_nfs:
		text_print(text, size, "scope=%s%s%s", member->scope ? member->scope : node,
			   member->storage ? ",storage=" : "",
			   member->storage ? member->storage : "");
		break;
	default:
		text_put(text, size, "");
		break;
	}
}

/* Step to the word at `*at' or behind; its length, 0 at the end. */
static size_t next_word(const char **at)
{
	*at += strspn(*at, BETWEEN_WORDS);
	return strcspn(*at, BETWEEN_WORDS);
}

static bool has_word(const char *line, const char *word, size_t length)
{
	size_t found;

	for (; (found = next_word(&line)); line += found)
		if (found == length && !memcmp(line, word, length))
			return true;
	return false;
}

static bool has_all_of(const char *line, const char *other)
{
	size_t length;

	for (; (length = next_word(&other)); other += length)
		if (!has_word(line, other, length))
			return false;
	return true;
}

bool settings_words_alike(const char *one, const char *other)
{
	return has_all_of(one, other) && has_all_of(other, one);
}

bool settings_word_value(const char *line, const char *name, char *value, size_t size)
{
	size_t length, named = strlen(name);

	text_put(value, size, "");
	for (; (length = next_word(&line)); line += length)
		if (length > named && line[named] == '=' && !memcmp(line, name, named)) {
			text_put_part(value, size, line + named + 1, length - named - 1);
			return true;
		}
	return false;
}
