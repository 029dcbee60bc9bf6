/* Whether an export member is exported, read from the table of exportfs(8).
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_EXPORT_VIEW_H
#define HA_EXPORT_VIEW_H

#include <stdbool.h>
#include <stddef.h>

struct settings_member;

/* Whether the text of /var/lib/nfs/etab has the export of a member. `as_wanted' says whether all
 * its options are among those there: exportfs(8) spells out what is not said. */
bool export_view_read(const char *etab, const struct settings_member *member, bool *as_wanted);

/* Whether a client is one host, not a network, a netgroup or a pattern: exportfs(8) writes the
 * canonical name of a host, whatever name or address it was given. */
bool export_view_is_host(const char *client);

/* Write "client:path" as exportfs(8) wants it: an IPv6 network in brackets. */
void export_view_print(const struct settings_member *member, char *text, size_t size);

#endif
