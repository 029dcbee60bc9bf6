/* What is exported by NFS, as exportfs(8) keeps it for rpc.mountd.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "lib/etab.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lib/memory.h"

/* "/srv/nfs<TAB>10.77.0.0/24(rw,sync,fsid=1)". A client may be an IPv6 network, but has no bracket
 * of this kind. */
static bool read_line(const char *line, size_t length, struct etab_export *export)
{
	const char *tab = memchr(line, '\t', length), *end = line + length, *bracket;

	bracket = tab ? memchr(tab, '(', (size_t)(end - tab)) : NULL;
	if (!bracket || end[-1] != ')')
		return false;
	text_put_part(export->options, sizeof(export->options), bracket + 1,
		      (size_t)(end - 1 - (bracket + 1)));
	return text_unescape(export->path, sizeof(export->path), line, (size_t)(tab - line)) &&
	       text_unescape(export->client, sizeof(export->client), tab + 1,
			     (size_t)(bracket - (tab + 1))) &&
	       *export->path && *export->client;
}

bool etab_next(const char **text, struct etab_export *export)
{
	while (**text) {
		const char *line = *text;
		size_t length = strcspn(line, "\n");

		*text += length + (line[length] == '\n');
		if (read_line(line, length, export))
			return true;
	}
	return false;
}

/* ---- editing ---- */

/* With its newline; nfs-utils has more ways to write one, of which exportfs uses none. */
static bool is_plain(const char *line, size_t length)
{
	const char *tab = memchr(line, '\t', length);
	const char *close = tab ? memchr(tab, ')', length - (size_t)(tab - line)) : NULL;

	return *line == '/' && close && close + 2 == line + length && close[1] == '\n' &&
	       !memchr(tab + 1, '\t', (size_t)(close - tab)) && !memchr(line, ' ', length) &&
	       !memchr(line, '"', length) && !memchr(line, '#', length);
}

static size_t line_length(const char *line)
{
	size_t length = strcspn(line, "\n");

	return length + (line[length] == '\n');
}

static bool is_all_plain(const char *text)
{
	struct etab_export export;

	for (size_t length; *text; text += length) {
		length = line_length(text);
		if (!is_plain(text, length) || !read_line(text, length - 1, &export))
			return false;
	}
	return true;
}

static bool is_of(const char *line, size_t length, const char *path, const char *client)
{
	struct etab_export export;

	return is_plain(line, length) && read_line(line, length - 1, &export) &&
	       !strcmp(export.path, path) && !strcasecmp(export.client, client);
}

char *etab_line(const char *text, const char *path, const char *client)
{
	for (size_t length; *text; text += length) {
		length = line_length(text);
		if (is_of(text, length, path, client)) {
			char *line = memory_new(length + 1, 1);

			memcpy(line, text, length);
			return line;
		}
	}
	return NULL;
}

char *etab_without(const char *text, const char *path, const char *client)
{
	size_t used = 0, whole = strlen(text);
	char *rest;

	if (!is_all_plain(text))
		return NULL;
	rest = memory_new(whole + 1, 1);
	for (size_t length; *text; text += length) {
		length = line_length(text);
		if (is_of(text, length, path, client))
			continue;
		memcpy(rest + used, text, length);
		used += length;
	}
	if (used < whole)
		return rest;
	free(rest);
	return NULL;
}

char *etab_with(const char *text, const char *line)
{
	size_t length = strlen(line), whole = strlen(text);
	char *both;

	if (!is_all_plain(text) || !is_all_plain(line))
		return NULL;
	both = memory_new(length + whole + 1, 1);
	memcpy(both, line, length);
	memcpy(both + length, text, whole);
	return both;
}

/* ---- options ---- */

bool etab_option(const char *options, const char *name, char *value, size_t size)
{
	size_t length = strlen(name);

	for (const char *at = options; *at; at += strcspn(at, ","), at += *at == ',') {
		if (strncmp(at, name, length) != 0 || !strchr("=,", at[length]))
			continue;
		at += length;
		at += *at == '=';
		text_put_part(value, size, at, strcspn(at, ","));
		return true;
	}
	text_put(value, size, "");
	return false;
}
