/* Whether an export member is exported, read from the table of exportfs(8).
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "actions/export_view.h"

#include <string.h>
#include <strings.h>

#include "actions/word_list.h"
#include "lib/etab.h"
#include "lib/memory.h"
#include "lib/settings_group.h"

bool export_view_is_host(const char *client)
{
	return *client != '@' && !strpbrk(client, "*?[/");
}

static bool is_same_client(const char *found, const char *wanted)
{
	return !strcasecmp(found, wanted) ||
	       (export_view_is_host(found) && export_view_is_host(wanted));
}

bool export_view_read(const char *etab, const struct settings_member *member, bool *as_wanted)
{
	struct etab_export export;

	*as_wanted = false;
	while (etab_next(&etab, &export))
		if (!strcmp(export.path, member->name) &&
		    is_same_client(export.client, member->client)) {
			*as_wanted = word_list_has_all(export.options, member->options);
			return true;
		}
	return false;
}

void export_view_print(const struct settings_member *member, char *text, size_t size)
{
	const char *client = member->client, *prefix = client + strcspn(client, "/");

	if (strchr(client, ':'))
		text_print(text, size, "[%.*s]%s:%s", (int)(prefix - client), client, prefix,
			   member->name);
	else
		text_print(text, size, "%s:%s", client, member->name);
}
