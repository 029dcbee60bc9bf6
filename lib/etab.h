/* What is exported by NFS, as exportfs(8) keeps it for rpc.mountd: lines of /var/lib/nfs/etab.
 *
 * The kernel asks mountd at the first request of a client, so /proc/fs/nfsd/exports has only those
 * exports that are in use.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_ETAB_H
#define HA_ETAB_H

#include <stdbool.h>
#include <stddef.h>

#define ETAB_FOLDER "/var/lib/nfs"
#define ETAB_PATH ETAB_FOLDER "/etab"

struct etab_export {
	char path[256];   /* unescaped */
	char client[256]; /* host, network, netgroup or "*" */
	char options[512];
};

/* Read the line at `*text' and step behind it; a line that cannot be understood, or has a path or a
 * client that is too long, is passed over. False at the end of the text. */
bool etab_next(const char **text, struct etab_export *export);

/* The line of an export with its newline, as it stands there, which the caller frees; NULL when
 * there is none. A client is compared by its letters, small or large; no name is resolved. */
char *etab_line(const char *text, const char *path, const char *client);

/* The text without the lines of an export, octet by octet, which the caller frees; NULL when there
 * is none, or when some line of the text is not as exportfs(8) writes it. */
char *etab_without(const char *text, const char *path, const char *client);

/* The text with another line in it, before those that it has: of several that fit a client the
 * first one counts, and exportfs(8) puts a new one before the others of its path. The caller frees
 * it; NULL when some line is not as exportfs(8) writes it. */
char *etab_with(const char *text, const char *line);

/* The value of an option, "fsid" of "rw,fsid=1,sync", cut to fit; false when it is not there. An
 * option without a value has an empty one. */
bool etab_option(const char *options, const char *name, char *value, size_t size);

#endif
