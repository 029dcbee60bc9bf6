/* What both nodes must have alike of a member's configuration, as one line of words.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_SETTINGS_MEMBER_H
#define HA_SETTINGS_MEMBER_H

#include <stdbool.h>
#include <stddef.h>

struct settings_member;

/* Of an export such as "*(rw,sync,fsid=0)", of an NFS server "scope=pair,storage=/srv/.nfsd"; of
 * what may differ from node to node, or may hold a password, nothing: "". `node' is this one, whose
 * name is the scope of a server that has none. */
void settings_member_print(const struct settings_member *member, const char *node, char *text,
			   size_t size);

/* Whether two lines have the same words, in whatever order. */
bool settings_words_alike(const char *one, const char *other);

/* The value of a word, such as "0" of "fsid", cut to fit; false, and "", when there is none. */
bool settings_word_value(const char *line, const char *name, char *value, size_t size);

#endif
