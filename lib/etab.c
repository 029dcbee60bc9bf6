/* What is exported by NFS, as exportfs(8) keeps it for rpc.mountd.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "lib/etab.h"

#include <string.h>

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
